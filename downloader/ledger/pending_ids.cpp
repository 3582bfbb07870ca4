#include "downloader/ledger/pending_ids.h"

#include <algorithm>
#include <span>

#include "downloader/ledger/id_list.h"

namespace doutu {

void PendingIds::add(std::int64_t host, std::int64_t id) {
  bits_.insert(id);
  added_.push_back({host, id});
}

void PendingIds::remove(std::int64_t host, std::int64_t id) {
  bits_.erase(id);
  removed_.push_back({host, id});
}

void PendingIds::committed() {
  for (const HostId& one : added_) append(one);
  for (const HostId& one : removed_) drop(one);
  added_.clear();
  removed_.clear();
}

void PendingIds::rolled_back() {
  for (const HostId& one : removed_) bits_.insert(one.id);
  for (const HostId& one : added_) bits_.erase(one.id);
  added_.clear();
  removed_.clear();
}

void PendingIds::clear() {
  added_.clear();
  removed_.clear();
  bits_.clear();
  hosts_.clear();
}

void PendingIds::load(std::int64_t host, std::int64_t id) {
  bits_.insert(id);
  append({host, id});
}

void PendingIds::append(HostId one) {
  auto& chunks = hosts_[one.host];
  if (chunks.empty() || chunks.back().size == kChunkIds) {
    chunks.push_back({.first = one.id, .last = one.id, .left = 1, .size = 1, .differences = {}});
    return;
  }
  Chunk& chunk = chunks.back();
  put_number(chunk.differences, static_cast<std::uint64_t>(one.id - chunk.last));
  chunk.last = one.id;
  ++chunk.left;
  ++chunk.size;
}

/// A chunk whose ids are all removed goes, so that memory follows what waits and not what was found.
void PendingIds::drop(HostId one) {
  const auto host = hosts_.find(one.host);
  if (host == hosts_.end()) return;
  auto& chunks = host->second;
  const auto chunk = std::ranges::lower_bound(chunks, one.id, {}, &Chunk::last);
  if (chunk == chunks.end() || one.id < chunk->first) return;
  if (--chunk->left == 0) chunks.erase(chunk);
  if (chunks.empty()) hosts_.erase(host);
}

std::vector<std::int64_t> PendingIds::after(std::int64_t host, std::int64_t after, std::size_t limit) const {
  std::vector<std::int64_t> ids;
  const auto found = hosts_.find(host);
  if (found == hosts_.end()) return ids;
  const auto& chunks = found->second;
  for (auto chunk = std::ranges::upper_bound(chunks, after, {}, &Chunk::last); chunk != chunks.end(); ++chunk) {
    std::int64_t id = chunk->first;
    std::span<const std::byte> rest = chunk->differences;
    for (auto more = std::optional<std::uint64_t>(0); more; more = take_number(rest)) {
      if (ids.size() == limit) return ids;
      id += static_cast<std::int64_t>(*more);
      if (id > after && bits_.contains(id)) ids.push_back(id);
    }
  }
  return ids;
}

std::vector<std::int64_t> PendingIds::hosts_after(std::int64_t after, std::size_t limit) const {
  std::vector<std::int64_t> hosts;
  for (auto host = hosts_.upper_bound(after); host != hosts_.end() && hosts.size() < limit; ++host)
    hosts.push_back(host->first);
  return hosts;
}

std::optional<std::int64_t> PendingIds::lowest() const {
  std::optional<std::int64_t> lowest;
  for (const auto& [host, chunks] : hosts_) {
    if (!lowest || chunks.front().first < *lowest) lowest = chunks.front().first;
  }
  if (!lowest && !added_.empty()) lowest = added_.front().id;
  return lowest;
}

std::size_t PendingIds::bytes() const {
  std::size_t bytes = 0;
  for (const auto& [host, chunks] : hosts_) {
    for (const Chunk& chunk : chunks) bytes += sizeof(Chunk) + chunk.differences.capacity();
  }
  return bytes;
}

}  // namespace doutu
