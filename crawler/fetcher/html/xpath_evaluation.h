// XpathEvaluation: one evaluation of an expression on a tree, with the documents that its functions make meanwhile.
// They go with it. Page fetcher, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "crawler/fetcher/html/libxml.h"
#include "crawler/fetcher/html/xpath_function.h"

namespace doutu {

class XpathEvaluation {
 public:
  /// Both outlive it.
  /// from: where a relative expression begins; nullptr: at the document.
  XpathEvaluation(const Xpath::Compiled& expression, const HtmlDocument::Tree& page, const xmlNode* from = nullptr);
  XpathEvaluation(const XpathEvaluation&) = delete;
  XpathEvaluation& operator=(const XpathEvaluation&) = delete;
  ~XpathEvaluation();

  /// Null: it failed; errors of libxml2 go to the LibxmlErrors around it. Nodes are in document order: what a function
  /// made of a node comes behind that node, and what it made of a text behind the page. Call it once.
  XpathObject run(std::uint64_t max_operations);

  /// What a function met: page_too_complex, with which the evaluation failed, or bad_json.
  [[nodiscard]] Cause cause() const { return cause_; }

 private:
  using Tree = HtmlDocument::Tree;
  /// Function, its regular expression, and the node or the text.
  using Call = std::tuple<const XpathFunction*, const Regex*, const xmlNode*, std::string>;

  static void call(xmlXPathParserContext* context, int count);
  void call(xmlXPathParserContext& context, const XpathFunction& function);
  /// Null when the memory is spent.
  const Tree* document_for(const XpathFunction& function, const Regex* regex, const xmlNode* node, XmlText text);
  const Tree* document_for_node(const XpathFunction& function, const Regex* regex, xmlNode* node);
  void sort(xmlNodeSet& nodes) const;

  const Xpath::Compiled& expression_;
  const Tree& page_;
  const XpathContext context_;
  std::unique_ptr<TreeMemory> memory_;  ///< Of the documents; null: there are none.
  std::vector<std::unique_ptr<Tree>> documents_;
  std::map<Call, const Tree*> made_;  ///< A predicate asks for the same one again and again.
  Cause cause_ = Cause::none;
};

}  // namespace doutu
