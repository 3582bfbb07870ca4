// `doutu status` at every moment of a crawl's life. It must change nothing.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

class StatusOf : public CrawlTest {
 protected:
  std::unique_ptr<CrawlRun> half_done() {
    make_meme_site(site_, {.pages = 2, .images_per_page = 3});
    site_.hold("/list/2");
    site_.hold("/img/2.png");
    auto run = start("1-2");
    EXPECT_TRUE(site_.wait_for("/list/2"));
    EXPECT_TRUE(site_.wait_for("/img/2.png"));
    return run;
  }
  [[nodiscard]] Ended status(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"status", folder_.path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_doutu(arguments);
  }
  [[nodiscard]] Json json() const {
    const Ended ended = status({"--json"});
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(std::count(ended.out.begin(), ended.out.end(), '\n'), 1);
    return Json::parse(ended.out, nullptr, false);
  }
  /// Every file with its content and the time of its last change. (Not that of its inode: SQLite gives a WAL to the
  /// owner of its database, whoever that is, when root looks.)
  [[nodiscard]] std::map<std::string, std::string> everything() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
      struct stat about {};
      ::lstat(entry.path().c_str(), &about);
      files[entry.path()] = fmt::format("{}.{:09} {}", about.st_mtim.tv_sec, about.st_mtim.tv_nsec,
                                        sha256(entry.is_regular_file() ? read_file(entry.path()) : ""));
    }
    return files;
  }
  void release() {
    site_.release("/list/2");
    site_.release("/img/2.png");
  }
};

TEST_F(StatusOf, ARunningCrawl) {
  const auto run = half_done();
  ASSERT_TRUE(eventually([&] { return json()["images"]["outcomes"]["saved"] == 2; })) << json().dump(1);
  const Json now = json();
  EXPECT_EQ(now["schema"], 1);
  EXPECT_EQ(now["state"], "running");
  EXPECT_EQ(now["pid"], run->pid());
  EXPECT_EQ(now["spec"]["template"], site_.url("/list/{page}"));
  EXPECT_EQ(
      now["pages"],
      Json::parse(
          R"({"asked": 2, "outcomes": {"done": 1, "empty": 0, "failed": 0, "robots": 0, "beyond_end": 0, "pending": 1}, "known": 0})"));
  EXPECT_EQ(now["images"]["outcomes"]["pending"], 1);
  const Json& fetchers = now["processes"];
  EXPECT_TRUE(std::any_of(fetchers.begin(), fetchers.end(), [&](const Json& process) {
    return process["url"] == site_.url("/list/2") && process["state"] == "fetching";
  })) << now.dump(1);
  const Ended text = status();
  EXPECT_EQ(text.status, 0);
  EXPECT_THAT(text.out, HasSubstr("running, pages 1-2 of "));
  EXPECT_THAT(text.out, HasSubstr("1/2"));
  release();
  EXPECT_EQ(run->wait().status, 0);
}

TEST_F(StatusOf, ACrawlThatEnded) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 3});
  site_.respond("/img/1.png", Response{.status = 404});
  EXPECT_EQ(crawl("1").status, 3);
  const auto before = everything();
  const Json now = json();
  EXPECT_EQ(now["state"], "failures");
  EXPECT_EQ(now["pid"], nullptr);
  EXPECT_EQ(now["failures"], Json::parse(R"({"http-404": 1})"));
  const Ended text = status();
  EXPECT_EQ(text.status, 0);
  EXPECT_THAT(text.out, HasSubstr("Finished with failures after"));
  EXPECT_THAT(text.out, HasSubstr("for example\n            " + site_.url("/img/1.png") + "\n"));
  EXPECT_THAT(text.out, HasSubstr("Next: 1 image failed with 404"));
  EXPECT_EQ(everything(), before);
}

/// The last lines of the crawl and of its status.
std::string next_in(const Ended& ended) {
  return ended.out.substr(std::min(ended.out.find("Next: "), ended.out.size()));
}

