// The images that a crawl with --list has found. The parent's thread, after the downloader ended.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "shared/base/result.h"
#include "shared/folder/state_folder.h"

namespace doutu {

struct ListedImages {
  std::string urls;  ///< A line each, by page and position.
  std::uint64_t count = 0;
};
[[nodiscard]] Result<ListedImages> listed_images(const StateFolder& folder, std::int64_t job);

/// A folder below $TMPDIR that is gone with this object: a list says all that there is, whatever a crawl's folder has.
class PassingFolder {
 public:
  [[nodiscard]] static Result<PassingFolder> make();
  ~PassingFolder();
  PassingFolder(PassingFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  PassingFolder& operator=(PassingFolder&&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit PassingFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;  ///< Empty: it was moved away.
};

}  // namespace doutu
