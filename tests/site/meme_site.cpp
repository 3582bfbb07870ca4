#include "tests/site/meme_site.h"

#include "crawler/demo/draw_image.h"
#include "tests/site/crawl_folder.h"

namespace doutu {

std::string list_page(const std::vector<std::string>& urls) {
  std::string html =
      "<!DOCTYPE html><meta charset=utf-8><title>memes</title>\n<img src=/ad.png data-original=/ad.png>\n";
  for (const std::string& url : urls) {
    html += "<img referrerpolicy=\"no-referrer\" src=\"/loader.gif\" data-original=\"" + url + "\">\n";
  }
  return html;
}

std::string small_image(std::uint64_t number) { return draw_image(number, 16); }

std::string data_url(std::string_view image) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string url = "data:image/png,";
  for (const char c : image) {
    const auto byte = static_cast<unsigned char>(c);
    url += {'%', kHex[byte >> 4U], kHex[byte & 0xfU]};
  }
  return url;
}

MemeSite make_meme_site(TestSite& site, MemeShape shape) {
  MemeSite memes{site.url("/list/{page}"), {}};
  std::uint64_t number = shape.first_number;
  for (int page = 1; page <= shape.pages; ++page) {
    std::vector<std::string> urls;
    for (int i = 0; i < shape.images_per_page; ++i) {
      const std::string name = std::to_string(++number) + ".png";
      const std::string image = small_image(number);
      site.file("/img/" + name, image);
      urls.push_back("/img/" + name);
      memes.images[name] = sha256(image);
    }
    site.page("/list/" + std::to_string(page), list_page(urls));
  }
  return memes;
}

}  // namespace doutu
