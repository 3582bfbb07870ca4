// NumberSite: a web site without files, for crawls of a million images. Pages and images are made from their numbers,
// and next to no time goes into it, because it shares the machine with the crawl that is measured. HTTP/1.1 on
// 127.0.0.1 with keep-alive; GET only. One thread.
//
//   /list/?page=N            a list page of the case study's shape, N from 1: images_per_page images, whose URLs are
//                            absolute and kUrlLength characters long; kXpath finds them
//   /photo/NUMBER            a page with that one image, which kPhotoXpath finds; kPhotoLinks finds the links to them
//   /uploads/.../NUMBER.gif  a GIF of one pixel; every number has bytes of its own
//   /counters                what was served so far, one JSON object: {"pages":1,"images":100,"again":0,"photos":0}
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "shared/base/unique_fd.h"

namespace doutu {

class NumberSite {
 public:
  static constexpr std::size_t kUrlLength = 60;
  static constexpr std::string_view kXpath =
      "//li[@class='list-group-item']//img[@referrerpolicy='no-referrer']/@data-original";
  static constexpr std::string_view kPhotoLinks = "//li[@class='list-group-item']/a";
  static constexpr std::string_view kPhotoXpath = "//img[@class='photo']";
  /// Numbers from here on are not there: that an image was served before is remembered in one bit each.
  static constexpr std::uint64_t kNumbers = 100'000'000;

  struct Counters {
    std::uint64_t pages = 0;
    std::uint64_t images = 0;  ///< Answers with an image,
    std::uint64_t again = 0;   ///< and how many of these were with one that was served before.
    std::uint64_t photos = 0;  ///< Pages of one image.
  };

  /// Listens on a free port. Throws std::system_error when it cannot.
  explicit NumberSite(std::uint64_t images_per_page = 100);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Serves until the other end of the pipe `life` is closed.
  void run(int life);
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  /// What was read and not yet answered, and answered and not yet sent.
  struct Connection {
    UniqueFd socket;
    std::string input, output;
    bool waits_to_send = false;
  };
  enum class Goes { on, away };

  void accept();
  Goes serve(Connection& connection, std::uint32_t events);
  static Goes receive(Connection& connection);
  Goes send(Connection& connection);
  void answer_all(Connection& connection);
  void answer(std::string_view target, std::string& out);
  void list_page(std::uint64_t page, std::string& out);
  void photo_page(std::uint64_t number, std::string& out);
  [[nodiscard]] std::string url_of(std::uint64_t number) const;
  void image(std::uint64_t number, std::string& out);

  const std::uint64_t images_per_page_;
  const UniqueFd listener_;
  const UniqueFd epoll_;
  std::uint16_t port_ = 0;
  std::string prefix_;  ///< Of every image's URL: "http://127.0.0.1:40000/uploads/2019/03/04/".
  std::unordered_map<int, Connection> connections_;
  std::vector<bool> served_;
  Counters counters_;
  std::string body_;
};

}  // namespace doutu
