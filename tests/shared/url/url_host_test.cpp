#include "shared/url/url_host.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "shared/url/ip_text.h"

namespace doutu {
namespace {

using Spelling = std::pair<std::string, std::string>;

TEST(UrlHost, HasOneSpelling) {
  const std::vector<Spelling> table{
      {"Example.COM", "example.com"},
      {"example.com.", "example.com."},
      {"a_b.example", "a_b.example"},
      {"%65xample%2Ecom", "example.com"},
      {"%e2%98%83.net", "xn--n3h.net"},
      {"b\xc3\xbc"
       "cher.example",
       "xn--bcher-kva.example"},
      {"B\xc3\x9c"
       "CHER.example",
       "xn--bcher-kva.example"},
      {"fa\xc3\x9f.example", "xn--fa-hia.example"},  // non-transitional: not "fass"
      {"\xf0\x9f\x92\xa9.la", "xn--ls8h.la"},
      {"\xef\xbc\xa1\xef\xbc\xa2\xe3\x80\x82"
       "com",
       "ab.com"},  // fullwidth letters, ideographic full stop
      {"a\xc2\xad"
       "b.example",
       "ab.example"},  // a soft hyphen is nothing
      {"ab--c.\xc3\xa9", "ab--c.xn--9ca"},
      {"xn--a.example", "xn--a.example"},  // ASCII stays, whatever punycode it is
      {"{`'\"}", "{`'\"}"},
  };
  for (const auto& [written, normal] : table) {
    EXPECT_EQ(normal_host(written), normal) << written;
    EXPECT_EQ(normal_host(normal), normal) << "normal form is stable";
  }
}

TEST(UrlHost, RefusesWhatNoNameMayHave) {
  for (const std::string text : {"",
                                 "a b",
                                 "a%20b",
                                 "a%00b",
                                 "a%25b",
                                 "a%2Fb",
                                 "a:b",
                                 "a|b",
                                 "a^b",
                                 "a<b",
                                 "a[b",
                                 "a%zzb",
                                 "\xff",
                                 "%ff",
                                 "\xc3\xa9%3C",
                                 "xn--a.\xc3\xa9",
                                 "\xc2\xad",
                                 "\xef\xbf\xbd",
                                 "a\xe2\x80\x8c"
                                 "b",
                                 "\xd9\x8a"
                                 "a",
                                 "a\x7f"
                                 "b"}) {
    EXPECT_EQ(normal_host(text), std::nullopt) << text;
  }
  EXPECT_EQ(normal_host(std::string_view("a\0b", 3)), std::nullopt);
}

TEST(UrlHost, ReadsIpv4InEveryForm) {
  for (const char* text : {"127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0X7F.1",
                           "017700000001", "0177.0.0.1", "0x7f.0.0x0.01", "%31%32%37.0.0.1", "127%2e1"}) {
    EXPECT_EQ(normal_host(text), "127.0.0.1") << text;
  }
  for (const char* text :
       {"256.0.0.1", "1.2.3.256", "1.2.65536", "1.16777216", "4294967296", "0x100000000", "1.2.3.4.5", "1..2", ".1",
        "08", "1.2.3.09", "0x1g.1.1.1", "a.0x1", "99999999999999999999999"}) {
    EXPECT_EQ(normal_host(text), std::nullopt) << text;
  }
  EXPECT_EQ(normal_host("0x1g"), "0x1g") << "no number: a name";
  EXPECT_EQ(normal_host("1.2.3.4.."), "1.2.3.4..") << "its last label is empty: a name";
  EXPECT_EQ(normal_host("0x7F.0x"), "127.0.0.0") << "0x is zero";
  EXPECT_EQ(normal_host("4294967295"), "255.255.255.255");
}

TEST(UrlHost, WritesIpv6InItsShortestForm) {
  const std::vector<Spelling> table{
      {"[::1]", "[::1]"},
      {"[0:0:0:0:0:0:0:0]", "[::]"},
      {"[2001:0DB8:0:0:1:0:0:1]", "[2001:db8::1:0:0:1]"},  // the first of two equal runs
      {"[1:0:2:0:0:0:3:0]", "[1:0:2::3:0]"},
      {"[1:0:2:3:4:5:6:7]", "[1:0:2:3:4:5:6:7]"},  // one zero is no run
      {"[1:2:3:4:5:6:0:0]", "[1:2:3:4:5:6::]"},
      {"[::ffff:127.0.0.1]", "[::ffff:7f00:1]"},
      {"[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7:0]"},
  };
  for (const auto& [written, normal] : table) EXPECT_EQ(normal_host(written), normal) << written;
  for (const char* text :
       {"[", "[]", "[::1", "[::1]x", "[::1%25eth0]", "[1:2:3:4:5:6:7]", "[1::2::3]", "[:1]", "[12345::]", "[::1.2.3]",
        "[::01.2.3.4]", "[::1.2.3.256]", "[g::]", "[ ::1]", "[127.0.0.1]"}) {
    EXPECT_EQ(normal_host(text), std::nullopt) << text;
  }
  EXPECT_EQ(normal_ipv6(std::string_view("::1\0", 4)), std::nullopt);
}

}  // namespace
}  // namespace doutu
