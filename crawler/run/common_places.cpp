#include "crawler/run/common_places.h"

#include <string_view>

#include "shared/url/percent_encode.h"

namespace doutu {
namespace {

/// "/list?page=3" of "https://example.com/list?page=3".
std::string_view target_of(std::string_view url) {
  const std::size_t authority = url.find("://");
  const std::size_t path = authority == std::string_view::npos ? authority : url.find('/', authority + 3);
  return path == std::string_view::npos ? std::string_view() : url.substr(path);
}

/// A query that says where to return to makes no other place: "/login?next=%2Flist%3Fpage%3D3".
std::string place_of(const OddPage& page) {
  const std::string_view place = page.final_url;
  const std::size_t query = place.find('?');
  const std::string_view asked = target_of(page.url);
  if (query == std::string_view::npos || asked.size() < 2) return page.final_url;
  const bool says_where = percent_decode(place.substr(query)).find(asked) != std::string::npos;
  return std::string(says_where ? place.substr(0, query) : place);
}

}  // namespace

void CommonPlaces::add(const OddPage& page) {
  if (pages_.size() >= kMost) std::erase_if(pages_, [](const auto& place) { return place.second == 1; });
  if (pages_.size() < kMost) ++pages_[place_of(page)];
}

bool CommonPlaces::contains(const OddPage& page) const {
  const auto found = pages_.find(place_of(page));
  if (found == pages_.end()) return false;
  return found->second >= kMany || (found->second > 1 && found->second == asked_);
}

}  // namespace doutu
