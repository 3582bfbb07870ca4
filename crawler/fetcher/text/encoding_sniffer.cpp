#include "crawler/fetcher/text/encoding_sniffer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "crawler/fetcher/text/content_type.h"
#include "crawler/fetcher/text/utf8.h"
#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

constexpr std::size_t kPrescanBytes = 1024;
constexpr std::size_t kHeadBytes = std::size_t{64} << 10U;

std::size_t find_word(std::string_view text, std::string_view word, std::size_t from) {
  while (from < text.size() && !starts_with_ignoring_case(text.substr(from), word)) ++from;
  return from;
}

/// What a label found inside of a page means: the page was read so far, so it is not in UTF-16.
std::optional<Encoding> encoding_in_page(std::string_view label) {
  const auto encoding = encoding_from_label(label);
  if (encoding == Encoding::utf_16be || encoding == Encoding::utf_16le) return Encoding::utf_8;
  if (encoding == Encoding::x_user_defined) return Encoding::windows_1252;
  return encoding;
}

/// "Algorithm for extracting a character encoding from a meta element" (HTML section 2.4.4); empty when it has none.
std::string_view charset_of_content(std::string_view content) {
  constexpr std::string_view kCharset = "charset";
  for (std::size_t at = find_word(content, kCharset, 0); at < content.size(); at = find_word(content, kCharset, at)) {
    at += kCharset.size();
    std::string_view rest = trim_front(content.substr(at), kHtmlWhitespace);
    if (!rest.starts_with('=')) continue;
    rest = trim_front(rest.substr(1), kHtmlWhitespace);
    if (rest.empty()) return {};
    const bool quoted = rest[0] == '"' || rest[0] == '\'';
    if (!quoted) return rest.substr(0, rest.find_first_of(" \t\n\f\r;"));
    const std::size_t end = rest.find(rest[0], 1);
    return end == std::string_view::npos ? std::string_view() : rest.substr(1, end - 1);
  }
  return {};
}

struct Attribute {
  std::string name;  ///< Lower case.
  std::string value;
};

/// Reads tags as the prescan does, without a tokenizer's states. Every read at the end of the bytes makes it ended(),
/// and what was read in part does not count.
class Prescan {
 public:
  explicit Prescan(std::string_view bytes) : bytes_(bytes) {}

