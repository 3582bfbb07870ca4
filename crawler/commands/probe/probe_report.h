// ProbeReport: what `doutu probe` says: the fetcher's answer (page_probe.h) and the commands that crawl accordingly; as
// text for people and as JSON. Pure; the parent's thread. What the page wrote is escaped in the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/cookies/cookie_sources.h"
#include "shared/base/result.h"
#include "shared/crawl/crawl_settings.h"

namespace doutu {

/// An expression and what it found; of a suggestion also why.
struct ProbeMatch {
  std::string xpath;
  std::string cause;
  std::uint64_t hits = 0, distinct = 0, repeats = 0, inlined = 0, unusable = 0;
  bool all_same = false;
  std::uint64_t without_url = 0;  ///< What it matched beside the hits.
  std::string such_as;
  std::vector<std::string> first, rejected, why;
  std::string command;  ///< That crawls with it; from suggest_commands().
};

struct ProbeReport {
  std::string url, final_url, content_type, encoding;
  std::uint64_t status = 0, bytes = 0;
  std::string cause, cause_text;  ///< Empty: the page came.
  std::vector<ProbeMatch> matches, suggestions;
  std::string page_guess;  ///< What in the URL was taken for a page number: "page=3"; from suggest_commands().
};

/// Reads the fetcher's answer. Error: it is none.
[[nodiscard]] Result<ProbeReport> parse_probe_answer(std::string_view json);

/// Adds the commands. settings and cookies are those that the page was fetched with.
void suggest_commands(ProbeReport& report, const CrawlSettings& settings, const CookieSources& cookies);

/// One object, valid UTF-8, ended by a newline; the names of the fields are those above.
[[nodiscard]] std::string probe_json(const ProbeReport& report);
[[nodiscard]] std::string probe_text(const ProbeReport& report);

/// 0: something was found; 3: the page did not come; 4: it has no images that the expressions find.
[[nodiscard]] int exit_status(const ProbeReport& report);

}  // namespace doutu
