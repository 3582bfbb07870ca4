#include "downloader/check/image_format/ico_format.h"

#include <algorithm>

namespace doutu {
namespace {

constexpr std::size_t kHeader = 6;
constexpr std::size_t kEntry = 16;
/// Far beyond every icon.
constexpr std::uint64_t kMaxOffset = 1ULL << 30U;

/// A byte that has no room for 256.
std::uint32_t side(std::uint32_t value) { return value == 0 ? 256 : value; }

}  // namespace

/// read: reserved, type (1: icon, 2: cursor), number of entries.
IcoFormat::Step IcoFormat::on_header(Bytes read) {
  entries_left_ = le16(read, 4);
  directory_end_ = kHeader + kEntry * std::uint64_t{entries_left_};
  return entries_left_ == 0 ? kDamaged : this->read(kEntry, &IcoFormat::on_entry);
}

/// read: width, height, colours, reserved, planes, bits a pixel, bytes, offset.
IcoFormat::Step IcoFormat::on_entry(Bytes read) {
  const std::uint32_t bytes = le32(read, 8);
  const std::uint32_t offset = le32(read, 12);
  const std::uint64_t end = std::uint64_t{offset} + bytes;
  const std::uint32_t width = side(u8(read, 0));
  const std::uint32_t height = side(u8(read, 1));
  if (bytes == 0 || offset < directory_end_ || end > kMaxOffset) {
    miss(width * height);
    return next_entry();
  }
  if (facts_.frames < kMaxImages) images_.at(facts_.frames) = {offset, end, width * height};
  ++facts_.frames;
  end_ = std::max(end_, end);
  if (width * height > facts_.width * facts_.height) {
    facts_.width = width;
    facts_.height = height;
  }
  return next_entry();
}

IcoFormat::Step IcoFormat::next_entry() {
  if (--entries_left_ > 0) return this->read(kEntry, &IcoFormat::on_entry);
  if (facts_.frames == 0 || missing_area_ > facts_.width * facts_.height) return kDamaged;
  return pass_and_read(end_ - position(), 0, &IcoFormat::on_end);
}

Progress IcoFormat::at_end(BodyEnd end) {
  const bool is_within_images = entries_left_ == 0 && facts_.frames > 0 && facts_.frames <= kMaxImages;
  if (end != BodyEnd::announced || !is_within_images) return Progress::going;
  std::uint32_t area = 0;
  for (const Image& image : std::span(images_).first(facts_.frames)) {
    if (image.end <= position()) {
      area = std::max(area, image.area);
    } else if (image.begin <= position()) {
      return Progress::going;
    } else {
      miss(image.area);
      --facts_.frames;
    }
  }
  return area > 0 && area >= missing_area_ ? Progress::complete : Progress::going;
}

IcoFormat::Step IcoFormat::on_end(Bytes /*read*/) { return kComplete; }

}  // namespace doutu
