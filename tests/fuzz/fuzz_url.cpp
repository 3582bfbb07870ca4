#include "shared/crawl/records.h"
#include "shared/url/url.h"
#include "tests/fuzz/failing_new.h"
#include "tests/fuzz/input.h"

namespace doutu {

/// Input: which allocation fails, the base up to a NUL, the reference.
int fuzz_url(FuzzInput input) {
  const unsigned failing = take_byte(input);
  const std::string base = normalise_url(take_text(input, '\0')).value_or("http://example.com/a/b?c");
  const ResolvedUrl resolved = with_and_without_memory(failing, [&] { return resolve_url(base, text_of(input)); });
  const std::string& url = resolved.url;
  DOUTU_CHECK(url.size() <= kMaxUrlBytes);
  if (resolved.cause != Cause::none) return 0;
  DOUTU_CHECK(resolve_url({}, url).url == url);
  DOUTU_CHECK(resolve_url(base, url).url == url);
  DOUTU_CHECK(normalise_url(url) == url);
  DOUTU_CHECK(std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f; }));
  DOUTU_CHECK(url.starts_with("http://") || url.starts_with("https://"));
  DOUTU_CHECK(url.find('#') == std::string::npos);
  DOUTU_CHECK(!url_host(url).empty() && !url_authority(url).empty());
  DOUTU_CHECK(url_last_segment(url).find('/') == std::string_view::npos);
  DOUTU_CHECK(url_host(url_without_userinfo(url)) == url_host(url));
  return 0;
}

}  // namespace doutu
