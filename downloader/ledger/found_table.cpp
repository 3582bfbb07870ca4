#include "downloader/ledger/found_table.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "downloader/ledger/ledger_values.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

/// The state that a hit begins in: a link that is no URL is settled the moment it is met.
ImageState first_state(const ImageFound& hit) {
  if (hit.cause == Cause::none) return ImageState::pending;
  return hit.cause == Cause::unsupported_scheme ? ImageState::skipped : ImageState::failed;
}

}  // namespace

FoundTable::FoundTable(Preparer& prepare, CurrentJob& job, ImageIds& ids, PendingIds& pending,
                       AlternativeTable& alternatives)
    : job_(job),
      ids_(ids),
      pending_(pending),
      alternatives_(alternatives),
      urls_(prepare),
      row_(prepare(
          "SELECT f.url, f.job, f.page, f.attempt, f.position, coalesce(e.state, 0), coalesce(e.job, 0), e.file,"
          " e.bytes, f.referrer_policy FROM found f LEFT JOIN ended e ON e.id = f.id WHERE f.id = ?")),
      url_of_(prepare("SELECT url FROM found WHERE id = ?")),
      unmerged_(prepare("SELECT id, url, mark FROM found WHERE id > ? ORDER BY id LIMIT ?")),
      insert_{prepare("INSERT INTO found (id, url, host, job, page, attempt, position, mark, referrer_policy)"
                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
              prepare("INSERT INTO ended (id, state, job, attempts, cause, http_status, mark)"
                      " VALUES (?, ?, ?, 0, ?, 0, ?)")},
      move_(prepare("UPDATE found SET attempt = ?2, position = ?3 WHERE id = ?1")),
      copy_(prepare("INSERT INTO found (id, url, host, job, page, attempt, position, mark, referrer_policy)"
                    " SELECT ?2, url, host, ?3, coalesce(?4, page), coalesce(?5, attempt), coalesce(?6, position),"
                    " mark, referrer_policy FROM found WHERE id = ?1 RETURNING url")),
      removal_{prepare("DELETE FROM found WHERE id = ?"), prepare("DELETE FROM ended WHERE id = ?"),
               prepare("DELETE FROM retry WHERE id = ?"), prepare("DELETE FROM robots_tag WHERE image = ?")},
      save_merged_(prepare("UPDATE merged SET found = ?")),
      failed_{prepare("INSERT INTO failed (job, image) VALUES (?, ?)"),
              prepare("DELETE FROM failed WHERE job = ? AND image = ?")} {}

/// In the order of the keys: neighbours are in one page of the table.
Result<std::int64_t> FoundTable::load_keys(std::int64_t behind) {
  std::vector<std::pair<KeyStage::Key, std::int64_t>> rows;
  auto found = unmerged_.first(behind, KeyStage::kFull);
  for (; found && *found; found = unmerged_.next()) {
    const std::int64_t id = unmerged_.integer(0);
    const std::string_view url = unmerged_.text(1);
    if (!has_mark_of(unmerged_, 2, url)) {
      unmerged_.reset();
      return damaged_url(id);
    }
    rows.emplace_back(urls_.key_of(url), id);
    behind = id;
  }
  if (!found) return found.error();
  if (rows.empty()) return 0;
  std::ranges::sort(rows);
  for (const auto& [key, id] : rows) {
    if (Status loaded = load_key(id, key); !loaded) return std::move(loaded).error();
  }
  keys().committed();
  return behind;
}

Status FoundTable::load_key(std::int64_t id, KeyStage::Key key) {
  std::optional<std::string> url;  // Most need none.
  const auto free = keys().probe(key, [&](const KeyStage::Probed& at) -> Result<bool> {
    if (!url) {
      auto own = url_in(id);
      if (!own) return std::move(own).error();
      url = *std::move(own);
    }
    return has_url(at.image, *url);
  });
  if (!free) return free.error();
  keys().put(free->key, id);
  return {};
}

Result<std::string> FoundTable::url_in(std::int64_t id) {
  const auto found = url_of_.first(id);
  if (!found) return found.error();
  std::string url(*found ? url_of_.text(0) : std::string_view());
  url_of_.reset();
  return url;
}

/// A key of a row that is gone stands for nobody, and its place is free.
Result<bool> FoundTable::has_url(std::int64_t id, std::string_view url) {
  const auto found = url_of_.first(id);
  if (!found) return found.error();
  const bool is_free = !*found || url_of_.text(0) == url;
  url_of_.reset();
  return is_free;
}

Result<FoundImage> FoundTable::find(std::string_view url) {
  FoundImage image;
  const auto probed = urls_.probe(url, [&](const KeyStage::Probed& at) -> Result<bool> {
    const auto found = row_.first(at.image);
    if (!found) return found.error();
    if (*found && row_.text(0) != url) {
      row_.reset();
      return false;
    }
    if (*found) {
      image = image_at_row(at.image);
      row_.reset();
    }
    return true;
  });
  if (!probed) return probed.error();
  image.key = probed->key;
  return image;
}

Result<FoundImage> FoundTable::find(std::int64_t id) {
  const auto found = row_.first(id);
  if (!found) return found.error();
  if (!*found) return FoundImage();
  FoundImage image = image_at_row(id);
  row_.reset();
  return image;
}

FoundImage FoundTable::image_at_row(std::int64_t id) const {
  return {.id = id,
          .job = row_.integer(1),
          .page = row_.as<std::uint64_t>(2),
          .attempt = row_.as<std::uint32_t>(3),
          .position = row_.as<std::uint32_t>(4),
          .state = row_.as<ImageState>(5),
          .settled_in = row_.integer(6),
          .file = std::string(row_.text(7)),
          .bytes = row_.as<std::uint64_t>(8),
          .referrer_policy = referrer_policy_at(row_, 9)};
}

Result<std::optional<ImageTask>> FoundTable::add_again(const PageRecord& page, const ImageFound& hit, std::int64_t host,
                                                       const FoundImage& old) {
  Status removed = remove(old.id);
  if (removed && old.state == ImageState::failed) removed = failed_.forget.run(old.settled_in, old.id);
  if (removed) removed = alternatives_.begin_anew(old.id, ids_.next());
  if (!removed) return std::move(removed).error();
  return add(page, hit, host, old.key);
}

Result<std::optional<ImageTask>> FoundTable::add(const PageRecord& page, const ImageFound& hit, std::int64_t host,
                                                 KeyStage::Key key) {
  const bool is_skipped = skips_all_ && hit.cause == Cause::none;
  const ImageState state = is_skipped ? ImageState::skipped : first_state(hit);
  const std::int64_t id = ids_.take();
  Status added = insert_.found.run(id, hit.url, host, job_.id(), page.number, page.attempt, hit.position,
                                   mark_of(hit.url), hit.referrer_policy);
  if (added && state != ImageState::pending) {
    added = insert_.ended.run(id, state, job_.id(), name_or_null(hit.cause, 0), mark_of_end(id, {}));
    if (added && state == ImageState::failed) added = record_failed(id);
  }
  if (added && state == ImageState::pending && !hit.alternatives.empty()) {
    added = alternatives_.save_urls(id, hit.alternatives);
  }
  if (!added) return std::move(added).error();
  keys().put(key, id);
  job_.add_image(state, hit.cause);
  if (state != ImageState::pending) return std::optional<ImageTask>();
  pending_.add(host, id);
  ImageTask task;
  task.id = id;
  task.host = host;
  task.spot = {page.number, hit.position};
  task.url = hit.url;
  task.referer = referer_of(page);
  task.referrer_policy = hit.referrer_policy;
  return std::optional(std::move(task));
}

const std::string& FoundTable::referer_of(const PageRecord& page) {
  const std::string& url = page.final_url.empty() ? page.url : page.final_url;
  if (url != referer_.url) referer_ = {url, url_without_userinfo(url)};
  return referer_.text;
}

Status FoundTable::move(const FoundImage& image, const PageRecord& page, std::uint32_t position) {
  return move_.run(image.id, page.attempt, position);
}

Result<std::int64_t> FoundTable::requeue(std::int64_t id, std::int64_t job, std::int64_t host) {
  return copy(id, job, std::nullopt, host);
}

Result<std::int64_t> FoundTable::take_over(std::int64_t id, const MetImages::PageMeeting& met, std::int64_t host) {
  return copy(id, job_.id(), met, host);
}

/// met: where it stands from now on; nullopt: as before.
Result<std::int64_t> FoundTable::copy(std::int64_t id, std::int64_t job,
                                      const std::optional<MetImages::PageMeeting>& met, std::int64_t host) {
  const std::int64_t new_id = ids_.take();
  const auto page = met ? std::optional(met->page) : std::nullopt;
  const auto attempt = met ? std::optional(met->meeting.attempt) : std::nullopt;
  const auto position = met ? std::optional(met->meeting.position) : std::nullopt;
  const auto copied = copy_.first(id, new_id, job, page, attempt, position);
  if (!copied) return copied.error();
  if (!*copied) return Error{"the ledger has no such image", 0};
  const std::string url(copy_.text(0));
  copy_.reset();
  Status removed = remove(id);
  if (removed) removed = alternatives_.renumber(id, new_id);
  if (!removed) return std::move(removed).error();
  const auto key = urls_.probe(url, [&](const KeyStage::Probed& at) { return has_url(at.image, url); });
  if (!key) return key.error();
  keys().put(key->key, new_id);
  if (job == job_.id()) pending_.add(host, new_id);
  return new_id;
}

Status FoundTable::record_failed(std::int64_t id) { return failed_.save.run(job_.id(), id); }

Status FoundTable::remove(std::int64_t id) {
  Status removed = removal_.found.run(id);
  if (removed) removed = removal_.ended.run(id);
  if (removed) removed = removal_.retry.run(id);
  if (removed) removed = removal_.robots_tag.run(id);
  return removed;
}

Status FoundTable::merge(std::int64_t up_to) {
  if (Status merged = keys().merge(); !merged) return merged;
  return save_merged_.run(up_to);
}

}  // namespace doutu
