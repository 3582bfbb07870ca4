// XPath predicates: what an XPath expression can tell an element by: its own attributes, and what it stands in. For
// suggestions; pure. Page fetcher, one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crawler/fetcher/html/libxml.h"

namespace doutu {

struct XpathPredicate {
  enum class Place {
    self,    ///< text is a predicate: @class='thumb'
    around,  ///< text is a step that an ancestor takes: li[@class='item']
  };
  Place place = Place::self;
  std::string text;
  int cost = 0;  ///< The more, the less it says about the element or the more there is to read.
};

/// The features of an element for an expression that ends in one of its attributes: nearest things first, each once, at
/// most kMaxFeatures. What is of one element only, of any image or of no use to a reader (id, alt, style, long values)
/// is left out.
[[nodiscard]] std::vector<XpathPredicate> features_of(const xmlNode& element, std::string_view attribute);
inline constexpr std::size_t kMaxFeatures = 64;

/// "//li[@class='item']//img[@class='thumb']/@src": all elements of that name with these features. Precondition: of the
/// features at most one is `around`.
[[nodiscard]] std::string expression_of(std::string_view element, std::string_view attribute,
                                        const std::vector<const XpathPredicate*>& features);

/// How deep within an element its first img stands: 1 for a child of its own; 0: there is none near.
[[nodiscard]] int depth_of_image(const xmlNode& element);

}  // namespace doutu
