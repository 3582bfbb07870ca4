#include "crawler/fetcher/html/text_tree.h"

#include "crawler/fetcher/html/libxml.h"
#include "crawler/fetcher/html/tree_nodes.h"

namespace doutu {

std::unique_ptr<HtmlDocument::Tree> build_text_tree(const std::vector<std::string_view>& texts, TreeMemory& memory) {
  auto tree = std::make_unique<HtmlDocument::Tree>(memory);
  TreeNodes nodes(*tree);
  for (const std::string_view text : texts) {
    if (text.empty()) continue;
    if (!memory.spend(2 * sizeof(xmlNode) + text.size())) return nullptr;
    xmlNode* const element = nodes.make_element(to_xml("text"));
    TreeNodes::append_child(reinterpret_cast<xmlNode*>(nodes.document()), element);
    TreeNodes::append_child(element, nodes.make_text(XML_TEXT_NODE, nodes.keep(text)));
  }
  xmlXPathOrderDocElems(tree->document.get());
  return tree;
}

}  // namespace doutu
