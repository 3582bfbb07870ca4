// The names and values of a form, as a browser sends them (HTML section 4.10.21, WHATWG URL section 5.2, RFC 7578).
// Page fetcher; pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "shared/base/encoding_label.h"

namespace doutu {

struct FormEntry {
  std::string name;
  std::string value;     ///< UTF-8.
  bool is_file = false;  ///< Of which none was chosen.
  bool operator==(const FormEntry&) const = default;
};

enum class FormEncoding : std::uint8_t { urlencoded, multipart, plain };

struct FormBody {
  std::string content_type;  ///< With the boundary of a multipart.
  std::string bytes;
};

/// In the encoding of the form; UTF-16 is none that is sent, and stands for UTF-8. A character that it lacks is sent as
/// "&#NNNN;".
[[nodiscard]] FormBody form_body(std::span<const FormEntry> entries, FormEncoding how, Encoding encoding);

/// The bytes of the urlencoded one: what a GET has behind its "?".
[[nodiscard]] std::string form_query(std::span<const FormEntry> entries, Encoding encoding);

}  // namespace doutu
