// UrlTemplate: an absolute http or https URL in which each {page} ({page:03}: at least three digits) stands for the
// page number, and each {name} for a value of that placeholder. Constant after construction; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/request/placeholder_values.h"
#include "shared/base/result.h"

namespace doutu {

class UrlTemplate {
 public:
  /// A place of the URL.
  struct Mark {
    std::size_t name = 0;  ///< In names().
    PlaceholderFormat format{};
    std::string text{};  ///< As it is written: "{page:03}".
  };
  using ValueOf = std::function<std::string(const Mark&)>;

  /// Errors are one line that says what is wrong and what to write instead. Placeholders may stand in path and query
  /// only, so that every page of a crawl is on one host.
  static Result<UrlTemplate> parse(std::string_view text);

  /// Of its placeholders, each once, in the order of the URL.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] const std::vector<Mark>& marks() const { return marks_; }
  [[nodiscard]] bool has_marks() const { return !marks_.empty(); }
  /// Whether other pages have other addresses: a server is not told a fragment, nor what dot segments take away.
  [[nodiscard]] bool tells_pages_apart() const;
  /// The absolute URL of a page, normalised as url.h says: every placeholder is that number.
  [[nodiscard]] std::string url_of(std::uint64_t page) const;
  [[nodiscard]] std::string url_of(const ValueOf& value_of) const;
  /// The host that may have a private address: "example.com".
  [[nodiscard]] std::string host() const;
  /// Scheme, host and port, as url_authority() says them: "https://example.com:443".
  [[nodiscard]] std::string server() const;

 private:
  Status add_mark(std::string_view mark);
  template <class Value>
  [[nodiscard]] std::string expand_with(Value value_of) const;
  [[nodiscard]] std::string expand(std::uint64_t page) const;

  std::vector<std::string> texts_;  ///< Before the first mark, between two, behind the last one.
  std::vector<Mark> marks_;
  std::vector<std::string> names_;
};

/// A URL with the braces that a template would take for marks written as %7B and %7D.
[[nodiscard]] std::string as_template(std::string_view url);

}  // namespace doutu
