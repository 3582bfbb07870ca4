// TypedCommands: a site of literal pages, and commands as a user types them into a shell beside it: for tables whose
// rows are jobs. "SITE" stands for the site's address, in pages as in commands; the images go where they go by default,
// into img. Lists of words are spelled out as a shell does: "/{1..3} /img/{a,b}.png".
#pragma once

#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {

/// A page; the type is that of its ending, and what ends with .gz is packed. Several with one path: the first answer,
/// the second ..., and the last for ever.
struct PageAt {
  std::string path;
  std::string body{};
  Headers headers{};
};

/// A command, and what must be so when it has ended.
struct Typed {
  std::string command;
  int status = 0;
  std::optional<std::string> files{};  ///< Names in img; nullopt: there is no such folder.
  /// What the site was asked for, each as often as it stands here; nullopt: let be. /robots.txt counts only where it
  /// stands here.
  std::optional<std::string> asked{};
  std::optional<std::string> prints{};  ///< All of stdout.
  std::string says{};                   ///< Among what it says, on stdout or stderr, lines joined.
  std::string perhaps{};                ///< What may have been asked for, each once: in hand when the end was seen.
};

struct TypedJob {
  const char* name;
  const char* in_words;
  std::string images;  ///< Paths of images on the site, each another one. Of two with one name the first is to be had.
  std::vector<PageAt> pages;
  std::vector<Typed> nights;
};

/// For failure messages of tests.
std::ostream& operator<<(std::ostream& out, const TypedJob& job);

[[nodiscard]] std::vector<std::string> spelled_out(std::string_view words);

class TypedCommands : public CrawlTest {
 protected:
  void put(const TypedJob& job);
  void put(const std::vector<PageAt>& pages);
  /// By /bin/sh, in a folder of this test's own.
  [[nodiscard]] Ended type(const std::string& command) const;
  /// Types it, and looks whether all is as it must be.
  Ended check(const Typed& typed);

  CrawlFolder img_{temporary_ / "img"};

 private:
  [[nodiscard]] std::string with_address(std::string text) const;
  void check_files(const std::optional<std::string>& names) const;

  std::map<std::string, std::string> hashes_;  ///< By the name of a file.
};

}  // namespace doutu
