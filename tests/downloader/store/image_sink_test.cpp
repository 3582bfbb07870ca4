// The contract of ImageSink, tried on every sink.
#include "downloader/store/image_sink.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "downloader/store/file_name.h"
#include "downloader/store/folder_sink.h"
#include "tests/downloader/store/folder_files.h"
#include "tests/downloader/store/memory_sink.h"
#include "tests/site/state_in.h"

namespace doutu {
namespace {

using Found = ImageSink::Found;
using Published = ImageSink::Published;

/// A sink, and what others may do to it.
class TestedSink {
 public:
  virtual ~TestedSink() = default;
  virtual ImageSink& sink() = 0;
  /// Lets a slow sink answer.
  virtual void answer() {}
  /// The process is killed, and another one goes on.
  virtual void restart() = 0;
  /// Somebody else puts bytes under a name, or takes them away.
  virtual void put(const std::string& name, const std::string& bytes) = 0;
  virtual void take_away(const std::string& name) = 0;
};

class TestedFolder : public TestedSink {
 public:
  ImageSink& sink() override { return *sink_; }
  void restart() override { sink_ = open(); }
  void put(const std::string& name, const std::string& bytes) override { FolderFiles::write(files_.path(name), bytes); }
  void take_away(const std::string& name) override { std::filesystem::remove(files_.path(name)); }

 private:
  [[nodiscard]] std::unique_ptr<FolderSink> open() const {
    return std::make_unique<FolderSink>(*FolderSink::open(state_in(files_.directory())));
  }
  FolderFiles files_;
  std::unique_ptr<FolderSink> sink_ = open();
};

template <MemorySink::Answers answers>
class TestedMemory : public TestedSink {
 public:
  ImageSink& sink() override { return sink_; }
  void answer() override { sink_.answer(); }
  void restart() override { sink_.restart(); }
  void put(const std::string& name, const std::string& bytes) override { sink_.put(name, bytes); }
  void take_away(const std::string& name) override { sink_.take_away(name); }

 private:
  MemorySink sink_{answers};
};

struct Kind {
  const char* name;
  std::unique_ptr<TestedSink> (*make)();
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

template <class Tested>
std::unique_ptr<TestedSink> make() {
  return std::make_unique<Tested>();
}

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

class ImageSinkTest : public ::testing::TestWithParam<Kind> {
 protected:
  ImageSink& sink() { return tested_->sink(); }

