// PendingIds: the images of the current job that wait to be fetched, per host in the order in which they were found. No
// table has an index by host: this is it, in memory, one to two bytes an image and some 150 a host. The lists follow
// what a batch changes from committed() on. The ledger thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "downloader/ledger/id_bits.h"

namespace doutu {

class PendingIds {
 public:
  // --- Within a batch.

  /// What the open batch has changed counts.
  [[nodiscard]] bool contains(std::int64_t id) const { return bits_.contains(id); }
  /// Precondition: id is greater than those of its host before.
  void add(std::int64_t host, std::int64_t id);
  void remove(std::int64_t host, std::int64_t id);
  void committed();
  void rolled_back();

  // --- When another job begins.

  void clear();
  /// Precondition as of add().
  void load(std::int64_t host, std::int64_t id);

  // --- As of the last commit.

  /// Of the host, greater than `after`, rising, at most `limit`.
  [[nodiscard]] std::vector<std::int64_t> after(std::int64_t host, std::int64_t after, std::size_t limit) const;
  /// Hosts that have some, greater than `after`, rising, at most `limit`.
  [[nodiscard]] std::vector<std::int64_t> hosts_after(std::int64_t after, std::size_t limit) const;
  /// None that waits is lower, what the open batch has changed included; nullopt: none waits.
  [[nodiscard]] std::optional<std::int64_t> lowest() const;
  [[nodiscard]] std::size_t bytes() const;

 private:
  /// The first id, and the differences of up to kChunkIds - 1 that follow (id_list.h).
  struct Chunk {
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::uint32_t left = 0;  ///< Not removed.
    std::uint32_t size = 0;
    std::vector<std::byte> differences;
  };
  struct HostId {
    std::int64_t host;
    std::int64_t id;
  };
  static constexpr std::uint32_t kChunkIds = 1024;

  void append(HostId one);
  void drop(HostId one);

  IdBits bits_;
  std::map<std::int64_t, std::vector<Chunk>> hosts_;  ///< Those that are removed go a chunk at a time.
  std::vector<HostId> added_;
  std::vector<HostId> removed_;
};

}  // namespace doutu
