// What a site says never reaches a terminal, a log or a file name as it came.

#include <algorithm>
#include <filesystem>

#include "shared/base/escape.h"
#include "tests/e2e/control_bytes.h"
#include "tests/e2e/crawl_fixture.h"
#include "tests/site/terminal_run.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;

class HostileSite : public CrawlTest {
 protected:
  /// Nothing that the crawl wrote holds a control byte.
  void expect_clean(const Ended& ended) const {
    EXPECT_FALSE(has_control_bytes(ended.out)) << ended.out;
    EXPECT_FALSE(has_control_bytes(ended.err)) << ended.err;
    for (const char* name : {"crawl.log", "report.json", "failures.jsonl"}) {
      const std::string text = read_file(folder_.state(name));
      EXPECT_FALSE(has_control_bytes(text)) << name << ":\n" << text;
    }
    for (const auto& [name, hash] : folder_.images()) EXPECT_FALSE(has_control_bytes(name)) << name;
  }
};

TEST_F(HostileSite, ControlCharactersInLinks) {
  image("/good.png", 1);
  list(1,
       {"/\x1b]0;pwned\x07.png", "/&#x1b;]0;pwned&#x7f;.png", "/\xc2\x9b[31m.png", "/" + kRightToLeft + "gnp.exe.png",
        "/%1b%5b31m%0a%7f.png", "http://\x1b[31m/x.png", "\x1b[31m:x", "http://a\x07.test/x.png", "/good.png"});
  const Ended ended = crawl("1", {"-v", "--retries", "0"});
  EXPECT_EQ(ended.status, 3);
  expect_clean(ended);
  EXPECT_EQ(folder_.images().size(), 1U);
  EXPECT_GE(folder_.failures().size(), 6U);
}

/// Links with names that want out of the folder, into the program's own files, or onto the terminal; as a page has
/// them.
std::vector<std::string> tricky_links() {
  using namespace std::string_literals;
  std::vector<std::string> links = {
      // Out of the folder.
      "/../../x.jpg", "/a/../../../x.jpg", "/..%2f..%2fx.jpg", "/%2e%2e/%2e%2e/x.jpg", "/.%2e/x.jpg", "/..\\..\\x.jpg",
      "/..%5c..%5cx.jpg", "/%2e%2e", "/..", "/.", "/...", "/%2fetc%2fpasswd", "//127.0.0.1:PORT/etc/passwd", "/C:%5cx",
      // Into what is doutu's, or the system's.
      "/.doutu", "/.doutu/", "/.doutu%2fledger.sqlite", "/.doutu/ledger.sqlite", "/.hidden.png", "/CON", "/con.jpg",
      "/NUL.png", "/aux.tar.gz", "/COM1", "/-rf", "/~", "/$(touch pwned).png", "/`id`.png", "/a|b.png", "/*.png",
      // No name at all.
      "/", "/dir/", "", "/%20", "/%20.png%20", "/x.png.", "/%2f",
      // What is there already.
      "/Case.png", "/case.png", "/CASE.PNG", "/folder.png", "/link.png", "/dangling.png", "/users.png",
      // Onto the terminal.
      "/new\nline.jpg", "/new%0aline.jpg", "/%0d%0a.jpg", "/\x1b[31mred.jpg", "/%1b%5b31mred.jpg",
      "/%1b]0;pwned%07.jpg", "/\xc2\x9b\x32J.png", "/%c2%9b2J.png", "/%9b2J.png", "/%7f.png", "/%e2%80%aegnp.png",
      "/\xe2\x80\xaegnp.png",
      // No text.
      "/%00", "/a%00.jpg", "/a%00", "/\xff\xfe.jpg", "/%ff%fe.jpg", "/%c0%ae%c0%ae%c0%afx.jpg", "/%ed%a0%80.png", "/%",
      "/%zz.png"};
  links.push_back("/nul" + "\0"s + ".jpg");
  links.push_back("/" + std::string(300, 'n') + ".jpg");
  links.push_back("/" + std::string(300, '.') + ".jpg");
  links.push_back("/x." + std::string(300, 'e'));
  std::string wide = "/";
  for (int i = 0; i < 200; ++i) wide += "\xe8\xa1\xa8";
  links.push_back(wide + ".jpg");
  return links;
}

class TrickyNames : public HostileSite {
 protected:
  /// A page with all of them, each with an image of its own; their SHA-256.
  std::multiset<std::string> serve_links() {
    std::vector<std::string> urls;
    std::multiset<std::string> hashes;
    for (std::string link : tricky_links()) {
      const std::string query = "?" + std::to_string(urls.size());
      if (const auto at = link.find("PORT"); at != std::string::npos) link.replace(at, 4, std::to_string(site_.port()));
      hashes.insert(image(query, urls.size()));
      urls.push_back(link + query);
    }
    list(1, urls);
    return hashes;
  }

