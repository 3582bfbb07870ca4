#include "crawler/run/image_suspects.h"

namespace doutu {

std::vector<std::int64_t> images_in_flight(const StatsPage& stats) {
  std::vector<std::int64_t> images;
  for (const auto& slot : stats.in_flight) {
    const std::int64_t image = slot.load(std::memory_order_relaxed);
    if (image != 0) images.push_back(image);
  }
  return images;
}

void ImageSuspects::add(const std::vector<std::int64_t>& images, Strikes::Death death) {
  for (const std::int64_t image : images) {
    if (strikes_[image].add(death)) given_up_.insert(image);
  }
}

std::vector<Message> ImageSuspects::messages() const {
  std::vector<Message> messages;
  for (const auto& [image, strikes] : strikes_) {
    if (given_up_.contains(image)) {
      messages.emplace_back(ImageGivenUp{image});
    } else {
      messages.emplace_back(ImageSuspected{image});
    }
  }
  return messages;
}

}  // namespace doutu
