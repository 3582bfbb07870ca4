#include "crawler/fetcher/suggest/xpath_search.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace doutu {
namespace {

constexpr int kCostOfEach = 20;  // one feature less is simpler, whatever it is
constexpr int kCharactersPerCost = 12;

using Mask = std::uint64_t;  // which of the common features something has
static_assert(kMaxFeatures <= 64, "one bit for each");

Mask bit(std::size_t feature) { return Mask{1} << feature; }

/// The features that stay when each candidate that is kept has its say.
class CommonFeatures {
 public:
  CommonFeatures(const xmlNode& first, std::string_view attribute)
      : features_(features_of(first, attribute)), attribute_(attribute) {
    for (std::size_t i = 0; i < features_.size(); ++i) places_.emplace(features_[i].text, i);
  }

  [[nodiscard]] Mask of(const xmlNode& element) const {
    Mask mask = 0;
    for (const XpathPredicate& feature : features_of(element, attribute_)) {
      const auto place = places_.find(feature.text);
      if (place != places_.end()) mask |= bit(place->second);
    }
    return mask;
  }
  [[nodiscard]] const XpathPredicate& operator[](std::size_t i) const { return features_[i]; }
  [[nodiscard]] std::size_t size() const { return features_.size(); }

 private:
  const std::vector<XpathPredicate> features_;
  const std::string attribute_;
  std::unordered_map<std::string, std::size_t> places_;
};

class Search {
 public:
  Search(const CandidateKind& kind, const std::vector<ImageCandidate>& all,
         const std::vector<const ImageCandidate*>& wanted)
      : kind_(kind), features_(*wanted.front()->element, kind.second) {
    const std::unordered_set<const ImageCandidate*> is_wanted(wanted.begin(), wanted.end());
    for (const ImageCandidate& candidate : all) {
      const Mask mask = features_.of(*candidate.element);
      if (is_wanted.contains(&candidate)) {
        common_ &= mask;
      } else {
        others_.push_back(mask);
      }
    }
  }

  std::vector<FoundXpath> run() {
    add({});
    for (std::size_t i = 0; i < features_.size(); ++i) {
      if ((common_ & bit(i)) != 0) add({i});
    }
    if (std::ranges::any_of(found_, [](const auto& one) { return one.others == 0; })) return std::move(found_);
    for (std::size_t i = 0; i < features_.size(); ++i) {
      for (std::size_t j = i + 1; j < features_.size(); ++j) add_pair(i, j);
    }
    return std::move(found_);
  }

 private:
  void add_pair(std::size_t i, std::size_t j) {
    const bool are_common = (common_ & bit(i)) != 0 && (common_ & bit(j)) != 0;
    constexpr auto kAround = XpathPredicate::Place::around;
    if (are_common && !(features_[i].place == kAround && features_[j].place == kAround)) add({i, j});
  }

  void add(const std::vector<std::size_t>& chosen) {
    Mask needed = 0;
    int cost = 0;
    std::vector<const XpathPredicate*> features;
    for (const std::size_t i : chosen) {
      needed |= bit(i);
      cost += features_[i].cost + kCostOfEach;
      features.push_back(&features_[i]);
    }
    std::string xpath = expression_of(kind_.first, kind_.second, features);
    const auto has_all = [needed](Mask mask) { return (mask & needed) == needed; };
    const auto others = static_cast<std::size_t>(std::ranges::count_if(others_, has_all));
    cost += static_cast<int>(xpath.size()) / kCharactersPerCost;
    found_.push_back({std::move(xpath), others, cost});
  }

  const CandidateKind& kind_;
  const CommonFeatures features_;
  Mask common_ = ~Mask{0};
  std::vector<Mask> others_;
  std::vector<FoundXpath> found_;
};

}  // namespace

std::vector<FoundXpath> search_xpaths(const CandidateKind& kind, const std::vector<ImageCandidate>& all,
                                      const std::vector<const ImageCandidate*>& wanted, std::size_t most) {
  std::vector<FoundXpath> found = Search(kind, all, wanted).run();
  std::ranges::stable_sort(found, {}, [](const auto& one) { return std::pair(one.others, one.cost); });
  const std::size_t fewest = found.front().others;
  std::erase_if(found, [fewest](const auto& one) { return one.others != fewest; });
  found.resize(std::min(found.size(), most));
  return found;
}

}  // namespace doutu
