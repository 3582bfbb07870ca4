// A row is tested by being there: each is read, written, remembered and sent to a child by the same few sentences.

#include "crawler/command_line/flag_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "crawler/command_line/command_line.h"
#include "shared/base/fields.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

using testing::ElementsAre;

class FlagTable : public testing::Test {
 protected:
  FlagTable() { std::ofstream(ca_file_) << "-----BEGIN CERTIFICATE-----\n"; }

  /// A value that the flag takes and that is not its default.
  std::string sample_of(const FlagSpec& flag) const {
    const std::map<std::string, std::string> samples = {{"", ""},
                                                        {"N", "9"},
                                                        {"SEC", "3.5"},
                                                        {"SIZE", "5M"},
                                                        {"RANGE", "2-7"},
                                                        {"EXPR", "//b"},
                                                        {"OPTION", "-w"},
                                                        {"LINE", "A: 1"},
                                                        {"LABEL", "gbk"},
                                                        {"RULE", "s/a/b/"},
                                                        {"TEXT", "me"},
                                                        {"URL", "http://p:1"},
                                                        {"DIR", "x"},
                                                        {"FILE", ca_file_},
                                                        {"BROWSER", "firefox"},
                                                        {"DOMAIN", "example.com"},
                                                        {"NAME", "me:sesame"}};
    const auto sample = samples.find(flag.value_name);
    if (!flag.choices.empty()) return flag.choices.back();
    if (flag.long_name == "--before") return "http://p:1/";
    if (flag.long_name == "--speed-time") return "4";  // whole seconds
    EXPECT_NE(sample, samples.end()) << flag.long_name << " has a new kind of value: give it a sample";
    return sample == samples.end() ? "" : sample->second;
  }

  /// --help has no field.
  static std::vector<FlagSpec> rows(ParsedOptions& parsed) {
    std::vector<FlagSpec> flags;
    for (const CommandSet command : {kCrawl, kDemo, kStatus, kProbe}) {
      for (FlagSpec& flag : flags_of(command, parsed)) {
        if (flag.long_name != "--help") flags.push_back(std::move(flag));
      }
    }
    return flags;
  }

  static std::vector<FlagSpec> rows_of_crawl(ParsedOptions& parsed) {
    std::vector<FlagSpec> flags = flags_of(kCrawl, parsed);
    std::erase_if(flags, [](const FlagSpec& flag) { return flag.long_name == "--help"; });
    return flags;
  }

  const TemporaryFolder folder_;
  const std::string ca_file_ = folder_ / "ca.pem";
};

TEST_F(FlagTable, WritesNothingForADefault) {
  ParsedOptions parsed;
  for (const FlagSpec& flag : rows(parsed)) EXPECT_THAT(flag.written(), ElementsAre()) << flag.long_name;
}

TEST_F(FlagTable, WritesEachValueAsItIsRead) {
  ParsedOptions parsed;
  for (const FlagSpec& flag : rows(parsed)) {
    const std::string sample = sample_of(flag);
    ASSERT_TRUE(flag.take(sample).ok()) << flag.long_name;
    EXPECT_EQ(flag.written().back(), sample) << flag.long_name;
  }
}

TEST_F(FlagTable, HasAFieldForEachFlagAlone) {
  ParsedOptions names;
  for (std::size_t i = 0; i < rows_of_crawl(names).size(); ++i) {
    ParsedOptions parsed;
    const std::vector<FlagSpec> flags = rows_of_crawl(parsed);
    ASSERT_TRUE(flags[i].take(sample_of(flags[i])).ok());
    for (const FlagSpec& flag : flags) EXPECT_EQ(flag.written().empty(), &flag != &flags[i]) << flag.long_name;
  }
}

TEST_F(FlagTable, HasItsSectionsAndCommandsForEachRow) {
  ParsedOptions parsed;
  for (const FlagSpec& flag : rows(parsed)) {
    EXPECT_NE(flag.section, "");
    EXPECT_NE(flag.words, "") << flag.long_name;
    EXPECT_TRUE(flag.long_name.starts_with("--"));
  }
}

