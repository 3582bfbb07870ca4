#include "crawler/fetcher/suggest/image_candidates.h"

#include <set>
#include <utility>

#include "crawler/fetcher/attribute/data_url.h"
#include "crawler/fetcher/attribute/image_attribute.h"
#include "crawler/fetcher/attribute/srcset.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

/// The URL that an attribute has, as HtmlDocument::evaluate() finds it.
std::string_view url_in(std::string_view attribute, std::string_view value) {
  return trim_html_whitespace(attribute.ends_with("srcset") ? best_srcset_candidate(value).value_or("") : value);
}

/// The next element in document order, or nullptr.
const xmlNode* next_node(const xmlNode* node) {
  if (node->type == XML_ELEMENT_NODE && node->children != nullptr) return node->children;
  while (node->next == nullptr) {
    node = node->parent;
    if (node == nullptr || node->type != XML_ELEMENT_NODE) return nullptr;
  }
  return node->next;
}

/// Calls visit(element, attribute's name, URL in it) for each attribute of the page.
template <class Visit>
void for_each_attribute(const HtmlDocument& page, Visit visit) {
  const xmlNode* node = xmlDocGetRootElement(page.tree().document.get());
  for (; node != nullptr; node = next_node(node)) {
    if (node->type != XML_ELEMENT_NODE) continue;
    for (const xmlAttr* attribute = node->properties; attribute != nullptr; attribute = attribute->next) {
      const XmlText value(xmlNodeGetContent(reinterpret_cast<const xmlNode*>(attribute)));
      const std::string name = written_name(*attribute);
      const std::string_view url = url_in(name, from_xml(value.get()));
      if (!url.empty()) visit(*node, name, url);
    }
  }
}

/// Empty when it leads nowhere.
std::string resolved(const PageBase& base, std::string_view value) {
  if (is_data_url(value)) return shorten_data_url(value);
  ImageLink link = image_link(base, value);
  return link.cause == Cause::none ? std::move(link.url) : std::string();
}

}  // namespace

ImageCandidates find_candidates(const HtmlDocument& page, const PageBase& base) {
  std::set<CandidateKind> kinds;
  for_each_attribute(page, [&](const xmlNode& element, std::string_view attribute, std::string_view value) {
    const std::string name = written_name(element);
    if (looks_like_image(name, attribute, value)) kinds.emplace(name, attribute);
  });
  ImageCandidates found;
  std::size_t count = 0;
  for_each_attribute(page, [&](const xmlNode& element, std::string_view attribute, std::string_view value) {
    CandidateKind kind(written_name(element), attribute);
    if (count == kMaxCandidates || !kinds.contains(kind)) return;
    ++count;
    std::string url = looks_like_image(kind.first, attribute, value) ? resolved(base, value) : std::string();
    found[std::move(kind)].push_back({&element, std::string(value.substr(0, 2048)), std::move(url)});
  });
  return found;
}

}  // namespace doutu
