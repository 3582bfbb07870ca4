// ImageVersion: which version of an image an answer carries, and whether another answer carries more of the same one
// (RFC 9110 sections 8.8, 13.1.5 and 14.4). What is in doubt is another version: bytes of two never come together.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace doutu {

/// What the header of an answer says about its body; each field the values of its lines.
struct AnswerHeader {
  std::string etag{};
  std::string last_modified{};
  std::string date{};
  std::string content_encoding{};
  std::string content_type{};
  std::string content_range{};
  std::string accept_ranges{};
};

struct ImageVersion {
  std::string url;                      ///< Of the answer.
  std::string if_range;                 ///< What the rest is asked for with; empty: it cannot be asked for.
  std::string etag, last_modified;      ///< As the server said.
  std::optional<std::uint64_t> length;  ///< Of the whole image; nullopt: it is not known yet.
};

/// Of an answer 200 from this URL. A strong entity tag is one that may go into If-Range; a date is only where there is
/// no tag, and the image was changed long enough before the answer.
[[nodiscard]] ImageVersion version_of(std::string url, const AnswerHeader& answer, std::optional<std::uint64_t> length);

/// Whether an answer 206 carries this version from byte `from` on, if maybe not to its end. Then its whole length.
[[nodiscard]] std::optional<std::uint64_t> length_in_rest(const AnswerHeader& answer, const ImageVersion& version,
                                                          std::uint64_t from);

}  // namespace doutu
