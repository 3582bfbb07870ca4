// KeyStage: which image of the ledger has a key, in one of its two tables of keys. New keys wait in a flat table in
// memory. When that is full they go into the ledger's table, sorted and all in one transaction, which costs a tenth of
// inserting each as it comes. Keys that wait are lost with the process: at a start their owner puts those of the rows
// above the last merge again.
//
// put() and merge() belong to the batch: rolled_back() undoes what they did since the last committed(). The ledger
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "downloader/ledger/preparer.h"
#include "shared/base/result.h"
#include "shared/ledger/sqlite.h"

namespace doutu {

class KeyStage {
 public:
  /// A hash of 63 bits: SQLite's integers are signed.
  using Key = std::uint64_t;
  static constexpr Key kMask = ~Key{0} >> 1U;
  static constexpr std::size_t kFull = 65'536;

  /// table: "url_key" or "content_key".
  KeyStage(Preparer& prepare, const char* table);
  /// So many keys wait; a batch may bring some more.
  void merge_at(std::size_t keys) { full_ = keys; }
  /// Looks whether the table has any row. Call it once, before anything else.
  Status load();

  /// An image, or the key that is free for it.
  struct Probed {
    std::int64_t image = 0;  ///< 0: there is none.
    Key key = 0;
  };
  /// Two that differ may have one hash: the second stands at the next key that is free. is_same(Probed): a
  /// Result<bool>, whether the image that has that key is the one that is looked for.
  template <class IsSame>
  [[nodiscard]] Result<Probed> probe(Key key, IsSame is_same) {
    for (key &= kMask;; key = (key + 1) & kMask) {
      const auto image = find(key);
      if (!image) return image.error();
      const Probed probed{*image, key};
      if (*image == 0) return probed;
      const Result<bool> same = is_same(probed);
      if (!same) return same.error();
      if (*same) return probed;
    }
  }

  /// In place of the image that had it.
  void put(Key key, std::int64_t image);
  [[nodiscard]] bool is_full() const { return count_ >= full_; }

  /// Moves all keys into the table, in the open transaction. The last thing of its batch.
  Status merge();
  void committed();
  void rolled_back();

 private:
  struct Entry {
    Key key = 0;
    std::int64_t image = 0;  ///< 0: free. Ids are positive.
  };
  static constexpr std::int64_t kGone = -1;
  struct Change {
    Key key;
    std::int64_t before;
  };

  /// 0: no image has it.
  Result<std::int64_t> find(Key key);
  [[nodiscard]] std::size_t slot_of(Key key) const;
  void resize(std::size_t slots);

  Statement is_any_;
  Statement find_;
  Statement save_;
  std::vector<Entry> slots_;  ///< Open addressing. A power of two, of which at most half are taken.
  std::size_t count_ = 0;
  std::size_t full_ = kFull;
  std::vector<Change> changes_;  ///< Of the open batch, in their order.
  bool is_merged_ = false;       ///< By the open batch.
  bool is_table_empty_ = true;
};

}  // namespace doutu
