// What a person sees on a terminal while a crawl runs, and after it.

#include <gmock/gmock.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill

#include <algorithm>

#include "crawler/view/columns.h"
#include "tests/e2e/crawl_fixture.h"
#include "tests/site/terminal_run.h"

namespace doutu {
namespace {

using testing::HasSubstr;
using testing::Not;

class View : public CrawlTest {
 protected:
  /// A crawl of two pages that waits for the second page and for one image, in a terminal.
  std::unique_ptr<TerminalRun> half_done(TerminalRun::Size size,
                                         const std::map<std::string, std::string>& environment = {},
                                         const std::vector<std::string>& more = {},
                                         TerminalRun::Leader leader = TerminalRun::Leader::doutu) {
    make_meme_site(site_, {.pages = 2, .images_per_page = 3});
    site_.hold("/list/2");
    site_.hold("/img/2.png");
    auto run = std::make_unique<TerminalRun>(on_terminal("1-2", more), size, environment, leader);
    EXPECT_TRUE(site_.wait_for("/list/2"));
    EXPECT_TRUE(site_.wait_for("/img/2.png"));
    return run;
  }
  std::vector<std::string> on_terminal(const std::string& pages, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = command(pages, more);
    const auto progress = std::find(arguments.begin(), arguments.end(), "--progress");
    arguments.erase(progress, progress + 2);
    return arguments;
  }
  void release() {
    site_.release("/list/2");
    site_.release("/img/2.png");
  }
  /// What the crawl says at its start, then the summary.
  void expect_start_and_summary(const std::string& text, const std::string& pages) {
    EXPECT_THAT(text, testing::StartsWith("doutu: crawling pages " + pages + " of " + site_.url("/list/{page}")));
    EXPECT_THAT(text, HasSubstr("\nComplete after"));
  }
  /// No row is wider than the terminal, and nothing was sent that the model does not know.
  static void expect_sound(TerminalRun& run, TerminalRun::Size size) {
    const auto rows = run.screen().rows();
    const auto view = std::ranges::find_if(rows, [](const auto& row) { return row.starts_with("pages "); });
    std::for_each(view, rows.end(), [&](const auto& row) { EXPECT_LT(columns_of(row), size.columns) << row; });
    EXPECT_EQ(run.screen().unknown(), "");
  }
};

TEST_F(View, ShowsPagesImagesTimeAndProcesses) {
  const TerminalRun::Size size{80, 24};
  const auto run = half_done(size);
  ASSERT_TRUE(run->sees("1/2")) << run->text();
  ASSERT_TRUE(run->sees("2/~6   33 %")) << run->text();
  ASSERT_TRUE(run->sees("waiting for the network")) << run->text();
  ASSERT_TRUE(run->sees("fetching")) << run->text();
  EXPECT_THAT(run->text(), HasSubstr("█"));
  EXPECT_THAT(run->text(), HasSubstr(site_.url("/list/2")));
  EXPECT_THAT(run->text(), HasSubstr("1 in flight"));
  EXPECT_TRUE(run->screen().saw_colors());
  expect_sound(*run, size);
  release();
  EXPECT_EQ(run->wait(), 0);
}

TEST_F(View, LeavesTheSummaryAndNothingElse) {
  const TerminalRun::Size size{200, 50};
  const auto run = half_done(size);
  ASSERT_TRUE(run->sees("waiting for the network")) << run->text();
  release();
  EXPECT_EQ(run->wait(), 0);
  expect_start_and_summary(run->text(), "1-2");
  EXPECT_THAT(run->text(), HasSubstr("request   pages 1-2 of " + site_.url("/list/{page}")));
  EXPECT_THAT(run->text(), HasSubstr("found     6 images: 6 saved"));
  EXPECT_THAT(run->text(), Not(HasSubstr("fetcher")));
  EXPECT_EQ(run->screen().cursor_column(), 0U);
}

TEST_F(View, FollowsAResize) {
  const auto run = half_done({100, 30});
  ASSERT_TRUE(run->sees("waiting for the network")) << run->text();
  for (const TerminalRun::Size size :
       {TerminalRun::Size{60, 30}, TerminalRun::Size{60, 8}, TerminalRun::Size{140, 40}}) {
    run->resize(size);
    // Drawn anew: one bar for the pages, and as wide as it is at this size.
    const std::string bar_of_pages = "pages   " + bar(1, 2, size.columns / 3, Charset::utf8) + "  1/2";
    ASSERT_TRUE(run->sees(bar_of_pages)) << run->text();
    ASSERT_TRUE(eventually([&] { return run->text().find("pages   ") == run->text().rfind("pages   "); }))
        << run->text();
    expect_sound(*run, size);
    EXPECT_TRUE(run->sees("downloader")) << "also where rows are few";
  }
  release();
  EXPECT_EQ(run->wait(), 0);
}

TEST_F(View, TheLogScrollsAboveIt) {
  make_meme_site(site_, {.pages = 2, .images_per_page = 3});
  site_.respond("/list/1", Response{.status = 404});
  site_.hold("/list/2");
  TerminalRun run(on_terminal("1-2"), {100, 24});
  ASSERT_TRUE(run.sees("page failed: " + site_.url("/list/1"))) << run.text();
  ASSERT_TRUE(run.sees("failed  1 http-404")) << run.text();
  EXPECT_THAT(run.text(), HasSubstr("\ndoutu: warning: "));
  EXPECT_LT(run.text().find("page failed"), run.text().find("pages   "));
  site_.release("/list/2");
  EXPECT_EQ(run.wait(), 3);
  EXPECT_THAT(run.text(), HasSubstr("Next: 1 page failed with 404, probably for good."));
}

TEST_F(View, TheLastWordFitsTheTerminal) {
  const std::string path = "/img/" + std::string(200, 'a') + ".png";
  list(1, {path});
  TerminalRun run(on_terminal("1"), {60, 24});
  EXPECT_EQ(run.wait(), 3);
  EXPECT_THAT(run.text(), HasSubstr("/…aaa"));
  EXPECT_THAT(run.text(), HasSubstr("aaa.png\n"));
  EXPECT_THAT(crawl("1").out, HasSubstr("\n            " + site_.url(path) + "\n"));
}

TEST_F(View, NoColorMeansNoColor) {
  const auto run = half_done({80, 24}, {{"NO_COLOR", "1"}});
  ASSERT_TRUE(run->sees("waiting for the network")) << run->text();
  EXPECT_FALSE(run->screen().saw_colors());
  release();
  EXPECT_EQ(run->wait(), 0);
}

TEST_F(View, ADumbTerminalGetsPlainLines) {
  const auto run = half_done({80, 24}, {{"TERM", "dumb"}}, {"--progress", "bar"});
  release();
  EXPECT_EQ(run->wait(), 0);
  EXPECT_FALSE(run->screen().saw_escapes());
  EXPECT_THAT(run->text(), HasSubstr("\nComplete after"));
}

TEST_F(View, ADumbTerminalGetsPlainLinesOfAWatchedCrawlToo) {
  const auto run = half_done({80, 24});
  TerminalRun watch({"status", folder_.path(), "--watch"}, {80, 24}, {{"TERM", "dumb"}});
  ASSERT_TRUE(watch.sees("pages ")) << watch.text();
  release();
  EXPECT_EQ(run->wait(), 0);
  EXPECT_EQ(watch.wait(), 0);
  EXPECT_FALSE(watch.screen().saw_escapes());
}

TEST_F(View, WithoutUtf8BarsAreAscii) {
  const auto run = half_done({80, 24}, {{"LC_ALL", "C"}});
  ASSERT_TRUE(run->sees("#############.............  1/2")) << run->text();
  const std::string all = run->bytes();
  EXPECT_TRUE(std::all_of(all.begin(), all.end(), [](char byte) { return static_cast<unsigned char>(byte) < 0x80; }));
  release();
  EXPECT_EQ(run->wait(), 0);
}

TEST_F(View, QuietShowsNothing) {
  const auto run = half_done({80, 24}, {}, {"-q"});
  release();
  EXPECT_EQ(run->wait(), 0);
  EXPECT_EQ(run->bytes(), "");
}

TEST_F(View, APipedCrawlWritesNoEscapes) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 3});
  const Ended ended = run_doutu(on_terminal("1"));
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.err, "doutu: crawling page 1 of " + site_.url("/list/{page}") + " into " + folder_.path() +
                           "; progress every 30 s\n");
  EXPECT_THAT(ended.out, testing::StartsWith("Complete after"));
  EXPECT_THAT(ended.out, Not(HasSubstr("\x1b")));
}

