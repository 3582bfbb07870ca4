#include "crawler/fetcher/suggest/candidate_groups.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "crawler/fetcher/suggest/xpath_predicate.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr int kMaxDepth = 24;                  // ancestors
constexpr std::size_t kSameEverywhere = 3;     // times one URL in a group: a placeholder
constexpr std::size_t kSmallestShare = 10;     // a group that goes with the main one has a tenth of its URLs
constexpr std::size_t kDecorationRepeats = 2;  // as many hits per URL: icons, not what a page shows

struct Group {
  std::vector<const ImageCandidate*> members;
  std::set<std::string_view> urls;
  std::string family;  ///< Where most of its URLs are.

  [[nodiscard]] bool is_placeholder() const { return urls.size() == 1 && members.size() >= kSameEverywhere; }
  [[nodiscard]] bool is_decoration() const {
    return is_placeholder() || (urls.size() > 1 && members.size() >= kDecorationRepeats * urls.size());
  }
  /// Its URLs, each the less the more often it is there.
  [[nodiscard]] double weight() const {
    const auto count = static_cast<double>(urls.size());
    return count * count / static_cast<double>(members.size());
  }
};

std::string_view attribute_of(const xmlNode& element, std::string_view name) {
  for (const xmlAttr* own = element.properties; own != nullptr; own = own->next) {
    if (from_xml(own->name) == name) return own->children == nullptr ? "" : from_xml(own->children->content);
  }
  return {};
}

/// Its class and what else it says about itself, whether it is a link around an image, and the nearest thing around it
/// that has a class.
std::string signature(const xmlNode& element) {
  std::string text;
  for (const std::string_view name : {"class", "referrerpolicy", "itemprop", "role"}) {
    text.append(attribute_of(element, name)).append("\n");
  }
  if (from_xml(element.name) == "a" && depth_of_image(element) > 0) text.append("img");
  const xmlNode* around = element.parent;
  for (int depth = 0; depth < kMaxDepth && around != nullptr && around->type == XML_ELEMENT_NODE; ++depth) {
    const std::string_view name = attribute_of(*around, "class");
    if (!name.empty()) return text.append(from_xml(around->name)).append("\n").append(name);
    around = around->parent;
  }
  return text;
}

/// Where URLs are: the server, and of the path the first folder in which those of that server differ.
class Families {
 public:
  explicit Families(const std::vector<ImageCandidate>& kind) {
    for (const ImageCandidate& candidate : kind) {
      if (candidate.url.empty()) continue;
      const std::string_view folder = folder_of(candidate.url);
      const auto [known, is_new] = common_.try_emplace(server_of(folder), folder);
      if (is_new) continue;
      std::string_view& common = known->second;
      const auto same = static_cast<std::size_t>(std::ranges::mismatch(common, folder).in1 - common.begin());
      if (same < common.size()) common = common.substr(0, common.rfind('/', same - 1) + 1);
    }
  }

  /// That of more than half of the URLs; empty: there is none.
  [[nodiscard]] std::string of(const std::set<std::string_view>& urls) const {
    std::map<std::string_view, std::size_t> counts;
    for (const std::string_view url : urls) ++counts[family_of(url)];
    const auto most = std::ranges::max_element(counts, {}, [](const auto& count) { return count.second; });
    return most->second * 2 > urls.size() ? std::string(most->first) : std::string();
  }

 private:
  static std::string_view folder_of(std::string_view url) {
    const std::string_view path = url.substr(0, url.find('?'));
    return path.substr(0, path.rfind('/') + 1);
  }
  static std::string_view server_of(std::string_view folder) {
    const std::size_t scheme = folder.find("://");
    return folder.substr(0, scheme == std::string_view::npos ? 0 : folder.find('/', scheme + 3));
  }
  [[nodiscard]] std::string_view family_of(std::string_view url) const {
    const std::string_view folder = folder_of(url);
    const std::string_view common = common_.at(server_of(folder));
    return folder.substr(0, folder.find('/', common.size()));
  }

  std::map<std::string_view, std::string_view> common_;  ///< By server: the folder that holds all.
};

/// A hint that decides only where a group could go with another.
bool is_named_as_placeholder(std::string_view url) {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"placeholder", "loading", "loader", "spacer", "blank", "avatar", "pixel", "logo"});
  const std::string_view name = url_last_segment(url);
  return std::ranges::any_of(kNames, [&](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

bool goes_with(const Group& group, const Group& main) {
  return group.family == main.family && group.urls.size() * kSmallestShare >= main.urls.size() &&
         !group.is_decoration() && !std::ranges::all_of(group.urls, is_named_as_placeholder);
}

/// In the order of their first members.
std::vector<Group> groups_of(const std::vector<ImageCandidate>& kind) {
  std::map<std::string, std::size_t> places;
  std::vector<Group> groups;
  for (const ImageCandidate& candidate : kind) {
    if (candidate.url.empty()) continue;
    const auto [place, is_new] = places.try_emplace(signature(*candidate.element), groups.size());
    if (is_new) groups.emplace_back();
    groups[place->second].members.push_back(&candidate);
    groups[place->second].urls.insert(candidate.url);
  }
  std::erase_if(groups, [](const Group& group) { return group.is_placeholder(); });
  const Families families(kind);
  for (Group& group : groups) group.family = families.of(group.urls);
  return groups;
}

}  // namespace

MainImages main_images(const std::vector<ImageCandidate>& kind) {
  const std::vector<Group> groups = groups_of(kind);
  if (groups.empty()) return {};
  const Group& main = *std::ranges::max_element(groups, {}, [](const Group& group) { return group.weight(); });
  MainImages images;
  std::set<std::string_view> urls;
  for (const Group& group : groups) {
    if (&group != &main && !goes_with(group, main)) continue;
    std::ranges::copy(group.members, std::back_inserter(images.candidates));
    urls.insert(group.urls.begin(), group.urls.end());
  }
  images.distinct = urls.size();
  return images;
}

}  // namespace doutu
