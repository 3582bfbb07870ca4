// HTTP/2 over TLS, with a server that keeps to it or does not, and certificates that are trusted or not.

#include <curl/curl.h>

#include <algorithm>

#include "tests/e2e/crawl_fixture.h"
#include "tests/site/h2_site.h"

namespace doutu {
namespace {

using Ending = H2Answer::Ending;
constexpr H2Then kEnds = H2Then::stream_ends;

// RFC 9113 section 7.
constexpr std::uint32_t kNoError = 0;
constexpr std::uint32_t kInternalError = 2;
constexpr std::uint32_t kRefusedStream = 7;
constexpr std::uint32_t kCancel = 8;

struct H2Fault {
  std::string name;
  std::vector<H2Answer> answers;
  std::string cause;  ///< Empty: it is had.
  std::size_t attempts = 1;
};

H2Answer whole(const std::string& body) {
  return {.frames = {h2_head(std::to_string(body.size())), h2_data(body, kEnds)}};
}

/// The header and half of the body, then these frames.
H2Answer begun(const std::string& body, const std::vector<H2Frame>& then, Ending ending = Ending::keep_alive) {
  H2Answer answer{.frames = {h2_head(std::to_string(body.size())), h2_data(body.substr(0, body.size() / 2))},
                  .ending = ending};
  answer.frames.insert(answer.frames.end(), then.begin(), then.end());
  return answer;
}

/// What an HTTP/2 server may do, and how a crawl with `--retries 1` ends with it. The first nine are met as pages too.
std::vector<H2Fault> h2_faults(const std::string& body) {
  const H2Frame push_promise{.type = 5, .payload = "nobody may promise this"};
  // A connection that ends in the middle of a body is a part to libcurl 7.88, and a lost connection to 8.14.
  const bool is_lost = curl_version_info(CURLVERSION_NOW)->version_num >= 0x08'00'00;
  const std::string dropped = is_lost ? "connection-lost" : "truncated";
  const auto rest = [&](H2Then then) { return h2_data(body.substr(body.size() / 2), then); };
  return {
      {"whole", {whole(body)}, ""},
      {"whole, with an empty last frame", {begun(body, {rest(H2Then::stream_goes_on), h2_data("", kEnds)})}, ""},
      {"without a length", {{.frames = {h2_head(""), h2_data(body, kEnds)}}}, ""},
      {"ends before its length", {begun(body, {h2_data("", kEnds)})}, "truncated", 2},
      {"reset in the body", {begun(body, {h2_reset(kInternalError)})}, "truncated", 2},
      {"goaway in the body", {begun(body, {h2_goaway(kNoError, 0x7fffffff), rest(kEnds)})}, ""},
      {"dropped in the body", {begun(body, {}, Ending::drop)}, dropped, 2},
      {"half, then whole", {begun(body, {h2_data("", kEnds)}), whole(body)}, "", 2},
      {"stalls in the body", {begun(body, {})}, "stalled", 2},

      {"goes on beyond its length", {{.frames = {h2_head("10"), h2_data(body, kEnds)}}}, "truncated", 2},
      {"reset without error in the body", {begun(body, {h2_reset(kNoError)})}, "truncated", 2},
      {"cancelled in the body", {begun(body, {h2_reset(kCancel)})}, "truncated", 2},
      {"goaway with error in the body", {begun(body, {h2_goaway(kInternalError, 0)}, Ending::drop)}, dropped, 2},
      {"a frame that may not be", {begun(body, {push_promise})}, "truncated", 2},
      {"refused, then whole", {{.frames = {h2_reset(kRefusedStream)}}, whole(body)}, "", 2},
      {"reset before the header", {{.frames = {h2_reset(kInternalError)}}}, "truncated", 2},
      {"no answer", {{.frames = {}}}, "stalled", 2},
      {"empty", {{.frames = {h2_head("0", kEnds)}}}, "empty-body", 2},
      {"a petabyte", {{.frames = {h2_head("1000000000000000"), h2_data(body)}}}, "too-large"},
  };
}

/// As an H2Site can read it.
std::string path_of(std::size_t fault) { return "/" + std::string(1 + fault / 9, 'X') + std::to_string(1 + fault % 9); }

class Https : public CrawlTest {
 protected:
  std::string certificate_file() {
    write_file(temporary_ / "ca.pem", h2_.certificate().pem());
    return temporary_ / "ca.pem";
  }

  [[nodiscard]] std::set<std::string> saved() const {
    std::set<std::string> hashes;
    for (const auto& [name, hash] : folder_.images()) hashes.insert(hash);
    return hashes;
  }

