#include "downloader/record/name_chooser.h"

#include <fmt/format.h>

#include "downloader/store/inline_image_url.h"

namespace doutu {
namespace {

/// A new process looks for so many again.
constexpr std::uint32_t kMaxNumber = 1'000;
/// Of 64: two images that share a name, and these, get numbers again.
constexpr std::size_t kHashDigits = 16;
constexpr std::size_t kMaxRemembered = 4096;

}  // namespace

std::string hash_of(const Content& content) { return std::string(inline_image_hash(inline_image_url(content.sha256))); }

std::string NameChooser::base_name(std::string_view url, std::string_view type) const {
  return file_name_for(url, type, wrong_extension_, max_name_bytes_);
}

Result<std::string> NameChooser::choose(const std::string& base, const Spot& spot, const Content& content, Look look) {
  if (auto name = free_name(base, 1, content, look)) return *std::move(name);
  const std::string by_spot = fmt::format("p{}-{}", spot.page, spot.position + 1);
  for (const std::string& suffix : {by_spot, hash_of(content).substr(0, kHashDigits)}) {
    const std::string other = suffixed_name(base, suffix, max_name_bytes_);
    if (auto name = free_name(other, kMaxNumber, content, look)) return *std::move(name);
  }
  return Error{fmt::format("no free name for {}", base)};
}

std::optional<std::string> NameChooser::free_name(const std::string& base, std::uint32_t most, const Content& content,
                                                  Look look) {
  if (next_number_.size() >= kMaxRemembered) forget_names();
  const auto [wanted, is_first] = next_number_.try_emplace(base, 1);
  if (is_first && look == Look::when_wanted_before && !is_reserved_for_other(base, content)) return base;
  std::uint32_t& number = wanted->second;
  const auto name = [&] { return numbered_name(base, number, max_name_bytes_); };
  while (number <= most && is_taken(name(), content)) ++number;
  if (number > most) return std::nullopt;
  return name();
}

/// First those that one image wanted: nearly all.
void NameChooser::forget_names() {
  std::erase_if(next_number_, [](const auto& entry) { return entry.second == 1; });
  if (next_number_.size() > kMaxRemembered / 2) next_number_.clear();
}

bool NameChooser::is_reserved_for_other(const std::string& file, const Content& content) const {
  const auto reserved = reserved_.find(file);
  return reserved != reserved_.end() && reserved->second != content;
}

bool NameChooser::is_taken(const std::string& file, const Content& content) const {
  if (reserved_.contains(file)) return is_reserved_for_other(file, content);
  return sink_.look(file, content, ImageSink::From::cache) == ImageSink::Found::other;
}

bool NameChooser::has(const std::string& file, const Content& content) const {
  const auto reserved = reserved_.find(file);
  if (reserved != reserved_.end()) return reserved->second == content;
  return sink_.look(file, content, ImageSink::From::cache) == ImageSink::Found::same_content;
}

}  // namespace doutu
