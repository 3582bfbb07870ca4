// Several hundred bad answers, each met as an image and as a page, by a handle that is fresh and by one that has a
// past, alone on its connection and between good answers: none kills a process, every one ends under its name, and no
// good image is lost or mixed up.
#include "tests/e2e/bad_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "shared/http/http_client.h"
#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

using Then = RawAnswer::Then;

enum class Which { begin_folded, others };
enum class Pace { one_after_the_other, many_at_once };

/// Those that kill on a handle with a past are met many times: what such a handle has in it differs.
std::vector<BadAnswer> answers_that(Which which) {
  std::vector<BadAnswer> answers;
  for (const BadAnswer& answer : all_bad_answers()) {
    if (begins_folded(answer) != (which == Which::begin_folded)) continue;
    const int rounds = which == Which::begin_folded ? 25 : 1;
    for (int i = 0; i < rounds; ++i) answers.push_back(answer);
  }
  return answers;
}

/// An image that is saved with other bytes: never right.
constexpr const char* kMixedUp = "mixed up";

bool is_failure(const std::string& outcome) { return outcome != kGood && outcome != kEmpty; }

bool fits(const std::string& outcome, const std::string& expected) {
  for (const char* never : {kMixedUp, "internal-error", "image-kills-downloader", "page-kills-fetcher"}) {
    if (outcome == never) return false;
  }
  if (expected == kEither) return true;
  return expected == kFails ? is_failure(outcome) : outcome == expected;
}

/// "/good/7.png" and "/list/14" are good; "/bad/7" and "/list/15" are the seventh bad answer, "/elsewhere/7" what it
/// should have been. "/list/999999999" is a page with all images.
class BadSite {
 public:
  enum class Are { images, pages };

  BadSite(std::vector<BadAnswer> answers, Are are, Then good_ones)
      : answers_(std::move(answers)),
        are_(are),
        good_ones_(good_ones),
        server_([this](const std::string& request) { return answer(request); }) {}

  [[nodiscard]] const std::vector<BadAnswer>& answers() const { return answers_; }
  [[nodiscard]] std::string url(const std::string& path) const { return server_.url(path); }
  [[nodiscard]] static std::string path_of_bad_page(std::size_t i) { return "/list/" + std::to_string(2 * i + 1); }
  [[nodiscard]] static std::string bad_path(std::size_t i) { return "/bad/" + std::to_string(i); }

  /// What a good answer in place of the bad one brings, in the end.
  [[nodiscard]] static std::string bad_image(std::size_t i) { return small_image(1'000'000 + i); }
  [[nodiscard]] static std::string good_image(std::size_t i) { return small_image(i); }

 private:
  [[nodiscard]] static std::string good_path(std::size_t i) { return "/good/" + std::to_string(i) + ".png"; }

  [[nodiscard]] std::string page_of_all() const {
    std::vector<std::string> urls;
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      urls.push_back(good_path(i));
      urls.push_back(bad_path(i));
    }
    urls.push_back(good_path(answers_.size()));
    return list_page(urls);
  }

  [[nodiscard]] RawAnswer good(const std::string& body) const {
    const bool closes = good_ones_ == Then::close;
    return {http_answer(body, closes ? "Connection: close\r\n" : ""), good_ones_};
  }

  /// The body that belongs to the bad answer.
  [[nodiscard]] std::string body_of(std::size_t i) const {
    return are_ == Are::images ? bad_image(i) : list_page({fmt::format("/of-page/{}.png", i)});
  }

  [[nodiscard]] RawAnswer bad(std::size_t i, const std::string& path) const {
    const std::string host = server_.url("").substr(std::string("http://").size());
    const GoodAnswer good{are_ == Are::images ? "image/png" : "text/html", body_of(i), server_.url(path),
                          fmt::format("/elsewhere/{}", i), host};
    return {filled(answers_[i].bytes, good), answers_[i].then};
  }

  [[nodiscard]] RawAnswer answer(const std::string& request) const {
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    const auto number = [&](const std::string& under) -> std::optional<std::size_t> {
      if (!path.starts_with(under)) return std::nullopt;
      return std::strtoul(path.c_str() + under.size(), nullptr, 10);
    };
    if (path == "/list/999999999") return good(page_of_all());
    if (const auto i = number("/good/")) return good(good_image(*i));
    if (const auto i = number("/bad/"); i && path == bad_path(*i)) return bad(*i, path);
    if (const auto i = number("/elsewhere/"); i && *i < answers_.size()) return good(body_of(*i));
    if (const auto i = number("/of-page/")) return good(bad_image(*i));
    if (const auto i = number("/list/"); i && path == "/list/" + std::to_string(*i))
      return *i % 2 == 0 ? good(list_page({good_path(*i / 2)})) : bad(*i / 2, path);
    return {http_answer("", "", "404 Not Found"), Then::keep_alive};
  }

  const std::vector<BadAnswer> answers_;
  const Are are_;
  const Then good_ones_;
  const RawServer server_;
};

