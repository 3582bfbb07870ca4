#include "crawler/fetcher/html_document.h"

#include <algorithm>
#include <array>
#include <utility>

#include "crawler/fetcher/html_tree.h"
#include "crawler/fetcher/libxml.h"
#include "crawler/fetcher/srcset.h"
#include "crawler/fetcher/xml_tree.h"
#include "shared/base/ascii.h"
#include "shared/base/need.h"

namespace doutu {

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

/// Which attribute of an element names the image; of several, the first that has one.
constexpr std::array kUrlAttributes{
    UrlAttribute{"img", "src"},      UrlAttribute{"img", "srcset"},       UrlAttribute{"source", "src"},
    UrlAttribute{"a", "href"},       UrlAttribute{"source", "srcset"},    UrlAttribute{"area", "href"},
    UrlAttribute{"link", "href"},    UrlAttribute{"link", "imagesrcset"}, UrlAttribute{"meta", "content"},
    UrlAttribute{"video", "poster"}, UrlAttribute{"image", "href"},       UrlAttribute{"image", "xlink:href"},
    UrlAttribute{"input", "src"},
};

/// The URL that an attribute has: that of its best candidate where it is a srcset, under whatever name scripts that
/// load images late know it (data-srcset, data-lazy-srcset, imagesrcset).
std::string_view url_in_attribute(std::string_view name, std::string_view value) {
  return name.ends_with("srcset") ? best_srcset_candidate(value).value_or("") : value;
}

std::string url_of_element(const xmlNode* element) {
  for (const UrlAttribute& known : kUrlAttributes) {
    if (from_xml(element->name) != known.element) continue;
    const XmlText value(xmlGetNoNsProp(element, to_xml(known.attribute)));
    const std::string_view url = url_in_attribute(known.attribute, from_xml(value.get()));
    if (!url.empty()) return std::string(url);
  }
  return {};
}

std::string value_of(const xmlNode* node) {
  const auto content = [node] { return XmlText(xmlNodeGetContent(node)); };
  switch (node->type) {
    case XML_ATTRIBUTE_NODE:
      return std::string(url_in_attribute(from_xml(node->name), from_xml(content().get())));
    case XML_TEXT_NODE:
      return std::string(from_xml(content().get()));
    case XML_ELEMENT_NODE:
      return url_of_element(node);
    default:
      return {};
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
void add(Hits& hits, std::string_view text, std::size_t max_hits) {
  const std::string_view value = trim(text);
  if (value.empty()) return;
  if (hits.values.size() == max_hits) {
    hits.cause = Cause::too_many_hits;
  } else {
    hits.values.emplace_back(value);
  }
}

Hits collect(const xmlXPathObject& found, std::size_t max_hits) {
  Hits hits;
  if (found.type == XPATH_STRING) add(hits, from_xml(found.stringval), max_hits);
  if (found.type != XPATH_NODESET || found.nodesetval == nullptr) return hits;
  xmlXPathNodeSetSort(found.nodesetval);
  for (int i = 0; i < found.nodesetval->nodeNr && hits.cause == Cause::none; ++i) {
    add(hits, value_of(found.nodesetval->nodeTab[i]), max_hits);
  }
  return hits;
}

std::unique_ptr<HtmlDocument::Tree> read_xml(std::string_view text) {
  XmlTree xml = build_xml_tree(text);
  if (xml.tree == nullptr || xml.is_well_formed) return std::move(xml.tree);
  const std::string_view root = root_name(*xml.tree);
  return root.empty() || equals_ignoring_case(root, "html") ? build_html_tree(text) : std::move(xml.tree);
}

}  // namespace

std::optional<HtmlDocument> HtmlDocument::parse(std::string_view text, Markup markup) {
  std::unique_ptr<Tree> tree = markup == Markup::html ? build_html_tree(text) : read_xml(text);
  if (tree == nullptr) return std::nullopt;
  return HtmlDocument(std::move(tree));
}

HtmlDocument::HtmlDocument(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
HtmlDocument::HtmlDocument(HtmlDocument&&) noexcept = default;
HtmlDocument& HtmlDocument::operator=(HtmlDocument&&) noexcept = default;
HtmlDocument::~HtmlDocument() = default;

std::optional<std::string> HtmlDocument::base_href() const {
  const std::string_view href = tree_->base_href == nullptr ? "" : trim(tree_->base_href);
  if (href.empty()) return std::nullopt;
  return std::string(href);
}

Hits HtmlDocument::evaluate(const Xpath& xpath, std::size_t max_hits, std::uint64_t max_operations) const {
  const LibxmlErrors errors;
  const XpathContext context(xmlXPathNewContext(tree_->document.get()));
  need(context != nullptr);
  context->node = reinterpret_cast<xmlNode*>(tree_->document.get());
  context->opLimit = max_operations;
  register_prefixes(*context, xpath.compiled(), *tree_);
  const XpathObject found(xmlXPathCompiledEval(xpath.compiled().expression.get(), context.get()));
  need(!errors.is_memory());  // what it found may lack something
  if (!found) return {.cause = cause_of_error(errors.code()), .values = {}};
  return collect(*found, max_hits);
}

}  // namespace doutu
