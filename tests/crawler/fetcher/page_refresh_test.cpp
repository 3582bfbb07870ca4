// Pages that lead elsewhere by themselves: Refresh headers and <meta http-equiv=refresh>.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/crawler/fetcher/page_fetcher_fixture.h"

namespace doutu {
namespace {

using testing::SizeIs;

std::string meta(const std::string& content) { return "<meta http-equiv=Refresh content=\"" + content + "\">"; }

class PageRefreshTest : public PageFetcherTest {
 protected:
  /// What a page that says this comes to; /b has an image, /c leads to /c2 and /c2 to /c.
  RecordsOfPage fetch_page(const std::string& page, const std::string& header_lines = "") {
    const RawServer server([&](const std::string& request) {
      const auto is = [&](const std::string& path) { return request.starts_with("GET " + path + " "); };
      if (is("/b")) return RawAnswer{http_answer("<img src=/i.jpg>")};
      if (is("/c")) return RawAnswer{http_answer(meta("0;/c2"))};
      if (is("/c2")) return RawAnswer{http_answer("", "Location: /c\r\n", "302 Found")};
      if (is("/gone")) return RawAnswer{http_answer("", "", "404 Not Found")};
      return RawAnswer{http_answer(page, header_lines)};
    });
    settings_.http.site_origin = server.url("");
    RecordsOfPage seen = fetch(server.url("/a/1"));
    requests_ = server.requests();
    final_url_ = seen.final_url.value_or("");
    if (final_url_.starts_with(server.url(""))) final_url_.erase(0, server.url("").size());
    return seen;
  }
  std::string final_of(const std::string& page, const std::string& header_lines = "") {
    const RecordsOfPage seen = fetch_page(page, header_lines);
    return seen.images.size() == 1 ? final_url_ : "no image at " + final_url_;
  }

  std::vector<std::string> requests_;
  std::string final_url_;
};

TEST_F(PageRefreshTest, AreFollowedAsRedirects) {
  EXPECT_EQ(final_of(meta("0; url=/b")), "/b");
  EXPECT_EQ(final_of(meta("60;'../b'")), "/b");
  EXPECT_EQ(final_of("<base href=/x/>" + meta("5 ../b")), "/b");
  EXPECT_EQ(final_of("<p>", "Refresh: 0; url=/b\r\n"), "/b");
  EXPECT_EQ(final_of(meta("0;/gone"), "Refresh: 0;/b\r\n"), "/b") << "the header comes first";
  EXPECT_EQ(final_of(meta("nonsense") + meta("0;/b") + meta("0;/gone")), "/b");
}

TEST_F(PageRefreshTest, AreNotFollowedFromAPageThatHasWhatIsWanted) {
  EXPECT_EQ(final_of(meta("0;/gone") + "<img src=/x.jpg>"), "/a/1");
}

TEST_F(PageRefreshTest, AreNotFollowedNowhereOrLate) {
  for (const char* content : {"0", "0;", "0;/a/1", "0;1#x", "61;/b", "0;javascript:x()", "0;mailto:x", "x;/b"}) {
    EXPECT_EQ(final_of(meta(content)), "no image at /a/1") << content;
    EXPECT_THAT(requests_, SizeIs(1)) << content;
  }
  EXPECT_EQ(final_of("<noscript>" + meta("0;/b") + "</noscript>"), "no image at /a/1");
  EXPECT_EQ(final_of("<template>" + meta("0;/b") + "</template>"), "no image at /a/1");
}

TEST_F(PageRefreshTest, CountAsRedirects) {
  settings_.http.max_redirects = 5;
  const RecordsOfPage seen = fetch_page(meta("0;/c"));
  EXPECT_EQ(seen.end.cause, Cause::too_many_redirects);
  EXPECT_THAT(requests_, SizeIs(6));
  settings_.http.max_redirects = 0;
  EXPECT_EQ(fetch_page(meta("0;/b")).end.cause, Cause::too_many_redirects);
  EXPECT_THAT(requests_, SizeIs(1));
}

TEST_F(PageRefreshTest, AreJudgedAsRedirects) {
  const RecordsOfPage seen = fetch_page(meta("0;http://10.0.0.1/x"));
  EXPECT_EQ(seen.end.cause, Cause::private_address);
  EXPECT_EQ(final_url_, "http://10.0.0.1/x");
  const RecordsOfPage gone = fetch_page(meta("0;/gone"));
  EXPECT_EQ(gone.end.cause, Cause::http_status);
  EXPECT_EQ(gone.end.http_status, 404);
  EXPECT_EQ(final_url_, "/gone");
}

TEST_F(PageRefreshTest, TakeNoCredentialsToAnotherServer) {
  const RawServer other([](const std::string&) { return RawAnswer{http_answer("<img src=/i.jpg>")}; });
  settings_.http.headers = {"Cookie: secret=1"};
  fetch_page(meta("0;" + other.url("/b")));
  EXPECT_NE(requests_[0].find("secret"), std::string::npos);
  ASSERT_THAT(other.requests(), SizeIs(1));
  EXPECT_EQ(other.requests()[0].find("secret"), std::string::npos);
}

}  // namespace
}  // namespace doutu
