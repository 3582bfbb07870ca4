// A recipe: where the pages are and what on them is an image. The built-in one is the case study's site. Pure
// functions of values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/request/page_range.h"
#include "shared/base/result.h"
#include "shared/ledger/schema.h"

namespace doutu {

struct Recipe {
  std::string url_template;
  std::vector<std::string> xpaths;  ///< Their hits together are the page's images.
  bool operator==(const Recipe&) const = default;
};

/// "doutu": the list pages of www.pkdoutu.com.
[[nodiscard]] const Recipe& builtin_recipe();
inline constexpr std::string_view kDefaultPages = "1-10";

/// An absolute http or https URL in which each {page} (or {page:03}: at least three digits) stands for the page number.
class UrlTemplate {
 public:
  /// Errors are one line that says what is wrong and what to write instead. {page} may stand in path and query only,
  /// so that every page of a crawl is on one host.
  static Result<UrlTemplate> parse(std::string_view text);

  [[nodiscard]] bool names_page() const { return pieces_.size() > 1; }
  /// Whether other pages have other addresses: a server is not told a fragment, nor what dot segments take away.
  [[nodiscard]] bool tells_pages_apart() const;
  /// The absolute URL of a page, normalised as url.h says.
  [[nodiscard]] std::string url_of(std::uint64_t page) const;
  /// The host that may have a private address: "example.com".
  [[nodiscard]] std::string host() const;
  /// Scheme, host and port, as url_authority() says them: "https://example.com:443".
  [[nodiscard]] std::string server() const;

 private:
  /// Text, then (for all but the last piece) the page number in at least `digits` digits.
  struct Piece {
    std::string text;
    int digits = 0;
  };
  [[nodiscard]] std::string expand(std::uint64_t page) const;

  std::vector<Piece> pieces_;
};

/// Whether the recipe can be crawled over these pages: a template that tells pages apart unless there is exactly one,
/// and 1 to 64 XPath expressions of one line each, 16 KiB together. Whether they compile is xpath_check.h's to say.
[[nodiscard]] Status check_recipe(const Recipe& recipe, const PageRange& pages);

/// What the ledger keeps of it, and back.
[[nodiscard]] JobSpec spec_of(const Recipe& recipe, const PageRange& pages);
[[nodiscard]] Recipe recipe_of(const JobSpec& spec);

/// What was asked, for people: "pages 1-10 of https://example.com/{page}"; of a template without {page}, which is one
/// page, the URL alone. Escaped; at most so many bytes of each.
struct ShownBytes {
  std::size_t pages = 200;
  std::size_t url = 2048;
};
[[nodiscard]] std::string job_text(const JobSpec& spec, ShownBytes most = {});

}  // namespace doutu
