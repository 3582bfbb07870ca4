// TemporaryFolder: a folder of a test's own, removed with everything in it at the end.
#pragma once

#include <filesystem>
#include <string>

namespace doutu {

class TemporaryFolder {
 public:
  /// In the system's temporary folder, or in the one given.
  explicit TemporaryFolder(const std::filesystem::path& parent = std::filesystem::temp_directory_path());
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace doutu
