#include "downloader/ledger/id_list.h"

namespace doutu {
namespace {

constexpr unsigned kBits = 7;
constexpr std::uint64_t kMore = std::uint64_t{1} << kBits;

}  // namespace

void put_number(std::vector<std::byte>& bytes, std::uint64_t value) {
  for (; value >= kMore; value >>= kBits) bytes.push_back(static_cast<std::byte>(value | kMore));
  bytes.push_back(static_cast<std::byte>(value));
}

std::optional<std::uint64_t> take_number(std::span<const std::byte>& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; !bytes.empty() && shift < 64; shift += kBits) {
    const auto byte = static_cast<std::uint64_t>(bytes.front());
    bytes = bytes.subspan(1);
    value |= (byte & (kMore - 1)) << shift;
    if ((byte & kMore) == 0) return value;
  }
  return std::nullopt;
}

// In unsigned arithmetic, which a damaged list cannot overflow.
std::uint64_t difference(std::int64_t before, std::int64_t id) {
  const std::uint64_t step = static_cast<std::uint64_t>(id) - static_cast<std::uint64_t>(before);
  return step << 1U ^ (id < before ? ~std::uint64_t{0} : 0);
}

std::int64_t behind(std::int64_t before, std::uint64_t difference) {
  const std::uint64_t step = difference >> 1U ^ ((difference & 1U) != 0 ? ~std::uint64_t{0} : 0);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(before) + step);
}

void put_ids(std::vector<std::byte>& bytes, std::span<const std::int64_t> ids) {
  std::int64_t before = 0;
  for (const std::int64_t id : ids) {
    put_number(bytes, difference(before, id));
    before = id;
  }
}

std::vector<std::int64_t> ids_in(std::span<const std::byte> bytes) {
  std::vector<std::int64_t> ids;
  std::int64_t id = 0;
  while (const auto number = take_number(bytes)) ids.push_back(id = behind(id, *number));
  return ids;
}

}  // namespace doutu
