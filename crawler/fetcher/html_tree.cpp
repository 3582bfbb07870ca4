#include "crawler/fetcher/html_tree.h"

#include <gumbo.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "shared/base/check.h"

namespace doutu {
namespace {

void* allocate(void* /*context*/, std::size_t size) { return std::malloc(size); }
void release(void* /*context*/, void* memory) { std::free(memory); }

constexpr GumboOptions kOptions = [] {
  GumboOptions options{};
  options.allocator = allocate;
  options.deallocator = release;
  options.tab_stop = 8;
  options.max_errors = 0;  // Nobody reads them.
  options.fragment_context = GUMBO_TAG_LAST;
  options.fragment_namespace = GUMBO_NAMESPACE_HTML;
  return options;
}();

struct GumboDeleter {
  void operator()(GumboOutput* output) const { gumbo_destroy_output(&kOptions, output); }
};

bool is_element(const GumboNode& node) { return node.type == GUMBO_NODE_ELEMENT || node.type == GUMBO_NODE_TEMPLATE; }

GumboVector* children_of(GumboNode& node) {
  if (node.type == GUMBO_NODE_DOCUMENT) return &node.v.document.children;
  return is_element(node) ? &node.v.element.children : nullptr;
}

/// Frees a node that has no children left, as gumbo_destroy_output() would if it did not recurse (a page of 900 KB
/// overflows its stack).
void free_leaf(GumboNode* node) {
  if (is_element(*node)) {
    const GumboVector& attributes = node->v.element.attributes;
    for (unsigned int i = 0; i < attributes.length; ++i) {
      auto* attribute = static_cast<GumboAttribute*>(attributes.data[i]);
      std::free(const_cast<char*>(attribute->name));
      std::free(const_cast<char*>(attribute->value));
      std::free(attribute);
    }
    std::free(attributes.data);
    std::free(node->v.element.children.data);
  } else {
    std::free(const_cast<char*>(node->v.text.text));
  }
  std::free(node);
}

std::string element_name(const GumboElement& element) {
  GumboStringPiece original = element.original_tag;
  gumbo_tag_from_original_text(&original);
  if (element.tag_namespace == GUMBO_NAMESPACE_SVG && original.data != nullptr) {
    if (const char* name = gumbo_normalize_svg_tagname(&original)) return name;
  }
  if (element.tag != GUMBO_TAG_UNKNOWN) return gumbo_normalized_tagname(element.tag);
  std::string name(original.data == nullptr ? "" : original.data, original.length);
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name.empty() ? "unknown" : name;
}

std::string attribute_name(const GumboAttribute& attribute) {
  switch (attribute.attr_namespace) {
    case GUMBO_ATTR_NAMESPACE_XLINK:
      return std::string("xlink:") + attribute.name;
    case GUMBO_ATTR_NAMESPACE_XML:
      return std::string("xml:") + attribute.name;
    case GUMBO_ATTR_NAMESPACE_XMLNS:
      return attribute.name == std::string_view("xmlns") ? "xmlns" : std::string("xmlns:") + attribute.name;
    case GUMBO_ATTR_NAMESPACE_NONE:
      break;
  }
  return attribute.name;
}

/// Appends the attributes by hand: xmlNewProp() on the element walks its list each time, which makes a tag of many
/// attributes quadratic.
void add_attributes(xmlNode* element, const GumboVector& attributes) {
  xmlAttr* last = nullptr;
  for (unsigned int i = 0; i < attributes.length; ++i) {
    const auto& from = *static_cast<const GumboAttribute*>(attributes.data[i]);
    const std::string name = attribute_name(from);
    xmlAttr* attribute = xmlNewProp(nullptr, to_xml(name.c_str()), to_xml(from.value));
    DOUTU_CHECK(attribute != nullptr);
    xmlSetTreeDoc(reinterpret_cast<xmlNode*>(attribute), element->doc);
    attribute->parent = element;
    attribute->prev = last;
    (last == nullptr ? element->properties : last->next) = attribute;
    last = attribute;
    if (name == "id") xmlAddID(nullptr, element->doc, to_xml(from.value), attribute);  // What XPath's id() asks.
  }
}

xmlNode* make_node(xmlDoc* document, const GumboNode& from) {
  if (is_element(from)) {
    xmlNode* element = xmlNewDocNode(document, nullptr, to_xml(element_name(from.v.element).c_str()), nullptr);
    if (element != nullptr) add_attributes(element, from.v.element.attributes);
    return element;
  }
  const xmlChar* text = to_xml(from.v.text.text);
  return from.type == GUMBO_NODE_COMMENT ? xmlNewDocComment(document, text) : xmlNewDocText(document, text);
}

/// A node whose children are being moved.
struct Frame {
  GumboNode* from;
  xmlNode* into;  ///< Null below <template>: there, nodes are freed only.
  unsigned int next = 0;
};

/// Moves the children of root into the document, freeing Gumbo's tree on the way: with a stack of its own, so that
/// nesting cannot overflow the thread's.
void move_tree(GumboNode* root, xmlDoc* document) {
  std::vector<Frame> open{{root, reinterpret_cast<xmlNode*>(document)}};
  while (!open.empty()) {
    Frame& frame = open.back();
    GumboVector& children = *children_of(*frame.from);
    if (frame.next == children.length) {
      children.length = 0;
      GumboNode* done = frame.from;
      open.pop_back();
      if (done != root) free_leaf(done);
      continue;
    }
    auto* child = static_cast<GumboNode*>(children.data[frame.next++]);
    xmlNode* made = frame.into == nullptr ? nullptr : make_node(document, *child);
    if (made != nullptr) xmlAddChild(frame.into, made);
    if (children_of(*child) == nullptr) {
      free_leaf(child);
    } else {
      open.push_back({child, child->type == GUMBO_NODE_TEMPLATE ? nullptr : made});
    }
  }
}

}  // namespace

XmlDocument build_html_tree(std::string_view html) {
  const LibxmlErrors errors;  // Two elements with one id are an error to libxml2, and none to a browser.
  XmlDocument document(xmlNewDoc(to_xml("1.0")));
  DOUTU_CHECK(document != nullptr);
  const std::unique_ptr<GumboOutput, GumboDeleter> output(
      gumbo_parse_with_options(&kOptions, html.data(), html.size()));
  move_tree(output->document, document.get());
  xmlXPathOrderDocElems(document.get());  // Sorting hits compares two numbers instead of walking the tree.
  return document;
}

}  // namespace doutu
