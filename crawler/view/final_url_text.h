// Where the fetch of a page or image ended, if not at its own URL. Pure; any thread.
#pragma once

#include <string>

namespace doutu {

/// Whether it ended at a robots.txt that was to be read before it: the URL itself was not asked for.
[[nodiscard]] bool ended_at_robots(const std::string& url, const std::string& final_url);

/// "redirected to https://e/login", or which robots.txt could not be read and what to do. Goes behind the URL, in front
/// of the cause. Escaped.
[[nodiscard]] std::string final_url_text(const std::string& url, const std::string& final_url);

}  // namespace doutu