  std::optional<Encoding> run() {
    for (; !ended(); ++at_) {
      if (bytes_[at_] != '<') continue;
      const std::string_view rest = bytes_.substr(at_);
      if (rest.starts_with("<!--")) {
        skip_to("-->", 2);
      } else if (starts_with_ignoring_case(rest, "<meta") && rest.size() > 5 &&
                 (is_html_whitespace(rest[5]) || rest[5] == '/')) {
        at_ += 5;
        if (const auto encoding = meta()) return encoding;
      } else if (rest.size() > 1 &&
                 (is_ascii_letter(rest[1]) || (rest[1] == '/' && rest.size() > 2 && is_ascii_letter(rest[2])))) {
        if (!tag(rest)) return std::nullopt;
      } else if (rest.starts_with("<!") || rest.starts_with("</") || rest.starts_with("<?")) {
        skip_to(">", 0);
      }
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] bool ended() const { return at_ >= bytes_.size(); }

  /// To the last byte of the next end mark; it may begin offset bytes from here on.
  void skip_to(std::string_view mark, std::size_t offset) {
    const std::size_t found = bytes_.find(mark, at_ + offset);
    at_ = found == std::string_view::npos ? bytes_.size() : found + mark.size() - 1;
  }

  /// False at a tag that ends the head, which matters beyond the first kPrescanBytes.
  bool tag(std::string_view rest) {
    const std::size_t start = at_;
    at_ = std::min(bytes_.find_first_of(" \t\n\f\r>", at_), bytes_.size());
    const std::string_view name = bytes_.substr(start + 1, at_ - start - 1);
    if (start >= kPrescanBytes && !is_of_head(name)) return false;
    while (attribute()) {
    }
    if (start >= kPrescanBytes && !rest.starts_with("</")) skip_raw_text(name);
    return true;
  }

  static bool is_of_head(std::string_view name) {
    constexpr std::array<std::string_view, 11> kNames{"html",  "head",   "title",    "base",     "link",   "meta",
                                                      "style", "script", "noscript", "template", "bgsound"};
    if (name.starts_with('/')) name.remove_prefix(1);
    return std::ranges::any_of(kNames, [&](auto known) { return equals_ignoring_case(name, known); });
  }

  void skip_raw_text(std::string_view name) {
    for (const std::string_view end : {"</script", "</style", "</title"}) {
      if (!starts_with_ignoring_case(name, end.substr(2))) continue;
      const std::size_t found = find_word(bytes_, end, at_);
      at_ = found == bytes_.size() ? found : found - 1;
    }
  }

  std::optional<Encoding> meta() {
    bool has_http_equiv = false;  // Of attributes with one name the first counts.
    bool has_content = false;
    bool has_charset = false;
    bool is_pragma = false;
    bool needs_pragma = false;
    std::optional<Encoding> encoding;
    while (const auto found = attribute()) {
      if (found->name == "http-equiv" && !std::exchange(has_http_equiv, true)) {
        is_pragma = found->value == "content-type";
      }
      if (found->name == "charset" && !std::exchange(has_charset, true)) {
        encoding = encoding_in_page(found->value);
        needs_pragma = false;
      }
      if (found->name == "content" && !std::exchange(has_content, true) && !has_charset) {
        encoding = encoding_in_page(charset_of_content(found->value));
        needs_pragma = encoding.has_value();
      }
    }
    if (ended() || (needs_pragma && !is_pragma)) return std::nullopt;
    return encoding;
  }

  /// "Get an attribute"; nullopt at the end of the tag, on its ">", and at the end of the bytes.
  std::optional<Attribute> attribute() {
    while (!ended() && (is_html_whitespace(bytes_[at_]) || bytes_[at_] == '/')) ++at_;
    if (ended() || bytes_[at_] == '>') return std::nullopt;
    Attribute found;
    while (!ended() && !is_html_whitespace(bytes_[at_]) && bytes_[at_] != '/' && bytes_[at_] != '>' &&
           (bytes_[at_] != '=' || found.name.empty())) {
      found.name += ascii_lower(bytes_[at_++]);
    }
    while (!ended() && is_html_whitespace(bytes_[at_])) ++at_;
    if (!ended() && bytes_[at_] == '=') {
      ++at_;
      found.value = value();
    }
    if (ended()) return std::nullopt;
    return found;
  }

  std::string value() {
    while (!ended() && is_html_whitespace(bytes_[at_])) ++at_;
    if (ended()) return {};
    const char quote = bytes_[at_];
    const bool quoted = quote == '"' || quote == '\'';
    std::string text;
    if (quoted) ++at_;
    while (!ended() && (quoted ? bytes_[at_] != quote : !is_html_whitespace(bytes_[at_]) && bytes_[at_] != '>')) {
      text += ascii_lower(bytes_[at_++]);
    }
    if (quoted && !ended()) ++at_;
    return text;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
};

/// "Get an XML encoding" (HTML section 13.2.3.2).
std::optional<Encoding> encoding_of_xml_declaration(std::string_view bytes) {
  constexpr std::string_view kControlsAndSpace(
      "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\f\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d"
      "\x1e\x1f ",
      33);
  if (!bytes.starts_with("<?xml")) return std::nullopt;
  const std::string_view declaration = bytes.substr(0, bytes.find('>'));
  const std::size_t at = declaration.find("encoding");
  if (declaration.size() == bytes.size() || at == std::string_view::npos) return std::nullopt;
  std::string_view rest = trim_front(declaration.substr(at + 8), kControlsAndSpace);
  if (!rest.starts_with('=')) return std::nullopt;
  rest = trim_front(rest.substr(1), kControlsAndSpace);
  if (rest.empty() || (rest[0] != '"' && rest[0] != '\'')) return std::nullopt;
  const std::size_t end = rest.find(rest[0], 1);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view label = rest.substr(1, end - 1);
  if (label.find_first_of(kControlsAndSpace) != std::string_view::npos) return std::nullopt;
  return encoding_in_page(label);
}

/// An XML declaration whose first characters show that they are two bytes each.
std::optional<Encoding> encoding_of_wide_declaration(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("<\0?\0x\0"sv)) return Encoding::utf_16le;
  if (bytes.starts_with("\0<\0?\0x"sv)) return Encoding::utf_16be;
  return std::nullopt;
}

/// White space in front of it is an error that feeds are full of.
std::optional<Encoding> encoding_of_declaration(std::string_view bytes) {
  if (const auto encoding = encoding_of_wide_declaration(bytes)) return encoding;
  return encoding_of_xml_declaration(trim_front(bytes.substr(0, kPrescanBytes), kHtmlWhitespace));
}

std::optional<SniffedEncoding> byte_order_mark(std::string_view bytes) {
  if (bytes.starts_with("\xef\xbb\xbf")) return SniffedEncoding{Encoding::utf_8, 3};
  if (bytes.starts_with("\xfe\xff")) return SniffedEncoding{Encoding::utf_16be, 2};
  if (bytes.starts_with("\xff\xfe")) return SniffedEncoding{Encoding::utf_16le, 2};
  return std::nullopt;
}

/// JSON that is no UTF-8 is UTF-16 or UTF-32 (RFC 4627 section 3): its first characters are ASCII.
std::optional<Encoding> encoding_of_wide_json(std::string_view bytes) {
  if (bytes.size() < 2 || (bytes[0] == '\0') == (bytes[1] == '\0')) return std::nullopt;
  return bytes[0] == '\0' ? Encoding::utf_16be : Encoding::utf_16le;
}

/// By the page itself.
std::optional<Encoding> encoding_said(std::string_view bytes, Markup markup) {
  switch (markup) {
    case Markup::html:
      return encoding_of_meta(bytes);
    case Markup::xml:
      return encoding_of_declaration(bytes);
    case Markup::json:
      return encoding_of_wide_json(bytes);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Encoding> encoding_of_meta(std::string_view bytes) {
  if (const auto encoding = encoding_of_wide_declaration(bytes)) return encoding;
  const std::string_view first = bytes.substr(0, kPrescanBytes);
  if (const auto encoding = Prescan(first).run()) return encoding;
  if (const auto encoding = encoding_of_xml_declaration(first)) return encoding;
  if (bytes.size() == first.size()) return std::nullopt;
  return Prescan(bytes.substr(0, kHeadBytes)).run();
}

SniffedEncoding sniff_encoding(std::string_view bytes, std::optional<Encoding> forced, std::string_view content_type,
                               Markup markup) {
  if (const auto marked = byte_order_mark(bytes)) return *marked;
  if (forced) return {*forced};
  if (const auto encoding = encoding_from_label(charset_of(content_type))) return {*encoding};
  if (const auto said = encoding_said(bytes, markup)) return {*said};
  return {is_valid_utf8(bytes) ? Encoding::utf_8 : Encoding::windows_1252};
}

}  // namespace doutu
