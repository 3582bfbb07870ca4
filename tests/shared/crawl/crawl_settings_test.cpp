#include "shared/crawl/crawl_settings.h"

#include <gtest/gtest.h>

#include <chrono>
#include <concepts>
#include <string>
#include <vector>

#include "shared/base/fields.h"

namespace doutu {
namespace {

TEST(CrawlSettings, ComeBackFromTheirTextAsTheyWere) {
  CrawlSettings settings;
  settings.folder.directory = "/tmp/a folder=with signs";
  settings.page.xpaths = {"//img/@src", "//a[@href='x=y']"};
  settings.http.site_host = "example.com";
  settings.http.site_origin = "https://example.com:8443";
  settings.http.headers = {"Accept-Language: zh", "Cookie: a=b; c=d"};
  settings.http.referer = "https://example.com/?a=b";
  settings.http.http1 = true;
  settings.http.allow_private = true;
  settings.run.sandbox = SandboxMode::require;
  settings.run.run_id = 0x7fffffffffffffff;
  settings.http.user_agent = "";
  settings.pool.downloaders = 2048;
  settings.politeness.retry_wait = milliseconds(50);
  settings.image.speed_time = seconds(1);
  settings.image.max_bytes = 1;
  settings.limits.max_images = 3;
  settings.limits.max_bytes = 2;
  settings.limits.max_host_bytes = 3;
  settings.image.max_pixels = 4;
  settings.folder.min_free_disk = 5;
  const auto decoded = CrawlSettings::decode(settings.encode());
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, settings);
}

/// Gives a field another value.
struct Change {
  void operator()(std::string& field) const { field += " a=b"; }
  void operator()(std::vector<std::string>& field) const { field.insert(field.end(), {"", "c=d", "1"}); }
  void operator()(bool& field) const { field = !field; }
  void operator()(SandboxMode& field) const { field = SandboxMode::off; }
  void operator()(Checksum& field) const { field = Checksum::sha256; }
  void operator()(Robots& field) const { field = Robots::everything; }
  void operator()(std::integral auto& field) const { field = ~field - 7; }
  template <class Rep, class Period>
  void operator()(std::chrono::duration<Rep, Period>& field) const {
    field = -field - std::chrono::duration<Rep, Period>(3);
  }
};

/// Changes the index-th of all fields; false: there are not so many.
bool change(CrawlSettings& settings, std::size_t index) {
  std::size_t at = 0;
  for_each_field(settings, [&](auto& group) {
    for_each_field(group, [&](auto& field) {
      if (at++ == index) Change()(field);
    });
  });
  return index < at;
}

TEST(CrawlSettings, EachFieldComesBackFromItsText) {
  std::size_t fields = 0;
  for (CrawlSettings changed; change(changed, fields); changed = {}, ++fields) {
    EXPECT_NE(changed, CrawlSettings()) << fields;
    const auto decoded = CrawlSettings::decode(changed.encode());
    ASSERT_TRUE(decoded.ok()) << fields;
    EXPECT_EQ(*decoded, changed) << fields;
  }
  EXPECT_EQ(fields, field_count<HttpOptions>() + field_count<PageOptions>() + field_count<ImageOptions>() +
                        field_count<PolitenessOptions>() + field_count<PoolOptions>() + field_count<LimitOptions>() +
                        field_count<FolderOptions>() + field_count<RunOptions>() + field_count<LoginOptions>());
}

TEST(CrawlSettings, AllFieldsComeBackTogether) {
  CrawlSettings changed;
  for (std::size_t i = 0; change(changed, i); ++i) {
  }
  const auto decoded = CrawlSettings::decode(changed.encode());
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, changed);
}

/// The text of the defaults with another value in place of one of theirs.
std::string with(const std::string& old_value, const std::string& new_value) {
  using namespace std::string_literals;
  std::string text = CrawlSettings().encode();
  const std::size_t at = text.find("\0"s + old_value + "\0"s);
  EXPECT_NE(at, std::string::npos) << old_value;
  return text.replace(at + 1, old_value.size(), new_value);
}

TEST(CrawlSettings, RefuseWhatTheyDoNotKnow) {
  using namespace std::string_literals;
  const std::string text = CrawlSettings().encode();
  ASSERT_TRUE(CrawlSettings::decode(with("65536", "65537")).ok());
  for (const std::string& wrong :
       {""s, text + "1\0"s, text.substr(0, text.size() - 1), text.substr(0, text.rfind('\0', text.size() - 2) + 1),
        "x" + text, with("65536", ""), with("65536", "-1"), with("65536", "1x"), with("65536", "4294967296"),
        with("0", "yes"), with("10000", "10s"), text.substr(text.find('\0') + 1)}) {
    EXPECT_FALSE(CrawlSettings::decode(wrong).ok()) << wrong;
  }
}

TEST(CrawlSettings, RefuseAModeThatThereIsNot) {
  CrawlSettings settings;
  for (const std::uint32_t mode : {0U, 1U, 2U, 3U, 4U}) {
    settings.run.sandbox = static_cast<SandboxMode>(mode);
    EXPECT_EQ(CrawlSettings::decode(settings.encode()).ok(), mode <= 2) << mode;
  }
}

/// A list that says that it is longer than what follows.
TEST(CrawlSettings, RefuseAListWithoutItsEnd) {
  using namespace std::string_literals;
  CrawlSettings settings;
  settings.http.headers = {"A: 1"};
  std::string text = settings.encode();
  const std::size_t at = text.find("\0"s + "1\0A: 1"s);
  ASSERT_NE(at, std::string::npos);
  EXPECT_FALSE(CrawlSettings::decode(text.replace(at + 1, 1, "18446744073709551615")).ok());
}

}  // namespace
}  // namespace doutu
