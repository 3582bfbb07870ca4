#include "tests/conformance/conformance_data.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace doutu {

std::optional<std::filesystem::path> conformance_folder(std::string_view suite) {
  auto folder = std::filesystem::path(DOUTU_CONFORMANCE_DIR) / suite;
  if (!std::filesystem::is_directory(folder)) return std::nullopt;
  return folder;
}

std::string read_conformance_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

nlohmann::json read_conformance_json(const std::filesystem::path& path) {
  auto parsed = nlohmann::json::parse(read_conformance_file(path), nullptr, /*allow_exceptions=*/false,
                                      /*ignore_comments=*/true);
  EXPECT_FALSE(parsed.is_discarded()) << path;
  return parsed;
}

}  // namespace doutu
