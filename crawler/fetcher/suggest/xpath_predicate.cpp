#include "crawler/fetcher/suggest/xpath_predicate.h"

#include <algorithm>
#include <array>
#include <optional>

#include "crawler/fetcher/attribute/image_attribute.h"
#include "shared/base/ascii.h"
#include "shared/base/escape.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

using Place = XpathPredicate::Place;

constexpr std::size_t kMaxValue = 60;  // bytes that are worth reading
constexpr int kMaxDepth = 24;          // ancestors

/// Attributes that differ from image to image, or say how large it is drawn.
constexpr auto kTellNothing = std::to_array<std::string_view>(
    {"alt", "title", "id", "style", "width", "height", "loading", "decoding", "href", "src", "srcset", "sizes"});

// Costs: the best is the class of the element, then that of what it stands in.
constexpr int kClass = 0;
constexpr int kAncestorClass = 2;
constexpr int kAncestorId = 3;
constexpr int kImageChild = 3;
constexpr int kImageWithin = 4;
constexpr int kClassWord = 4;
constexpr int kValue = 5;
constexpr int kAncestorName = 6;
constexpr int kPresence = 8;
constexpr int kEnding = 9;

bool is_plain_name(std::string_view name) {
  const auto is_plain = [](char c) { return is_ascii_letter(c) || is_ascii_digit(c) || c == '-' || c == '_'; };
  return std::ranges::all_of(name, is_plain) && !name.empty() && !is_ascii_digit(name[0]) && name[0] != '-';
}

/// A name as XPath writes it. One with several colons in it is one word here.
std::string name_test(std::string_view axis, std::string_view name) {
  const std::size_t colon = name.find(':');
  const bool plain = colon == std::string_view::npos
                         ? is_plain_name(name)
                         : is_plain_name(name.substr(0, colon)) && is_plain_name(name.substr(colon + 1));
  return std::string(axis) + (plain ? std::string(name) : "*[name()='" + std::string(name) + "']");
}

bool can_be_read(std::string_view text) {
  return !text.empty() && text.size() <= kMaxValue && escape_for_terminal(text) == text;
}

/// A string in an expression; nullopt: it cannot be written, or would not be read.
std::optional<std::string> literal(std::string_view text) {
  if (!can_be_read(text)) return std::nullopt;
  if (text.find('\'') == std::string_view::npos) return "'" + std::string(text) + "'";
  if (text.find('"') == std::string_view::npos) return "\"" + std::string(text) + "\"";
  return std::nullopt;
}

std::string attribute_of(const xmlNode& element, const char* name) {
  const XmlText value(xmlGetNoNsProp(&element, to_xml(name)));
  return std::string(from_xml(value.get()));
}

class Collector {
 public:
  void add(Place place, std::string text, int cost) {
    const bool known = std::ranges::find(features_, text, &XpathPredicate::text) != features_.end();
    if (!known && features_.size() < kMaxFeatures) features_.push_back({place, std::move(text), cost});
  }

  void add_class(const xmlNode& element) {
    const std::string value = attribute_of(element, "class");
    if (const auto text = literal(value)) add(Place::self, "@class=" + *text, kClass);
    for (std::size_t at = 0; at < value.size();) {
      const std::size_t end = std::min(value.find_first_of(kHtmlWhitespace, at), value.size());
      const auto word = literal(" " + value.substr(at, end - at) + " ");
      if (end > at && word) {
        add(Place::self, "contains(concat(' ',normalize-space(@class),' ')," + *word + ")", kClassWord);
      }
      at = end + 1;
    }
  }

  void add_attribute(std::string_view name, std::string_view value) {
    const bool tells = std::ranges::find(kTellNothing, name) == kTellNothing.end() && name != "class";
    if (!tells || is_lazy_attribute(name) || name.starts_with("on") || !can_be_read(name)) return;
    const std::string test = name_test("@", name);
    if (const auto text = literal(value)) add(Place::self, test + "=" + *text, kValue);
    add(Place::self, test, kPresence);
  }

  /// The ending of the URL itself: tells links to images from others.
  void add_ending(const xmlNode& element, std::string_view attribute) {
    const std::string value = attribute_of(element, std::string(attribute).c_str());
    const std::string path = value.substr(0, value.find_first_of("?#"));
    const std::size_t dot = path.rfind('.');
    if (dot == std::string::npos || path.size() - dot > 6) return;
    if (const auto text = literal(path.substr(dot))) {
      add(Place::self, "contains(" + name_test("@", attribute) + "," + *text + ")", kEnding);
    }
  }

  /// Tells thumbnails that lead somewhere from links of words. What has an img as its child has one within, too.
  void add_image_within(const xmlNode& element) {
    const int depth = depth_of_image(element);
    if (depth == 1) add(Place::self, "img", kImageChild);
    if (depth > 0) add(Place::self, ".//img", kImageWithin);
  }

  void add_ancestor(const xmlNode& ancestor) {
    const std::string name = name_test("", written_name(ancestor));
    if (const auto text = literal(attribute_of(ancestor, "class")))
      add(Place::around, name + "[@class=" + *text + "]", kAncestorClass);
    if (const auto text = literal(attribute_of(ancestor, "id")))
      add(Place::around, name + "[@id=" + *text + "]", kAncestorId);
    if (name != "html" && name != "body") add(Place::around, name, kAncestorName);
  }

  std::vector<XpathPredicate> take() { return std::move(features_); }

 private:
  std::vector<XpathPredicate> features_;
};

}  // namespace

int depth_of_image(const xmlNode& element) {
  constexpr int kDeepest = 4;
  std::vector<const xmlNode*> level = {&element};
  for (int depth = 1; depth <= kDeepest && !level.empty(); ++depth) {
    std::vector<const xmlNode*> below;
    for (const xmlNode* parent : level) {
      for (const xmlNode* child = parent->children; child != nullptr; child = child->next) {
        if (child->type == XML_ELEMENT_NODE) below.push_back(child);
      }
    }
    if (std::ranges::any_of(below, [](const xmlNode* node) { return from_xml(node->name) == "img"; })) return depth;
    level = std::move(below);
    if (level.size() > kMaxFeatures) break;
  }
  return 0;
}

std::vector<XpathPredicate> features_of(const xmlNode& element, std::string_view attribute) {
  Collector features;
  features.add_class(element);
  features.add_ending(element, attribute);
  features.add_image_within(element);
  for (const xmlAttr* own = element.properties; own != nullptr; own = own->next) {
    const XmlText value(xmlNodeGetContent(reinterpret_cast<const xmlNode*>(own)));
    const std::string name = written_name(*own);
    if (name != attribute) features.add_attribute(name, from_xml(value.get()));
  }
  const xmlNode* ancestor = element.parent;
  for (int depth = 0; depth < kMaxDepth && ancestor != nullptr && ancestor->type == XML_ELEMENT_NODE; ++depth) {
    features.add_ancestor(*ancestor);
    ancestor = ancestor->parent;
  }
  return features.take();
}

std::string expression_of(std::string_view element, std::string_view attribute,
                          const std::vector<const XpathPredicate*>& features) {
  std::string around;
  std::string own;
  for (const XpathPredicate* feature : features) {
    if (feature->place == Place::around) {
      around = "//" + feature->text;
    } else {
      own += (own.empty() ? "" : " and ") + feature->text;
    }
  }
  if (!own.empty()) own = "[" + own + "]";
  return around + name_test("//", element) + own + name_test("/@", attribute);
}

}  // namespace doutu
