// What a command line means in a folder that remembers another: one table of commands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/crawl_fixture.h"
#include "tests/site/meme_site.h"

namespace doutu {
namespace {

using testing::HasSubstr;

struct Step {
  const char* command;  ///< "A" and "B" stand for templates of two sites, "AX" for A without {page}, "AU" with it in
                        ///< the user, "P" for the case study, "D" for the folder.
  int status;
  const char* asked;  ///< Pages that the server was asked for, in order: "a1 a2"; "some": of a crawl that ends early.
  const char* says;   ///< On stderr, with the same words.
};

struct Story {
  const char* name;
  std::vector<Step> steps;
};

const Story kStories[] = {
    {"NothingIsNamed",
     {{"", 2, "", "nothing to crawl; give a URL"},
      {"--xpath //img", 2, "", "nothing to crawl"},
      {"--forget wait", 2, "", "--forget needs a folder"},
      {"-d D", 2, "", "D has no crawl to continue; give a URL"},
      {"-d D -p 1-2", 2, "", "D has no crawl to continue; give a URL"}}},
    {"TheCaseStudyIsThatOfWhatRanLast",
     {{"-p 1 --proxy http://127.0.0.1:1 -R 0", 3, "", "crawling page 1 of P"},
      {"B -p 1 -d img", 0, "b1", ""},
      {"-p 1 --proxy http://127.0.0.1:1 -R 0", 2, "", "img has the images of another site. To continue with that"},
      {"P -p 1 -d img --proxy http://127.0.0.1:1 -R 0", 3, "", "crawling page 1 of P"},
      {"-p 1 --proxy http://127.0.0.1:1 -R 0", 3, "", "crawling page 1 of P"}}},
    {"AUrlMeansWhatItSays",
     {{"A -p 1-2 -d D", 0, "a1 a2", "crawling pages 1-2 of A into D"},
      {"A -p 1-2 -d D", 0, "a1 a2", "crawling pages 1-2 of A into D"},
      {"A -p 3 -d D --insecure", 0, "a3", "crawling page 3 of A into D with --insecure"},
      {"A -p 3 -d D", 0, "a3", "into D\n"},
      {"AX -d D", 0, "a1", "crawling AX into D\n"},
      {"AX -p 1-2 -d D", 2, "", "has no {page}, but the crawl has 2 pages"},
      {"A#{page} -p 1-2 -d D", 0, "a1 a2", "crawling pages 1-2"},
      {"AX#{page} -p 1-2 -d D", 2, "", "gives the same address to all 2 pages"},
      {"AU -p 1-2 -d D", 2, "", "gives the same address to all 2 pages"},
      {"A -p 1 -d D --forget wait", 2, "", "--forget works only without a URL"}}},
    {"AJobIsFinishedWhateverRanSince",
     {{"A -p 1-3 -d D --max-images 1 -j 1", 9, "some", ""},
      {"B -p 1 -d D", 0, "b1", ""},
      {"A -p 1-3 -d D", 0, "some", "continuing pages 1-3 of A"},
      {"B -p 1 -d D", 0, "b1", " 1 of B into D"},
      {"A -p 1-3 -d D", 0, "a1 a2 a3", "crawling pages 1-3 of A"}}},
    {"AFolderGoesOnWithWhatRanLast",
     {{"A -p 1-3 -d D --max-images 1 -j 1", 9, "some", ""},
      {"A -p 1-2 -d D", 0, "a1 a2", "another crawl in this folder is unfinished"},
      {"A -p 1-3 -d D --max-images 2 -j 1", 9, "some", "continuing pages 1-3 of A"},
      {"-d D --forget max-images", 0, "some", "continuing pages 1-3 of A"},
      {"-d D", 0, "a1 a2 a3", "crawling pages 1-3 of A"}}},
    {"PagesAreAddedToWhatRanLast",
     {{"A -p 1-3 -d D --max-images 1 -j 1", 9, "some", ""},
      {"B -p 1 -d D", 0, "b1", ""},
      {"A -p 1-3 -d D --max-images 2 -j 1", 9, "some", "continuing pages 1-3 of A"},
      {"-d D -p 4 --forget max-images", 0, "some", "continuing pages 1-4 of A"}}},
    {"AFolderIsWhatItRemembers",
     {{"A -p 1-2 -d D --wait 0.001 --allow-private", 0, "a1 a2", "with --allow-private"},
      {"-d D", 0, "a1 a2", "crawling pages 1-2 of A into D with --allow-private"},
      {"-d D --forget allow-private", 0, "a1 a2", "into D\n"},
      {"-d D", 0, "a1 a2", "into D\n"},
      {"-d D --forget nonsense", 2, "", "--forget: \"--nonsense\" is not an option that a folder remembers"},
      {"-d D --forget xpath", 2, "", "--forget: a crawl always has xpaths; give --xpath EXPR to change them"},
      {"-d D --forget -p", 2, "", "--forget: a crawl always has pages; give --pages RANGE to change them"},
      {"-d D --forget -", 2, "", "--forget: \"-\" is not an option that a folder remembers"},
      {"-d D --forget --wait", 0, "a1 a2", "into D\n"},
      {"-d D --sandbox off", 0, "a1 a2", "with --sandbox off"},
      {"-d D", 0, "a1 a2", "with --sandbox off"},
      {"-d D --sandbox auto", 0, "a1 a2", "into D\n"}}},
    {"PagesAfterAFinishedJobAreAJobOfTheirOwn",
     {{"A -p 1-2 -d D", 0, "a1 a2", ""},
      {"-d D -p 3-4", 0, "a3 a4", "crawling pages 3-4 of A into D"},
      {"-d D", 0, "a3 a4", "crawling pages 3-4 of A into D"},
      {"-d D -p 9-1", 2, "", "--pages"}}},
    {"PagesAreAddedToAnUnfinishedJob",
     {{"A -p 1-3 -d D --max-images 1 -j 1", 9, "some", ""},
      {"-d D -p 4 --forget max-images", 0, "some", "continuing pages 1-4 of A into D"},
      {"-d D", 0, "a1 a2 a3 a4", "crawling pages 1-4 of A into D"}}},
    {"TheSameCommandGoesOn",
     {{"A -p 1-3 -d D --max-images 1 -j 1", 9, "some", "crawling pages 1-3 of A into D"},
      {"A -p 1-3 -d D", 0, "some", "continuing pages 1-3 of A into D"}}},
    {"AnotherUrlLeavesAnUnfinishedJobBehind",
     {{"A -p 1-3 -d D --max-images 1 -j 1", 9, "some", ""},
      {"B -p 1 -d D", 0, "b1",
       "another crawl in this folder is unfinished; to continue it: doutu crawl 'A' --pages 1-3"},
      {"A -p 1-2 -d D --max-images 1 -j 1", 9, "some", ""},
      {"B -p 1 -d D", 0, "b1", "and with your values of --downloaders --max-images\n"},
      {"-d D", 0, "b1", "crawling page 1 of B into D"},
      {"A -p 1-3 -d D", 0, "some", "continuing pages 1-3 of A into D"},
      {"-d D", 0, "a1 a2 a3",
       "to continue it: doutu crawl 'A' --pages 1-2 --xpath //img --directory D, and with the options that you gave it "
       "then"},
      {"A -p 1-2 -d D", 0, "some", "continuing pages 1-2 of A into D\n"}}},
    {"TheCommandThatGoesOnHidesALoginAndSaysSo",
     {{"AL -p 1-3 -d D --max-images 1 -j 1", 9, "some", "crawling pages 1-3 of AS into D"},
      {"B -p 1 -d D", 0, "b1",
       "to continue it: doutu crawl 'AS' --pages 1-3 --xpath //img --directory D, with the user and password in "
       "place of ***, and with your values of --downloaders --max-images\n"},
      {"AL -p 1-3 -d D", 0, "some", "continuing pages 1-3 of AS into D"}}},
    {"EachUnfinishedJobIsNamedUpToThree",
     {{"A -p 1-2 -d D --max-images 1 -j 1", 9, "some", "into D\n"},
      {"A -p 1-3 -d D --max-images 1 -j 1", 9, "some", "doutu crawl 'A' --pages 1-2 --xpath"},
      {"A -p 1-4 -d D --max-images 1 -j 1", 9, "some", "doutu crawl 'A' --pages 1-2 --xpath"},
      {"A -p 2-3 -d D --max-images 1 -j 1", 9, "some", "doutu crawl 'A' --pages 1-2 --xpath"},
      {"A -p 2-4 -d D --max-images 1 -j 1", 9, "some", "1 older crawl in this folder is also unfinished\n"},
      {"-d D", 9, "some", "doutu crawl 'A' --pages 2-3 --xpath"},
      {"B -p 1 -d D", 0, "b1", "2 older crawls in this folder are also unfinished\n"}}},
    {"OtherExpressionsAreAJobOfTheirOwn",
     {{"A -p 1 -d D", 0, "a1", ""},
      {"-d D --xpath //a/@href", 4, "a1", "crawling page 1 of A into D"},
      {"-d D --xpath //a[", 2, "", "--xpath: "},
      {"-d D", 4, "a1", "crawling page 1 of A into D"}}},
};

class FolderMemoryTable : public CrawlTest, public testing::WithParamInterface<Story> {
 protected:
  /// Of a page: so many, and so slow, that a crawl that may save one is not done with them.
  static constexpr std::uint64_t kImages = 10;

