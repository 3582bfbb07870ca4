#include "crawler/fetcher/suggest/proposal.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_set>
#include <utility>

#include "crawler/fetcher/attribute/image_attribute.h"
#include "crawler/fetcher/suggest/element_feature.h"
#include "crawler/fetcher/suggest/image_sightings.h"
#include "crawler/fetcher/suggest/sighting_groups.h"
#include "crawler/fetcher/suggest/telling_expression.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxKinds = 4;  // that are looked at more closely

/// A kind with the images that make it worth proposing.
struct Candidate {
  const SightingKind* kind;
  const std::vector<Sighting>* all;
  MainImages images;
  double score;
};

/// a[img]/@href: most of the links stand around an image, and lead to one, which is larger.
bool lead_thumbnails_to_images(const SightingKind& kind, const MainImages& images) {
  if (kind != SightingKind("a", "href")) return false;
  const auto has_image = [](const Sighting* one) { return depth_of_image(*one->element) > 0; };
  return 2 * std::ranges::count_if(images.sightings, has_image) > std::ssize(images.sightings);
}

/// What makes one different image in it worth as much as so many elsewhere: scripts put large images into lazy
/// attributes, a <link> is mostly an icon.
double weight_of(const SightingKind& kind, const MainImages& images) {
  const auto& [element, attribute] = kind;
  if (lead_thumbnails_to_images(kind, images)) return 1.6;
  if (is_lazy_attribute(attribute)) return 1.5;
  if (element == "link" || element == "meta") return 0.1;
  if (element == "img") return attribute == "src" ? 1.0 : 0.95;
  return 0.9;
}

std::vector<Candidate> candidates_of(const Sightings& sightings) {
  std::vector<Candidate> candidates;
  for (const auto& [kind, all] : sightings) {
    MainImages images = main_images(all);
    if (images.distinct == 0) continue;
    const double score = static_cast<double>(images.distinct) * weight_of(kind, images);
    candidates.push_back({&kind, &all, std::move(images), score});
  }
  std::ranges::stable_sort(candidates, std::ranges::greater(), &Candidate::score);
  candidates.resize(std::min(candidates.size(), kMaxKinds));
  return candidates;
}

std::unordered_set<const xmlNode*> elements_of(const Candidate& candidate) {
  std::unordered_set<const xmlNode*> elements;
  for (const Sighting* sighting : candidate.images.sightings) elements.insert(sighting->element);
  return elements;
}

/// "src holds the same placeholder on all of them".
std::optional<std::string> placeholder_beside(const Candidate& candidate, const Sightings& sightings) {
  const auto beside = sightings.find({candidate.kind->first, "src"});
  if (beside == sightings.end() || candidate.kind->second == "src") return std::nullopt;
  const auto elements = elements_of(candidate);
  const std::string* value = nullptr;
  std::size_t count = 0;
  for (const Sighting& sighting : beside->second) {
    if (!elements.contains(sighting.element)) continue;
    if (value != nullptr && *value != sighting.value) return std::nullopt;
    value = &sighting.value;
    ++count;
  }
  if (value == nullptr || count < 2) return std::nullopt;
  return fmt::format("src holds the same placeholder on {} of them: {}",
                     count == elements.size() ? "all" : std::to_string(count), value->substr(0, 200));
}

/// What the expression of the whole kind would find beside; nothing to be proud of when this one finds some of it too.
std::optional<std::string> left_out(const Candidate& candidate, const TellingExpression& expression) {
  if (expression.others > 0) {
    return fmt::format("{} of its hits {} like something else", expression.others,
                       expression.others == 1 ? "looks" : "look");
  }
  const std::unordered_set<const Sighting*> wanted(candidate.images.sightings.begin(),
                                                   candidate.images.sightings.end());
  const auto is_other = [&](const Sighting& one) { return !one.url.empty() && !wanted.contains(&one); };
  const auto example = std::ranges::find_if(*candidate.all, is_other);
  if (example == candidate.all->end()) return std::nullopt;
  return fmt::format("it leaves out {} that look like something else, such as {}",
                     std::ranges::count_if(*candidate.all, is_other), example->value.substr(0, 200));
}

std::vector<std::string> reasons(const Candidate& candidate, const TellingExpression& expression,
                                 const Sightings& sightings) {
  std::vector<std::string> why;
  const auto& [element, attribute] = *candidate.kind;
  if (auto reason = placeholder_beside(candidate, sightings)) why.push_back(*std::move(reason));
  if (is_lazy_attribute(attribute)) why.push_back(attribute + " is where scripts that load images late look for them");
  if (lead_thumbnails_to_images(*candidate.kind, candidate.images)) {
    why.emplace_back("these are what the thumbnails lead to, mostly the larger images");
  } else if (element == "a") {
    why.emplace_back("these are what links lead to, often the larger images");
  }
  if (attribute.ends_with("srcset")) why.emplace_back("of each srcset the largest image counts");
  if (auto reason = left_out(candidate, expression)) why.push_back(*std::move(reason));
  return why;
}

class Proposer {
 public:
  Proposer(const HtmlDocument& page, const PageBase& base, std::size_t max_hits)
      : page_(page), base_(base), max_hits_(max_hits) {}

  void add(const std::string& xpath, std::vector<std::string> why) {
    const auto compiled = Xpath::compile(xpath);
    if (!compiled || proposals_.size() == kMaxProposals) return;
    XpathMatch match = match_xpath(page_, base_, xpath, *compiled, max_hits_);
    if (match.finds()) proposals_.push_back({std::move(match), std::move(why)});
  }
  std::vector<Proposal> take() { return std::move(proposals_); }

 private:
  const HtmlDocument& page_;
  const PageBase& base_;
  const std::size_t max_hits_;
  std::vector<Proposal> proposals_;
};

}  // namespace

std::vector<Proposal> propose(const HtmlDocument& page, const PageBase& base, std::size_t max_hits) {
  const Sightings sightings = find_sightings(page, base);
  const std::vector<Candidate> candidates = candidates_of(sightings);
  if (candidates.empty()) return {};
  Proposer proposer(page, base, max_hits);
  const Candidate& best = candidates.front();
  const auto expressions = telling_expressions(*best.kind, *best.all, best.images.sightings, 2);
  proposer.add(expressions[0].xpath, reasons(best, expressions[0], sightings));
  if (candidates.size() > 1 && candidates[1].score * 2 >= best.score) {
    const Candidate& second = candidates[1];
    const auto other = telling_expressions(*second.kind, *second.all, second.images.sightings, 1).front();
    proposer.add(other.xpath, reasons(second, other, sightings));
  }
  const std::string whole_kind = expression_of(best.kind->first, best.kind->second, {});
  if (whole_kind == expressions[0].xpath) return proposer.take();
  if (expressions.size() > 1) proposer.add(expressions[1].xpath, {"finds the same, told in another way"});
  proposer.add(whole_kind, {"finds all of this kind, wherever they stand"});
  return proposer.take();
}

}  // namespace doutu
