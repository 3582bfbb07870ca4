#include "tests/e2e/ledger_damage.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <utility>

namespace doutu {
namespace {

constexpr std::size_t kSector = 512;
constexpr std::size_t kDatabaseHeader = 100;  // On page 1, before its tree (sqlite.org/fileformat2.html section 1.3).
constexpr std::size_t kWalHeader = 32;
constexpr unsigned kBits = 8;

std::size_t number_at(const std::string& bytes, std::size_t at, std::size_t size) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < size; ++i) number = number << kBits | static_cast<unsigned char>(bytes.at(at + i));
  return number;
}

std::string flip(std::string& bytes, std::size_t at, unsigned bit) {
  const auto before = static_cast<unsigned char>(bytes.at(at));
  bytes[at] = static_cast<char>(before ^ 1U << bit);
  return fmt::format("bit {} of byte {} ({:#04x})", bit, at, before);
}

}  // namespace

LedgerDamage::LedgerDamage(LedgerFiles whole, std::string stranger_wal)
    : whole_(std::move(whole)), stranger_wal_(std::move(stranger_wal)) {
  if (!whole_.database.empty()) map_pages();
}

/// The roots of the trees stand in the schema; in the database file alone, as it is without its WAL.
void LedgerDamage::map_pages() {
  page_bytes_ = number_at(whole_.database, 16, 2);
  map_tree(1, "schema");
  std::string image = whole_.database;
  image[18] = image[19] = 1;  // Not in WAL mode, which a database in memory cannot be in.
  sqlite3* db = nullptr;
  sqlite3_open(":memory:", &db);
  sqlite3_deserialize(db, "main", reinterpret_cast<unsigned char*>(image.data()),
                      static_cast<sqlite3_int64>(image.size()), static_cast<sqlite3_int64>(image.size()),
                      SQLITE_DESERIALIZE_READONLY);
  sqlite3_stmt* roots = nullptr;
  sqlite3_prepare_v2(db, "SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0", -1, &roots, nullptr);
  while (roots != nullptr && sqlite3_step(roots) == SQLITE_ROW) {
    map_tree(static_cast<std::size_t>(sqlite3_column_int64(roots, 1)),
             reinterpret_cast<const char*>(sqlite3_column_text(roots, 0)));
  }
  sqlite3_finalize(roots);
  sqlite3_close(db);
}

/// Overflow pages stay out of the map, and are met by the damage that looks for no table.
void LedgerDamage::map_tree(std::size_t root, const std::string& name) {
  constexpr std::size_t kIndexInterior = 2;
  constexpr std::size_t kTableInterior = 5;
  tables_[name].push_back({root, name});
  const std::size_t head = start_of(root) + (root == 1 ? kDatabaseHeader : 0);
  const std::size_t kind = number_at(whole_.database, head, 1);
  if (kind != kIndexInterior && kind != kTableInterior) return;
  map_tree(number_at(whole_.database, head + 8, 4), name);
  for (std::size_t cell = 0; cell < number_at(whole_.database, head + 3, 2); ++cell) {
    const std::size_t at = number_at(whole_.database, head + 12 + 2 * cell, 2);
    map_tree(number_at(whole_.database, start_of(root) + at, 4), name);
  }
}

/// Each table with the same chance, however small it is.
const LedgerDamage::Page& LedgerDamage::some_page(Random& random) const {
  if (const char* table = std::getenv("DOUTU_DAMAGE_TABLE")) {
    const auto& pages = tables_.at(table);
    return pages[random() % pages.size()];
  }
  const auto& pages = std::next(tables_.begin(), static_cast<std::ptrdiff_t>(random() % tables_.size()))->second;
  return pages[random() % pages.size()];
}

LedgerDamage::Damaged LedgerDamage::damaged(unsigned number) const {
  using Way = Damaged (LedgerDamage::*)(Random&) const;
  // Flips in the rows of tables are what no structure shows: they are half of all.
  static constexpr std::array<Way, 16> kOfDatabase = {
      &LedgerDamage::flip_in_table,       &LedgerDamage::flip_in_head_of_page, &LedgerDamage::flip_in_table,
      &LedgerDamage::zero_sector,         &LedgerDamage::flip_in_head_of_cell, &LedgerDamage::cut_database,
      &LedgerDamage::flip_in_table,       &LedgerDamage::flip_in_header,       &LedgerDamage::flip_in_head_of_cell,
      &LedgerDamage::zero_page,           &LedgerDamage::flip_in_table,        &LedgerDamage::swap_pages,
      &LedgerDamage::flip_in_table,       &LedgerDamage::strange_wal,          &LedgerDamage::flip_in_head_of_cell,
      &LedgerDamage::flip_in_head_of_page};
  static constexpr std::array<Way, 6> kOfWal = {
      &LedgerDamage::flip_in_wal, &LedgerDamage::cut_wal,  &LedgerDamage::flip_in_head_of_wal,
      &LedgerDamage::strange_wal, &LedgerDamage::lose_wal, &LedgerDamage::flip_in_wal};
  Random random(1 + number * 7919);
  random.discard(10);
  const bool is_of_wal = !whole_.wal.empty() && number % 2 == 0;
  const std::size_t turn = whole_.wal.empty() ? number : number / 2;
  const Way way = is_of_wal ? kOfWal.at(turn % kOfWal.size()) : kOfDatabase.at(turn % kOfDatabase.size());
  return (this->*way)(random);
}

