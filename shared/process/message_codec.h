// Turns a Message into the bytes of a packet, and back. Both ends are programs of the same version, since the parent
// starts its own siblings. A packet has a mark, the message's index in the variant, and its fields in their order:
// numbers as eight bytes, texts after their length. Descriptors travel beside it. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "shared/process/messages.h"

namespace doutu {

/// Bytes of all texts of a message together.
inline constexpr std::size_t kMaxText = std::size_t{64} * 1024;
/// Bytes of a packet.
inline constexpr std::size_t kMaxPacket = kMaxText + 256;

[[nodiscard]] std::string encode(const Message& message);

/// nullopt: encode() has not made it.
[[nodiscard]] std::optional<Message> decode(std::string_view packet);

}  // namespace doutu