  void hold(std::int64_t id, const std::string& bytes) { ASSERT_TRUE(sink().hold(id, bytes_of(bytes))); }
  /// What becomes of it, whenever the sink says so.
  Published publish(std::int64_t id, const std::string& name, const std::string& bytes, const std::string& first = "") {
    const Content content = content_of(bytes);
    if (auto at_once = sink().publish({id, name, first, content})) return at_once->value();
    tested_->answer();
    pollfd wake{sink().wake_fd(), POLLIN, 0};
    EXPECT_EQ(::poll(&wake, 1, 30'000), 1);
    const auto answers = sink().take_published();
    EXPECT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers.at(0).id, id);
    return answers.at(0).published.value();
  }
  Found look(const std::string& name, const std::string& bytes) {
    return sink().look(name, content_of(bytes), ImageSink::From::cache);
  }
  std::vector<std::int64_t> held() {
    auto ids = sink().sweep().value();
    std::ranges::sort(ids);
    return ids;
  }

  std::unique_ptr<TestedSink> tested_ = GetParam().make();
};

using Ids = std::vector<std::int64_t>;

TEST_P(ImageSinkTest, HoldsAnImageOnceItIsFinished) {
  const auto writer = sink().writer();
  writer->begin(7);
  EXPECT_TRUE(writer->append(bytes_of("by")));
  EXPECT_EQ(sink().look_held(7, content_of("by")), Found::nothing);
  EXPECT_TRUE(writer->append(bytes_of("tes")));
  EXPECT_TRUE(writer->finish(std::nullopt));
  EXPECT_EQ(held(), Ids{7});
  EXPECT_EQ(sink().look_held(7, content_of("bytes")), Found::same_content);
  EXPECT_EQ(sink().look_held(7, content_of("BYTES")), Found::other);
}

TEST_P(ImageSinkTest, HoldsNothingOfWhatIsDiscardedOrBegunAnew) {
  const std::string large(200'000, 'x');
  auto writer = sink().writer();
  writer->begin(1);
  EXPECT_TRUE(writer->append(bytes_of(large)));
  writer->discard();
  writer->begin(2);
  EXPECT_TRUE(writer->append(bytes_of(large)));
  writer->begin(3);
  EXPECT_TRUE(writer->append(bytes_of(large)));
  writer.reset();
  EXPECT_EQ(held(), Ids{});
}

TEST_P(ImageSinkTest, HoldsTheLastImageOfAnId) {
  hold(7, "of an earlier run, and longer");
  hold(7, "new");
  EXPECT_EQ(held(), Ids{7});
  EXPECT_EQ(sink().look_held(7, content_of("new")), Found::same_content);
}

TEST_P(ImageSinkTest, HoldsWhatAKilledProcessHeld) {
  hold(12, "x");
  hold(3, "y");
  tested_->restart();
  EXPECT_EQ(held(), (Ids{3, 12}));
  EXPECT_EQ(held(), (Ids{3, 12})) << "a second sweep finds the same";
}

TEST_P(ImageSinkTest, DropsWhatItHolds) {
  hold(7, "bytes");
  sink().drop(7);
  sink().drop(8);  // It never had it.
  EXPECT_EQ(held(), Ids{});
}

TEST_P(ImageSinkTest, HasAnotherProcessReadWhatIsNotFinished) {
  const std::string text = "as far as it came";
  const auto writer = sink().writer();
  writer->begin(7);
  EXPECT_TRUE(writer->append(bytes_of(text)));
  const UniqueFd reader = writer->open_for_reading().value();
  std::array<char, 64> buffer{};
  EXPECT_EQ(::read(reader.get(), buffer.data(), buffer.size()), static_cast<ssize_t>(text.size()));
  EXPECT_EQ(std::string(buffer.data()), text);
  writer->discard();
  EXPECT_EQ(held(), Ids{});
}

TEST_P(ImageSinkTest, TakesImagesFromManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kImages = 50;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([this, t] {
        const auto writer = sink().writer();
        for (int i = 0; i < kImages; ++i) {
          writer->begin(1 + t * kImages + i);
          EXPECT_TRUE(writer->append(bytes_of("image " + std::to_string(t))));
          EXPECT_TRUE(writer->finish(std::nullopt));
        }
      });
    }
  }
  EXPECT_EQ(held().size(), std::size_t{kThreads * kImages});
  EXPECT_EQ(sink().look_held(1, content_of("image 0")), Found::same_content);
}

TEST_P(ImageSinkTest, GivesAHeldImageItsName) {
  hold(7, "bytes");
  EXPECT_EQ(look("a.jpg", "bytes"), Found::nothing);
  EXPECT_EQ(publish(7, "a.jpg", "bytes"), Published::yes);
  EXPECT_EQ(look("a.jpg", "bytes"), Found::same_content);
  EXPECT_EQ(look("a.jpg", "BYTES"), Found::other);
  EXPECT_EQ(look("a.jpg", "bytes and more"), Found::other);
  EXPECT_EQ(held(), Ids{});
}

TEST_P(ImageSinkTest, HoldsAnImageUntilItsPublicationIsAnswered) {
  hold(7, "bytes");
  const Content content = content_of("bytes");
  const std::string name = "a.jpg";
  if (sink().publish({7, name, "", content})) return;  // It never waits.
  EXPECT_EQ(held(), Ids{7});
  EXPECT_EQ(look(name, "bytes"), Found::nothing);
  tested_->restart();
  EXPECT_EQ(held(), Ids{7});
  EXPECT_EQ(publish(7, name, "bytes"), Published::yes);
}

TEST_P(ImageSinkTest, AnswersEachPublicationOnce) {
  constexpr std::int64_t kImages = 20;
  Ids answered;
  for (std::int64_t id = 1; id <= kImages; ++id) {
    const std::string bytes = "image " + std::to_string(id);
    hold(id, bytes);
    const std::string name = std::to_string(id) + ".jpg";
    const Content content = content_of(bytes);
    if (const auto at_once = sink().publish({id, name, "", content})) answered.push_back(id);
  }
  tested_->answer();
  for (const auto& answer : sink().take_published()) answered.push_back(answer.id);
  EXPECT_TRUE(sink().take_published().empty());
  std::ranges::sort(answered);
  ASSERT_EQ(answered.size(), std::size_t{kImages});
  EXPECT_EQ(std::ranges::adjacent_find(answered), answered.end());
  EXPECT_EQ(look("20.jpg", "image 20"), Found::same_content);
}

TEST_P(ImageSinkTest, NeverReplacesWhatHasTheName) {
  tested_->put("a.jpg", "the user's");
  hold(7, "bytes");
  hold(8, "bytes");
  EXPECT_EQ(publish(7, "a.jpg", "bytes"), Published::name_taken);
  EXPECT_EQ(publish(8, "b.jpg", "bytes"), Published::yes);
  EXPECT_EQ(publish(7, "a.jpg", "bytes", "b.jpg"), Published::name_taken) << "not as a link either";
  EXPECT_EQ(look("a.jpg", "the user's"), Found::same_content);
  EXPECT_EQ(held(), Ids{7});
}

TEST_P(ImageSinkTest, SaysThatTheBytesAreLost) {
  EXPECT_EQ(publish(7, "a.jpg", "bytes"), Published::lost);
  EXPECT_EQ(look("a.jpg", "bytes"), Found::nothing);
}

TEST_P(ImageSinkTest, GivesTheSameBytesASecondName) {
  hold(7, "bytes");
  ASSERT_EQ(publish(7, "a.jpg", "bytes"), Published::yes);
  hold(8, "bytes");
  const Published published = publish(8, "b.jpg", "bytes", "a.jpg");
  EXPECT_TRUE(published == Published::yes || published == Published::still_held);
  EXPECT_EQ(held(), published == Published::yes ? Ids{} : Ids{8});
  EXPECT_EQ(look("a.jpg", "bytes"), Found::same_content);
  EXPECT_EQ(look("b.jpg", "bytes"), Found::same_content);
}

TEST_P(ImageSinkTest, PublishesItsOwnBytesWhenTheFirstAreGoneOrChanged) {
  hold(8, "bytes");
  EXPECT_EQ(publish(8, "b.jpg", "bytes", "gone.jpg"), Published::yes);
  tested_->put("a.jpg", "BYTES");
  hold(9, "bytes");
  EXPECT_EQ(publish(9, "c.jpg", "bytes", "a.jpg"), Published::yes);
  EXPECT_EQ(look("c.jpg", "bytes"), Found::same_content);
}

TEST_P(ImageSinkTest, FindsAfterAKillWhatItHadPublished) {
  hold(7, "bytes");
  ASSERT_EQ(publish(7, "a.jpg", "bytes"), Published::yes);
  tested_->restart();
  EXPECT_EQ(sink().look("a.jpg", content_of("bytes"), ImageSink::From::disk), Found::same_content);
  hold(7, "bytes");
  EXPECT_EQ(publish(7, "a.jpg", "bytes"), Published::name_taken) << "and look() says by what";
}

TEST_P(ImageSinkTest, HasLostWhatIsGoneOrShorter) {
  tested_->put("a.jpg", "bytes");
  EXPECT_FALSE(sink().has_lost("a.jpg", 5));
  EXPECT_FALSE(sink().has_lost("a.jpg", 4)) << "longer: somebody's work";
  EXPECT_TRUE(sink().has_lost("a.jpg", 6));
  tested_->take_away("a.jpg");
  EXPECT_TRUE(sink().has_lost("a.jpg", 5));
}

TEST_P(ImageSinkTest, IsInOrder) {
  hold(7, "bytes");
  EXPECT_TRUE(sink().sync());
  EXPECT_TRUE(sink().room(0));
  EXPECT_TRUE(sink().probe());
  EXPECT_TRUE(sink().mend());
  EXPECT_TRUE(sink().check());
  EXPECT_EQ(held(), Ids{7}) << "a probe leaves nothing, and mending takes nothing";
  EXPECT_GE(sink().max_name_bytes(), kMinNameBytes);
  EXPECT_LE(sink().max_name_bytes(), kMaxNameBytes);
}

INSTANTIATE_TEST_SUITE_P(Every, ImageSinkTest,
                         ::testing::Values(Kind{"Folder", make<TestedFolder>},
                                           Kind{"Memory", make<TestedMemory<MemorySink::Answers::at_once>>},
                                           Kind{"SlowMemory", make<TestedMemory<MemorySink::Answers::later>>}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace doutu
