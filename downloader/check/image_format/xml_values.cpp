#include "downloader/check/image_format/xml_values.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxValue = std::size_t{64} << 10U;

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

}  // namespace

void XmlValues::shorten(Bytes bytes, std::vector<std::byte>& kept) {
  std::size_t end = kept.size();
  kept.resize(end + bytes.size());
  for (const std::byte byte : bytes) {
    kept[end] = byte;
    if (keeps(static_cast<char>(byte))) ++end;
  }
  kept.resize(end);
}

bool XmlValues::keeps(char c) {
  if (in_ == In::value && c != quote_) return keeps_of_value(c);
  const In next = after(c);
  last_but_one_ = next == in_ ? last_ : '\0';
  last_ = next == in_ ? c : '\0';
  in_ = next;
  return true;
}

bool XmlValues::keeps_of_value(char c) {
  is_long_ = is_long_ || (size_ >= kMaxValue && !in_reference_ && is_ascii(c));
  if (is_long_) return c == '<';
  ++size_;
  if (c == '&' || c == ';') in_reference_ = c == '&';
  return true;
}

XmlValues::In XmlValues::after(char c) {
  if (c == '\0') return In::utf16;
  switch (in_) {
    case In::text:
      return c == '<' ? In::opening : In::text;
    case In::opening:
      if (c == '!') return In::markup;
      return c == '?' ? In::instruction : In::tag;
    case In::tag:
      return c == '>' ? In::text : quote(c, In::value);
    case In::value:
      return In::tag;
    case In::markup:
      if (c == '-') return In::dash;
      return c == '[' ? In::section : In::declaration;
    case In::declaration:  // What stands between the brackets of a DOCTYPE is read as text with declarations in it.
      return c == '>' || c == '[' ? In::text : quote(c, In::literal);
    case In::literal:
      return c == quote_ ? In::declaration : In::literal;
    case In::dash:  // The second of two; the end has two of its own.
      return In::comment;
    case In::comment:
      return c == '>' && last_ == '-' && last_but_one_ == '-' ? In::text : In::comment;
    case In::section:
      return c == '>' && last_ == ']' && last_but_one_ == ']' ? In::text : In::section;
    case In::instruction:
      return c == '>' && last_ == '?' ? In::text : In::instruction;
    case In::utf16:
      break;
  }
  return In::utf16;
}

XmlValues::In XmlValues::quote(char c, In inside) {
  if (c != '"' && c != '\'') return in_;
  quote_ = c;
  size_ = 0;
  is_long_ = in_reference_ = false;
  return inside;
}

}  // namespace doutu
