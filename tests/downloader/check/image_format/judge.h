// What ImageCheck says of a body, for tests of every image type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

#include "downloader/check/image_format/image_format.h"
#include "shared/base/cause.h"

namespace doutu {

/// Of a body that is a whole image, or of anything else.
struct Judged {
  Cause cause = Cause::none;
  std::string type;  ///< With the sizes, only of a whole one.
  std::uint32_t width = 0, height = 0, frames = 0;
  bool operator==(const Judged&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Judged& judged);

/// Fed in pieces of this size. Nobody says that all came, unless told otherwise.
[[nodiscard]] Judged judge(std::string_view body, std::size_t piece = std::string_view::npos,
                           BodyEnd end = BodyEnd::connection_closed);

/// The body is judged so however it is cut into pieces, and whether or not somebody says that all came.
void expect(const Judged& expected, std::string_view body);
inline void expect(Cause cause, std::string_view body) { expect(Judged{.cause = cause, .type = {}}, body); }

/// Such an image may lack its end mark alone: a decoder is to tell where somebody says that all came. Else nothing is
/// to be asked: it is incomplete.
void expect_doubtful_if_all_came(std::string_view body);
/// However it came, it is incomplete.
void expect_no_doubt(std::string_view body);

/// Such an image lacks what every browser does without: it is whole where somebody says that all came, else incomplete.
void expect_whole_if_all_came(const Judged& expected, std::string_view body);

/// The body is such an image, and no beginning of it is, but for those of at least `enough` bytes.
void expect_whole(const Judged& expected, std::string_view body, std::size_t enough = std::string_view::npos);

}  // namespace doutu
