// Encodings of pages against the data of the WHATWG, encoding_rs, html5lib and the Web Platform Tests.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "crawler/fetcher/text/content_type.h"
#include "crawler/fetcher/text/encoding_sniffer.h"
#include "crawler/fetcher/text/text_decoder.h"
#include "crawler/fetcher/text/text_encoder.h"
#include "shared/url/url.h"
#include "tests/conformance/conformance_data.h"

namespace doutu {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

TEST(EncodingConformance, KnowsExactlyTheLabelsOfTheStandard) {
  const auto folder = conformance_folder("encoding-tables");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  std::set<std::string> names;
  int labels = 0;
  for (const auto& section : read_conformance_json(*folder / "encodings.json")) {
    for (const auto& row : section["encodings"]) {
      names.insert(row["name"]);
      for (const std::string label : row["labels"]) {
        for (const std::string& written : {label, upper(label), " \t" + label + "\r\n\f"}) {
          const auto encoding = encoding_from_label(written);
          ASSERT_TRUE(encoding) << written;
          EXPECT_EQ(encoding_name(*encoding), row["name"].get<std::string>()) << written;
        }
        ++labels;
      }
    }
  }
  EXPECT_EQ(names.size(), kEncodingCount);
  EXPECT_EQ(labels, 228);
}

struct Table {
  std::string file;
  Encoding encoding;
  std::size_t lines;
};

class EncodingTable : public testing::TestWithParam<Table> {};

TEST_P(EncodingTable, IsDecodedLineByLine) {
  const auto folder = conformance_folder("encoding-tables");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  const std::string bytes = read_conformance_file(*folder / (GetParam().file + "_in.txt"));
  const std::string expected = read_conformance_file(*folder / (GetParam().file + "_in_ref.txt"));
  EXPECT_TRUE(decode_text(bytes, GetParam().encoding) == expected) << "as one text";
  const std::vector<std::string> in = lines_of(bytes);
  const std::vector<std::string> reference = lines_of(expected);
  ASSERT_EQ(in.size(), reference.size());
  EXPECT_EQ(in.size(), GetParam().lines);
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (GetParam().encoding == Encoding::iso_2022_jp) break;  // A line may begin in the set that the last one left.
    EXPECT_EQ(decode_text(in[i], GetParam().encoding), reference[i]) << "line " << i + 1;
  }
}

INSTANTIATE_TEST_SUITE_P(All, EncodingTable,
                         testing::Values(Table{"gb18030", Encoding::gb18030, 23'944},
                                         Table{"big5", Encoding::big5, 19'786},
                                         Table{"shift_jis", Encoding::shift_jis, 11'284},
                                         Table{"euc_kr", Encoding::euc_kr, 23'944},
                                         Table{"iso_2022_jp", Encoding::iso_2022_jp, 8'840}),
                         [](const auto& test) { return test.param.file; });

struct SnifferCase {
  std::string data, encoding;
};

/// html5lib's format: "#data", lines, "#encoding", a label.
std::vector<SnifferCase> sniffer_cases(const std::string& text) {
  std::vector<SnifferCase> cases;
  for (std::size_t at = text.find("#data\n"); at != std::string::npos;) {
    const std::size_t data = at + 6;
    const std::size_t end = text.find("\n#encoding\n", data);
    if (end == std::string::npos) break;
    const std::size_t label = end + 11;
    cases.push_back({text.substr(data, end - data), text.substr(label, text.find('\n', label) - label)});
    at = text.find("#data\n", label);
  }
  return cases;
}

TEST(EncodingConformance, SniffsWhatHtml5libExpects) {
  const auto folder = conformance_folder("html5lib-encoding");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  std::size_t count = 0;
  for (const char* file : {"tests1.dat", "tests2.dat", "test-yahoo-jp.dat"}) {
    for (const auto& [data, label] : sniffer_cases(read_conformance_file(*folder / file))) {
      Encoding sniffed = sniff_encoding(data, std::nullopt, "").encoding;
      // The suite's default is windows-1252; ours is UTF-8 where the bytes allow it.
      if (!data.starts_with("\xef\xbb\xbf") && !encoding_of_meta(data)) sniffed = Encoding::windows_1252;
      EXPECT_EQ(encoding_name(sniffed), encoding_name(encoding_from_label(label).value())) << data;
      ++count;
    }
  }
  EXPECT_EQ(count, 82U);
}

TEST(EncodingConformance, ReadsTheCharsetOfContentTypes) {
  const auto folder = conformance_folder("wpt-mimesniff");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  int count = 0;
  for (const auto& row : read_conformance_json(*folder / "mime-types.json")) {
    if (!row.is_object() || !row.value("navigable", false)) continue;
    const std::string input = row["input"];
    if (!input.starts_with("text/html") && !input.starts_with("TEXT/HTML")) continue;
    const auto encoding = encoding_from_label(charset_of(input));
    const std::string expected = row["encoding"].is_null() ? "" : row["encoding"];
    EXPECT_EQ(encoding ? encoding_name(*encoding) : "", expected) << input;
    ++count;
  }
  EXPECT_GE(count, 38);
}

TEST(EncodingConformance, ReadsTheTypeOfContentTypes) {
  const auto folder = conformance_folder("wpt-mimesniff");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  int count = 0;
  for (const char* file : {"mime-types.json", "generated-mime-types.json"}) {
    for (const auto& row : read_conformance_json(*folder / file)) {
      if (!row.is_object()) continue;
      const std::string input = row["input"];
      const std::string expected = row["output"].is_null() ? "" : row["output"];
      EXPECT_EQ(essence_of(input), expected.substr(0, expected.find(';'))) << input;
      ++count;
    }
  }
  EXPECT_GE(count, 900);
}

TEST(EncodingConformance, WritesQueriesInEveryEncodingOfTheUrlTests) {
  const auto folder = conformance_folder("whatwg-url");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  int count = 0;
  for (const auto& row : read_conformance_json(*folder / "percent-encoding.json")) {
    if (!row.is_object()) continue;
    for (const auto& [label, output] : row["output"].items()) {
      const QueryEncoder encode_query = query_encoder(encoding_from_label(label).value());
      const std::string reference = "http://h/?" + row["input"].get<std::string>();
      EXPECT_EQ(resolve_url("http://h/", reference, encode_query).url, "http://h/?" + output.get<std::string>())
          << label;
      ++count;
    }
  }
  EXPECT_EQ(count, 16);
}

}  // namespace
}  // namespace doutu
