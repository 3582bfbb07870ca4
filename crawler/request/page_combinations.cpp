#include "crawler/request/page_combinations.h"

#include <utility>

namespace doutu {

PageCombinations::PageCombinations(AskedPages pages, UrlTemplate url_template)
    : pages_(std::move(pages)), url_template_(std::move(url_template)) {
  for (const std::string& name : url_template_.names()) {
    const PlaceholderValues* const values = pages_.values_of(name);
    DOUTU_CHECK(values != nullptr);
    places_.push_back({values, values->numbers().numbers()});
  }
}

/// Each range has at least one number.
void PageCombinations::begin(Place& place) {
  place.cursor = place.values->numbers().numbers();
  place.number = place.cursor.next().value_or(0);
}

bool PageCombinations::advance() {
  if (id_ == count()) return false;
  if (++id_ == 1) {
    for (Place& place : places_) begin(place);
    return true;
  }
  for (auto place = places_.rbegin(); place != places_.rend(); ++place) {
    if (const auto number = place->cursor.next()) {
      place->number = *number;
      break;
    }
    begin(*place);
  }
  return true;
}

std::string PageCombinations::url() const {
  return url_template_.url_of([this](const UrlTemplate::Mark& mark) {
    const Place& place = places_[mark.name];
    return place.values->value(place.number, mark.format);
  });
}

}  // namespace doutu
