#include "crawler/request/page_url.h"

#include <cstdint>
#include <utility>

#include "crawler/request/page_combinations.h"
#include "crawler/request/template_check.h"

namespace doutu {
namespace {

std::optional<std::uint64_t> first_number(const std::string& pages) {
  const auto range = PageRange::parse(pages);
  return range ? range->numbers().next() : std::nullopt;
}

}  // namespace

std::optional<std::string> first_page_url(const JobSpec& spec, const std::string& pages) {
  auto asked = AskedPages::parse(spec.pages);
  auto url_template = UrlTemplate::parse(spec.url_template);
  if (!asked || !url_template || !check_template(spec.url_template, *asked)) return std::nullopt;
  const auto wanted = pages == spec.pages && asked->range() == nullptr ? 1 : first_number(pages);
  if (!wanted) return std::nullopt;
  if (asked->range() != nullptr) return url_template->url_of(*wanted);
  PageCombinations combinations(*std::move(asked), *std::move(url_template));
  while (combinations.advance()) {
    if (combinations.id() == *wanted) return combinations.url();
  }
  return std::nullopt;
}

}  // namespace doutu
