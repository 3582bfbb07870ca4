#include "crawler/fetcher/html/xml_tree.h"

#include <string>
#include <utility>

#include "crawler/fetcher/html/element_policy.h"
#include "crawler/fetcher/html/libxml.h"
#include "crawler/fetcher/html/tree_nodes.h"
#include "crawler/fetcher/html/xml_text.h"
#include "shared/base/throw_if_no_memory.h"

namespace doutu {
namespace {

constexpr std::string_view kXhtml = "http://www.w3.org/1999/xhtml";

struct FreeParser {
  void operator()(xmlParserCtxt* parser) const {
    if (parser->myDoc != nullptr) xmlFreeDoc(parser->myDoc);  // What a DOCTYPE made.
    xmlFreeParserCtxt(parser);
  }
};
using XmlParser = std::unique_ptr<xmlParserCtxt, FreeParser>;

/// Makes nodes of what the parser meets.
class TreeBuilder {
 public:
  explicit TreeBuilder(HtmlDocument::Tree& tree)
      : tree_(tree), nodes_(tree), open_{reinterpret_cast<xmlNode*>(nodes_.document())} {}

  /// As libxml2 calls them (xmlSAXHandler); user data is this.
  void connect(xmlParserCtxt& parser) {
    parser_ = &parser;
    xmlSAXHandler handler{};
    handler.initialized = XML_SAX2_MAGIC;
    handler.startElementNs = [](void* self, const xmlChar* name, const xmlChar* prefix, const xmlChar* uri,
                                int /*namespaces*/, const xmlChar** /*declared*/, int count, int /*defaulted*/,
                                const xmlChar** attributes) {
      static_cast<TreeBuilder*>(self)->begin_element({name, prefix, uri}, attributes, static_cast<std::size_t>(count));
    };
    handler.endElementNs = [](void* self, const xmlChar* /*name*/, const xmlChar* /*prefix*/, const xmlChar* /*uri*/) {
      static_cast<TreeBuilder*>(self)->end_element();
    };
    handler.characters = handler.ignorableWhitespace = handler.cdataBlock = [](void* self, const xmlChar* text,
                                                                               int size) {
      static_cast<TreeBuilder*>(self)->add_text({reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)});
    };
    handler.comment = [](void* self, const xmlChar* text) {
      static_cast<TreeBuilder*>(self)->add_comment(from_xml(text));
    };
    *parser.sax = handler;
    parser.userData = this;
  }

  /// What is still held.
  void finish() { end_text(); }

 private:
  struct Name {
    const xmlChar* local;
    const xmlChar* prefix;
    const xmlChar* uri;
  };

  void begin_element(const Name& name, const xmlChar** attributes, std::size_t count) {
    end_text();
    if (!spend(sizeof(xmlNode))) return;
    xmlNode* const element = nodes_.make_element(kept(name.local), prefix_of(name));
    const bool is_root = open_.size() == 1;
    const bool is_base = from_xml(name.local) == "base" && from_xml(name.uri) == kXhtml;
    TreeNodes::append_child(open_.back(), element);
    open_.push_back(element);
    xmlAttr* last = nullptr;
    for (std::size_t i = 0; i < count; ++i) {
      const xmlChar** const parts = attributes + 5 * i;  // Name, prefix, URI, begin and end of the value.
      const std::string_view value(reinterpret_cast<const char*>(parts[3]),
                                   static_cast<std::size_t>(parts[4] - parts[3]));
      if (!spend(sizeof(xmlAttr) + sizeof(xmlNode) + value.size())) return;
      const Name own{parts[0], parts[1], parts[2]};
      last = nodes_.append_attribute(element, last, kept(own.local), nodes_.keep(value), prefix_of(own));
      note_base(is_root, is_base, own, *last);
    }
    const bool is_meta = from_xml(name.local) == "meta" && from_xml(name.uri) == kXhtml;
    if (is_meta && is_referrer_meta(*element)) tree_.referrer_metas.push_back(element);
  }

