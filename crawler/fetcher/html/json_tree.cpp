#include "crawler/fetcher/html/json_tree.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "crawler/fetcher/html/libxml.h"
#include "crawler/fetcher/html/tree_nodes.h"
#include "crawler/fetcher/text/json_text.h"

namespace doutu {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kNul("\0", 1);
constexpr std::string_view kReplacement = "\xef\xbf\xbd";

void replace_nul(std::string& text) {
  for (std::size_t at = text.find(kNul); at != std::string::npos; at = text.find(kNul, at)) {
    text.replace(at, 1, kReplacement);
  }
}

/// Makes nodes of what the parser meets (nlohmann::json_sax). A function that returns false ends the parse.
class TreeBuilder {
 public:
  explicit TreeBuilder(HtmlDocument::Tree& tree) : tree_(tree), nodes_(tree) {
    open_.push_back({reinterpret_cast<xmlNode*>(nodes_.document()), {to_xml("json")}, Kind::array});
  }

  bool null() { return add_value({}); }
  bool boolean(bool value) { return add_value(value ? "true" : "false"); }
  bool number_integer(std::int64_t value) { return add_value(std::to_string(value)); }
  bool number_unsigned(std::uint64_t value) { return add_value(std::to_string(value)); }
  bool number_float(double /*value*/, const std::string& written) { return add_value(written); }
  bool string(std::string& value) {
    replace_nul(value);
    return add_value(value);
  }
  static bool binary(const Json::binary_t& /*value*/) { return false; }  // JSON has none.

  bool start_object(std::size_t /*size*/) {
    xmlNode* const element = begin_element();
    if (element != nullptr) open_.push_back({element, {}, Kind::object});
    return is_whole();
  }
  bool key(std::string& name) {
    replace_nul(name);
    open_.back().next = name_of(name);
    return is_whole();
  }
  bool end_object() { return end(); }

  /// Of a member it repeats the element, in an array it has one of its own.
  bool start_array(std::size_t /*size*/) {
    const Frame around = open_.back();
    if (around.kind == Kind::object) {
      open_.push_back({around.into, around.next, Kind::array});
    } else if (xmlNode* const element = begin_element()) {
      open_.push_back({element, {to_xml("item")}, Kind::array});
    }
    return is_whole();
  }
  bool end_array() { return end(); }

  bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const Json::exception& /*error*/) {
    tree_.cause = Cause::bad_json;
    return false;
  }

 private:
  /// What an element is called: its name, or <item> with the key as an attribute.
  struct Name {
    const xmlChar* local = nullptr;
    const xmlNs* prefix = nullptr;
    const xmlChar* key = nullptr;
  };
  enum class Kind : std::uint8_t { object, array };
  /// What is being read.
  struct Frame {
    xmlNode* into;
    Name next;  ///< Of the element that comes next.
    Kind kind;
  };

  Name name_of(const std::string& key) {
    const auto known = names_.find(key);
    if (known != names_.end()) return known->second;
    if (!spend(2 * key.size() + sizeof(Name) + sizeof(xmlNs))) return {};
    return names_.emplace(key, make_name(nodes_.keep(key))).first->second;
  }

  Name make_name(const xmlChar* key) {
    if (xmlValidateQName(key, 0) != 0) return {to_xml("item"), nullptr, key};
    const SplitName split = split_name(reinterpret_cast<const char*>(key));
    return {to_xml(split.local), split.prefix.empty() ? nullptr : nodes_.prefix(split.prefix), nullptr};
  }

  /// Null when the memory is spent.
  xmlNode* begin_element() {
    const Frame& frame = open_.back();
    const Name& name = frame.next;
    if (!spend(sizeof(xmlNode) + (name.key == nullptr ? 0 : sizeof(xmlAttr) + sizeof(xmlNode)))) return nullptr;
    xmlNode* const element = nodes_.make_element(name.local, name.prefix);
    if (name.key != nullptr) nodes_.append_attribute(element, nullptr, to_xml("name"), name.key);
    TreeNodes::append_child(frame.into, element);
    return element;
  }

  bool add_value(std::string_view text) {
    xmlNode* const element = begin_element();
    if (element == nullptr || text.empty()) return is_whole();
    if (!spend(sizeof(xmlNode) + text.size())) return false;
    TreeNodes::append_child(element, nodes_.make_text(XML_TEXT_NODE, nodes_.keep(text)));
    return true;
  }

  bool end() {
    open_.pop_back();
    return true;
  }

  bool spend(std::size_t bytes) { return tree_.memory.spend(bytes); }
  [[nodiscard]] bool is_whole() const { return !tree_.memory.is_spent; }

  HtmlDocument::Tree& tree_;
  TreeNodes nodes_;
  std::vector<Frame> open_;  ///< The document first.
  std::unordered_map<std::string, Name> names_;
};

}  // namespace

std::unique_ptr<HtmlDocument::Tree> build_json_tree(std::string_view json, TreeMemory& memory) {
  auto tree = std::make_unique<HtmlDocument::Tree>(memory);
  tree->markup = Markup::json;
  const std::optional<std::string> mended = with_whole_surrogates(json);
  TreeBuilder builder(*tree);
  Json::sax_parse(mended ? std::string_view(*mended) : json, &builder);
  if (memory.is_spent) return nullptr;
  // The parser takes it for the end.
  if (json.find(kNul) != std::string_view::npos) tree->cause = Cause::bad_json;
  xmlXPathOrderDocElems(tree->document.get());
  return tree;
}

}  // namespace doutu
