#include "crawler/fetcher/xml_text.h"

#include <libxml/HTMLparser.h>

#include <algorithm>
#include <array>

#include "crawler/fetcher/utf8.h"
#include "shared/base/ascii.h"

namespace doutu {
namespace {

constexpr std::size_t kLongestName = 32;

struct Section {
  std::string_view begin;
  std::string_view end;
};
/// Where an & is an &.
constexpr std::array kSections{Section{"<!--", "-->"}, Section{"<![CDATA[", "]]>"}, Section{"<?", "?>"}};

/// Of the section that text begins with; 0: it begins none.
std::size_t section_size(std::string_view text) {
  for (const Section& section : kSections) {
    if (!text.starts_with(section.begin)) continue;
    const std::size_t end = text.find(section.end, section.begin.size());
    return end == std::string_view::npos ? text.size() : end + section.end.size();
  }
  return 0;
}

bool is_predefined(std::string_view name) {
  return name == "amp" || name == "lt" || name == "gt" || name == "quot" || name == "apos";
}

/// "#65", "#x41".
bool is_character(std::string_view name) {
  if (!name.starts_with('#')) return false;
  name.remove_prefix(1);
  const bool is_hexadecimal = name.starts_with('x');
  if (is_hexadecimal) name.remove_prefix(1);
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return is_ascii_digit(c) || (is_hexadecimal && ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
  });
}

const htmlEntityDesc* entity_of_html(std::string_view name) {
  if (name.empty()) return nullptr;  // libxml2 would compare it with all of them.
  return htmlEntityLookup(reinterpret_cast<const xmlChar*>(std::string(name).c_str()));
}

class Tamer {
 public:
  explicit Tamer(std::string_view xml) : rest_(xml) { out_.reserve(xml.size() + xml.size() / 16); }

  std::string run() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n\r"), rest_.size()));
    while (!rest_.empty()) {
      copy(std::min(rest_.find_first_of("<&"), rest_.size()));
      if (rest_.starts_with('&')) {
        reference();
      } else if (!rest_.empty()) {
        copy(std::max<std::size_t>(section_size(rest_), 1));
      }
    }
    return std::move(out_);
  }

 private:
  /// Without what XML forbids: controls, and U+FFFE and U+FFFF.
  void copy(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const char c = rest_[i];
      const bool is_control = static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
      const bool is_no_character = c == '\xbf' || c == '\xbe';
      if (is_no_character && out_.ends_with("\xef\xbf")) {
        out_ += '\xbd';
      } else {
        out_ += is_control ? ' ' : c;
      }
    }
    rest_.remove_prefix(count);
  }

  void reference() {
    const std::size_t end = rest_.substr(0, kLongestName).find(';');
    const std::string_view name = end == std::string_view::npos ? std::string_view() : rest_.substr(1, end - 1);
    if (is_predefined(name) || is_character(name)) return copy(end + 1);
    const htmlEntityDesc* const known = entity_of_html(name);
    if (known == nullptr) {
      out_ += "&amp;";
      rest_.remove_prefix(1);
    } else {
      append_utf8(out_, known->value);
      rest_.remove_prefix(end + 1);
    }
  }

  std::string_view rest_;
  std::string out_;
};

}  // namespace

std::string tame_xml(std::string_view xml) { return Tamer(xml).run(); }

}  // namespace doutu
