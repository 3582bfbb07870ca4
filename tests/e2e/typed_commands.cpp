#include "tests/e2e/typed_commands.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

#include "tests/site/coded_bodies.h"

namespace doutu {
namespace {

std::vector<std::string> range(int first, int last) {
  std::vector<std::string> numbers;
  for (int number = first; number <= last; ++number) numbers.push_back(std::to_string(number));
  return numbers;
}

/// "1..3" or "a,b".
std::vector<std::string> choices(const std::string& braces) {
  if (const std::size_t dots = braces.find(".."); dots != std::string::npos) {
    return range(std::stoi(braces), std::stoi(braces.substr(dots + 2)));
  }
  std::vector<std::string> words;
  std::istringstream in(braces);
  for (std::string word; std::getline(in, word, ',');) words.push_back(word);
  return words;
}

std::vector<std::string> expanded(const std::string& word) {
  const std::size_t open = word.find('{');
  if (open == std::string::npos) return {word};
  const std::size_t close = word.find('}', open);
  std::vector<std::string> words;
  for (const std::string& choice : choices(word.substr(open + 1, close - open - 1))) {
    for (const std::string& rest : expanded(word.substr(close + 1)))
      words.push_back(word.substr(0, open) + choice + rest);
  }
  return words;
}

std::string type_of(const std::string& path) {
  if (path.ends_with(".json")) return "application/json";
  if (path.ends_with(".xml")) return "application/xml";
  if (path.ends_with(".gz")) return "application/gzip";
  return "text/html";
}

std::string name_of(const std::string& path) {
  const std::string without_query = path.substr(0, path.find('?'));
  return without_query.substr(without_query.rfind('/') + 1);
}

std::string in_one_line(std::string text) {
  std::string line;
  std::istringstream in(text);
  for (std::string word; in >> word;) line += (line.empty() ? "" : " ") + word;
  return line;
}

std::multiset<std::string> paths(const std::vector<Hit>& log) {
  std::multiset<std::string> paths;
  for (const Hit& hit : log) paths.insert(hit.path);
  return paths;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const TypedJob& job) { return out << job.in_words; }

std::vector<std::string> spelled_out(std::string_view words) {
  std::vector<std::string> all;
  std::istringstream in{std::string(words)};
  for (std::string word; in >> word;) {
    for (std::string& one : expanded(word)) all.push_back(std::move(one));
  }
  return all;
}

std::string TypedCommands::with_address(std::string text) const {
  constexpr std::string_view kMark = "SITE";
  const std::string address = site_.url();
  for (std::size_t at = text.find(kMark); at != std::string::npos; at = text.find(kMark, at + address.size())) {
    text.replace(at, kMark.size(), address);
  }
  return text;
}

void TypedCommands::put(const TypedJob& job) {
  std::uint64_t number = 0;
  for (const std::string& path : spelled_out(job.images)) hashes_.try_emplace(name_of(path), image(path, ++number));
  put(job.pages);
}

void TypedCommands::put(const std::vector<PageAt>& pages) {
  std::map<std::string, std::vector<Response>> answers;
  for (const PageAt& page : pages) {
    std::string body = with_address(page.body);
    if (page.path.ends_with(".gz")) body = gzip(body);
    Headers headers{{"Content-Type", type_of(page.path)}};
    for (const auto& [name, value] : page.headers) headers.emplace_back(name, with_address(value));
    const Response response{.headers = std::move(headers), .body = std::move(body)};
    for (const std::string& path : spelled_out(page.path)) answers[path].push_back(response);
  }
  for (auto& [path, responses] : answers) site_.respond(path, std::move(responses));
}

Ended TypedCommands::type(const std::string& command) const {
  const std::map<std::string, std::string> environment{{"PATH", std::string(DOUTU_PROGRAM_FOLDER) + ":/usr/bin:/bin"},
                                                       {"TMPDIR", temporary_.path().string()}};
  return CrawlRun({"-c", with_address(command)}, temporary_.path().string(), environment, "/bin/sh").wait();
}

void TypedCommands::check_files(const std::optional<std::string>& names) const {
  if (!names) {
    EXPECT_FALSE(std::filesystem::exists(img_.path()));
    return;
  }
  std::map<std::string, std::string> files;
  for (const std::string& name : spelled_out(*names)) files[name] = hashes_.contains(name) ? hashes_.at(name) : "?";
  EXPECT_EQ(img_.images(), files);
  EXPECT_THAT(img_.wrong_image_lines(), testing::IsEmpty());
  EXPECT_THAT(img_.leftovers(), testing::IsEmpty());
  EXPECT_TRUE(img_.report().balances());
}

Ended TypedCommands::check(const Typed& typed) {
  SCOPED_TRACE(typed.command);
  site_.forget_log();
  Ended ended = type(typed.command);
  const std::string said = ended.out + ended.err;
  EXPECT_EQ(ended.status, typed.status) << said;
  check_files(typed.files);
  if (typed.asked) {
    const auto asked = spelled_out(*typed.asked);
    auto seen = paths(site_.log());
    if (std::ranges::find(asked, "/robots.txt") == asked.end()) seen.erase("/robots.txt");
    for (const std::string& path : spelled_out(typed.perhaps)) {
      if (const auto found = seen.find(path); found != seen.end()) seen.erase(found);
    }
    EXPECT_EQ(seen, std::multiset<std::string>(asked.begin(), asked.end())) << said;
  }
  if (typed.prints) {
    EXPECT_EQ(ended.out, with_address(*typed.prints));
  }
  EXPECT_THAT(in_one_line(said), testing::HasSubstr(with_address(typed.says)));
  return ended;
}

}  // namespace doutu
