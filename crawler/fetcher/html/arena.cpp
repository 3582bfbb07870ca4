#include "crawler/fetcher/html/arena.h"

#include <algorithm>

namespace doutu {

void* Arena::allocate(std::size_t bytes) {
  constexpr std::size_t kAlign = alignof(std::max_align_t);
  bytes = (bytes + kAlign - 1) / kAlign * kAlign;
  if (bytes > static_cast<std::size_t>(end_ - free_)) return allocate_in_new_block(bytes);
  last_ = free_;
  free_ += bytes;
  return last_;
}

/// A piece that is large gets a block of its own, so that the rest of the last one is not lost.
void* Arena::allocate_in_new_block(std::size_t bytes) {
  if (bytes > next_block_ / 4) return take_block(bytes);
  std::byte* const block = take_block(next_block_);
  if (block == nullptr) return nullptr;
  last_ = block;
  free_ = last_ + bytes;
  end_ = last_ + next_block_;
  next_block_ = std::min(next_block_ * 2, kLargestBlock);
  return last_;
}

std::byte* Arena::take_block(std::size_t bytes) {
  if (bytes > left_) return nullptr;
  left_ -= bytes;
  blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(bytes));
  return blocks_.back().get();
}

void Arena::release(void* memory) {
  if (memory == nullptr || memory != last_) return;
  free_ = last_;
  last_ = nullptr;
}

}  // namespace doutu
