#include "downloader/record/images_file.h"

#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): signal
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "downloader/record/image_publisher.h"
#include "downloader/store/folder_sink.h"
#include "tests/downloader/ledger/ledger_scene.h"
#include "tests/site/state_in.h"

namespace doutu {
namespace {

NamedImage image(std::string file, std::string url) {
  return {.id = 7,
          .epoch = 3,
          .file = std::move(file),
          .url = std::move(url),
          .spot = {12, 0},
          .content = {.bytes = 345, .xxh128 = Xxh128{}, .sha256 = {}}};
}

TEST(ImagesLine, IsOneObjectOfAscii) {
  NamedImage one = image("a.jpg", "http://h/a.jpg");
  one.width = 40;
  one.height = 30;
  one.content.xxh128 = Xxh128{std::byte{0xab}};
  EXPECT_EQ(images_line(one), R"({"file":"a.jpg","url":"http://h/a.jpg","bytes":345,"hash":"ab)" +
                                  std::string(30, '0') +
                                  R"(","width":40,"height":30,"page":12})"
                                  "\n");
}

TEST(ImagesLine, HasTheHashThatTheUserAskedFor) {
  NamedImage one = image("a.jpg", "http://h/a.jpg");
  one.content.sha256 = Sha256{std::byte{0xcd}};
  EXPECT_NE(images_line(one).find(R"("hash":"cd)" + std::string(62, '0') + '"'), std::string::npos);
}

TEST(ImagesLine, HasNullForASizeThatIsNotKnown) {
  EXPECT_NE(images_line(image("a", "u")).find(R"("width":null,"height":null)"), std::string::npos);
}

TEST(ImagesLine, HasARobotsTagOnlyWhereThereIsOne) {
  NamedImage one = image("a", "u");
  EXPECT_EQ(images_line(one).find("robots_tag"), std::string::npos);
  one.robots_tag = "noindex, \"x\",\"page\":3";
  EXPECT_TRUE(images_line(one).ends_with(R"(,"robots_tag":"noindex, \u0022x\u0022,\u0022page\u0022:3","page":12})"
                                         "\n"));
}

TEST(ImagesLine, EscapesWhatJsonAndTerminalsWouldMisread) {
  const std::string line =
      images_line(image("\"\\\x1b\n\x7f图\xf0\x9f\x90\xbc\xff.jpg", "http://me:sesame@h/?token=x"));
  EXPECT_TRUE(line.starts_with(
      R"({"file":"\u0022\u005c\u001b\u000a\u007f\u56fe\ud83d\udc3c\ufffd.jpg","url":"http://***@h/?token=***",)"))
      << line;
}

/// A folder, its ledger, and processes that come and go.
class ImagesFileTest : public ::testing::Test {
 public:
  ImagesFileTest() { restart(); }

  /// A new process after a kill, or after an end.
  void restart() {
    publisher = std::make_unique<ImagePublisher>(sink, scene.writer(), FolderOptions{});
    scene.job(1);
    must(publisher->redo());
    images = std::make_unique<ImagesFile>(folder, scene.writer().named_images(), scene.writer().syncs());
    const auto lost = publisher->has_failed() ? ImagesFile::Lost::some : ImagesFile::Lost::none;
    images->check(publisher->take_named_before(), lost, [] {});
  }
  /// The id of the first.
  std::int64_t commit(const std::vector<std::pair<std::string, std::string>>& urls_and_bytes) {
    std::vector<std::string> urls;
    for (const auto& [url, bytes] : urls_and_bytes) urls.push_back(url);
    const auto tasks = scene.page(++last_page_, urls);
    must(scene.writer().begin());
    for (std::size_t i = 0; i < tasks.size(); ++i) arrive(tasks[i], urls_and_bytes[i].second);
    must(scene.writer().commit());
    publisher->committed();
    return tasks.at(0).id;
  }
  void sync() {
    publisher->sync_began();
    publisher->sync_ended();
    epoch_ = scene.writer().syncs().begin_epoch();
  }
  void place() { must(publisher->publish()); }
  void append() { images->append(publisher->take_named()); }
  std::int64_t fetch(const std::string& url, const std::string& bytes) {
    const std::int64_t id = commit({{url, bytes}});
    sync();
    place();
    append();
    return id;
  }
  void make_durable() {
    sync();
    must(scene.writer().syncs().save_durable(epoch_ - 1));
  }

  [[nodiscard]] std::string path() const { return state_folder(scene.files.directory()) + "/images.jsonl"; }
  [[nodiscard]] std::string content() const { return FolderFiles::read(path()); }
  /// The files that it names, in the order of the lines.
  [[nodiscard]] std::vector<std::string> files() const {
    constexpr std::string_view kBefore = "{\"file\":\"";
    std::vector<std::string> files;
    std::string text = content();
    EXPECT_TRUE(text.empty() || text.ends_with('\n'));
    while (!text.empty()) {
      EXPECT_TRUE(text.starts_with(kBefore)) << text;
      files.push_back(text.substr(kBefore.size(), text.find('"', kBefore.size()) - kBefore.size()));
      text.erase(0, text.find('\n') + 1);
    }
    return files;
  }
  [[nodiscard]] std::vector<std::string> sorted_files() const {
    auto sorted = files();
    std::ranges::sort(sorted);
    return sorted;
  }

  LedgerScene scene;
  StateFolder folder = state_in(scene.files.directory());
  FolderSink sink = *FolderSink::open(folder);
  std::unique_ptr<ImagePublisher> publisher;
  std::string robots_tag;  ///< Of the images that arrive from now on.
  std::unique_ptr<ImagesFile> images;

 private:
  void arrive(const ImageTask& task, const std::string& bytes) {
    FolderFiles::write(scene.files.incoming(task.id), bytes);
    ImageOutcome outcome = ImageOutcome::of(task);
    outcome.kind = ImageOutcome::Kind::fetched;
    outcome.facts = {.type = "jpeg", .width = 40, .height = 30, .frames = 1};
    outcome.content = content_of(bytes);
    outcome.spot = {last_page_, 0};
    outcome.robots_tag = robots_tag;
    must(publisher->record(outcome));
  }

  std::uint64_t last_page_ = 0;
  std::int64_t epoch_ = 0;
};

using Files = std::vector<std::string>;

TEST_F(ImagesFileTest, OfAFolderWithoutImagesIsEmpty) { EXPECT_EQ(content(), ""); }

TEST_F(ImagesFileTest, SaysTheSameOfRobotsWhenItIsMadeAnew) {
  robots_tag = "noai";
  commit({{"http://a/x.jpg", "one"}});
  robots_tag = "";
  commit({{"http://a/y.jpg", "two"}});
  sync();
  place();
  append();
  const std::string before = content();
  EXPECT_NE(before.find(R"("robots_tag":"noai")"), std::string::npos) << before;
  EXPECT_EQ(before.find("robots_tag"), before.rfind("robots_tag")) << before;
  EXPECT_EQ(scene.count("SELECT count(*) FROM robots_tags WHERE tag = 'noai' AND file = 'x.jpg' AND position = 0"), 1);
  std::filesystem::remove(path());
  restart();
  EXPECT_EQ(content(), before);
}

TEST_F(ImagesFileTest, HasALineForEachImageThatHasItsName) {
  commit({{"http://a/x.jpg", "one"}, {"http://a/y.jpg", "two"}});
  append();
  EXPECT_EQ(files(), Files()) << "before the name";
  sync();
  place();
  append();
  EXPECT_EQ(files(), (Files{"x.jpg", "y.jpg"}));
  append();
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(ImagesFileTest, SaysTheNameThatAnImageGetsInTheEnd) {
  commit({{"http://a/x.jpg", "one"}});
  FolderFiles::write(scene.files.path("x.jpg"), "the user's");
  sync();
  place();
  append();
  EXPECT_EQ(files(), Files());
  std::vector<ImageTask> tasks;
  must(scene.writer().begin());
  must(publisher->republish(tasks));
  must(scene.writer().commit());
  publisher->committed();
  sync();
  place();
  append();
  EXPECT_EQ(files(), Files{"x-p1-1.jpg"});
}

TEST_F(ImagesFileTest, IsLeftAloneByAStartWhenItsEndIsRight) {
  fetch("http://a/x.jpg", "one");
  fetch("http://a/y.jpg", "two");
  const std::string whole = content();
  restart();
  EXPECT_EQ(content(), whole);
  FolderFiles::write(path(), "{}\n" + whole);
  restart();
  EXPECT_EQ(content(), whole) << "nothing is durable: nothing may stand before them";
  make_durable();
  FolderFiles::write(path(), whole.substr(whole.rfind('\n', whole.size() - 2) + 1));
  restart();
  EXPECT_EQ(files(), Files{"y.jpg"}) << "all is durable: the last one is compared";
}

TEST_F(ImagesFileTest, ThatEndsOtherwiseIsMadeAnewByAStart) {
  for (const char* url : {"http://a/x.jpg", "http://a/y.jpg", "http://a/z.jpg"}) fetch(url, url);
  const std::string whole = content();
  const std::string first = whole.substr(0, whole.find('\n') + 1);
  for (int durable = 0; durable < 2; ++durable) {
    for (const std::string& spoilt :
         {std::string(), std::string("\n"), whole.substr(0, whole.size() - 1), first, whole + first, whole + "{",
          whole + std::string(3, '\0'), std::string(whole.size(), '\0')}) {
      FolderFiles::write(path(), spoilt);
      restart();
      EXPECT_EQ(sorted_files(), (Files{"x.jpg", "y.jpg", "z.jpg"})) << spoilt;
      const std::string made = content();
      restart();
      EXPECT_EQ(content(), made) << "its end is right now";
    }
    std::filesystem::remove(path());
    restart();
    EXPECT_EQ(sorted_files(), (Files{"x.jpg", "y.jpg", "z.jpg"}));
    make_durable();
  }
}

TEST_F(ImagesFileTest, ThatLacksALineInTheMiddleAfterAPowerCutIsMadeAnew) {
  for (const char* url : {"http://a/x.jpg", "http://a/y.jpg", "http://a/z.jpg"}) fetch(url, url);
  std::string torn = content();
  const std::size_t second = torn.find('\n') + 1;
  std::fill_n(torn.begin() + static_cast<std::ptrdiff_t>(second), torn.find('\n', second) - second, '\0');
  FolderFiles::write(path(), torn);
  restart();
  EXPECT_EQ(sorted_files(), (Files{"x.jpg", "y.jpg", "z.jpg"}));
}

TEST_F(ImagesFileTest, AKillBetweenNameAndLineIsFoundOut) {
  fetch("http://a/x.jpg", "one");
  commit({{"http://a/y.jpg", "two"}});
  sync();
  place();
  restart();
  EXPECT_EQ(files(), (Files{"x.jpg", "y.jpg"}));
}

TEST_F(ImagesFileTest, AKillBeforeTheNameLeavesTheLineToTheNextProcess) {
  fetch("http://a/x.jpg", "one");
  commit({{"http://a/y.jpg", "two"}});
  restart();
  EXPECT_EQ(files(), Files{"x.jpg"}) << "no line without a file";
  sync();
  place();
  append();
  EXPECT_EQ(files(), (Files{"x.jpg", "y.jpg"}));
}

TEST_F(ImagesFileTest, ALinkWhoseBytesStillWaitInIncomingHasOneLine) {
  fetch("http://a/x.jpg", "one");
  fetch("http://a/y.jpg", "one");
  ASSERT_EQ(scene.files.incoming_count(), 1U) << "or this tests little";
  restart();
  sync();
  place();
  append();
  EXPECT_EQ(files(), (Files{"x.jpg", "y.jpg"}));
}

TEST_F(ImagesFileTest, HasNoLineOfAnImageThatAPowerCutHasTaken) {
  fetch("http://a/x.jpg", "one");
  fetch("http://a/y.jpg", "two");
  FolderFiles::write(scene.files.path("x.jpg"), "o");
  restart();
  EXPECT_EQ(files(), Files{"y.jpg"});
}

/// Its bytes wait in incoming again.
TEST_F(ImagesFileTest, HasOneLineOfAnImageWhoseNameAPowerCutHasTaken) {
  for (const bool is_first_durable : {false, true}) {
    if (is_first_durable) make_durable();
    const std::string name = is_first_durable ? "x" : "a";
    const std::int64_t id = fetch("http://a/" + name + ".jpg", "one" + name);
    fetch("http://a/" + name + "2.jpg", "two" + name);
    std::filesystem::rename(scene.files.path(name + ".jpg"), scene.files.incoming(id));
    restart();
    sync();
    place();
    append();
    auto sorted = sorted_files();
    EXPECT_EQ(sorted.size(), is_first_durable ? 4U : 2U);
    EXPECT_EQ(std::ranges::unique(sorted).size(), 0U) << "two lines of " << name;
  }
}

TEST_F(ImagesFileTest, OfMoreImagesThanAreComparedIsMadeAnew) {
  std::vector<std::pair<std::string, std::string>> many;
  for (std::size_t i = 0; i <= ImagesFile::kMaxCompared; ++i)
    many.emplace_back("http://a/" + std::to_string(i) + ".jpg", std::to_string(i));
  commit(many);
  sync();
  place();
  restart();
  EXPECT_EQ(files().size(), many.size());
  auto sorted = sorted_files();
  EXPECT_EQ(std::ranges::unique(sorted).size(), 0U);
}

/// No file may grow beyond so many bytes.
class LimitOfFiles {
 public:
  explicit LimitOfFiles(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &before_), 0);
    const rlimit limit{bytes, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  LimitOfFiles(const LimitOfFiles&) = delete;
  LimitOfFiles& operator=(const LimitOfFiles&) = delete;
  ~LimitOfFiles() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(ImagesFileTest, ThatCannotBeWrittenIsEmptyUntilAnEndOrAStart) {
  fetch("http://a/x.jpg", "one");
  commit({{"http://a/y.jpg", "two"}});
  sync();
  place();
  {
    const LimitOfFiles limit(content().size() + 10);
    append();
    EXPECT_EQ(content(), "") << "not half of it";
    images->mend([] {});
    EXPECT_EQ(content(), "") << "still no room";
  }
  fetch("http://a/z.jpg", "three");
  EXPECT_EQ(content(), "") << "no line where others are missing";
  images->mend([] {});
  EXPECT_EQ(sorted_files(), (Files{"x.jpg", "y.jpg", "z.jpg"}));
  FolderFiles::write(path(), "");
  restart();
  EXPECT_EQ(sorted_files(), (Files{"x.jpg", "y.jpg", "z.jpg"}));
}

}  // namespace
}  // namespace doutu
