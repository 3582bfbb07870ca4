// What the first bytes of a body say that it is. A pure function; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "shared/base/cause.h"

namespace doutu {

/// No signature needs more: an AVIF shows its brands within them, and an SVG nearly always its root element. Drawing
/// programs put a licence or a doctype with entities in front.
inline constexpr std::size_t kSignatureBytes = std::size_t{16} << 10U;

struct Signature {
  enum class State { undecided, image, other };
  State state = State::undecided;
  std::string_view type;  ///< Of an image: "jpeg", "png" ...
  /// Of anything else: not_an_image, html_not_image. Of an "svg" whose root element has not come: what it is if that
  /// is another.
  Cause cause = Cause::none;
};

/// Whether more of the head may come.
enum class Head {
  grows,
  full,      ///< kSignatureBytes: more comes, but must be decided without it.
  complete,  ///< The body has no more, and is decided, too.
};

/// Binary types by the magic numbers of their specifications; HTML by the tags of the WHATWG MIME Sniffing standard
/// (section 7.1) and a few more, looked for after byte order mark (also that of UTF-16), white space, XML declaration,
/// comments and doctype.
[[nodiscard]] Signature read_signature(std::span<const std::byte> head, Head more);

}  // namespace doutu