TEST_F(View, CtrlCFinishesWhatIsInHand) {
  const auto run = half_done({100, 24});
  ASSERT_TRUE(run->sees("  2/~6")) << run->text();
  run->type("\x03");
  ASSERT_TRUE(run->sees("stopping: finishing 1 image in hand, up to 10 s; Ctrl-C again stops at once")) << run->text();
  release();
  EXPECT_EQ(run->wait(), 130);
  EXPECT_THAT(run->text(), HasSubstr("Stopped after"));
  EXPECT_THAT(run->text(), HasSubstr("run the same command again to continue."));
}

TEST_F(View, CtrlZLeavesACleanTerminalAndFgDrawsAgain) {
  const auto run = half_done({80, 24}, {}, {}, TerminalRun::Leader::shell);
  ASSERT_TRUE(run->sees("waiting for the network")) << run->text();
  run->type("\x1a");
  ASSERT_TRUE(run->sees("asleep")) << run->text();
  EXPECT_THAT(run->text(), Not(HasSubstr("waiting for the network")));
  run->type("\n");
  ASSERT_TRUE(run->sees("waiting for the network")) << run->text();
  EXPECT_EQ(run->text().find("images  "), run->text().rfind("images  ")) << run->text();
  release();
  EXPECT_EQ(run->wait(), 0);
}

