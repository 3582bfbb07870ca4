#include "crawler/fetcher/html/html_tree.h"

#include <gumbo.h>

#include <csetjmp>
#include <string>
#include <vector>

#include "crawler/fetcher/html/arena.h"
#include "crawler/fetcher/html/element_policy.h"
#include "crawler/fetcher/html/libxml.h"
#include "crawler/fetcher/html/tree_nodes.h"
#include "shared/base/ascii.h"
#include "shared/base/throw_if_no_memory.h"

namespace doutu {
namespace {

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

/// DOM section 4.8, "valid shadow host name".
bool can_be_host(const GumboElement& element) {
  if (element.tag_namespace != GUMBO_NAMESPACE_HTML) return false;
  switch (element.tag) {
    case GUMBO_TAG_ARTICLE:
    case GUMBO_TAG_ASIDE:
    case GUMBO_TAG_BLOCKQUOTE:
    case GUMBO_TAG_BODY:
    case GUMBO_TAG_DIV:
    case GUMBO_TAG_FOOTER:
    case GUMBO_TAG_H1:
    case GUMBO_TAG_H2:
    case GUMBO_TAG_H3:
    case GUMBO_TAG_H4:
    case GUMBO_TAG_H5:
    case GUMBO_TAG_H6:
    case GUMBO_TAG_HEADER:
    case GUMBO_TAG_MAIN:
    case GUMBO_TAG_NAV:
    case GUMBO_TAG_P:
    case GUMBO_TAG_SECTION:
    case GUMBO_TAG_SPAN:
      return true;
    default:
      return element.tag == GUMBO_TAG_UNKNOWN && unusual_element_name(element).find('-') != std::string::npos;
  }
}

/// <template shadowrootmode="open">: what a browser shows in the place of its host's own content.
bool is_shadow_root(const GumboNode& node, const GumboElement& host) {
  if (node.type != GUMBO_NODE_TEMPLATE) return false;
  const GumboAttribute* const mode = gumbo_get_attribute(&node.v.element.attributes, "shadowrootmode");
  if (mode == nullptr) return false;
  const bool is_mode = equals_ignoring_case(mode->value, "open") || equals_ignoring_case(mode->value, "closed");
  return is_mode && can_be_host(host);
}

/// Copies Gumbo's tree; the texts stay Gumbo's.
class TreeBuilder {
 public:
  explicit TreeBuilder(HtmlDocument::Tree& tree) : tree_(tree), nodes_(tree) {}

  /// With a stack of its own, so that nesting cannot overflow the thread's.
  void copy_children(const GumboVector& from) {
    std::vector<Frame> open{{from, reinterpret_cast<xmlNode*>(nodes_.document()), nullptr}};
    while (!open.empty()) {
      Frame& frame = open.back();
      if (frame.next == frame.from.length) {
        open.pop_back();
        continue;
      }
      const auto& child = *static_cast<const GumboNode*>(frame.from.data[frame.next++]);
      if (frame.host != nullptr && is_shadow_root(child, *frame.host)) {
        frame.host = nullptr;  // It has but one.
        open.push_back({child.v.element.children, frame.into, nullptr});
        continue;
      }
      xmlNode* made = make_node(child);
      TreeNodes::append_child(frame.into, made);
      if (child.type == GUMBO_NODE_ELEMENT) open.push_back({child.v.element.children, made, &child.v.element});
    }
  }

 private:
  /// An element whose children are being copied.
  struct Frame {
    const GumboVector& from;
    xmlNode* into;
    const GumboElement* host;  ///< The element, while a shadow root may come for it.
    unsigned int next = 0;
  };

  /// A name as XPath has it.
  struct Name {
    const xmlChar* local;
    const xmlNs* prefix;
  };

  /// Precondition: the name outlives the tree.
  Name name_of(const char* name) {
    const SplitName split = split_name(name);
    return {to_xml(split.local), split.prefix.empty() ? nullptr : nodes_.prefix(split.prefix)};
  }
  Name kept_name_of(const std::string& name) { return name_of(reinterpret_cast<const char*>(nodes_.keep(name))); }

  xmlNode* make_node(const GumboNode& from) {
    if (is_element(from)) return make_element(from.v.element);
    const auto type = from.type == GUMBO_NODE_COMMENT ? XML_COMMENT_NODE : XML_TEXT_NODE;
    return nodes_.make_text(type, to_xml(from.v.text.text));
  }

  xmlNode* make_element(const GumboElement& from) {
    const bool usual = from.tag_namespace != GUMBO_NAMESPACE_SVG && from.tag != GUMBO_TAG_UNKNOWN;
    const Name name =
        usual ? Name{to_xml(gumbo_normalized_tagname(from.tag)), nullptr} : kept_name_of(unusual_element_name(from));
    xmlNode* const element = nodes_.make_element(name.local, name.prefix);
    xmlAttr* last = nullptr;
    for (unsigned int i = 0; i < from.attributes.length; ++i) {
      const auto& attribute = *static_cast<const GumboAttribute*>(from.attributes.data[i]);
      last = append_attribute(element, last, attribute);
      if (is_base_href(from, attribute) && tree_.base_href == nullptr) tree_.base_href = attribute.value;
    }
    const bool is_meta = from.tag == GUMBO_TAG_META && from.tag_namespace == GUMBO_NAMESPACE_HTML;
    if (is_meta && is_referrer_meta(*element)) tree_.referrer_metas.push_back(element);
    return element;
  }

  xmlAttr* append_attribute(xmlNode* element, xmlAttr* last, const GumboAttribute& from) {
    const bool usual = from.attr_namespace == GUMBO_ATTR_NAMESPACE_NONE;
    const Name name = usual ? name_of(from.name) : kept_name_of(prefixed_attribute_name(from));
    return nodes_.append_attribute(element, last, name.local, to_xml(from.value), name.prefix);
  }

  /// An SVG may have elements of that name, which mean nothing.
  static bool is_base_href(const GumboElement& element, const GumboAttribute& attribute) {
    return element.tag == GUMBO_TAG_BASE && element.tag_namespace == GUMBO_NAMESPACE_HTML &&
           attribute.attr_namespace == GUMBO_ATTR_NAMESPACE_NONE && attribute.name == std::string_view("href");
  }

  HtmlDocument::Tree& tree_;
  TreeNodes nodes_;
};

}  // namespace

std::unique_ptr<HtmlDocument::Tree> build_html_tree(std::string_view html, TreeMemory& memory) {
  // The copy of Gumbo's tree needs no second bound: for each of its nodes it has one, at most twice as large.
  const GumboOutput* const output = parse_within(memory.parsed, html);
  if (output == nullptr) return nullptr;
  const LibxmlErrors errors;  // Two elements with one id are an error to libxml2, and none to a browser.
  auto tree = std::make_unique<HtmlDocument::Tree>(memory);
  TreeBuilder(*tree).copy_children(output->document->v.document.children);
  throw_if_no_memory(!errors.is_memory());
  xmlXPathOrderDocElems(tree->document.get());  // Sorting hits compares two numbers instead of walking the tree.
  return tree;
}

}  // namespace doutu
