#include "tests/conformance/conformance_data.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

namespace doutu {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> places() {
  if (const char* place = std::getenv("DOUTU_CONFORMANCE")) return {place};
  const fs::path root = DOUTU_SOURCE_DIR;
  return {root / "build/conformance", root / "../shared/conformance"};
}

}  // namespace

std::optional<fs::path> conformance_folder(std::string_view suite, std::string_view file) {
  for (const fs::path& place : places()) {
    if (fs::path folder = place / suite; fs::exists(folder / file)) return folder;
  }
  return std::nullopt;
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
