#include "shared/robots/robots_book.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

RobotsBook::Rules rules(const std::string& path) {
  return std::make_shared<RobotsRules>(RobotsRules::parse("User-agent: *\nDisallow: " + path + "\n"));
}

TEST(RobotsBook, KnowsAServerUntilItsTimeIsOver) {
  RobotsBook book;
  const MonoTime now{std::chrono::hours(1)};
  book.put("https://a.example:443", rules("/a"), now + RobotsBook::kKept);
  EXPECT_EQ(*book.find("https://a.example:443", now), *rules("/a"));
  EXPECT_EQ(book.find("http://a.example:80", now), nullptr);
  EXPECT_EQ(book.find("https://a.example:443", now + RobotsBook::kKept), nullptr);
  book.put("https://a.example:443", rules("/b"), now + 2 * RobotsBook::kKept);
  EXPECT_EQ(*book.find("https://a.example:443", now + RobotsBook::kKept), *rules("/b"));
}

TEST(RobotsBook, ForgetsBeforeItGrowsTooLarge) {
  RobotsBook book;
  const auto large = rules("/" + std::string(16'000, 'x'));
  const std::size_t many = RobotsBook::kMostBytes / large->bytes();
  for (std::size_t i = 0; i < many; ++i) book.put(std::to_string(i), large, MonoTime::max());
  EXPECT_EQ(book.find("0", MonoTime{}), nullptr);
  EXPECT_NE(book.find(std::to_string(many - 1), MonoTime{}), nullptr);
}

}  // namespace
}  // namespace doutu
