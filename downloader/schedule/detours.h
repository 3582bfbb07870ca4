// Detours: how many images wait where they were redirected to, in all and for each host that they come from and lead
// to. It says when there are too many. A value; the frontier holds one under its mutex. Hosts by the frontier's
// numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace doutu {

class Detours {
 public:
  /// In memory with their hosts: 7 MB at most.
  static constexpr std::size_t kMost = 4096;
  /// From one host, and to one host: others still find room.
  static constexpr std::size_t kMostOfHost = kMost / 4;

  /// to: 0 for a host that nobody knows yet.
  [[nodiscard]] bool has_room(std::int64_t from, std::int64_t to) const {
    return all_ < kMost && of(from_, from) < kMostOfHost && of(to_, to) < kMostOfHost;
  }
  void add(std::int64_t from, std::int64_t to) {
    ++all_;
    ++from_[from];
    ++to_[to];
  }
  /// Precondition: it was added.
  void remove(std::int64_t from, std::int64_t to) {
    --all_;
    remove(from_, from);
    remove(to_, to);
  }

 private:
  using Counts = std::unordered_map<std::int64_t, std::size_t>;

  [[nodiscard]] static std::size_t of(const Counts& counts, std::int64_t host) {
    const auto found = counts.find(host);
    return found == counts.end() ? 0 : found->second;
  }
  static void remove(Counts& counts, std::int64_t host) {
    const auto found = counts.find(host);
    if (--found->second == 0) counts.erase(found);
  }

  std::size_t all_ = 0;
  Counts from_;
  Counts to_;
};

}  // namespace doutu