TEST_F(StatusOf, PagesThatFailedCallsThemPages) {
  site_.respond("/list/1", Response{.status = 500});
  site_.respond("/list/2", Response{.status = 500});
  const Ended ended = crawl("1-2", {"--retries", "0"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.out, HasSubstr("Next: 2 pages failed with 500;"));
  EXPECT_EQ(next_in(status()), next_in(ended));
  EXPECT_EQ(json()["page_failures"], Json::parse(R"({"http-500": 2})"));
  std::filesystem::remove(folder_.state("status.json"));
  EXPECT_EQ(next_in(status()), next_in(ended)) << "from the ledger";
}

TEST_F(StatusOf, PagesWithoutImagesNamesTheFlagsToLookWith) {
  site_.page("/list/1", "<p>Please log in.</p>");
  const Ended ended = crawl("1", {"--header", "Cookie: a=secret", "--wait", "0.01", "--http1.1"});
  EXPECT_EQ(ended.status, 4);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("--http1.1"), HasSubstr("--header"), Not(HasSubstr("secret"))));
  EXPECT_THAT(ended.out, Not(HasSubstr("--wait"))) << "probe has no such flag";
  EXPECT_EQ(next_in(status()), next_in(ended));
}

TEST_F(StatusOf, ACrawlThatALimitEndedNamesTheLimit) {
  make_meme_site(site_, {.pages = 2, .images_per_page = 20});
  for (const auto& [flag, value] : {std::pair("--max-images", "7"), std::pair("--max-bytes", "1K")}) {
    const Ended ended = crawl("1-2", {flag, value, "--downloaders", "2"});
    EXPECT_EQ(ended.status, 9);
    EXPECT_THAT(ended.out, HasSubstr(flag));
    EXPECT_EQ(json()["limit"], flag);
    EXPECT_EQ(next_in(status()), next_in(ended));
    std::filesystem::remove(folder_.state("status.json"));
    EXPECT_EQ(next_in(status()), next_in(ended)) << "from the report";
  }
}

TEST_F(StatusOf, ACrawlOfAVersionThatWroteNoStatus) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 3});
  EXPECT_EQ(crawl("1").status, 0);
  std::filesystem::remove(folder_.state("status.json"));
  const auto before = everything();
  EXPECT_EQ(json()["state"], "complete");
  EXPECT_EQ(json()["images"]["outcomes"]["saved"], 3);
  EXPECT_EQ(everything(), before);
}

TEST_F(StatusOf, ACrawlOfWhichEverythingWasKilled) {
  const auto run = half_done();
  ASSERT_TRUE(eventually([&] { return json()["images"]["outcomes"]["saved"] == 2; }));
  std::vector<pid_t> all = run->children("doutu-fetcher");
  for (const pid_t pid : run->children("doutu-downloader")) all.push_back(pid);
  run->signal(SIGKILL);
  for (const pid_t pid : all) kill(pid, SIGKILL);
  run->wait();
  ASSERT_TRUE(strays_after(std::chrono::seconds(20)).empty());
  ASSERT_TRUE(std::filesystem::exists(folder_.state("ledger.sqlite-wal"))) << "or this test tests little";
  EXPECT_TRUE(eventually([&] { return json()["state"] == "killed"; })) << "locks go a moment after names and memory";
  const auto before = everything();
  const Json now = json();
  EXPECT_EQ(now["pages"]["outcomes"]["pending"], 1);
  EXPECT_EQ(now["images"]["outcomes"]["pending"], 1);
  EXPECT_TRUE(now["processes"].empty());
  EXPECT_THAT(status().out,
              HasSubstr("1 page and 1 image are still to do; run the same command again to\n      continue."));
  EXPECT_EQ(everything(), before);
  release();
  EXPECT_EQ(crawl("1-2").status, 0);
  EXPECT_EQ(json()["state"], "complete");
}

TEST_F(StatusOf, AnEarlierJobThatWasKilledAgain) {
  const auto kill_all = [](CrawlRun& run) {
    std::vector<pid_t> all = run.children("doutu-fetcher");
    for (const pid_t pid : run.children("doutu-downloader")) all.push_back(pid);
    run.signal(SIGKILL);
    for (const pid_t pid : all) kill(pid, SIGKILL);
    (void)run.wait();
    ASSERT_TRUE(strays_after(std::chrono::seconds(20)).empty());
  };
  kill_all(*half_done());
  image("/img/other.png", 99);
  list(7, {"/img/other.png"});
  ASSERT_EQ(crawl("7").status, 0);
  site_.forget_log();
  auto again = start("1-2");
  ASSERT_TRUE(site_.wait_for("/list/2"));
  kill_all(*again);
  EXPECT_TRUE(eventually([&] { return json()["state"] == "killed"; })) << "locks go a moment after names and memory";
  const Json now = json();
  EXPECT_EQ(now["spec"]["pages"], "1-2");
  EXPECT_EQ(now["pages"]["asked"], 2);
  release();
  EXPECT_EQ(crawl("1-2").status, 0);
}

