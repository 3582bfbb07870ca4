#include "crawler/fetcher/suggest/xpath_match.h"

#include <unordered_set>
#include <utility>

namespace doutu {
namespace {

void add_example(std::vector<std::string>& examples, std::string text) {
  if (examples.size() < XpathMatch::kExamples) examples.push_back(std::move(text));
}

}  // namespace

XpathMatch match_xpath(const HtmlDocument& page, const PageBase& base, const std::string& text, const Xpath& xpath,
                       std::size_t max_hits) {
  const Hits hits = page.evaluate(xpath, max_hits);
  XpathMatch match;
  match.xpath = text;
  match.cause = hits.cause;
  match.hits = hits.values.size();
  match.without_url = hits.without_url;
  match.such_as = hits.such_as;
  std::unordered_set<std::string> seen;
  for (const std::string& value : hits.values) {
    ImageLink link = image_link(base, value);
    if (link.cause != Cause::none) {
      ++match.unusable;
      add_example(match.rejected, std::move(link.url));
    } else if (link.bytes) {
      ++match.inlined;
    } else if (seen.insert(link.url).second) {
      ++match.distinct;
      add_example(match.first, std::move(link.url));
    } else {
      ++match.repeats;
    }
  }
  return match;
}

}  // namespace doutu
