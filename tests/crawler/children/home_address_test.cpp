#include "crawler/children/home_address.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(PrivateHome, IsAnAddressBehindAProxyAndNoName) {
  HttpOptions http;
  http.proxy = "http://8.8.8.8:3128";
  EXPECT_EQ(*private_home("192.168.1.2", http), "192.168.1.2");
  EXPECT_EQ(*private_home("[::1]", http), "[::1]");
  EXPECT_EQ(*private_home("1.1.1.1", http), "");
  EXPECT_EQ(*private_home("localhost", http), "");
}

}  // namespace
}  // namespace doutu
