#include "crawler/fetcher/text_decoder.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>

#include "shared/base/escape.h"

namespace doutu {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kWhiteSpace = " \t\n\f\r";
constexpr std::size_t kPrescanBytes = 1024;  // HTML section 13.2.3.2.

/// What the text is in: a name for iconv, or one of the two that need none.
constexpr std::string_view kUtf8 = "UTF-8";
constexpr std::string_view kUnknown;

struct Label {
  std::string_view label;
  std::string_view encoding;  ///< iconv's name of what browsers mean by it.
};

// A list of what is allowed, not a hand-over to iconv: glibc knows encodings that no browser does, with a history of
// holes. ISO-8859-n and windows-n are made by rule.
constexpr std::array kLabels{
    Label{"utf-8", kUtf8},
    Label{"utf8", kUtf8},
    Label{"unicode-1-1-utf-8", kUtf8},
    Label{"gb2312", "GB18030"},
    Label{"gbk", "GB18030"},
    Label{"x-gbk", "GB18030"},
    Label{"gb_2312-80", "GB18030"},
    Label{"gb18030", "GB18030"},
    Label{"chinese", "GB18030"},
    Label{"big5", "BIG5-HKSCS"},
    Label{"big5-hkscs", "BIG5-HKSCS"},
    Label{"x-x-big5", "BIG5-HKSCS"},
    Label{"shift_jis", "CP932"},
    Label{"shift-jis", "CP932"},
    Label{"sjis", "CP932"},
    Label{"x-sjis", "CP932"},
    Label{"windows-31j", "CP932"},
    Label{"ms_kanji", "CP932"},
    Label{"euc-jp", "EUC-JP-MS"},
    Label{"x-euc-jp", "EUC-JP-MS"},
    Label{"iso-2022-jp", "ISO-2022-JP"},
    Label{"euc-kr", "UHC"},
    Label{"ks_c_5601-1987", "UHC"},
    Label{"korean", "UHC"},
    Label{"ksc5601", "UHC"},
    Label{"windows-949", "UHC"},
    Label{"iso-8859-1", "CP1252"},
    Label{"iso8859-1", "CP1252"},
    Label{"latin1", "CP1252"},
    Label{"ascii", "CP1252"},
    Label{"us-ascii", "CP1252"},
    Label{"iso-8859-9", "CP1254"},
    Label{"latin5", "CP1254"},
    Label{"iso-8859-11", "CP874"},
    Label{"tis-620", "CP874"},
    Label{"windows-874", "CP874"},
    Label{"koi8-r", "KOI8-R"},
    Label{"koi8-u", "KOI8-U"},
    Label{"macintosh", "MACINTOSH"},
    Label{"utf-16", "UTF-16LE"},
    Label{"utf-16le", "UTF-16LE"},
    Label{"utf-16be", "UTF-16BE"},
};

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return lower(c); });
  return out;
}

std::size_t find_word(std::string_view text, std::string_view word, std::size_t from = 0) {
  const auto same = [](char a, char b) { return lower(a) == b; };
  const auto found = std::search(text.begin() + static_cast<std::ptrdiff_t>(std::min(from, text.size())), text.end(),
                                 word.begin(), word.end(), same);
  return found == text.end() ? std::string_view::npos : static_cast<std::size_t>(found - text.begin());
}

std::string_view without_leading(std::string_view text, std::string_view characters) {
  text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
  return text;
}

/// "windows-1250" to "windows-1258" and "iso-8859-2" to "iso-8859-16", which iconv knows as browsers mean them.
std::string by_rule(const std::string& label) {
  const auto is_number = [](std::string_view text) {
    return !text.empty() && text.size() <= 2 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  };
  if (label.starts_with("windows-125") && label.size() == 12) return "CP" + label.substr(8);
  if (label.starts_with("iso-8859-") && is_number(std::string_view(label).substr(9)))
    return "ISO-8859-" + label.substr(9);
  return {};
}

/// The encoding for a label; kUnknown when browsers know none, or iconv does not.
std::string encoding_of(std::string_view label) {
  const std::string name = lower(label);
  const auto known = std::ranges::find(kLabels, name, &Label::label);
  return known != kLabels.end() ? std::string(known->encoding) : by_rule(name);
}

