// Pages without images, in words, and the command that shows what such a page has. Pure; any thread.
#pragma once

#include <string>

#include "crawler/report/crawl_snapshot.h"

namespace doutu {

/// Whether there are pages that need no images, since they lead to others.
[[nodiscard]] bool has_list_pages(const JobSpec& spec);

/// "7 of 10 pages had no images: pages 4-10, all redirected to /login"; empty: there are none, or they are fine. Said
/// before all else: without this a crawl that was sent to a login page looks complete. Escaped.
[[nodiscard]] std::string empty_pages_text(const CrawlSnapshot& snapshot);

/// Whether nothing came because robots.txt forbids it.
[[nodiscard]] bool is_left_to_robots(const CrawlSnapshot& snapshot);

/// Whether the summary ends with the command to look at a page without images.
[[nodiscard]] bool has_probe_command(const CrawlSnapshot& snapshot);

/// To a login page, as it seems: then the pages are not empty, and --allow-empty is no cure.
[[nodiscard]] bool were_sent_away(const CrawlSnapshot& snapshot);

/// What goes in front of the command, which itself says no value of a flag, and no password.
[[nodiscard]] std::string what_probe_shows(const CrawlSnapshot& snapshot);

/// The first page without images, or the first of all.
[[nodiscard]] std::string probe_command(const CrawlSnapshot& snapshot);

/// The command that shows what the first of these pages has, and what the expressions find there. Escaped.
[[nodiscard]] std::string probe_command(const JobSpec& spec, const std::string& pages);

}  // namespace doutu
