#include "crawler/children/site_address.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(PrivateSiteHost, IsAnAddressBehindAProxyAndNoName) {
  HttpOptions http;
  http.proxy = "http://8.8.8.8:3128";
  EXPECT_EQ(*private_site_host("192.168.1.2", http), "192.168.1.2");
  EXPECT_EQ(*private_site_host("[::1]", http), "[::1]");
  EXPECT_EQ(*private_site_host("1.1.1.1", http), "");
  EXPECT_EQ(*private_site_host("localhost", http), "");
}

}  // namespace
}  // namespace doutu