struct Case {
  Which which;
  Pace pace;
};

std::string name_of(const testing::TestParamInfo<Case>& info) {
  const std::string which = info.param.which == Which::begin_folded ? "Folded" : "Others";
  return which + (info.param.pace == Pace::one_after_the_other ? "OneAfterTheOther" : "ManyAtOnce");
}

class BadAnswers : public CrawlTest, public testing::WithParamInterface<Case> {
 protected:
  [[nodiscard]] static BadSite site_of(BadSite::Are are) {
    const Then good_ones = GetParam().pace == Pace::one_after_the_other ? Then::keep_alive : Then::close;
    return {answers_that(GetParam().which), are, good_ones};
  }

  /// One after the other, each has one attempt.
  void crawl_site(const BadSite& site, const std::string& pages) {
    const bool alone = GetParam().pace == Pace::one_after_the_other;
    CrawlRun run({"crawl", site.url("/list/{page}"), "--pages", pages, "--xpath", std::string(kMemeXpath),
                  "--directory", folder_.path(), "--progress", "none", "--fetchers", alone ? "1" : "4", "--downloaders",
                  alone ? "1" : "64", "--threads", alone ? "1" : "4", "--retries", alone ? "0" : "2", "--retry-wait",
                  "0.01",
                  // For answers that leave it open whether more comes.
                  "--speed-time", "1", "--page-timeout", "3"});
    const Ended ended = run.wait(std::chrono::seconds(60 * kPatience));
    EXPECT_EQ(ended.status, 3) << ended.err;
    causes_ = folder_.causes();
    for (const auto& [name, hash] : folder_.images()) saved_.insert(hash);
  }

  /// How it ended at url, if image is what a good answer would have brought, and without a failure nothing stands for
  /// that it is not there.
  [[nodiscard]] std::string outcome(const std::string& url, const std::string& image, const char* nothing) const {
    const auto cause = causes_.find(url);
    if (cause != causes_.end()) return cause->second == "no-images" ? kEmpty : cause->second;
    return saved_.contains(sha256(image)) ? kGood : nothing;
  }

  /// Every good image is there, and nothing that nobody asked for.
  void expect_every_good_image(const BadSite& site) {
    std::set<std::string> asked_for;
    for (std::size_t i = 0; i <= site.answers().size(); ++i) {
      const std::string hash = sha256(BadSite::good_image(i));
      asked_for.insert(hash);
      EXPECT_TRUE(saved_.contains(hash)) << "good image " << i
                                         << " is lost; the answers around it: " << neighbours(site, i);
    }
    for (std::size_t i = 0; i < site.answers().size(); ++i) asked_for.insert(sha256(BadSite::bad_image(i)));
    for (const std::string& hash : saved_) EXPECT_TRUE(asked_for.contains(hash)) << hash << " is nobody's image";
  }

  void expect_no_death() const {
    std::istringstream log(read_file(folder_.state("crawl.log")));
    for (std::string line; std::getline(log, line);) {
      EXPECT_EQ(line.find("starting another"), std::string::npos) << line;
    }
    EXPECT_TRUE(folder_.report().balances());
  }

 private:
  static std::string neighbours(const BadSite& site, std::size_t i) {
    const auto& answers = site.answers();
    return (i > 0 ? answers[i - 1].name : "none") + ", " + (i < answers.size() ? answers[i].name : "none");
  }

  std::map<std::string, std::string> causes_;
  std::set<std::string> saved_;
};

TEST_P(BadAnswers, AsImages) {
  const BadSite site = site_of(BadSite::Are::images);
  crawl_site(site, "999999999");
  for (std::size_t i = 0; i < site.answers().size(); ++i) {
    const BadAnswer& answer = site.answers()[i];
    const std::string ended = outcome(site.url(BadSite::bad_path(i)), BadSite::bad_image(i), kMixedUp);
    EXPECT_TRUE(fits(ended, answer.image)) << answer.name << ": " << ended << ", not " << answer.image;
  }
  expect_every_good_image(site);
  expect_no_death();
}

