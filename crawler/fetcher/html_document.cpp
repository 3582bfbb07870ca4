#include "crawler/fetcher/html_document.h"

#include <algorithm>
#include <array>

#include "crawler/fetcher/html_tree.h"
#include "crawler/fetcher/libxml.h"

namespace doutu {

struct HtmlDocument::Tree {
  XmlDocument document;
};

namespace {

/// ASCII white space (WHATWG Infra section 4.6).
constexpr std::string_view kWhiteSpace = " \t\n\f\r";

std::string_view trim(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kWhiteSpace), text.size()));
  text.remove_suffix(text.size() - (text.find_last_not_of(kWhiteSpace) + 1));
  return text;
}

struct UrlAttribute {
  std::string_view element;
  const char* attribute;
};

/// Which attribute of an element names the image; of several, the first that is there.
constexpr std::array kUrlAttributes{
    UrlAttribute{"img", "src"},      UrlAttribute{"source", "src"}, UrlAttribute{"a", "href"},
    UrlAttribute{"area", "href"},    UrlAttribute{"link", "href"},  UrlAttribute{"meta", "content"},
    UrlAttribute{"video", "poster"}, UrlAttribute{"image", "href"}, UrlAttribute{"image", "xlink:href"},
    UrlAttribute{"input", "src"},
};

XmlText url_of_element(const xmlNode* element) {
  for (const UrlAttribute& known : kUrlAttributes) {
    if (from_xml(element->name) != known.element) continue;
    if (XmlText value(xmlGetNoNsProp(element, to_xml(known.attribute))); value) return value;
  }
  return nullptr;
}

XmlText value_of(const xmlNode* node) {
  switch (node->type) {
    case XML_ATTRIBUTE_NODE:
    case XML_TEXT_NODE:
      return XmlText(xmlNodeGetContent(node));
    case XML_ELEMENT_NODE:
      return url_of_element(node);
    default:
      return nullptr;
  }
}

/// What an evaluation that failed says about the page.
Cause cause_of_error(int code) {
  constexpr int kFirst = XML_XPATH_EXPRESSION_OK;
  const bool limit = code == kFirst + XPATH_OP_LIMIT_EXCEEDED || code == kFirst + XPATH_RECURSION_LIMIT_EXCEEDED ||
                     code == kFirst + XPATH_MEMORY_ERROR || code == XML_ERR_NO_MEMORY;
  return limit ? Cause::xpath_limit : Cause::page_unreadable;
}

/// Adds a hit unless it is empty.
void add(Hits& hits, const xmlChar* text, std::size_t max_hits) {
  const std::string_view value = trim(from_xml(text));
  if (value.empty()) return;
  if (hits.values.size() == max_hits) {
    hits.cause = Cause::too_many_hits;
  } else {
    hits.values.emplace_back(value);
  }
}

Hits collect(const xmlXPathObject& found, std::size_t max_hits) {
  Hits hits;
  if (found.type == XPATH_STRING) add(hits, found.stringval, max_hits);
  if (found.type != XPATH_NODESET || found.nodesetval == nullptr) return hits;
  xmlXPathNodeSetSort(found.nodesetval);
  for (int i = 0; i < found.nodesetval->nodeNr && hits.cause == Cause::none; ++i) {
    add(hits, value_of(found.nodesetval->nodeTab[i]).get(), max_hits);
  }
  return hits;
}

}  // namespace

HtmlDocument HtmlDocument::parse(std::string_view html) {
  return HtmlDocument(std::make_unique<Tree>(Tree{build_html_tree(html)}));
}

HtmlDocument::HtmlDocument(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
HtmlDocument::HtmlDocument(HtmlDocument&&) noexcept = default;
HtmlDocument& HtmlDocument::operator=(HtmlDocument&&) noexcept = default;
HtmlDocument::~HtmlDocument() = default;

std::optional<std::string> HtmlDocument::base_href() const {
  static const Xpath first_base = Xpath::compile("(//base/@href)[1]").value();
  Hits hits = evaluate(first_base, 1);
  if (hits.values.empty()) return std::nullopt;
  return std::move(hits.values.front());
}

Hits HtmlDocument::evaluate(const Xpath& xpath, std::size_t max_hits, std::uint64_t max_operations) const {
  const LibxmlErrors errors;
  const XpathContext context(xmlXPathNewContext(tree_->document.get()));
  if (!context) return {.cause = Cause::xpath_limit, .values = {}};
  context->node = reinterpret_cast<xmlNode*>(tree_->document.get());
  context->opLimit = max_operations;
  const XpathObject found(xmlXPathCompiledEval(xpath.compiled().expression.get(), context.get()));
  if (!found) return {.cause = cause_of_error(errors.code()), .values = {}};
  return collect(*found, max_hits);
}

}  // namespace doutu
