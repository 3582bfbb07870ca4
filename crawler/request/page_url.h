// The URL of a page that a report names by its number. A pure function; any thread.
#pragma once

#include <optional>
#include <string>

#include "shared/ledger/schema.h"

namespace doutu {

/// Of the first of these pages, "4-10,15"; `pages` may also be all pages of the job, as its spec says them. nullopt: it
/// is not known, for example of a list of URLs. In as many steps as pages stand before it.
[[nodiscard]] std::optional<std::string> first_page_url(const JobSpec& spec, const std::string& pages);

}  // namespace doutu
