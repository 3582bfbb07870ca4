#include "downloader/check/image_format/box_format.h"

#include <algorithm>

namespace doutu {
namespace {

constexpr std::size_t kBoxHeader = 8;
constexpr std::size_t kFullBox = 4;  ///< Version and flags, with which many boxes begin.
/// Far beyond every file, and sums of a few do not overflow.
constexpr std::uint64_t kMaxOffset = 1ULL << 60U;

constexpr std::uint32_t kLargeSize = 1;
constexpr std::uint32_t kToTheEnd = 0;

/// Boxes within a meta box without which its image cannot be shown (ISO/IEC 23008-12 section 6.2).
enum MetaPart : std::uint32_t { pitm = 1, iloc = 2, iinf = 4, iprp = 8, iref = 16, idat = 32 };

std::uint32_t meta_part(std::uint32_t name) {
  switch (name) {
    case four_cc("pitm"):
      return MetaPart::pitm;
    case four_cc("iloc"):
      return MetaPart::iloc;
    case four_cc("iinf"):
      return MetaPart::iinf;
    case four_cc("iprp"):
      return MetaPart::iprp;
    case four_cc("iref"):
      return MetaPart::iref;
    case four_cc("idat"):
      return MetaPart::idat;
    default:
      return 0;
  }
}

/// What no image is whole without, where it has begun.
bool holds_image(std::uint32_t name) {
  switch (name) {
    case four_cc("meta"):
    case four_cc("moov"):
    case four_cc("moof"):
    case four_cc("mdat"):
    case four_cc("mini"):
    case four_cc("jxlc"):
    case four_cc("jxlp"):
      return true;
    default:
      return false;
  }
}

bool is_field_size(std::size_t size) { return size == 0 || size == 4 || size == 8; }

}  // namespace

// --- Boxes.

/// read: size (with this header), name.
BoxFormat::Step BoxFormat::on_box(Bytes read) {
  const std::uint32_t size = be32(read, 0);
  name_ = be32(read, 4);
  if (depth_ == 0) outer_begin_ = position() - kBoxHeader;
  if (size == kLargeSize) return this->read(8, &BoxFormat::on_large_size);
  if (size == kToTheEnd) {
    if (parent_end() != kForever) return kDamaged;
    box_end_ = kForever;
    return open_content();
  }
  return open_box(size, kBoxHeader);
}

BoxFormat::Step BoxFormat::on_large_size(Bytes read) { return open_box(big_endian(read), kBoxHeader + 8); }

BoxFormat::Step BoxFormat::open_box(std::uint64_t size, std::uint64_t header) {
  const std::uint64_t begin = position() - header;
  if (size < header || size > kMaxOffset) {
    // Behind the last box something else may follow, as behind any image.
    return depth_ == 0 && has_everything(begin) ? Step{.progress = ended()} : kDamaged;
  }
  box_end_ = begin + size;
  return box_end_ > parent_end() ? kDamaged : open_content();
}

BoxFormat::Step BoxFormat::open_content() {
  meta_parts_ |= meta_part(name_);
  switch (name_) {
    case four_cc("meta"):
      return enter(kFullBox);
    case four_cc("iprp"):
    case four_cc("ipco"):
    case four_cc("moov"):
    case four_cc("trak"):
    case four_cc("mdia"):
    case four_cc("minf"):
    case four_cc("stbl"):
      return enter(0);
    case four_cc("iloc"):
      return read_within(0, kFullBox + 2, &BoxFormat::on_item_locations);
    case four_cc("ispe"):
      return read_within(kFullBox, 8, &BoxFormat::on_image_size);
    case four_cc("tkhd"):
      return read_within(0, kFullBox, &BoxFormat::on_track_header);
    case four_cc("stsz"):
      return read_within(kFullBox + 4, 4, &BoxFormat::on_sample_count);
    case four_cc("stco"):
    case four_cc("co64"):
      return read_within(kFullBox, 4, &BoxFormat::on_chunk_offsets);
    case four_cc("jxlc"):
      return leave_part_of_image();
    case four_cc("mini"):
      return read_within(0, 6, &BoxFormat::on_minimized_image);
    case four_cc("jxlp"):
      return read_within(0, 4, &BoxFormat::on_partial_codestream);
    default:
      return leave();
  }
}

/// Its content is boxes, behind a few bytes.
BoxFormat::Step BoxFormat::enter(std::size_t ignored) {
  if (depth_ == parents_.size()) return kDamaged;
  parents_.at(depth_++) = box_end_;
  box_end_ = position() + ignored;
  return box_end_ > parent_end() ? kDamaged : leave();
}

BoxFormat::Step BoxFormat::read_within(std::uint64_t pass, std::size_t count, State then) {
  return box_end_ != kForever && position() + pass + count > std::min(box_end_, parent_end())
             ? kDamaged
             : pass_and_read(pass, count, then);
}

/// Passes by what is left of the box and reads the next one.
BoxFormat::Step BoxFormat::leave() {
  if (box_end_ == kForever) return pass_and_read(kForever, 0, &BoxFormat::on_box);
  while (depth_ > 0 && parent_end() == box_end_) --depth_;
  if (depth_ > 0 && parent_end() - box_end_ < kBoxHeader) return kDamaged;
  return pass_and_read(box_end_ - position(), kBoxHeader, &BoxFormat::on_box);
}

Progress BoxFormat::at_end(BodyEnd end) { return is_whole(end) ? ended() : Progress::going; }

bool BoxFormat::is_whole(BodyEnd end) const {
  const bool all_came = end == BodyEnd::announced;
  const bool behind_a_box = position() == box_end_;
  if (depth_ > 0) return all_came && parent_end() == kForever && behind_a_box && is_between_steps() && is_whole_meta();
  if (box_end_ == kForever) return (all_came || is_exact_) && has_everything(position());
  if (behind_a_box) return (all_came || is_between_steps()) && has_everything(position());
  return all_came && !holds_image(name_) && has_everything(outer_begin_);
}

/// Of a meta box that goes on to the end of the file, where any of its boxes may be the last.
bool BoxFormat::is_whole_meta() const {
  const std::uint32_t needed = needed_parts_ | MetaPart::pitm | MetaPart::iloc | MetaPart::iinf | MetaPart::iprp;
  return (meta_parts_ & needed) == needed && has_everything(position());
}

/// JPEG XL says its size in the codestream only.
Progress BoxFormat::ended() const {
  const bool has_size = facts_.width > 0 && facts_.height > 0;
  return has_size || facts_.type == "jxl" ? Progress::complete : Progress::damaged;
}

// --- What the boxes say.

void BoxFormat::require_bytes_to(std::uint64_t end) {
  has_image_ = true;
  needed_ = std::max(needed_, end);
  facts_.frames = std::max(facts_.frames, 1U);
}

/// The image itself is the largest: its parts, thumbnails and masks are not larger.
void BoxFormat::learn_size(std::uint32_t width, std::uint32_t height) {
  if (std::uint64_t{width} * height <= std::uint64_t{facts_.width} * facts_.height) return;
  facts_.width = width;
  facts_.height = height;
}

BoxFormat::Step BoxFormat::on_image_size(Bytes read) {
  if (be32(read, 0) == 0 || be32(read, 4) == 0) return kDamaged;
  learn_size(be32(read, 0), be32(read, 4));
  return leave();
}

/// read: version and flags; times and more, of a length by the version; then width and height as 16.16 numbers.
BoxFormat::Step BoxFormat::on_track_header(Bytes read) {
  return read_within(u8(read, 0) == 0 ? 72 : 84, 8, &BoxFormat::on_track_size);
}

BoxFormat::Step BoxFormat::on_track_size(Bytes read) {
  learn_size(be16(read, 0), be16(read, 4));
  return leave();
}

BoxFormat::Step BoxFormat::on_sample_count(Bytes read) {
  facts_.frames = std::max(facts_.frames, be32(read, 0));
  return leave();
}

BoxFormat::Step BoxFormat::on_chunk_offsets(Bytes read) {
  chunk_offsets_ = be32(read, 0);
  if (chunk_offsets_ == 0) return leave();
  return read_within(0, name_ == four_cc("stco") ? 4 : 8, &BoxFormat::on_chunk_offset);
}

BoxFormat::Step BoxFormat::on_chunk_offset(Bytes read) {
  const std::uint64_t offset = big_endian(read);
  if (offset > kMaxOffset) return kDamaged;
  require_bytes_to(offset + 1);
  is_exact_ = false;
  return --chunk_offsets_ == 0 ? leave() : read_within(0, read.size(), &BoxFormat::on_chunk_offset);
}

/// read: index, whose highest bit says that it is the last part (ISO/IEC 18181-2 section 9.9).
BoxFormat::Step BoxFormat::on_partial_codestream(Bytes read) {
  if (be32(read, 0) >> 31U == 1) return leave_part_of_image();
  facts_.frames = 1;
  return leave();
}

BoxFormat::Step BoxFormat::leave_part_of_image() {
  require_bytes_to(0);
  is_exact_ = is_exact_ && box_end_ != kForever;
  return leave();
}

/// read: 2 bits of version, 14 of flags; one that says whether width - 1 and height - 1 have 15 bits or 7 (ISO/IEC
/// 23008-12 amendment 2).
BoxFormat::Step BoxFormat::on_minimized_image(Bytes read) {
  const std::uint32_t sizes = be32(read, 2);
  const bool is_large = sizes >> 31U == 1;
  if (u8(read, 0) >> 6U != 0) return kDamaged;
  learn_size(1 + (is_large ? sizes >> 16U & 0x7FFFU : sizes >> 24U & 0x7FU),
             1 + (is_large ? sizes >> 1U & 0x7FFFU : sizes >> 17U & 0x7FU));
  return leave_part_of_image();
}

// --- iloc: where the items lie (ISO/IEC 14496-12 section 8.11.3).

/// read: version and flags, the sizes of fields.
BoxFormat::Step BoxFormat::on_item_locations(Bytes read) {
  locations_ = {.version = u8(read, 0),
                .offset_size = u8(read, 4) >> 4U,
                .length_size = u8(read, 4) & 15U,
                .base_size = u8(read, 5) >> 4U,
                .index_size = u8(read, 0) == 0 ? 0 : u8(read, 5) & 15U};
  const auto& [version, offset, length, base, index, items, extents, base_offset, in_file] = locations_;
  const bool is_known =
      version <= 2 && is_field_size(offset) && is_field_size(length) && is_field_size(base) && is_field_size(index);
  return is_known ? read_within(0, version < 2 ? 2 : 4, &BoxFormat::on_item_count) : kDamaged;
}

BoxFormat::Step BoxFormat::on_item_count(Bytes read) {
  locations_.items = static_cast<std::uint32_t>(big_endian(read));
  if (locations_.items > 1) needed_parts_ |= MetaPart::iref;
  return next_item();
}

BoxFormat::Step BoxFormat::next_item() {
  if (locations_.items == 0) return leave();
  --locations_.items;
  const std::size_t id = locations_.version < 2 ? 2 : 4;
  const std::size_t construction = locations_.version == 0 ? 0 : 2;
  return read_within(0, id + construction + 2 + locations_.base_size + 2, &BoxFormat::on_item);
}

/// read: id, construction method (not in version 0; 0: from the file), data reference (0: this file), base, extents.
BoxFormat::Step BoxFormat::on_item(Bytes read) {
  const std::size_t extents_at = read.size() - 2;
  const std::size_t base_at = extents_at - locations_.base_size;
  const std::uint32_t method = locations_.version == 0 ? 0 : be16(read, base_at - 4) & 15U;
  if (method == 1) needed_parts_ |= MetaPart::idat;
  locations_.in_file = method == 0 && be16(read, base_at - 2) == 0;
  locations_.base = big_endian(read.subspan(base_at, locations_.base_size));
  locations_.extents = be16(read, extents_at);
  require_bytes_to(0);
  return locations_.base > kMaxOffset ? kDamaged : next_extent();
}

BoxFormat::Step BoxFormat::next_extent() {
  const std::size_t size = locations_.index_size + locations_.offset_size + locations_.length_size;
  if (locations_.extents == 0 || size == 0) return next_item();
  --locations_.extents;
  return read_within(0, size, &BoxFormat::on_extent);
}

/// read: index, offset from the base, length (0: all that follows).
BoxFormat::Step BoxFormat::on_extent(Bytes read) {
  const auto fields = read.subspan(locations_.index_size);
  const std::uint64_t offset = big_endian(fields.first(locations_.offset_size));
  const std::uint64_t length = big_endian(fields.subspan(locations_.offset_size));
  if (offset > kMaxOffset || length > kMaxOffset) return kDamaged;
  if (locations_.in_file) require_bytes_to(locations_.base + offset + length);
  is_exact_ = is_exact_ && length > 0;
  return next_extent();
}

}  // namespace doutu
