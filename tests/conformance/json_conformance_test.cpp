// JSON texts against those of JSONTestSuite: which must be read, which refused, and which may be either.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "crawler/fetcher/html/html_document.h"
#include "crawler/fetcher/text/page_text.h"
#include "tests/conformance/conformance_data.h"

namespace doutu {
namespace {

/// Of those that may be either, what doutu refuses: numbers that are larger than the parser's.
const std::set<std::string> kRefused{"i_number_huge_exp.json", "i_number_pos_double_huge_exp.json",
                                     "i_number_real_neg_overflow.json"};

/// The data say it by the first letter of a file's name.
bool should_be_read(const std::string& name) { return name[0] == 'y' || (name[0] == 'i' && !kRefused.contains(name)); }

bool is_read(const std::filesystem::path& file) {
  static const Xpath kAll = Xpath::compile("//*").value();
  const PageText text = decode_page(read_conformance_file(file), "application/json");
  const auto page = HtmlDocument::parse(text.utf8, text.markup);
  return page && page->evaluate(kAll, 1'000'000).cause == Cause::none;
}

TEST(JsonConformance, ReadsWhatIsJsonAndRefusesWhatIsNot) {
  const auto folder = conformance_folder("json-parsing");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  std::map<char, int> texts;
  std::map<char, int> read;
  for (const auto& entry : std::filesystem::directory_iterator(*folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".json")) continue;
    const bool was_read = is_read(entry.path());
    ++texts[name[0]];
    read[name[0]] += was_read ? 1 : 0;
    EXPECT_EQ(was_read, should_be_read(name)) << name;
  }
  fmt::print("{} of {} that are JSON are read, {} of {} that are not, {} of {} that may be either\n", read['y'],
             texts['y'], read['n'], texts['n'], read['i'], texts['i']);
  EXPECT_GE(texts['y'] + texts['n'] + texts['i'], 212) << "the data has shrunk";
}

}  // namespace
}  // namespace doutu
