#include "downloader/check/signature.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

using namespace std::string_view_literals;

constexpr Signature kUndecided{};

constexpr Signature image(std::string_view type) { return {Signature::State::image, type, Cause::none}; }
constexpr Signature other(Cause cause) { return {Signature::State::other, {}, cause}; }

struct Magic {
  std::string_view bytes;
  std::string_view type;
};

constexpr std::array kMagics{
    Magic{"\xff\xd8\xff"sv, "jpeg"}, Magic{"\x89PNG\r\n\x1a\n"sv, "png"},
    Magic{"GIF87a"sv, "gif"},        Magic{"GIF89a"sv, "gif"},
    Magic{"II*\0"sv, "tiff"},        Magic{"MM\0*"sv, "tiff"},
    Magic{"II+\0"sv, "tiff"},        Magic{"MM\0+"sv, "tiff"},
    Magic{"\xff\x0a"sv, "jxl"},      Magic{"\0\0\0\x0cJXL \r\n\x87\n"sv, "jxl"},
};

std::uint32_t byte_at(std::string_view head, std::size_t index) { return static_cast<unsigned char>(head[index]); }

std::uint32_t little_endian_32(std::string_view head) {
  return byte_at(head, 3) << 24U | byte_at(head, 2) << 16U | byte_at(head, 1) << 8U | byte_at(head, 0);
}
std::uint32_t big_endian_32(std::string_view head) {
  return byte_at(head, 0) << 24U | byte_at(head, 1) << 16U | byte_at(head, 2) << 8U | byte_at(head, 3);
}

// --- Binary types whose magic number alone is too short or too general. A head has at least kEnough bytes here.

constexpr std::size_t kEnough = 18;

bool is_webp(std::string_view head) { return head.starts_with("RIFF") && head.substr(8).starts_with("WEBPVP"); }

/// "BM", and one of the known sizes of the header that follows the 14 bytes of the file header: of OS/2 1, of Windows 4
/// and 5, or what OS/2 2 and Windows 3 have of 64 bytes.
bool is_bmp(std::string_view head) {
  if (!head.starts_with("BM") || head.substr(15, 3) != "\0\0\0"sv) return false;
  const std::uint32_t size = byte_at(head, 14);
  return size == 12 || size == 108 || size == 124 || (size >= 16 && size <= 64 && size % 4 == 0);
}

/// A directory of icons or cursors with at least one entry.
bool may_be_ico(std::string_view head) {
  return (head.starts_with("\0\0\1\0"sv) || head.starts_with("\0\0\2\0"sv)) && head.substr(4, 2) != "\0\0"sv;
}

constexpr std::size_t kIconEntry = 22;  ///< Bytes up to the end of the first.

/// Whose first entry has zero for its reserved byte or, since some writers do not, points behind the directory.
bool is_ico(std::string_view head) {
  if (byte_at(head, 9) == 0) return true;
  const std::uint32_t entries = byte_at(head, 4) | byte_at(head, 5) << 8U;
  return head.size() >= kIconEntry && little_endian_32(head.substr(18)) >= 6 + 16 * entries;
}

/// ISO base media (ISO/IEC 14496-12 section 4.3): the ftyp box, its major brand and the compatible ones.
std::string_view type_by_brands(std::string_view head) {
  constexpr std::array kHeic{"heic"sv, "heix"sv, "hevc"sv, "hevx"sv, "heim"sv, "heis"sv, "mif1"sv, "msf1"sv};
  std::string_view type;
  // Of a minimized image the minor version says of which kind.
  if (head.substr(8, 4) == "mif3") return head.substr(12, 4).starts_with("avi") ? "avif" : "heic";
  const std::size_t end = std::min<std::size_t>(big_endian_32(head), head.size());
  for (std::size_t at = 8; at + 4 <= end; at += at == 8 ? 8 : 4) {
    const std::string_view brand = head.substr(at, 4);
    if (brand == "avif" || brand == "avis") return "avif";
    if (std::ranges::find(kHeic, brand) != kHeic.end()) type = "heic";
  }
  return type;
}

Signature read_binary(std::string_view head, Head more) {
  for (const Magic& magic : kMagics) {
    if (head.starts_with(magic.bytes)) return image(magic.type);
  }
  if (head.size() < kEnough) return more == Head::grows ? kUndecided : other(Cause::not_an_image);
  if (is_webp(head)) return image("webp");
  if (is_bmp(head)) return image("bmp");
  if (may_be_ico(head)) {
    if (is_ico(head)) return image("ico");
    if (head.size() < kIconEntry && more == Head::grows) return kUndecided;
  }
  if (head.substr(4, 4) == "ftyp") {
    if (more == Head::grows && head.size() < big_endian_32(head)) return kUndecided;
    const std::string_view type = type_by_brands(head);
    if (!type.empty()) return image(type);
  }
  return other(Cause::not_an_image);
}

