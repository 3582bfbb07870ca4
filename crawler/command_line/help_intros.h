// What the helps of doutu and of its commands begin with: examples first, then what the command does; at most 80
// columns.
#pragma once

#include <string_view>

namespace doutu {

inline constexpr std::string_view kHelp =
    R"(doutu: fetches every image of a range of web pages, and survives every kill.

Examples:
  doutu demo                        crawl a small site made for trying it out
  doutu crawl --pages 1-10          the built-in recipe, images into img/
  doutu crawl 'https://example.com/list?page={page}' --pages 1-50 \
              --xpath '//img/@src' --directory pictures
  doutu crawl --directory pictures  continue what that folder was asked for
  doutu probe 'https://example.com/list?page=1'  which XPath finds its images?
  doutu status pictures             what the crawl there is doing, or did

Commands:
)";

inline constexpr std::string_view kHelpEnd = R"(
  -h, --help     this text; COMMAND --help tells more
      --version  version of doutu

Exit status: 0 all is there; 1 could not start, or an internal error; 2 wrong
use; 3 finished, but some pages or images failed; 4 some pages had no images;
9 stopped early by itself; 75 another crawl holds the folder; 130, 143 stopped
by SIGINT, SIGTERM. More: man doutu.
)";

inline constexpr std::string_view kCrawlHelp = R"(Examples:
  doutu crawl --pages 1-10
  doutu crawl 'https://example.com/list?page={page}' --pages 1-50 \
              --xpath '//img/@src' --directory pictures
  doutu crawl --directory pictures  continue what that folder was asked for

Usage: doutu crawl [URL-TEMPLATE] [FLAGS]

Fetches the images of some pages. {page} in the template stands for the page
number, {page:03} for at least three digits of it. With --pages alone: the
list pages of www.pkdoutu.com. The same command after a kill continues; after
the end it looks for new images. With --directory and no template it is what
that folder was asked for, with all its flags, changed by those given now.
Defaults are in brackets.
)";

inline constexpr std::string_view kDemoHelp = R"(Examples:
  doutu demo
  doutu demo --directory /tmp/demo --fetchers 2 --downloaders 5

Usage: doutu demo [FLAGS]

Serves a small site on a free port of 127.0.0.1, in a process of its own, and
crawls it like any other. Needs no network. Defaults are in brackets.
)";

inline constexpr std::string_view kStatusHelp = R"(Examples:
  doutu status                      the crawl in img/
  doutu status --watch pictures     look once a second until it ends
  doutu status --json pictures      for programs

Usage: doutu status [DIR] [FLAGS]

Says what the crawl in DIR is doing, or did, and what to do next. Changes
nothing there and does not disturb it. Exit status: 0 there is something to
tell; 1 there was no crawl, or it cannot be read; 2 wrong use, such as a folder
that does not exist.
)";

inline constexpr std::string_view kProbeHelp = R"(Examples:
  doutu probe 'https://example.com/list?page=1'
  doutu probe 'https://example.com/list?page=1' --xpath '//img/@data-src'

Usage: doutu probe URL [FLAGS]

Fetches one page and shows what each XPath finds on it. Without an XPath it
proposes some, with the command that crawls by them. Defaults are in brackets.
Exit status: 0 images found; 3 the page did not come; 4 no image found.
)";

}  // namespace doutu
