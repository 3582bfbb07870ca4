#include "shared/lane/records.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "shared/lane/image_queue.h"

// A record is one kind byte, then the fields in the order of the struct, little-endian and without padding; a URL is
// the last field, two bytes of length before it. Every record has one form only.

namespace doutu {
namespace {

enum class Kind : std::uint8_t { page_begin = 1, image_found = 2, page_end = 3 };

static_assert(1 + 8 + 4 + 4 + 2 + 2 + kMaxUrlBytes <= kMaxRecordBytes, "lower kMaxUrlBytes: an ImageFound must fit");
static_assert(kMaxUrlBytes <= UINT16_MAX, "widen the length field before kMaxUrlBytes");

class Writer {
 public:
  explicit Writer(std::vector<std::byte>& buffer) : buffer_(buffer) { buffer_.clear(); }

  template <class Number>
  void number(Number value) {
    static_assert(std::is_unsigned_v<Number>);
    for (std::size_t i = 0; i < sizeof value; ++i) buffer_.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
  void kind(Kind value) { number(static_cast<std::uint8_t>(value)); }
  void cause(Cause value) { number(static_cast<std::uint16_t>(value)); }
  void url(std::string_view text) {
    text = text.substr(0, kMaxUrlBytes);
    number(static_cast<std::uint16_t>(text.size()));
    const auto bytes = std::as_bytes(std::span(text));
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  }

  void fields(const PageBegin& record) {
    kind(Kind::page_begin);
    number(record.page);
    number(record.attempt);
    url(record.final_url);
  }
  void fields(const ImageFound& record) {
    kind(Kind::image_found);
    number(record.page);
    number(record.attempt);
    number(record.position);
    cause(record.cause);
    url(record.url);
  }
  void fields(const PageEnd& record) {
    kind(Kind::page_end);
    number(record.page);
    number(record.attempt);
    cause(record.cause);
    number(record.http_status);
    number(record.hits);
    number(record.retry_after_seconds);
  }

 private:
  std::vector<std::byte>& buffer_;
};

/// Reads fields off the front. After the first one that is not there, or is not possible, ok() is false for good.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <class Number>
  void number(Number& value) {
    const auto bytes = take(sizeof value);
    value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      value = static_cast<Number>(value | (std::to_integer<Number>(bytes[i]) << (8 * i)));
    }
  }
  void cause(Cause& value) {
    std::uint16_t raw = 0;
    number(raw);
    const auto known = cause_from_number(raw);
    ok_ = ok_ && known.has_value();
    value = known.value_or(Cause::none);
  }
  void url(std::string_view& text) {
    std::uint16_t length = 0;
    number(length);
    ok_ = ok_ && length <= kMaxUrlBytes;
    const auto bytes = take(length);
    text = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
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
  return whole(reader, record);
}

}  // namespace

std::span<const std::byte> encode(const Record& record, std::vector<std::byte>& buffer) {
  Writer writer(buffer);
  std::visit([&writer](const auto& fields) { writer.fields(fields); }, record);
  return buffer;
}

std::optional<Record> decode(std::span<const std::byte> bytes) {
  if (bytes.empty()) return std::nullopt;
  const Reader reader(bytes.subspan(1));
  switch (static_cast<Kind>(bytes.front())) {
    case Kind::page_begin:
      return decode_page_begin(reader);
    case Kind::image_found:
      return decode_image_found(reader);
    case Kind::page_end:
      return decode_page_end(reader);
  }
  return std::nullopt;
}

}  // namespace doutu
