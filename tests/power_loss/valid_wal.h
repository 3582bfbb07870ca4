// How much of a WAL of SQLite is read: up to the last frame that ends a transaction, before the first whose salt or
// checksum is wrong (sqlite.org/fileformat2.html, section 4). Two WALs that are equal so far are equal to SQLite.
#pragma once

#include <cstddef>
#include <string_view>

namespace doutu {

/// 0: nothing of it is read.
[[nodiscard]] std::size_t valid_wal_bytes(std::string_view wal);

}  // namespace doutu
