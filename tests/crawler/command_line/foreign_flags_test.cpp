#include "crawler/command_line/foreign_flags.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

#include "crawler/command_line/command_line.h"

namespace doutu {
namespace {

std::set<std::string> flags_in(const std::string& text) {
  static const std::regex flag("(^|[ ,])(--?[a-zA-Z][a-z0-9.-]*)");
  std::set<std::string> flags;
  for (std::sregex_iterator match(text.begin(), text.end(), flag), end; match != end; ++match)
    flags.insert((*match)[2]);
  return flags;
}

std::set<std::string> flags_of(const char* command) {
  std::ostringstream out;
  std::ostringstream err;
  const std::vector<const char*> arguments = {"doutu", command, "--help"};
  (void)parse_command_line(3, arguments.data(), out, err);
  return flags_in(out.str());
}

TEST(ForeignFlags, AreNoneOfDoutusOwn) {
  const auto own = flags_of("crawl");
  ASSERT_TRUE(own.contains("--directory") && own.contains("-d"));
  for (const ForeignFlag& foreign : foreign_flags()) {
    for (const std::string& name : flags_in(std::string(foreign.names))) EXPECT_FALSE(own.contains(name)) << name;
  }
}

TEST(ForeignFlags, AreAnsweredOnce) {
  std::set<std::string> all;
  for (const ForeignFlag& foreign : foreign_flags()) {
    std::istringstream names{std::string(foreign.names)};
    for (std::string name; names >> name;) {
      EXPECT_TRUE(all.insert(name).second) << name;
      EXPECT_EQ(answer_to_foreign_flag(name), foreign.answer) << name;
    }
  }
  EXPECT_EQ(answer_to_foreign_flag("--frobnicate"), std::nullopt);
  EXPECT_EQ(answer_to_foreign_flag(""), std::nullopt);
}

TEST(ForeignFlags, AreAnsweredByFlagsThatDoutuHas) {
  const auto own = flags_of("crawl");
  for (const ForeignFlag& foreign : foreign_flags()) {
    for (const std::string& name : flags_in(std::string(foreign.answer))) EXPECT_TRUE(own.contains(name)) << name;
  }
}

}  // namespace
}  // namespace doutu
