#include "crawler/fetcher/html/xpath_function.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "crawler/fetcher/html/element_url.h"
#include "crawler/fetcher/html/html_tree.h"
#include "crawler/fetcher/html/json_tree.h"
#include "crawler/fetcher/html/libxml.h"
#include "crawler/fetcher/html/text_tree.h"
#include "crawler/fetcher/text/css_urls.h"
#include "crawler/fetcher/text/json_text.h"

namespace doutu {
namespace {

using Input = XpathFunction::Input;
using Made = std::unique_ptr<HtmlDocument::Tree>;

/// Scripts that are no data hold no nodes, rather than being at fault.
Made json(const Input& input) {
  if (!begins_as_json(input.text)) return build_text_tree({}, input.memory);
  return build_json_tree(input.text, input.memory);
}

Made html(const Input& input) { return build_html_tree(input.text, input.memory); }

Made css_urls(const Input& input) {
  const std::vector<std::string> urls = doutu::css_urls(input.text);
  return build_text_tree({urls.begin(), urls.end()}, input.memory);
}

Made matches(const Input& input) { return build_text_tree(input.regex->matches(input.text), input.memory); }

Made best(const Input& input) {
  const std::string url = input.node == nullptr ? std::string(input.text) : node_url(*input.node);
  return build_text_tree({url}, input.memory);
}

using enum XpathFunction::Yields;
constexpr std::array kFunctions{
    XpathFunction{"json", 1, document, json},      XpathFunction{"html", 1, document, html},
    XpathFunction{"css-urls", 1, texts, css_urls}, XpathFunction{"matches", 2, texts, matches},
    XpathFunction{"best", 1, texts, best},
};

}  // namespace

std::span<const XpathFunction> xpath_functions() { return kFunctions; }

const XpathFunction* find_xpath_function(std::string_view name) {
  const auto* const found = std::ranges::find(kFunctions, name, &XpathFunction::name);
  return found == kFunctions.end() ? nullptr : found;
}

}  // namespace doutu
