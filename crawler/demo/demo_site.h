// The small site of `doutu demo`: list pages like the case study's and pictures that it draws itself. DemoSite says
// what is where and has no network; run_demo_site() serves it, in a process of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace doutu {

struct DemoShape {
  int pages = 10;
  int images_per_page = 12;  ///< Hits of kDemoXpath on every page; at least 3.
};

/// What a crawl of the demo asks for: the case study's XPath, and its path below the site's address.
inline constexpr std::string_view kDemoXpath =
    "//li[@class='list-group-item']//img[@referrerpolicy='no-referrer']/@data-original";
inline constexpr std::string_view kDemoPath = "/photo/list/?page={page}";

/// Constant after construction; any thread.
class DemoSite {
 public:
  explicit DemoSite(DemoShape shape = {}) : shape_(shape) {}

  /// The whole HTTP answer to a request for target; host ("127.0.0.1:8000") goes into absolute links.
  [[nodiscard]] std::string answer(std::string_view target, std::string_view host) const;

  // What a crawl of all pages must find: hits = images + repeats over all pages; images are distinct URLs, contents
  // distinct files.
  [[nodiscard]] int hits() const { return shape_.pages * shape_.images_per_page; }
  [[nodiscard]] int images() const { return hits() - (shape_.pages - 1); }
  [[nodiscard]] int contents() const { return images() - shape_.pages / 5; }

  /// The picture that hit (1 to images_per_page) of page (1 to pages) names: its path, in UTF-8, and its file.
  [[nodiscard]] std::string image_path(int page, int hit) const;
  [[nodiscard]] std::string image_file(int page, int hit) const;

 private:
  [[nodiscard]] std::string list_page(int page, std::string_view host) const;
  [[nodiscard]] std::string list_item(int page, int hit, std::string_view host) const;
  [[nodiscard]] std::string picture(std::string_view path) const;

  const DemoShape shape_;
};

/// Serves the demo on a free loopback port: writes the site's address ("http://127.0.0.1:PORT") as one line to stdout,
/// then serves, images after 30 ms and pages after 150, until its stdin ends, so that it never outlives the process
/// that holds the other end. Returns the exit status.
int run_demo_site(DemoShape shape = {});

}  // namespace doutu
