#include "shared/process/crawl_settings.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(CrawlSettings, ComeBackFromTheirTextAsTheyWere) {
  CrawlSettings settings;
  settings.directory = "/tmp/a folder=with signs";
  settings.xpaths = {"//img/@src", "//a[@href='x=y']"};
  settings.home_host = "example.com";
  settings.home_server = "https://example.com:8443";
  settings.headers = {"Accept-Language: zh", "Cookie: a=b; c=d"};
  settings.referer = "https://example.com/?a=b";
  settings.http1 = true;
  settings.allow_private = true;
  settings.sandbox = SandboxMode::require;
  settings.run_id = 0x7fffffffffffffff;
  settings.user_agent = "";
  settings.downloaders = 2048;
  settings.retry_wait = milliseconds(50);
  settings.speed_time = seconds(1);
  settings.max_image_bytes = 1;
  settings.max_crawl_images = 3;
  settings.max_crawl_bytes = 2;
  settings.max_host_bytes = 3;
  settings.max_image_pixels = 4;
  settings.min_free_disk = 5;
  const auto decoded = CrawlSettings::decode(settings.encode());
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, settings);
}

TEST(CrawlSettings, KeepTheirDefaultsWhereTheTextIsSilent) {
  const auto decoded = CrawlSettings::decode("");
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, CrawlSettings{});
}

TEST(CrawlSettings, RefuseWhatTheyDoNotKnow) {
  using namespace std::string_literals;
  for (const auto& text :
       {"no-such-name=1\0"s, "threads=\0"s, "threads=-1\0"s, "threads=1x\0"s, "threads=4294967296\0"s,
        "insecure=yes\0"s, "sandbox=3\0"s, "sandbox=auto\0"s, "threads\0"s, "threads=1"s}) {
    EXPECT_FALSE(CrawlSettings::decode(text).ok()) << text;
  }
}

}  // namespace
}  // namespace doutu
