// What the helps of doutu and of its commands begin with: examples first, then what the command does; at most 80
// columns.
#pragma once

#include <string_view>

namespace doutu {

inline constexpr std::string_view kHelp =
    R"(doutu saves every image of a gallery: of numbered web pages, of linked ones,
or of a list.

Examples:
  doutu demo                        crawl a small site that doutu serves
  doutu crawl --pages 1-10          crawl the built-in example into img/
  doutu crawl 'https://example.com/list?page={page}' --pages 1-50 \
              --xpath '//img/@src' --directory pictures
  doutu crawl --directory pictures  continue the last crawl of that folder
  doutu probe 'https://example.com/list?page=1'  find an XPath for its images
  doutu status pictures             show what the crawl there does, or did

Commands:
)";

inline constexpr std::string_view kHelpEnd = R"(
  -h, --help     print this help; doutu COMMAND --help: that of a command
      --version  print the version

Exit status: 0 complete; 1 could not start, or an internal error; 2 wrong
command; 3 finished, but some pages or images failed; 4 finished, but some
pages had no images; 9 stopped early, by a full disk or a limit; 75 another
crawl is using the folder; 130, 143 stopped by SIGINT, SIGTERM.
More: man doutu.
)";

inline constexpr std::string_view kCrawlHelp = R"(Examples:
  doutu crawl --pages 1-10
  doutu crawl 'https://example.com/list?page={page}' --pages 1-50 \
              --xpath '//img/@src' --directory pictures
  doutu crawl --directory pictures  continue the last crawl of that folder

Usage: doutu crawl [URL-TEMPLATE | URL...] [OPTIONS]

Saves the images of a range of pages. In the template, {page} stands for the
page number, and {page:03} for at least three digits of it; {NAME} stands for
the values of --pages NAME=VALUES. Several URLs, or --input-file, are a list of
pages. Without --xpath,
doutu saves all images of a page (//img). The same command continues a crawl
that was stopped; after a finished crawl, it looks for new images. With
--directory and no template, doutu repeats the last command of that folder.
Options given now change that command. With --pages alone, doutu crawls the
built-in example: the list pages of www.pkdoutu.com. Defaults are in brackets.
)";

inline constexpr std::string_view kDemoHelp = R"(Examples:
  doutu demo
  doutu demo --directory /tmp/demo --fetchers 2 --downloaders 5

Usage: doutu demo [OPTIONS]

Serves a small site on a free port of 127.0.0.1 and crawls it like any other
site. Needs no network. Defaults are in brackets.
)";

inline constexpr std::string_view kStatusHelp = R"(Examples:
  doutu status                      the crawl in img/
  doutu status --watch pictures     repeat once a second until it ends
  doutu status --json pictures      for programs

Usage: doutu status [DIR] [OPTIONS]

Shows what the crawl in DIR is doing, or did, and what to do next. It changes
nothing and does not disturb the crawl. Exit status: 0 the status was shown;
1 there was no crawl, or its files cannot be read; 2 wrong command, for example
a folder that does not exist.
)";

inline constexpr std::string_view kProbeHelp = R"(Examples:
  doutu probe 'https://example.com/list?page=1'
  doutu probe 'https://example.com/list?page=1' --xpath '//img/@data-src'

Usage: doutu probe URL [OPTIONS]

Fetches one page and shows what each XPath finds on it. Without --xpath, it
suggests expressions, each with a command that crawls with it. Defaults are in
brackets. Exit status: 0 images were found; 3 the page could not be fetched;
4 no image was found.
)";

}  // namespace doutu
