// Sites that want cookies, and sites that would like to have those of others. Each test is a command as a user types
// it; what the site was sent is the judge.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/e2e/typed_commands.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

bool has_cookie(const Hit& hit, const std::string& cookie) {
  return ("; " + hit.header("cookie") + ";").find("; " + cookie + ";") != std::string::npos;
}

Response redirect(const std::string& to, const std::string& cookie) {
  return {.status = 302, .headers = {{"Location", to}, {"Set-Cookie", cookie}}};
}

class CookieJobs : public TypedCommands {
 protected:
  void put_pages(int count, const Headers& headers = {}) {
    for (int page = 1; page <= count; ++page) {
      const std::string number = std::to_string(page);
      image("/img/" + number + ".png", static_cast<std::uint64_t>(page));
      Headers all{{"Content-Type", "text/html"}};
      all.insert(all.end(), headers.begin(), headers.end());
      site_.respond("/" + number, {.headers = all, .body = "<img src=/img/" + number + ".png>"});
    }
  }

  /// Cookie headers of the requests for paths that begin so, in their order.
  [[nodiscard]] std::vector<std::string> cookies_under(std::string_view prefix) const {
    std::vector<std::string> cookies;
    for (const Hit& hit : site_.log()) {
      if (hit.path.starts_with(prefix)) cookies.push_back(hit.header("cookie"));
    }
    return cookies;
  }

  void expect_images(std::size_t count) const { EXPECT_EQ(img_.images().size(), count); }

  /// Files below the folder that have this text.
  [[nodiscard]] std::vector<std::string> files_with(std::string_view text) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(img_.path())) {
      if (entry.is_regular_file() && read_file(entry.path()).find(text) != std::string::npos) {
        names.push_back(entry.path().filename());
      }
    }
    return names;
  }
};

TEST_F(CookieJobs, ARedirectToItselfThatSetsACookieIsNoLoop) {
  put_pages(3);
  site_.decide([](const Hit& hit) -> std::optional<Response> {
    if (has_cookie(hit, "seen=1")) return std::nullopt;
    return redirect(hit.path, "seen=1; path=/");
  });
  EXPECT_EQ(type("doutu crawl 'SITE/{page}' -p 1-3 --xpath //img").status, 0);
  expect_images(3);
  EXPECT_EQ(site_.log().size(), 7U) << "the first page alone is asked for twice";
}

TEST_F(CookieJobs, ARedirectOfAnImageToItselfThatSetsACookieIsNone) {
  put_pages(3);
  site_.decide([](const Hit& hit) -> std::optional<Response> {
    if (!hit.path.starts_with("/img/") || has_cookie(hit, "seen=1")) return std::nullopt;
    return redirect(hit.path, "seen=1; path=/");
  });
  EXPECT_EQ(type("doutu crawl 'SITE/{page}' -p 1-3 --xpath //img").status, 0);
  expect_images(3);
}

TEST_F(CookieJobs, AnAgeGateIsPassedOnce) {
  put_pages(12);
  site_.decide([](const Hit& hit) -> std::optional<Response> {
    if (hit.path == "/gate/yes") return redirect("/1", "age=18; Path=/; Max-Age=3600");
    if (has_cookie(hit, "age=18")) return std::nullopt;
    return Response{.status = 302, .headers = {{"Location", "/gate/yes"}}};
  });
  EXPECT_EQ(type("doutu crawl 'SITE/{page}' -p 1-12 --fetchers 4 --xpath //img").status, 0);
  EXPECT_EQ(site_.count("/gate/yes"), 1U);
  site_.forget_log();
  EXPECT_EQ(type("doutu crawl 'SITE/{page}' -p 1-12 --fetchers 4 --xpath //img").status, 0);
  EXPECT_EQ(site_.count("/gate/yes"), 0U) << "the next night knows the cookie";
}

