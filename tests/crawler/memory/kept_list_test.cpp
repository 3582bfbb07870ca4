#include "crawler/memory/kept_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "crawler/memory/what_to_crawl.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

using testing::HasSubstr;

class KeptList : public testing::Test {
 protected:
  std::string file_with(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary) << bytes;
    return path_;
  }
  std::string problem_with(const std::string& file) {
    const Status checked = check_list({.file = file});
    return checked ? "" : checked.error().message;
  }
  std::string text_of(const AskedList& list) {
    return folder_.read(kept_list_name(list), std::uint64_t{1} << 20U).value_or("(none)");
  }

  const TemporaryFolder place_;
  const std::string path_ = place_ / "list.txt";
  const StateFolder folder_ = StateFolder::make(place_.path()).value();
};

TEST_F(KeptList, IsACopyThatItsOwnerAloneReads) {
  const auto list = keep_list(folder_, {.file = file_with("\xef\xbb\xbfhttp://a/ \r\n# x\nhttp://b/")});
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->urls, 2U);
  EXPECT_EQ(text_of(*list), "http://a/\n\nhttp://b/\n");
  EXPECT_TRUE(open_kept_list(folder_, *list));
  struct stat facts {};
  ASSERT_EQ(::stat(folder_.path_of(kept_list_name(*list)).c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  EXPECT_FALSE(folder_.facts_of("list"));
  EXPECT_FALSE(folder_.facts_of("list.new"));
}

TEST_F(KeptList, OfTheCommandLineHasItsUrls) {
  const ListOrigin origin{.urls = {"https://me:secret@a/", "http://b/"}};
  EXPECT_EQ(origin.name(), "2 URLs: https://***@a/");
  EXPECT_EQ(text_of(keep_list(folder_, origin).value()), "https://me:secret@a/\nhttp://b/\n");
  EXPECT_EQ((ListOrigin{.file = "-"}.name()), "standard input");
  EXPECT_EQ((ListOrigin{.file = "x/list.txt"}.name()), "x/list.txt");
}

TEST_F(KeptList, IsRefusedWithWhatIsWrongAndLeavesNothing) {
  EXPECT_THAT(problem_with(place_ / "missing"), HasSubstr("No such file"));
  EXPECT_THAT(problem_with(place_.path()), HasSubstr("is a folder"));
  EXPECT_THAT(problem_with(file_with("")), HasSubstr("there is no URL in it"));
  EXPECT_THAT(problem_with(file_with("# nothing\n\n")), HasSubstr("there is no URL in it"));
  EXPECT_THAT(problem_with(file_with("a.png\nb.png\n")), HasSubstr("none of its lines is an http or https URL"));
  EXPECT_THAT(problem_with(file_with(std::string("http://a/\n\0", 11))), HasSubstr("line 2 has a zero byte"));
  EXPECT_THAT(problem_with(file_with(std::string(300'000, 'x'))), HasSubstr("line 1 is longer than 64 KiB"));
  EXPECT_EQ(problem_with(file_with("a.png\nhttp://b/\n")), "");
  const auto kept = keep_list(folder_, {.file = file_with("a.png\n")});
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, 0);
  EXPECT_FALSE(folder_.facts_of("list.new"));
}

TEST_F(KeptList, OfAHugeFileIsRefusedUnread) {
  std::filesystem::resize_file(file_with("http://a/\n"), std::uint64_t{100} << 30U);
  EXPECT_THAT(problem_with(path_), HasSubstr("is larger than 4.0 GiB"));
}

TEST_F(KeptList, IsRemovedWhenNoJobNeedsIt) {
  const AskedList one = keep_list(folder_, {.urls = {"http://a/"}}).value();
  const AskedList other = keep_list(folder_, {.urls = {"http://b/"}}).value();
  remove_other_lists(folder_, {{"x", AskedPages(other).text(), "//img"}, {"https://e/{page}", "1-3", "//img"}});
  EXPECT_EQ(text_of(one), "(none)");
  EXPECT_EQ(text_of(other), "http://b/\n");
}

std::string problem_of(CrawlCommand command) {
  const auto what = what_to_crawl(std::move(command));
  const auto* problem = std::get_if<StartProblem>(&what);
  return problem == nullptr ? "" : std::to_string(problem->status) + " " + problem->message;
}

TEST_F(KeptList, NeedsAnXpathOrIsOfImages) {
  CrawlCommand command;
  command.input_file = file_with("http://a/\n");
  EXPECT_THAT(problem_of(command), HasSubstr("2 a list of pages needs --xpath EXPR"));
  EXPECT_THAT(problem_of(command), HasSubstr("doutu probe"));
  EXPECT_THAT(problem_of(command), HasSubstr("--direct"));
  CrawlCommand with_xpath = command;
  with_xpath.xpaths = {"//img"};
  EXPECT_EQ(problem_of(with_xpath), "");
  command.settings.page.direct = true;
  EXPECT_EQ(problem_of(command), "");
}

TEST_F(KeptList, OnTheWebIsAPageThatListsPages) {
  CrawlCommand command;
  command.input_file = "https://e/sitemap.xml";
  EXPECT_THAT(problem_of(command), HasSubstr("2 a list of pages needs --xpath EXPR"));
  command.xpaths = {"//img"};
  const auto what = std::get<WhatToCrawl>(what_to_crawl(command));
  EXPECT_TRUE(what.recipe.lists_pages);
  EXPECT_EQ(spec_of(what.recipe, what.pages), (JobSpec{"https://e/sitemap.xml", "1", "//img\n--input-file"}));
  EXPECT_THAT(command_for(spec_of(what.recipe, what.pages), "img"),
              HasSubstr("crawl --input-file https://e/sitemap.xml"));
  command.input_file = "https://e/{page}.xml";
  EXPECT_THAT(problem_of(command), HasSubstr("no placeholders"));
}

TEST_F(KeptList, IsWhatTheCommandThatGoesOnNames) {
  const JobSpec spec{"list.txt", "list:3:0123456789abcdef0123456789abcdef", "//img\n--follow //a"};
  EXPECT_EQ(command_for(spec, "pictures"),
            "doutu crawl --input-file pictures/.doutu/list-0123456789abcdef0123456789abcdef --xpath //img --follow //a "
            "--directory pictures");
  EXPECT_EQ(job_text(spec), "3 pages of list.txt");
  EXPECT_EQ(job_text({"3 URLs: https://a/", spec.pages, "//img"}), "3 URLs: https://a/");
  EXPECT_EQ(job_text({"list.txt", spec.pages, "--direct"}), "3 images of list.txt");
  EXPECT_EQ(command_for({"https://e/{a}/{page}", "a=1-3;page=1-2", "//img"}, "p"),
            "doutu crawl 'https://e/{a}/{page}' --pages 'a=1-3' --pages 'page=1-2' --xpath //img --directory p");
}

}  // namespace
}  // namespace doutu
