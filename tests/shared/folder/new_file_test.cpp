#include "shared/folder/new_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/site/planted.h"
#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

class NewFileTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return temporary_ / (".doutu/" + name); }
  [[nodiscard]] std::string content() const { return folder_.read("x", 1U << 20U).value_or("none"); }

  TemporaryFolder temporary_;
  const StateFolder folder_ = state_in(temporary_.path());
};

TEST_F(NewFileTest, TakesThePlaceOfTheOneBeforeWhenItIsWhole) {
  for (const char* text : {"one", "two"}) {
    NewFile file(folder_, "x");
    file.add_line(text);
    ASSERT_TRUE(file.publish());
    EXPECT_EQ(content(), std::string(text) + "\n");
  }
  EXPECT_FALSE(std::filesystem::exists(path("x.new")));
}

TEST_F(NewFileTest, HasMoreThanItsBuffer) {
  std::string all;
  NewFile file(folder_, "x");
  for (int i = 0; i < 100; ++i) {
    const std::string line(5000, static_cast<char>('a' + i % 26));
    file.add_line(line);
    all += line + "\n";
  }
  ASSERT_TRUE(file.publish());
  EXPECT_EQ(content(), all);
}

TEST_F(NewFileTest, LeavesNothingWhenItIsNotPlaced) {
  { NewFile(folder_, "x").add_line("half"); }
  EXPECT_EQ(content(), "none");
  EXPECT_FALSE(std::filesystem::exists(path("x.new")));
}

TEST_F(NewFileTest, FollowsNothingThatWasPlanted) {
  const std::string victim = temporary_ / "victim";
  for (const Planted planted : kPlanted) {
    for (const char* name : {"x.new", "x"}) {
      if (!plant(planted, path(name), victim)) continue;
      NewFile file(folder_, "x");
      file.add_line("new");
      EXPECT_EQ(file.publish().ok(), planted != Planted::folder) << name << " is " << word_for(planted);
      EXPECT_TRUE(is_untouched(planted, victim)) << name << " is " << word_for(planted);
      std::filesystem::remove_all(path(name));
      std::filesystem::remove_all(path("x"));
    }
  }
}

}  // namespace
}  // namespace doutu
