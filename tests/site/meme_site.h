// MemeSite: list pages with distinct small images on a TestSite, and what a crawl of them must find.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/site/test_site.h"

namespace doutu {

/// The XPath for the pages that list_page() makes.
inline constexpr std::string_view kMemeXpath = "//img[@referrerpolicy='no-referrer']/@data-original";

/// A page with one image element for each URL, and an advertisement that kMemeXpath does not find.
[[nodiscard]] std::string list_page(const std::vector<std::string>& urls);

/// A small valid image (PNG), another for every number; about 400 bytes.
[[nodiscard]] std::string small_image(std::uint64_t number);

/// The data: URL of an image that a page carries in itself.
[[nodiscard]] std::string data_url(std::string_view image);

struct MemeSite {
  std::string pages_template;                 ///< URL with {page}.
  std::map<std::string, std::string> images;  ///< SHA-256 by file name: what the folder must hold.
};

struct MemeShape {
  int pages = 3;
  int images_per_page = 10;
  std::uint64_t first_number = 0;  ///< Other numbers, other images.
};

/// Puts pages at /list/1 ... and images at /img/N.png.
MemeSite make_meme_site(TestSite& site, MemeShape shape);

}  // namespace doutu
