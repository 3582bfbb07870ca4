#include "shared/http/address_guard.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <optional>
#include <string>

#include "shared/url/blocked_port.h"
#include "shared/url/private_address.h"
#include "shared/url/private_name.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

struct Address {
  explicit Address(const char* text) {
    sockaddr_in in4{};
    sockaddr_in6 in6{};
    if (inet_pton(AF_INET, text, &in4.sin_addr) == 1) {
      in4.sin_family = AF_INET;
      std::memcpy(&storage, &in4, sizeof in4);
    } else {
      EXPECT_EQ(inet_pton(AF_INET6, text, &in6.sin6_addr), 1) << text;
      in6.sin6_family = AF_INET6;
      std::memcpy(&storage, &in6, sizeof in6);
    }
  }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }

  sockaddr_storage storage{};
};

TEST(PrivateAddress, CoversWhatIsNotOnTheOpenInternet) {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.0.1",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.8",
                           "192.0.2.1",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.1.1.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "fc00::1",
                           "fdff::1",
                           "ff02::1",
                           "100::1",
                           "2001:db8::1",
                           "2001:10::1",
                           "3fff::1",
                           "5f00::1",
                           "64:ff9b:1::1",
                           "4000::1"}) {
    EXPECT_TRUE(is_private_address(Address(text).get())) << text;
  }
}

TEST(PrivateAddress, CoversIpv4InsideOfIpv6) {
  for (const char* text :
       {"::ffff:127.0.0.1", "::ffff:192.168.0.1", "::127.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b::10.0.0.1",
        "2002:7f00:1::", "2002:c0a8:101::1", "2001:0:7f00:1::1", "2001:0:808:808::f5ff:fffe" /* client 10.0.0.1 */}) {
    EXPECT_TRUE(is_private_address(Address(text).get())) << text;
  }
  for (const char* text : {"::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"}) {
    EXPECT_FALSE(is_private_address(Address(text).get())) << text;
  }
}

TEST(PrivateAddress, LeavesTheOpenInternetAlone) {
  for (const char* text :
       {"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.1", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
        "223.255.255.255", "2606:4700:4700::1111", "2a00:1450::1", "2400::1"}) {
    EXPECT_FALSE(is_private_address(Address(text).get())) << text;
  }
}

TEST(PrivateAddress, CoversOtherFamilies) {
  sockaddr other{};
  other.sa_family = AF_UNIX;
  EXPECT_TRUE(is_private_address(&other));
}

/// What may name this machine, or its network, in a URL: each has to end as an address that is refused.
TEST(AddressGuard, RefusesLoopbackHoweverItIsSpelled) {
  const AddressGuard guard("", AddressGuard::Allows::open_internet);
  for (const char* spelled :
       {"127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "127.000.000.001",
        "0177.0.0.1",
        "0177.1",
        "017700000001",
        "0000000000000000000177.0.0.1",
        "0x7f000001",
        "0X7F000001",
        "0x7f.1",
        "0x7f.0x0.0x0.0x1",
        "0x0000000000000000007f000001",
        "2130706433",
        "2130706433.",
        "0",
        "0x0",
        "127%2e0%2E0.1",
        "%31%32%37.0.0.1",
        "%30%78%37%66.1",
        "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1",  // fullwidth digits
        "127\xe3\x80\x82"
        "0\xef\xbc\x8e"
        "0\xef\xbd\xa1"
        "1",                                                                            // other full stops
        "\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.\xe2\x93\xaa.\xe2\x93\xaa.\xe2\x91\xa0",  // in circles
        "12\xc2\xad"
        "7.0.0.1",                                                 // a soft hyphen
        "\xf0\x9d\x9f\x8f\xf0\x9d\x9f\x90\xf0\x9d\x9f\x95.0.0.1",  // bold digits
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[0000::0001]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::FFFF:7F00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "user@127.0.0.1",
        "example.com:80@127.0.0.1"}) {
    const std::optional<std::string> url = normalise_url(std::string("http://") + spelled + "/");
    ASSERT_NE(url, std::nullopt) << spelled;
    std::string host = url_host(*url);
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    EXPECT_FALSE(guard.allows(url_host(*url), Address(host.c_str()).get())) << spelled << " is " << host;
  }
}

TEST(AddressGuard, LetsTheHomeHostBePrivateAndNoOther) {
  const AddressGuard guard("192.168.1.2", AddressGuard::Allows::open_internet);
  EXPECT_TRUE(guard.allows("192.168.1.2", Address("192.168.1.2").get()));
  EXPECT_FALSE(guard.allows("evil.example", Address("192.168.1.2").get()));
  EXPECT_TRUE(guard.allows("evil.example", Address("8.8.8.8").get()));
}

TEST(AddressGuard, WithoutAHomeHostRefusesEveryPrivateAddress) {
  EXPECT_FALSE(AddressGuard("", AddressGuard::Allows::open_internet).allows("", Address("127.0.0.1").get()));
}

TEST(AddressGuard, LetsEverythingPassWhenToldSo) {
  EXPECT_TRUE(AddressGuard("", AddressGuard::Allows::everything).allows("a.example", Address("10.0.0.1").get()));
}

TEST(AddressGuard, LeavesNamesToAProxyThatTheUserChose) {
  HttpOptions http;
  EXPECT_FALSE(AddressGuard::of(http).allows("a.example", Address("10.0.0.1").get()));
  http.proxy = "http://10.0.0.1:3128";
  EXPECT_TRUE(AddressGuard::of(http).allows("a.example", Address("10.0.0.1").get()));
  EXPECT_TRUE(AddressGuard::of(http).allows("8.8.8.8", Address("10.0.0.1").get()));
}

