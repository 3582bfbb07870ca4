#include "crawler/text/folder_path.h"

#include <filesystem>
#include <utility>

namespace doutu {

Result<std::string> absolute_folder(const std::string& directory) {
  std::error_code error;
  std::string path = std::filesystem::absolute(directory, error).lexically_normal().string();
  if (error) return Error{"cannot find the working folder: " + error.message(), error.value()};
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace doutu
