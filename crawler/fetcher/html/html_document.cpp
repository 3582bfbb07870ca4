#include "crawler/fetcher/html/html_document.h"

#include <algorithm>
#include <utility>

#include "crawler/fetcher/html/element_policy.h"
#include "crawler/fetcher/html/element_url.h"
#include "crawler/fetcher/html/html_tree.h"
#include "crawler/fetcher/html/json_tree.h"
#include "crawler/fetcher/html/libxml.h"
#include "crawler/fetcher/html/xml_tree.h"
#include "crawler/fetcher/html/xpath_evaluation.h"
#include "shared/base/ascii.h"
#include "shared/base/throw_if_no_memory.h"
#include "shared/base/whitespace.h"

namespace doutu {

namespace {

/// What an evaluation that failed says about the page.
Cause cause_of_error(int code) {
  constexpr int kFirst = XML_XPATH_EXPRESSION_OK;
  const bool limit = code == kFirst + XPATH_OP_LIMIT_EXCEEDED || code == kFirst + XPATH_RECURSION_LIMIT_EXCEEDED ||
                     code == kFirst + XPATH_MEMORY_ERROR || code == XML_ERR_NO_MEMORY;
  return limit ? Cause::xpath_limit : Cause::page_unreadable;
}

/// Adds a hit unless it is empty; then false.
bool add(Hits& hits, std::string_view text, std::size_t max_hits) {
  const std::string_view value = trim_html_whitespace(text);
  if (value.empty()) return false;
  if (hits.values.size() == max_hits) {
    hits.cause = Cause::too_many_hits;
  } else {
    hits.values.emplace_back(value);
  }
  return true;
}

/// What an expression matched that has no URL, as people know it.
std::string to_text(const xmlNode& node) {
  constexpr std::size_t kLongest = 60;
  switch (node.type) {
    case XML_ELEMENT_NODE: {
      const XmlText value(xmlGetNoNsProp(&node, to_xml("class")));
      const std::string_view text = from_xml(value.get()).substr(0, kLongest);
      return "<" + written_name(node) + (text.empty() ? "" : " class=\"" + std::string(text) + "\"") + ">";
    }
    case XML_ATTRIBUTE_NODE:
      return "an empty " + std::string(from_xml(node.name));
    case XML_TEXT_NODE:
      return "blank text";
    case XML_COMMENT_NODE:
      return "a comment";
    default:
      return "no element, attribute or text";
  }
}

void add_without_url(Hits& hits, const xmlNode& node) {
  if (hits.without_url++ == 0) hits.such_as = to_text(node);
}

/// An expression that makes a value rather than look for something.
Hits of_value(const xmlXPathObject& found, std::size_t max_hits) {
  Hits hits;
  if (found.type == XPATH_STRING) add(hits, from_xml(found.stringval), max_hits);
  if (found.type == XPATH_NUMBER) hits.without_url = 1, hits.such_as = "a number";
  if (found.type == XPATH_BOOLEAN) hits.without_url = 1, hits.such_as = "true or false";
  return hits;
}

/// Calls on_hit(node) for each value that a node has.
template <class OnHit>
Hits collect(const xmlXPathObject& found, std::size_t max_hits, OnHit on_hit) {
  if (found.type != XPATH_NODESET || found.nodesetval == nullptr) return of_value(found, max_hits);
  Hits hits;
  for (int i = 0; i < found.nodesetval->nodeNr && hits.cause == Cause::none; ++i) {
    const xmlNode* const node = found.nodesetval->nodeTab[i];
    if (!add(hits, node_url(*node), max_hits)) {
      add_without_url(hits, *node);
    } else if (hits.cause == Cause::none) {
      on_hit(*node);
    }
  }
  return hits;
}

/// Of an attribute or a text, the one that it is in.
const xmlNode* element_of(const xmlNode& node) { return node.type == XML_ELEMENT_NODE ? &node : node.parent; }

std::unique_ptr<HtmlDocument::Tree> read_xml(std::string_view text, TreeMemory& memory) {
  XmlTree xml = build_xml_tree(text, memory);
  if (xml.tree == nullptr || xml.is_well_formed) return std::move(xml.tree);
  const std::string_view root = root_name(*xml.tree);
  return root.empty() || equals_ignoring_case(root, "html") ? build_html_tree(text, memory) : std::move(xml.tree);
}

std::unique_ptr<HtmlDocument::Tree> read(std::string_view text, Markup markup, TreeMemory& memory) {
  switch (markup) {
    case Markup::html:
      return build_html_tree(text, memory);
    case Markup::xml:
      return read_xml(text, memory);
    case Markup::json:
      return build_json_tree(text, memory);
  }
  return nullptr;
}

}  // namespace

std::optional<HtmlDocument> HtmlDocument::parse(std::string_view text, Markup markup) {
  auto memory = std::make_unique<TreeMemory>(TreeMemory::max_bytes_for(text.size()));
  std::unique_ptr<Tree> tree = read(text, markup, *memory);
  if (tree == nullptr) return std::nullopt;
  tree->own = std::move(memory);
  return HtmlDocument(std::move(tree));
}

HtmlDocument::HtmlDocument(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
HtmlDocument::HtmlDocument(HtmlDocument&&) noexcept = default;
HtmlDocument& HtmlDocument::operator=(HtmlDocument&&) noexcept = default;
HtmlDocument::~HtmlDocument() = default;

std::optional<std::string> HtmlDocument::base_href() const {
  const std::string_view href = tree_->base_href == nullptr ? "" : trim_html_whitespace(tree_->base_href);
  if (href.empty()) return std::nullopt;
  return std::string(href);
}

std::optional<ReferrerPolicy> HtmlDocument::referrer_policy() const {
  const auto& metas = tree_->referrer_metas;
  const auto last = std::find_if(metas.rbegin(), metas.rend(), [](auto* meta) { return policy_of_meta(*meta); });
  return last == metas.rend() ? std::nullopt : policy_of_meta(**last);
}

/// from: where a relative expression begins; nullptr: at the document.
template <class OnHit>
Hits evaluate_from(const xmlNode* from, const Xpath& xpath, const HtmlDocument::Tree& tree, std::size_t max_hits,
                   std::uint64_t max_operations, OnHit on_hit) {
  const LibxmlErrors errors;
  XpathEvaluation evaluation(xpath.compiled(), tree, from);
  const XpathObject found = evaluation.run(max_operations);
  throw_if_no_memory(!errors.is_memory());  // what it found may lack something
  Hits hits = found ? collect(*found, max_hits, on_hit)
                    : Hits{.cause = cause_of_error(errors.code()), .values = {}, .such_as = {}};
  for (const Cause met : {tree.cause, evaluation.cause()}) {
    if (met == Cause::page_too_complex || hits.cause == Cause::none) hits.cause = met;
  }
  return hits;
}

Hits HtmlDocument::evaluate(const Xpath& xpath, std::size_t max_hits, std::uint64_t max_operations) const {
  return evaluate_from(nullptr, xpath, *tree_, max_hits, max_operations, [](const xmlNode&) {});
}

bool HtmlDocument::matches(const Xpath& xpath) const {
  const LibxmlErrors errors;
  XpathEvaluation evaluation(xpath.compiled(), *tree_);
  const XpathObject found = evaluation.run(kMaxOperations);
  throw_if_no_memory(!errors.is_memory());
  return found != nullptr && xmlXPathCastToBoolean(found.get()) != 0;
}

HtmlDocument::HitsBeside HtmlDocument::evaluate_beside(const Xpath& xpath, std::span<const Xpath> beside,
                                                       std::size_t max_hits, std::size_t max_beside) const {
  HitsBeside all;
  Cause cause = Cause::none;
  const auto look_beside = [&](const xmlNode& node) {
    all.policies.push_back(policy_of_hit(node));
    if (beside.empty()) return;
    std::vector<std::string>& found = all.beside.emplace_back();
    const xmlNode* const element = element_of(node);
    for (const Xpath& relative : beside) {
      if (element == nullptr || cause != Cause::none) return;
      Hits hits =
          evaluate_from(element, relative, Tree::of(*element), max_beside, kMaxOperations, [](const xmlNode&) {});
      if (hits.cause != Cause::too_many_hits) cause = hits.cause;
      for (std::string& value : hits.values) {
        if (found.size() < max_beside) found.push_back(std::move(value));
      }
    }
  };
  all.hits = evaluate_from(nullptr, xpath, *tree_, max_hits, kMaxOperations, look_beside);
  all.policies.resize(all.hits.values.size());  // What an expression makes is no node.
  if (!beside.empty()) all.beside.resize(all.hits.values.size());
  if (all.hits.cause == Cause::none) all.hits.cause = cause;
  return all;
}

}  // namespace doutu
