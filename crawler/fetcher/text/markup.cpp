#include "crawler/fetcher/text/markup.h"

#include <algorithm>
#include <array>
#include <string>

#include "crawler/fetcher/text/content_type.h"
#include "crawler/fetcher/text/json_text.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

/// What says nothing about a page.
constexpr auto kUnknownTypes = std::to_array<std::string_view>(
    {"", "text/plain", "application/octet-stream", "binary/octet-stream", "application/gzip", "application/x-gzip",
     "unknown/unknown", "application/unknown"});

constexpr auto kFeedRoots = std::to_array<std::string_view>({"rss", "feed", "rdf:RDF", "urlset", "sitemapindex"});

/// The beginning, without byte order mark, and of UTF-16 without the zero bytes: enough to read names by.
std::string plain_head(std::string_view bytes) {
  constexpr std::size_t kLooked = 4096;
  std::string head(bytes.substr(0, kLooked));
  std::erase(head, '\0');
  for (const std::string_view mark : {"\xef\xbb\xbf", "\xfe\xff", "\xff\xfe"}) {
    if (head.starts_with(mark)) head.erase(0, mark.size());
  }
  return head;
}

/// The end, so far as the head does not hold it.
std::string plain_tail(std::string_view bytes) {
  constexpr std::size_t kLooked = 4096;
  const std::size_t begin = std::max(kLooked, bytes.size() - std::min(kLooked, bytes.size()));
  std::string tail(bytes.substr(std::min(begin, bytes.size())));
  std::erase(tail, '\0');
  return tail;
}

void skip_space(std::string_view& text) { text = trim_front(text, kHtmlWhitespace); }

void skip_behind(std::string_view& text, std::string_view mark) {
  const std::size_t found = text.find(mark);
  text.remove_prefix(found == std::string_view::npos ? text.size() : found + mark.size());
}

/// What stands before the first element.
void skip_prolog(std::string_view& text) {
  skip_space(text);
  while (text.starts_with("<!") || text.starts_with("<?")) {
    skip_behind(text, text.starts_with("<!--") ? "-->" : text.starts_with("<?") ? "?>" : ">");
    skip_space(text);
  }
}

bool has_feed_root(std::string_view text) {
  skip_prolog(text);
  return std::ranges::any_of(kFeedRoots, [text](std::string_view root) {
    const bool is_named_so = text.starts_with('<') && text.substr(1).starts_with(root);
    const std::string_view rest = is_named_so ? text.substr(1 + root.size()) : std::string_view();
    return !rest.empty() && (rest[0] == '>' || rest[0] == '/' || is_html_whitespace(rest[0]));
  });
}

bool begins_with_declaration(std::string_view text) {
  skip_space(text);
  return text.starts_with("<?xml") && text.size() > 5 && is_html_whitespace(text[5]);
}

bool is_xml_type(std::string_view essence) {
  return essence == "text/xml" || essence == "application/xml" || essence.ends_with("+xml");
}

bool is_json_type(std::string_view essence) {
  return essence == "application/json" || essence == "text/json" || essence.ends_with("+json");
}

}  // namespace

Markup sniff_markup(std::string_view bytes, std::string_view content_type) {
  const std::string essence = essence_of(content_type);
  if (is_xml_type(essence)) return Markup::xml;
  if (is_json_type(essence)) return Markup::json;
  const bool is_html = essence == "text/html";
  const std::string head = plain_head(bytes);
  if (is_html ? looks_like_json(head + plain_tail(bytes)) : begins_as_json(head)) return Markup::json;
  const bool is_unknown = std::ranges::find(kUnknownTypes, essence) != kUnknownTypes.end();
  if (!is_unknown && !is_html) return Markup::html;
  return has_feed_root(head) || (is_unknown && begins_with_declaration(head)) ? Markup::xml : Markup::html;
}

}  // namespace doutu
