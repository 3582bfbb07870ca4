#include "crawler/fetcher/html/tree_nodes.h"

#include <cstring>

#include "shared/base/ascii.h"

namespace doutu {
namespace {

bool begins_a_name(char c) { return is_ascii_letter(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

}  // namespace

const xmlChar* TreeNodes::keep(std::string_view text) {
  auto* kept = static_cast<char*>(tree_.memory.nodes.allocate(text.size() + 1));
  DOUTU_CHECK(kept != nullptr);
  if (!text.empty()) std::memcpy(kept, text.data(), text.size());
  kept[text.size()] = '\0';
  return to_xml(kept);
}

xmlNode* TreeNodes::make_text(xmlElementType type, const xmlChar* text) {
  auto* node = make<xmlNode>(type, type == XML_COMMENT_NODE ? xmlStringComment : xmlStringText);
  node->content = const_cast<xmlChar*>(text);
  return node;
}

xmlNode* TreeNodes::make_element(const xmlChar* name, const xmlNs* prefix) {
  auto* element = make<xmlNode>(XML_ELEMENT_NODE, name);
  element->ns = const_cast<xmlNs*>(prefix);
  return element;
}

xmlAttr* TreeNodes::append_attribute(xmlNode* element, xmlAttr* last, const xmlChar* name, const xmlChar* value,
                                     const xmlNs* prefix) {
  auto* attribute = make<xmlAttr>(XML_ATTRIBUTE_NODE, name);
  attribute->ns = const_cast<xmlNs*>(prefix);
  attribute->parent = element;
  attribute->children = attribute->last = make_text(XML_TEXT_NODE, value);
  attribute->children->parent = reinterpret_cast<xmlNode*>(attribute);
  attribute->prev = last;
  (last == nullptr ? element->properties : last->next) = attribute;
  const bool is_id = prefix == nullptr && from_xml(name) == "id";
  if (is_id) xmlAddID(nullptr, document(), value, attribute);  // XPath's id()
  return attribute;
}

void TreeNodes::append_child(xmlNode* parent, xmlNode* child) {
  child->parent = parent;
  child->prev = parent->last;
  (parent->last == nullptr ? parent->children : parent->last->next) = child;
  parent->last = child;
}

const xmlNs* TreeNodes::prefix(std::string_view text, std::string_view uri) {
  const auto known = tree_.prefixes.find(text);
  if (known != tree_.prefixes.end()) return known->second;
  void* memory = tree_.memory.nodes.allocate(sizeof(xmlNs));
  DOUTU_CHECK(memory != nullptr);
  auto* made = new (memory) xmlNs{};
  made->type = XML_NAMESPACE_DECL;
  made->prefix = keep(text);
  made->href = text == "xml" ? XML_XML_NAMESPACE : uri.empty() ? made->prefix : keep(uri);
  tree_.prefixes.emplace(from_xml(made->prefix), made);
  return made;
}

SplitName split_name(const char* name) {
  const char* const colon = std::strchr(name, ':');
  if (colon == nullptr || !begins_a_name(name[0]) || !begins_a_name(colon[1])) return {{}, name};
  if (std::strchr(colon + 1, ':') != nullptr) return {{}, name};
  return {std::string_view(name, static_cast<std::size_t>(colon - name)), colon + 1};
}

}  // namespace doutu
