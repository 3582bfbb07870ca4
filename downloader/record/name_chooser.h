// NameChooser: which name an image gets in its sink: the first that no other content has or has reserved. The ledger
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "downloader/schedule/spot.h"
#include "downloader/store/content.h"
#include "downloader/store/file_name.h"
#include "downloader/store/image_sink.h"
#include "shared/base/result.h"

namespace doutu {

/// An image that is to have a name.
struct Unnamed {
  std::int64_t id = 0;
  std::int64_t same_as = 0;  ///< The first image with its bytes; itself, when that is it.
  const Content& content;
};

class NameChooser {
 public:
  /// sink outlives this.
  NameChooser(const ImageSink& sink, WrongExtension wrong)
      : wrong_extension_(wrong), max_name_bytes_(sink.max_name_bytes()), sink_(sink) {}

  /// What an image of this URL is to be called, if nothing else is.
  [[nodiscard]] std::string base_name(std::string_view url, std::string_view type) const;

  /// Whether the sink is asked what stands under a name, each time or only for a name that was wanted before. A system
  /// call for every image is saved; a publication finds out as well, and the image is republished then.
  enum class Look { always, when_wanted_before };
  /// The first that nothing else has: base; base with the spot, which does not depend on which transfer ended first;
  /// that with a number, as where another job met another image there; base with a part of the content's hash, with a
  /// number.
  Result<std::string> choose(const std::string& base, const Spot& spot, const Unnamed& image, Look look);
  /// Whether its bytes have the name, or have reserved it.
  [[nodiscard]] bool has(const std::string& file, const Unnamed& image) const;

  /// Its SHA-256 in hexadecimal digits, for names.
  [[nodiscard]] std::string hash_of(const Unnamed& image) const;

  // --- Names that are given, and that nothing stands under yet.

  /// For the first image with these bytes, and all that are the same.
  void reserve(const std::string& file, std::int64_t same_as) { reserved_.emplace(file, same_as); }
  [[nodiscard]] bool is_reserved(const std::string& file) const { return reserved_.contains(file); }
  void release(const std::string& file) { reserved_.erase(file); }
  void release_all() { reserved_.clear(); }

 private:
  /// base, or with a number up to most; nullopt: all are taken.
  std::optional<std::string> free_name(const std::string& base, std::uint32_t most, const Unnamed& image, Look look);
  void forget_names();
  // By other bytes.
  [[nodiscard]] bool is_reserved_for_other(const std::string& file, const Unnamed& image) const;
  [[nodiscard]] bool is_taken(const std::string& file, const Unnamed& image) const;

  const WrongExtension wrong_extension_;
  const std::size_t max_name_bytes_;
  const ImageSink& sink_;
  std::unordered_map<std::string, std::int64_t> reserved_;
  /// Of names that were wanted before: where the search for a free one goes on.
  std::unordered_map<std::string, std::uint32_t> next_number_;
};

}  // namespace doutu
