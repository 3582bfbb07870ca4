// Sites that let nobody in who does not say who he is: by Basic, by Digest, by a form; and what becomes of the secrets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "shared/http/auth_challenge.h"
#include "tests/e2e/typed_commands.h"
#include "tests/site/processes.h"
#include "tests/site/terminal_run.h"

namespace doutu {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kBasic = "Basic bWU6c2VzYW1l";  // me:sesame

Response unauthorized(const std::string& challenge) {
  return {.status = 401, .headers = {{"WWW-Authenticate", challenge}}, .body = "who are you?"};
}

class LoginJobs : public TypedCommands {
 protected:
  void put_pages(int count) {
    for (int page = 1; page <= count; ++page) {
      const std::string number = std::to_string(page);
      image("/img/" + number + ".png", static_cast<std::uint64_t>(page));
      site_.page("/" + number, "<a href=/logout>out</a><img src=/img/" + number + ".png>");
    }
  }

  void ask_for(const std::string& challenge, const std::string& answer) {
    site_.decide([=](const Hit& hit) -> std::optional<Response> {
      if (hit.header("authorization") == answer) return std::nullopt;
      return unauthorized(challenge);
    });
  }

  /// A server's side of Digest: it takes an answer whose response is right, with this nonce.
  void ask_by_digest(const std::string& challenge) {
    site_.decide([challenge](const Hit& hit) -> std::optional<Response> {
      const std::string answer = hit.header("authorization");
      const auto value = [&answer](const std::string& before) {
        const std::size_t begin = answer.find(before);
        return begin == std::string::npos
                   ? std::string()
                   : answer.substr(begin + before.size(),
                                   answer.find_first_of("\",", begin + before.size()) - begin - before.size());
      };
      const DigestRequest request{"GET", hit.path,
                                  static_cast<std::uint32_t>(std::strtoul(value("nc=").c_str(), nullptr, 16)),
                                  value("cnonce=\"")};
      const std::string cnonce = value("cnonce=\"");
      const std::string right = digest_answer({"me", "sesame"}, read_auth_challenge(challenge).value(),
                                              {request.method, request.target, request.count, cnonce});
      if (!answer.empty() && answer == right) return std::nullopt;
      return unauthorized(challenge);
    });
  }

  /// A login form at /login, whose session is worth so many pages, and the pages behind it.
  void put_form(int pages, int pages_of_session) {
    put_pages(pages);
    site_.decide([this, pages_of_session](const Hit& hit) -> std::optional<Response> {
      if (hit.path == "/login" && hit.method == "POST") {
        const bool is_right = hit.body == "csrf=t0ken&user=me&password=open+sesame&go=in" &&
                              hit.header("cookie").find("pre=1") != std::string::npos &&
                              hit.header("origin") == site_.url() && hit.header("referer") == site_.url("/login");
        if (!is_right) return Response{.status = 303, .headers = {{"Location", "/login"}}};
        left_ = pages_of_session;
        const std::string session = "session=" + std::to_string(++sessions_) + "; Path=/";
        return Response{.status = 303, .headers = {{"Location", "/home"}, {"Set-Cookie", session}}};
      }
      if (hit.path == "/login") {
        return Response{.headers = {{"Content-Type", "text/html"}, {"Set-Cookie", "pre=1"}},
                        .body =
                            "<form method=post><input type=hidden name=csrf value=t0ken><input name=user>"
                            "<input type=password name=password><button name=go value=in>in</button></form>"};
      }
      const std::string cookie = "session=" + std::to_string(sessions_);
      const bool is_in = sessions_ > 0 && hit.header("cookie").find(cookie) != std::string::npos;
      if (hit.path == "/home") return Response{.body = is_in ? "<a href=/logout>out</a>" : "nobody"};
      if (hit.path.starts_with("/img/")) return std::nullopt;
      if (is_in && left_-- > 0) return std::nullopt;
      return Response{.status = 302, .headers = {{"Location", "/login?next=" + hit.path}}};
    });
  }

  std::string write_login(const std::string& password = "open sesame", const std::string& more = "") {
    const std::string path = temporary_ / "login.toml";
    std::ofstream(path) << "[[before]]\nurl = \"" << site_.url("/login")
                        << "\"\nfields = { user = \"me\", password = \"" << password << "\" }\n"
                        << more;
    ::chmod(path.c_str(), 0600);
    return path;
  }

