#include "crawler/fetcher/page_probe.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "crawler/fetcher/html/html_document.h"
#include "crawler/fetcher/html/image_links.h"
#include "crawler/fetcher/page_request.h"
#include "crawler/fetcher/suggest/suggestion.h"
#include "crawler/fetcher/suggest/xpath_match.h"
#include "crawler/fetcher/text/page_text.h"
#include "shared/base/cause.h"
#include "shared/base/encoding_label.h"

namespace doutu {
namespace {

using Json = nlohmann::ordered_json;

std::string shortened(const std::string& text) {
  return text.size() <= kMaxShown ? text : text.substr(0, kMaxShown) + "...";
}

Json shortened(const std::vector<std::string>& texts) {
  Json json = Json::array();
  for (const std::string& text : texts) json.push_back(shortened(text));
  return json;
}

Json json_of(const XpathMatch& match) {
  return {{"xpath", match.xpath},
          {"cause", cause_name(match.cause)},
          {"hits", match.hits},
          {"distinct", match.distinct},
          {"repeats", match.repeats},
          {"inlined", match.inlined},
          {"unusable", match.unusable},
          {"all_same", match.all_same()},
          {"without_url", match.without_url},
          {"such_as", shortened(match.such_as)},
          {"first", shortened(match.first)},
          {"rejected", shortened(match.rejected)}};
}

Json json_of(const Suggestion& suggestion) {
  Json json = json_of(suggestion.match);
  json["why"] = shortened(suggestion.why);
  return json;
}

Json json_of(const FetchedPage& page, const std::string& url) {
  return {{"url", shortened(url)},
          {"final_url", shortened(page.url)},
          {"status", page.http_status},
          {"content_type", shortened(page.content_type)},
          {"encoding", ""},
          {"bytes", page.body.size()},
          {"cause", ""},
          {"cause_text", ""},
          {"matches", Json::array()},
          {"suggestions", Json::array()}};
}

void say_cause(Cause cause, int http_status, Json& answer) {
  answer["cause"] = cause_name(cause, http_status);
  answer["cause_text"] = cause_text(cause, http_status);
}

void look_at(FetchedPage page, const PageOptions& options, const std::vector<Xpath>& xpaths, Json& answer) {
  const auto forced = encoding_from_label(options.encoding);
  const PageText text = decode_page(std::exchange(page.body, {}), page.content_type, forced);
  answer["encoding"] = encoding_name(text.encoding);
  const auto document = HtmlDocument::parse(text.utf8, text.markup);
  if (!document) return say_cause(Cause::page_too_complex, page.http_status, answer);
  const PageBase base = page_base(*document, page.url, text.encoding);
  for (std::size_t i = 0; i < xpaths.size(); ++i) {
    const XpathMatch match = match_xpath(*document, base, options.xpaths[i], xpaths[i], options.max_hits);
    answer["matches"].push_back(json_of(match));
  }
  if (!xpaths.empty()) return;
  for (const Suggestion& suggestion : suggest(*document, base, options.max_hits)) {
    answer["suggestions"].push_back(json_of(suggestion));
  }
}

}  // namespace

std::string probe_page(const CrawlSettings& settings, const std::vector<Xpath>& xpaths, const std::string& url,
                       std::string_view cookies) {
  FetchedPage page = PageRequest(settings).get(url, settings.page.max_bytes, cookies);
  Json answer = json_of(page, url);
  if (page.cause == Cause::none) {
    look_at(std::move(page), settings.page, xpaths, answer);
  } else {
    say_cause(page.cause, page.http_status, answer);
  }
  return answer.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace doutu
