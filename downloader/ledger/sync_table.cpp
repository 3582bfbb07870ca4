#include "downloader/ledger/sync_table.h"

#include <algorithm>
#include <span>

#include "downloader/ledger/id_list.h"

namespace doutu {

SyncTable::SyncTable(Preparer& prepare)
    : find_(prepare("SELECT durable, last_named FROM sync WHERE id = 1")),
      save_(prepare("INSERT OR REPLACE INTO sync (id, durable, last_named) VALUES (1, ?, ?)")),
      find_merged_(prepare("SELECT named FROM merged")),
      save_merged_(prepare("UPDATE merged SET named = coalesce((SELECT max(id) FROM named), named)")),
      save_named_(prepare("INSERT INTO named (id, epoch, images) VALUES"
                          " (1 + max((SELECT named FROM merged), coalesce((SELECT max(id) FROM named), 0)), ?, ?)")),
      unsure_(prepare("SELECT images FROM named WHERE epoch > ? ORDER BY id")),
      unmerged_(prepare("SELECT images FROM named WHERE id > ? ORDER BY id")),
      latest_(prepare("SELECT epoch, images FROM named ORDER BY id DESC")),
      forget_named_(prepare("DELETE FROM named WHERE epoch <= ? AND id <= (SELECT named FROM merged)")),
      inline_bytes_{prepare("INSERT OR REPLACE INTO inline_bytes (image, bytes) VALUES (?, ?)"),
                    prepare("SELECT bytes FROM inline_bytes WHERE image = ?"),
                    prepare("DELETE FROM inline_bytes"
                            " WHERE coalesce((SELECT epoch FROM ended WHERE id = image), 0) <= ?")} {}

// A killed run may have left rows of later epochs than the first of this one: they are published and synced before any.
Status SyncTable::load() {
  auto found = find_.first();
  if (!found) return found.error();
  if (*found) {
    durable_ = find_.integer(0);
    last_durable_image_ = find_.integer(1);
  }
  find_.reset();
  epoch_ = durable_ + 1;
  found = find_merged_.first();
  if (!found) return found.error();
  if (*found) merged_ = find_merged_.integer(0);
  find_merged_.reset();
  return {};
}

Status SyncTable::save_durable(std::int64_t epoch) {
  if (epoch <= durable_) return {};
  const auto last = last_image(epoch);
  if (!last) return last.error();
  last_durable_image_ = *last;
  Status saved = inline_bytes_.forget.run(epoch);
  if (saved) saved = save_.run(epoch, last_durable_image_);
  if (saved) saved = forget_named_.run(epoch);
  if (!saved) return saved;
  durable_ = epoch;
  return {};
}

/// From the end, where the latest epochs stand: those of a run rise. Rows of durable epochs may be gone in part:
/// what they said is kept in the row of sync.
Result<std::int64_t> SyncTable::last_image(std::int64_t up_to_epoch) {
  std::int64_t last = 0;
  std::int64_t of_epoch = 0;
  auto found = latest_.first();
  for (; found && *found; found = latest_.next()) {
    const std::int64_t epoch = latest_.integer(0);
    if (epoch > up_to_epoch) continue;
    if (epoch <= durable_ || (of_epoch != 0 && epoch != of_epoch)) break;
    of_epoch = epoch;
    for (const std::int64_t id : ids_in(latest_.bytes(1))) last = std::max(last, id);
  }
  latest_.reset();
  if (!found) return found.error();
  return last == 0 ? last_durable_image_ : last;
}

Result<std::vector<std::int64_t>> SyncTable::images_in(Statement& rows, std::int64_t behind) {
  std::vector<std::int64_t> images;
  for (auto found = rows.first(behind);; found = rows.next()) {
    if (!found) return found.error();
    if (!*found) return images;
    const auto more = ids_in(rows.bytes(0));
    images.insert(images.end(), more.begin(), more.end());
  }
}

Result<std::vector<std::int64_t>> SyncTable::unsure_images() {
  auto images = images_in(unsure_, durable_);
  if (!images) return images;
  std::ranges::sort(*images);
  images->erase(std::unique(images->begin(), images->end()), images->end());
  return images;
}

Result<std::vector<std::int64_t>> SyncTable::unmerged_images() { return images_in(unmerged_, merged_); }

Status SyncTable::save_named() {
  if (named_.empty()) return {};
  std::vector<std::byte> images;
  put_ids(images, named_);
  return save_named_.run(epoch_, std::span<const std::byte>(images));
}

Status SyncTable::merged() { return save_merged_.run(); }

void SyncTable::committed() { named_.clear(); }

Status SyncTable::keep_bytes(std::int64_t id, std::span<const std::byte> bytes) {
  return inline_bytes_.keep.run(id, bytes);
}

Result<std::optional<std::vector<std::byte>>> SyncTable::kept_bytes(std::int64_t id) {
  const auto found = inline_bytes_.find.first(id);
  if (!found) return found.error();
  if (!*found) return std::optional<std::vector<std::byte>>();
  const auto kept = inline_bytes_.find.bytes(0);
  std::optional bytes = std::vector<std::byte>(kept.begin(), kept.end());
  inline_bytes_.find.reset();
  return bytes;
}

}  // namespace doutu
