// The whole transfer side against a real server on loopback; the test plays the ledger thread.
#include "downloader/transfer/transfer_pool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <thread>

#include "downloader/store/folder_sink.h"
#include "downloader/store/sha256_hasher.h"
#include "downloader/transfer/doubts.h"
#include "shared/http/http_client.h"
#include "shared/ledger/schema.h"
#include "shared/url/url.h"
#include "tests/downloader/check/small_gif.h"
#include "tests/downloader/check/small_jpeg.h"
#include "tests/shared/coding/packers.h"
#include "tests/shared/http/raw_server.h"
#include "tests/site/h2_site.h"
#include "tests/site/processes.h"
#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"
#include "tests/site/test_site.h"

namespace doutu {
namespace {

using Kind = ImageOutcome::Kind;

Sha256 hash_of(const std::string& bytes) {
  Sha256Hasher hasher;
  hasher.update(std::as_bytes(std::span(bytes)));
  return hasher.finish();
}

class TransferPoolTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { init_http(); }

  TransferPoolTest() {
    settings_.pool.downloaders = 4;
    settings_.pool.threads = 2;
    settings_.http.allow_private = true;
    settings_.politeness.retries = 2;
    settings_.politeness.retry_wait = settings_.politeness.retry_wait_max = milliseconds(10);
  }

  /// The test is the decoder; where it is not, none can be asked.
  void SetUp() override { doubts_.second.close(); }
  void be_decoder() { doubts_ = *ControlChannel::create(); }
  /// The next question; without one in time it has no descriptors.
  ImageDoubted doubt() {
    Message message;
    EXPECT_EQ(doubts_.second.wait_receive(message, 30'000), ControlChannel::Received::message);
    auto* const doubted = std::get_if<ImageDoubted>(&message);
    EXPECT_TRUE(doubted != nullptr && doubted->fds.size() == 2);
    ImageDoubted doubt = doubted != nullptr ? std::move(*doubted) : ImageDoubted();
    doubt.fds.resize(2);
    return doubt;
  }
  static void answer(const ImageDoubted& doubt, Wholeness wholeness) {
    EXPECT_EQ(::write(doubt.fds[1].get(), &wholeness, 1), 1);
  }

  FolderSink& sink() {
    if (!sink_) sink_.emplace(*FolderSink::open(state_in(directory_)));
    return *sink_;
  }
  TransferPool& pool() {
    if (!pool_) pool_.emplace(settings_, outcomes_, *stats_, doubts_.first, sink());
    return *pool_;
  }

  /// Queues an image; its id.
  std::int64_t add(const std::string& url, std::int64_t host = 1) {
    ImageTask task;
    task.id = ++last_id_;
    task.host = host;
    task.url = url;
    task.referer = "http://pages.example/list?page=1";
    pool().frontier().add(std::move(task));
    return last_id_;
  }
  std::int64_t add_path(const std::string& path) { return add(site_.url(path)); }

  /// Takes outcomes until so many images are settled; false when the watchdog bit.
  bool settle(std::size_t count, seconds limit = seconds(30)) {
    const MonoTime end = mono_now() + limit;
    while (settled_.size() < count) {
      if (mono_now() > end) return false;
      pollfd wake{outcomes_.wake_fd(), POLLIN, 0};
      ::poll(&wake, 1, 100);
      take();
    }
    return true;
  }
  /// Until the pool calls the ledger thread.
  [[nodiscard]] bool wait_for_outcomes() const {
    pollfd wake{outcomes_.wake_fd(), POLLIN, 0};
    return ::poll(&wake, 1, 30'000) == 1;
  }
  void take() {
    auto taken = outcomes_.take_all();
    std::vector<std::int64_t> settles;
    for (ImageOutcome& outcome : taken) {
      ++attempts_;
      settles.push_back(outcome.settles());
      if (outcome.kind != Kind::retry) settled_.emplace(outcome.id, std::move(outcome));
    }
    pool().frontier().committed(settles);
  }
  /// One image from beginning to end.
  ImageOutcome fetch(const std::string& path) { return fetch_url(site_.url(path)); }
  ImageOutcome fetch_url(const std::string& url) {
    const std::int64_t id = add(url);
    EXPECT_TRUE(settle(settled_.size() + 1)) << url;
    return settled_[id];
  }
  [[nodiscard]] std::filesystem::path incoming() const {
    return std::filesystem::path(state_folder(directory_)) / kIncomingName;
  }
  [[nodiscard]] std::string incoming(std::int64_t id) const {
    std::ifstream in(incoming() / std::to_string(id), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(incoming()), std::filesystem::directory_iterator{}));
  }
  /// Slots that show this id.
  [[nodiscard]] std::size_t in_flight_slots(std::int64_t id) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(stats_->in_flight, [id](const auto& slot) { return slot == id; }));
  }
  void expect_failed(const ImageOutcome& outcome, Cause cause, std::uint32_t attempts) {
    EXPECT_EQ(outcome.kind, Kind::failed);
    EXPECT_EQ(cause_name(outcome.cause, outcome.http_status), cause_name(cause, outcome.http_status));
    EXPECT_EQ(outcome.attempts, attempts);
    EXPECT_EQ(files(), 0U);
  }

