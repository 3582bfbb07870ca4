#include "shared/crawl/records.h"

#include <bit>
#include <cstring>
#include <type_traits>

#include "shared/base/check.h"
#include "shared/lane/image_queue.h"

// A record is one kind byte, then the fields in the order of the struct, little-endian and without padding; a text has
// two bytes of length before it, an image four. Every record has one form only.

namespace doutu {
namespace {

enum class Kind : std::uint8_t {
  page_begin = 1,
  image_found = 2,
  page_end = 3,
  inline_image = 4,
  page_found = 5,
  cookie_set = 6,
  robots_read = 7,
};

static_assert(std::endian::native == std::endian::little, "swap bytes in number() of Writer and Reader");
static_assert(kMaxUrlBytes <= UINT16_MAX, "widen the length field before kMaxUrlBytes");

// Bytes of each kind without its URL or image.
constexpr std::size_t kCookieSetBytes = 1 + 8 + 4 + 2 + 2;
constexpr std::size_t kRobotsReadBytes = 1 + 8 + 4 + 2;
constexpr std::size_t kPageBeginBytes = 1 + 8 + 4 + 2;
constexpr std::size_t kImageFoundBytes = 1 + 8 + 4 + 4 + 2 + 2 + 2 + 1;
constexpr std::size_t kPageFoundBytes = 1 + 8 + 4 + 4 + 4 + 2;
constexpr std::size_t kInlineImageBytes = 1 + 8 + 4 + 4 + 4;
constexpr std::size_t kPageEndBytes = 1 + 8 + 4 + 2 + 2 + 4 + 4 + 4 + 1;
static_assert(kMaxSetCookieBytes <= UINT16_MAX &&
                  kCookieSetBytes + kMaxUrlBytes + kMaxSetCookieBytes <= kMaxRecordBytes,
              "a CookieSet must fit");
static_assert(kMaxAlternativesBytes <= UINT16_MAX, "widen the length field before kMaxAlternativesBytes");
static_assert(kMaxRobotsRules <= UINT16_MAX, "widen the length field before kMaxRobotsRules");
static_assert(kImageFoundBytes + kMaxUrlBytes + kMaxAlternativesBytes <= kMaxRecordBytes,
              "lower kMaxUrlBytes: an ImageFound must fit");
static_assert(kInlineImageBytes + kMaxInlineBytes <= kMaxRecordBytes, "lower kMaxInlineBytes: an image must fit");

/// Writes fields one after the other into a buffer of exactly their size, which is half the work of appending.
class Writer {
 public:
  Writer(std::vector<std::byte>& buffer, std::size_t bytes) : buffer_(buffer) { buffer_.resize(bytes); }

  template <class Number>
  void number(Number value) {
    static_assert(std::is_unsigned_v<Number>);
    append(&value, sizeof value);
  }
  void flag(bool value) { number(static_cast<std::uint8_t>(value ? 1 : 0)); }
  void kind(Kind value) { number(static_cast<std::uint8_t>(value)); }
  void cause(Cause value) { number(static_cast<std::uint16_t>(value)); }
  void url(std::string_view text) {
    number(static_cast<std::uint16_t>(text.size()));
    append(text.data(), text.size());
  }
  void image(std::string_view bytes) {
    number(static_cast<std::uint32_t>(bytes.size()));
    append(bytes.data(), bytes.size());
  }
  std::span<const std::byte> done() {
    DOUTU_CHECK(used_ == buffer_.size());
    return buffer_;
  }

 private:
  void append(const void* bytes, std::size_t count) {
    if (count > 0) std::memcpy(&buffer_[used_], bytes, count);
    used_ += count;
  }

