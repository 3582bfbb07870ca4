#include "crawler/request/url_template.h"

#include <fmt/format.h>

#include <algorithm>

#include "crawler/request/asked_pages.h"
#include "shared/base/escape.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxTemplateBytes = std::size_t{8} * 1024;
constexpr std::size_t kShown = 200;     // bytes of wrong input in an error
constexpr std::size_t kMarkShown = 40;  // of a mark
constexpr std::string_view kBraces = "{}";

Error about(std::string_view written, std::string_view story) {
  return {fmt::format("\"{}\" {}", escape_url(written, kShown), story)};
}

}  // namespace

/// mark: from its brace to its brace.
Status UrlTemplate::add_mark(std::string_view mark) {
  const std::string_view inside = mark.ends_with('}') ? mark.substr(1, mark.size() - 2) : "";
  const std::size_t colon = std::min(inside.find(':'), inside.size());
  const std::string_view name = inside.substr(0, colon);
  if (!is_placeholder_name(name)) {
    return Error{
        fmt::format("has \"{}\", which is no placeholder; expected {{page}} or {{page:03}}, or {{NAME}} with --pages "
                    "NAME=VALUES; write %7B and %7D for braces that are part of the URL",
                    escape_for_terminal(mark, kMarkShown))};
  }
  auto format = colon < inside.size() ? PlaceholderFormat::parse(inside.substr(colon + 1)) : PlaceholderFormat();
  if (!format)
    return Error{fmt::format("has \"{}\", which {}", escape_for_terminal(mark, kMarkShown), format.error().message)};
  const auto found = std::ranges::find(names_, name);
  marks_.push_back({static_cast<std::size_t>(found - names_.begin()), *std::move(format), std::string(mark)});
  if (found == names_.end()) names_.emplace_back(name);
  return {};
}

Result<UrlTemplate> UrlTemplate::parse(std::string_view text) {
  constexpr std::string_view kExample = "example: https://example.com/list?page={page}";
  if (text.size() > kMaxTemplateBytes) return about(text, fmt::format("is longer than {} bytes", kMaxTemplateBytes));
  UrlTemplate result;
  std::string_view rest = text;
  for (std::size_t at = rest.find_first_of(kBraces); at != std::string_view::npos; at = rest.find_first_of(kBraces)) {
    result.texts_.emplace_back(rest.substr(0, at));
    rest.remove_prefix(at);
    const std::string_view mark = rest.substr(0, rest.find('}') + 1);  // npos + 1 is 0
    if (Status added = result.add_mark(mark.empty() ? rest : mark); !added) {
      return about(text, rest.find('@') < rest.find('/') ? "has a brace in the user name or password; write %7B or %7D"
                                                         : added.error().message);
    }
    rest.remove_prefix(mark.size());
  }
  result.texts_.emplace_back(rest);

  if (!normalise_url(result.expand(0))) return about(text, fmt::format("is not an http or https URL; {}", kExample));
  // Two pages with different servers, or with servers that make no sense for some numbers (a port), show it here.
  const std::optional<std::string> last = normalise_url(result.expand(PageRange::kMaxNumber));
  if (!last || url_authority(*last) != url_authority(result.url_of(0))) {
    return about(text, fmt::format("has {} in the host name or port; put it into the path or the query; {}",
                                   result.marks_.front().text, kExample));
  }
  return result;
}

template <class Value>
std::string UrlTemplate::expand_with(Value value_of) const {
  std::string url = texts_.front();
  for (std::size_t i = 0; i < marks_.size(); ++i) url.append(value_of(marks_[i])).append(texts_[i + 1]);
  return url;
}

std::string UrlTemplate::expand(std::uint64_t page) const {
  return expand_with([page](const Mark& mark) { return fmt::format("{:0{}}", page, std::max(mark.format.digits, 1)); });
}

std::string UrlTemplate::url_of(std::uint64_t page) const {
  std::string url = expand(page);
  return normalise_url(url).value_or(url);
}

std::string UrlTemplate::url_of(const ValueOf& value_of) const {
  std::string url = expand_with(value_of);
  return normalise_url(url).value_or(url);
}

bool UrlTemplate::tells_pages_apart() const {
  return url_without_userinfo(url_of(0)) != url_without_userinfo(url_of(PageRange::kMaxNumber));
}

std::string UrlTemplate::host() const { return url_host(url_of(0)); }
std::string UrlTemplate::server() const { return url_authority(url_of(0)); }

std::string as_template(std::string_view url) {
  std::string text;
  for (const char c : url) {
    if (c == '{') {
      text += "%7B";
    } else if (c == '}') {
      text += "%7D";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace doutu
