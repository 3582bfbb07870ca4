// FolderFiles: a crawl's folder of a test's own: its files, and what lies in .doutu/incoming.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <span>
#include <string>

#include "downloader/store/content.h"
#include "downloader/store/content_hasher.h"
#include "shared/ledger/schema.h"
#include "tests/site/temporary_folder.h"

namespace doutu {

inline Content content_of(const std::string& bytes) {
  ContentHasher hasher;
  hasher.update(std::as_bytes(std::span(bytes)));
  return hasher.finish();
}
inline Sha256 sha256_of(const std::string& bytes) {
  Sha256Hasher hasher;
  hasher.update(std::as_bytes(std::span(bytes)));
  return hasher.finish();
}

class FolderFiles {
 public:
  explicit FolderFiles(const std::filesystem::path& parent = std::filesystem::temp_directory_path())
      : folder_(parent) {}

  [[nodiscard]] std::string directory() const { return folder_ / "img"; }
  [[nodiscard]] std::string path(const std::string& name) const { return directory() + "/" + name; }
  [[nodiscard]] std::string incoming() const { return state_folder(directory()) + "/" + kIncomingName; }
  [[nodiscard]] std::string incoming(std::int64_t id) const { return incoming() + "/" + std::to_string(id); }

  static void write(const std::string& path, const std::string& bytes) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
  }
  static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// Name and bytes of every file that a user sees.
  [[nodiscard]] std::map<std::string, std::string> images() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(directory())) {
      if (entry.is_regular_file()) found[entry.path().filename().string()] = read(entry.path().string());
    }
    return found;
  }
  [[nodiscard]] std::size_t incoming_count() const {
    const std::filesystem::directory_iterator entries(incoming());
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace doutu
