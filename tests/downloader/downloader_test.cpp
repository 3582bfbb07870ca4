// The downloader as a program: this test is its parent and its fetcher, and TestSite the web.
#include "downloader/downloader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "crawler/demo/draw_image.h"
#include "shared/crawl/records.h"
#include "shared/lane/shared_lane.h"
#include "shared/ledger/ledger_reader.h"
#include "shared/process/child_process.h"
#include "shared/process/folder_lock.h"
#include "tests/downloader/store/folder_files.h"
#include "tests/site/processes.h"
#include "tests/site/state_in.h"
#include "tests/site/test_site.h"

namespace doutu {
namespace {

constexpr milliseconds kWatchdog{30'000};
constexpr std::uint64_t kLane = 1;

std::string program() {
  const auto tests = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return tests.parent_path() / "bin" / "doutu-downloader";
}

class DownloaderTest : public ::testing::Test {
 public:
  DownloaderTest() {
    settings.folder.directory = files.directory();
    settings.page.xpaths = {"//img"};
    settings.http.site_host = "127.0.0.1";
    settings.run.run_id = 4711;
    settings.politeness.retry_wait = milliseconds(1);
    settings.run.finish_wait = milliseconds(2000);
    lane = *create_lane({settings.run.run_id, kLane});
    producer = *attach_producer({copy(lane.memory), copy(lane.data), copy(lane.space)}, {settings.run.run_id, kLane});
  }

  static UniqueFd copy(const UniqueFd& fd) { return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)); }

  void start() {
    std::filesystem::create_directories(files.directory());  // As the parent has.
    auto [ours, theirs] = *ControlChannel::create();
    auto stats_page = *SharedStats::create();
    const auto doubts = *ControlChannel::create();
    Spawn spawn;
    spawn.program = program();
    spawn.fds = {{theirs.fd(), kControlFd},
                 {stats_page.fd(), kStatsFd},
                 {doubts.first.fd(), kDoubtsFd},
                 {STDERR_FILENO, STDERR_FILENO}};
    child.emplace(*ChildProcess::start(spawn));
    control.emplace(std::move(ours));
    stats.emplace(std::move(stats_page));
    tell(Configure{.settings = settings.encode()});
  }
  void begin_job() { tell(BeginJob{1, "http://h/{page}", "1-3", "//img"}); }
  void open_lane() { tell(LaneOpened{kLane}, {lane.memory.get(), lane.data.get(), lane.space.get()}); }
  void assign(std::uint64_t page) { tell(PageAssigned{{page, 1, site.url("/page/" + std::to_string(page))}, kLane}); }
  void tell(const Message& message, const std::vector<int>& fds = {}) {
    ASSERT_EQ(control->send(message, fds), SendResult::ok);
  }

  /// The next message, or nothing when the channel has ended.
  std::optional<Message> hear() {
    Message message;
    const auto received = control->wait_receive(message, static_cast<int>(kWatchdog.count()));
    if (received != ControlChannel::Received::message) return std::nullopt;
    return message;
  }
  template <typename Kind>
  void expect() {
    const auto message = hear();
    ASSERT_TRUE(message.has_value());
    EXPECT_TRUE(std::holds_alternative<Kind>(*message)) << "but message " << message->index();
  }
  void expect_fatal(const std::string& why) {
    const auto message = hear();
    ASSERT_TRUE(message.has_value() && std::holds_alternative<Fatal>(*message));
    EXPECT_THAT(std::get<Fatal>(*message).why, ::testing::HasSubstr(why));
  }

  void put(const Record& record) {
    std::vector<std::byte> buffer;
    ASSERT_EQ(producer->put(encode(record, buffer), mono_now() + kWatchdog), PutResult::ok);
  }
  /// A page with so many images, each of them on the site.
  void put_page(std::uint64_t page, std::uint32_t images) {
    put(PageBegin{page, 1, site.url("/page/" + std::to_string(page))});
    for (std::uint32_t i = 0; i < images; ++i) {
      const std::string name = std::to_string(page) + "-" + std::to_string(i) + ".png";
      served[name] = draw_image(page * 1000 + i, 16);
      site.file("/i/" + name, served[name]);
      put(ImageFound{page, 1, i, Cause::none, site.url("/i/" + name)});
    }
    put(PageEnd{page, 1, Cause::none, 200, images, 0});
  }

