// TreeNodes: makes libxml2's nodes for a page's tree, whoever read the page. libxml2's own functions would copy every
// text, look each name up and walk an element's attributes for each new one; here a node is a piece of the tree's
// arena. Page fetcher, one thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "crawler/fetcher/html/libxml.h"
#include "shared/base/check.h"

namespace doutu {

class TreeNodes {
 public:
  /// tree has a document, and outlives this.
  explicit TreeNodes(HtmlDocument::Tree& tree) : tree_(tree) {}

  [[nodiscard]] xmlDoc* document() const { return tree_.document.get(); }
  /// A text of the tree's own, with a NUL behind it.
  const xmlChar* keep(std::string_view text);

  // Names and texts outlive the tree, or are kept. prefix: of its name; null: none.

  xmlNode* make_text(xmlElementType type, const xmlChar* text);
  xmlNode* make_element(const xmlChar* name, const xmlNs* prefix = nullptr);
  /// Behind the last one, which is null for the first.
  xmlAttr* append_attribute(xmlNode* element, xmlAttr* last, const xmlChar* name, const xmlChar* value,
                            const xmlNs* prefix = nullptr);
  static void append_child(xmlNode* parent, xmlNode* child);

  /// What stands for a prefix in this tree: one for each, whatever namespaces it is bound to here and there. So an
  /// expression finds what is written with its prefix. uri: what namespace-uri() says; empty: the prefix.
  const xmlNs* prefix(std::string_view text, std::string_view uri = {});

 private:
  template <class Node>
  Node* make(xmlElementType type, const xmlChar* name) {
    void* memory = tree_.memory.nodes.allocate(sizeof(Node));
    DOUTU_CHECK(memory != nullptr);
    auto* node = new (memory) Node{};
    node->type = type;
    node->name = name;
    node->doc = document();
    return node;
  }

  HtmlDocument::Tree& tree_;
};

/// A name as HTML has it, in the parts that XPath has: "xlink:href". prefix is empty where there is no colon, or where
/// no prefix can be ("v-bind:", ":src", "a:b:c").
struct SplitName {
  std::string_view prefix;
  const char* local;
};
[[nodiscard]] SplitName split_name(const char* name);

}  // namespace doutu
