// What the hostile fetcher does with page N: deed N modulo kDeeds.
#pragma once

#include <cstdint>

namespace doutu {

enum class Deed : std::uint64_t {
  good = 0,        ///< One image.
  crash,           ///< Aborts.
  scribble,        ///< Overwrites the whole lane, header and all.
  truncate,        ///< Tries to take the lane's memory away; then like good.
  foreign_page,    ///< Delivers records of a page that it was not given.
  wrong_count,     ///< Ends the page with another number of hits than it delivered.
  lie,             ///< Tells the parent what only the downloader may.
  never_end,       ///< Works on for ever.
  withhold,        ///< Says that it is done with the page, of which it has put nothing.
  withhold_end,    ///< The same, and has put all but the end.
  chatter,         ///< Says again and again that it is done with a page.
  scorn,           ///< Puts the page as one that the server answered with 429, each time.
  leak,            ///< Sends the cookies that it was given to the site, in the URL of an image.
  foreign_cookie,  ///< Sets a cookie for another site (kOtherSite).
  ask_cookies,     ///< Asks for the cookies of another site.
  ask_for_ever,    ///< Asks for those of its own again and again.
  // What its sandbox forbids. Where the system only refuses: then like good.
  read,     ///< Opens files of the user, and its parent's memory.
  write,    ///< Empties the ledger, deletes it, and makes a file beside the crawl's folder (kIntruder).
  execute,  ///< Starts a shell that makes that file.
  listen,   ///< Opens a port.
  trace,    ///< Attaches to its parent; at further attempts to its siblings.
  signal,   ///< Kills its parent, and tries its siblings.
};
inline constexpr std::uint64_t kDeeds = 22;

inline constexpr const char* kOtherSite = "http://bank.test/";

inline constexpr const char* kIntruder = "/../intruder";

}  // namespace doutu
