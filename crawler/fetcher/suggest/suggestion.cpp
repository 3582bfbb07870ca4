#include "crawler/fetcher/suggest/suggestion.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_set>
#include <utility>

#include "crawler/fetcher/attribute/image_attribute.h"
#include "crawler/fetcher/suggest/candidate_groups.h"
#include "crawler/fetcher/suggest/image_candidates.h"
#include "crawler/fetcher/suggest/xpath_predicate.h"
#include "crawler/fetcher/suggest/xpath_search.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxKinds = 4;  // that are looked at more closely

/// A kind with the images that make it worth suggesting.
struct RankedKind {
  const CandidateKind* kind;
  const std::vector<ImageCandidate>* all;
  MainImages images;
  double score;
};

/// a[img]/@href: most of the links stand around an image, and lead to one, which is larger.
bool lead_thumbnails_to_images(const CandidateKind& kind, const MainImages& images) {
  if (kind != CandidateKind("a", "href")) return false;
  const auto has_image = [](const ImageCandidate* one) { return depth_of_image(*one->element) > 0; };
  return 2 * std::ranges::count_if(images.candidates, has_image) > std::ssize(images.candidates);
}

/// What makes one different image in it worth as much as so many elsewhere: scripts put large images into lazy
/// attributes, a <link> is mostly an icon.
double weight_of(const CandidateKind& kind, const MainImages& images) {
  const auto& [element, attribute] = kind;
  if (lead_thumbnails_to_images(kind, images)) return 1.6;
  if (is_lazy_attribute(attribute)) return 1.5;
  if (element == "link" || element == "meta") return 0.1;
  if (element == "img") return attribute == "src" ? 1.0 : 0.95;
  return 0.9;
}

std::vector<RankedKind> ranked_kinds(const ImageCandidates& candidates) {
  std::vector<RankedKind> kinds;
  for (const auto& [kind, all] : candidates) {
    MainImages images = main_images(all);
    if (images.distinct == 0) continue;
    const double score = static_cast<double>(images.distinct) * weight_of(kind, images);
    kinds.push_back({&kind, &all, std::move(images), score});
  }
  std::ranges::stable_sort(kinds, std::ranges::greater(), &RankedKind::score);
  kinds.resize(std::min(kinds.size(), kMaxKinds));
  return kinds;
}

std::unordered_set<const xmlNode*> elements_of(const RankedKind& ranked) {
  std::unordered_set<const xmlNode*> elements;
  for (const ImageCandidate* candidate : ranked.images.candidates) elements.insert(candidate->element);
  return elements;
}

/// "src is the same placeholder on all of them".
std::optional<std::string> placeholder_beside(const RankedKind& ranked, const ImageCandidates& candidates) {
  const auto beside = candidates.find({ranked.kind->first, "src"});
  if (beside == candidates.end() || ranked.kind->second == "src") return std::nullopt;
  const auto elements = elements_of(ranked);
  const std::string* value = nullptr;
  std::size_t count = 0;
  for (const ImageCandidate& candidate : beside->second) {
    if (!elements.contains(candidate.element)) continue;
    if (value != nullptr && *value != candidate.value) return std::nullopt;
    value = &candidate.value;
    ++count;
  }
  if (value == nullptr || count < 2) return std::nullopt;
  return fmt::format("src is the same placeholder on {} of them: {}",
                     count == elements.size() ? "all" : std::to_string(count), value->substr(0, 200));
}

/// What the expression of the whole kind would find beside; nothing to be proud of when this one finds some of it too.
std::optional<std::string> left_out(const RankedKind& ranked, const FoundXpath& expression) {
  if (expression.others > 0) {
    return fmt::format("{} of its hits {} like something else", expression.others,
                       expression.others == 1 ? "looks" : "look");
  }
  const std::unordered_set<const ImageCandidate*> wanted(ranked.images.candidates.begin(),
                                                         ranked.images.candidates.end());
  const auto is_other = [&](const ImageCandidate& one) { return !one.url.empty() && !wanted.contains(&one); };
  const auto example = std::ranges::find_if(*ranked.all, is_other);
  if (example == ranked.all->end()) return std::nullopt;
  return fmt::format("it leaves out {} that look like something else, such as {}",
                     std::ranges::count_if(*ranked.all, is_other), example->value.substr(0, 200));
}

std::vector<std::string> reasons(const RankedKind& ranked, const FoundXpath& expression,
                                 const ImageCandidates& candidates) {
  std::vector<std::string> why;
  const auto& [element, attribute] = *ranked.kind;
  if (auto reason = placeholder_beside(ranked, candidates)) why.push_back(*std::move(reason));
  if (is_lazy_attribute(attribute)) why.push_back(attribute + " is an attribute that lazy-loading scripts use");
  if (lead_thumbnails_to_images(*ranked.kind, ranked.images)) {
    why.emplace_back("the thumbnails link to these, usually the larger images");
  } else if (element == "a") {
    why.emplace_back("links lead to these, often the larger images");
  }
  if (attribute.ends_with("srcset")) why.emplace_back("doutu takes the largest image of each srcset");
  if (auto reason = left_out(ranked, expression)) why.push_back(*std::move(reason));
  return why;
}

class SuggestionList {
 public:
  SuggestionList(const HtmlDocument& page, const PageBase& base, std::size_t max_hits)
      : page_(page), base_(base), max_hits_(max_hits) {}

  void add(const std::string& xpath, std::vector<std::string> why) {
    const auto compiled = Xpath::compile(xpath);
    if (!compiled || suggestions_.size() == kMaxSuggestions) return;
    XpathMatch match = match_xpath(page_, base_, xpath, *compiled, max_hits_);
    if (match.finds()) suggestions_.push_back({std::move(match), std::move(why)});
  }
  std::vector<Suggestion> take() { return std::move(suggestions_); }

 private:
  const HtmlDocument& page_;
  const PageBase& base_;
  const std::size_t max_hits_;
  std::vector<Suggestion> suggestions_;
};

}  // namespace

std::vector<Suggestion> suggest(const HtmlDocument& page, const PageBase& base, std::size_t max_hits) {
  const ImageCandidates candidates = find_candidates(page, base);
  const std::vector<RankedKind> kinds = ranked_kinds(candidates);
  if (kinds.empty()) return {};
  SuggestionList list(page, base, max_hits);
  const RankedKind& best = kinds.front();
  const auto expressions = search_xpaths(*best.kind, *best.all, best.images.candidates, 2);
  list.add(expressions[0].xpath, reasons(best, expressions[0], candidates));
  if (kinds.size() > 1 && kinds[1].score * 2 >= best.score) {
    const RankedKind& second = kinds[1];
    const auto other = search_xpaths(*second.kind, *second.all, second.images.candidates, 1).front();
    list.add(other.xpath, reasons(second, other, candidates));
  }
  const std::string whole_kind = expression_of(best.kind->first, best.kind->second, {});
  if (whole_kind == expressions[0].xpath) return list.take();
  if (expressions.size() > 1) list.add(expressions[1].xpath, {"finds the same images, written in another way"});
  list.add(whole_kind, {"finds all images of this kind, anywhere on the page"});
  return list.take();
}

}  // namespace doutu
