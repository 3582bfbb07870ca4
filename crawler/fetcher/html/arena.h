// Arena: memory that is taken piece by piece and given back all at once. Gumbo makes ten allocations per element; from
// here they cost a few instructions each, and freeing the whole tree costs a handful of calls. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace doutu {

class Arena {
 public:
  explicit Arena(std::size_t max_bytes) : left_(max_bytes) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Memory for any object, until the arena is gone. Null when max_bytes are taken; without memory the process ends, as
  /// with new.
  [[nodiscard]] void* allocate(std::size_t bytes);
  /// Takes back what was allocated last; anything else waits for the end.
  void release(void* memory);

 private:
  static constexpr std::size_t kFirstBlock = std::size_t{64} << 10U;
  static constexpr std::size_t kLargestBlock = std::size_t{4} << 20U;

  void* allocate_in_new_block(std::size_t bytes);
  std::byte* take_block(std::size_t bytes);

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::size_t left_;  ///< Bytes that blocks may still have.
  std::size_t next_block_ = kFirstBlock;
  std::byte* free_ = nullptr;  ///< What is left of the last block ...
  std::byte* end_ = nullptr;   ///< ... up to here.
  std::byte* last_ = nullptr;  ///< The last allocation, if it was not taken back.
};

}  // namespace doutu
