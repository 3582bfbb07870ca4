#include "crawler/report/counters_json.h"

#include <nlohmann/json.hpp>

namespace doutu {
namespace {

using Json = nlohmann::ordered_json;

std::uint64_t count_in(const Json& json, const char* name) {
  const bool is_there = json.is_object() && json.contains(name) && json[name].is_number_unsigned();
  return is_there ? json[name].get<std::uint64_t>() : 0;
}

Json outcomes_in(const Json& json) { return json.is_object() ? json.value("outcomes", Json()) : Json(); }

}  // namespace

Json to_json(const PageCounters& pages) {
  return {{"asked", pages.asked},
          {"outcomes",
           {{"done", pages.done},
            {"empty", pages.empty},
            {"failed", pages.failed},
            {"robots", pages.robots},
            {"beyond_end", pages.beyond_end},
            {"pending", pages.pending()}}},
          {"known", pages.known}};
}

Json to_json(const LinksNotFollowed& links) {
  return {{"other_site", links.off_site},
          {"max_depth", links.too_deep},
          {"max_pages", links.over_limit},
          {"endless", links.endless}};
}

LinksNotFollowed links_not_followed_in(const Json& json) {
  return {.off_site = count_in(json, "other_site"),
          .too_deep = count_in(json, "max_depth"),
          .over_limit = count_in(json, "max_pages"),
          .endless = count_in(json, "endless")};
}

Json to_json(const JobCounters& images) {
  return {{"found", images.found()},
          {"outcomes",
           {{"saved", images.saved},
            {"known", images.known},
            {"duplicate_link", images.repeated},
            {"duplicate_file", images.duplicate},
            {"skipped", images.skipped},
            {"failed", images.failed},
            {"robots", images.robots},
            {"pending", images.pending}}}};
}

PageCounters page_counters_in(const Json& json) {
  const Json outcomes = outcomes_in(json);
  const PageCounters pages{.asked = count_in(json, "asked"),
                           .done = count_in(outcomes, "done"),
                           .empty = count_in(outcomes, "empty"),
                           .failed = count_in(outcomes, "failed"),
                           .robots = count_in(outcomes, "robots"),
                           .beyond_end = count_in(outcomes, "beyond_end"),
                           .known = count_in(json, "known")};
  std::uint64_t left = pages.asked;
  const auto fits = [&left](std::uint64_t count) { return left >= count && (left -= count, true); };
  return fits(pages.done) && fits(pages.empty) && fits(pages.failed) && fits(pages.robots) && fits(pages.beyond_end)
             ? pages
             : PageCounters{};
}

JobCounters image_counters_in(const Json& json) {
  const Json outcomes = outcomes_in(json);
  return {.known = count_in(outcomes, "known"),
          .repeated = count_in(outcomes, "duplicate_link"),
          .saved = count_in(outcomes, "saved"),
          .duplicate = count_in(outcomes, "duplicate_file"),
          .skipped = count_in(outcomes, "skipped"),
          .failed = count_in(outcomes, "failed"),
          .robots = count_in(outcomes, "robots"),
          .pending = count_in(outcomes, "pending")};
}

}  // namespace doutu
