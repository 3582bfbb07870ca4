#include "crawler/fetcher/html/xml_text.h"

#include <libxml/HTMLparser.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <vector>

#include "crawler/fetcher/text/utf8.h"
#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"

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

bool begins_a_name(char c) {
  return is_ascii_letter(c) || c == '_' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

/// Takes what stands before the first of these characters off text.
std::string_view take_until(std::string_view& text, std::string_view characters) {
  const std::string_view taken = text.substr(0, text.find_first_of(characters));
  text.remove_prefix(taken.size());
  return taken;
}

void skip_space(std::string_view& text) { text = trim_front(text, kXmlWhitespace); }

/// Of a DOCTYPE, with what it declares.
std::size_t declaration_size(std::string_view text) {
  std::size_t end = text.find_first_of("[>");
  if (end != std::string_view::npos && text[end] == '[')
    end = text.find('>', std::min(text.find(']', end), text.size()));
  return end == std::string_view::npos ? text.size() : end + 1;
}

/// From the declaration on: what stands before it is white space, or what a program said that failed.
std::string_view from_declaration(std::string_view xml) {
  constexpr std::size_t kLooked = 4096;
  const std::size_t declaration = xml.substr(0, kLooked).find("<?xml ");
  if (declaration != std::string_view::npos) return xml.substr(declaration);
  skip_space(xml);
  return xml;
}

class Tamer {
 public:
  explicit Tamer(std::string_view xml) : rest_(from_declaration(xml)) {
    tamed_.text.reserve(xml.size() + xml.size() / 8);
  }

  TamedXml run() {
    while (!rest_.empty()) {
      copy(take_until(rest_, "<&"));
      if (rest_.starts_with('&')) copy_reference(rest_);
      if (rest_.starts_with('<')) copy_markup();
    }
    return std::move(tamed_);
  }

 private:
  void copy_markup() {
    std::size_t size = section_size(rest_);
    if (size == 0 && rest_.starts_with("<!")) size = declaration_size(rest_);
    if (size > 0) {
      copy(rest_.substr(0, size));
      rest_.remove_prefix(size);
    } else if (rest_.starts_with("</")) {
      copy_end_tag();
    } else if (rest_.size() > 1 && begins_a_name(rest_[1])) {
      copy_start_tag();
    } else {
      mend("&lt;");
      rest_.remove_prefix(1);
    }
  }

  void copy_end_tag() {
    std::string_view name = take_until(rest_, ">").substr(2);
    rest_.remove_prefix(std::min<std::size_t>(rest_.size(), 1));
    name = take_until(name, kXmlWhitespace);
    const auto count = open_names_.find(name);
    if (count == open_names_.end() || count->second == 0) return mend("");
    for (; open_.back() != name; end_element()) mend("");
    end_element();
  }

  void end_element() {
    tamed_.text.append("</").append(open_.back()).append(">");
    --open_names_[open_.back()];
    open_.pop_back();
  }

  void copy_start_tag() {
    rest_.remove_prefix(1);
    const std::string_view name = take_until(rest_, " \t\n\r/><\"'=&");
    tamed_.text.append("<").append(name);
    for (skip_space(rest_); !rest_.empty() && rest_.front() != '>' && rest_.front() != '<'; skip_space(rest_)) {
      if (rest_.starts_with("/>")) {
        rest_.remove_prefix(2);
        tamed_.text += "/>";
        return;
      }
      copy_attribute();
    }
    const bool is_ended = rest_.starts_with('>');
    if (is_ended) rest_.remove_prefix(1);
    if (!is_ended) mend("");
    tamed_.text += '>';
    open_.push_back(name);
    ++open_names_[name];
  }

  void copy_attribute() {
    const std::string_view name = take_until(rest_, " \t\n\r/><\"'=");
    if (name.empty()) {
      rest_.remove_prefix(1);
      return mend("");
    }
    skip_space(rest_);
    const std::string_view value = rest_.starts_with('=') ? take_value() : no_value();
    if (!begins_a_name(name.front())) return mend("");
    tamed_.text.append(" ").append(name).append("=\"");
    copy_value(value);
    tamed_.text += '"';
  }

  std::string_view no_value() {
    mend("");
    return {};
  }

  /// From the equals sign on.
  std::string_view take_value() {
    rest_.remove_prefix(1);
    skip_space(rest_);
    const char quote = rest_.empty() ? ' ' : rest_.front();
    const bool is_quoted = quote == '"' || quote == '\'';
    if (is_quoted) rest_.remove_prefix(1);
    const std::size_t end = is_quoted ? rest_.find(quote) : std::string_view::npos;
    if (end == std::string_view::npos) {
      mend("");
      return take_until(rest_, is_quoted ? ">" : " \t\n\r>");
    }
    const std::string_view value = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return value;
  }

  void copy_value(std::string_view value) {
    while (!value.empty()) {
      copy(take_until(value, "&<\""));
      if (value.starts_with('&')) {
        copy_reference(value);
      } else if (!value.empty()) {
        if (value.front() == '<') mend("&lt;");
        if (value.front() == '"') tamed_.text += "&quot;";
        value.remove_prefix(1);
      }
    }
  }

  /// Without what XML forbids: controls, and U+FFFE and U+FFFF.
  void copy(std::string_view text) {
    std::string& out = tamed_.text;
    for (const char c : text) {
      const bool is_control = static_cast<unsigned char>(c) < 0x20 && !is_xml_whitespace(c);
      const bool is_no_character = (c == '\xbf' || c == '\xbe') && out.ends_with("\xef\xbf");
      out += is_no_character ? '\xbd' : is_control ? ' ' : c;
    }
  }

  void copy_reference(std::string_view& text) {
    const std::size_t end = text.substr(0, kLongestName).find(';');
    const std::string_view name = end == std::string_view::npos ? std::string_view() : text.substr(1, end - 1);
    std::string& out = tamed_.text;
    const htmlEntityDesc* const known = entity_of_html(name);
    if (is_predefined(name) || is_character(name)) {
      out.append(text.substr(0, end + 1));
    } else if (known != nullptr) {
      append_utf8(out, known->value);
    } else {
      out += "&amp;";
    }
    const bool is_reference = is_predefined(name) || is_character(name) || known != nullptr;
    text.remove_prefix(is_reference ? end + 1 : 1);
  }

  void mend(std::string_view with) {
    tamed_.was_mended = true;
    tamed_.text += with;
  }

  std::string_view rest_;
  TamedXml tamed_;
  std::vector<std::string_view> open_;
  std::unordered_map<std::string_view, std::size_t> open_names_;  ///< How often each is in open_.
};

}  // namespace

TamedXml tame_xml(std::string_view xml) { return Tamer(xml).run(); }

}  // namespace doutu
