// Lists of URLs: one a line. Blank lines and lines that begin with '#' are left out; white space around a URL, a byte
// order mark and carriage returns are dropped. The number of a URL is that of its line, whatever stands before it. One
// thread.
#pragma once

#include <xxhash.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crawler/request/asked_pages.h"
#include "crawler/request/page_range.h"
#include "shared/base/result.h"

namespace doutu {

inline constexpr std::uint64_t kMaxListLines = PageRange::kMaxPages;  ///< With those that are left out.
inline constexpr std::size_t kMaxListLineBytes = std::size_t{64} << 10U;
inline constexpr std::uint64_t kMaxListBytes = std::uint64_t{4} << 30U;

/// A line as it counts: the URL, or nothing.
[[nodiscard]] std::string_view cleaned_line(std::string_view line);

/// Reads a list from a descriptor, a buffer at a time.
class ListLines {
 public:
  /// The descriptor outlives this.
  explicit ListLines(int fd) : fd_(fd) {}

  /// Cleaned, valid until the next call; nullopt: there is none any more. Error: a line for the user, without the name
  /// of the list.
  Result<std::optional<std::string_view>> next();
  /// Of the line that next() returned: 1 for the first one.
  [[nodiscard]] std::uint64_t number() const { return number_; }

 private:
  Status fill();

  const int fd_;
  std::string buffer_;
  std::size_t begin_ = 0;    ///< Of what was not returned.
  std::size_t scanned_ = 0;  ///< Up to here there is no line end.
  std::uint64_t bytes_ = 0;
  std::uint64_t number_ = 0;
  bool has_ended_ = false;
};

/// How lines that name images are put together, so that a fetcher has them in one task: up to 100 lines, or 16 KiB.
class ListChunk {
 public:
  /// False: the chunk is full, and the line begins the next one.
  [[nodiscard]] bool takes(std::string_view line) const;
  void add(std::string_view line);
  void clear() { text_.clear(), lines_ = 0; }
  [[nodiscard]] bool is_empty() const { return lines_ == 0; }
  /// The lines, each with its line feed. One that is too long for a URL is cut, and still too long.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::size_t lines_ = 0;
};

/// What a list is, seen line by line.
class ListFacts {
 public:
  ListFacts();
  void add(std::string_view cleaned);

  [[nodiscard]] AskedList asked() const;
  [[nodiscard]] std::uint64_t lines() const { return lines_; }
  [[nodiscard]] std::uint64_t chunks() const { return chunks_; }
  /// The first one that is a URL, normalised; empty: there is none.
  [[nodiscard]] const std::string& first_url() const { return first_url_; }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };

  std::unique_ptr<XXH3_state_t, Free> hash_;
  std::uint64_t lines_ = 0;
  std::uint64_t urls_ = 0;
  std::uint64_t chunks_ = 0;
  ListChunk chunk_;
  std::string first_url_;
};

}  // namespace doutu