  void expect_outcome(const H2Fault& fault, std::size_t place, const std::string& cause) {
    SCOPED_TRACE("the fault: " + fault.name);
    const auto causes = folder_.causes();
    const auto found = causes.find(h2_.url(path_of(place)));
    EXPECT_EQ(found == causes.end() ? "" : found->second, cause);
    EXPECT_EQ(h2_.count(path_of(place)), fault.attempts);
  }

  H2Site h2_;
};

TEST_F(Https, ImagesOverHttp2) {
  std::vector<std::string> urls;
  std::set<std::string> hashes;
  std::vector<H2Fault> faults;
  for (std::size_t i = 0; i < h2_faults("").size(); ++i) {
    const std::string body = small_image(i + 1);
    faults.push_back(h2_faults(body)[i]);
    h2_.respond(path_of(i), faults[i].answers);
    urls.push_back(h2_.url(path_of(i)));
    if (faults[i].cause.empty()) hashes.insert(sha256(body));
  }
  list(1, urls);
  // One after the other: a connection that breaks takes all its streams with it.
  const Ended ended = crawl("1", {"-k", "--downloaders", "1", "--threads", "1", "--retries", "1", "--speed-time", "1"});
  EXPECT_EQ(ended.status, 3) << ended.err;
  for (std::size_t i = 0; i < faults.size(); ++i) expect_outcome(faults[i], i, faults[i].cause);
  EXPECT_EQ(saved(), hashes);
  EXPECT_TRUE(folder_.report().balances());
}

TEST_F(Https, PagesOverHttp2) {
  std::set<std::string> hashes;
  std::vector<H2Fault> faults;
  for (std::size_t i = 0; i < 9; ++i) {
    const std::string path = "/" + std::to_string(i) + ".png";
    const std::string hash = image(path, i);
    faults.push_back(h2_faults(list_page({site_.url(path)}))[i]);
    h2_.respond(path_of(i), faults[i].answers);
    if (faults[i].cause.empty()) hashes.insert(hash);
  }
  const Ended ended = run_doutu({"crawl", h2_.url("/X{page}"), "--pages", "1-9", "--xpath", std::string(kMemeXpath),
                                 "--directory", folder_.path(), "--progress", "none", "--retry-wait", "0.05",
                                 "--retries", "1", "--page-timeout", "2", "--cacert", certificate_file()});
  EXPECT_EQ(ended.status, 3) << ended.err;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    expect_outcome(faults[i], i, faults[i].cause == "stalled" ? "timeout" : faults[i].cause);
  }
  EXPECT_EQ(saved(), hashes);
  EXPECT_TRUE(folder_.report().balances());
}

TEST_F(Https, TrustsNoCertificateThatNobodySigned) {
  h2_.respond("/X1", {whole(small_image(1))});
  list(1, {h2_.url("/X1")});
  EXPECT_EQ(crawl("1", {"--retries", "1"}).status, 3);
  EXPECT_EQ(folder_.causes(), (std::map<std::string, std::string>{{h2_.url("/X1"), "tls-unknown-issuer"}}));
  EXPECT_EQ(folder_.failures()[0].attempts, 1);
  EXPECT_EQ(h2_.count("/X1"), 0U);

  EXPECT_EQ(run_doutu({"crawl", h2_.url("/X{page}"), "--pages", "1", "--directory", folder_.path()}).status, 3);
  EXPECT_EQ(folder_.causes(), (std::map<std::string, std::string>{{h2_.url("/X1"), "tls-unknown-issuer"}}));
  EXPECT_EQ(folder_.failures()[0].page, 1U);
  EXPECT_TRUE(folder_.report().balances());
  EXPECT_EQ(h2_.count("/X1"), 0U);
}

TEST_F(Https, NamesTheServerWithTheCertificateWhereARedirectLed) {
  const Response away{.status = 302, .headers = {{"Location", h2_.url("/X1")}}};
  site_.respond("/list/1", away);
  site_.respond("/a.png", away);
  list(2, {"/a.png"});
  const Ended ended = crawl("1-2", {"--allow-private"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_NE(ended.err.find("page failed: " + site_.url("/list/1") + ", redirected to " + h2_.url("/X1") +
                           ": the server's certificate is self-signed"),
            std::string::npos)
      << ended.err;
  EXPECT_NE(ended.out.find(site_.url("/list/1") + "\n            redirected to " + h2_.url("/X1") + "\n"),
            std::string::npos)
      << ended.out;
  const auto failures = folder_.failures();
  ASSERT_EQ(failures.size(), 2U);
  for (const auto& failure : failures) EXPECT_EQ(failure.final_url, h2_.url("/X1")) << failure.url;
}

TEST_F(Https, TrustsNoCertificateOfAnotherTimeOrName) {
  std::map<std::string, std::string> causes;
  std::vector<std::string> urls = {"/good.png"};
  std::string trusted;
  std::vector<std::unique_ptr<H2Site>> sites;
  for (const auto kind : {Certificate::Kind::expired, Certificate::Kind::not_yet, Certificate::Kind::other_name}) {
    sites.push_back(std::make_unique<H2Site>(kind));
    trusted += sites.back()->certificate().pem();
    urls.push_back(sites.back()->url("/X1"));
    causes[urls.back()] = kind == Certificate::Kind::other_name ? "tls-wrong-name" : "tls-expired";
  }
  write_file(temporary_ / "all.pem", trusted);
  image("/good.png", 1);
  list(1, urls);
  EXPECT_EQ(crawl("1", {"--cacert", temporary_ / "all.pem", "--retries", "1"}).status, 3);
  EXPECT_EQ(folder_.causes(), causes);
  EXPECT_EQ(saved(), std::set<std::string>{sha256(small_image(1))});
  for (const auto& site : sites) EXPECT_EQ(site->count("/X1"), 0U);
}

TEST_F(Https, TrustsTheCertificateThatTheUserNames) {
  h2_.respond("/X1", {whole(small_image(1))});
  list(1, {h2_.url("/X1")});
  EXPECT_EQ(crawl("1", {"--cacert", certificate_file()}).status, 0);
  EXPECT_EQ(saved(), std::set<std::string>{sha256(small_image(1))});
}

TEST_F(Https, IsNotLedFromHttpsToHttpUnlessItIsAllOneToTheUser) {
  image("/a.png", 1);
  site_.page("/list/2", list_page({"/a.png"}));
  h2_.respond("/X1", {{.frames = {h2_redirect(site_.url("/a.png"))}}});
  h2_.respond("/X2", {{.frames = {h2_redirect(site_.url("/list/2"))}}});
  list(1, {h2_.url("/X1")});
  EXPECT_EQ(crawl("1", {"--cacert", certificate_file()}).status, 3);
  EXPECT_EQ(folder_.causes(), (std::map<std::string, std::string>{{h2_.url("/X1"), "insecure-redirect"}}));
  const std::vector<std::string> pages = {"crawl",   h2_.url("/X{page}"),     "--pages",     "2",
                                          "--xpath", std::string(kMemeXpath), "--directory", folder_.path()};
  std::vector<std::string> trusting = pages;
  trusting.insert(trusting.end(), {"--cacert", certificate_file()});
  EXPECT_EQ(run_doutu(trusting).status, 3);
  EXPECT_EQ(folder_.causes(), (std::map<std::string, std::string>{{h2_.url("/X2"), "insecure-redirect"}}));
  EXPECT_EQ(site_.count("/a.png") + site_.count("/list/2"), 0U);

  EXPECT_EQ(crawl("1", {"-k"}).status, 0);
  std::vector<std::string> careless = pages;
  careless.emplace_back("-k");
  EXPECT_EQ(run_doutu(careless).status, 0);
  EXPECT_EQ(site_.count("/a.png"), 2U);
  EXPECT_EQ(site_.count("/list/2"), 1U);
}

TEST_F(Https, WantsACertificateInTheFileThatTheUserNames) {
  list(1, {h2_.url("/X1")});
  write_file(temporary_ / "empty.pem", "no certificate\n");
  const Ended ended = crawl("1", {"--cacert", temporary_ / "empty.pem"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_NE(ended.err.find("--cacert: \"" + (temporary_ / "empty.pem") + "\" contains no PEM certificate"),
            std::string::npos)
      << ended.err;
  EXPECT_EQ(crawl("1", {"--cacert", temporary_.path()}).status, 2) << "a folder";
}

TEST_F(Https, TrustsAnotherCertificateForNothing) {
  h2_.respond("/X1", {whole(small_image(1))});
  write_file(temporary_ / "other.pem", Certificate().pem());
  list(1, {h2_.url("/X1")});
  EXPECT_EQ(crawl("1", {"--cacert", temporary_ / "other.pem"}).status, 3);
  EXPECT_EQ(folder_.causes(), (std::map<std::string, std::string>{{h2_.url("/X1"), "tls-unknown-issuer"}}));
}

}  // namespace
}  // namespace doutu