TEST_F(View, CtrlZChangesNothingWhereNoShellCouldResumeIt) {
  const auto run = half_done({80, 24});  // a session leader, as under ssh -t
  ASSERT_TRUE(run->sees("waiting for the network")) << run->text();
  run->type("\x1a");          // which the kernel drops for such a one,
  kill(run->pid(), SIGTSTP);  // and which reaches it all the same
  release();
  EXPECT_EQ(run->wait(), 0);
  EXPECT_EQ(folder_.images().size(), 6U);
}

TEST_F(View, AFrozenTerminalDoesNotKeepTheFolder) {
  const auto run = half_done({80, 24});
  ASSERT_TRUE(run->sees("waiting for the network")) << run->text();
  run->type("\x13");  // Ctrl-S: nothing is taken from here on
  release();
  EXPECT_TRUE(eventually([&] { return crawl("1-2").status == 0; }, std::chrono::seconds(30)));
  run->type("\x11");
  EXPECT_EQ(run->wait(), 0);
  EXPECT_THAT(run->text(), HasSubstr("Complete after"));
}

TEST_F(View, ACrawlOutlivesItsTerminal) {
  const auto run = half_done({80, 24});
  ASSERT_TRUE(run->sees("waiting for the network")) << run->text();
  run->hang_up();
  release();
  EXPECT_EQ(run->wait(), 0);
  EXPECT_EQ(folder_.report().outcome, "complete");
  EXPECT_EQ(folder_.images().size(), 6U);
  EXPECT_THAT(read_file(folder_.state("crawl.log")), HasSubstr(" I Complete after "));
}

}  // namespace
}  // namespace doutu
