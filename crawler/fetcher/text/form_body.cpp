#include "crawler/fetcher/text/form_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "crawler/fetcher/text/text_encoder.h"
#include "crawler/fetcher/text/utf8.h"
#include "shared/base/ascii.h"

namespace doutu {
namespace {

/// How text_encoder.h writes a character that the encoding lacks.
constexpr std::string_view kLacking = "%26%23";

/// Every line break is CR LF.
std::string with_line_breaks(std::string_view text) {
  std::string normal;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_pair = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (text[i] != '\r' && text[i] != '\n') {
      normal += text[i];
    } else {
      normal += "\r\n";
      if (is_pair) ++i;
    }
  }
  return normal;
}

/// Calls put(bytes, code_point, lacks) for each character.
template <class Put>
void encode_each(std::string_view text, Encoding encoding, Put put) {
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t code_point = take_code_point(text);
    const std::string_view character = before.substr(0, before.size() - text.size());
    const std::string bytes = code_point < 0x80 ? std::string(character) : encode_text(character, encoding);
    put(bytes, code_point, code_point >= 0x80 && bytes.starts_with(kLacking));
  }
}

void append_urlencoded(std::string& out, std::string_view bytes) {
  constexpr std::string_view kPlain = "*-._";
  for (const char byte : bytes) {
    if (is_ascii_letter(byte) || is_ascii_digit(byte) || kPlain.find(byte) != kPlain.npos) {
      out += byte;
    } else if (byte == ' ') {
      out += '+';
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(byte));
    }
  }
}

std::string urlencoded(std::string_view text, Encoding encoding) {
  std::string out;
  encode_each(with_line_breaks(text), encoding, [&out](const std::string& bytes, char32_t /*c*/, bool lacks) {
    lacks ? void(out += bytes) : append_urlencoded(out, bytes);
  });
  return out;
}

std::string encoded(std::string_view text, Encoding encoding) {
  std::string out;
  encode_each(with_line_breaks(text), encoding, [&out](const std::string& bytes, char32_t c, bool lacks) {
    out += lacks ? fmt::format("&#{};", static_cast<std::uint32_t>(c)) : bytes;
  });
  return out;
}

/// In the header of a part.
std::string quoted(std::string_view name, Encoding encoding) {
  std::string out;
  for (const char byte : encoded(name, encoding)) {
    if (byte == '"') {
      out += "%22";
    } else if (byte == '\r' || byte == '\n') {
      out += byte == '\r' ? "%0D" : "%0A";
    } else {
      out += byte;
    }
  }
  return out;
}

/// What no name and no value has in it.
std::string boundary_for(std::span<const FormEntry> entries) {
  std::string boundary = "----doutu-form-";
  const auto is_within = [&boundary](const FormEntry& entry) {
    return entry.name.find(boundary) != std::string::npos || entry.value.find(boundary) != std::string::npos;
  };
  while (std::ranges::any_of(entries, is_within)) boundary += 'x';
  return boundary;
}

FormBody multipart(std::span<const FormEntry> entries, Encoding encoding) {
  const std::string boundary = boundary_for(entries);
  std::string bytes;
  for (const FormEntry& entry : entries) {
    bytes += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"", boundary, quoted(entry.name, encoding));
    if (entry.is_file) bytes += "; filename=\"\"\r\nContent-Type: application/octet-stream";
    bytes += "\r\n\r\n" + encoded(entry.value, encoding) + "\r\n";
  }
  bytes += "--" + boundary + "--\r\n";
  return {"multipart/form-data; boundary=" + boundary, std::move(bytes)};
}

FormBody plain(std::span<const FormEntry> entries, Encoding encoding) {
  std::string bytes;
  for (const FormEntry& entry : entries) {
    bytes += encoded(entry.name, encoding) + "=" + encoded(entry.value, encoding) + "\r\n";
  }
  return {"text/plain", std::move(bytes)};
}

}  // namespace

std::string form_query(std::span<const FormEntry> entries, Encoding encoding) {
  std::string query;
  for (const FormEntry& entry : entries) {
    if (!query.empty()) query += '&';
    query += urlencoded(entry.name, encoding) + "=" + urlencoded(entry.value, encoding);
  }
  return query;
}

FormBody form_body(std::span<const FormEntry> entries, FormEncoding how, Encoding encoding) {
  switch (how) {
    case FormEncoding::multipart:
      return multipart(entries, encoding);
    case FormEncoding::plain:
      return plain(entries, encoding);
    case FormEncoding::urlencoded:
      break;
  }
  return {"application/x-www-form-urlencoded", form_query(entries, encoding)};
}

}  // namespace doutu