/// Calls visit(one, other) for each field of two structs.
template <class T, class Visit>
void for_each_pair(const T& one, const T& other, Visit visit) {
  const auto fields = fields_of(one);
  const auto others = fields_of(other);
  const auto visit_all = [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    (visit(std::get<Index>(fields), std::get<Index>(others)), ...);
  };
  visit_all(std::make_index_sequence<std::tuple_size_v<decltype(fields)>>());
}

TEST_F(FlagTable, HasARowForEachFieldThatAChildNeeds) {
  ParsedOptions parsed;
  for (const FlagSpec& flag : rows_of_crawl(parsed)) {
    ASSERT_TRUE(flag.take(sample_of(flag)).ok()) << flag.long_name;
  }
  const CrawlSettings& settings = parsed.crawl.settings;
  std::set<const void*> unchanged;
  for_each_pair(settings, CrawlSettings(), [&unchanged](const auto& group, const auto& usual_group) {
    for_each_pair(group, usual_group, [&unchanged](const auto& field, const auto& usual) {
      if (field == usual) unchanged.insert(&field);
    });
  });
  const std::set<const void*> crawl_fills_in = {
      &settings.page.xpaths,    &settings.http.site_host, &settings.http.site_origin, &settings.run.run_id,
      &settings.page.each_once, &settings.run.only_lists, &settings.login.pages,      &settings.login.is_unasked};
  std::set<const void*> no_flag = {&settings.page.max_bytes,
                                   &settings.page.max_hits,
                                   &settings.http.max_redirects,
                                   &settings.http.max_header_bytes,
                                   &settings.politeness.retry_wait_max,
                                   &settings.politeness.retry_after_max,
                                   &settings.run.finish_wait};
  no_flag.insert(crawl_fills_in.begin(), crawl_fills_in.end());
  EXPECT_EQ(unchanged, no_flag) << "a field that is in neither list has no row";
}

/// What a folder remembers means the same when it comes back.
TEST_F(FlagTable, GivesAFolderWhatItNeedsToGoOn) {
  ParsedOptions parsed;
  std::vector<GivenFlag> remembered;
  for (const FlagSpec& flag : rows_of_crawl(parsed)) {
    if (!flag.is_remembered) continue;
    ASSERT_TRUE(flag.take(sample_of(flag)).ok()) << flag.long_name;
    remembered.push_back({flag.long_name, sample_of(flag)});
  }
  const auto crawl = changed_by(CrawlCommand(), remembered);
  ASSERT_TRUE(crawl.ok()) << crawl.error().message;
  EXPECT_EQ(crawl->settings, parsed.crawl.settings);
  EXPECT_EQ(crawl->cookies, parsed.crawl.cookies);
  EXPECT_EQ(crawl->save_cookies, parsed.crawl.save_cookies);
  EXPECT_EQ(crawl->fetchers, parsed.crawl.fetchers);
  EXPECT_EQ(crawl->heartbeat, parsed.crawl.heartbeat);
  EXPECT_EQ(crawl->empty_pages, EmptyPages::are_fine);
  EXPECT_EQ(crawl->flags, remembered);
}

TEST_F(FlagTable, GivesProbesSuggestionEachFlagThatACrawlTakesToo) {
  ParsedOptions parsed;
  std::vector<GivenFlag> expected;
  for (const FlagSpec& flag : flags_of(kProbe, parsed)) {
    if ((flag.commands & kCrawl) == 0 || flag.long_name == "--help" || flag.long_name == "--xpath") continue;
    ASSERT_TRUE(flag.take(sample_of(flag)).ok()) << flag.long_name;
    expected.push_back({flag.long_name, sample_of(flag)});
  }
  EXPECT_EQ(flags_for_crawl(parsed.crawl.settings, parsed.crawl.cookies), expected);
}

}  // namespace
}  // namespace doutu
