// File names against nasty ones: Chromium's of files that travel badly and its cases of path traversal, and the big
// list of naughty strings. Each is the last segment of an image's URL, as a page may write it and percent-encoded.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "downloader/store/file_name.h"
#include "shared/base/ascii.h"
#include "shared/base/escape.h"
#include "shared/url/url.h"
#include "tests/conformance/conformance_data.h"

namespace doutu {
namespace {

std::string encode_all(std::string_view text) {
  std::string encoded;
  for (const char c : text) encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return encoded;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

/// What is wrong with a name; empty: nothing.
std::string trouble_with(const std::string& name) {
  if (name.empty()) return "empty";
  if (name.size() > kMaxNameBytes) return "too long";
  if (!is_utf8(name)) return "no UTF-8";
  if (name.find_first_of("/\\:*?\"<>|") != std::string::npos) return "a forbidden character";
  if (escape_for_terminal(name) != name) return "a control character";
  if (std::string_view(".~ ").find(name.front()) != std::string_view::npos) return "its first character";
  if (name.ends_with('.') || name.ends_with(' ')) return "its last character";
  if (equals_ignoring_case(name.substr(0, 6), ".doutu") || equals_ignoring_case(name.substr(0, 6), "doutu~"))
    return "the state folder";
  if (file_name_for("http://example.com/" + encode_all(name), "png") != name) return "the name of it is another name";
  return "";
}

void expect_safe(const std::string& nasty) {
  const std::string encoded = file_name_for("http://example.com/a/" + encode_all(nasty), "png");
  EXPECT_EQ(trouble_with(encoded), "") << nasty << " as " << encoded;
  EXPECT_TRUE(encoded.ends_with(".png") || encoded.ends_with(".PNG")) << encoded;
  const ResolvedUrl raw = resolve_url("http://example.com/a/", nasty);
  if (raw.cause != Cause::none) return;
  const std::string name = file_name_for(raw.url, "png");
  EXPECT_EQ(trouble_with(name), "") << nasty << " raw as " << name;
}

TEST(FileNameConformance, MakesEveryNamePortable) {
  const auto folder = conformance_folder("content-disposition");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  const nlohmann::json names = read_conformance_json(*folder / "chromium-portable-names.derived.json");
  for (const std::string safe : names["kSafePortableBasenames"]) {
    EXPECT_EQ(file_name_for("http://example.com/" + encode_all(safe), ""), safe) << "a good name stays";
  }
  std::vector<std::string> unsafe = names["kUnsafePortableBasenames"];
  for (const std::string windows : names["kUnsafePortableBasenamesForWin"]) unsafe.push_back(windows);
  for (const std::string& name : unsafe) {
    expect_safe(name);
    EXPECT_EQ(std::ranges::count(unsafe, file_name_for("http://example.com/" + encode_all(name), "png")), 0) << name;
  }
  EXPECT_GE(unsafe.size(), 26U) << "the data has shrunk";
}

TEST(FileNameConformance, StaysInItsFolder) {
  const auto folder = conformance_folder("content-disposition");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  const nlohmann::json cases = read_conformance_json(*folder / "chromium-generate-filename.derived.json");
  for (const auto& json : cases) {
    for (const char* field : {"url", "suggested", "content_disposition", "expected"}) {
      if (json[field].is_string()) expect_safe(json[field]);  // an object is a header in another encoding
    }
    const std::string url = normalise_url(json["url"].get<std::string>()).value_or("");
    EXPECT_EQ(trouble_with(file_name_for(url, "png")), "") << url;
  }
  EXPECT_GE(cases.size(), 95U) << "the data has shrunk";
}

TEST(FileNameConformance, SurvivesNaughtyStrings) {
  const auto folder = conformance_folder("naughty-strings");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  const nlohmann::json strings = read_conformance_json(*folder / "blns.json");
  for (const std::string nasty : strings) {
    expect_safe(nasty);
    expect_safe(nasty + ".jpg");
  }
  EXPECT_GE(strings.size(), 500U) << "the data has shrunk";
}

}  // namespace
}  // namespace doutu