// --- Text.

constexpr std::string_view kTagEnd = " \t\r\n\f/>";

bool names_html(std::string_view name) {
  constexpr std::array kTags{"html"sv, "head"sv,  "script"sv, "iframe"sv, "h1"sv,    "div"sv,
                             "font"sv, "table"sv, "a"sv,      "style"sv,  "title"sv, "b"sv,
                             "body"sv, "br"sv,    "p"sv,      "meta"sv,   "link"sv,  "center"sv};
  return std::ranges::any_of(kTags, [&](std::string_view tag) { return equals_ignoring_case(name, tag); });
}

bool names_svg(std::string_view name) { return name == "svg" || name.ends_with(":svg"); }

/// What follows the ending; nullopt: it does not come.
std::optional<std::string_view> after(std::string_view text, std::string_view ending, std::size_t from) {
  const std::size_t at = text.find(ending, from);
  if (at == std::string_view::npos) return std::nullopt;
  return text.substr(at + ending.size());
}

/// Drops a literal, comment or instruction at the front, if there is one; nullopt: it does not end within text.
std::optional<std::string_view> after_quotation(std::string_view text) {
  if (text.starts_with('"') || text.starts_with('\'')) return after(text, text.substr(0, 1), 1);
  if (text.starts_with("<!--")) return after(text, "-->", 4);
  return text.starts_with("<?") ? after(text, "?>", 2) : text;
}

/// Drops a doctype, which may carry declarations in brackets.
std::optional<std::string_view> after_doctype(std::string_view text) {
  text.remove_prefix(1);
  for (bool in_brackets = false; !text.empty();) {
    const auto rest = after_quotation(text);
    if (!rest) return std::nullopt;
    const bool was_quotation = rest->size() < text.size();
    text = *rest;
    if (was_quotation) continue;
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '>' && !in_brackets) return text;
    in_brackets = c == '[' || (in_brackets && c != ']');
  }
  return std::nullopt;
}

/// Drops a declaration, comment or doctype at the front; nullopt: it does not end within text.
std::optional<std::string_view> after_prolog_item(std::string_view text) {
  return text.starts_with("<!") && !text.starts_with("<!--") ? after_doctype(text) : after_quotation(text);
}

/// Of text whose root element does not come.
Signature without_root(Head more, Cause cause) {
  if (more == Head::grows) return kUndecided;
  return more == Head::full ? Signature{Signature::State::image, "svg", cause} : other(cause);
}

/// text begins with '<'. What stays unclear after a comment is HTML (as browsers sniff it), else it is nothing known.
Signature read_markup(std::string_view text, Head more) {
  Signature unclear = without_root(more, Cause::not_an_image);
  while (text.starts_with("<?") || text.starts_with("<!")) {
    if (starts_with_ignoring_case(text, "<!doctype html")) return other(Cause::html_not_image);
    if (text.starts_with("<!--")) unclear = without_root(more, Cause::html_not_image);
    const auto rest = after_prolog_item(text);
    if (!rest) return unclear;
    text = *rest;
    text = trim_front(text, kHtmlWhitespace);
  }
  if (text.empty()) return unclear;
  if (!text.starts_with('<')) return other(Cause::not_an_image);
  const std::size_t end = text.find_first_of(kTagEnd, 1);
  if (end == std::string_view::npos && more == Head::grows) return kUndecided;
  const std::string_view name = text.substr(1, end == std::string_view::npos ? end : end - 1);
  if (names_svg(name)) return image("svg");
  return other(names_html(name) ? Cause::html_not_image : Cause::not_an_image);
}

/// What UTF-16 has of ASCII, behind its byte order mark; 'x' stands for all else. high: 0 where each unit's high byte
/// comes first, else 1.
std::string ascii_of_utf16(std::string_view head, std::size_t high) {
  std::string ascii;
  for (std::size_t at = 2; at + 1 < head.size(); at += 2) {
    const bool is_ascii = head[at + high] == '\0' && byte_at(head, at + 1 - high) < 0x80;
    ascii += is_ascii ? head[at + 1 - high] : 'x';
  }
  return ascii;
}

/// head: the bytes that text was read from.
Signature read_text(std::string_view text, std::string_view head, Head more) {
  text = trim_front(text, kHtmlWhitespace);
  if (text.empty()) return without_root(more, Cause::not_an_image);
  return text.starts_with('<') ? read_markup(text, more) : read_binary(head, more);
}

}  // namespace

Signature read_signature(std::span<const std::byte> bytes, Head more) {
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (head.starts_with("\xfe\xff")) return read_text(ascii_of_utf16(head, 0), head, more);
  if (head.starts_with("\xff\xfe")) return read_text(ascii_of_utf16(head, 1), head, more);
  return read_text(head.starts_with("\xef\xbb\xbf") ? head.substr(3) : head, head, more);
}

}  // namespace doutu
