// Public test suites (URLs, encodings, pages, images) that are no part of the project: read where they stand. That is
// $DOUTU_CONFORMANCE if it is set; else build/conformance, where scripts/fetch_conformance puts what can be fetched, or
// shared/conformance beside the checkout. A test that needs one says so first and skips, with the reason, where it is
// missing:
//
//   const auto folder = conformance_folder("whatwg-url", "urltestdata.json");
//   if (!folder) GTEST_SKIP() << kNoConformanceData;
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace doutu {

inline constexpr std::string_view kNoConformanceData =
    "the public test data is not here: see scripts/fetch_conformance and docs/conformance.md";

/// Where the suite of this name stands, with this file of it if one is named; nullopt: nowhere.
[[nodiscard]] std::optional<std::filesystem::path> conformance_folder(std::string_view suite,
                                                                      std::string_view file = {});

/// The file's bytes. A file that cannot be read fails the test and is empty.
[[nodiscard]] std::string read_conformance_file(const std::filesystem::path& path);
/// The same as JSON; lines that begin with // are passed over.
[[nodiscard]] nlohmann::json read_conformance_json(const std::filesystem::path& path);

}  // namespace doutu
