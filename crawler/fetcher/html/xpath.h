// Xpath: a compiled XPath 1.0 expression. Page fetcher, one thread.
#pragma once

#include <memory>
#include <string>

#include "shared/base/result.h"

namespace doutu {

class Xpath {
 public:
  /// The error says what is wrong, where, and quotes the expression (escaped for a terminal) with a mark at that place.
  /// An unknown function is found here, not only when an evaluation gets there. A prefix may be any: it is the page
  /// that has it or not.
  static Result<Xpath> compile(const std::string& expression);

  Xpath(Xpath&&) noexcept;
  Xpath& operator=(Xpath&&) noexcept;
  ~Xpath();

  /// Hides libxml2; for HtmlDocument.
  struct Compiled;
  [[nodiscard]] const Compiled& compiled() const { return *compiled_; }

 private:
  explicit Xpath(std::unique_ptr<Compiled> compiled);

  std::unique_ptr<Compiled> compiled_;
};

}  // namespace doutu
