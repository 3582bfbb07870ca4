// Servers with every fault, each met as an image and as a page: every one ends under its name, nothing wrong is saved,
// and the job balances. Judged by what the server was asked for and by what is in the folder.
#include "tests/site/server_faults.h"

#include <curl/curl.h>
#include <sys/resource.h>

#include <fmt/format.h>

#include <algorithm>

#include "tests/downloader/check/small_gif.h"
#include "tests/e2e/crawl_fixture.h"
#include "tests/shared/http/raw_server.h"

namespace doutu {
namespace {

/// libcurl 7.88 takes a page in a transfer coding that nobody knows as it is. 8.14 refuses it (RFC 9112 section 6.1).
std::vector<Fault> page_faults() {
  std::vector<Fault> faults = all_faults();
  if (curl_version_info(CURLVERSION_NOW)->version_num < 0x08'00'00) return faults;
  std::ranges::find(faults, "transfer-coding-that-nobody-knows", &Fault::name)->page = {"bad-response", 2};
  return faults;
}

class Faults : public CrawlTest {
 protected:
  /// The fault's answers at path, and its good answer elsewhere.
  void serve(const Fault& fault, const std::string& path, Good good) {
    site_.respond(good.elsewhere, Response{.headers = {{"Content-Type", good.type}}, .body = good.body});
    site_.respond(path, fault.answers(good));
  }

  void expect_outcome(const Fault& fault, const Ends& ends, const std::string& path) {
    SCOPED_TRACE("the fault " + fault.name + " at " + path);
    const bool failed = ends.as != kHad && ends.as != kEmpty;
    const std::string listed = failed ? ends.as : ends.as == kEmpty ? "no-images" : "not listed";
    const auto failures = folder_.failures();
    const auto failure = std::find_if(failures.begin(), failures.end(),
                                      [&](const FailureLine& line) { return line.url == site_.url(path); });
    EXPECT_EQ(failure == failures.end() ? "not listed" : failure->cause, listed);
    if (failed && failure != failures.end()) {
      EXPECT_EQ(static_cast<std::size_t>(failure->attempts), ends.attempts);
    }
    EXPECT_EQ(site_.count(path), ends.attempts * fault.requests);
  }

  /// No program took more memory at its largest than all is meant to take; this test's own size is the least that
  /// getrusage() tells.
  static void expect_little_memory() {
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    EXPECT_LT(usage.ru_maxrss, kPatience * (256L << 10)) << "KiB";
    RecordProperty("largest_process_kib", std::to_string(usage.ru_maxrss));
  }

  Ended crawl_faults(const std::string& pages) const {
    const std::string patience = kPatience == 1 ? "2" : "10";
    const std::string longest = kPatience == 1 ? "10" : "40";  // What is slow stalls before.
    return crawl(pages, {"--retries", "1", "--speed-time", patience, "--page-timeout", patience, "--max-time", longest,
                         "--downloaders", "40", "--fetchers", "12"});
  }
};

TEST_F(Faults, OfImages) {
  std::vector<std::string> urls;
  std::map<std::string, std::string> images;
  std::vector<Fault> faults;
  for (const Fault& fault : all_faults()) {
    if (fault.image.as == kNotTried) continue;
    faults.push_back(fault);
    const std::string name = fault.name + ".png";
    const std::string image = small_image(faults.size());
    serve(fault, "/fault/" + name, {"image/png", image, "/elsewhere/" + name});
    urls.push_back("/fault/" + name);
    if (fault.image.as == kHad) images[name] = sha256(image);
  }
  list(1, urls);
  const Ended ended = crawl_faults("1");
  EXPECT_EQ(ended.status, 3) << ended.err;
  for (const Fault& fault : faults) expect_outcome(fault, fault.image, "/fault/" + fault.name + ".png");
  EXPECT_EQ(folder_.images(), images);
  const ReportFile report = folder_.report();
  EXPECT_TRUE(report.balances());
  expect_little_memory();
  EXPECT_EQ(
      report.images,
      (ReportFile::Images{.found = faults.size(), .saved = images.size(), .failed = faults.size() - images.size()}));
}

TEST_F(Faults, OfPages) {
  std::map<std::string, std::string> images;
  std::vector<Fault> faults;
  std::uint64_t empty = 0;
  for (const Fault& fault : page_faults()) {
    if (fault.page.as == kNotTried) continue;
    faults.push_back(fault);
    const std::string name = fault.name + ".png";
    const std::string hash = image("/" + name, faults.size());
    serve(fault, "/list/" + std::to_string(faults.size()),
          {"text/html", list_page({"/" + name}), "/elsewhere/" + std::to_string(faults.size())});
    if (fault.page.as == kHad) images[name] = hash;
    if (fault.page.as == kEmpty) ++empty;
  }
  const Ended ended = crawl_faults("1-" + std::to_string(faults.size()));
  EXPECT_EQ(ended.status, 3) << ended.err;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    expect_outcome(faults[i], faults[i].page, "/list/" + std::to_string(i + 1));
  }
  EXPECT_EQ(folder_.images(), images);
  const ReportFile report = folder_.report();
  EXPECT_TRUE(report.balances());
  expect_little_memory();
  EXPECT_EQ(report.pages.done, images.size());
  EXPECT_EQ(report.pages.empty, empty);
  EXPECT_EQ(report.pages.failed, faults.size() - images.size() - empty);
  EXPECT_EQ(report.images, (ReportFile::Images{.found = images.size(), .saved = images.size()}));
}

/// A small answer, and what it ends with when the server closes the connection after so many bytes of it.
class Closing : public CrawlTest {
 protected:
  /// "/7.png" and "/list/7" get the first seven bytes, one request for each connection; "/list/0" the page with all
  /// images.
  RawAnswer answer(const std::string& request) const {
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    const std::size_t bytes = std::stoul(path.substr(path.rfind('/') + 1));
    if (path == "/list/9999") return {http_answer(page_of_all())};
    return {(path.starts_with("/list/") ? page_ : image_).substr(0, bytes)};
  }

