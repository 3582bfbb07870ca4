// Lists of numbers as the ledger's blobs have them: LEB128, seven bits a byte, the lowest first. Ids are stored as
// their differences (zigzag), since neighbours are close. A damaged blob ends early; it is never read beyond its end.
// Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace doutu {

void put_number(std::vector<std::byte>& bytes, std::uint64_t value);
/// Takes the first number off the bytes; nullopt: there is none.
[[nodiscard]] std::optional<std::uint64_t> take_number(std::span<const std::byte>& bytes);

void put_ids(std::vector<std::byte>& bytes, std::span<const std::int64_t> ids);
[[nodiscard]] std::vector<std::int64_t> ids_in(std::span<const std::byte> bytes);

/// For lists that ids share with other numbers.
[[nodiscard]] std::uint64_t difference(std::int64_t before, std::int64_t id);
[[nodiscard]] std::int64_t behind(std::int64_t before, std::uint64_t difference);

}  // namespace doutu