  JobCounters counters() { return (*LedgerReader::open(state_in(files.directory())))->job(1)->counters; }
  void end() {
    control->close();
    const Exit exit = child->wait();
    EXPECT_EQ(exit.status, 0) << exit.to_text();
    EXPECT_EQ(exit.signal, 0) << exit.to_text();
  }

  FolderFiles files;
  TestSite site;
  CrawlSettings settings;
  LaneDescriptors lane;
  std::unique_ptr<ImageProducer> producer;
  std::map<std::string, std::string> served;
  std::optional<SharedStats> stats;
  std::optional<ControlChannel> control;
  std::optional<ChildProcess> child;
};

TEST_F(DownloaderTest, FetchesWhatIsInTheLaneAndSettles) {
  start();
  expect<Ready>();
  begin_job();
  open_lane();
  for (const std::uint64_t page : {1U, 2U, 3U}) {
    assign(page);
    put_page(page, 50);
    expect<PageRecorded>();
  }
  tell(NoMorePages{});
  expect<Settled>();
  EXPECT_EQ((*stats)->saved.load(), 150U);
  EXPECT_EQ((*stats)->pending.load(), 0U);
  end();
  EXPECT_EQ(files.images(), served);
  EXPECT_EQ(files.incoming_count(), 0U);
  EXPECT_EQ(counters().saved, 150U);
  EXPECT_TRUE((*LedgerReader::open(state_in(files.directory())))->job(1)->settled);
  EXPECT_EQ(site.log().size(), 150U);
}

TEST_F(DownloaderTest, AnotherOneGoesOnAfterAKillAnywhere) {
  constexpr std::uint32_t kImages = 400;
  constexpr std::uint64_t kAll = 800;
  settings.pool.downloaders = 4;
  bool settled = false;
  for (int kills = 0; !settled; ++kills) {
    start();
    begin_job();
    open_lane();
    for (const std::uint64_t page : {1U, 2U}) assign(page);
    if (kills == 0) {
      put_page(1, kImages);
      put_page(2, kImages);
    }
    tell(NoMorePages{});
    // Later each time, from before the first byte to after the last one.
    const std::uint64_t kill_at = site.log().size() + static_cast<std::uint64_t>(kills) * 40;
    if (kills < 12) {
      ASSERT_TRUE(eventually([&] { return site.log().size() >= kill_at || (*stats)->saved.load() == kAll; }));
      child->signal(SIGKILL);
      child->wait();
      continue;
    }
    for (auto message = hear(); message && !settled;) {
      settled = std::holds_alternative<Settled>(*message);
      if (!settled) message = hear();
    }
    ASSERT_TRUE(settled);
  }
  end();
  EXPECT_EQ(files.images(), served);
  EXPECT_EQ(files.incoming_count(), 0U);
  EXPECT_EQ(counters(), (JobCounters{.saved = kAll, .bytes = counters().bytes}));
}

TEST_F(DownloaderTest, FinishesWhatIsInHandWhenTheParentIsGone) {
  site.file("/i/1-0.png", draw_image(1000, 16));
  site.hold("/i/1-0.png");
  start();
  expect<Ready>();
  begin_job();
  open_lane();
  assign(1);
  put_page(1, 1);
  ASSERT_TRUE(site.wait_for("/i/1-0.png"));
  control->close();
  site.release("/i/1-0.png");
  EXPECT_EQ(child->wait().status, 0);
  EXPECT_EQ(files.images(), served);
  EXPECT_EQ(counters().saved, 1U);
}

TEST_F(DownloaderTest, TakesSigtermLikeTheEndOfItsParent) {
  start();
  expect<Ready>();
  child->signal(SIGINT);
  child->signal(SIGHUP);
  begin_job();
  open_lane();
  assign(1);
  put_page(1, 1);
  expect<PageRecorded>();
  child->signal(SIGTERM);
  const Exit exit = child->wait();
  EXPECT_EQ(exit.signal, 0);
  EXPECT_EQ(exit.status, 0);
}

TEST_F(DownloaderTest, EndsAnImageThatHasCrashedTooMany) {
  site.hold("/i/1-0.png");
  start();
  begin_job();
  open_lane();
  assign(1);
  put_page(1, 1);
  expect<Ready>();
  expect<PageRecorded>();
  ASSERT_TRUE(site.wait_for("/i/1-0.png"));
  child->signal(SIGKILL);
  child->wait();

  start();
  begin_job();
  tell(ImageGivenUp{1});
  tell(NoMorePages{});
  expect<Ready>();
  expect<Settled>();
  end();
  EXPECT_EQ(counters(), (JobCounters{.failed = 1}));
}

TEST_F(DownloaderTest, DrainsALaneWhoseFetcherDied) {
  start();
  expect<Ready>();
  begin_job();
  open_lane();
  assign(1);
  put(PageBegin{1, 1, site.url("/page/1")});
  tell(LaneClosed{kLane});
  expect<LaneDrained>();
  end();
}

TEST_F(DownloaderTest, SaysWhyItCannotBegin) {
  FolderFiles::write(ledger_path(files.directory()), std::string(5000, 'x'));
  start();
  expect_fatal("ledger.sqlite is damaged");
  EXPECT_EQ(child->wait().status, 1);
}

TEST_F(DownloaderTest, HoldsItsFolder) {
  start();
  expect<Ready>();
  auto first = std::move(*control);
  auto first_child = std::move(*child);
  start();
  expect_fatal("another downloader");
  EXPECT_EQ(child->wait().status, 1);
  first.close();
  EXPECT_EQ(first_child.wait().status, 0);
}

TEST_F(DownloaderTest, EndsQuietlyWhenTheParentDiesBeforeItsFirstWord) {
  settings.folder.directory.clear();
  auto [ours, theirs] = *ControlChannel::create();
  auto page = *SharedStats::create();
  Spawn spawn;
  spawn.program = program();
  spawn.fds = {{theirs.fd(), kControlFd}, {page.fd(), kStatsFd}};
  auto started = *ChildProcess::start(spawn);
  theirs.close();
  ours.close();
  EXPECT_EQ(started.wait().status, 0);
}

TEST_F(DownloaderTest, WaitsForTheOrphanOfAParentThatWasKilledAsItStarted) {
  std::filesystem::create_directories(files.directory());
  auto orphan = *FolderLock::open(state_in(files.directory()));
  ASSERT_EQ(*orphan.try_take(LockPart::downloader), LockResult::held);
  start();
  orphan.release(LockPart::downloader);
  expect<Ready>();
  end();
}

TEST_F(DownloaderTest, BeginsNoJobWhenItsParentWasKilledMeanwhile) {
  std::filesystem::create_directories(files.directory());
  auto another = *FolderLock::open(state_in(files.directory()));
  ASSERT_EQ(*another.try_take(LockPart::downloader), LockResult::held);
  start();
  begin_job();
  control->close();
  another.release(LockPart::downloader);
  EXPECT_EQ(child->wait().status, 0);
  const auto ledger = *LedgerReader::open(state_in(files.directory()));
  ASSERT_NE(ledger, nullptr);
  EXPECT_FALSE((*ledger->latest_job()).has_value());
}

/// CPU time so far, in ticks of a hundredth of a second.
long cpu_ticks(pid_t pid) {
  std::ifstream stat(fmt::format("/proc/{}/stat", pid));
  std::string text((std::istreambuf_iterator<char>(stat)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  long user = 0;
  long system = 0;
  fields >> user >> system;
  return user + system;
}

TEST_F(DownloaderTest, SleepsOnAfterARingThatCameLate) {
  start();
  expect<Ready>();
  begin_job();
  // Its event descriptors, the outcomes' among them: as if a loop had signalled what has been taken already.
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, child->pid(), 0)));
  for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", child->pid()))) {
    if (std::filesystem::read_symlink(entry).string() != "anon_inode:[eventfd]") continue;
    const int number = std::stoi(entry.path().filename());
    const UniqueFd event(static_cast<int>(::syscall(SYS_pidfd_getfd, process.get(), number, 0)));
    ASSERT_TRUE(event.valid());
    ASSERT_EQ(::eventfd_write(event.get(), 1), 0);
  }
  const long before = cpu_ticks(child->pid());
  Message message;
  EXPECT_EQ(control->wait_receive(message, 1000), ControlChannel::Received::nothing);
  EXPECT_LT(cpu_ticks(child->pid()) - before, 30) << "of a hundred";
  end();
}

}  // namespace
}  // namespace doutu
