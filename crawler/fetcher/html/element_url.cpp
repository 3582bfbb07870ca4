#include "crawler/fetcher/html/element_url.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "crawler/fetcher/attribute/data_url.h"
#include "crawler/fetcher/attribute/image_attribute.h"
#include "crawler/fetcher/attribute/media_width.h"
#include "crawler/fetcher/attribute/srcset.h"
#include "crawler/fetcher/attribute/stand_in.h"
#include "crawler/fetcher/html/xml_tree.h"
#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

constexpr std::size_t kMostSources = 64;  // of one picture; an honest one has a handful

/// What an attribute's value must look like to be taken for a URL.
enum class Proof { url, path, file };

struct LazyName {
  std::string_view name;
  Proof proof;
};
/// Where scripts that load images late look for them: first what holds nothing else, then what holds other things too,
/// then the attributes of a forum program. What only sounds so comes last.
constexpr std::array kLazyNames{
    LazyName{"data-src", Proof::url},
    LazyName{"data-original", Proof::url},
    LazyName{"data-lazy-src", Proof::url},
    LazyName{"data-actualsrc", Proof::url},
    LazyName{"data-echo", Proof::url},
    LazyName{"data-original-src", Proof::url},
    LazyName{"data-orig-src", Proof::url},
    LazyName{"data-real-src", Proof::url},
    LazyName{"data-full-src", Proof::url},
    LazyName{"data-large-src", Proof::url},
    LazyName{"data-hi-res-src", Proof::url},
    LazyName{"data-src-retina", Proof::url},
    LazyName{"data-ll-src", Proof::url},
    LazyName{"data-cfsrc", Proof::url},
    LazyName{"data-pagespeed-lazy-src", Proof::url},
    LazyName{"data-flickity-lazyload", Proof::url},
    LazyName{"data-ks-lazyload", Proof::url},
    LazyName{"data-img-src", Proof::url},
    LazyName{"data-image-src", Proof::url},
    LazyName{"data-imgsrc", Proof::url},
    LazyName{"lazy-src", Proof::url},
    LazyName{"lazysrc", Proof::url},
    LazyName{"real_src", Proof::url},
    LazyName{"_src", Proof::url},
    LazyName{"data-lazy", Proof::path},
    LazyName{"data-lazyload", Proof::path},
    LazyName{"lazyload", Proof::path},
    LazyName{"data-delay", Proof::path},
    LazyName{"zoomfile", Proof::file},
    LazyName{"file", Proof::file},
    LazyName{"data-bg", Proof::file},
    LazyName{"data-background", Proof::file},
    LazyName{"data-background-image", Proof::file},
};

bool is_element(const xmlNode* node, std::string_view name) {
  return node != nullptr && node->type == XML_ELEMENT_NODE && from_xml(node->name) == name;
}

/// All attributes of these trees have one text.
std::string_view value_of(const xmlAttr& attribute) {
  return attribute.children == nullptr ? std::string_view()
                                       : trim_html_whitespace(from_xml(attribute.children->content));
}

bool is_named(const xmlAttr& attribute, std::string_view name) {
  const std::string_view prefix = attribute.ns == nullptr ? std::string_view() : from_xml(attribute.ns->prefix);
  if (prefix.empty()) return from_xml(attribute.name) == name;
  return name.starts_with(prefix) && name.substr(prefix.size()).starts_with(':') &&
         name.substr(prefix.size() + 1) == from_xml(attribute.name);
}

/// Empty when there is none.
std::string_view attribute_of(const xmlNode& element, std::string_view name) {
  for (const xmlAttr* own = element.properties; own != nullptr; own = own->next) {
    if (is_named(*own, name)) return value_of(*own);
  }
  return {};
}

bool is_real(std::string_view url) { return can_be_url(url) && !is_stand_in(url); }

/// The largest of the candidates that srcsets offer. Widths are compared with widths wherever they stand; densities
/// only within one element, since each is of another image.
class LargestCandidate {
 public:
  /// All srcsets of the element: srcset, data-srcset, data-lazy-srcset ...
  void look_at(const xmlNode& element) {
    for (const xmlAttr* own = element.properties; own != nullptr; own = own->next) {
      if (own->ns == nullptr && from_xml(own->name).ends_with("srcset")) look_at_set(value_of(*own), element);
    }
  }
  [[nodiscard]] std::string_view url() const { return best_ ? best_->url : std::string_view(); }

 private:
  void look_at_set(std::string_view srcset, const xmlNode& element) {
    while (const auto candidate = take_srcset_candidate(srcset)) {
      if (!is_real(candidate->url) || (best_ && !is_larger(*candidate, element))) continue;
      best_ = candidate;
      of_ = &element;
    }
  }

