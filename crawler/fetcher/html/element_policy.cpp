#include "crawler/fetcher/html/element_policy.h"

#include <cstring>
#include <string_view>

#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

/// For every hit, and most names differ in their first letter.
bool is(const xmlChar* name, const char* other) { return std::strcmp(reinterpret_cast<const char*>(name), other) == 0; }

bool is_element(const xmlNode* node, const char* name) {
  return node != nullptr && node->type == XML_ELEMENT_NODE && is(node->name, name);
}

/// As it is written.
std::string_view value_of(const xmlAttr& attribute) {
  return attribute.children == nullptr ? std::string_view() : from_xml(attribute.children->content);
}

std::string_view attribute_of(const xmlNode& element, const char* name) {
  for (const xmlAttr* own = element.properties; own != nullptr; own = own->next) {
    if (own->ns == nullptr && is(own->name, name)) return value_of(*own);
  }
  return {};
}

bool has_token(std::string_view list, std::string_view token) {
  while (!(list = trim_front(list, kHtmlWhitespace)).empty()) {
    const std::string_view one = list.substr(0, list.find_first_of(kHtmlWhitespace));
    if (equals_ignoring_case(one, token)) return true;
    list.remove_prefix(one.size());
  }
  return false;
}

/// The one that a browser asks in place of this one.
const xmlNode& asked(const xmlNode& element) {
  const xmlNode* const picture = is_element(&element, "source") ? element.parent : &element;
  if (!is_element(picture, "picture")) return element;
  for (const xmlNode* child = picture->children; child != nullptr; child = child->next) {
    if (is_element(child, "img")) return *child;
  }
  return element;
}

bool is_link(const xmlNode& element) { return is(element.name, "a") || is(element.name, "area"); }

std::optional<ReferrerPolicy> policy_of(const xmlNode& element) {
  std::optional<ReferrerPolicy> policy;
  for (const xmlAttr* own = element.properties; own != nullptr; own = own->next) {
    if (own->ns != nullptr) continue;
    if (is(own->name, "referrerpolicy")) policy = referrer_policy_of_attribute(value_of(*own));
    const bool is_rel = is(own->name, "rel") && is_link(element);
    if (is_rel && has_token(value_of(*own), "noreferrer")) return ReferrerPolicy::no_referrer;
  }
  return policy;
}

}  // namespace

std::optional<ReferrerPolicy> policy_of_hit(const xmlNode& hit) {
  const xmlNode* const element = hit.type == XML_ATTRIBUTE_NODE ? hit.parent : &hit;
  if (element == nullptr || element->type != XML_ELEMENT_NODE) return std::nullopt;
  return policy_of(asked(*element));
}

bool is_referrer_meta(const xmlNode& meta) { return equals_ignoring_case(attribute_of(meta, "name"), "referrer"); }

std::optional<ReferrerPolicy> policy_of_meta(const xmlNode& meta) {
  for (const xmlNode* node = meta.parent; node != nullptr; node = node->parent) {
    if (is_element(node, "noscript")) return std::nullopt;
  }
  return referrer_policy_of_meta(attribute_of(meta, "content"));
}

}  // namespace doutu
