#include "crawler/demo/demo_site.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "crawler/demo/draw_image.h"
#include "crawler/demo/site_server.h"

namespace doutu {
namespace {

constexpr std::array kWords = {"熊猫头", "打工人", "摸鱼", "下班啦", "吃瓜", "震惊", "收到", "哈哈哈", "无语", "可爱"};

/// The smallest GIF: what a browser shows until the script has put the real picture in its place.
constexpr std::string_view kLoader =
    "GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00"
    "!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00;";
constexpr std::string_view kLoaderFile(kLoader.data(), 43);

constexpr std::uint64_t kFirstAdvertisement = 1'000'000;

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    unsigned value = 0;
    if (text[0] == '%' && text.size() >= 3 && std::from_chars(&text[1], &text[3], value, 16).ptr == &text[3]) {
      decoded += static_cast<char>(value);
      text.remove_prefix(3);
    } else {
      decoded += text[0];
      text.remove_prefix(1);
    }
  }
  return decoded;
}

/// The number between prefix and suffix; nullopt when text is not of that form.
std::optional<int> number_in(std::string_view text, std::string_view prefix, std::string_view suffix) {
  if (!text.starts_with(prefix) || !text.ends_with(suffix) || text.size() <= prefix.size() + suffix.size()) return {};
  text = text.substr(prefix.size(), text.size() - prefix.size() - suffix.size());
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

/// The ways in which pages write the link to a path: relative to /photo/list/, from the root, with the scheme left
/// out, in full, and with white space around it.
std::string spelled(std::string_view path, int way, std::string_view host) {
  switch (way % 5) {
    case 0:
      return fmt::format("../..{}", path);
    case 1:
      return std::string(path);
    case 2:
      return fmt::format("//{}{}", host, path);
    case 3:
      return fmt::format("http://{}{}", host, path);
    default:
      return fmt::format("\n                {} ", path);
  }
}

std::string advertisement(int number) { return fmt::format("/ads/{}.png", number); }

std::string page_head(int page) {
  return fmt::format(R"(<!DOCTYPE html>
<html lang="zh-CN">
<head>
  <meta charset="utf-8">
  <title>最新表情_第{0}页 - doutu demo</title>
  <style>body {{ font-family: sans-serif }} .row a {{ padding: 5px }} li {{ list-style: none }}</style>
</head>
<body>
<nav><a href="/"><img src="/static/loader.gif" data-original="{1}" referrerpolicy="no-referrer" alt="logo"></a></nav>
<!-- <li class="list-group-item"><img referrerpolicy="no-referrer" data-original="{2}"></li> -->
<ul class="list-group">
)",
                     page, advertisement(1), advertisement(2));
}

/// What must not match: another class on the li, another policy, none, and markup inside a script.
std::string page_tail(int page, int pages) {
  std::string tail = fmt::format(R"(</ul>
<ul>
  <li class="list-group-item hot"><img referrerpolicy="no-referrer" src="/static/loader.gif" data-original="{0}" alt="广告"></li>
  <li class="list-group-item"><img referrerpolicy="origin" src="/static/loader.gif" data-original="{1}" alt="广告"></li>
  <li class="list-group-item"><img src="/static/loader.gif" data-original="{2}" alt="广告"></li>
</ul>
<script>
  var template = '<li class="list-group-item"><img referrerpolicy="no-referrer" data-original="{3}"></li>';
  document.querySelectorAll('img[data-original]').forEach(function (image) {{ image.src = image.dataset.original; }});
</script>
)",
                                 advertisement(3), advertisement(4), advertisement(5), advertisement(6));
  if (page < pages) tail += fmt::format("<a rel=\"next\" href=\"/photo/list/?page={}\">&raquo;</a>\n", page + 1);
  return tail + "</body>\n</html>\n";
}

/// As a server far away would take: without it the demo is over before anyone sees how a crawl looks.
std::chrono::milliseconds delay_of(std::string_view target) {
  return std::chrono::milliseconds(target.starts_with("/photo/list/") ? 150 : 30);
}