  TemporaryFolder root_;
  std::string directory_ = root_.path();  ///< That the images are for.
  std::optional<FolderSink> sink_;
  TestSite site_;
  CrawlSettings settings_;
  OutcomeQueue outcomes_;
  std::unique_ptr<StatsPage> stats_ = std::make_unique<StatsPage>();
  std::pair<ControlChannel, ControlChannel> doubts_ = *ControlChannel::create();  ///< Who asks, and the decoder.
  std::int64_t last_id_ = 0;
  std::size_t attempts_ = 0;
  std::map<std::int64_t, ImageOutcome> settled_;
  std::optional<TransferPool> pool_;  // Last: it ends before what it uses.
};

TEST_F(TransferPoolTest, FetchesAnImageAndTellsAllAboutIt) {
  const std::string bytes = small_gif(5000);
  site_.file("/a.gif", bytes);
  const ImageOutcome outcome = fetch("/a.gif");
  EXPECT_EQ(outcome.kind, Kind::fetched);
  EXPECT_EQ(outcome.attempts, 1U);
  EXPECT_EQ(outcome.facts.type, "gif");
  EXPECT_EQ(outcome.facts.width, 1U);
  EXPECT_EQ(outcome.facts.height, 1U);
  EXPECT_EQ(outcome.facts.frames, 1U);
  EXPECT_EQ(outcome.bytes, bytes.size());
  EXPECT_EQ(outcome.sha256, hash_of(bytes));
  EXPECT_EQ(outcome.url, site_.url("/a.gif"));
  EXPECT_EQ(outcome.final_url, "");
  EXPECT_EQ(incoming(outcome.id), bytes);
}

TEST_F(TransferPoolTest, AsksAsABrowserDoesThatReadThePage) {
  site_.file("/a.gif", small_gif(100));
  fetch("/a.gif");
  const Hit hit = site_.log().at(0);
  EXPECT_EQ(hit.header("referer"), "http://pages.example/");
  EXPECT_EQ(hit.header("accept-encoding"), "identity");
  EXPECT_EQ(hit.header("user-agent"), settings_.http.user_agent);
}

TEST_F(TransferPoolTest, FetchesManyImagesOverFewConnections) {
  constexpr std::size_t kImages = 2000;
  for (std::size_t i = 0; i < kImages; ++i) {
    const std::string path = "/" + std::to_string(i) + ".gif";
    site_.file(path, small_gif(100 + i * 37 % 20'000, static_cast<char>('a' + i % 26)));
    add_path(path);
    if (i % 100 == 99) take();
  }
  // The frontier's window holds part of them; the rest comes as from the ledger.
  std::size_t before = 0;
  while (settled_.size() < kImages) {
    ASSERT_TRUE(settle(before = std::min(settled_.size() + 100, kImages)));
    for (const Frontier::Refill& wanted : pool().frontier().wanted_refills()) {
      std::vector<ImageTask> rows;
      for (std::int64_t id = wanted.after_id + 1; id <= last_id_ && rows.size() < wanted.room; ++id) {
        if (settled_.contains(id)) continue;
        ImageTask task;
        task.id = id;
        task.host = 1;
        task.url = site_.url("/" + std::to_string(id - 1) + ".gif");
        rows.push_back(std::move(task));
      }
      pool().frontier().refill(wanted, std::move(rows));
    }
  }
  std::set<std::uint64_t> connections;
  for (const Hit& hit : site_.log()) connections.insert(hit.connection);
  EXPECT_EQ(site_.log().size(), kImages);
  EXPECT_LE(connections.size(), settings_.pool.downloaders);
  EXPECT_EQ(files(), kImages);
  for (const auto& [id, outcome] : settled_) {
    EXPECT_EQ(outcome.kind, Kind::fetched);
    EXPECT_EQ(hash_of(incoming(id)), outcome.sha256);
  }
}

TEST_F(TransferPoolTest, FetchesALargeImage) {
  const std::string bytes = small_gif(3'000'000);
  site_.file("/large.gif", bytes);
  const ImageOutcome outcome = fetch("/large.gif");
  EXPECT_EQ(outcome.sha256, hash_of(bytes));
  EXPECT_EQ(incoming(outcome.id), bytes);
}

TEST_F(TransferPoolTest, FailsWhatTheServerDoesNotHave) {
  expect_failed(fetch("/missing.gif"), Cause::http_status, 1);
  EXPECT_EQ(settled_[1].http_status, 404);
}

TEST_F(TransferPoolTest, ReadsNoMoreThanALittleOfAnErrorPage) {
  site_.respond("/huge", Response{.status = 404, .body = std::string(5'000'000, 'x')});
  expect_failed(fetch("/huge"), Cause::http_status, 1);
  site_.respond("/announced", Response{.status = 403, .headers = {{"Content-Length", "99999999999"}}, .body = "x"});
  expect_failed(fetch("/announced"), Cause::http_status, 1);
  EXPECT_EQ(settled_[2].http_status, 403);
}

TEST_F(TransferPoolTest, TriesAgainWhatMayGetBetter) {
  site_.respond("/a.gif", {Response{.status = 500}, Response{.status = 200, .body = small_gif(100)}});
  const ImageOutcome outcome = fetch("/a.gif");
  EXPECT_EQ(outcome.kind, Kind::fetched);
  EXPECT_EQ(outcome.attempts, 2U);
  site_.respond("/b.gif", Response{.status = 500});
  add_path("/b.gif");
  ASSERT_TRUE(settle(2));
  EXPECT_EQ(settled_[2].attempts, 3U);
  EXPECT_EQ(site_.count("/b.gif"), 3U);
}

TEST_F(TransferPoolTest, WaitsWhenTheServerAsksForIt) {
  site_.respond("/a.gif",
                {Response{.status = 503, .headers = {{"Retry-After", "1"}}}, Response{.body = small_gif(100)}});
  const ImageOutcome outcome = fetch("/a.gif");
  EXPECT_EQ(outcome.kind, Kind::fetched);
  EXPECT_EQ(outcome.attempts, 1U);
  const auto log = site_.log();
  ASSERT_EQ(log.size(), 2U);
  EXPECT_GE(log[1].asked - log[0].asked, milliseconds(1000));
}

TEST_F(TransferPoolTest, FollowsRedirectsAndSaysWhereTheyLed) {
  site_.respond("/1", Response{.status = 301, .headers = {{"Location", "/2"}}});
  site_.respond("/2", Response{.status = 307, .headers = {{"Location", site_.url("/dir/3?x=1")}}, .body = "moved"});
  site_.respond("/dir/3?x=1", Response{.status = 302, .headers = {{"Location", "../end.gif#here"}}});
  site_.file("/end.gif", small_gif(100));
  const ImageOutcome outcome = fetch("/1");
  EXPECT_EQ(outcome.kind, Kind::fetched);
  EXPECT_EQ(outcome.url, site_.url("/1"));
  EXPECT_EQ(outcome.final_url, site_.url("/end.gif"));
  EXPECT_EQ(outcome.attempts, 1U);
}

TEST_F(TransferPoolTest, FollowsRedirectsToAnotherHostAndBack) {
  TestSite other;
  site_.respond("/1", Response{.status = 301, .headers = {{"Location", other.url("/2")}}});
  other.respond("/2", Response{.status = 302, .headers = {{"Location", "/3"}}});
  other.respond("/3", Response{.status = 302, .headers = {{"Location", site_.url("/end.gif")}}});
  site_.file("/end.gif", small_gif(100));
  const ImageOutcome outcome = fetch("/1");
  EXPECT_EQ(outcome.kind, Kind::fetched);
  EXPECT_EQ(outcome.url, site_.url("/1"));
  EXPECT_EQ(outcome.final_url, site_.url("/end.gif"));
  EXPECT_EQ(outcome.attempts, 1U);
}

TEST_F(TransferPoolTest, DoesNotFollowRedirectsBetweenHostsForEver) {
  TestSite other;
  site_.respond("/a", Response{.status = 302, .headers = {{"Location", other.url("/b")}}});
  other.respond("/b", Response{.status = 302, .headers = {{"Location", site_.url("/a")}}});
  expect_failed(fetch("/a"), Cause::too_many_redirects, 1);
  EXPECT_EQ(site_.count("/a") + other.count("/b"), settings_.http.max_redirects + 1);
}

TEST_F(TransferPoolTest, StartsAtTheFirstUrlAgainWhenARedirectFails) {
  TestSite other;
  site_.respond("/1", Response{.status = 302, .headers = {{"Location", other.url("/2")}}});
  other.respond("/2", {Response{.status = 500}, Response{.body = small_gif(100)}});
  EXPECT_EQ(fetch("/1").attempts, 2U);
  EXPECT_EQ(site_.count("/1"), 2U);
}

TEST_F(TransferPoolTest, AsksAStrangerForMoreWhenItBeginsToAnswer) {
  const RawServer drips([](const std::string&) {
    return RawAnswer{"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nGIF", RawAnswer::Then::hold_open};
  });
  for (int i = 0; i < 4; ++i) add(drips.url("/a.gif"));
  const MonoTime end = mono_now() + seconds(30);
  while (drips.connections() < 4 && mono_now() < end) std::this_thread::yield();
  EXPECT_EQ(drips.connections(), 4U);
}

TEST_F(TransferPoolTest, DoesNotFollowRedirectsForEver) {
  site_.respond("/loop", Response{.status = 302, .headers = {{"Location", "/loop"}}});
  expect_failed(fetch("/loop"), Cause::too_many_redirects, 1);
  EXPECT_EQ(site_.count("/loop"), settings_.http.max_redirects + 1);
}

TEST_F(TransferPoolTest, DoesNotFollowRedirectsOutOfTheWeb) {
  for (const std::string location : {"file:///etc/passwd", "ftp://example.com/a.gif", "http://", ""}) {
    site_.respond("/out", Response{.status = 302, .headers = {{"Location", location}}});
    const ImageOutcome outcome = fetch("/out");
    SCOPED_TRACE(location);
    expect_failed(outcome, Cause::bad_redirect, outcome.attempts);
  }
}

TEST_F(TransferPoolTest, RefusesPrivateAddressesAlsoBehindARedirect) {
  settings_.http.allow_private = false;
  settings_.http.site_host = "127.0.0.1";
  site_.respond("/out", Response{.status = 302, .headers = {{"Location", "http://localhost:1/a.gif"}}});
  expect_failed(fetch("/out"), Cause::private_address, 1);
}

TEST_F(TransferPoolTest, HandsNoProxyAPrivateAddress) {
  settings_.http.allow_private = false;
  settings_.http.proxy = site_.url();
  expect_failed(fetch_url("http://name.example/a.gif"), Cause::http_status, 1);
  EXPECT_EQ(site_.log().size(), 1U);
  for (const char* host : {"127.0.0.1", "[::1]", "localhost", "x.localhost", "localhost.", "nas", "printer.local"}) {
    SCOPED_TRACE(host);
    expect_failed(fetch_url("http://" + std::string(host) + "/a.gif"), Cause::private_address, 1);
  }
  EXPECT_EQ(site_.log().size(), 1U);
}

TEST_F(TransferPoolTest, AsksNoPortOfAnotherProtocol) {
  expect_failed(fetch_url("http://127.0.0.1:25/a.gif"), Cause::blocked_port, 1);
  site_.respond("/out", Response{.status = 302, .headers = {{"Location", "http://127.0.0.1:6667/a.gif"}}});
  expect_failed(fetch("/out"), Cause::blocked_port, 1);
}

TEST_F(TransferPoolTest, AsksTheTemplatesOwnPortWhateverItIs) {
  settings_.http.site_origin = "http://127.0.0.1:1";
  settings_.politeness.retries = 0;
  expect_failed(fetch_url("http://127.0.0.1:1/a.gif"), Cause::connection_refused, 1);
}

TEST_F(TransferPoolTest, SavesNoTornImage) {
  site_.respond("/cut", Response{.body = small_gif(200'000), .cut_after = 150'000, .ending = Response::Ending::close});
  expect_failed(fetch("/cut"), Cause::truncated, 3);
  site_.respond("/reset", Response{.body = small_gif(5000), .cut_after = 1000, .ending = Response::Ending::reset});
  const ImageOutcome outcome = fetch("/reset");
  EXPECT_TRUE(outcome.cause == Cause::connection_lost || outcome.cause == Cause::truncated);
  expect_failed(outcome, outcome.cause, 3);
}

TEST_F(TransferPoolTest, SavesNoImageWhoseEndNobodyAnnounced) {
  // A connection that is closed early looks like the end of a body of no announced length.
  const auto closed = [](const std::string& bytes) {
    return Response{.raw = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + bytes, .ending = Response::Ending::close};
  };
  const std::string whole = small_jpeg();
  site_.respond("/whole.jpg", closed(whole));
  EXPECT_EQ(fetch("/whole.jpg").facts.type, "jpeg");
  std::filesystem::remove(incoming() / "1");
  site_.respond("/cut.jpg", closed(whole.substr(0, whole.size() - 1)));
  expect_failed(fetch("/cut.jpg"), Cause::incomplete_image, 3);
  site_.respond("/recovers.jpg", {closed(whole.substr(0, 100)), closed(whole)});
  EXPECT_EQ(fetch("/recovers.jpg").attempts, 2U);
}

TEST_F(TransferPoolTest, AsksADecoderAboutAnImageWithoutItsEndMark) {
  be_decoder();
  const std::string bytes = jpeg_without_end_mark();
  site_.file("/a.jpg", bytes);
  const std::int64_t id = add_path("/a.jpg");
  const ImageDoubted asked = doubt();
  EXPECT_EQ(asked.image, id);
  EXPECT_EQ(asked.type, "jpeg");
  std::string shown(bytes.size() + 1, '\0');
  EXPECT_EQ(::pread(asked.fds[0].get(), shown.data(), shown.size(), 0), std::ssize(bytes));
  EXPECT_EQ(shown.substr(0, bytes.size()), bytes);
  EXPECT_EQ(in_flight_slots(id), 1U);
  answer(asked, Wholeness::whole);
  ASSERT_TRUE(settle(1));
  EXPECT_EQ(settled_[id].kind, Kind::fetched);
  EXPECT_TRUE(settled_[id].lacks_end_mark);
  EXPECT_EQ(incoming(id), bytes);
}

TEST_F(TransferPoolTest, TriesAgainWhatADecoderFindsTorn) {
  be_decoder();
  site_.respond("/a.jpg", {Response{.body = jpeg_without_end_mark()}, Response{.body = small_jpeg()}});
  const std::int64_t id = add_path("/a.jpg");
  answer(doubt(), Wholeness::not_whole);
  ASSERT_TRUE(settle(1));
  EXPECT_EQ(settled_[id].attempts, 2U);
  EXPECT_FALSE(settled_[id].lacks_end_mark);
  EXPECT_EQ(incoming(id), small_jpeg());
}

TEST_F(TransferPoolTest, TakesTheDeathOfADecoderForANo) {
  settings_.politeness.retries = 0;
  be_decoder();
  site_.file("/a.jpg", jpeg_without_end_mark());
  const std::int64_t id = add_path("/a.jpg");
  doubt().fds.clear();
  ASSERT_TRUE(settle(1));
  expect_failed(settled_[id], Cause::incomplete_image, 1);
  doubts_.second.close();
  expect_failed(fetch("/a.jpg"), Cause::incomplete_image, 1);
}

TEST_F(TransferPoolTest, AsksAFewQuestionsAtATime) {
  settings_.pool.downloaders = 12;
  settings_.pool.threads = 1;
  be_decoder();
  site_.file("/a.jpg", jpeg_without_end_mark());
  for (int i = 0; i < 12; ++i) add_path("/a.jpg");
  std::vector<ImageDoubted> asked;
  for (std::size_t i = 0; i < Doubts::kMaxAsked; ++i) asked.push_back(doubt());
  ASSERT_TRUE(eventually([this] { return stats_->in_flight_count == 12 && files() == 12; }));
  Message more;
  EXPECT_EQ(doubts_.second.receive(more), ControlChannel::Received::nothing);
  for (const ImageDoubted& one : asked) answer(one, Wholeness::whole);
  for (std::size_t i = Doubts::kMaxAsked; i < 12; ++i) answer(doubt(), Wholeness::whole);
  EXPECT_TRUE(settle(12));
}

TEST_F(TransferPoolTest, LeavesNothingOfAnImageInDoubtWhenItStops) {
  be_decoder();
  site_.file("/a.jpg", jpeg_without_end_mark());
  add_path("/a.jpg");
  const ImageDoubted asked = doubt();
  EXPECT_EQ(files(), 1U);
  pool_.reset();
  EXPECT_EQ(files(), 0U);
}

TEST_F(TransferPoolTest, SavesAnImageWithoutItsEndMarkWhereAllCame) {
  settings_.http.insecure = true;
  std::string bytes = small_gif(200);
  bytes.pop_back();  // The trailer.
  const auto answer = [](const std::string& header, const std::string& body) {
    return Response{.raw = "HTTP/1.1 200 OK\r\nConnection: close\r\n" + header + "\r\n" + body,
                    .ending = Response::Ending::close};
  };
  const std::string chunk = fmt::format("{:x}\r\n", bytes.size()) + bytes + "\r\n";
  site_.respond("/length.gif", answer("Content-Length: 199\r\n", bytes));
  site_.respond("/chunks.gif", answer("Transfer-Encoding: Chunked\r\n", chunk + "0\r\n\r\n"));
  EXPECT_EQ(incoming(fetch("/length.gif").id), bytes);
  EXPECT_EQ(incoming(fetch("/chunks.gif").id), bytes);

  H2Site h2;
  h2.respond("/Z", {H2Answer{.frames = {h2_head(""), h2_data(bytes, H2Then::stream_ends)}}});
  EXPECT_EQ(incoming(fetch_url(h2.url("/Z")).id), bytes);

  for (const std::int64_t id : {1, 2, 3}) std::filesystem::remove(incoming() / std::to_string(id));
  site_.respond("/closed.gif", answer("", bytes));
  expect_failed(fetch("/closed.gif"), Cause::incomplete_image, 3);
  site_.respond("/no-last-chunk.gif", answer("Transfer-Encoding: chunked\r\n", chunk));
  expect_failed(fetch("/no-last-chunk.gif"), Cause::truncated, 3);
}

TEST_F(TransferPoolTest, UndoesTheCodingsOfAnImageAlthoughNoneWasAskedFor) {
  const std::string bytes = small_gif(50'000);
  const std::vector<std::pair<std::string, std::string>> answers = {
      {"gzip", pack_gzip(bytes)},
      {"deflate", pack_zlib(bytes)},
      {"br", pack_brotli(bytes)},
      {"zstd", pack_zstd(bytes)},
      {"gzip", bytes},
      {"br", bytes},
      {"aws-chunked", bytes},
      {"gzip, gzip", pack_gzip(pack_gzip(bytes))},
      {"gzip, utf-8", pack_gzip(bytes)},
  };
  for (const auto& [coding, body] : answers) {
    site_.respond("/a.gif", Response{.headers = {{"Content-Encoding", coding}}, .body = body});
    const ImageOutcome outcome = fetch("/a.gif");
    EXPECT_EQ(outcome.kind, Kind::fetched) << coding;
    EXPECT_EQ(outcome.sha256, hash_of(bytes)) << coding;
    EXPECT_EQ(outcome.bytes, bytes.size()) << coding;
    EXPECT_EQ(incoming(outcome.id), bytes) << coding;
  }
}

TEST_F(TransferPoolTest, UnpacksAnSvgThatIsKeptPacked) {
  const std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>)";
  site_.respond("/a.svgz", Response{.headers = {{"Content-Encoding", "gzip"}}, .body = pack_gzip(svg)});
  EXPECT_EQ(incoming(fetch("/a.svgz").id), svg);
  std::filesystem::remove(incoming() / "1");
  site_.respond("/unsaid.svgz", Response{.body = pack_gzip(svg)});
  expect_failed(fetch("/unsaid.svgz"), Cause::not_an_image, 1);
}

TEST_F(TransferPoolTest, NamesWhatIsWrongWithAPackedImage) {
  const auto cause_of = [this](const std::string& coding, const std::string& body) {
    site_.respond("/a.gif", Response{.headers = {{"Content-Encoding", coding}}, .body = body});
    const ImageOutcome outcome = fetch("/a.gif");
    EXPECT_EQ(files(), 0U);
    return outcome.cause;
  };
  const std::string packed = pack_gzip(small_jpeg());
  EXPECT_EQ(cause_of("gzip", packed.substr(0, packed.size() / 2)), Cause::truncated);
  EXPECT_EQ(cause_of("gzip", pack_gzip(small_jpeg().substr(0, 100))), Cause::incomplete_image);
  EXPECT_EQ(cause_of("br", packed), Cause::bad_response);
  EXPECT_EQ(cause_of("gzip", pack_gzip("<html>")), Cause::html_not_image);
  EXPECT_EQ(cause_of("gzip", "<html>"), Cause::html_not_image);
  EXPECT_EQ(cause_of("gzip", "\x1f"), Cause::truncated);
}

TEST_F(TransferPoolTest, CountsTheUnpackedBytesOfAnImage) {
  settings_.image.max_bytes = 100'000;
  const auto answer = [](std::size_t size) {
    return Response{.headers = {{"Content-Encoding", "gzip"}}, .body = pack_gzip(small_gif(size))};
  };
  site_.respond("/a.gif", answer(100'001));
  expect_failed(fetch("/a.gif"), Cause::too_large, 1);
  site_.respond("/b.gif", answer(100'000));
  EXPECT_EQ(fetch("/b.gif").bytes, 100'000U);
}

TEST_F(TransferPoolTest, EndsAnImageWhereItsLengthEndsUnderATransferEncodingThatIsNone) {
  const std::string bytes = small_gif(100'000);
  const auto answer = [&](std::size_t length, Response::Ending ending) {
    return Response{.raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: " +
                           std::to_string(length) + "\r\n\r\n" + bytes,
                    .ending = ending};
  };
  site_.respond("/a.gif", answer(bytes.size(), Response::Ending::hang));
  EXPECT_EQ(incoming(fetch("/a.gif").id), bytes);
  std::filesystem::remove(incoming() / "1");
  site_.respond("/short.gif", answer(bytes.size() + 1, Response::Ending::close));
  expect_failed(fetch("/short.gif"), Cause::truncated, 3);
}

TEST_F(TransferPoolTest, SavesAPartThatIsTheWhole) {
  const std::string bytes = small_gif(5000);
  const auto part = [&](const std::string& range) {
    return Response{.status = 206, .headers = {{"Content-Range", range}}, .body = bytes};
  };
  site_.respond("/a.gif", part("bytes 0-4999/5000"));
  EXPECT_EQ(incoming(fetch("/a.gif").id), bytes);
  std::filesystem::remove(incoming() / "1");
  site_.respond("/part.gif", part("bytes 0-4999/9000"));
  expect_failed(fetch("/part.gif"), Cause::bad_response, 3);
}

TEST_F(TransferPoolTest, SavesAnImageThatIsWholeThoughItsServerThenFallsSilent) {
  settings_.image.timeout = milliseconds(300);
  settings_.politeness.retries = 0;
  const std::string bytes = small_gif(5000);
  const auto answer = [&](const std::string& header, const std::string& body, Response::Ending ending) {
    return Response{.raw = "HTTP/1.1 200 OK\r\n" + header + "\r\n" + body, .ending = ending};
  };
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const std::string chunk = "1388\r\n" + bytes + "\r\n";
  std::int64_t id = 0;
  for (const auto& whole :
       {answer("", bytes, Response::Ending::hang), answer(chunked, chunk, Response::Ending::hang)}) {
    site_.respond("/whole.gif", whole);
    EXPECT_EQ(incoming(fetch("/whole.gif").id), bytes);
    std::filesystem::remove(incoming() / std::to_string(++id));
  }
  site_.respond("/reset.gif", answer("", bytes, Response::Ending::reset));
  EXPECT_EQ(fetch("/reset.gif").cause, Cause::connection_lost);
  site_.respond("/closed.gif", answer(chunked, chunk, Response::Ending::close));
  EXPECT_EQ(fetch("/closed.gif").cause, Cause::truncated);
  site_.respond("/cut.gif", answer("", bytes.substr(0, 4999), Response::Ending::hang));
  EXPECT_EQ(fetch("/cut.gif").cause, Cause::timeout);
  site_.respond("/longer.gif", answer("Content-Length: 5001\r\n", bytes, Response::Ending::hang));
  EXPECT_EQ(fetch("/longer.gif").cause, Cause::timeout) << "a length that was announced counts";
  site_.respond("/part.gif",
                Response{.raw = "HTTP/1.1 206 Partial Content\r\n\r\n" + bytes, .ending = Response::Ending::hang});
  EXPECT_EQ(fetch("/part.gif").cause, Cause::timeout) << "nobody asked for a part";
  EXPECT_EQ(files(), 0U);
}

TEST_F(TransferPoolTest, AsksAMisdirectedServerAgainOverANewConnection) {
  const std::string bytes = small_gif(100);
  site_.file("/before.gif", bytes);
  site_.respond("/a.gif", {Response{.status = 421}, Response{.body = bytes}});
  site_.respond("/never.gif", Response{.status = 421});
  settings_.pool.downloaders = settings_.pool.threads = 1;
  EXPECT_EQ(fetch("/before.gif").kind, Kind::fetched);
  EXPECT_EQ(fetch("/a.gif").attempts, 1U);
  const auto log = site_.log();
  ASSERT_EQ(log.size(), 3U);
  EXPECT_EQ(log[1].connection, log[0].connection);
  EXPECT_NE(log[2].connection, log[1].connection);
  EXPECT_EQ(fetch("/never.gif").cause, Cause::http_status);
  EXPECT_EQ(site_.count("/never.gif"), 2U);
}

/// curl keeps the words that it wrote of the connection that was reset.
TEST_F(TransferPoolTest, JudgesAnAnswerThatCameBehindADeadConnection) {
  std::size_t requests = 0;
  const RawServer server([&](const std::string&) -> RawAnswer {
    switch (++requests) {
      case 1:
        return {http_answer("", "Location: /a.gif\r\n", "302 Found"), RawAnswer::Then::keep_alive};
      case 2:
        return {"", RawAnswer::Then::reset};
      default:
        return {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n", RawAnswer::Then::close};
    }
  });
  settings_.pool.downloaders = settings_.pool.threads = 1;
  settings_.politeness.retries = 0;
  expect_failed(fetch_url(server.url("/")), Cause::bad_response, 1);
  EXPECT_EQ(requests, 4U);
}

TEST_F(TransferPoolTest, SavesNoDamagedImage) {
  std::string bytes = small_gif(5000);
  bytes[bytes.find('!')] = '?';  // A block that there is not, before any frame.
  site_.file("/damaged.gif", bytes);
  expect_failed(fetch("/damaged.gif"), Cause::damaged_image, 1);
  EXPECT_EQ(site_.count("/damaged.gif"), 1U);
}

TEST_F(TransferPoolTest, KeepsWhatFollowsTheEndOfAnImage) {
  const std::string bytes = small_gif(5000) + "and a line of text";
  site_.file("/a.gif", bytes);
  EXPECT_EQ(incoming(fetch("/a.gif").id), bytes);
}

TEST_F(TransferPoolTest, ComesOverACutWhenTheNextAttemptIsWhole) {
  const std::string bytes = small_gif(200'000);
  site_.respond("/a.gif", {Response{.body = bytes, .cut_after = 100'000, .ending = Response::Ending::close},
                           Response{.body = bytes}});
  const ImageOutcome outcome = fetch("/a.gif");
  EXPECT_EQ(outcome.attempts, 2U);
  EXPECT_EQ(outcome.sha256, hash_of(bytes));
  EXPECT_EQ(incoming(outcome.id), bytes);
}

TEST_F(TransferPoolTest, SavesNothingThatIsNoImage) {
  site_.respond("/html.jpg",
                Response{.headers = {{"Content-Type", "image/jpeg"}}, .body = "<!doctype html><p>Sorry</p>"});
  expect_failed(fetch("/html.jpg"), Cause::html_not_image, 1);
  site_.respond("/text.jpg", Response{.body = "Not found"});
  expect_failed(fetch("/text.jpg"), Cause::not_an_image, 1);
  site_.respond("/empty.jpg", Response{});
  const ImageOutcome empty = fetch("/empty.jpg");
  expect_failed(empty, Cause::empty_body, empty.attempts);
  site_.respond("/part.gif", Response{.status = 206, .body = small_gif(100)});
  const ImageOutcome part = fetch("/part.gif");
  expect_failed(part, Cause::bad_response, part.attempts);
}

TEST_F(TransferPoolTest, BoundsTheSizeOfAnImage) {
  settings_.image.max_bytes = 100'000;
  site_.file("/announced.gif", small_gif(100'001));
  expect_failed(fetch("/announced.gif"), Cause::too_large, 1);
  Response endless{.headers = {{"Transfer-Encoding", "chunked"}}};
  for (int i = 0; i < 20; ++i) endless.body += "4e20\r\n" + small_gif(20'000) + "\r\n";
  endless.body += "0\r\n\r\n";
  site_.respond("/counted.gif", endless);
  expect_failed(fetch("/counted.gif"), Cause::too_large, 1);
  site_.file("/fits.gif", small_gif(100'000));
  EXPECT_EQ(fetch("/fits.gif").kind, Kind::fetched);
}

TEST_F(TransferPoolTest, EndsATransferThatStalls) {
  settings_.image.speed_time = seconds(1);
  settings_.politeness.retries = 0;
  site_.respond("/stalls.gif", Response{.body = small_gif(5000), .cut_after = 1000, .ending = Response::Ending::hang});
  expect_failed(fetch("/stalls.gif"), Cause::stalled, 1);
}

TEST_F(TransferPoolTest, EndsATransferThatTakesTooLong) {
  settings_.image.timeout = milliseconds(300);
  settings_.politeness.retries = 0;
  site_.hold("/never.gif");
  expect_failed(fetch("/never.gif"), Cause::timeout, 1);
}

TEST_F(TransferPoolTest, EndsRedirectsThatTakeTooLongTogether) {
  settings_.image.timeout = milliseconds(500);
  settings_.politeness.retries = 0;
  site_.respond("/slow", Response{.status = 302, .headers = {{"Location", "/slow"}}, .delay = milliseconds(200)});
  expect_failed(fetch("/slow"), Cause::timeout, 1);
}

TEST_F(TransferPoolTest, EndsRedirectsBetweenHostsThatTakeTooLongTogether) {
  settings_.image.timeout = milliseconds(500);
  settings_.politeness.retries = 0;
  TestSite other;
  const auto slowly_to = [](const std::string& url) {
    return Response{.status = 302, .headers = {{"Location", url}}, .delay = milliseconds(200)};
  };
  site_.respond("/slow", slowly_to(other.url("/slow")));
  other.respond("/slow", slowly_to(site_.url("/slow")));
  expect_failed(fetch("/slow"), Cause::timeout, 1);
}

TEST_F(TransferPoolTest, FailsAHostThatNeverAnsweredAfterTheOrdinaryRetries) {
  site_.go_down();
  expect_failed(fetch("/a.gif"), Cause::connection_refused, 3);
}

TEST_F(TransferPoolTest, WaitsForNoTlsServerInTurn) {
  // Each image has its own connection, and its own connect timeout.
  const RawServer says_nothing([](const std::string&) { return RawAnswer{"", RawAnswer::Then::hold_open}; });
  settings_.pool.threads = 1;
  for (int i = 0; i < 4; ++i) add("https" + says_nothing.url("/a.gif").substr(4), i + 1);
  const MonoTime end = mono_now() + seconds(30);
  while (says_nothing.connections() < 4 && mono_now() < end) std::this_thread::yield();
  EXPECT_EQ(says_nothing.connections(), 4U);
}

TEST_F(TransferPoolTest, SignalsWhenNothingIsInFlight) {
  pool();
  EXPECT_TRUE(wait_for_outcomes());
}

TEST_F(TransferPoolTest, WaitsForAHostThatHasAnswered) {
  site_.file("/a.gif", small_gif(100));
  EXPECT_EQ(fetch("/a.gif").kind, Kind::fetched);
  site_.go_down();
  const std::int64_t id = add_path("/a.gif");
  while (attempts_ < 2) {  // The first refusal.
    ASSERT_TRUE(wait_for_outcomes());
    take();
  }
  site_.come_back();
  ASSERT_TRUE(settle(2));
  EXPECT_EQ(settled_[id].kind, Kind::fetched);
  EXPECT_EQ(settled_[id].attempts, 1U);
}

TEST_F(TransferPoolTest, ShowsWhatIsInFlightAndBeats) {
  site_.hold("/held.gif");
  site_.file("/held.gif", small_gif(100));
  const std::int64_t id = add_path("/held.gif");
  ASSERT_TRUE(site_.wait_for("/held.gif"));
  EXPECT_EQ(stats_->in_flight_count, 1U);
  EXPECT_EQ(in_flight_slots(id), 1U);
  EXPECT_GT(stats_->beats[1], 0);
  EXPECT_GT(stats_->beats[2], 0);
  EXPECT_EQ(stats_->beats[3], 0);
  site_.release("/held.gif");
  ASSERT_TRUE(settle(1));
  EXPECT_EQ(stats_->in_flight_count, 0U);
  EXPECT_EQ(in_flight_slots(0), stats_->in_flight.size());
}

TEST_F(TransferPoolTest, BreaksOffWhatIsInFlightWhenItEnds) {
  site_.respond("/hangs.gif",
                Response{.body = small_gif(300'000), .cut_after = 200'000, .ending = Response::Ending::hang});
  for (int i = 0; i < 10; ++i) add_path("/hangs.gif");
  ASSERT_TRUE(site_.wait_for("/hangs.gif", 4));
  pool_.reset();
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(outcomes_.size(), 0U);
  EXPECT_EQ(stats_->in_flight_count, 0U);
  EXPECT_EQ(stats_->beats[1], 0) << "no thread, and none that is silent";
  EXPECT_EQ(stats_->beats[2], 0);
}

TEST_F(TransferPoolTest, TakesABrokenHeaderForNoAnswer) {
  settings_.politeness.retries = 0;
  const RawServer server([](const std::string&) {
    return RawAnswer{"HTTP/1.1 302 Found\r\nX-A: b\r\n", RawAnswer::Then::reset};
  });
  const std::int64_t id = add(server.url("/a.gif"));
  ASSERT_TRUE(settle(1));
  EXPECT_EQ(cause_name(settled_[id].cause), "connection-lost");
}

TEST_F(TransferPoolTest, FinishesWhatIsInFlightAfterAStop) {
  site_.hold("/a.gif");
  site_.file("/a.gif", small_gif(100));
  const std::int64_t id = add_path("/a.gif");
  ASSERT_TRUE(site_.wait_for("/a.gif"));
  pool().frontier().stop();
  add_path("/b.gif");
  site_.release("/a.gif");
  ASSERT_TRUE(settle(1));
  EXPECT_EQ(settled_[id].kind, Kind::fetched);
  EXPECT_EQ(site_.count("/b.gif"), 0U);
}

TEST_F(TransferPoolTest, FailsNoImageWhenTheDiskIsFull) {
  const std::string disk = root_ / "disk";
  std::filesystem::create_directory(disk);
  if (::mount("doutu-test", disk.c_str(), "tmpfs", 0, "size=64k") != 0) {
    GTEST_SKIP() << "mounting a small file system: " << std::strerror(errno);
  }
  directory_ = disk;
  site_.file("/large.gif", small_gif(500'000));
  const std::int64_t id = add_path("/large.gif");
  int disk_error = 0;
  while (disk_error == 0 && wait_for_outcomes()) {
    outcomes_.clear_wake();  // It may have been signalled because nothing was in flight yet.
    disk_error = pool().take_disk_error();
  }
  EXPECT_EQ(disk_error, ENOSPC);
  EXPECT_EQ(pool().take_disk_error(), 0);
  EXPECT_EQ(outcomes_.size(), 0U);
  EXPECT_EQ(pool().frontier().in_flight(), 0U);
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(::mount("doutu-test", disk.c_str(), "tmpfs", MS_REMOUNT, "size=1m"), 0);
  take();  // As the ledger thread does; the eventfd is quiet again.
  pool().frontier().set_paused(false);
  EXPECT_TRUE(settle(1));
  EXPECT_EQ(settled_[id].kind, Kind::fetched);
  EXPECT_EQ(settled_[id].attempts, 1U);
  pool_.reset();
  sink_.reset();
  EXPECT_EQ(::umount(disk.c_str()), 0);
}

TEST_F(TransferPoolTest, FailsNoImageWhenIncomingIsGone) {
  (void)sink();
  std::filesystem::remove(incoming());
  site_.file("/a.gif", small_gif(100));
  const std::int64_t id = add_path("/a.gif");
  int error = 0;
  while (error == 0 && wait_for_outcomes()) {
    outcomes_.clear_wake();
    error = pool().take_disk_error();
  }
  EXPECT_EQ(error, ENOENT);
  EXPECT_EQ(outcomes_.size(), 0U);
  ASSERT_TRUE(sink().mend());
  pool().frontier().set_paused(false);
  EXPECT_TRUE(settle(1));
  EXPECT_EQ(settled_[id].kind, Kind::fetched);
  EXPECT_EQ(settled_[id].attempts, 1U);
  EXPECT_TRUE(std::filesystem::exists(incoming() / std::to_string(id)));
}

TEST_F(TransferPoolTest, CallsAFileThatCannotBeMadeAnErrorOfItsOwn) {
  (void)sink();
  std::filesystem::create_directory(incoming() / "1");  // In place of the first image's file.
  settings_.politeness.retries = 0;
  site_.file("/a.gif", small_gif(100));
  EXPECT_EQ(fetch("/a.gif").cause, Cause::internal_error);
}

}  // namespace
}  // namespace doutu
