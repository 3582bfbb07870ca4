#include "shared/base/cause.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace doutu {
namespace {

std::vector<Cause> all_causes() {
  std::vector<Cause> causes;
  for (std::uint32_t i = 0; const auto cause = cause_from_number(i); ++i) causes.push_back(*cause);
  return causes;
}

TEST(Cause, EveryNameIsItsOwn) {
  std::set<std::string> names;
  for (const Cause cause : all_causes()) names.insert(cause_name(cause, 404));
  EXPECT_EQ(names.size(), kCauseCount);
}

TEST(Cause, NamesAreLowerCaseLettersDigitsAndHyphens) {
  const auto allowed = [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-';
  };
  for (const Cause cause : all_causes()) {
    const std::string name = cause_name(cause, 503);
    EXPECT_TRUE(std::all_of(name.begin(), name.end(), allowed)) << name;
    EXPECT_EQ(name.empty(), cause == Cause::none);
  }
}

TEST(Cause, NamesStayWhatLedgersAlreadySay) {
  EXPECT_EQ(cause_name(Cause::http_status, 404), "http-404");
  EXPECT_EQ(cause_name(Cause::dns_failure), "dns-failure");
  EXPECT_EQ(cause_name(Cause::page_kills_fetcher), "page-kills-fetcher");
  EXPECT_EQ(cause_name(Cause::page_too_complex), "page-too-complex");
  EXPECT_EQ(cause_name(Cause::page_too_slow), "page-too-slow");
  EXPECT_EQ(cause_name(Cause::image_kills_downloader), "image-kills-downloader");
  EXPECT_EQ(cause_name(Cause::url_too_long), "url-too-long");
}

TEST(Cause, OfWhatIsOutOfReachIsAnyThatLetNoConnectionComeAbout) {
  std::set<std::string> names;
  for (const Cause cause : all_causes()) {
    if (!is_out_of_reach(cause)) continue;
    names.insert(cause_name(cause));
    EXPECT_TRUE(is_temporary(cause)) << cause_name(cause);
  }
  EXPECT_EQ(names, (std::set<std::string>{"connect-timeout", "connection-refused", "dns-failure", "proxy-dns-failure",
                                          "proxy-unreachable", "unreachable"}));
}

TEST(Cause, HasWordsForPeople) {
  for (const Cause cause : all_causes()) EXPECT_FALSE(cause_text(cause, 404).empty()) << cause_name(cause);
  EXPECT_EQ(cause_text(Cause::http_status, 404), "the server answered 404");
}

TEST(Cause, ANumberFromAnotherProcessIsNotBelieved) {
  EXPECT_EQ(cause_from_number(0), Cause::none);
  EXPECT_EQ(cause_from_number(static_cast<std::uint32_t>(Cause::internal_error)), Cause::internal_error);
  EXPECT_EQ(cause_from_number(kCauseCount), std::nullopt);
  EXPECT_EQ(cause_from_number(UINT32_MAX), std::nullopt);
}

TEST(Cause, IsFoundByTheNameThatItWasGiven) {
  for (const Cause cause : all_causes()) {
    const auto named = cause_from_name(cause_name(cause, 404));
    if (cause == Cause::none) {
      EXPECT_FALSE(named);
      continue;
    }
    ASSERT_TRUE(named) << cause_name(cause, 404);
    EXPECT_EQ(named->cause, cause);
    EXPECT_EQ(named->http_status, cause == Cause::http_status ? 404 : 0);
  }
  for (const char* name : {"", "http", "http-", "http-40x", "http-99999999999", "no-such-cause"}) {
    EXPECT_FALSE(cause_from_name(name)) << name;
  }
}

TEST(Cause, PermanentAnswersAreNotTriedAgain) {
  for (const int status : {400, 401, 403, 404, 405, 410, 451, 501, 505}) {
    EXPECT_FALSE(is_temporary(Cause::http_status, status)) << status;
  }
  for (const int status : {408, 425, 429, 500, 502, 503, 504, 520, 599}) {
    EXPECT_TRUE(is_temporary(Cause::http_status, status)) << status;
  }
}

TEST(Cause, TroubleOfTheNetworkIsTriedAgainAndWhatThePageSaidIsNot) {
  for (const Cause cause : {Cause::dns_failure, Cause::connection_refused, Cause::unreachable, Cause::connect_timeout,
                            Cause::connection_lost, Cause::timeout, Cause::stalled, Cause::truncated}) {
    EXPECT_TRUE(is_temporary(cause)) << cause_name(cause);
  }
  for (const Cause cause :
       {Cause::none, Cause::bad_url, Cause::unsupported_scheme, Cause::html_not_image, Cause::too_large,
        Cause::private_address, Cause::page_too_complex, Cause::page_kills_fetcher}) {
    EXPECT_FALSE(is_temporary(cause)) << cause_name(cause);
  }
}

}  // namespace
}  // namespace doutu
