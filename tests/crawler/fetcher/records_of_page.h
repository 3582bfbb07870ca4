// What a page fetcher put into its lane about one page, read back as the downloader would.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/check.h"
#include "shared/crawl/records.h"
#include "shared/lane/image_queue.h"

namespace doutu {

struct RecordsOfPage {
  std::optional<std::string> robots{};   ///< Rules of RobotsRead, which comes first.
  std::optional<std::string> final_url;  ///< Of PageBegin.
  std::vector<std::pair<Cause, std::string>>
      images;                               ///< In order; positions are checked. Inline: "inline:" and the bytes.
  std::vector<std::string> alternatives{};  ///< Of each image, a line each.
  std::vector<ReferrerPolicy> policies{};   ///< Of those that are not inline.
  std::vector<std::pair<std::uint32_t, std::string>> pages{};  ///< Steps and URLs of links, in order.
  PageEnd end;
};

/// Takes records up to the next PageEnd and acknowledges them. Each is waited for up to 30 s.
inline RecordsOfPage take_page(ImageConsumer& lane) {
  RecordsOfPage seen;
  while (true) {
    std::span<const std::byte> bytes;
    DOUTU_CHECK(lane.take(bytes, mono_now() + seconds(30)) == TakeResult::ok);
    const auto record = decode(bytes);
    DOUTU_CHECK(record.has_value());
    if (const auto* robots = std::get_if<RobotsRead>(&*record)) {
      DOUTU_CHECK(!seen.robots && !seen.final_url);
      seen.robots = std::string(robots->rules);
    }
    if (const auto* begin = std::get_if<PageBegin>(&*record)) seen.final_url = std::string(begin->final_url);
    if (const auto* image = std::get_if<ImageFound>(&*record)) {
      DOUTU_CHECK(image->position == seen.images.size());
      seen.images.emplace_back(image->cause, image->url);
      seen.alternatives.emplace_back(image->alternatives);
      seen.policies.push_back(image->referrer_policy);
    }
    if (const auto* image = std::get_if<InlineImage>(&*record)) {
      DOUTU_CHECK(image->position == seen.images.size());
      seen.images.emplace_back(Cause::none, "inline:" + std::string(image->bytes));
      seen.alternatives.emplace_back();
    }
    if (const auto* link = std::get_if<PageFound>(&*record)) {
      DOUTU_CHECK(link->position == seen.pages.size());
      seen.pages.emplace_back(link->step, link->url);
    }
    const auto* end = std::get_if<PageEnd>(&*record);
    if (end != nullptr) seen.end = *end;
    lane.acknowledge(lane.taken());
    if (end != nullptr) return seen;
  }
}

}  // namespace doutu
