#include "crawler/fetcher/html/xpath_evaluation.h"

#include <algorithm>
#include <span>
#include <utility>

#include "shared/base/throw_if_no_memory.h"

namespace doutu {
namespace {

using Tree = HtmlDocument::Tree;

/// The node, and what it was made of, and what that was made of; the page's own node last.
std::vector<const xmlNode*> origins_of(const xmlNode* node) {
  std::vector<const xmlNode*> origins;
  for (; node != nullptr; node = Tree::of(*node).made_of) origins.push_back(node);
  return origins;
}

/// Whether a stands in front of b in the same document.
bool stands_before(const xmlNode* a, const xmlNode* b) {
  return a != b && xmlXPathCmpNodes(const_cast<xmlNode*>(a), const_cast<xmlNode*>(b)) == 1;
}

bool is_before(const xmlNode* a, const xmlNode* b) {
  if (a->doc == b->doc) return stands_before(a, b);
  const auto of_a = origins_of(a);
  const auto of_b = origins_of(b);
  const auto [end_a, end_b] = std::mismatch(of_a.rbegin(), of_a.rend(), of_b.rbegin(), of_b.rend());
  if (end_a == of_a.rend() || end_b == of_b.rend()) return end_a == of_a.rend();
  if ((*end_a)->doc == (*end_b)->doc) return stands_before(*end_a, *end_b);
  return Tree::of(**end_a).number < Tree::of(**end_b).number;
}

bool has_document(const xmlNode* node) { return node->type != XML_NAMESPACE_DECL; }

void add(xmlNodeSet& nodes, const Tree& document, XpathFunction::Yields yields) {
  auto* const root = reinterpret_cast<xmlNode*>(document.document.get());
  if (yields == XpathFunction::Yields::document) {
    throw_if_no_memory(xmlXPathNodeSetAddUnique(&nodes, root) == 0);
    return;
  }
  for (const xmlNode* element = root->children; element != nullptr; element = element->next) {
    throw_if_no_memory(xmlXPathNodeSetAddUnique(&nodes, element->children) == 0);
  }
}

std::span<xmlNode*> all_of(const xmlNodeSet* nodes) {
  if (nodes == nullptr) return {};
  return {nodes->nodeTab, static_cast<std::size_t>(nodes->nodeNr)};
}

}  // namespace

XpathEvaluation::XpathEvaluation(const Xpath::Compiled& expression, const Tree& page, const xmlNode* from)
    : expression_(expression), page_(page), context_(xmlXPathNewContext(page.document.get())) {
  throw_if_no_memory(context_ != nullptr);
  context_->node = from == nullptr ? reinterpret_cast<xmlNode*>(page.document.get()) : const_cast<xmlNode*>(from);
  context_->userData = this;
  register_prefixes(*context_, expression, page);
  for (const XpathFunction* function : expression.functions) {
    throw_if_no_memory(xmlXPathRegisterFunc(context_.get(), to_xml(function->name.data()), call) == 0);
  }
}

XpathEvaluation::~XpathEvaluation() = default;

XpathObject XpathEvaluation::run(std::uint64_t max_operations) {
  context_->opLimit = max_operations;
  XpathObject found(xmlXPathCompiledEval(expression_.expression.get(), context_.get()));
  if (found && found->type == XPATH_NODESET && found->nodesetval != nullptr) sort(*found->nodesetval);
  return found;
}

/// libxml2 does not know which of two documents comes first.
void XpathEvaluation::sort(xmlNodeSet& nodes) const {
  const auto all = all_of(&nodes);
  if (documents_.empty() || !std::ranges::all_of(all, has_document)) return xmlXPathNodeSetSort(&nodes);
  std::ranges::stable_sort(all, is_before);
}

void XpathEvaluation::call(xmlXPathParserContext* context, int count) {
  auto& self = *static_cast<XpathEvaluation*>(context->context->userData);
  const XpathFunction* const function = find_xpath_function(from_xml(context->context->function));
  if (function == nullptr || std::cmp_not_equal(count, function->arguments)) {
    return xmlXPathErr(context, XPATH_INVALID_ARITY);
  }
  self.call(*context, *function);
}

void XpathEvaluation::call(xmlXPathParserContext& context, const XpathFunction& function) {
  const Regex* regex = nullptr;
  if (function.arguments == 2) {
    const XpathObject pattern(valuePop(&context));
    const auto known = expression_.regexes.find(std::string(from_xml(pattern->stringval)));
    if (known == expression_.regexes.end()) return xmlXPathErr(&context, XPATH_INVALID_TYPE);
    regex = &known->second;
  }
  const XpathObject argument(valuePop(&context));
  XpathObject yielded(xmlXPathNewNodeSet(nullptr));
  throw_if_no_memory(argument != nullptr && yielded != nullptr && yielded->nodesetval != nullptr);
  const auto yield = [&](const Tree* document) {
    if (document != nullptr) add(*yielded->nodesetval, *document, function.yields);
    return document != nullptr;
  };
  bool is_whole = true;
  if (argument->type == XPATH_NODESET) {
    if (argument->nodesetval != nullptr) sort(*argument->nodesetval);
    for (xmlNode* node : all_of(argument->nodesetval)) {
      is_whole = is_whole && yield(document_for_node(function, regex, node));
    }
  } else {
    is_whole = yield(document_for(function, regex, nullptr, XmlText(xmlXPathCastToString(argument.get()))));
  }
  if (!is_whole) return xmlXPathErr(&context, XPATH_OP_LIMIT_EXCEEDED);
  valuePush(&context, yielded.release());
}

const Tree* XpathEvaluation::document_for_node(const XpathFunction& function, const Regex* regex, xmlNode* node) {
  const xmlNode* const origin = has_document(node) ? node : nullptr;
  const auto known = origin == nullptr ? made_.end() : made_.find({&function, regex, origin, {}});
  if (known != made_.end()) return known->second;
  return document_for(function, regex, origin, XmlText(xmlXPathCastNodeToString(node)));
}

const Tree* XpathEvaluation::document_for(const XpathFunction& function, const Regex* regex, const xmlNode* node,
                                          XmlText text) {
  throw_if_no_memory(text != nullptr);
  Call call{&function, regex, node, node == nullptr ? std::string(from_xml(text.get())) : std::string()};
  if (const auto known = made_.find(call); known != made_.end()) return known->second;
  if (memory_ == nullptr) memory_ = std::make_unique<TreeMemory>(page_.memory.max_bytes);
  // The text counts, too: so there is an end to reading texts that yield nothing.
  const std::string_view read = from_xml(text.get());
  auto made = memory_->spend(sizeof(Tree) + read.size()) ? function.make({read, node, regex, *memory_}) : nullptr;
  if (made == nullptr) {
    cause_ = Cause::page_too_complex;
    return nullptr;
  }
  if (made->cause != Cause::none) cause_ = made->cause;
  made->made_of = node;
  made->number = documents_.size() + 1;
  documents_.push_back(std::move(made));
  return made_.emplace(std::move(call), documents_.back().get()).first->second;
}

}  // namespace doutu
