// From XML text to a tree of the same kind as an HTML page's, by libxml2's parser. XHTML, RSS, Atom, sitemaps. Page
// fetcher, one thread.
#pragma once

#include <memory>
#include <string_view>

#include "crawler/fetcher/html/html_document.h"

namespace doutu {

struct TreeMemory;

struct XmlTree {
  std::unique_ptr<HtmlDocument::Tree> tree;  ///< Null when it takes too much memory.
  /// Errors were recovered from. What then looks like an HTML page is better read as one.
  bool is_well_formed = false;
};

/// The tree of a document: elements and attributes under the names that the document writes, so that "//image:loc"
/// finds them, whatever namespace the prefix is bound to, if any; what is in the default namespace has no prefix. CDATA
/// sections are text. Errors are recovered from. Nothing is loaded, and no entity is expanded, see tame_xml().
/// Precondition: xml is UTF-8, whatever its declaration says. Only attributes that a DOCTYPE gives to every element can
/// make more of a page than memory has for it.
[[nodiscard]] XmlTree build_xml_tree(std::string_view xml, TreeMemory& memory);

/// Of its root, without a prefix; empty: no element came.
[[nodiscard]] std::string_view root_name(const HtmlDocument::Tree& tree);

}  // namespace doutu
