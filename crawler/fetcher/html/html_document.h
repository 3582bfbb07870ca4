// HtmlDocument: a page, HTML, XML or JSON, as the tree that a browser's "Copy XPath" speaks of, to be asked by XPath.
// Page fetcher, one thread. What strangers wrote is read here, so this process may die of it: nothing is lost with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/fetcher/html/xpath.h"
#include "crawler/fetcher/text/markup.h"
#include "shared/base/cause.h"
#include "shared/url/referrer_policy.h"

namespace doutu {

/// What an expression found, in document order.
struct Hits {
  Cause cause =
      Cause::none;  ///< xpath_limit, too_many_hits, page_unreadable, bad_json: values is what was found before.
  std::vector<std::string> values;  ///< Without white space around, never empty.
  std::size_t without_url = 0;      ///< What it matched beside them: elements that stand for no URL, comments ...
  std::string such_as;              ///< The first of these: "<div class=\"gallery\">", "a number".
};

class HtmlDocument {
 public:
  /// Most steps that one expression may take on one page.
  static constexpr std::uint64_t kMaxOperations = 50'000'000;

  /// Parses UTF-8 as HTML5 does: anything is a page, unless its tree takes too much memory: nullopt, which is
  /// Cause::page_too_complex. Elements are in no namespace, names with a colon have a prefix; the content of <template>
  /// is left out, as it is no part of the page, unless it is a shadow root. XML: see build_xml_tree(); what has no
  /// root, or is an HTML page and not well-formed, is read as HTML. JSON: see build_json_tree(); of what is none, each
  /// expression has the cause bad_json.
  static std::optional<HtmlDocument> parse(std::string_view text, Markup markup = Markup::html);
  HtmlDocument(HtmlDocument&&) noexcept;
  HtmlDocument& operator=(HtmlDocument&&) noexcept;
  ~HtmlDocument();

  /// The href of the first <base> that has one (HTML section 4.2.3); of XML without one, its root's xml:base.
  [[nodiscard]] std::optional<std::string> base_href() const;

  /// That of its last <meta name=referrer> that names one.
  [[nodiscard]] std::optional<ReferrerPolicy> referrer_policy() const;

  /// The values of attributes and text, what elements stand for (element_url.h), or the string that the expression
  /// makes. Of an attribute whose name ends in "srcset" its best candidate. Numbers, truth
  /// values and other nodes are no hits. At most max_hits of them.
  [[nodiscard]] Hits evaluate(const Xpath& xpath, std::size_t max_hits,
                              std::uint64_t max_operations = kMaxOperations) const;

  /// Whether it finds anything: a node, whatever it is, or a value that XPath calls true.
  [[nodiscard]] bool matches(const Xpath& xpath) const;

  /// As evaluate(), and beside each hit what these expressions find from its element on: values[i] has beside[i], in
  /// the order of the expressions. At most max_beside of them for a hit. Without expressions beside is empty.
  struct HitsBeside {
    Hits hits;
    std::vector<std::optional<ReferrerPolicy>> policies;  ///< policies[i] is that of values[i] (policy_of_hit()).
    std::vector<std::vector<std::string>> beside;
  };
  [[nodiscard]] HitsBeside evaluate_beside(const Xpath& xpath, std::span<const Xpath> beside, std::size_t max_hits,
                                           std::size_t max_beside) const;

  /// Hides libxml2; for those that look at more than an expression can (libxml.h).
  struct Tree;
  [[nodiscard]] const Tree& tree() const { return *tree_; }

 private:
  explicit HtmlDocument(std::unique_ptr<Tree> tree);

  std::unique_ptr<Tree> tree_;
};

}  // namespace doutu
