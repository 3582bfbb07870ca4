#include "downloader/ledger/sync_table.h"

namespace doutu {

SyncTable::SyncTable(Preparer& prepare)
    : find_(prepare("SELECT durable FROM syncs WHERE id = 1")),
      save_(prepare("INSERT OR REPLACE INTO syncs (id, durable) VALUES (1, ?)")),
      // States are the numbers of ImageState: literal where a partial index must be recognised.
      unsure_images_(prepare("SELECT id FROM images WHERE state IN (1, 2) AND round > ? ORDER BY id")),
      keep_bytes_(prepare("INSERT OR REPLACE INTO inline_bytes (image, bytes) VALUES (?, ?)")),
      find_bytes_(prepare("SELECT bytes FROM inline_bytes WHERE image = ?")),
      forget_bytes_(prepare("DELETE FROM inline_bytes"
                            " WHERE coalesce((SELECT round FROM images WHERE id = image), 0) <= ?")) {}

// A killed run may have left rows of later epochs than the first of this one: they are published and synced before any.
Status SyncTable::load() {
  const auto found = find_.first();
  if (!found) return found.error();
  if (*found) durable_ = find_.integer(0);
  find_.reset();
  epoch_ = durable_ + 1;
  return {};
}

Status SyncTable::save_durable(std::int64_t epoch) {
  if (epoch <= durable_) return {};
  Status saved = forget_bytes_.run(epoch);
  if (saved) saved = save_.run(epoch);
  if (!saved) return saved;
  durable_ = epoch;
  return {};
}

Result<std::vector<std::int64_t>> SyncTable::unsure_images() {
  std::vector<std::int64_t> ids;
  for (auto found = unsure_images_.first(durable_);; found = unsure_images_.next()) {
    if (!found) return found.error();
    if (!*found) return ids;
    ids.push_back(unsure_images_.integer(0));
  }
}

Status SyncTable::keep_bytes(std::int64_t id, std::span<const std::byte> bytes) { return keep_bytes_.run(id, bytes); }

Result<std::optional<std::vector<std::byte>>> SyncTable::kept_bytes(std::int64_t id) {
  const auto found = find_bytes_.first(id);
  if (!found) return found.error();
  if (!*found) return std::optional<std::vector<std::byte>>();
  const auto kept = find_bytes_.bytes(0);
  std::optional bytes = std::vector<std::byte>(kept.begin(), kept.end());
  find_bytes_.reset();
  return bytes;
}

}  // namespace doutu