/// In what is used of a page: behind the array of cells the free space, then the cells to the end.
LedgerDamage::Damaged LedgerDamage::flip_in_table(Random& random) const {
  Damaged damaged{whole_, {}};
  const Page& page = some_page(random);
  const std::size_t head = start_of(page.number) + (page.number == 1 ? kDatabaseHeader : 0);
  const std::size_t cells = std::min(number_at(whole_.database, head + 5, 2), page_bytes_ - 1);
  const std::size_t at = start_of(page.number) + cells + random() % (page_bytes_ - cells);
  damaged.how = fmt::format("flip {} in a cell of {}, page {}", flip(damaged.files.database, at, random() % kBits),
                            page.table, page.number);
  return damaged;
}

LedgerDamage::Damaged LedgerDamage::flip_in_head_of_page(Random& random) const {
  constexpr std::size_t kHeadAndSomePointers = 24;
  Damaged damaged{whole_, {}};
  const Page& page = some_page(random);
  const std::size_t head = start_of(page.number) + (page.number == 1 ? kDatabaseHeader : 0);
  damaged.how = fmt::format("flip {} in the head of a page of {}, page {}",
                            flip(damaged.files.database, head + random() % kHeadAndSomePointers, random() % kBits),
                            page.table, page.number);
  return damaged;
}

/// Its size, its number and the types of its columns, among which are the values 0 and 1.
LedgerDamage::Damaged LedgerDamage::flip_in_head_of_cell(Random& random) const {
  constexpr std::size_t kHeadOfCell = 20;
  Damaged damaged{whole_, {}};
  const Page& page = some_page(random);
  const std::size_t head = start_of(page.number) + (page.number == 1 ? kDatabaseHeader : 0);
  const std::size_t count = number_at(whole_.database, head + 3, 2);
  if (count == 0) return flip_in_table(random);
  const bool is_leaf = number_at(whole_.database, head, 1) > 8;
  const std::size_t cell = number_at(whole_.database, head + (is_leaf ? 8 : 12) + 2 * (random() % count), 2);
  const std::size_t at = start_of(page.number) + std::min(cell + random() % kHeadOfCell, page_bytes_ - 1);
  damaged.how = fmt::format("flip {} in the head of a cell of {}, page {}",
                            flip(damaged.files.database, at, random() % kBits), page.table, page.number);
  return damaged;
}

LedgerDamage::Damaged LedgerDamage::flip_in_header(Random& random) const {
  Damaged damaged{whole_, {}};
  damaged.how =
      fmt::format("flip {} in the header", flip(damaged.files.database, random() % kDatabaseHeader, random() % kBits));
  return damaged;
}

LedgerDamage::Damaged LedgerDamage::zero_sector(Random& random) const {
  Damaged damaged{whole_, {}};
  const std::size_t at = random() % (whole_.database.size() / kSector) * kSector;
  damaged.files.database.replace(at, kSector, kSector, '\0');
  damaged.how = fmt::format("zero the sector at {}, of page {}", at, at / page_bytes_ + 1);
  return damaged;
}

LedgerDamage::Damaged LedgerDamage::zero_page(Random& random) const {
  Damaged damaged{whole_, {}};
  const Page& page = some_page(random);
  damaged.files.database.replace(start_of(page.number), page_bytes_, page_bytes_, '\0');
  damaged.how = fmt::format("zero page {} ({})", page.number, page.table);
  return damaged;
}

LedgerDamage::Damaged LedgerDamage::swap_pages(Random& random) const {
  Damaged damaged{whole_, {}};
  const Page& one = some_page(random);
  const Page& other = some_page(random);
  const std::string bytes = whole_.database.substr(start_of(one.number), page_bytes_);
  damaged.files.database.replace(start_of(one.number), page_bytes_, whole_.database, start_of(other.number),
                                 page_bytes_);
  damaged.files.database.replace(start_of(other.number), page_bytes_, bytes);
  damaged.how = fmt::format("swap pages {} ({}) and {} ({})", one.number, one.table, other.number, other.table);
  return damaged;
}

LedgerDamage::Damaged LedgerDamage::cut_database(Random& random) const {
  Damaged damaged{whole_, {}};
  std::size_t left = random() % whole_.database.size();
  if (random() % 2 == 0) left = left / kSector * kSector;
  damaged.files.database.resize(left);
  damaged.how = fmt::format("cut the database to {} of {} bytes", left, whole_.database.size());
  return damaged;
}

LedgerDamage::Damaged LedgerDamage::flip_in_wal(Random& random) const {
  Damaged damaged{whole_, {}};
  damaged.how =
      fmt::format("flip {} of the WAL", flip(damaged.files.wal, random() % whole_.wal.size(), random() % kBits));
  return damaged;
}

LedgerDamage::Damaged LedgerDamage::flip_in_head_of_wal(Random& random) const {
  Damaged damaged{whole_, {}};
  damaged.how =
      fmt::format("flip {} in the header of the WAL", flip(damaged.files.wal, random() % kWalHeader, random() % kBits));
  return damaged;
}

LedgerDamage::Damaged LedgerDamage::cut_wal(Random& random) const {
  Damaged damaged{whole_, {}};
  std::size_t left = random() % whole_.wal.size();
  if (random() % 2 == 0) left = left / kSector * kSector;
  damaged.files.wal.resize(left);
  damaged.how = fmt::format("cut the WAL to {} of {} bytes", left, whole_.wal.size());
  return damaged;
}

LedgerDamage::Damaged LedgerDamage::strange_wal(Random& /*random*/) const {
  return {{whole_.database, stranger_wal_}, "the WAL of another ledger"};
}

LedgerDamage::Damaged LedgerDamage::lose_wal(Random& /*random*/) const {
  return {{whole_.database, {}}, "the WAL is lost"};
}

}  // namespace doutu
