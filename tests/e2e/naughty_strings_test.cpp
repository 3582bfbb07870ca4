// The list of naughty strings, each as a part of image URLs, as a host, as text beside an image, as what a server says,
// and passwords in URLs: nothing of them moves a cursor, breaks a line, leaves the folder or shows a password.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "shared/base/escape.h"
#include "tests/conformance/conformance_data.h"
#include "tests/e2e/control_bytes.h"
#include "tests/e2e/crawl_fixture.h"
#include "tests/site/own_network.h"
#include "tests/site/terminal_run.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSecret = "OpenSesame";

/// As the value of an attribute in double quotes.
std::string attribute(const std::string& text) {
  std::string value;
  for (const char c : text) value += c == '"' ? "&quot;" : c == '&' ? "&amp;" : std::string(1, c);
  return value;
}

std::string img(const std::string& url, const std::string& alt) {
  return "<img referrerpolicy=\"no-referrer\" alt=\"" + attribute(alt) + "\" data-original=\"" + attribute(url) +
         "\">\n";
}

/// Without line breaks, which a header cannot have.
std::string one_line(std::string text) {
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  return text;
}

/// A site whose every page has the strings in another place.
class NaughtySite {
 public:
  explicit NaughtySite(const std::vector<std::string>& strings) {
    for (std::size_t i = 0; i < strings.size(); ++i) add(std::to_string(i), strings[i]);
    for (const char* url : {"http://me:%@[/x.png", "//me:%@ho st/x.png", "http://me:a/%@host.test/x.png",
                            "ftp://me:%@h/x.png", "http://me:%@127.0.0.1:PORT/none.png", "https:\\\\me:%@[::1/x.png"}) {
      std::string written = url;
      written.replace(written.find('%'), 1, kSecret);
      if (const auto at = written.find("PORT"); at != std::string::npos)
        written.replace(at, 4, std::to_string(site_.port()));
      pages_[0] += img(written, "");
    }
    for (std::size_t i = 0; i < pages_.size(); ++i) site_.page("/list/" + std::to_string(i + 1), pages_[i]);
  }

  /// With a password that every request to it has.
  [[nodiscard]] std::string page_url() const {
    return fmt::format("http://me:{}@127.0.0.1:{}/list/{{page}}", kSecret, site_.port());
  }
  [[nodiscard]] std::size_t pages() const { return pages_.size(); }

 private:
  void add(const std::string& number, const std::string& text) {
    image_at("?" + number);
    pages_[0] += img("/" + text + "?" + number, text);
    image_at("/query/" + number + ".png?" + text);
    pages_[1] += img("/query/" + number + ".png?" + text, text);
    site_.respond("/said/" + number + ".png", Response{.raw = answer(number, one_line(text))});
    pages_[2] += img("/said/" + number + ".png", text);
    pages_[3] += img("http://" + text + "/" + number + ".png", text);
    pages_[4] += img(text, text);
  }

  void image_at(const std::string& path) { site_.file(path, small_image(++images_)); }

  /// Every other one fails under what it says, for the log.
  std::string answer(const std::string& number, const std::string& said) {
    const std::string body = small_image(++images_);
    const bool good = std::stoul(number) % 2 == 0;
    return fmt::format(
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Disposition: attachment; filename=\"{}\"\r\nX: {}\r\n{}"
        "Content-Length: {}\r\n\r\n{}",
        good ? "200" : "404", said, said, said, said, good ? "" : "Retry-After: " + said + "\r\n", body.size(), body);
  }

  TestSite site_;
  std::array<std::string, 5> pages_;
  std::uint64_t images_ = 0;
};

class NaughtyStrings : public CrawlTest {
 protected:
  static void expect_clean(const std::string& name, const std::string& text) {
    EXPECT_FALSE(has_control_bytes(text)) << name;
    EXPECT_EQ(text.find(kSecret), std::string::npos) << name << " shows a password";
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      ASSERT_EQ(escape_for_terminal(line, line.size()), line) << name;
    }
  }

  /// A line is a record, and a record is a line.
  void expect_records() const {
    std::istringstream failures(read_file(folder_.state("failures.jsonl")));
    for (std::string line; std::getline(failures, line);) ASSERT_TRUE(nlohmann::json::accept(line)) << line;
    std::istringstream log(read_file(folder_.state("crawl.log")));
    for (std::string line; std::getline(log, line);)
      ASSERT_TRUE(line.starts_with("20")) << "no time in front: " << line;
  }

  void expect_files_in_place() const {
    for (const auto& entry : fs::directory_iterator(temporary_.path())) EXPECT_EQ(entry.path().filename(), "out");
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      const std::string name = entry.path().filename().string();
      if (name == ".doutu") continue;
      EXPECT_TRUE(entry.is_regular_file()) << name;
      expect_clean("a file name", name);
    }
  }
};

TEST_F(NaughtyStrings, EverywhereInOneCrawl) {
  const auto suite = conformance_folder("naughty-strings");
  if (!suite) GTEST_SKIP() << kNoConformanceData;
  const std::vector<std::string> strings = read_conformance_json(*suite / "blns.json");
  ASSERT_GE(strings.size(), 500U) << "the data has shrunk";
  const auto problem = in_own_network([&] {
    const NameServer nobody({});
    const NaughtySite site(strings);
    TerminalRun run(
        {"crawl", site.page_url(), "--pages", "1-" + std::to_string(site.pages()), "--xpath", std::string(kMemeXpath),
         "--directory", folder_.path(), "--retries", "0", "-v", "--connect-timeout", "2"},
        {.columns = 200, .rows = 50}, {{"NO_COLOR", "1"}});
    EXPECT_EQ(run.wait(std::chrono::seconds(120)), 3) << run.text();
    EXPECT_EQ(run.screen().unknown(), "");
    expect_clean("the terminal", run.screen().history());
    for (const char* name : {"crawl.log", "report.json", "failures.jsonl", "status.json"}) {
      expect_clean(name, read_file(folder_.state(name)));
    }
    for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--json"}}) {
      std::vector<std::string> status = {"status", folder_.path()};
      status.insert(status.end(), more.begin(), more.end());
      const Ended said = run_doutu(status);
      expect_clean("doutu status", said.out + said.err);
    }
    expect_records();
    expect_files_in_place();
    const ReportFile report = folder_.report();
    EXPECT_TRUE(report.balances());
    EXPECT_EQ(report.pages.done, site.pages());
    std::string causes;
    for (const auto& [cause, count] : report.failures) causes += fmt::format(" {} {}", cause, count);
    fmt::print("{} strings, {} images found: {} saved, {} met again, {} skipped, {} failed:{}\n", strings.size(),
               report.images.found, report.images.saved + report.images.duplicate, report.images.repeated,
               report.images.skipped, report.images.failed, causes);
  });
  if (problem) GTEST_SKIP() << *problem;
}

}  // namespace
}  // namespace doutu
