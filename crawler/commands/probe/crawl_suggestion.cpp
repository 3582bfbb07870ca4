#include "crawler/commands/probe/crawl_suggestion.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "crawler/command_line/command_line.h"
#include "crawler/request/url_template.h"
#include "crawler/text/shell_word.h"
#include "shared/base/ascii.h"

namespace doutu {
namespace {

constexpr std::uint64_t kFurtherPages = 9;
constexpr std::uint64_t kMaxGuess = 1'000'000;  // what is above is the number of something else

constexpr auto kPageNames = std::to_array<std::string_view>(
    {"page", "p", "pn", "pg", "paged", "pageno", "page_no", "pagenum", "page_num", "pageindex"});

constexpr std::string_view kDigits = "0123456789";

bool names_a_page(std::string_view word) {
  return std::ranges::find(kPageNames, ascii_lower(word)) != kPageNames.end();
}

/// The number at url[at, at + size) as the page's.
std::optional<PageNumberGuess> guess_at(std::string_view url, std::size_t at, std::size_t size) {
  const std::string_view digits = url.substr(at, size);
  std::uint64_t page = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), page);
  if (error != std::errc() || end != digits.data() + digits.size() || page > kMaxGuess) return std::nullopt;
  const bool is_padded = digits.size() > 1 && digits.front() == '0';
  const std::string place = is_padded && size < 10 ? fmt::format("{{page:0{}}}", size) : "{page}";
  return PageNumberGuess{as_template(url.substr(0, at)) + place + as_template(url.substr(at + size)), page};
}

std::optional<PageNumberGuess> guess_in_query(std::string_view url) {
  std::size_t at = url.find('?');
  while (at < url.size()) {
    const std::size_t end = std::min(url.find('&', at + 1), url.size());
    const std::string_view field = url.substr(at + 1, end - at - 1);
    const std::size_t equals = field.find('=');
    if (equals != std::string_view::npos && names_a_page(field.substr(0, equals))) {
      if (auto guess = guess_at(url, at + 1 + equals + 1, field.size() - equals - 1)) return guess;
    }
    at = end;
  }
  return std::nullopt;
}

/// A run of digits in a URL.
struct Number {
  std::size_t first, end;
};

/// The last one before end and not before begin.
std::optional<Number> number_before(std::string_view url, std::size_t begin, std::size_t end) {
  const std::size_t last = url.substr(0, end).find_last_of(kDigits);
  if (last == std::string_view::npos || last < begin) return std::nullopt;
  return Number{url.substr(0, last).find_last_not_of(kDigits) + 1, last + 1};
}

bool is_one_of(char c, std::string_view characters) { return characters.find(c) != std::string_view::npos; }

/// page3, page-3, page/3. Precondition: a path holds it, so that something stands before.
bool has_page_before(std::string_view url, const Number& number) {
  const std::size_t word_end = number.first - (is_one_of(url[number.first - 1], "-_/") ? 1 : 0);
  const std::size_t word = url.substr(0, word_end).find_last_of("/-_.") + 1;
  return names_a_page(url.substr(word, word_end - word));
}

/// /3/, /3.html, list_3.html, list-3.
bool ends_the_path(std::string_view url, const Number& number, std::size_t path_end) {
  const std::string_view behind = url.substr(number.end, path_end - number.end);
  const bool is_last =
      behind.empty() || behind == "/" || (behind[0] == '.' && behind.find('/') == std::string_view::npos);
  return is_last && is_one_of(url[number.first - 1], "-_/");
}

std::optional<PageNumberGuess> guess_in_path(std::string_view url) {
  const std::size_t path = std::min(url.find('/', url.find("://") + 3), url.size());
  const std::size_t path_end = std::min(url.find('?'), url.size());
  std::optional<PageNumberGuess> ending;
  for (auto number = number_before(url, path, path_end); number; number = number_before(url, path, number->first)) {
    auto guess = guess_at(url, number->first, number->end - number->first);
    if (guess && has_page_before(url, *number)) return guess;
    if (!ending && ends_the_path(url, *number, path_end)) ending = std::move(guess);
  }
  return ending;
}

std::string pages_text(const std::optional<PageNumberGuess>& guess) {
  return guess ? fmt::format("{}-{}", guess->page, guess->page + kFurtherPages) : "1";
}

/// With "=" before a value that would be read as a flag.
std::string flag_text(const GivenFlag& flag) {
  if (flag.value.empty()) return " " + flag.name;
  return fmt::format(" {}{}{}", flag.name, flag.value.starts_with('-') ? '=' : ' ', shell_word(flag.value));
}

/// The flags of `doutu probe` that a crawl needs as well, where they are not as usual.
std::string flags_text(const CrawlSettings& settings, const CookieSources& cookies) {
  std::string text;
  for (const GivenFlag& flag : flags_for_crawl(settings, cookies)) text += flag_text(flag);
  return text;
}

}  // namespace

std::optional<PageNumberGuess> guess_page_number(std::string_view url) {
  if (auto guess = guess_in_query(url)) return guess;
  return guess_in_path(url);
}

std::string crawl_command_line(const std::string& url, const std::optional<PageNumberGuess>& guess,
                               const std::string& xpath, const CrawlSettings& settings, const CookieSources& cookies) {
  return fmt::format("doutu crawl {} --pages {}{}{}", shell_word(guess ? guess->url_template : as_template(url)),
                     pages_text(guess), flag_text({"--xpath", xpath}), flags_text(settings, cookies));
}

}  // namespace doutu
