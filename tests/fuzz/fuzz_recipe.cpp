#include "crawler/request/recipe.h"
#include "shared/url/url.h"
#include "tests/fuzz/failing_new.h"
#include "tests/fuzz/input.h"

namespace doutu {

/// Input: which allocation fails, the template up to a NUL, the XPaths, each up to a NUL.
int fuzz_recipe(FuzzInput input) {
  const unsigned failing = take_byte(input);
  Recipe recipe{std::string(take_text(input, '\0')), {}};
  while (!input.empty()) recipe.xpaths.emplace_back(take_text(input, '\0'));
  const AskedPages pages = AskedPages::parse("0-3,999999999").value();
  const auto url_template = with_and_without_memory(failing, [&] { return UrlTemplate::parse(recipe.url_template); });
  const Status checked = check_recipe(recipe, pages);
  if (!url_template) {
    DOUTU_CHECK(!checked);
    return 0;
  }
  DOUTU_CHECK(!url_template->host().empty());
  for (const std::uint64_t page : {0U, 7U, 999'999'999U}) {
    const std::string url = url_template->url_of(page);
    DOUTU_CHECK(normalise_url(url) == url);
    DOUTU_CHECK(url_authority(url) == url_template->server());
  }
  if (checked) DOUTU_CHECK(recipe_of(spec_of(recipe, pages)) == recipe);
  return 0;
}

}  // namespace doutu