  [[nodiscard]] std::string page_of_all() const {
    std::vector<std::string> urls;
    for (std::size_t i = 0; i <= image_.size(); ++i) urls.push_back("/" + std::to_string(i) + ".gif");
    return list_page(urls);
  }

  /// Every one failed under a name; how many there are of each.
  std::map<std::string, std::size_t> failures(const RawServer& server, const std::string& pages) const {
    const Ended ended = run_doutu({"crawl", server.url("/list/{page}"), "--pages", pages, "--xpath",
                                   std::string(kMemeXpath), "--directory", folder_.path(), "--progress", "none",
                                   "--retries", "0", "--outage-wait", "0", "--downloaders", "30"});
    EXPECT_EQ(ended.status, 3) << ended.err;
    EXPECT_TRUE(folder_.report().balances());
    std::map<std::string, std::size_t> causes;
    for (const FailureLine& failure : folder_.failures()) ++causes[failure.cause];
    return causes;
  }

  const std::string image_ = http_answer(small_gif(43));
  const std::string page_ = http_answer("<img referrerpolicy='no-referrer' data-original='data:,x'>");
};

TEST_F(Closing, AfterEveryByteOfAnImage) {
  const RawServer server([this](const std::string& request) { return answer(request); });
  const auto causes = failures(server, "9999");
  // Within the status line, and behind it.
  const std::size_t line = image_.find("\r\n") + 2;
  EXPECT_EQ(causes,
            (std::map<std::string, std::size_t>{{"connection-lost", line}, {"truncated", image_.size() - line}}));
  EXPECT_EQ(folder_.images(),
            (std::map<std::string, std::string>{{std::to_string(image_.size()) + ".gif", sha256(small_gif(43))}}));
}

TEST_F(Closing, AfterEveryByteOfAPage) {
  const RawServer server([this](const std::string& request) { return answer(request); });
  const auto causes = failures(server, "0-" + std::to_string(page_.size()));
  const std::size_t line = page_.find("\r\n") + 2;
  EXPECT_EQ(causes, (std::map<std::string, std::size_t>{
                        {"connection-lost", line}, {"truncated", page_.size() - line}, {"not-an-image", 1}}));
  EXPECT_EQ(folder_.report().pages.failed, page_.size());
}

TEST_F(Faults, AnAnswerBeforeTheRequestIsTheAnswer) {
  const RawServer hasty([](const std::string&) { return RawAnswer{.bytes = "", .then = RawAnswer::Then::keep_alive}; },
                        http_answer(small_image(5)));
  list(1, {hasty.url("/a.png")});
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(folder_.images(), (std::map<std::string, std::string>{{"a.png", sha256(small_image(5))}}));
}

}  // namespace
}  // namespace doutu