TEST_F(StatusOf, AnOrphanedDownloader) {
  const auto run = half_done();
  ASSERT_TRUE(eventually([&] { return json()["images"]["outcomes"]["saved"] == 2; }));
  run->signal(SIGKILL);
  run->wait();
  EXPECT_EQ(json()["state"], "orphaned") << "it has an image in hand, and ten seconds";
  release();
  ASSERT_TRUE(strays_after(std::chrono::seconds(20)).empty());
  EXPECT_EQ(json()["state"], "killed");
}

TEST_F(StatusOf, ASuspendedCrawl) {
  const auto run = half_done();
  ASSERT_TRUE(eventually([&] { return json()["images"]["outcomes"]["saved"] == 2; }));
  run->signal(SIGTSTP);
  ASSERT_TRUE(eventually([&] { return json()["state"] == "suspended"; })) << json().dump(1);
  EXPECT_EQ(json()["per_second"]["images"], 0);
  EXPECT_EQ(json()["seconds_left"], nullptr);
  EXPECT_THAT(status().out, HasSubstr("suspended"));
  run->signal(SIGCONT);
  EXPECT_TRUE(eventually([&] { return json()["state"] == "running"; })) << json().dump(1);
  release();
  EXPECT_EQ(run->wait().status, 0);
}

TEST_F(StatusOf, ACrawlThatSaysNothingAnyMore) {
  const auto run = half_done();
  ASSERT_TRUE(eventually([&] { return json()["images"]["outcomes"]["saved"] == 2; }));
  EXPECT_EQ(json()["stale_seconds"], 0);
  run->signal(SIGSTOP);
  ASSERT_TRUE(eventually([&] { return json()["stale_seconds"] >= 3; })) << json().dump(1);
  EXPECT_EQ(json()["per_second"]["images"], 0);
  EXPECT_EQ(json()["seconds_left"], nullptr);
  EXPECT_THAT(status().out, HasSubstr("no news for "));
  run->signal(SIGCONT);
  EXPECT_TRUE(eventually([&] { return json()["stale_seconds"] == 0; })) << json().dump(1);
  release();
  EXPECT_EQ(run->wait().status, 0);
}

TEST_F(StatusOf, ACrawlThatIsAskedToWait) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 3});
  for (const char* path : {"/img/1.png", "/img/2.png", "/img/3.png"}) {
    site_.respond(path, Response{.status = 429, .headers = {{"Retry-After", "60"}}});
  }
  const auto run = start("1");
  ASSERT_TRUE(site_.wait_for("/img/1.png"));
  // The host is believed once each image was told so; until then it is asked again after about a second.
  Json now;
  const auto waits_long = [&] {
    now = json();
    return now["back_off"].is_object() && now["back_off"]["seconds"] > 2;
  };
  ASSERT_TRUE(eventually(waits_long)) << now.dump(1);
  EXPECT_EQ(now["bottleneck"], "image-politeness");
  EXPECT_EQ(now["back_off"]["reason"], "throttled");
  EXPECT_LE(now["back_off"]["seconds"], 60);
  EXPECT_EQ(now["seconds_left"], nullptr);
  EXPECT_EQ(now["processes"].back()["state"], "waiting");
  EXPECT_THAT(status().out, HasSubstr("throttled by an image server: "));
  run->signal(SIGINT);
  EXPECT_EQ(run->wait().status, 130);
}

TEST_F(StatusOf, ACrawlThatWasKilledBetweenItsReportAndItsLastStatus) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 3});
  EXPECT_EQ(crawl("1").status, 0);
  const std::string path = folder_.state("status.json");
  Json last = json();
  last["state"] = "finishing";
  std::ofstream(path) << last.dump() << '\n';
  std::filesystem::last_write_time(path, std::filesystem::last_write_time(folder_.state("report.json")));
  EXPECT_EQ(json()["state"], "complete");
  std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now());
  EXPECT_EQ(json()["state"], "killed") << "the report is of a run before";
}

