#include "downloader/ledger/page_links.h"

#include <algorithm>
#include <string>
#include <utility>

#include "shared/url/same_site.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

/// A page that the user has named may have moved to another site; one that was found is where it was found to be.
bool is_on_site(const PageRecord& page, const PageLink& place, std::string_view url) {
  if (place.step == 0) return true;  // A list names what it likes, as the user does.
  const std::string host = url_host(url);
  if (is_same_site(host, url_host(page.url))) return true;
  return place.depth == 0 && !page.final_url.empty() && is_same_site(host, url_host(page.final_url));
}

/// Pages in a row, this one included, that brought nothing new.
std::uint32_t barren_after(const PageRecord& page, const PageLink& place) {
  const bool has_brought = page.hits > page.repeated || place.found > 0;
  return has_brought ? 0 : place.barren + 1;
}

}  // namespace

PageLinks::PageLinks(Preparer& prepare, CurrentJob& job, LinkTable& links, PageLinkTable& pages)
    : job_(job),
      links_(links),
      pages_(pages),
      find_earlier_(prepare("SELECT one.id FROM job one JOIN job this ON this.id = ? WHERE one.id <> this.id"
                            " AND one.settled IS NOT NULL AND one.xpaths = this.xpaths ORDER BY one.id")),
      page_of_image_(prepare("SELECT page FROM found WHERE id = ? AND job = ?")) {}

Status PageLinks::begin_job() {
  earlier_.clear();
  if (!rules_.is_used) return {};
  auto found = find_earlier_.first(job_.id());
  for (; found && *found; found = find_earlier_.next()) earlier_.push_back(find_earlier_.integer(0));
  if (!found) return std::move(found).error();
  return pages_.begin_job();
}

Result<PageLink> PageLinks::begin_attempt(const PageTask& asked) {
  auto place = pages_.find(asked.id);
  if (!place) return std::move(place).error();
  PageLink page = place->value_or(PageLink{.number = asked.id, .step = asked.step});
  if (page.link == 0) {
    auto link = links_.find(asked.url);
    if (!link) return std::move(link).error();
    const bool is_met = link->id != 0 && link->job == job_.id() && link->number != 0;
    if (!is_met) {
      if (Status met = links_.meet(*link, asked.id); !met) return std::move(met).error();
    }
    page.link = link->id;
  }
  page.seen = page.deeper = page.found = page.off_site = page.too_deep = page.over_limit = page.endless = 0;
  if (Status saved = pages_.save(page); !saved) return std::move(saved).error();
  return page;
}

Result<bool> PageLinks::add(const PageRecord& page, PageLink& place, const PageFound& link, std::string_view url) {
  const bool is_next = link.step == place.step;
  if ((!is_next && link.step != place.step + 1) || link.step > rules_.last_step) return false;
  ++place.seen;
  if (!is_next || place.step == 0) ++place.deeper;
  if (!is_on_site(page, place, url)) return ++place.off_site, true;
  auto to = links_.find(url);
  if (!to) return std::move(to).error();
  if (to->id != 0 && to->job == job_.id()) return count_met(place, *to, is_next);
  if (rules_.max_depth > 0 && place.depth >= rules_.max_depth) return ++place.too_deep, true;
  if (is_next && barren_after(page, place) >= kMaxBarren) return ++place.endless, true;
  // A page of the last step stays as it is; pages above it list what is new. Where there is one step, pages that lead
  // to each other list what is new.
  const bool is_below_a_list = link.step > 1 || place.step == 0;
  if (is_below_a_list && link.step == rules_.last_step && !rules_.refreshes && is_whole(*to)) {
    if (!is_next) ++place.found;
    pages_.add_known();
    if (Status met = links_.meet(*to, 0); !met) return std::move(met).error();
    return true;
  }
  if (rules_.max_pages > 0 && pages_.count() >= rules_.max_pages) return ++place.over_limit, true;
  if (!is_next) ++place.found;
  if (Status added = add_page(place, link, *to, is_next ? barren_after(page, place) : 0); !added)
    return std::move(added).error();
  return true;
}

/// An attempt at the page before this one may have found it.
Result<bool> PageLinks::count_met(PageLink& place, const Link& to, bool is_next) {
  if (is_next || to.number < kFirstFoundPage) return true;
  const auto page = pages_.find(to.number);
  if (!page) return page.error();
  if (*page && (*page)->parent == place.number) ++place.found;
  return true;
}

bool PageLinks::is_whole(const Link& link) const {
  return link.whole > link.broken && std::ranges::binary_search(earlier_, link.whole);
}

Status PageLinks::add_page(const PageLink& parent, const PageFound& link, Link& to, std::uint32_t barren) {
  PageLink page{.number = pages_.take_number(),
                .step = link.step,
                .depth = parent.depth + 1,
                .parent = parent.number,
                .position = link.position,
                .barren = barren};
  if (Status met = links_.meet(to, page.number); !met) return met;
  page.link = to.id;
  return pages_.save(page);
}

/// A page without images of its own may be a login page, or say that there is trouble.
Status PageLinks::page_ended(const PageRecord& page, const PageLink& place) {
  auto link = links_.find(place.link);
  if (!link) return std::move(link).error();
  if (Status read = links_.read_whole(*link); !read) return read;
  const bool is_elsewhere = !page.final_url.empty() && page.final_url != page.url;
  const bool has_own = page.hits > 0 && !(is_elsewhere && page.hits == page.repeated);
  const bool lacks_images = place.step == rules_.last_step && !has_own;
  return lacks_images || place.lacks_links() ? lacks_something(place.number) : Status();
}

/// Pages of one step lead to each other: who has the first of them is not led to the others.
Status PageLinks::lacks_something(std::uint64_t page) {
  if (!rules_.is_used) return {};
  for (std::uint64_t number = page; number != 0;) {
    const auto place = pages_.find(number);
    if (!place) return place.error();
    if (!*place || (*place)->depth == 0) return {};
    auto link = links_.find((*place)->link);
    if (!link) return std::move(link).error();
    if (link->broken >= job_.id()) return {};
    if (Status saved = links_.lacks_something(*link); !saved) return saved;
    const auto parent = pages_.find((*place)->parent);
    if (!parent) return parent.error();
    number = *parent && (*parent)->step == (*place)->step ? (*place)->parent : 0;
  }
  return {};
}

Status PageLinks::image_failed(std::int64_t image) {
  if (!rules_.is_used) return {};
  const auto found = page_of_image_.first(image, job_.id());
  if (!found) return found.error();
  if (!*found) return {};
  const auto page = page_of_image_.as<std::uint64_t>(0);
  page_of_image_.reset();
  return lacks_something(page);
}

}  // namespace doutu