  FolderMemoryTable() {
    std::uint64_t number = 0;
    for (const char* site : {"/a/", "/b/"}) {
      for (int page = 1; page <= 4; ++page) {
        const std::string path = site + std::to_string(page);
        std::string images;
        for (std::uint64_t i = 0; i < kImages; ++i) {
          const std::string name = path + "-" + std::to_string(i) + ".png";
          site_.respond(name, Response{.body = small_image(++number), .delay = std::chrono::milliseconds(10)});
          images += "<img src=\"" + name + "\">";
        }
        site_.page(path, images);
      }
    }
  }

  [[nodiscard]] std::vector<std::pair<std::string, std::string>> words() const {
    return {{"AU", "http://u{page}@127.0.0.1:" + std::to_string(site_.port()) + "/a/1"},
            {"AX", site_.url("/a/1")},
            {"AL", "http://me:pw@127.0.0.1:" + std::to_string(site_.port()) + "/a/{page}"},
            {"AS", "http://***@127.0.0.1:" + std::to_string(site_.port()) + "/a/{page}"},
            {"A", site_.url("/a/{page}")},
            {"B", site_.url("/b/{page}")},
            {"P", "https://www.pkdoutu.com/photo/list/?page={page}"},
            {"D", folder_.path()}};
  }
  /// A word, or the word with something behind: "A#{page}".
  [[nodiscard]] std::string spelled_out(const std::string& word) const {
    for (const auto& [name, meaning] : words()) {
      if (word == name || word.starts_with(name + "#")) return meaning + word.substr(name.size());
    }
    return word;
  }
  [[nodiscard]] Ended run(const std::string& command) const {
    std::vector<std::string> arguments = {"crawl"};
    std::istringstream in(command);
    for (std::string word; in >> word;) arguments.push_back(spelled_out(word));
    arguments.insert(arguments.end(), {"--progress", "none"});
    return run_doutu(arguments, temporary_.path().string());
  }
  /// With the names of the table in place of what they stand for.
  [[nodiscard]] std::string in_short(std::string text) const {
    auto replacements = words();
    replacements.insert(replacements.begin(), {folder_.path(), "D"});
    for (const auto& [name, meaning] : words()) {
      for (std::size_t at = text.find(meaning); at != std::string::npos; at = text.find(meaning)) {
        text.replace(at, meaning.size(), name);
      }
    }
    return text;
  }
  [[nodiscard]] std::string pages_asked() const {
    std::vector<std::string> pages;
    for (const Hit& hit : site_.log()) {
      if (!hit.path.ends_with(".png")) pages.push_back(hit.path.substr(1, 1) + hit.path.substr(3));
    }
    std::ranges::sort(pages);
    std::string text;
    for (const std::string& page : pages) text += (text.empty() ? "" : " ") + page;
    return text;
  }
};

TEST_P(FolderMemoryTable, Means) {
  for (const Step& step : GetParam().steps) {
    site_.forget_log();
    const Ended ended = run(step.command);
    const std::string said = in_short(ended.err);
    EXPECT_EQ(ended.status, step.status) << "doutu crawl " << step.command << '\n' << said;
    const std::string asked = step.asked == std::string("some") ? "some" : pages_asked();
    EXPECT_EQ(asked, step.asked) << "doutu crawl " << step.command << '\n' << said;
    EXPECT_THAT(said, HasSubstr(step.says)) << "doutu crawl " << step.command;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, FolderMemoryTable, testing::ValuesIn(kStories),
                         [](const auto& story) { return story.param.name; });

}  // namespace
}  // namespace doutu