TEST_F(CookieJobs, APagesCookieIsNeededForItsImages) {
  constexpr int kPages = 40;
  for (int page = 1; page <= kPages; ++page) {
    const std::string folder = "/img/" + std::to_string(page) + "/";
    std::string html;
    for (int i = 0; i < 5; ++i) {
      const std::string path = folder + std::to_string(100 * page + i) + ".png";
      image(path, static_cast<std::uint64_t>(100 * page + i));
      html += "<img src=" + path + ">";
    }
    site_.respond("/" + std::to_string(page),
                  {.headers = {{"Content-Type", "text/html"}, {"Set-Cookie", "album=" + folder + "; Path=" + folder}},
                   .body = html});
  }
  site_.decide([](const Hit& hit) -> std::optional<Response> {
    if (!hit.path.starts_with("/img/")) return std::nullopt;
    const std::string folder = hit.path.substr(0, hit.path.rfind('/') + 1);
    return has_cookie(hit, "album=" + folder) ? std::nullopt : std::optional(Response{.status = 403});
  });
  EXPECT_EQ(type("doutu crawl 'SITE/{page}' -p 1-40 --fetchers 4 --xpath //img").status, 0);
  expect_images(5 * kPages);
}

TEST_F(CookieJobs, EveryCookieOfTheFirstPageGoesWithTheSecond) {
  put_pages(6, {{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2; Path=/; HttpOnly; SameSite=Lax"}});
  EXPECT_EQ(type("doutu crawl 'SITE/{page}' -p 1-6 --fetchers 4 --xpath //img").status, 0);
  EXPECT_THAT(cookies_under("/1"), ElementsAre(""));
  for (int page = 2; page <= 6; ++page) EXPECT_THAT(cookies_under("/" + std::to_string(page)), ElementsAre("a=1; b=2"));
  for (const std::string& cookies : cookies_under("/img/")) EXPECT_EQ(cookies, "a=1; b=2");
}

TEST_F(CookieJobs, ACookieThatIsNotForThisRequestIsNotSent) {
  put_pages(2, {{"Set-Cookie", "secure=1; Secure"},
                {"Set-Cookie", "other=1; Domain=example.com"},
                {"Set-Cookie", "path=1; Path=/2"},
                {"Set-Cookie", "gone=1; Expires=Thu, 01 Jan 1970 00:00:10 GMT"},
                {"Set-Cookie", "over=1; Max-Age=0"},
                {"Set-Cookie", "none=1; SameSite=None"},
                {"Set-Cookie", "here=1; Domain=127.0.0.1"}});
  EXPECT_EQ(type("doutu crawl 'SITE/{page}' -p 1-2 --xpath //img").status, 0);
  EXPECT_THAT(cookies_under("/2"), ElementsAre("path=1; here=1"));
  EXPECT_THAT(cookies_under("/img/2"), ElementsAre("here=1"));
}

TEST_F(CookieJobs, ACookieIsDeletedByThePageThatSaysSo) {
  put_pages(3);
  site_.respond("/1",
                {.headers = {{"Content-Type", "text/html"}, {"Set-Cookie", "a=1"}}, .body = "<img src=/img/1.png>"});
  site_.respond("/2", {.headers = {{"Content-Type", "text/html"}, {"Set-Cookie", "a=; Max-Age=0"}},
                       .body = "<img src=/img/2.png>"});
  EXPECT_EQ(type("doutu crawl 'SITE/{page}' -p 1-3 --fetchers 1 --xpath //img").status, 0);
  EXPECT_THAT(cookies_under("/2"), ElementsAre("a=1"));
  EXPECT_THAT(files_with("a\t1"), IsEmpty());
}

TEST_F(CookieJobs, ImagesOnAnotherSiteGetNoneOfThePagesCookies) {
  image("/img/1.png", 1);
  const std::string elsewhere = "http://localhost:" + std::to_string(site_.port());
  site_.respond("/1", {.headers = {{"Content-Type", "text/html"},
                                   {"Set-Cookie", "a=1"},
                                   {"Set-Cookie", "b=1; SameSite=Strict"},
                                   {"Set-Cookie", "c=1; Domain=localhost"}},
                       .body = "<img src=" + elsewhere + "/img/1.png>"});
  EXPECT_EQ(type("doutu crawl SITE/1 --allow-private --xpath //img").status, 0);
  EXPECT_THAT(cookies_under("/img/"), ElementsAre(""));
}

TEST_F(CookieJobs, ImagesOnAnotherSiteSetNone) {
  image("/img/1.png", 1);
  image("/img/2.png", 2);
  const std::string elsewhere = "http://localhost:" + std::to_string(site_.port());
  site_.page("/1", "<img src=" + elsewhere + "/img/1.png>");
  site_.page("/2", "<img src=" + elsewhere + "/img/2.png>");
  site_.decide([](const Hit& hit) -> std::optional<Response> {
    if (!hit.path.starts_with("/img/")) return std::nullopt;
    return Response{.headers = {{"Content-Type", "image/png"}, {"Set-Cookie", "t=1"}},
                    .body = small_image(hit.path == "/img/1.png" ? 1 : 2)};
  });
  EXPECT_EQ(type("doutu crawl 'SITE/{page}' -p 1-2 --fetchers 1 -j 1 --allow-private --xpath //img").status, 0);
  EXPECT_THAT(cookies_under("/img/"), ElementsAre("", ""));
}

TEST_F(CookieJobs, PagesThatAreRedirectedToAnotherSiteHaveItsCookiesOnTheWayOnly) {
  image("/img/1.png", 1);
  const std::string elsewhere = "http://localhost:" + std::to_string(site_.port());
  site_.decide([&](const Hit& hit) -> std::optional<Response> {
    if (hit.path == "/1" || hit.path == "/2") return redirect(elsewhere + "/at" + hit.path, "home=1; Path=/");
    if (hit.path.starts_with("/at/") && !has_cookie(hit, "away=1")) return redirect(hit.path, "away=1; Path=/");
    if (hit.path.starts_with("/at/")) {
      return Response{.headers = {{"Content-Type", "text/html"}}, .body = "<img src=/img/1.png>"};
    }
    return std::nullopt;
  });
  EXPECT_EQ(type("doutu crawl 'SITE/{page}' -p 1-2 --fetchers 1 --allow-private --xpath //img").status, 0);
  EXPECT_THAT(cookies_under("/2"), ElementsAre("home=1"));
  EXPECT_THAT(cookies_under("/at/2"), ElementsAre("", "away=1"));
  EXPECT_THAT(cookies_under("/img/"), ElementsAre(""));
}

TEST_F(CookieJobs, AFailedPageSetsCookiesToo) {
  put_pages(1);
  site_.decide([](const Hit& hit) -> std::optional<Response> {
    if (hit.path != "/1" || has_cookie(hit, "challenge=done")) return std::nullopt;
    return Response{.status = 503, .headers = {{"Set-Cookie", "challenge=done"}}};
  });
  EXPECT_EQ(type("doutu crawl SITE/1 --retry-wait 0.05 --xpath //img").status, 0);
  expect_images(1);
}

TEST_F(CookieJobs, TheJarIsTheUsersAloneAndNothingElseHasItsValues) {
  put_pages(2, {{"Set-Cookie", "session=s3cr3t; HttpOnly"}});
  EXPECT_EQ(type("doutu crawl 'SITE/{page}' -p 1-3 -v --retries 0 --xpath //img").status, 3);
  EXPECT_THAT(files_with("s3cr3t"), ElementsAre("cookies.txt"));
  EXPECT_EQ(std::filesystem::status(img_.state("cookies.txt")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  site_.forget_log();
  EXPECT_EQ(type("doutu crawl -d img").status, 3);
  EXPECT_THAT(cookies_under("/3"), ElementsAre("session=s3cr3t"));
}

TEST_F(CookieJobs, NoCookiesMeansNone) {
  put_pages(3, {{"Set-Cookie", "a=1"}});
  EXPECT_EQ(type("doutu crawl 'SITE/{page}' -p 1-3 --no-cookies --xpath //img").status, 0);
  EXPECT_THAT(cookies_under("/"), ElementsAre("", "", "", "", "", ""));
  EXPECT_FALSE(std::filesystem::exists(img_.state("cookies.txt")));
}

TEST_F(CookieJobs, TheUsersOwnCookieHeaderCountsBeforeTheSites) {
  put_pages(2, {{"Set-Cookie", "a=site"}, {"Set-Cookie", "b=site"}});
  EXPECT_EQ(type("doutu crawl 'SITE/{page}' -p 1-2 -H 'Cookie: a=mine; c=mine' --xpath //img").status, 0);
  EXPECT_THAT(cookies_under("/1"), ElementsAre("a=mine; c=mine"));
  EXPECT_THAT(cookies_under("/2"), ElementsAre("a=mine; c=mine; b=site"));
}

TEST_F(CookieJobs, CookiesOfABrowserLogIn) {
  put_pages(2);
  site_.decide([](const Hit& hit) -> std::optional<Response> {
    return has_cookie(hit, "login=me") ? std::nullopt : std::optional(Response{.status = 403});
  });
  write_file(temporary_ / "cookies.txt",
             "# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tlogin\tme\n"
             ".example.com\tTRUE\t/\tTRUE\t0\tbank\ts3cr3t\n");
  EXPECT_EQ(type("doutu crawl 'SITE/{page}' -p 1-2 --cookies cookies.txt --xpath //img").status, 0);
  expect_images(2);
  EXPECT_THAT(files_with("s3cr3t"), IsEmpty()) << "of other sites nothing is taken";
}

TEST_F(CookieJobs, ACookieFileThatWasTakenOnceDoesNotPutAnOldSessionBack) {
  put_pages(3, {{"Set-Cookie", "login=new"}});
  write_file(temporary_ / "cookies.txt", "127.0.0.1\tFALSE\t/\tFALSE\t0\tlogin\told\n");
  const std::string command = "doutu crawl 'SITE/{page}' -p 1-2 --cookies cookies.txt --xpath //img";
  EXPECT_EQ(type(command).status, 0);
  site_.forget_log();
  EXPECT_EQ(type(command).status, 0);
  EXPECT_THAT(cookies_under("/1"), ElementsAre("login=new"));
  write_file(temporary_ / "cookies.txt", "127.0.0.1\tFALSE\t/\tFALSE\t0\tlogin\tlater\n");
  site_.forget_log();
  EXPECT_EQ(type(command).status, 0);
  EXPECT_THAT(cookies_under("/1"), ElementsAre("login=later"));
}

TEST_F(CookieJobs, AFileOfCookiesThatIsGoneCanBeForgottenAndTheCrawlHasThem) {
  put_pages(2);
  const std::filesystem::path file = temporary_ / "cookies.txt";
  write_file(file, "127.0.0.1\tFALSE\t/\tFALSE\t0\tlogin\tme\n");
  EXPECT_EQ(type("doutu crawl 'SITE/{page}' -p 1 --cookies cookies.txt --xpath //img").status, 0);
  std::filesystem::remove(file);
  const Ended ended = type("doutu crawl -d img -p 2");
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("No such file or directory; the folder remembers this option: --forget cookies "
                                   "continues without it"));
  EXPECT_THAT(type("doutu crawl -d img -p 2 --cookies cookies.txt").err, Not(HasSubstr("remembers"))) << "he said so";
  EXPECT_EQ(type("doutu crawl -d img -p 2 --forget cookies").status, 0);
  EXPECT_THAT(cookies_under("/2"), ElementsAre("login=me"));
}

TEST_F(CookieJobs, CookiesAreSavedWhereTheUserWantsThem) {
  put_pages(2, {{"Set-Cookie", "a=1; Max-Age=3600"}});
  EXPECT_EQ(type("doutu crawl 'SITE/{page}' -p 1-2 --save-cookies saved.txt --xpath //img").status, 0);
  EXPECT_THAT(read_file(temporary_ / "saved.txt"), HasSubstr("\ta\t1\n"));
  EXPECT_EQ(std::filesystem::status(temporary_ / "saved.txt").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(CookieJobs, AProbeSendsTheUsersCookies) {
  site_.decide([](const Hit& hit) -> std::optional<Response> {
    if (!has_cookie(hit, "login=me")) return Response{.status = 403};
    return Response{.headers = {{"Content-Type", "text/html"}}, .body = "<img src=/a.png><img src=/b.png>"};
  });
  write_file(temporary_ / "cookies.txt", "127.0.0.1\tFALSE\t/\tFALSE\t0\tlogin\tme\n");
  EXPECT_EQ(type("doutu probe SITE/1 --xpath //img").status, 3);
  const Ended probed = type("doutu probe SITE/1 --xpath //img --cookies cookies.txt");
  EXPECT_EQ(probed.status, 0) << probed.out << probed.err;
  EXPECT_THAT(probed.out, HasSubstr("--cookies"));
}

}  // namespace
}  // namespace doutu
