#include "crawler/report/empty_pages_json.h"

#include <nlohmann/json.hpp>

namespace doutu {

using Json = nlohmann::ordered_json;

Json to_json(const EmptyPageList& list) {
  if (list.is_none()) return {};
  return {{"count", list.count},
          {"numbers", list.numbers},
          {"further", list.further},
          {"found", list.found},
          {"example", list.example.empty() ? Json() : Json(list.example)},
          {"with_images", list.with_images},
          {"redirected_to", list.redirected_to.empty() ? Json() : Json(list.redirected_to)}};
}

EmptyPageList empty_pages_in(const Json& json) {
  const auto text = [&json](const char* name) {
    const bool is_there = json.is_object() && json.contains(name) && json[name].is_string();
    return is_there ? json[name].get<std::string>() : std::string();
  };
  const auto count = [&json](const char* name) {
    const bool is_there = json.is_object() && json.contains(name) && json[name].is_number_unsigned();
    return is_there ? json[name].get<std::uint64_t>() : 0;
  };
  return {.numbers = text("numbers"),
          .further = count("further"),
          .redirected_to = text("redirected_to"),
          .found = count("found"),
          .example = text("example"),
          .count = count("count"),
          .with_images = count("with_images")};
}

}  // namespace doutu
