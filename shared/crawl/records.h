// The records that travel in a lane, from a page fetcher to the downloader. Every attempt at a page is one RobotsRead
// (where a robots.txt was read for it), one CookieSet per cookie that its answers set, one PageBegin (none where the
// page failed without a redirect), one ImageFound or InlineImage per hit in document order, one PageFound per link to
// another page, and one PageEnd. Their sender reads
// what strangers wrote, so decode() trusts nothing. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "shared/base/cause.h"
#include "shared/url/max_url_bytes.h"
#include "shared/url/referrer_policy.h"

namespace doutu {

/// Further URLs that an image may have.
inline constexpr std::size_t kMaxAlternatives = 8;
/// Of these URLs together, in bytes.
inline constexpr std::size_t kMaxAlternativesBytes = std::size_t{32} * 1024;

/// Largest image that a page may carry in itself, in bytes; a larger one is the outcome too-large.
inline constexpr std::size_t kMaxInlineBytes = std::size_t{127} * 1024;

/// Of a Set-Cookie line that is kept, its value in bytes: name and value have 4,096, and each attribute has 1,024.
inline constexpr std::size_t kMaxSetCookieBytes = std::size_t{16} * 1024;
/// Cookies that a page may set, redirects included.
inline constexpr std::size_t kMaxCookiesOfPage = 256;

/// A Set-Cookie line of an answer on the way to the page.
struct CookieSet {
  std::uint64_t page = 0;
  std::uint32_t attempt = 0;
  std::string_view url;    ///< Whose answer it was. Of the page's site (cookie_scope.h).
  std::string_view value;  ///< As the server wrote it.
  bool operator==(const CookieSet&) const = default;
};

/// Of a RobotsRead: its rules, in bytes.
inline constexpr std::size_t kMaxRobotsRules = std::size_t{32} * 1024;

/// What the robots.txt of the page's own server says, read for this attempt.
struct RobotsRead {
  std::uint64_t page = 0;
  std::uint32_t attempt = 0;
  std::string_view rules;  ///< RobotsRules::to_text() (shared/robots).
  bool operator==(const RobotsRead&) const = default;
};

/// The page came, or failed where a redirect led; sent before its first image. Its URL after redirects is the images'
/// Referer.
struct PageBegin {
  std::uint64_t page = 0;     ///< Number of the page in the range asked for.
  std::uint32_t attempt = 0;  ///< 1 for the first.
  std::string_view final_url;
  bool operator==(const PageBegin&) const = default;
};

/// One hit of an XPath. cause is none for a URL to download; bad_url, url_too_long or unsupported_scheme for a hit that
/// never becomes a transfer, with the page's own (possibly cut) text in url.
struct ImageFound {
  std::uint64_t page = 0;
  std::uint32_t attempt = 0;
  std::uint32_t position = 0;  ///< 0 for the first hit of the page, then rising by one.
  Cause cause = Cause::none;
  std::string_view url;
  std::string_view alternatives{};   ///< URLs to try in this order when `url` fails for good, each with a line feed.
  ReferrerPolicy referrer_policy{};  ///< Of the place that names it: what its server is told of the page.
  bool operator==(const ImageFound&) const = default;
};

/// A hit that is the image itself: a data: URL, decoded.
struct InlineImage {
  std::uint64_t page = 0;
  std::uint32_t attempt = 0;
  std::uint32_t position = 0;
  std::string_view bytes;
  bool operator==(const InlineImage&) const = default;
};

/// A link to another page. Those to deeper steps come before those to pages of the same step.
struct PageFound {
  std::uint64_t page = 0;
  std::uint32_t attempt = 0;
  std::uint32_t position = 0;  ///< 0 for the first link of the page, then rising by one.
  std::uint32_t step = 1;      ///< Of the page that is found (PageTask::step).
  std::string_view url;        ///< Absolute, normalised.
  bool operator==(const PageFound&) const = default;
};

/// The attempt is over; hits is the number of ImageFound and InlineImage records since its PageBegin.
struct PageEnd {
  std::uint64_t page = 0;
  std::uint32_t attempt = 0;
  Cause cause = Cause::none;
  std::uint16_t http_status = 0;  ///< 0 when there was no answer.
  std::uint32_t hits = 0;
  std::uint32_t retry_after_seconds = 0;  ///< 0 when the server named none.
  bool elsewhere = false;                 ///< Not the page's own host ended it, but one that it was redirected to.
  std::uint32_t links = 0;                ///< PageFound records since its PageBegin.
  bool operator==(const PageEnd&) const = default;
};

using Record = std::variant<RobotsRead, CookieSet, PageBegin, ImageFound, InlineImage, PageFound, PageEnd>;

/// Puts the record's bytes into buffer (replacing what is there) and returns them. A URL is cut to kMaxUrlBytes.
/// Preconditions: an inline image has at most kMaxInlineBytes, alternatives have at most kMaxAlternativesBytes, a
/// cookie's value has at most kMaxSetCookieBytes, rules at most kMaxRobotsRules.
std::span<const std::byte> encode(const Record& record, std::vector<std::byte>& buffer);

/// The record in bytes, its string_views pointing into them; nullopt for anything that encode() would not have written.
[[nodiscard]] std::optional<Record> decode(std::span<const std::byte> bytes);

}  // namespace doutu
