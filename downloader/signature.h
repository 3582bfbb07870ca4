// What the first bytes of a body say that it is. A pure function; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "shared/base/cause.h"

namespace doutu {

/// No signature needs more: an SVG must show its root element within them (drawing programs put a licence or a doctype
/// with entities in front), an AVIF its brands.
inline constexpr std::size_t kSignatureBytes = std::size_t{16} << 10U;

struct Signature {
  enum class State { undecided, image, other };
  State state = State::undecided;
  std::string_view type;      ///< Of an image: "jpeg", "png" ...
  Cause cause = Cause::none;  ///< Of anything else: not_an_image, html_not_image.
};

/// Whether more of the head may come. A complete one is always decided.
enum class Head { grows, complete };

/// Binary types by the magic numbers of their specifications; HTML by the tags of the WHATWG MIME Sniffing standard
/// (section 7.1) and a few more, looked for after byte order mark, white space, XML declaration, comments and doctype.
[[nodiscard]] Signature read_signature(std::span<const std::byte> head, Head more);

}  // namespace doutu