  [[nodiscard]] bool is_larger(const SrcsetCandidate& candidate, const xmlNode& element) const {
    if (candidate.width && best_->width) return *candidate.width > *best_->width;
    if (&element != of_) return false;
    return candidate.width || (!best_->width && candidate.density.value_or(1) > best_->density.value_or(1));
  }

  std::optional<SrcsetCandidate> best_;
  const xmlNode* of_ = nullptr;
};

bool is_image_type(std::string_view type) { return type.empty() || ascii_lower(type).starts_with("image/"); }

struct Source {
  const xmlNode* element;
  double width;
};

/// Those in front of the <img> that a browser with a large screen may take, widest first. small: those for others.
std::vector<Source> sources_of(const xmlNode& img, std::vector<const xmlNode*>& small) {
  std::vector<Source> sources;
  if (!is_element(img.parent, "picture")) return sources;
  std::size_t count = 0;
  for (const xmlNode* node = img.parent->children; node != &img && count < kMostSources; node = node->next) {
    if (!is_element(node, "source") || !is_image_type(attribute_of(*node, "type"))) continue;
    ++count;
    const auto width = width_for_large_screen(attribute_of(*node, "media"));
    if (width) {
      sources.push_back({node, *width});
    } else {
      small.push_back(node);
    }
  }
  std::ranges::stable_sort(sources, std::ranges::greater(), &Source::width);
  return sources;
}

/// The place in kLazyNames; its size for what only sounds so, nullopt for any other name.
std::optional<std::size_t> lazy_rank(std::string_view name) {
  const auto known = std::ranges::find(kLazyNames, name, &LazyName::name);
  if (known == kLazyNames.end() && (!is_lazy_attribute(name) || name.ends_with("srcset"))) return std::nullopt;
  return static_cast<std::size_t>(known - kLazyNames.begin());
}

/// "my photo.jpg": people forget to encode spaces, and browsers do it for them.
bool is_spaced_file(std::string_view value) {
  std::string without_spaces(value);
  std::erase(without_spaces, ' ');
  return is_real(without_spaces) && ends_like_an_image(value);
}

bool proves(std::string_view value, std::size_t rank) {
  const Proof proof = rank == kLazyNames.size() ? Proof::file : kLazyNames.at(rank).proof;
  if (!is_real(value)) return proof == Proof::url && is_spaced_file(value);
  if (proof == Proof::path) return value.find_first_of("/.") != std::string_view::npos;
  return proof == Proof::url || ends_like_an_image(value);
}

/// What everything has; passed over because the list above is long.
bool is_usual(std::string_view name) {
  return name == "src" || name == "class" || name == "alt" || name == "width" || name == "height" || name == "title";
}

/// The largest number of a list: "[180, 360, 540]". Empty: there is none.
std::string_view largest_number(std::string_view list) {
  constexpr std::string_view kDigits = "0123456789";
  std::string_view largest;
  while (!list.empty()) {
    list.remove_prefix(std::min(list.find_first_of(kDigits), list.size()));
    std::string_view number = list.substr(0, list.find_first_not_of(kDigits));
    list.remove_prefix(number.size());
    number = trim_front(number, "0");
    if (std::pair(number.size(), number) > std::pair(largest.size(), largest)) largest = number;
  }
  return largest;
}

/// A URL that a script writes a width into, "a_{width}x.jpg", with the largest that the element offers.
std::string with_width(std::string_view value, const xmlNode& element) {
  constexpr std::string_view kMark = "{width}";
  std::string url(value);
  if (value.find(kMark) == std::string_view::npos) return url;
  const std::string_view width = largest_number(attribute_of(element, "data-widths"));
  if (width.empty()) return url;
  for (std::size_t at = url.find(kMark); at != std::string::npos; at = url.find(kMark, at)) {
    url.replace(at, kMark.size(), width);
  }
  return url;
}

/// What a script will put into the element; empty: nothing.
std::string lazy_url(const xmlNode& element) {
  std::size_t best = kLazyNames.size() + 1;
  std::string url;
  for (const xmlAttr* own = element.properties; own != nullptr; own = own->next) {
    const std::string_view name = from_xml(own->name);
    const auto rank = is_usual(name) || own->ns != nullptr ? std::nullopt : lazy_rank(name);
    if (!rank || *rank >= best) continue;
    std::string value = with_width(value_of(*own), element);
    if (!proves(value, *rank)) continue;
    best = *rank;
    url = std::move(value);
  }
  return url;
}

