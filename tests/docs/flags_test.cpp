// Help, manual and the completions of three shells name the same flags, with the same defaults. The other documents
// name no flag that there is not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "crawler/command_line/command_line.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

/// Flags as the help writes them: "-d, --directory DIR".
using Flags = std::set<std::string>;

std::string doutu_says(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "doutu");
  std::ostringstream out;
  std::ostringstream err;
  (void)parse_command_line(static_cast<int>(arguments.size()), arguments.data(), out, err);
  EXPECT_EQ(err.str(), "");
  return out.str();
}

std::string source_file(const std::string& path) {
  std::ifstream in(std::string(DOUTU_SOURCE_DIR "/") + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Calls visit(match) for each place where the expression fits.
template <class Visit>
void for_each_match(const std::string& text, const std::string& expression, Visit visit) {
  const std::regex regex(expression, std::regex::ECMAScript | std::regex::multiline);
  for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match) visit(*match);
}

std::vector<std::string> commands() {
  std::vector<std::string> names;
  const std::string help = doutu_says({"--help"});
  const std::string list = help.substr(help.find("Commands:\n"), help.find("\n\n", help.find("Commands:\n")));
  for_each_match(list, "^  ([a-z]+) +\\S", [&](const auto& match) { names.push_back(match[1]); });
  return names;
}

Flags help_of(const std::string& command) {
  Flags flags;
  const std::string help = doutu_says({command.c_str(), "--help"});
  if (help == doutu_says({"--help"})) return flags;  // a command that has no flags
  for_each_match(help, "^  (-., |    )(--[a-z0-9.-]+( [A-Z]+)?)(  |\n)", [&](const auto& match) {
    flags.insert(match.str(1).starts_with('-') ? match.str(1) + match.str(2) : match.str(2));
  });
  return flags;
}

Flags help() {
  Flags flags;
  for (const std::string& command : commands()) flags.merge(help_of(command));
  return flags;
}

/// Each name alone: "-d", "--directory".
Flags names_in(const Flags& flags) {
  Flags names;
  for (const std::string& flag : flags) {
    for_each_match(flag, "(^| )(--?[a-z0-9.-]+)", [&](const auto& match) { names.insert(match[2]); });
    for_each_match(flag, "^(-[A-Z])", [&](const auto& match) { names.insert(match[1]); });
  }
  return names;
}

TEST(FlagsAreNamed, InTheHelp) {
  EXPECT_THAT(commands(), testing::IsSupersetOf({"crawl", "demo", "help"}));
  EXPECT_THAT(help_of("crawl"), testing::IsSupersetOf({"-d, --directory DIR", "--xpath EXPR", "-k, --insecure",
                                                       "--http1.1", "-h, --help"}));
  EXPECT_THAT(names_in({"-H, --header LINE", "--http1.1"}), testing::ElementsAre("--header", "--http1.1", "-H"));
}

TEST(FlagsAreNamed, InTheManualAsInTheHelp) {
  Flags flags;
  for_each_match(
      source_file("docs/doutu.1.scd"), R"(^((\*-.\*, )?\*--[a-z0-9.-]+\*( _[A-Z]+_)?)$)",
      [&](const auto& match) { flags.insert(std::regex_replace(match.str(1), std::regex("[*_\\\\]"), "")); });
  EXPECT_EQ(flags, help());
}

/// The paragraph that the manual has about "--name": from its line of names to the next one.
std::string manual_about(const std::string& name) {
  std::string text;
  bool inside = false;
  std::istringstream in(source_file("docs/doutu.1.scd"));
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.front() != '\t') inside = line.find("*" + name + "*") != std::string::npos;
    if (inside && line.starts_with('\t')) text += line.substr(1) + "\n";
  }
  return std::regex_replace(text, std::regex(R"([*_\\])"), "");
}

/// Defaults that the help of crawl gives as a number, a size, a range or one word: "--fetchers" is "4". They stand in
/// brackets at the end of a flag's text.
std::map<std::string, std::string> plain_defaults() {
  std::map<std::string, std::string> defaults;
  std::string name;
  for_each_match(doutu_says({"crawl", "--help"}), R"(^  (?:-., |    )(--[a-z0-9.-]+)| \[([A-Za-z0-9.-]+)\]$)",
                 [&](const auto& match) {
                   if (match[1].matched) name = match[1];
                   if (match[2].matched && !name.empty()) defaults[name] = match[2];
                 });
  return defaults;
}

TEST(FlagsAreNamed, InTheManualWithTheDefaultsOfTheHelp) {
  const std::map<std::string, std::string> defaults = plain_defaults();
  EXPECT_GE(defaults.size(), 25U);
  EXPECT_EQ(defaults.at("--downloaders"), "20");
  for (const auto& [name, value] : defaults) {
    EXPECT_THAT(manual_about(name), testing::ContainsRegex("Default: " + value + "([.,;]|$)")) << name;
  }
}

/// What stands in `code` and in code blocks of a document.
std::string code_in(const std::string& path) {
  std::string code;
  for_each_match(source_file(path), "```[^`]*```|`[^`\n]+`", [&](const auto& match) { code += match.str() + "\n"; });
  return code;
}

