#include "crawler/request/url_list.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <span>

#include "shared/base/hex.h"
#include "shared/base/human_text.h"
#include "shared/base/whitespace.h"
#include "shared/url/max_url_bytes.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10U;
constexpr std::size_t kChunkLines = 100;
constexpr std::size_t kChunkBytes = std::size_t{16} << 10U;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// As much of a line as a task needs: a URL that is too long stays so.
std::string_view cut(std::string_view line) { return line.substr(0, kMaxUrlBytes + 1); }

}  // namespace

std::string_view cleaned_line(std::string_view line) {
  line = trim_c0_controls_and_space(line);
  return line.starts_with('#') ? std::string_view() : line;
}

/// Reads on. What was returned before is dropped.
Status ListLines::fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  scanned_ = buffer_.size();
  buffer_.resize(scanned_ + kReadBytes);
  ssize_t count = -1;
  do {
    count = ::read(fd_, buffer_.data() + scanned_, kReadBytes);
  } while (count < 0 && errno == EINTR);
  buffer_.resize(scanned_ + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0) return Error{system_error("cannot be read").message};
  has_ended_ = count == 0;
  bytes_ += static_cast<std::uint64_t>(count);
  if (bytes_ > kMaxListBytes) {
    return Error{fmt::format("is larger than {}; split it into several crawls", human_bytes(kMaxListBytes))};
  }
  return {};
}

Result<std::optional<std::string_view>> ListLines::next() {
  std::size_t end = buffer_.find('\n', scanned_);
  while (end == std::string::npos && !has_ended_) {
    if (buffer_.size() - begin_ > kMaxListLineBytes) {
      return Error{fmt::format("line {} is longer than {} KiB; is this a list of URLs, one a line?", number_ + 1,
                               kMaxListLineBytes >> 10U)};
    }
    if (Status filled = fill(); !filled) return std::move(filled).error();
    end = buffer_.find('\n', scanned_);
  }
  if (end == std::string::npos && begin_ == buffer_.size()) return std::optional<std::string_view>();
  std::string_view line = std::string_view(buffer_).substr(begin_, std::min(end, buffer_.size()) - begin_);
  begin_ = scanned_ = std::min(end, buffer_.size() - 1) + 1;
  if (++number_ > kMaxListLines) {
    return Error{fmt::format("has more than {} lines; split it into several crawls", human_count(kMaxListLines))};
  }
  if (line.find('\0') != std::string_view::npos) {
    return Error{fmt::format("line {} has a zero byte; is this a text file in UTF-8?", number_)};
  }
  if (number_ == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  return std::optional(cleaned_line(line));
}

bool ListChunk::takes(std::string_view line) const {
  return lines_ == 0 || (lines_ < kChunkLines && text_.size() + cut(line).size() + 1 <= kChunkBytes);
}

void ListChunk::add(std::string_view line) {
  text_.append(cut(line)).push_back('\n');
  ++lines_;
}

ListFacts::ListFacts() : hash_(XXH3_createState()) {
  if (hash_ == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset(hash_.get());
}

void ListFacts::add(std::string_view line) {
  ++lines_;
  XXH3_128bits_update(hash_.get(), line.data(), line.size());
  XXH3_128bits_update(hash_.get(), "\n", 1);
  if (line.empty()) return;
  ++urls_;
  if (chunk_.is_empty() || !chunk_.takes(line)) {
    ++chunks_;
    chunk_.clear();
  }
  chunk_.add(line);
  if (first_url_.empty()) first_url_ = normalise_url(line).value_or("");
}

AskedList ListFacts::asked() const {
  XXH128_canonical_t digest{};
  XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(hash_.get()));
  return {urls_, hex(std::as_bytes(std::span(digest.digest)))};
}

}  // namespace doutu