  std::vector<std::byte>& buffer_;
  std::size_t used_ = 0;
};

std::span<const std::byte> encode_fields(const CookieSet& record, std::vector<std::byte>& buffer) {
  DOUTU_CHECK(record.value.size() <= kMaxSetCookieBytes);
  const auto url = record.url.substr(0, kMaxUrlBytes);
  Writer writer(buffer, kCookieSetBytes + url.size() + record.value.size());
  writer.kind(Kind::cookie_set);
  writer.number(record.page);
  writer.number(record.attempt);
  writer.url(url);
  writer.url(record.value);
  return writer.done();
}

std::span<const std::byte> encode_fields(const RobotsRead& record, std::vector<std::byte>& buffer) {
  DOUTU_CHECK(record.rules.size() <= kMaxRobotsRules);
  Writer writer(buffer, kRobotsReadBytes + record.rules.size());
  writer.kind(Kind::robots_read);
  writer.number(record.page);
  writer.number(record.attempt);
  writer.url(record.rules);
  return writer.done();
}

std::span<const std::byte> encode_fields(const PageBegin& record, std::vector<std::byte>& buffer) {
  const auto url = record.final_url.substr(0, kMaxUrlBytes);
  Writer writer(buffer, kPageBeginBytes + url.size());
  writer.kind(Kind::page_begin);
  writer.number(record.page);
  writer.number(record.attempt);
  writer.url(url);
  return writer.done();
}

std::span<const std::byte> encode_fields(const ImageFound& record, std::vector<std::byte>& buffer) {
  DOUTU_CHECK(record.alternatives.size() <= kMaxAlternativesBytes);
  const auto url = record.url.substr(0, kMaxUrlBytes);
  Writer writer(buffer, kImageFoundBytes + url.size() + record.alternatives.size());
  writer.kind(Kind::image_found);
  writer.number(record.page);
  writer.number(record.attempt);
  writer.number(record.position);
  writer.cause(record.cause);
  writer.url(url);
  writer.url(record.alternatives);
  writer.number(static_cast<std::uint8_t>(record.referrer_policy));
  return writer.done();
}

std::span<const std::byte> encode_fields(const PageFound& record, std::vector<std::byte>& buffer) {
  const auto url = record.url.substr(0, kMaxUrlBytes);
  Writer writer(buffer, kPageFoundBytes + url.size());
  writer.kind(Kind::page_found);
  writer.number(record.page);
  writer.number(record.attempt);
  writer.number(record.position);
  writer.number(record.step);
  writer.url(url);
  return writer.done();
}

std::span<const std::byte> encode_fields(const InlineImage& record, std::vector<std::byte>& buffer) {
  DOUTU_CHECK(record.bytes.size() <= kMaxInlineBytes);
  Writer writer(buffer, kInlineImageBytes + record.bytes.size());
  writer.kind(Kind::inline_image);
  writer.number(record.page);
  writer.number(record.attempt);
  writer.number(record.position);
  writer.image(record.bytes);
  return writer.done();
}

std::span<const std::byte> encode_fields(const PageEnd& record, std::vector<std::byte>& buffer) {
  Writer writer(buffer, kPageEndBytes);
  writer.kind(Kind::page_end);
  writer.number(record.page);
  writer.number(record.attempt);
  writer.cause(record.cause);
  writer.number(record.http_status);
  writer.number(record.hits);
  writer.number(record.retry_after_seconds);
  writer.flag(record.elsewhere);
  writer.number(record.links);
  return writer.done();
}

/// Reads fields off the front. After the first one that is not there, or is not possible, ok() is false for good.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <class Number>
  void number(Number& value) {
    const auto bytes = take(sizeof value);
    if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
  }
  void flag(bool& value) {
    std::uint8_t raw = 0;
    number(raw);
    ok_ = ok_ && raw <= 1;
    value = raw == 1;
  }
  void cause(Cause& value) {
    std::uint16_t raw = 0;
    number(raw);
    const auto known = cause_from_number(raw);
    ok_ = ok_ && known.has_value();
    value = known.value_or(Cause::none);
  }
  void referrer_policy(ReferrerPolicy& value) {
    std::uint8_t raw = 0;
    number(raw);
    const auto known = referrer_policy_from_number(raw);
    ok_ = ok_ && known.has_value();
    value = known.value_or(ReferrerPolicy{});
  }
  void url(std::string_view& text) { text_of_at_most(kMaxUrlBytes, text); }
  void set_cookie(std::string_view& text) { text_of_at_most(kMaxSetCookieBytes, text); }
  void alternatives(std::string_view& text) { text_of_at_most(kMaxAlternativesBytes, text); }
  void rules(std::string_view& text) { text_of_at_most(kMaxRobotsRules, text); }
  void text_of_at_most(std::size_t most, std::string_view& text) {
    std::uint16_t length = 0;
    number(length);
    ok_ = ok_ && length <= most;
    const auto bytes = take(length);
    text = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  void image(std::string_view& image_bytes) {
    std::uint32_t length = 0;
    number(length);
    ok_ = ok_ && length <= kMaxInlineBytes;
    const auto bytes = take(length);
    image_bytes = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  [[nodiscard]] bool ok_to_the_end() const { return ok_ && rest_.empty(); }

 private:
  std::span<const std::byte> take(std::size_t count) {
    ok_ = ok_ && count <= rest_.size();
    const auto front = rest_.first(ok_ ? count : 0);
    rest_ = rest_.subspan(front.size());
    return front;
  }

  std::span<const std::byte> rest_;
  bool ok_ = true;
};

std::optional<Record> whole(const Reader& reader, const Record& record) {
  return reader.ok_to_the_end() ? std::optional(record) : std::nullopt;
}

std::optional<Record> decode_cookie_set(Reader reader) {
  CookieSet record;
  reader.number(record.page);
  reader.number(record.attempt);
  reader.url(record.url);
  reader.set_cookie(record.value);
  return whole(reader, record);
}

std::optional<Record> decode_robots_read(Reader reader) {
  RobotsRead record;
  reader.number(record.page);
  reader.number(record.attempt);
  reader.rules(record.rules);
  return whole(reader, record);
}

std::optional<Record> decode_page_begin(Reader reader) {
  PageBegin record;
  reader.number(record.page);
  reader.number(record.attempt);
  reader.url(record.final_url);
  return whole(reader, record);
}

std::optional<Record> decode_image_found(Reader reader) {
  ImageFound record;
  reader.number(record.page);
  reader.number(record.attempt);
  reader.number(record.position);
  reader.cause(record.cause);
  reader.url(record.url);
  reader.alternatives(record.alternatives);
  reader.referrer_policy(record.referrer_policy);
  return whole(reader, record);
}

std::optional<Record> decode_page_found(Reader reader) {
  PageFound record;
  reader.number(record.page);
  reader.number(record.attempt);
  reader.number(record.position);
  reader.number(record.step);
  reader.url(record.url);
  return whole(reader, record);
}

std::optional<Record> decode_inline_image(Reader reader) {
  InlineImage record;
  reader.number(record.page);
  reader.number(record.attempt);
  reader.number(record.position);
  reader.image(record.bytes);
  return whole(reader, record);
}

std::optional<Record> decode_page_end(Reader reader) {
  PageEnd record;
  reader.number(record.page);
  reader.number(record.attempt);
  reader.cause(record.cause);
  reader.number(record.http_status);
  reader.number(record.hits);
  reader.number(record.retry_after_seconds);
  reader.flag(record.elsewhere);
  reader.number(record.links);
  return whole(reader, record);
}

}  // namespace

std::span<const std::byte> encode(const Record& record, std::vector<std::byte>& buffer) {
  return std::visit([&buffer](const auto& fields) { return encode_fields(fields, buffer); }, record);
}

std::optional<Record> decode(std::span<const std::byte> bytes) {
  if (bytes.empty()) return std::nullopt;
  const Reader reader(bytes.subspan(1));
  switch (static_cast<Kind>(bytes.front())) {
    case Kind::cookie_set:
      return decode_cookie_set(reader);
    case Kind::robots_read:
      return decode_robots_read(reader);
    case Kind::page_begin:
      return decode_page_begin(reader);
    case Kind::image_found:
      return decode_image_found(reader);
    case Kind::inline_image:
      return decode_inline_image(reader);
    case Kind::page_found:
      return decode_page_found(reader);
    case Kind::page_end:
      return decode_page_end(reader);
  }
  return std::nullopt;
}

}  // namespace doutu