  /// Files below the folder that have this text, but for those that nobody else may read.
  [[nodiscard]] std::string files_for_others_with(std::string_view text) const {
    std::string names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(img_.path())) {
      struct stat facts {};
      if (!entry.is_regular_file() || ::stat(entry.path().c_str(), &facts) != 0) continue;
      if (read_file(entry.path()).find(text) == std::string::npos) continue;
      if ((facts.st_mode & 077U) != 0 || entry.path().extension() == ".log") names += entry.path().string() + " ";
    }
    return names;
  }

  [[nodiscard]] std::vector<std::string> asking_for_the_password() const {
    return {"crawl", site_.url("/1"), "--xpath", "//img", "--user", "me", "-d", img_.path(), "--progress", "none"};
  }

  std::atomic<int> sessions_ = 0, left_ = 0;
};

TEST_F(LoginJobs, BasicIsSentOnceItIsAskedFor) {
  put_pages(3);
  ask_for("Basic realm=\"x\"", kBasic);
  const Ended ended = type("doutu crawl 'SITE/{page}' -p 1-3 --fetchers 1 --xpath //img --user me:sesame");
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(img_.images().size(), 3U);
  EXPECT_EQ(site_.log().front().header("authorization"), "");
  EXPECT_LT(site_.log().size(), 3U + 1 + 3 + 4) << "no request is doubled but the first ones";
  EXPECT_THAT(ended.out + ended.err, HasSubstr("can see the password on the command line"));
  EXPECT_EQ(files_for_others_with("sesame"), "");
  EXPECT_EQ(files_for_others_with("bWU6c2VzYW1l"), "");
  site_.forget_log();
  EXPECT_EQ(type("doutu crawl -d img --refresh-pages").status, 0) << "the folder remembers";
  EXPECT_EQ(site_.log().back().header("authorization"), kBasic);
}

TEST_F(LoginJobs, DigestIsAnsweredAndItsNonceUsedAgain) {
  put_pages(10);
  for (const char* challenge : {R"(Digest realm="x", nonce="n1", qop="auth", algorithm=SHA-256, opaque="o")",
                                R"(Digest realm="x", nonce="n2")"}) {
    ask_by_digest(challenge);
    site_.forget_log();
    std::filesystem::remove_all(img_.path());
    const Ended ended =
        type("doutu crawl 'SITE/{page}' -p 1-10 --fetchers 1 -j 1 --threads 1 --xpath //img --user me:sesame");
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(img_.images().size(), 10U);
    EXPECT_EQ(site_.log().size(), 22U) << "two are asked twice: the first page and the first image";
  }
}

TEST_F(LoginJobs, ALoginInTheUrlIsGoodForDigestToo) {
  put_pages(1);
  ask_by_digest(R"(Digest realm="x", nonce="n1", qop="auth")");
  const std::string url = "http://me:sesame@127.0.0.1:" + std::to_string(site_.port()) + "/1";
  const Ended ended = type("doutu crawl " + url + " --xpath //img");
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(img_.images().size(), 1U);
}

TEST_F(LoginJobs, AWrongPasswordEndsTheCrawlBeforeItHasAskedForEveryPage) {
  put_pages(30);
  ask_for("Basic realm=\"x\"", kBasic);
  const Ended ended = type("doutu crawl 'SITE/{page}' -p 1-30 --xpath //img --user me:wrong");
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("the server refuses the user and the password"));
  EXPECT_LE(site_.log().size(), 12U);
  const Ended right = type("doutu crawl -d img --user me:sesame");
  EXPECT_EQ(right.status, 0) << right.err;
  EXPECT_EQ(img_.images().size(), 30U);
}

TEST_F(LoginJobs, APasswordThatIsMissingIsAskedForOrMissed) {
  const Ended ended = type("setsid doutu crawl SITE/1 --xpath //img --user me");
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("there is no terminal to ask for the password on"));
}

TEST_F(LoginJobs, CtrlCAtThePasswordEndsTheCommandAtOnce) {
  TerminalRun run(asking_for_the_password(), {});
  ASSERT_TRUE(run.sees("password of me:")) << run.text();
  run.type("ses\x03");
  EXPECT_EQ(run.wait(), 128 + SIGINT);
  EXPECT_THAT(run.text(), Not(HasSubstr("--user")));
}

TEST_F(LoginJobs, ASignalAtThePasswordDoesSoToo) {
  TerminalRun run(asking_for_the_password(), {});
  ASSERT_TRUE(run.sees("password of me:")) << run.text();
  ::kill(run.pid(), SIGTERM);
  EXPECT_EQ(run.wait(), 128 + SIGTERM);
}

