#include "crawler/request/before_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string error_of(std::string_view text) {
  const auto read = read_before(text, "login.toml");
  return read ? "none" : read.error().message;
}

TEST(BeforeFile, HasALoginAndWhatMustComeOfIt) {
  const auto read = read_before(R"(
[[before]]
url = "https://example.com/age?ok=1"

[[before]]
url = "https://example.com/login"
form = "//form[@id='login']"          # optional
fields = { user = "me", password = "se\"same\n" }
expect = "//a[@href='/logout']"
)",
                                "login.toml")
                        .value();
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0], (BeforeRequest{.url = "https://example.com/age?ok=1"}));
  EXPECT_EQ(read[1], (BeforeRequest{.url = "https://example.com/login",
                                    .fills_in_form = true,
                                    .form = "//form[@id='login']",
                                    .fields = {{"password", "se\"same\n"}, {"user", "me"}},
                                    .expect = "//a[@href='/logout']"}));
}

TEST(BeforeFile, FillsInAFormWhereOneIsNamedOrHasFields) {
  EXPECT_TRUE(read_before("[[before]]\nurl = 'http://h/'\nform = '//form'", "f").value()[0].fills_in_form);
  EXPECT_TRUE(read_before("[[before]]\nurl = 'http://h/'\nfields = {}", "f").value()[0].fills_in_form);
  EXPECT_FALSE(read_before("[[before]]\nurl = 'http://h/'\nexpect = '//a'", "f").value()[0].fills_in_form);
}

TEST(BeforeFile, SaysWhereItIsWrongAndNoSecret) {
  struct Case {
    const char* text;
    const char* says;
  };
  const Case cases[] = {
      {"[[before]]\nurl = 'http://h/'\nfeilds = {}", "login.toml:3:1: unknown key \"feilds\"; did you mean fields?"},
      {"[[before]]\nurl = 'http://h/'\nsesame = 1", "login.toml:3:1: unknown key \"sesame\"; known are url, form"},
      {"[[befor]]\nurl = 'http://h/'", "login.toml:1:3: unknown key \"befor\"; did you mean before?"},
      {"[before]\nurl = 'http://h/'", "must be written as [[before]]"},
      {"before = 'http://h/'", "login.toml:1:10: before must be written as [[before]]"},
      {"before = [1]", "must be written as [[before]]"},
      {"", "login.toml has no [[before]]"},
      {"[[before]]", "login.toml:1:1: this [[before]] has no url"},
      {"[[before]]\nurl = 5", "login.toml:2:7: url must be a text in quotes, and is of type integer"},
      {"[[before]]\nurl = ''", "login.toml:2:7: url is empty"},
      {"[[before]]\nurl = 'ftp://h/'", "login.toml:2:7: \"ftp://h/\" is not an http or https URL"},
      {"[[before]]\nurl = 'http://h/'\nfields = 'x'", "login.toml:3:10: fields must be a table"},
      {"[[before]]\nurl = 'http://h/'\n[before.fields]\na = 1", "login.toml:4:5: a must be a text in quotes"},
      {"[[before]]\nurl = 'http://h/'\nexpect = [\"//a\"]", "login.toml:3:10: expect must be a text in quotes"},
      {"[[before]]\nurl = 'http://h/'\nfields = { a = \"\\u0000\" }", "login.toml:3:16: a has a NUL character"},
      {"[[before]]\nurl = 'http://h", "login.toml:2:"},
      {"url = 'http://h/'", "login.toml:1:1: unknown key \"url\""},
  };
  for (const Case& one : cases) EXPECT_THAT(error_of(one.text), HasSubstr(one.says)) << one.text;
  EXPECT_THAT(error_of("[[before]]\nurl = 'http://h/'\nfields = { a = 'sesame' "), Not(HasSubstr("sesame")));
  EXPECT_THAT(error_of("[[before]]\nurl = 'http://me:sesame@ h/'"), Not(HasSubstr("sesame")));
}

TEST(BeforeFile, IsBounded) {
  std::string many;
  for (int i = 0; i < 17; ++i) many += "[[before]]\nurl = 'http://h/'\n";
  EXPECT_THAT(error_of(many), HasSubstr("more than 16 requests"));
  std::string fields = "[[before]]\nurl = 'http://h/'\n[before.fields]\n";
  for (int i = 0; i < 257; ++i) fields += "f" + std::to_string(i) + " = ''\n";
  EXPECT_THAT(error_of(fields), HasSubstr("more than 256 fields"));
  EXPECT_THAT(error_of(std::string(60'000, '[')), StartsWith("login.toml:1:"));
}

TEST(BeforeFile, IsTheSameWhenAFolderRemembersIt) {
  const BeforeRequest requests[] = {
      {.url = "https://example.com/"},
      {.url = "https://example.com/", .fills_in_form = true},
      {.url = "https://example.com/?a=%22b",
       .fills_in_form = true,
       .form = "//form[@id=\"a\\b\"]",
       .fields = {{"a b.c", "\"\\\n\t\x01\x7f"}, {"\u56fe", "\u56fe = '"}},
       .expect = "//a"},
  };
  for (const BeforeRequest& request : requests) {
    const auto value = read_before_value(before_value(request)).value();
    ASSERT_EQ(value.requests.size(), 1U);
    EXPECT_EQ(value.requests[0], request) << before_value(request);
  }
}

TEST(BeforeValue, IsAUrlOrAFile) {
  EXPECT_EQ(read_before_value("HTTPS://Example.com/age?ok=1").value().requests[0].url, "https://example.com/age?ok=1");
  const auto error = [](const std::string& value) { return read_before_value(value).error().message; };
  EXPECT_THAT(error("example.com/age"), HasSubstr("is not an http or https URL; expected one, or @FILE"));
  EXPECT_THAT(error(""), HasSubstr("is not an http or https URL"));
  EXPECT_THAT(error("@"), HasSubstr("has no file name"));
  EXPECT_THAT(error("@/nowhere/login.toml"), HasSubstr("\"/nowhere/login.toml\" cannot be opened: No such file"));
  EXPECT_THAT(error("@/"), HasSubstr("cannot be read"));
  EXPECT_THAT(error("@/dev/zero"), HasSubstr("is longer than 65536 bytes"));
}

TEST(BeforeValue, SaysWhenOthersMayReadTheFile) {
  const TemporaryFolder folder;
  const std::string path = folder / "login.toml";
  std::ofstream(path) << "[[before]]\nurl = 'http://h/'\n";
  ::chmod(path.c_str(), 0644);
  EXPECT_THAT(read_before_value("@" + path).value().warning.value_or(""), HasSubstr("which has secrets; chmod 600 it"));
  ::chmod(path.c_str(), 0600);
  EXPECT_EQ(read_before_value("@" + path).value().warning, std::nullopt);
}

}  // namespace
}  // namespace doutu
