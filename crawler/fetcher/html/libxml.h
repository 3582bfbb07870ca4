// Owners for what libxml2 hands out, and a trap for what it would print. Inside of the page fetcher's files that read
// pages only.
#pragma once

#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "crawler/fetcher/html/arena.h"
#include "crawler/fetcher/html/html_document.h"
#include "crawler/fetcher/html/xpath.h"
#include "crawler/fetcher/text/regex.h"

namespace doutu {

template <auto free_function>
struct LibxmlDeleter {
  template <class T>
  void operator()(T* handle) const {
    free_function(handle);
  }
};
using XpathContext = std::unique_ptr<xmlXPathContext, LibxmlDeleter<xmlXPathFreeContext>>;
using XpathExpression = std::unique_ptr<xmlXPathCompExpr, LibxmlDeleter<xmlXPathFreeCompExpr>>;
using XpathObject = std::unique_ptr<xmlXPathObject, LibxmlDeleter<xmlXPathFreeObject>>;

struct XmlTextDeleter {
  void operator()(xmlChar* text) const { xmlFree(text); }
};
using XmlText = std::unique_ptr<xmlChar, XmlTextDeleter>;

inline const xmlChar* to_xml(const char* text) { return reinterpret_cast<const xmlChar*>(text); }
inline std::string_view from_xml(const xmlChar* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

/// With its prefix: "xlink:href".
template <class Node>
std::string written_name(const Node& node) {
  const bool has_prefix = node.ns != nullptr && node.ns->prefix != nullptr;
  return (has_prefix ? std::string(from_xml(node.ns->prefix)) + ":" : std::string()).append(from_xml(node.name));
}

struct XpathFunction;

struct Xpath::Compiled {
  XpathExpression expression;
  std::vector<std::string> prefixes;               ///< Of its names, each once; without "xml", which libxml2 knows.
  std::vector<const XpathFunction*> functions;     ///< Of ours, each once.
  std::unordered_map<std::string, Regex> regexes;  ///< By their patterns.
};

/// What trees lie in, and how much of it they may take.
struct TreeMemory {
  /// Of a page of that size, and of all that functions make of it in one expression (xpath_evaluation.h).
  static std::size_t max_bytes_for(std::size_t page_bytes) {
    constexpr std::size_t kMiB = std::size_t{1} << 20U;
    return std::min(64 * kMiB + 64 * page_bytes, 1024 * kMiB);
  }
  explicit TreeMemory(std::size_t max) : max_bytes(max), left(max), parsed(max) {}

  /// False when it is spent, from then on.
  bool spend(std::size_t bytes) {
    if (bytes > left) is_spent = true;
    if (!is_spent) left -= bytes;
    return !is_spent;
  }

  const std::size_t max_bytes;
  std::size_t left;  ///< Of what makes nodes of no other nodes: XML, JSON, texts.
  bool is_spent = false;
  Arena parsed;  ///< Of what the parser needs beside the nodes.
  Arena nodes{std::numeric_limits<std::size_t>::max()};
};

/// The nodes, their names and texts lie in the arenas and go with them: libxml2 must not add or free any.
struct HtmlDocument::Tree {
  struct LeaveNodes {
    void operator()(xmlDoc* doc) const {
      doc->children = doc->last = nullptr;
      xmlFreeDoc(doc);
    }
  };

  /// With an empty document. shared outlives it, or is its own.
  explicit Tree(TreeMemory& shared);
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  ~Tree() = default;

  /// That of a node, which has a document: it is no namespace.
  static const Tree& of(const xmlNode& node) { return *static_cast<const Tree*>(node.doc->_private); }

  std::unique_ptr<TreeMemory> own;  ///< Of a page.
  TreeMemory& memory;
  std::unique_ptr<xmlDoc, LeaveNodes> document;
  const xmlNode* made_of = nullptr;            ///< Of what a function made: the node, of another tree. Null: a text.
  std::size_t number = 0;                      ///< Of what a function made, from 1 on.
  Cause cause = Cause::none;                   ///< Why it ends before the page does: bad_json.
  const char* base_href = nullptr;             ///< Of the first <base> that has one; else of an XML root's xml:base.
  std::vector<const xmlNode*> referrer_metas;  ///< <meta name=referrer>, in their order.
  std::unordered_map<std::string_view, const xmlNs*> prefixes;  ///< Of its names.
  Markup markup = Markup::html;
};

/// Makes an expression's prefixes mean those of a page, which may have none of them: then it finds nothing.
void register_prefixes(xmlXPathContext& context, const Xpath::Compiled& expression, const HtmlDocument::Tree& tree);

/// While it lives, libxml2 prints nothing on this thread; the first error is kept. May be nested.
class LibxmlErrors {
 public:
  LibxmlErrors();
  LibxmlErrors(const LibxmlErrors&) = delete;
  LibxmlErrors& operator=(const LibxmlErrors&) = delete;
  ~LibxmlErrors();

  [[nodiscard]] int code() const { return code_; }          ///< xmlParserErrors; 0: none.
  [[nodiscard]] int position() const { return position_; }  ///< Of an XPath error: bytes into the expression.
  /// Memory was wanting. libxml2 says so of its own limits as well, which are none.
  [[nodiscard]] bool is_memory() const {
    return message_.starts_with("Memory allocation failed") && message_.find("hit limit") == std::string::npos;
  }
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  static void keep(void* self, xmlErrorPtr error);

  const xmlStructuredErrorFunc outer_;
  void* const outer_context_;
  const xmlGenericErrorFunc outer_print_;
  void* const outer_print_context_;

  int code_ = 0;
  int position_ = 0;
  std::string message_;
};

}  // namespace doutu