void write_line(std::string line) {
  line += '\n';
  for (std::string_view rest = line; !rest.empty();) {
    const ssize_t written = write(STDOUT_FILENO, rest.data(), rest.size());
    if (written < 0 && errno != EINTR) return;
    if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// Reads stdin to its end.
void wait_for_end_of_input() {
  std::array<char, 256> ignored{};
  for (;;) {
    const ssize_t count = read(STDIN_FILENO, ignored.data(), ignored.size());
    if (count == 0 || (count < 0 && errno != EINTR)) return;
  }
}

}  // namespace

std::string DemoSite::image_path(int page, int hit) const {
  const int per_page = shape_.images_per_page;
  if (page > 1 && hit == per_page) return image_path(page - 1, 1);
  const int number = (page - 1) * per_page + hit;
  if (page % 5 == 0 && hit == per_page - 1) return fmt::format("/uploads/again/{}.png", number);
  if (number % 6 == 0) return fmt::format("/uploads/2019/03/熊猫头-{}.png", number);
  return fmt::format("/uploads/2019/03/meme-{}.png", number);
}

std::string DemoSite::image_file(int page, int hit) const {
  const int per_page = shape_.images_per_page;
  if (page > 1 && hit == per_page) return image_file(page - 1, 1);
  if (page % 5 == 0 && hit == per_page - 1) return image_file(page, 1);
  const int number = (page - 1) * per_page + hit;
  return draw_image(static_cast<std::uint64_t>(number));
}

std::string DemoSite::answer(std::string_view target, std::string_view host) const {
  if (target == "/static/loader.gif") return http_answer(200, "image/gif", kLoaderFile);
  if (const auto number = number_in(target, "/ads/", ".png"); number && *number > 0) {
    return http_answer(200, "image/png", draw_image(kFirstAdvertisement + static_cast<std::uint64_t>(*number)));
  }
  if (const auto page = number_in(target, "/photo/list/?page=", ""); page && *page >= 1 && *page <= shape_.pages) {
    return http_answer(200, "text/html; charset=utf-8", list_page(*page, host));
  }
  if (const std::string file = picture(percent_decoded(target)); !file.empty()) {
    return http_answer(200, "image/png", file);
  }
  return http_answer(404, "text/html; charset=utf-8", "<!DOCTYPE html>\n<title>404</title>\n<p>没有这个页面\n");
}

std::string DemoSite::list_page(int page, std::string_view host) const {
  std::string html = page_head(page);
  for (int hit = 1; hit <= shape_.images_per_page; ++hit) html += list_item(page, hit, host);
  return html + page_tail(page, shape_.pages);
}

std::string DemoSite::list_item(int page, int hit, std::string_view host) const {
  return fmt::format(R"(  <li class="list-group-item">
    <a href="/photo/{0}{1:02}"><img referrerpolicy="no-referrer" src="/static/loader.gif" class="img-responsive lazy"
            data-original="{2}" alt="{3}"><p>{3}</p></a>
  </li>
)",
                     page, hit, spelled(image_path(page, hit), page + hit, host),
                     kWords.at(static_cast<std::size_t>(page * 7 + hit) % kWords.size()));
}

/// The file at a path, empty when no page names it.
std::string DemoSite::picture(std::string_view path) const {
  for (const std::string_view prefix : {"/uploads/2019/03/meme-", "/uploads/2019/03/熊猫头-", "/uploads/again/"}) {
    const auto number = number_in(path, prefix, ".png");
    if (!number || *number < 1 || *number > hits()) continue;
    const int page = (*number - 1) / shape_.images_per_page + 1;
    const int hit = (*number - 1) % shape_.images_per_page + 1;
    if (image_path(page, hit) == path) return image_file(page, hit);
  }
  return {};
}

int run_demo_site(DemoShape shape) {
  const DemoSite site(shape);
  SiteServer server([&site, &server](const std::shared_ptr<SiteExchange>& exchange) {
    server.after(delay_of(exchange->request().target), [&site, exchange] {
      const SiteRequest& request = exchange->request();
      exchange->send(site.answer(request.target, request.header("host")),
                     [exchange] { exchange->finish(SiteExchange::Then::keep); });
    });
  });
  std::thread serving([&server] { server.run(); });
  write_line(fmt::format("http://127.0.0.1:{}", server.port()));
  wait_for_end_of_input();
  server.stop();
  serving.join();
  return 0;
}

}  // namespace doutu
