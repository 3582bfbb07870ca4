#include "downloader/check/image_format/tiff_format.h"

#include <algorithm>
#include <utility>

namespace doutu {
namespace {

/// Far beyond every file, and sums of a few do not overflow.
constexpr std::uint64_t kMaxOffset = 1ULL << 60U;

enum Tag : std::uint32_t {
  width = 256,
  height = 257,
  strip_offsets = 273,
  strip_lengths = 279,
  tile_offsets = 324,
  tile_lengths = 325,
};

/// Bytes of a value of this type (TIFF 6.0 section 2, BigTIFF); 0: unknown.
std::size_t bytes_of_type(std::uint64_t type) {
  constexpr std::array<std::uint8_t, 19> kBytes{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
  return type < kBytes.size() ? kBytes.at(type) : 0;
}

}  // namespace

std::uint64_t TiffFormat::number(Bytes bytes) const { return is_little_ ? little_endian(bytes) : big_endian(bytes); }

/// read: byte order, 42 or 43; then the offset of the first directory, or BigTIFF's size of offsets and a zero.
TiffFormat::Step TiffFormat::on_header(Bytes read) {
  is_little_ = u8(read, 0) == 'I';
  is_big_ = number(read.subspan(2, 2)) == 43;
  if (!is_big_) return on_first_directory(read.subspan(4));
  const bool is_known = number(read.subspan(4, 2)) == 8 && number(read.subspan(6, 2)) == 0;
  return is_known ? this->read(8, &TiffFormat::on_first_directory) : kDamaged;
}

TiffFormat::Step TiffFormat::on_first_directory(Bytes read) {
  const std::uint64_t offset = number(read);
  if (offset < position() || offset > kMaxOffset) return kDamaged;
  visit({.what = Visit::What::directory, .offset = offset, .array = {}, .lengths = {}});
  return next_visit();
}

// --- A directory: the number of its entries, they, and the offset of the next one.

TiffFormat::Step TiffFormat::on_directory(Bytes read) {
  entries_ = number(read);
  if (entries_ == 0 || entries_ > 0xFFFF) return kDamaged;
  offsets_ = lengths_ = {};
  width_ = height_ = 0;
  return this->read(entry_bytes(), &TiffFormat::on_entry);
}

/// read: tag, type, count, the values or, where they need more room, their offset.
TiffFormat::Step TiffFormat::on_entry(Bytes read) {
  const std::size_t value_at = 4 + word();
  Array array{.offset = number(read.subspan(value_at)),
              .count = number(read.subspan(4, word())),
              .size = bytes_of_type(number(read.subspan(2, 2)))};
  if (array.size != 0 && array.count != 0) {
    array.is_inline = array.count <= word() / array.size;
    if (!array.is_inline) require_bytes_to(array.offset, array.count, array.size);
    for (std::size_t i = 0; array.is_inline && i < std::min<std::uint64_t>(array.count, array.values.size()); ++i) {
      array.values.at(i) = number(read.subspan(value_at + i * array.size, array.size));
    }
    learn(static_cast<std::uint32_t>(number(read.first(2))), array);
  }
  return --entries_ > 0 ? this->read(entry_bytes(), &TiffFormat::on_entry)
                        : this->read(word(), &TiffFormat::on_next_directory);
}

void TiffFormat::learn(std::uint32_t tag, const Array& array) {
  switch (tag) {
    case Tag::width:
      width_ = array.values[0];
      break;
    case Tag::height:
      height_ = array.values[0];
      break;
    case Tag::strip_offsets:
    case Tag::tile_offsets:
      offsets_ = array;
      break;
    case Tag::strip_lengths:
    case Tag::tile_lengths:
      lengths_ = array;
      break;
    default:
      break;
  }
}

TiffFormat::Step TiffFormat::on_next_directory(Bytes read) {
  if (width_ == 0 || width_ > 0xFFFFFFFF || height_ == 0 || height_ > 0xFFFFFFFF) return kDamaged;
  if (facts_.frames++ == 0) {
    facts_.width = static_cast<std::uint32_t>(width_);
    facts_.height = static_cast<std::uint32_t>(height_);
  }
  find_strips();
  const std::uint64_t offset = number(read);  // 0: there is none.
  if (offset != 0) {
    require_bytes_to(offset, 1, 1);
    visit({.what = Visit::What::directory, .offset = offset, .array = {}, .lengths = {}});
  }
  return next_visit();
}

// --- Strips and tiles: the one with the highest offset ends last.

void TiffFormat::find_strips() {
  if (offsets_.count == 0) return;
  has_strips_ = true;
  if (!offsets_.is_inline) {
    return visit({.what = Visit::What::offsets, .offset = offsets_.offset, .array = offsets_, .lengths = lengths_});
  }
  index_ = last_offset_ = last_index_ = 0;
  while (index_ < std::min<std::uint64_t>(offsets_.count, offsets_.values.size()))
    note_offset(offsets_.values.at(index_));
  find_last_strip(lengths_);
}

void TiffFormat::note_offset(std::uint64_t offset) {
  if (offset >= last_offset_) {
    last_offset_ = offset;
    last_index_ = index_;
  }
  ++index_;
}

TiffFormat::Step TiffFormat::on_offset(Bytes read) {
  note_offset(number(read));
  if (index_ < now_.array.count) return this->read(now_.array.size, &TiffFormat::on_offset);
  find_last_strip(now_.lengths);
  return next_visit();
}

void TiffFormat::find_last_strip(const Array& lengths) {
  require_bytes_to(last_offset_, 1, 1);
  if (last_index_ >= lengths.count) return;
  if (!lengths.is_inline) {
    const std::uint64_t offset = lengths.offset + last_index_ * lengths.size;
    visit({.what = Visit::What::last_length, .offset = offset, .array = lengths, .lengths = {}, .add = last_offset_});
  } else if (last_index_ < lengths.values.size()) {
    require_bytes_to(last_offset_, lengths.values.at(last_index_), 1);
  }
}

TiffFormat::Step TiffFormat::on_last_length(Bytes read) {
  require_bytes_to(now_.add, number(read), 1);
  return next_visit();
}

// --- What is needed, and what is visited.

/// A place that no file has makes the body incomplete, as it is when it was cut: the two look the same.
void TiffFormat::require_bytes_to(std::uint64_t offset, std::uint64_t count, std::uint64_t size) {
  const bool is_sane = offset <= kMaxOffset && count <= kMaxOffset / size;
  needed_ = std::max(needed_, is_sane ? offset + count * size : kForever);
}

void TiffFormat::visit(const Visit& visit) {
  const bool may_come = visit.offset >= position() && visit.offset <= kMaxOffset;
  if (may_come && visit_count_ < kMaxVisits) visits_.at(visit_count_++) = visit;
}

TiffFormat::Step TiffFormat::next_visit() {
  const auto end = visits_.begin() + static_cast<std::ptrdiff_t>(visit_count_);
  const auto passed_by = std::remove_if(visits_.begin(), end, [&](const Visit& v) { return v.offset < position(); });
  visit_count_ = static_cast<std::size_t>(passed_by - visits_.begin());
  if (visit_count_ == 0) return pass_and_read(needed_ - std::min(needed_, position()), 0, &TiffFormat::on_end);

  const auto nearest =
      std::min_element(visits_.begin(), passed_by, [](const Visit& a, const Visit& b) { return a.offset < b.offset; });
  now_ = std::exchange(*nearest, visits_.at(--visit_count_));
  const std::uint64_t gap = now_.offset - position();
  switch (now_.what) {
    case Visit::What::directory:
      return pass_and_read(gap, is_big_ ? 8 : 2, &TiffFormat::on_directory);
    case Visit::What::offsets:
      index_ = last_offset_ = last_index_ = 0;
      return pass_and_read(gap, now_.array.size, &TiffFormat::on_offset);
    case Visit::What::last_length:
      break;
  }
  return pass_and_read(gap, now_.array.size, &TiffFormat::on_last_length);
}

Progress TiffFormat::at_end(BodyEnd end) {
  const bool is_last = std::ranges::all_of(held(), [](std::byte byte) { return byte == std::byte{0}; });
  if (end != BodyEnd::announced || !is_last || !is_within(&TiffFormat::on_next_directory)) return Progress::going;
  constexpr std::array<std::byte, 8> kNone{};
  const Step last = on_next_directory(Bytes(kNone).first(word()));
  const bool is_damaged = last.progress == Progress::damaged || !has_strips_;
  const bool is_all_here = visit_count_ == 0 && needed_ <= position();
  return is_damaged ? Progress::damaged : is_all_here ? Progress::complete : Progress::going;
}

TiffFormat::Step TiffFormat::on_end(Bytes /*read*/) { return has_strips_ ? kComplete : kDamaged; }

}  // namespace doutu
