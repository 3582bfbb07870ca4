#include "downloader/record/name_chooser.h"

#include <fmt/format.h>

#include "shared/base/hex.h"
#include "shared/ledger/schema.h"

namespace doutu {
namespace {

/// A new process looks for so many again.
constexpr std::uint32_t kMaxNumber = 1'000;
/// Of 64: two images that share a name, and these, get numbers again.
constexpr std::size_t kHashDigits = 16;
constexpr std::size_t kMaxRemembered = 4096;

}  // namespace

/// It is seldom asked for, so most images never have it computed. Whatever is not there to be read is named all the
/// same.
std::string NameChooser::hash_of(const Unnamed& image) const {
  const auto sha256 = image.content.sha256 ? image.content.sha256 : sink_.sha256_of(image.id);
  return sha256 ? hex(*sha256) : hex(image.content.xxh128.value_or(Xxh128{}));
}

std::string NameChooser::base_name(std::string_view url, std::string_view type) const {
  return file_name_for(url, type, wrong_extension_, max_name_bytes_);
}

Result<std::string> NameChooser::choose(const std::string& base, const Spot& spot, const Unnamed& image, Look look) {
  if (auto name = free_name(base, 1, image, look)) return *std::move(name);
  const bool is_found = spot.page >= kFirstFoundPage;
  const std::string by_spot = fmt::format("{}{}-{}", is_found ? 'f' : 'p',
                                          is_found ? spot.page - kFirstFoundPage + 1 : spot.page, spot.position + 1);
  if (auto name = free_name(suffixed_name(base, by_spot, max_name_bytes_), kMaxNumber, image, look))
    return *std::move(name);
  const std::string by_hash = hash_of(image).substr(0, kHashDigits);
  if (auto name = free_name(suffixed_name(base, by_hash, max_name_bytes_), kMaxNumber, image, look))
    return *std::move(name);
  return Error{fmt::format("no free name for {}", base)};
}

std::optional<std::string> NameChooser::free_name(const std::string& base, std::uint32_t most, const Unnamed& image,
                                                  Look look) {
  if (next_number_.size() >= kMaxRemembered) forget_names();
  const auto [wanted, is_first] = next_number_.try_emplace(base, 1);
  if (is_first && look == Look::when_wanted_before && !is_reserved_for_other(base, image)) return base;
  std::uint32_t& number = wanted->second;
  const auto name = [&] { return numbered_name(base, number, max_name_bytes_); };
  while (number <= most && is_taken(name(), image)) ++number;
  if (number > most) return std::nullopt;
  return name();
}

/// First those that one image wanted: nearly all.
void NameChooser::forget_names() {
  std::erase_if(next_number_, [](const auto& entry) { return entry.second == 1; });
  if (next_number_.size() > kMaxRemembered / 2) next_number_.clear();
}

bool NameChooser::is_reserved_for_other(const std::string& file, const Unnamed& image) const {
  const auto reserved = reserved_.find(file);
  return reserved != reserved_.end() && reserved->second != image.same_as;
}

bool NameChooser::is_taken(const std::string& file, const Unnamed& image) const {
  if (reserved_.contains(file)) return is_reserved_for_other(file, image);
  return look_beside(sink_, file, image.id, image.content) == ImageSink::Found::other;
}

bool NameChooser::has(const std::string& file, const Unnamed& image) const {
  const auto reserved = reserved_.find(file);
  if (reserved != reserved_.end()) return reserved->second == image.same_as;
  return look_beside(sink_, file, image.id, image.content) == ImageSink::Found::same_content;
}

}  // namespace doutu
