#include "crawler/report/empty_pages.h"

#include <string_view>

#include "shared/base/escape.h"

namespace doutu {
namespace {

std::string_view without_query(std::string_view url) { return url.substr(0, url.find('?')); }

std::string_view without_slash(std::string_view url) {
  if (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

/// Whether only the query tells the two places apart, as where a login page is told which page it stands for. A page
/// that stayed where it was, but for a slash, did not go to a common place.
bool differ_in_query_alone(std::string_view place, const OddPage& page) {
  const std::string_view path = without_query(page.final_url);
  return without_query(place) == path && without_slash(without_query(page.url)) != without_slash(path);
}

}  // namespace

void EmptyPageCollector::add(const OddPage& page) {
  ++count_;
  if (page.has_images) ++with_images_;
  if (page.number < kFirstFoundPage) {
    add_number(page.number);
  } else if (++found_ == 1) {
    example_ = without_secrets(page.url);
  }
  add_place(page);
}

void EmptyPageCollector::add_number(std::uint64_t number) {
  if (further_ == 0 && !spans_.empty() && spans_.back().second + 1 == number) {
    spans_.back().second = number;
  } else if (spans_.size() < kMaxSpans) {
    spans_.emplace_back(number, number);
  } else {
    ++further_;
  }
}

void EmptyPageCollector::add_place(const OddPage& page) {
  if (std::exchange(is_first_, false)) {
    place_ = page.final_url;
  } else if (page.final_url != place_) {
    place_ = differ_in_query_alone(place_, page) ? std::string(without_query(place_)) : "";
  }
}

EmptyPageList EmptyPageCollector::list() const {
  EmptyPageList list{.further = further_,
                     .redirected_to = without_secrets(place_),
                     .found = found_,
                     .example = example_,
                     .count = count_,
                     .with_images = with_images_};
  for (const auto& [first, last] : spans_) {
    list.numbers += list.numbers.empty() ? "" : ",";
    list.numbers += std::to_string(first);
    if (last != first) list.numbers += '-' + std::to_string(last);
  }
  return list;
}

}  // namespace doutu
