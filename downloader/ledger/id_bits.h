// IdBits: a set of image ids, a bit each: 125 KB for each million. Ids begin at 1 and rise, so the set has few holes.
// One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace doutu {

class IdBits {
 public:
  using Word = std::uint64_t;
  static constexpr std::size_t kWordBits = 64;

  /// Precondition: id is positive.
  void insert(std::int64_t id) {
    if (word_of(id) >= words_.size()) words_.resize(word_of(id) + kMoreWords);
    words_[word_of(id)] |= bit_of(id);
  }
  void erase(std::int64_t id) {
    if (word_of(id) < words_.size()) words_[word_of(id)] &= ~bit_of(id);
  }
  [[nodiscard]] bool contains(std::int64_t id) const {
    return word_of(id) < words_.size() && (words_[word_of(id)] & bit_of(id)) != 0;
  }
  void clear() { words_.clear(); }

  // --- As the ledger has them: the lowest id is the lowest bit of the first word.

  [[nodiscard]] std::span<const Word> words() const { return words_; }
  void put_words(std::size_t first, std::span<const std::byte> bytes) {
    const std::size_t count = (bytes.size() + sizeof(Word) - 1) / sizeof(Word);
    if (words_.size() < first + count) words_.resize(first + count);
    if (!bytes.empty()) std::memcpy(&words_[first], bytes.data(), bytes.size());
  }

 private:
  static constexpr std::size_t kMoreWords = 64;
  static std::size_t word_of(std::int64_t id) { return static_cast<std::size_t>(id) / kWordBits; }
  static Word bit_of(std::int64_t id) { return Word{1} << (static_cast<std::size_t>(id) % kWordBits); }

  std::vector<Word> words_;
};

}  // namespace doutu
