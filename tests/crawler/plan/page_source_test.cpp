// What every PageSource promises.
#include "crawler/plan/page_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <sstream>

#include "crawler/plan/combined_pages.h"
#include "crawler/plan/listed_pages.h"
#include "crawler/plan/range_pages.h"
#include "shared/url/max_url_bytes.h"
#include "tests/crawler/plan/list_pages.h"

namespace doutu {
namespace {

/// One source of kPages pages, made anew as a later run makes it.
struct Kind {
  const char* name;
  std::function<std::unique_ptr<PageSource>()> make;
};
constexpr std::size_t kPages = 5;

class PageSourceTest : public testing::TestWithParam<Kind> {
 protected:
  static std::vector<PageTask> all_of(PageSource& source) {
    std::vector<PageTask> tasks;
    while (auto task = source.next()) {
      tasks.push_back(std::move(task->task));
      if (tasks.size() > 2 * kPages) break;
    }
    return tasks;
  }
  const std::unique_ptr<PageSource> source_ = GetParam().make();
};

TEST_P(PageSourceTest, GivesOutEveryPageOnce) {
  const auto tasks = all_of(*source_);
  std::set<std::uint64_t> ids;
  std::set<std::string> urls;
  for (const PageTask& task : tasks) {
    ids.insert(task.id);
    urls.insert(task.url);
  }
  EXPECT_EQ(tasks.size(), kPages);
  EXPECT_EQ(ids.size(), kPages);
  EXPECT_EQ(urls.size(), kPages);
}

TEST_P(PageSourceTest, GivesOutFirstAttemptsWithAnAbsoluteUrl) {
  for (const PageTask& task : all_of(*source_)) {
    EXPECT_EQ(task.attempt, 1U);
    EXPECT_EQ(task.step, 1U);
    EXPECT_THAT(task.url, testing::StartsWith("http://"));
  }
}

TEST_P(PageSourceTest, GivesOutTheSamePagesInEveryRun) { EXPECT_EQ(all_of(*source_), all_of(*GetParam().make())); }

TEST_P(PageSourceTest, HasNoneAfterItsEndHoweverOftenItIsAsked) {
  const auto tasks = all_of(*source_);
  source_->finished(tasks.front().id);
  EXPECT_EQ(source_->next(), std::nullopt);
  EXPECT_EQ(source_->next(), std::nullopt);
}

TEST_P(PageSourceTest, LeavesOutWhatAnEarlierRunHasFinished) {
  auto expected = all_of(*source_);
  const auto later = GetParam().make();
  later->finished(expected[3].id);
  later->finished(expected[0].id);
  expected.erase(expected.begin() + 3);
  expected.erase(expected.begin());
  EXPECT_EQ(all_of(*later), expected);
}

TEST_P(PageSourceTest, GoesOnUnchangedWhilePagesAreFinished) {
  const auto expected = all_of(*source_);
  const auto other = GetParam().make();
  std::vector<PageTask> tasks;
  while (auto task = other->next()) {
    other->finished(task->task.id);
    tasks.push_back(std::move(task->task));
  }
  EXPECT_EQ(tasks, expected);
}

TEST_P(PageSourceTest, KnowsItsPagesBeforeAndAfterItHasGivenThemOut) {
  const auto fresh = GetParam().make();
  for (const PageTask& task : all_of(*source_)) {
    EXPECT_TRUE(source_->has(task.id));
    EXPECT_TRUE(fresh->has(task.id));
  }
  EXPECT_FALSE(source_->has(999'999'999));
}

TEST_P(PageSourceTest, CountsAllItsPagesFinishedOrNot) {
  EXPECT_EQ(source_->count(), kPages);
  const auto tasks = all_of(*source_);
  source_->finished(tasks.front().id);
  EXPECT_EQ(source_->count(), kPages);
}

std::unique_ptr<PageSource> some_range() {
  return std::make_unique<RangePages>(PageRange::parse("7-9,3,5").value(),
                                      UrlTemplate::parse("http://site.example/{page:03}").value());
}

std::unique_ptr<PageSource> some_combinations() {
  return std::make_unique<CombinedPages>(AskedPages::parse("tag=a,bb,ccc,dd,e").value(),
                                         UrlTemplate::parse("http://site.example/{tag}").value());
}

std::unique_ptr<PageSource> some_list() {
  return std::make_unique<ListPages>(
      std::vector<std::string>{"http://a/", "http://b/", "http://c/x", "http://d/", "http://e/"});
}

/// The file, which nobody else has, and what it is.
struct SomeList {
  UniqueFd file;
  AskedList asked;
};

SomeList list_of(const std::string& lines) {
  SomeList list{UniqueFd(::memfd_create("list", MFD_CLOEXEC)), {}};
  EXPECT_EQ(::pwrite(list.file.get(), lines.data(), lines.size(), 0), static_cast<ssize_t>(lines.size()));
  ListFacts facts;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) facts.add(line);
  list.asked = facts.asked();
  return list;
}

std::unique_ptr<ListedPages> listed(const std::string& lines, ListedPages::Names names = ListedPages::Names::pages) {
  SomeList list = list_of(lines);
  return ListedPages::open(std::move(list.file), list.asked, names).value();
}

std::unique_ptr<PageSource> some_file() {
  return listed("http://a/\n\nhttp://b/\nhttp://c/x\n\n\nhttp://d/\nhttp://e/\n");
}

std::unique_ptr<PageSource> some_images() {
  std::string lines;
  for (int i = 0; i < 450; ++i) lines += "http://i" + std::to_string(i) + "/\n\n";
  return listed(lines, ListedPages::Names::images);
}

INSTANTIATE_TEST_SUITE_P(Sources, PageSourceTest,
                         testing::Values(Kind{"Range", some_range}, Kind{"Combinations", some_combinations},
                                         Kind{"List", some_list}, Kind{"File", some_file}, Kind{"Images", some_images}),
                         [](const auto& about) { return std::string(about.param.name); });

TEST(RangePagesTest, GivesOutItsNumbersInTheOrderOfTheRange) {
  const auto source = some_range();
  std::vector<std::string> urls;
  while (const auto page = source->next()) {
    const PageTask* const task = &page->task;
    EXPECT_EQ(task->url, "http://site.example/00" + std::to_string(task->id));
    urls.push_back(task->url.substr(task->url.size() - 1));
  }
  EXPECT_THAT(urls, testing::ElementsAre("7", "8", "9", "3", "5"));
}

std::vector<SourcedPage> pages_of(PageSource& source) {
  std::vector<SourcedPage> pages;
  while (auto page = source.next()) pages.push_back(*std::move(page));
  return pages;
}

TEST(ListedPages, AreCalledByTheNumberOfTheirLine) {
  const auto pages = pages_of(*some_file());
  std::vector<std::uint64_t> ids;
  for (const SourcedPage& page : pages) ids.push_back(page.task.id);
  EXPECT_THAT(ids, testing::ElementsAre(1, 3, 4, 7, 8));
}

TEST(ListedPages, AreBadWhereALineIsNoUrl) {
  const auto source = listed("no url\nHTTP://A:80/\nftp://a/\n\nhttp://a/" + std::string(20'000, 'x') + "\n");
  EXPECT_EQ(source->count(), 4U);
  EXPECT_EQ(source->first_url(), "http://a/");
  const auto pages = pages_of(*source);
  ASSERT_EQ(pages.size(), 4U);
  EXPECT_EQ(pages[0], (SourcedPage{{.id = 1, .attempt = 1, .url = "no url"}, true}));
  EXPECT_EQ(pages[1], (SourcedPage{{.id = 2, .attempt = 1, .url = "http://a/"}, false}));
  EXPECT_EQ(pages[2].task.url, "ftp://a/");
  EXPECT_TRUE(pages[2].is_bad);
  EXPECT_TRUE(pages[3].is_bad);
  EXPECT_EQ(pages[3].task.url.size(), kMaxUrlBytes);
}

TEST(ListedPages, ThatNameImagesComeAHundredAtATime) {
  const auto pages = pages_of(*some_images());
  ASSERT_EQ(pages.size(), kPages);
  EXPECT_EQ(pages[1].task.id, 201U);  // every second line is blank
  EXPECT_EQ(pages[1].task.url, "http://i100/");
  EXPECT_THAT(pages[1].task.text, testing::StartsWith("http://i100/\nhttp://i101/\n"));
  EXPECT_EQ(std::ranges::count(pages[1].task.text, '\n'), 100);
  EXPECT_EQ(std::ranges::count(pages[4].task.text, '\n'), 50);
}

TEST(ListedPages, ThatNameImagesWithLongUrlsHaveAtMost16KibOfThem) {
  std::string lines;
  for (int i = 0; i < 7; ++i) lines += "http://i/" + std::string(5'000, 'x') + "\n";
  const auto source = listed(lines + "http://i/" + std::string(30'000, 'y') + "\n", ListedPages::Names::images);
  const auto pages = pages_of(*source);
  EXPECT_EQ(source->count(), pages.size());
  std::size_t all = 0;
  for (const SourcedPage& page : pages) {
    EXPECT_LE(page.task.text.size(), 16U << 10U);
    all += static_cast<std::size_t>(std::ranges::count(page.task.text, '\n'));
  }
  EXPECT_EQ(all, 8U);
}

TEST(ListedPages, AreThoseThatWereAskedForOrNone) {
  SomeList list = list_of("http://a/\nhttp://b/\n");
  ASSERT_EQ(::pwrite(list.file.get(), "X", 1, 3), 1);
  const auto opened = ListedPages::open(std::move(list.file), list.asked, ListedPages::Names::pages);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, testing::HasSubstr("is not as it was"));
}

TEST(ListedPages, EndEachAsBadWhereTheListIsCutOffMeanwhile) {
  SomeList list = list_of("http://a/\nhttp://b/\nhttp://c/\n");
  const int fd = list.file.get();
  const auto source = ListedPages::open(std::move(list.file), list.asked, ListedPages::Names::pages).value();
  ASSERT_EQ(::ftruncate(fd, 10), 0);
  const auto pages = pages_of(*source);
  ASSERT_EQ(pages.size(), 3U);
  EXPECT_FALSE(pages[0].is_bad);
  EXPECT_TRUE(pages[1].is_bad);
  EXPECT_TRUE(pages[2].is_bad);
}

class OpenRangePages : public testing::Test {
 protected:
  std::uint64_t next_id() {
    const auto page = source_.next();
    return page ? page->task.id : 0;
  }
  RangePages source_{PageRange::parse("1-").value(), UrlTemplate::parse("http://site.example/{page}").value()};
};

TEST_F(OpenRangePages, CountWhatWasMetUntilTheirEndIsKnown) {
  EXPECT_TRUE(source_.is_open());
  EXPECT_EQ(source_.count(), 0U);
  source_.finished(1);
  source_.finished(2);
  EXPECT_EQ(source_.count(), 2U);
  EXPECT_EQ(next_id(), 3U);
  EXPECT_EQ(next_id(), 4U);
  source_.finished(3);
  EXPECT_EQ(source_.count(), 4U);
  source_.end_at(8);
  EXPECT_FALSE(source_.is_open());
  EXPECT_EQ(source_.count(), 7U);
}

TEST_F(OpenRangePages, GiveOutNothingFromTheirEndOn) {
  EXPECT_EQ(next_id(), 1U);
  source_.end_at(5);
  source_.end_at(3);
  source_.end_at(9);  // the lowest counts
  EXPECT_EQ(next_id(), 2U);
  EXPECT_EQ(next_id(), 0U);
  EXPECT_EQ(source_.count(), 2U);
  EXPECT_TRUE(source_.has(2));
  EXPECT_FALSE(source_.has(3));
}

TEST_F(OpenRangePages, MayEndBelowWhatWasGivenOut) {
  for (int i = 0; i < 5; ++i) (void)next_id();
  source_.end_at(3);
  EXPECT_EQ(next_id(), 0U);
  EXPECT_EQ(source_.count(), 2U);
}

TEST(RangePagesTest, ThatAreClosedHaveNoOtherEnd) {
  const auto source = some_range();
  source->end_at(8);
  EXPECT_FALSE(source->is_open());
  EXPECT_EQ(source->count(), kPages);
  EXPECT_TRUE(source->has(9));
}

}  // namespace
}  // namespace doutu