/// The charset that a <meta> in the first kPrescanBytes names. A page that could be read so far is not in UTF-16.
std::string encoding_of_meta(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, kPrescanBytes);
  for (std::size_t at = find_word(head, "<meta"); at != std::string_view::npos; at = find_word(head, "<meta", at + 1)) {
    const std::string_view tag = head.substr(at, head.find('>', at) - at);
    const std::string encoding = encoding_of(charset_of(tag));
    if (!encoding.empty()) return encoding.starts_with("UTF-16") ? std::string(kUtf8) : encoding;
  }
  return {};
}

/// The encoding that a byte order mark says, and its length.
std::pair<std::string_view, std::size_t> byte_order_mark(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) return {kUtf8, 3};
  if (bytes.starts_with("\xFE\xFF")) return {"UTF-16BE", 2};
  if (bytes.starts_with("\xFF\xFE")) return {"UTF-16LE", 2};
  return {kUnknown, 0};
}

std::size_t valid_utf8_prefix(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    const std::size_t length = byte < 0x80 ? 1 : utf8_sequence(bytes.substr(at));
    if (length == 0) break;
    at += length;
  }
  return at;
}

/// Copies nothing when everything is in order, which is the rule.
std::string repair_utf8(std::string bytes) {
  std::size_t good = valid_utf8_prefix(bytes);
  if (good == bytes.size()) return bytes;
  std::string out;
  std::string_view rest = bytes;
  while (true) {
    out += rest.substr(0, good);
    if (good == rest.size()) return out;
    out += kReplacement;
    rest.remove_prefix(good + 1);
    while (!rest.empty() && (static_cast<unsigned char>(rest.front()) & 0xc0U) == 0x80) rest.remove_prefix(1);
    good = valid_utf8_prefix(rest);
  }
}

class Converter {
 public:
  explicit Converter(const std::string& encoding)
      : unit_(encoding.starts_with("UTF-16") ? 2 : 1), handle_(iconv_open("UTF-8", encoding.c_str())) {}
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() {
    if (valid()) iconv_close(handle_);
  }

  [[nodiscard]] bool valid() const { return std::bit_cast<std::intptr_t>(handle_) != -1; }

  /// Precondition: valid().
  std::string convert(std::string bytes) {
    std::string out;
    std::array<char, 16384> buffer{};
    char* from = bytes.data();
    std::size_t left = bytes.size();
    while (left > 0) {
      char* to = buffer.data();
      std::size_t room = buffer.size();
      const std::size_t result = iconv(handle_, &from, &left, &to, &room);
      const int error = errno;
      out.append(buffer.data(), buffer.size() - room);
      if (result != static_cast<std::size_t>(-1) || error == E2BIG) continue;
      out += kReplacement;
      if (error != EILSEQ) break;  // EINVAL: the text ends in the middle of a character.
      const std::size_t skipped = std::min(left, unit_);
      from += skipped;
      left -= skipped;
    }
    return out;
  }

 private:
  const std::size_t unit_;  ///< Bytes; what is skipped where the text is malformed.
  iconv_t handle_;
};

std::string convert(std::string bytes, const std::string& encoding) {
  if (encoding == kUtf8) return repair_utf8(std::move(bytes));
  Converter converter(encoding);
  return converter.valid() ? converter.convert(std::move(bytes)) : repair_utf8(std::move(bytes));
}

}  // namespace

std::string_view charset_of(std::string_view content_type) {
  for (std::size_t at = find_word(content_type, "charset"); at != std::string_view::npos;
       at = find_word(content_type, "charset", at + 1)) {
    std::string_view rest = without_leading(content_type.substr(at + 7), kWhiteSpace);
    if (!rest.starts_with('=')) continue;
    rest = without_leading(rest.substr(1), kWhiteSpace);
    const bool quoted = rest.starts_with('"') || rest.starts_with('\'');
    const std::string_view value = quoted ? without_leading(rest.substr(1), kWhiteSpace) : rest;
    return value.substr(0, value.find_first_of(" \t\n\f\r;\"'/>,"));
  }
  return {};
}

std::string decode_text(std::string bytes, std::string_view content_type) {
  const auto [marked, length] = byte_order_mark(bytes);
  std::string encoding(marked);
  bytes.erase(0, length);
  if (encoding.empty()) encoding = encoding_of(charset_of(content_type));
  if (encoding.empty()) encoding = encoding_of_meta(bytes);
  if (encoding.empty()) encoding = valid_utf8_prefix(bytes) == bytes.size() ? kUtf8 : "CP1252";
  return convert(std::move(bytes), encoding);
}

}  // namespace doutu
