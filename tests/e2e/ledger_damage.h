// What a failing disk, or a copy that broke off, does to a ledger: seeded ways to damage its database and its WAL, each
// of a kind that is named, and aimed at the pages of one table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace doutu {

/// The bytes of the two files; wal is empty where there is none.
struct LedgerFiles {
  std::string database;
  std::string wal;
};

class LedgerDamage {
 public:
  /// stranger: the WAL of another ledger. Precondition: the files are whole.
  LedgerDamage(LedgerFiles whole, std::string stranger_wal);

  struct Damaged {
    LedgerFiles files;
    std::string how;  ///< For people: "flip bit 3 of byte 77 of page 5 (found)".
  };
  [[nodiscard]] const LedgerFiles& whole() const { return whole_; }
  /// Of the same files the same number gives the same damage; neighbours are of different kinds. No two crawls leave
  /// equal files, so a number alone does not bring a damage back.
  [[nodiscard]] Damaged damaged(unsigned number) const;

 private:
  using Random = std::minstd_rand;
  struct Page {
    std::size_t number;  ///< From 1.
    std::string table;
  };

  void map_pages();
  void map_tree(std::size_t root, const std::string& name);
  [[nodiscard]] std::size_t start_of(std::size_t page) const { return (page - 1) * page_bytes_; }
  [[nodiscard]] const Page& some_page(Random& random) const;

  Damaged flip_in_table(Random& random) const;
  Damaged flip_in_head_of_page(Random& random) const;
  Damaged flip_in_head_of_cell(Random& random) const;
  Damaged flip_in_header(Random& random) const;
  Damaged zero_sector(Random& random) const;
  Damaged zero_page(Random& random) const;
  Damaged swap_pages(Random& random) const;
  Damaged cut_database(Random& random) const;
  Damaged flip_in_wal(Random& random) const;
  Damaged flip_in_head_of_wal(Random& random) const;
  Damaged cut_wal(Random& random) const;
  Damaged strange_wal(Random& random) const;
  Damaged lose_wal(Random& random) const;

  const LedgerFiles whole_;
  const std::string stranger_wal_;
  std::size_t page_bytes_ = 4096;
  std::map<std::string, std::vector<Page>> tables_;  ///< By the table, which "schema" and "free" are too.
};

}  // namespace doutu