TEST_F(StatusOf, AContinuedCrawlFromItsFirstMoment) {
  const auto before = half_done();
  ASSERT_TRUE(eventually([&] { return json()["images"]["outcomes"]["saved"] == 2; }));
  before->signal(SIGINT);
  before->signal(SIGTERM);
  before->wait();
  const auto run = start("1-2");
  Json first;
  ASSERT_TRUE(eventually([&] { return (first = json())["pid"] == run->pid(); }));
  EXPECT_EQ(first["images"]["outcomes"]["saved"], 2) << first.dump(1);
  release();
  EXPECT_EQ(run->wait().status, 0);
}

TEST_F(StatusOf, AnInterruptedCrawl) {
  const auto run = half_done();
  run->signal(SIGTERM);
  release();
  EXPECT_EQ(run->wait().status, 143);
  EXPECT_EQ(json()["state"], "interrupted");
  EXPECT_THAT(status().out, HasSubstr("run the same command again to"));
}

TEST_F(StatusOf, AFolderWithoutACrawl) {
  const TemporaryFolder empty;
  const Ended ended = run_doutu({"status", empty.path()});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, HasSubstr("no crawl in " + empty.path().string()));
  EXPECT_TRUE(std::filesystem::is_empty(empty.path()));
}

TEST_F(StatusOf, WhatIsNoFolder) {
  const TemporaryFolder temporary;
  std::ofstream(temporary / "file") << "x";
  const auto expect_wrong = [&](const std::vector<std::string>& named, const std::string& words) {
    const Ended ended = run_doutu(named, temporary.path().string());
    EXPECT_EQ(ended.status, 2);
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, HasSubstr("doutu: " + words + "; give the folder of a crawl"));
  };
  expect_wrong({"status"}, "no such folder: " + temporary / "img");
  expect_wrong({"status", "nowhere"}, "no such folder: " + temporary / "nowhere");
  expect_wrong({"status", "--watch", "-d", "file"}, "not a folder: " + temporary / "file");
  expect_wrong({"status", "file/below"}, "not a folder: " + temporary / "file/below");
}

TEST_F(StatusOf, AFolderIsCalledByItsWholePathHoweverItIsWritten) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 1});
  EXPECT_EQ(crawl("1").status, 0);
  for (const char* written : {".", "../out/", "./../out/."}) {
    const Ended ended = run_doutu({"status", "--json", "--directory", written}, folder_.path());
    EXPECT_EQ(Json::parse(ended.out, nullptr, false)["directory"], folder_.path()) << written;
  }
  EXPECT_THAT(run_doutu({"status", "."}, folder_.path()).out, HasSubstr("  folder    " + folder_.path() + "\n"));
}

TEST_F(StatusOf, AFolderWhoseLockCannotBeRead) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 1});
  EXPECT_EQ(crawl("1").status, 0);
  std::filesystem::remove(folder_.state("lock"));
  std::filesystem::create_symlink("lock", folder_.state("lock"));
  const Ended ended = status();
  std::filesystem::remove(folder_.state("lock"));
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, HasSubstr("doutu: " + folder_.state("lock") + " is a symbolic link"));
}

TEST_F(StatusOf, AWatchedCrawlUntilItEnds) {
  const auto run = half_done();
  CrawlRun watch({"status", folder_.path(), "--watch"});
  ASSERT_TRUE(eventually([&] { return watch.out().find("pages 1/2") != std::string::npos; })) << watch.out();
  release();
  EXPECT_EQ(run->wait().status, 0);
  const Ended ended = watch.wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, HasSubstr("Complete after"));
}

TEST_F(StatusOf, WrongUse) {
  EXPECT_EQ(run_doutu({"status", "--jsn"}).status, 2);
  EXPECT_EQ(run_doutu({"status", "a", "b"}).status, 2);
  EXPECT_EQ(run_doutu({"status", "--color", "blue"}).status, 2);
}

}  // namespace
}  // namespace doutu