  void note_base(bool is_root, bool is_base_element, const Name& name, const xmlAttr& attribute) {
    const char* const value = reinterpret_cast<const char*>(attribute.children->content);
    if (is_root && from_xml(name.prefix) == "xml" && from_xml(name.local) == "base") tree_.base_href = value;
    const bool is_href = name.prefix == nullptr && from_xml(name.local) == "href";
    if (is_base_element && is_href && !std::exchange(has_base_element_, true)) tree_.base_href = value;
  }

  void end_element() {
    end_text();
    if (open_.size() > 1) open_.pop_back();
  }

  /// One text comes in pieces.
  void add_text(std::string_view text) {
    if (spend(text.size())) text_.append(text);
  }
  void end_text() {
    if (text_.empty() || !spend(sizeof(xmlNode))) return;
    TreeNodes::append_child(open_.back(), nodes_.make_text(XML_TEXT_NODE, nodes_.keep(text_)));
    text_.clear();
  }

  void add_comment(std::string_view text) {
    end_text();
    if (!spend(sizeof(xmlNode) + text.size())) return;
    TreeNodes::append_child(open_.back(), nodes_.make_text(XML_COMMENT_NODE, nodes_.keep(text)));
  }

  const xmlNs* prefix_of(const Name& name) {
    return name.prefix == nullptr ? nullptr : nodes_.prefix(from_xml(name.prefix), from_xml(name.uri));
  }

  /// Names are the parser's, one text for each.
  const xmlChar* kept(const xmlChar* name) {
    const xmlChar*& known = names_[name];
    if (known == nullptr) known = nodes_.keep(from_xml(name));
    return known;
  }

  /// False, and the end of the parse, when the memory is spent.
  bool spend(std::size_t bytes) {
    if (!tree_.memory.spend(bytes)) xmlStopParser(parser_);
    return !tree_.memory.is_spent;
  }

  HtmlDocument::Tree& tree_;
  TreeNodes nodes_;
  xmlParserCtxt* parser_ = nullptr;
  bool has_base_element_ = false;
  std::vector<xmlNode*> open_;  ///< The document first.
  std::string text_;
  std::unordered_map<const xmlChar*, const xmlChar*> names_;
};

XmlParser make_parser(const std::string& xml) {
  XmlParser parser(allocated(xmlCreateMemoryParserCtxt(xml.data(), static_cast<int>(xml.size()))));
  // NOENT: values come with their references resolved. HUGE: the bounds are ours, on size, memory and time.
  constexpr int kOptions =
      XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_HUGE | XML_PARSE_IGNORE_ENC;
  throw_if_no_memory(xmlCtxtUseOptions(parser.get(), kOptions) == 0);
  return parser;
}

}  // namespace

XmlTree build_xml_tree(std::string_view xml, TreeMemory& memory) {
  const LibxmlErrors errors;
  const TamedXml tamed = tame_xml(xml);
  auto tree = std::make_unique<HtmlDocument::Tree>(memory);
  tree->markup = Markup::xml;
  if (tamed.text.empty()) return {std::move(tree), false};  // libxml2 makes no parser for nothing.
  const XmlParser parser = make_parser(tamed.text);
  TreeBuilder builder(*tree);
  builder.connect(*parser);
  xmlParseDocument(parser.get());
  builder.finish();
  throw_if_no_memory(!errors.is_memory());
  if (memory.is_spent) return {};
  xmlXPathOrderDocElems(tree->document.get());
  return {std::move(tree), parser->wellFormed != 0 && !tamed.was_mended};
}

std::string_view root_name(const HtmlDocument::Tree& tree) {
  const xmlNode* const root = xmlDocGetRootElement(tree.document.get());
  return root == nullptr ? std::string_view() : from_xml(root->name);
}

}  // namespace doutu
