#include "crawler/home_address.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(PrivateHome, IsAnAddressBehindAProxyAndNoName) {
  CrawlSettings settings;
  settings.proxy = "http://8.8.8.8:3128";
  EXPECT_EQ(*private_home("192.168.1.2", settings), "192.168.1.2");
  EXPECT_EQ(*private_home("[::1]", settings), "[::1]");
  EXPECT_EQ(*private_home("1.1.1.1", settings), "");
  EXPECT_EQ(*private_home("localhost", settings), "");
}

}  // namespace
}  // namespace doutu
