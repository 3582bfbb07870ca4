#include "downloader/store/image_sink.h"

#include "shared/folder/disk_wait.h"

namespace doutu {
namespace {

/// Somebody may go on deleting the place where images are held; who does so more often is not waited for.
constexpr int kDeletions = 100;

Status write_whole(IncomingImage& image, std::int64_t id, std::span<const std::byte> bytes) {
  image.begin(id);
  Status written = image.append(bytes);
  return written ? image.finish(std::nullopt) : written;
}

}  // namespace

Status ImageSink::hold(std::int64_t id, std::span<const std::byte> bytes) {
  const auto image = writer();
  Status written = write_whole(*image, id, bytes);
  for (int times = 1; !written && is_folder_error(written.error().code) && times < kDeletions; ++times) {
    if (Status mended = mend(); !mended) return mended;
    written = write_whole(*image, id, bytes);
  }
  return written;
}

ImageSink::Found look_beside(const ImageSink& sink, const std::string& name, std::int64_t id, const Content& content) {
  const auto found = sink.compare(id, name);
  return found == ImageSink::Found::nothing ? sink.look(name, content, ImageSink::From::cache) : found;
}

}  // namespace doutu
