#include "shared/robots/robots_answer.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

constexpr bool kRedirected = true;
constexpr bool kAtOnce = false;

TEST(RobotsAnswer, IsFoundAtTheRootOfTheServer) {
  EXPECT_EQ(robots_url("https://e.example:8443/a/b?c=/d"), "https://e.example:8443/robots.txt");
  EXPECT_EQ(robots_url("http://[::1]/"), "http://[::1]/robots.txt");
}

TEST(RobotsAnswer, AllowsEverythingWhereThereIsNone) {
  for (const int status : {301, 304, 400, 401, 403, 404, 408, 410, 451}) {
    EXPECT_EQ(robots_answer(Cause::http_status, status, kAtOnce), RobotsAnswer::none) << status;
  }
  for (const Cause cause : {Cause::too_many_redirects, Cause::bad_redirect, Cause::insecure_redirect}) {
    EXPECT_EQ(robots_answer(cause, 302, kAtOnce), RobotsAnswer::none) << cause_name(cause);
  }
  EXPECT_EQ(robots_answer(Cause::private_address, 0, kRedirected), RobotsAnswer::none);
}

TEST(RobotsAnswer, AllowsNothingForNowWhereNobodyKnows) {
  for (const int status : {429, 500, 502, 503, 504}) {
    EXPECT_EQ(robots_answer(Cause::http_status, status, kAtOnce), RobotsAnswer::unreachable) << status;
  }
  for (const Cause cause : {Cause::dns_failure, Cause::connection_refused, Cause::timeout, Cause::connection_lost,
                            Cause::truncated, Cause::tls_wrong_name, Cause::bad_response}) {
    EXPECT_EQ(robots_answer(cause, 0, kRedirected), RobotsAnswer::unreachable) << cause_name(cause);
  }
  EXPECT_EQ(robots_answer(Cause::private_address, 0, kAtOnce), RobotsAnswer::unreachable);
}

}  // namespace
}  // namespace doutu
