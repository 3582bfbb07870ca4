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

/// What a command says of a flag that it does not have.
std::string said_of(const char* command, const std::string& flag) {
  std::ostringstream out;
  std::ostringstream err;
  const std::vector<const char*> arguments = {"doutu", command, flag.c_str()};
  (void)parse_command_line(3, arguments.data(), out, err);
  return err.str();
}

TEST(ForeignFlags, AreAnsweredByFlagsOfTheCommandThatAnswers) {
  for (const char* command : {"crawl", "probe", "status", "demo"}) {
    const auto own = flags_of(command);
    for (const ForeignFlag& foreign : foreign_flags()) {
      std::istringstream names{std::string(foreign.names)};
      for (std::string name; names >> name;) {
        const std::string said = said_of(command, name);
        const std::size_t hint = said.find("; " + std::string(foreign.answer));
        if (std::string_view(command) == "crawl") {
          EXPECT_NE(hint, std::string::npos) << said;
        }
        if (hint == std::string::npos) continue;
        for (const std::string& flag : flags_in(said.substr(hint))) {
          EXPECT_TRUE(own.contains(flag) || flag == "--help") << command << ": " << said;
        }
      }
    }
  }
}

TEST(ForeignFlags, OfWgetAndCurlAreAnsweredInEachForm) {
  for (const auto& [flag, words] : std::initializer_list<std::pair<const char*, const char*>>{
           {"-np", "--follow EXPR"},
           {"-l", "--max-depth N"},
           {"-nd", "--directory DIR"},
           {"-Px", "--directory DIR"},
           {"-ox", "--directory DIR"},
           {"-qO-", "--directory DIR"},
           {"-m", "--max-time"},
           {"-N", "does not fetch saved images again"},
           {"--json", "it is an option of doutu status and doutu probe"}}) {
    EXPECT_NE(said_of("crawl", flag).find(words), std::string::npos) << said_of("crawl", flag);
  }
  EXPECT_EQ(said_of("crawl", "-N").find("always does this"), std::string::npos);
  EXPECT_EQ(said_of("status", "-X").find("GET"), std::string::npos) << "it asks nobody";
}

}  // namespace
}  // namespace doutu
