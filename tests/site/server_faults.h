// The faults of servers: one table of all that a server may answer when it is asked for an image or for a page, and of
// how a crawl must end with it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "tests/site/test_site.h"

namespace doutu {

/// What a good server would have answered.
struct Good {
  std::string type;       ///< Content-Type.
  std::string body;       ///< A whole image, or a page that names one.
  std::string elsewhere;  ///< Another path where it is served as it should be: "/elsewhere/x".
};

/// How a crawl with `--retries 1` ends with it.
struct Ends {
  std::string as;            ///< kHad, kEmpty, kNotTried, or a cause by its name.
  std::size_t attempts = 1;  ///< Including those that failed before it was had.
};
inline constexpr const char* kHad = "had";
inline constexpr const char* kEmpty = "empty";         ///< A page without an image.
inline constexpr const char* kNotTried = "not tried";  ///< Makes no sense for this kind.

struct Fault {
  std::string name;  ///< Letters, digits and hyphens: part of paths.
  std::function<std::vector<Response>(const Good&)> answers;
  Ends image;
  Ends page;
  std::size_t requests = 1;  ///< Of an attempt that failed; redirects make them many.
};

/// All of them. None throttles, so that they can be met in one crawl; none ends a connection before the first byte of
/// an answer, which an HTTP client may try again by itself.
[[nodiscard]] std::vector<Fault> all_faults();

}  // namespace doutu
