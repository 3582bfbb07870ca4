// From a page's tree to the URLs of its images. Pure. Page fetcher, one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/fetcher/html/html_document.h"
#include "crawler/fetcher/html/xpath.h"
#include "crawler/fetcher/text/rewrite.h"
#include "shared/base/cause.h"
#include "shared/base/encoding_label.h"
#include "shared/url/referrer_policy.h"
#include "shared/url/url.h"

namespace doutu {

/// One hit. With cause none it is a URL to fetch, or the image itself.
struct ImageLink {
  Cause cause = Cause::none;
  std::string url;
  std::optional<std::string> bytes;                 ///< Of a data: URL, at most kMaxInlineBytes; url is empty then.
  std::string alternatives{};                       ///< ImageFound::alternatives.
  std::optional<ReferrerPolicy> referrer_policy{};  ///< nullopt: that of the page.
};

/// Where else the image of a hit may be.
struct ImageVariants {
  std::span<const Xpath> alternatives{};  ///< From its element on: URLs to try after its own.
  std::span<const Rewrite> rewrites{};    ///< Applied to its URL, one after the other: that is tried first.
};

/// A long <base> makes long URLs of short references: 2 MB of page would be 1.6 GB here, and in the ledger.
inline constexpr std::size_t kMaxUrlBytesInAll = std::size_t{32} << 20U;

struct ImageLinks {
  Cause cause =
      Cause::none;  ///< too_many_hits, xpath_limit, page_unreadable or bad_json; links is what was found before.
  std::vector<ImageLink> links;  ///< Expression after expression, each in document order. A hit that is neither is
                                 ///< there with its cause.
};

/// What references on a page are resolved against.
struct PageBase {
  std::string url;  ///< That of the page's <base>, else where the page came from in the end.
  QueryEncoder encode_query;
};
[[nodiscard]] PageBase page_base(const HtmlDocument& page, std::string_view page_url, Encoding encoding);

/// What one hit stands for.
[[nodiscard]] ImageLink image_link(const PageBase& base, std::string_view hit);

/// Resolves every hit of the expressions against the page's base URL: that of its <base>, else page_url (where the page
/// came from in the end). Queries are written in the page's encoding. At most max_hits in all, and kMaxUrlBytesInAll
/// of URLs (too_many_hits).
[[nodiscard]] ImageLinks find_image_links(const HtmlDocument& page, std::span<const Xpath> xpaths,
                                          std::string_view page_url, Encoding encoding, std::size_t max_hits,
                                          const ImageVariants& variants = {});

}  // namespace doutu