TEST(FlagsAreNamed, InTheOtherDocumentsOnlyWhenThereAreSuch) {
  Flags known = names_in(help());
  known.insert("--version");  // of doutu itself, no command has it
  for (const std::string path : {"README.md", "README.zh-CN.md", "docs/outcomes.md", "docs/files.md"}) {
    Flags named;
    for_each_match(code_in(path), R"((?:^|[ `\[])(--[a-z][a-z0-9.-]*))",
                   [&](const auto& match) { named.insert(match[1]); });
    for (const char* of_cmake : {"--install", "--prefix"}) named.erase(of_cmake);
    EXPECT_THAT(known, testing::IsSupersetOf(named)) << path;
    EXPECT_GE(named.size(), 4U) << path << ": is it read at all?";
  }
}

/// The options that README and its Chinese sister give a row of a table are those of the help, argument included.
TEST(FlagsAreNamed, InTheTablesOfTheReadmesAsInTheHelp) {
  for (const std::string path : {"README.md", "README.zh-CN.md"}) {
    Flags flags;
    for_each_match(source_file(path), "^\\| `(-[^`]*)` \\|", [&](const auto& cell) { flags.insert(cell[1]); });
    EXPECT_GE(flags.size(), 10U) << path;
    EXPECT_THAT(help(), testing::IsSupersetOf(flags)) << path;
  }
}

// --- Completions, asked of the shell itself where it can be asked.

class Completions : public testing::Test {
 protected:
  static bool is_installed(const std::string& shell) {
    return std::filesystem::exists("/bin/" + shell) || std::filesystem::exists("/usr/bin/" + shell);
  }

  /// Path of the completions that doutu writes.
  std::string file_for(const std::string& shell) {
    std::string path = folder_ / ("doutu." + shell);
    std::ofstream(path) << doutu_says({"completions", shell.c_str()});
    return path;
  }

  struct Said {
    int status = -1;
    std::string text;
  };
  /// Runs a shell over a script of its own; stdout and stderr together.
  Said run(const std::string& shell, const std::string& script) const {
    std::ofstream(folder_ / "script") << script;
    const std::string command = shell + " " + (folder_ / "script") + " 2>&1 </dev/null";
    FILE* pipe = ::popen(command.c_str(), "r");  // NOLINT(cert-env33-c): a fixed command
    Said said;
    std::array<char, 4096> buffer{};
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
      said.text.append(buffer.data(), count);
    }
    said.status = ::pclose(pipe);
    return said;
  }

  static Flags lines_of(const std::string& text) {
    Flags lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.insert(line.substr(0, line.find('\t')));
    return lines;
  }

  TemporaryFolder folder_;
};

TEST_F(Completions, OfBashAreTheFlagsOfEachCommand) {
  const std::string file = file_for("bash");
  const auto ask = [&](const std::string& words) {
    return lines_of(run("bash", "set -eu\n. " + file + "\nCOMP_WORDS=(doutu " + words + ")\n" +
                                    "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_doutu\n" +
                                    "printf '%s\\n' \"${COMPREPLY[@]}\"\n")
                        .text);
  };
  for (const std::string& command : commands()) {
    const Flags names = names_in(help_of(command));
    EXPECT_EQ(ask(command + " -"), names.empty() ? Flags({""}) : names) << command;
  }
  EXPECT_EQ(ask("cr"), Flags({"crawl"}));
  EXPECT_EQ(ask("crawl --fet"), Flags({"--fetchers"}));
  EXPECT_EQ(ask("crawl --progress p"), Flags({"plain"}));
  EXPECT_EQ(ask("crawl --progress = p"), Flags({"plain"}));
  EXPECT_EQ(ask("crawl --fetchers \"\""), Flags({""}));
  EXPECT_EQ(ask("help d"), Flags({"demo"}));
}

TEST_F(Completions, OfFishAreTheFlagsOfEachCommand) {
  if (!is_installed("fish")) GTEST_SKIP() << "fish is not installed";
  const std::string file = file_for("fish");
  const auto ask = [&](const std::string& line) {
    return lines_of(run("fish --no-config", "source " + file + "\ncomplete -C '" + line + "'\n").text);
  };
  for (const std::string& command : commands()) {
    const Flags names = names_in(help_of(command));
    EXPECT_EQ(ask("doutu " + command + " -"), names) << command;
  }
  EXPECT_EQ(ask("doutu cr"), Flags({"crawl"}));
  EXPECT_EQ(ask("doutu crawl --progress pl"), Flags({"plain"}));
  EXPECT_EQ(ask("doutu help d"), Flags({"demo"}));
}

TEST_F(Completions, OfZshNameTheFlagsOfEachCommand) {
  const std::string text = doutu_says({"completions", "zsh"});
  for (const std::string& command : commands()) {
    const std::size_t begin = text.find("\n    " + command + ")\n");
    ASSERT_NE(begin, std::string::npos) << command;
    Flags names;
    for_each_match(text.substr(begin, text.find(";;", begin) - begin), R"(['{,*](--?[A-Za-z0-9.-]+)(?=[},\[]))",
                   [&](const auto& match) { names.insert(match[1]); });
    EXPECT_EQ(names, names_in(help_of(command))) << command;
  }
}

TEST_F(Completions, OfZshAreReadByIt) {
  if (!is_installed("zsh")) GTEST_SKIP() << "zsh is not installed";
  const std::string file = file_for("zsh");
  const Said checked = run("zsh -f", "zsh -n " + file + "\n");
  EXPECT_EQ(checked.status, 0) << checked.text;
  EXPECT_EQ(checked.text, "");
}

}  // namespace
}  // namespace doutu