std::string img_url(const xmlNode& img) {
  std::vector<const xmlNode*> small;
  LargestCandidate largest;
  for (const Source& source : sources_of(img, small)) largest.look_at(*source.element);
  largest.look_at(img);
  if (!largest.url().empty()) return std::string(largest.url());
  if (auto lazy = lazy_url(img); !lazy.empty()) return lazy;
  const std::string_view src = attribute_of(img, "src");
  if (!src.empty() && !is_stand_in(src)) return std::string(src);
  for (const xmlNode* source : small) largest.look_at(*source);
  if (!largest.url().empty()) return std::string(largest.url());
  return std::string(src.empty() ? url_in_attribute("srcset", attribute_of(img, "srcset")) : src);
}

std::string picture_url(const xmlNode& picture) {
  const xmlNode* last = nullptr;
  for (const xmlNode* node = picture.children; node != nullptr; node = node->next) {
    if (is_element(node, "img")) return img_url(*node);
    if (is_element(node, "source")) last = node;
  }
  return last == nullptr ? std::string() : img_url(*last);
}

std::string first_attribute(const xmlNode& element, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const std::string_view url = trim_html_whitespace(url_in_attribute(name, attribute_of(element, name)));
    if (!url.empty()) return std::string(url);
  }
  return {};
}

std::string html_url(const xmlNode& element) {
  const std::string_view name = from_xml(element.name);
  if (name == "img" || name == "amp-img" || name == "amp-anim") return img_url(element);
  if (name == "picture") return picture_url(element);
  if (name == "source") return img_url(element);
  if (name == "a" || name == "area") return first_attribute(element, {"href"});
  if (name == "link") return first_attribute(element, {"imagesrcset", "href"});
  if (name == "meta") return first_attribute(element, {"content"});
  if (name == "video") return first_attribute(element, {"poster", "data-poster"});
  if (name == "image") return first_attribute(element, {"href", "xlink:href"});
  if (name == "object") return first_attribute(element, {"data"});
  if (name == "embed") return first_attribute(element, {"src"});
  if (name != "input") return lazy_url(element);
  return equals_ignoring_case(attribute_of(element, "type"), "image") ? img_url(element) : std::string();
}

/// Of an element that holds nothing else.
std::string_view only_text(const xmlNode& element) {
  const xmlNode* const text = element.children;
  const bool is_only = text != nullptr && text->next == nullptr && text->type == XML_TEXT_NODE;
  const std::string_view value = is_only ? trim_html_whitespace(from_xml(text->content)) : std::string_view();
  return can_be_url(value) ? value : std::string_view();
}

/// <image><url>, <image:image><image:loc>.
std::string_view text_of_child(const xmlNode& element) {
  for (const xmlNode* node = element.children; node != nullptr; node = node->next) {
    if (!is_element(node, "url") && !is_element(node, "loc")) continue;
    if (const auto text = only_text(*node); !text.empty()) return text;
  }
  return {};
}

std::string xml_url(const xmlNode& element) {
  auto url = first_attribute(element, {"url", "href", "src", "xlink:href"});
  if (!url.empty()) return url;
  const auto text = only_text(element);
  return std::string(text.empty() && from_xml(element.name) == "image" ? text_of_child(element) : text);
}

/// {"src": "a b.jpg"}, {"image": {"url": "a.jpg"}}: a value is nothing but a value, so it may have spaces.
std::string_view json_url(const xmlNode& element) {
  const xmlNode* const text = element.children;
  if (text != nullptr && text->type == XML_TEXT_NODE) return trim_html_whitespace(from_xml(text->content));
  return text_of_child(element);
}

}  // namespace

std::string_view url_in_attribute(std::string_view name, std::string_view value) {
  return name.ends_with("srcset") ? best_srcset_candidate(value).value_or("") : value;
}

std::string element_url(const xmlNode& element, const HtmlDocument::Tree& tree) {
  if (tree.markup == Markup::json) return std::string(json_url(element));
  std::string url = html_url(element);
  if (url.empty() && tree.markup == Markup::xml && root_name(tree) != "html") url = xml_url(element);
  return url;
}

std::string node_url(const xmlNode& node) {
  const auto content = [&node] { return XmlText(xmlNodeGetContent(&node)); };
  switch (node.type) {
    case XML_ATTRIBUTE_NODE:
      return std::string(url_in_attribute(from_xml(node.name), from_xml(content().get())));
    case XML_TEXT_NODE:
      return std::string(from_xml(content().get()));
    case XML_ELEMENT_NODE:
      return element_url(node, HtmlDocument::Tree::of(node));
    default:
      return {};
  }
}

}  // namespace doutu
