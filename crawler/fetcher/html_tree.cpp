#include "crawler/fetcher/html_tree.h"

#include <gumbo.h>

#include <algorithm>
#include <csetjmp>
#include <string>
#include <vector>

#include "crawler/fetcher/arena.h"
#include "shared/base/check.h"

namespace doutu {
namespace {

/// For Gumbo's tree. The copy of it needs no second bound: it has a node of much the same size for each of Gumbo's.
std::size_t max_bytes_for(std::string_view html) {
  constexpr std::size_t kMiB = std::size_t{1} << 20U;
  return std::min(64 * kMiB + 64 * html.size(), 1024 * kMiB);
}

/// Gumbo's memory, and where to go when it is spent: Gumbo has no error of its own for that.
struct Memory {
  Arena arena;
  std::jmp_buf spent{};
};

void* allocate(void* memory, std::size_t size) {
  auto& from = *static_cast<Memory*>(memory);
  void* const allocated = from.arena.allocate(size);
  if (allocated == nullptr) std::longjmp(from.spent, 1);  // NOLINT(cert-err52-cpp): only C's frames lie between.
  return allocated;
}

void release(void* memory, void* allocated) { static_cast<Memory*>(memory)->arena.release(allocated); }

GumboOptions options_with(Memory& memory) {
  GumboOptions options{};
  options.allocator = allocate;
  options.deallocator = release;
  options.userdata = &memory;
  options.tab_stop = 8;
  options.max_errors = 0;  // Nobody reads them.
  options.fragment_context = GUMBO_TAG_LAST;
  options.fragment_namespace = GUMBO_NAMESPACE_HTML;
  return options;
}

/// Nullptr when the memory is spent. Nothing here has a destructor, which the jump would pass by.
const GumboOutput* parse_within(Memory& memory, std::string_view html) {
  const GumboOptions options = options_with(memory);
  if (setjmp(memory.spent) != 0) return nullptr;  // NOLINT(cert-err52-cpp)
  return gumbo_parse_with_options(&options, html.data(), html.size());
}

bool is_element(const GumboNode& node) { return node.type == GUMBO_NODE_ELEMENT || node.type == GUMBO_NODE_TEMPLATE; }

std::string element_name_as_written(std::string_view original) {
  std::string name(original);
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name.empty() ? "unknown" : name;
}

std::string element_name(const GumboElement& element) {
  const bool is_svg = element.tag_namespace == GUMBO_NAMESPACE_SVG;
  if (!is_svg && element.tag != GUMBO_TAG_UNKNOWN) return gumbo_normalized_tagname(element.tag);
  GumboStringPiece original = element.original_tag;
  gumbo_tag_from_original_text(&original);
  if (original.data != nullptr && is_svg) {
    if (const char* name = gumbo_normalize_svg_tagname(&original)) return name;
  }
  if (element.tag != GUMBO_TAG_UNKNOWN) return gumbo_normalized_tagname(element.tag);
  return element_name_as_written(original.data == nullptr ? "" : std::string_view(original.data, original.length));
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

/// xmlAddChild() joins neighbouring texts and looks for the last attribute first; Gumbo's tree needs neither.
void append_child(xmlNode* parent, xmlNode* child) {
  child->parent = parent;
  child->prev = parent->last;
  (parent->last == nullptr ? parent->children : parent->last->next) = child;
  parent->last = child;
}

/// A name that the document's dictionary holds: most of a page's names are of a few dozen.
const xmlChar* intern(xmlDoc* document, std::string_view name) {
  const xmlChar* interned = xmlDictLookup(document->dict, to_xml(name.data()), static_cast<int>(name.size()));
  DOUTU_CHECK(interned != nullptr);
  return interned;
}

/// Made by hand: xmlNewProp() walks the element's list each time, which makes a tag of many attributes quadratic, and
/// asks much that is known here.
xmlAttr* make_attribute(xmlNode* element, const GumboAttribute& from) {
  auto* attribute = static_cast<xmlAttr*>(xmlMalloc(sizeof(xmlAttr)));
  DOUTU_CHECK(attribute != nullptr);
  *attribute = {};
  attribute->type = XML_ATTRIBUTE_NODE;
  attribute->name = intern(element->doc, attribute_name(from));
  attribute->parent = element;
  attribute->doc = element->doc;
  attribute->children = attribute->last = xmlNewDocText(element->doc, to_xml(from.value));
  DOUTU_CHECK(attribute->children != nullptr);
  attribute->children->parent = reinterpret_cast<xmlNode*>(attribute);
  return attribute;
}

void add_attributes(xmlNode* element, const GumboVector& attributes) {
  xmlAttr* last = nullptr;
  for (unsigned int i = 0; i < attributes.length; ++i) {
    const auto& from = *static_cast<const GumboAttribute*>(attributes.data[i]);
    xmlAttr* attribute = make_attribute(element, from);
    attribute->prev = last;
    (last == nullptr ? element->properties : last->next) = attribute;
    last = attribute;
    // What XPath's id() asks.
    if (from.name == std::string_view("id")) xmlAddID(nullptr, element->doc, to_xml(from.value), attribute);
  }
}

xmlNode* make_node(xmlDoc* document, const GumboNode& from) {
  if (is_element(from)) {
    // The dictionary keeps the name.
    auto* name = const_cast<xmlChar*>(intern(document, element_name(from.v.element)));
    xmlNode* element = xmlNewDocNodeEatName(document, nullptr, name, nullptr);
    if (element != nullptr) add_attributes(element, from.v.element.attributes);
    return element;
  }
  const xmlChar* text = to_xml(from.v.text.text);
  return from.type == GUMBO_NODE_COMMENT ? xmlNewDocComment(document, text) : xmlNewDocText(document, text);
}

/// An element whose children are being copied.
struct Frame {
  const GumboVector& from;
  xmlNode* into;
  unsigned int next = 0;
};

/// With a stack of its own, so that nesting cannot overflow the thread's.
void copy_children(const GumboVector& from, xmlDoc* document) {
  std::vector<Frame> open{{from, reinterpret_cast<xmlNode*>(document)}};
  while (!open.empty()) {
    Frame& frame = open.back();
    if (frame.next == frame.from.length) {
      open.pop_back();
      continue;
    }
    const auto& child = *static_cast<const GumboNode*>(frame.from.data[frame.next++]);
    xmlNode* made = make_node(document, child);
    DOUTU_CHECK(made != nullptr);
    append_child(frame.into, made);
    if (child.type == GUMBO_NODE_ELEMENT) open.push_back({child.v.element.children, made});
  }
}

}  // namespace

XmlDocument build_html_tree(std::string_view html) {
  // Gumbo's tree goes with it: gumbo_destroy_output() recurses, and a page of 900 KB overflows its stack.
  Memory memory{.arena = Arena(max_bytes_for(html))};
  const GumboOutput* const output = parse_within(memory, html);
  if (output == nullptr) return nullptr;
  const LibxmlErrors errors;  // Two elements with one id are an error to libxml2, and none to a browser.
  XmlDocument document(xmlNewDoc(to_xml("1.0")));
  DOUTU_CHECK(document != nullptr);
  document->dict = xmlDictCreate();
  DOUTU_CHECK(document->dict != nullptr);
  copy_children(output->document->v.document.children, document.get());
  xmlXPathOrderDocElems(document.get());  // Sorting hits compares two numbers instead of walking the tree.
  return document;
}

}  // namespace doutu