TEST_F(LoginJobs, CtrlDAtThePasswordIsNoLackOfATerminal) {
  TerminalRun run(asking_for_the_password(), {});
  ASSERT_TRUE(run.sees("password of me:")) << run.text();
  run.type("\x04");
  EXPECT_EQ(run.wait(), 2);
  EXPECT_THAT(run.text(), HasSubstr("--user: no password was given"));
  EXPECT_THAT(run.text(), Not(HasSubstr("NAME:PASSWORD")));
}

TEST_F(LoginJobs, CtrlZAtThePasswordLeavesAUsableTerminalAndItIsAskedForAgain) {
  put_pages(1);
  ask_for("Basic realm=\"x\"", kBasic);
  TerminalRun run(asking_for_the_password(), {}, {}, TerminalRun::Leader::shell);
  ASSERT_TRUE(run.sees("password of me:")) << run.text();
  run.type("ses\x1a");
  ASSERT_TRUE(run.sees("asleep")) << run.text();
  run.type("one can see this\n");
  ASSERT_TRUE(run.sees("one can see this")) << run.text();
  ASSERT_TRUE(eventually([&] { return run.text().rfind("password of me:") > run.text().find("one can see this"); }));
  run.type("sesame\n");
  EXPECT_EQ(run.wait(), 0);
  EXPECT_THAT(run.text(), Not(HasSubstr("sesame")));
  EXPECT_EQ(img_.images().size(), 1U);
}

TEST_F(LoginJobs, AnAgeGateIsPassedBeforeTheFirstPage) {
  put_pages(4);
  site_.decide([](const Hit& hit) -> std::optional<Response> {
    if (hit.path == "/age?ok=1") return Response{.headers = {{"Set-Cookie", "age=18; Path=/"}}, .body = "welcome"};
    if (hit.header("cookie") == "age=18") return std::nullopt;
    return Response{.status = 302, .headers = {{"Location", "/age"}}};
  });
  const Ended ended = type("doutu crawl 'SITE/{page}' -p 1-4 --fetchers 4 --xpath //img --before 'SITE/age?ok=1'");
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(img_.images().size(), 4U);
  EXPECT_EQ(site_.log().front().path, "/age?ok=1");
  EXPECT_EQ(site_.count("/age?ok=1"), 1U);
}

TEST_F(LoginJobs, AFormIsFilledInAndAgainWhenTheSessionExpires) {
  put_form(60, 40);
  const Ended ended = type("doutu crawl 'SITE/{page}' -p 1-60 --fetchers 4 --xpath //img --before @" +
                           write_login("open sesame", "expect = \"//a[@href='/logout']\"\n"));
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_EQ(img_.images().size(), 60U);
  EXPECT_EQ(img_.report().pages.done, 60U);
  EXPECT_EQ(img_.report().pages.empty, 0U);
  EXPECT_EQ(sessions_, 2);
  EXPECT_THAT(ended.out + ended.err, HasSubstr("pages lead to the login again"));
  EXPECT_EQ(files_for_others_with("sesame"), "");
  EXPECT_THAT(ended.out + ended.err, Not(HasSubstr("sesame")));
  EXPECT_THAT(ended.out + ended.err, Not(HasSubstr("other users may read")));
}

TEST_F(LoginJobs, AFormThatFailsEndsTheCrawlBeforeTheFirstPage) {
  put_form(3, 3);
  const std::string crawl = "doutu crawl 'SITE/{page}' -p 1-3 --xpath //img --before ";
  const Ended wrong = type(crawl + "@" + write_login("wrong"));
  EXPECT_EQ(wrong.status, 1);
  EXPECT_THAT(wrong.err, HasSubstr("/login (--before, request 1 of 1): the answer is the login form again"));
  const Ended missed = type(crawl + "@" + write_login("open sesame", "expect = \"//a[@href='/nowhere']\"\n"));
  EXPECT_EQ(missed.status, 1);
  EXPECT_THAT(missed.err, HasSubstr("has nothing that \"expect\" finds: //a[@href='/nowhere']"));
  const Ended gone = type(crawl + "SITE/nothing");
  EXPECT_EQ(gone.status, 1);
  EXPECT_THAT(gone.err, HasSubstr("/nothing (--before, request 1 of 1): the server answered 404"));
  const Ended slip = type(crawl + "@" + write_login("x", "expect = \"//a[\"\n"));
  EXPECT_EQ(slip.status, 2);
  EXPECT_EQ(site_.count("/1"), 0U);
  EXPECT_THAT(wrong.err + missed.err + slip.err, Not(HasSubstr("sesame")));
}

}  // namespace
}  // namespace doutu