  /// What a user might have in the folder, and beside it.
  void fill_folder() {
    fs::create_directories(folder_.path() + "/folder.png");
    write_file(folder_.path() + "/folder.png/inside", "inside");
    write_file(folder_.path() + "/users.png", "the user's own");
    write_file(temporary_ / "outside", "outside");
    fs::create_symlink("../outside", folder_.path() + "/link.png");
    fs::create_symlink("../not-there", folder_.path() + "/dangling.png");
  }

  void expect_rest_untouched() const {
    EXPECT_EQ(read_file(folder_.path() + "/folder.png/inside"), "inside");
    EXPECT_EQ(read_file(folder_.path() + "/users.png"), "the user's own");
    EXPECT_EQ(read_file(temporary_ / "outside"), "outside");
    EXPECT_EQ(fs::read_symlink(folder_.path() + "/link.png"), "../outside");
    EXPECT_EQ(fs::read_symlink(folder_.path() + "/dangling.png"), "../not-there");
    std::set<std::string> beside;
    for (const auto& entry : fs::directory_iterator(temporary_.path())) beside.insert(entry.path().filename().string());
    EXPECT_EQ(beside, (std::set<std::string>{"out", "outside"}));
  }

  /// SHA-256 of the files that the crawl put into the folder; their names are judged.
  [[nodiscard]] std::multiset<std::string> saved() const {
    std::multiset<std::string> hashes;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      const std::string name = entry.path().filename().string();
      if (!entry.is_regular_file() || entry.is_symlink() || name == "users.png") continue;
      EXPECT_FALSE(has_control_bytes(name)) << name;
      EXPECT_FALSE(name.starts_with('.')) << name;
      EXPECT_LE(name.size(), 255U) << name;
      EXPECT_EQ(name.find_first_of("/\\:*?\"<>|"), std::string::npos) << name;
      EXPECT_EQ(escape_for_terminal(name), name) << "no UTF-8";
      hashes.insert(sha256(read_file(entry.path().string())));
    }
    return hashes;
  }
};

TEST_F(TrickyNames, EveryImageLandsOnceAndInTheFolder) {
  const auto hashes = serve_links();
  fill_folder();
  const Ended ended = crawl("1", {"-v"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(saved(), hashes);
  expect_rest_untouched();
  expect_clean(ended);
  EXPECT_TRUE(folder_.report().balances());
  EXPECT_EQ(folder_.report().images.saved, hashes.size());
}

TEST_F(TrickyNames, AreNotSentToATerminalWhenTheyFail) {
  (void)serve_links();
  for (std::size_t i = 0; i < tricky_links().size(); i += 2) {
    site_.respond("?" + std::to_string(i),
                  Response{.raw = "HTTP/1.1 404 \x1b[31mGone\x07\r\nContent-Length: 0\r\n\r\n"});
  }
  std::vector<std::string> arguments = command("1", {"-v"});
  std::erase(arguments, "--progress");
  std::erase(arguments, "none");
  TerminalRun run(arguments, {.columns = 200, .rows = 50}, {{"NO_COLOR", "1"}});
  EXPECT_EQ(run.wait(), 3) << run.text();
  const ScreenModel& screen = run.screen();
  EXPECT_TRUE(screen.saw_escapes()) << "no view was drawn";
  EXPECT_FALSE(screen.saw_colors());
  EXPECT_EQ(screen.unknown(), "");
  std::string shown = screen.history();
  std::erase(shown, '\n');
  EXPECT_FALSE(has_control_bytes(shown)) << shown;
  expect_clean({});
}

TEST_F(HostileSite, ControlCharactersInHeaders) {
  const std::string bad =
      "HTTP/1.1 404 \x1b[31mGone\x07\r\nContent-Type: \x1b]0;pwned\x07\r\nX: \x9b\r\nContent-Length: 0\r\n\r\n";
  const std::string moved = "HTTP/1.1 302 Found\r\nLocation: \x1b[31m://pwned\r\nContent-Length: 0\r\n\r\n";
  site_.respond("/a.png", Response{.raw = bad});
  site_.respond("/b.png", Response{.raw = moved});
  site_.respond("/list/2", Response{.raw = bad});
  site_.respond("/list/3", Response{.raw = moved});
  list(1, {"/a.png", "/b.png"});
  const Ended ended = crawl("1-3", {"-v", "--retries", "0"});
  EXPECT_EQ(ended.status, 3);
  expect_clean(ended);
  EXPECT_EQ(folder_.failures().size(), 4U);
}

TEST_F(HostileSite, ControlCharactersOnTheCommandLine) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"crawl", "--\x1b[31mflag"},
                                                    {"crawl", "--pages", "\x1b[31m"},
                                                    {"\x1b[31m"},
                                                    {"crawl", "http://\x1b[31m/{page}"},
                                                    {"crawl", site_.url("/{page}"), "--xpath", "//\x1b[31m["}}) {
    const Ended ended = run_doutu(arguments, temporary_.path().string());
    EXPECT_EQ(ended.status, 2);
    EXPECT_FALSE(has_control_bytes(ended.err)) << ended.err;
  }
}

}  // namespace
}  // namespace doutu
