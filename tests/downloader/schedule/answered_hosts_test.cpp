#include "downloader/schedule/answered_hosts.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace doutu {
namespace {

TEST(AnsweredHostsTest, KnowsAHostByItsRow) {
  AnsweredHosts hosts;
  EXPECT_FALSE(hosts.contains({7, "http://a.test:80"}));
  hosts.add({7, "http://a.test:80"});
  EXPECT_TRUE(hosts.contains({7, "http://a.test:80"}));
  EXPECT_FALSE(hosts.contains({8, "http://a.test:80"}));
}

TEST(AnsweredHostsTest, KnowsAHostWithoutARowByItsName) {
  AnsweredHosts hosts;
  hosts.add({0, "http://a.test:80"});
  EXPECT_TRUE(hosts.contains({0, "http://a.test:80"}));
  EXPECT_TRUE(hosts.contains({9, "http://a.test:80"})) << "it got one later";
}

TEST(AnsweredHostsTest, ForgetsRowsThatNoLedgerHas) {
  AnsweredHosts hosts;
  for (const std::int64_t id : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(),
                                std::numeric_limits<std::int64_t>::max(), std::int64_t{1} << 24U}) {
    hosts.add({id, "http://a.test:80"});
    EXPECT_FALSE(hosts.contains({id, "http://a.test:80"})) << id;
  }
}

TEST(AnsweredHostsTest, HoldsNoMoreNamesThanItMay) {
  AnsweredHosts hosts;
  for (std::size_t i = 0; i <= AnsweredHosts::kMostNames; ++i) hosts.add("http://" + std::to_string(i));
  EXPECT_FALSE(hosts.contains({0, "http://0"}));
  EXPECT_TRUE(hosts.contains({0, "http://" + std::to_string(AnsweredHosts::kMostNames)}));
}

}  // namespace
}  // namespace doutu
