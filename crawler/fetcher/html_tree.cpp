#include "crawler/fetcher/html_tree.h"

#include <gumbo.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <string>
#include <vector>

#include "crawler/fetcher/arena.h"
#include "crawler/fetcher/libxml.h"
#include "shared/base/check.h"
#include "shared/base/need.h"

namespace doutu {
namespace {

/// For Gumbo's tree. The copy of it needs no second bound: for each of Gumbo's nodes it has one, at most twice as
/// large.
std::size_t max_bytes_for(std::string_view html) {
  constexpr std::size_t kMiB = std::size_t{1} << 20U;
  return std::min(64 * kMiB + 64 * html.size(), 1024 * kMiB);
}

/// Gumbo's memory, and where to go when it is spent: Gumbo has no error of its own for that. Its tree goes with the
/// arena: gumbo_destroy_output() recurses, and a page of 900 KB overflows its stack.
struct Memory {
  Arena& arena;
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
const GumboOutput* parse_within(Arena& arena, std::string_view html) {
  Memory memory{arena};
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

/// Of an element whose name Gumbo has no text for.
std::string unusual_element_name(const GumboElement& element) {
  GumboStringPiece original = element.original_tag;
  gumbo_tag_from_original_text(&original);
  if (original.data != nullptr && element.tag_namespace == GUMBO_NAMESPACE_SVG) {
    if (const char* name = gumbo_normalize_svg_tagname(&original)) return name;
  }
  if (element.tag != GUMBO_TAG_UNKNOWN) return gumbo_normalized_tagname(element.tag);
  return element_name_as_written(original.data == nullptr ? "" : std::string_view(original.data, original.length));
}

std::string prefixed_attribute_name(const GumboAttribute& attribute) {
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

/// Makes libxml2's nodes for Gumbo's. libxml2's own functions would copy every text, look each name up and walk an
/// element's attributes for each new one; here the texts are Gumbo's, and a node is a piece of the arena.
class TreeBuilder {
 public:
  explicit TreeBuilder(HtmlDocument::Tree& tree) : tree_(tree) {}

  /// With a stack of its own, so that nesting cannot overflow the thread's.
  void copy_children(const GumboVector& from) {
    std::vector<Frame> open{{from, reinterpret_cast<xmlNode*>(document())}};
    while (!open.empty()) {
      Frame& frame = open.back();
      if (frame.next == frame.from.length) {
        open.pop_back();
        continue;
      }
      const auto& child = *static_cast<const GumboNode*>(frame.from.data[frame.next++]);
      xmlNode* made = make_node(child);
      append_child(frame.into, made);
      if (child.type == GUMBO_NODE_ELEMENT) open.push_back({child.v.element.children, made});
    }
  }

 private:
  /// An element whose children are being copied.
  struct Frame {
    const GumboVector& from;
    xmlNode* into;
    unsigned int next = 0;
  };

  [[nodiscard]] xmlDoc* document() const { return tree_.document.get(); }

  template <class Node>
  Node* make(xmlElementType type, const xmlChar* name) {
    void* memory = tree_.nodes.allocate(sizeof(Node));
    DOUTU_CHECK(memory != nullptr);
    auto* node = new (memory) Node{};
    node->type = type;
    node->name = name;
    node->doc = document();
    return node;
  }

  const xmlChar* keep(const std::string& text) {
    void* kept = tree_.nodes.allocate(text.size() + 1);
    DOUTU_CHECK(kept != nullptr);
    return static_cast<const xmlChar*>(std::memcpy(kept, text.c_str(), text.size() + 1));
  }

  xmlNode* make_text(xmlElementType type, const xmlChar* name, const char* text) {
    auto* node = make<xmlNode>(type, name);
    node->content = const_cast<xmlChar*>(to_xml(text));
    return node;
  }

  xmlNode* make_node(const GumboNode& from) {
    if (is_element(from)) return make_element(from.v.element);
    return from.type == GUMBO_NODE_COMMENT ? make_text(XML_COMMENT_NODE, xmlStringComment, from.v.text.text)
                                           : make_text(XML_TEXT_NODE, xmlStringText, from.v.text.text);
  }

  xmlNode* make_element(const GumboElement& from) {
    const bool usual = from.tag_namespace != GUMBO_NAMESPACE_SVG && from.tag != GUMBO_TAG_UNKNOWN;
    auto* element = make<xmlNode>(
        XML_ELEMENT_NODE, usual ? to_xml(gumbo_normalized_tagname(from.tag)) : keep(unusual_element_name(from)));
    xmlAttr* last = nullptr;
    for (unsigned int i = 0; i < from.attributes.length; ++i) {
      xmlAttr* attribute = make_attribute(element, *static_cast<const GumboAttribute*>(from.attributes.data[i]));
      attribute->prev = last;
      (last == nullptr ? element->properties : last->next) = attribute;
      last = attribute;
    }
    return element;
  }

  xmlAttr* make_attribute(xmlNode* element, const GumboAttribute& from) {
    const bool usual = from.attr_namespace == GUMBO_ATTR_NAMESPACE_NONE;
    auto* attribute =
        make<xmlAttr>(XML_ATTRIBUTE_NODE, usual ? to_xml(from.name) : keep(prefixed_attribute_name(from)));
    attribute->parent = element;
    attribute->children = attribute->last = make_text(XML_TEXT_NODE, xmlStringText, from.value);
    attribute->children->parent = reinterpret_cast<xmlNode*>(attribute);
    note(*element, *attribute, from.value);
    return attribute;
  }

  /// What is asked of every page.
  void note(const xmlNode& element, xmlAttr& attribute, const char* value) {
    const std::string_view name = from_xml(attribute.name);
    if (name == "id") xmlAddID(nullptr, document(), to_xml(value), &attribute);  // XPath's id()
    const bool is_base = name == "href" && from_xml(element.name) == "base";
    if (is_base && tree_.base_href == nullptr) tree_.base_href = value;
  }

  static void append_child(xmlNode* parent, xmlNode* child) {
    child->parent = parent;
    child->prev = parent->last;
    (parent->last == nullptr ? parent->children : parent->last->next) = child;
    parent->last = child;
  }

  HtmlDocument::Tree& tree_;
};

}  // namespace

std::unique_ptr<HtmlDocument::Tree> build_html_tree(std::string_view html) {
  auto tree = std::make_unique<HtmlDocument::Tree>(max_bytes_for(html));
  const GumboOutput* const output = parse_within(tree->parsed, html);
  if (output == nullptr) return nullptr;
  const LibxmlErrors errors;  // Two elements with one id are an error to libxml2, and none to a browser.
  tree->document.reset(xmlNewDoc(to_xml("1.0")));
  need(tree->document != nullptr);
  TreeBuilder(*tree).copy_children(output->document->v.document.children);
  need(!errors.is_memory());
  xmlXPathOrderDocElems(tree->document.get());  // Sorting hits compares two numbers instead of walking the tree.
  return tree;
}

}  // namespace doutu
