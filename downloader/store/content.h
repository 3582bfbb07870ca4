// Content: what bytes must be like to be the same image, and the hashes that stand for them. Values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace doutu {

using Xxh128 = std::array<std::byte, 16>;  ///< XXH3-128, the highest byte first: as xxh128sum prints it.
using Sha256 = std::array<std::byte, 32>;

/// Two images whose contents are alike are candidates only: somebody may have made them so. Their bytes decide
/// (ImageSink::compare()).
struct Content {
  std::uint64_t bytes = 0;
  std::optional<Xxh128> xxh128;  ///< Missing: it was saved by a version that knew SHA-256 alone.
  std::optional<Sha256> sha256;  ///< If somebody asked for it (--checksum).
  bool operator==(const Content&) const = default;
};

/// Whether they are equal as far as both are known.
[[nodiscard]] inline bool are_alike(const Content& one, const Content& other) {
  if (one.bytes != other.bytes) return false;
  if (one.xxh128 && other.xxh128) return one.xxh128 == other.xxh128;
  return one.sha256 && one.sha256 == other.sha256;
}

}  // namespace doutu
