// GivenCookies: what one source of cookies has, before it is said which of them a crawl takes. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "shared/cookies/cookie.h"

namespace doutu {

struct GivenCookies {
  std::string source;                  ///< For people: the path of a file or a profile.
  std::vector<Cookie> cookies;         ///< Well formed, none of them expired.
  std::size_t expired = 0;             ///< Left out.
  std::vector<std::size_t> odd_lines;  ///< Of a file, as NetscapeCookies has them.
  std::size_t odd_count = 0;           ///< Lines, or rows of a database, that are no cookie.
};

}  // namespace doutu
