// Content codings: what a Content-Encoding header says (RFC 9110 section 8.4). Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

namespace doutu {

enum class Coding { gzip, deflate, brotli, zstd };

/// What pages are asked for in: all that can be undone.
inline constexpr const char* kAcceptedCodings = "gzip, deflate, br, zstd";

struct ContentCodings {
  std::vector<Coding> applied;  ///< In the order in which they were.
  /// A label that is no coding was among them: "utf-8", "binary", "aws-chunked". Servers write these where the body is
  /// as it is, so they are passed over, as Firefox does. But the body may also be in a coding that nothing here knows.
  bool has_unknown = false;
};

/// Reads the header's value; of several lines all values, with commas between them. No label, "identity" and "none" are
/// no codings.
[[nodiscard]] ContentCodings read_content_codings(std::string_view value);

/// Whether bytes cannot be the beginning of a text: it has control characters that no text has (WHATWG MIME Sniffing,
/// "binary data byte"), but for NUL, which UTF-16 is full of.
[[nodiscard]] bool begins_as_binary(std::string_view bytes);

}  // namespace doutu