TEST_P(BadAnswers, AsPages) {
  const BadSite site = site_of(BadSite::Are::pages);
  crawl_site(site, fmt::format("0-{}", 2 * site.answers().size()));
  for (std::size_t i = 0; i < site.answers().size(); ++i) {
    const BadAnswer& answer = site.answers()[i];
    const std::string ended = outcome(site.url(BadSite::path_of_bad_page(i)), BadSite::bad_image(i), kEmpty);
    EXPECT_TRUE(fits(ended, answer.page)) << answer.name << ": " << ended << ", not " << answer.page;
  }
  expect_every_good_image(site);
  expect_no_death();
}

INSTANTIATE_TEST_SUITE_P(All, BadAnswers,
                         testing::Values(Case{Which::begin_folded, Pace::one_after_the_other},
                                         Case{Which::begin_folded, Pace::many_at_once},
                                         Case{Which::others, Pace::one_after_the_other},
                                         Case{Which::others, Pace::many_at_once}),
                         name_of);

class ClaimsOfHttp2 : public CrawlTest {};

/// libcurl 7.88 believes a status line of HTTP/2.0 over HTTP/1.1, and then sends the next request while the answer to
/// the one before it is still to come.
TEST_F(ClaimsOfHttp2, MixNoImagesUp) {
  constexpr int kImages = 400;
  std::map<std::string, std::string> hashes;
  std::vector<std::string> urls;
  for (int i = 0; i < kImages; ++i) {
    const std::string name = std::to_string(i) + ".png";
    hashes[name] = sha256(BadSite::good_image(static_cast<std::size_t>(i)));
    urls.push_back("/" + name);
  }
  const RawServer server([&](const std::string& request) -> RawAnswer {
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    if (path == "/list/1") return {http_answer(list_page(urls)), Then::keep_alive};
    std::string answer = http_answer(BadSite::good_image(std::stoul(path.substr(1))));
    return {answer.replace(0, 8, "HTTP/2.0"), Then::keep_alive};
  });
  (void)run_doutu({"crawl", server.url("/list/{page}"), "--pages", "1", "--xpath", std::string(kMemeXpath),
                   "--directory", folder_.path(), "--progress", "none", "--retries", "0", "--speed-time", "1"});
  for (const auto& [name, hash] : folder_.images()) EXPECT_EQ(hash, hashes[name]) << name << " is another image";
  for (const auto& [url, cause] : folder_.causes()) EXPECT_EQ(cause, "bad-response") << url;
  EXPECT_EQ(folder_.images().size() + folder_.failures().size(), hashes.size());
}

TEST(BadAnswersTable, HasSeveralHundredThatDiffer) {
  std::set<std::string> names;
  std::set<std::string> answers;
  for (const BadAnswer& answer : all_bad_answers()) {
    EXPECT_TRUE(names.insert(answer.name).second) << answer.name;
    answers.insert(std::to_string(static_cast<int>(answer.then)) + answer.bytes);
  }
  EXPECT_GE(answers.size(), 900U);
  RecordProperty("answers", static_cast<int>(answers.size()));
}

/// In this process, where curl's own code is at hand for the report.
TEST(BadAnswersTable, HasNoneThatIsAnInternalErrorOnAFreshHandle) {
  init_http();
  const HttpOptions http;
  const std::vector<BadAnswer> answers = all_bad_answers();
  const BadSite site(answers, BadSite::Are::images, Then::close);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const CurlEasy easy(curl_easy_init());
    HeaderLimit header{.max = http.max_header_bytes};
    apply_http_settings(easy.get(), http);
    install_header_limit(easy.get(), header);
    curl_easy_setopt(
        easy.get(), CURLOPT_WRITEFUNCTION,
        +[](char*, std::size_t size, std::size_t count, void*) { return size * count; });
    curl_easy_setopt(easy.get(), CURLOPT_URL, site.url(BadSite::bad_path(i)).c_str());
    curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, 3000L);
    const CURLcode code = curl_easy_perform(easy.get());
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    const Cause cause = cause_of_transfer(easy.get(), code, status, milliseconds::zero(), header.said.data());
    EXPECT_NE(cause, Cause::internal_error)
        << answers[i].name << ": CURLcode " << code << " (" << header.said.data() << "), status " << status;
  }
}

}  // namespace
}  // namespace doutu