TEST(AddressGuard, HandsNoProxyAPrivateAddress) {
  HttpOptions http;
  http.proxy = "http://8.8.8.8:3128";
  http.site_host = "192.168.1.2";
  for (const char* host : {"127.0.0.1", "169.254.169.254", "10.0.0.1", "[::1]", "[::ffff:7f00:1]"}) {
    EXPECT_FALSE(AddressGuard::of(http).allows(host, Address("8.8.8.8").get())) << host;
  }
  EXPECT_TRUE(AddressGuard::of(http).allows("192.168.1.2", Address("8.8.8.8").get()));
  http.allow_private = true;
  EXPECT_TRUE(AddressGuard::of(http).allows("127.0.0.1", Address("8.8.8.8").get()));
}

std::string host_of(const std::string& spelled) {
  const std::optional<std::string> url = normalise_url("http://" + spelled + "/");
  EXPECT_NE(url, std::nullopt) << spelled;
  return url ? url_host(*url) : "";
}

TEST(PrivateName, IsOneOfANetworkWithoutPublicNames) {
  for (const char* spelled : {"localhost",
                              "LOCALHOST",
                              "localhost.",
                              "localhost..",
                              "loc%61lhost",
                              "\xef\xbd\x8cocalhost",
                              "x.localhost",
                              "a.b.localhost.",
                              "user@localhost",
                              "printer.local",
                              "printer.local.",
                              "local.",
                              "metadata.google.internal",
                              "home.arpa",
                              "router.home.arpa",
                              "router.home.arpa.",
                              "fritz.lan",
                              "dc.corp",
                              "nas.home",
                              "wiki.intranet",
                              "a.private",
                              "localhost.localdomain",
                              "router",
                              "nas.",
                              "com",
                              "xn--bcher-kva",
                              "0x7f-box",
                              "printer-2",
                              "3com3",
                              "2a2."}) {
    EXPECT_TRUE(is_private_name(host_of(spelled))) << spelled;
  }
}

TEST(PrivateName, IsNoPublicNameAndNoAddress) {
  for (const char* spelled :
       {"example.com", "example.com.", "localhost.example.com", "localhost.com", "local.host", "mylocalhost.org",
        "a.notlocal", "internal.example", "lan.de", "home.arpa.example", "in-addr.arpa", "8.8.8.8", "127.0.0.1",
        "2130706433", "[::1]", "[2001:4860:4860::8888]", "img1.example.com", "1.example.test"}) {
    EXPECT_FALSE(is_private_name(host_of(spelled))) << spelled;
  }
}

TEST(BlockedPort, IsOneOfTheListOfBrowsers) {
  for (const int port : {0, 1, 22, 25, 110, 143, 587, 993, 2049, 4190, 6000, 6667, 6679, 6697, 10080}) {
    EXPECT_TRUE(is_blocked_port(static_cast<std::uint16_t>(port))) << port;
  }
  for (const int port : {2, 80, 81, 443, 591, 3128, 6670, 8000, 8080, 8443, 10081, 32768, 65535}) {
    EXPECT_FALSE(is_blocked_port(static_cast<std::uint16_t>(port))) << port;
  }
  int blocked = 0;
  for (int port = 0; port <= 65535; ++port) blocked += is_blocked_port(static_cast<std::uint16_t>(port)) ? 1 : 0;
  EXPECT_EQ(blocked, 83) << "Fetch's table";
}

TEST(AddressGuard, JudgesAUrlBeforeAnythingIsLookedUp) {
  for (const char* proxy : {"", "http://8.8.8.8:3128"}) {
    HttpOptions http;
    http.proxy = proxy;
    http.site_origin = "http://example.com:80";
    const AddressGuard guard = AddressGuard::of(http);
    EXPECT_EQ(guard.judge("http://localhost/a.png"), Cause::private_address);
    EXPECT_EQ(guard.judge("https://user@x.localhost.:8080/a.png"), Cause::private_address);
    EXPECT_EQ(guard.judge("http://other.example/a.png"), Cause::none);
    EXPECT_EQ(guard.judge("http://other.example:25/a.png"), Cause::blocked_port);
    EXPECT_EQ(guard.judge("https://[::1]:6697/a.png"), Cause::blocked_port);
    EXPECT_EQ(guard.judge("http://example.com:22/a.png"), Cause::blocked_port);
    EXPECT_EQ(guard.judge("http://other.example:8080/a.png"), Cause::none);
  }
}

TEST(AddressGuard, LetsTheTemplateNameAPrivateHostAndABlockedPort) {
  HttpOptions http;
  http.proxy = "http://8.8.8.8:3128";
  http.site_origin = "http://nas.lan:6000";
  const AddressGuard guard = AddressGuard::of(http);
  EXPECT_EQ(guard.judge("http://nas.lan:6000/a.png"), Cause::none);
  EXPECT_EQ(guard.judge("http://nas.lan:8080/a.png"), Cause::none) << "its host has other ports";
  EXPECT_EQ(guard.judge("https://nas.lan:6000/a.png"), Cause::blocked_port) << "another server";
  EXPECT_EQ(guard.judge("http://nas.lan:25/a.png"), Cause::blocked_port);
  EXPECT_EQ(guard.judge("http://nas.lan./a.png"), Cause::private_address) << "another name";
  EXPECT_EQ(guard.judge("http://router.lan/a.png"), Cause::private_address);
}

TEST(AddressGuard, KeepsPortsBlockedWhenPrivateAddressesAreAllowed) {
  HttpOptions http;
  http.allow_private = true;
  EXPECT_EQ(AddressGuard::of(http).judge("http://localhost/a.png"), Cause::none);
  EXPECT_EQ(AddressGuard::of(http).judge("http://localhost:25/a.png"), Cause::blocked_port);
}

}  // namespace
}  // namespace doutu
