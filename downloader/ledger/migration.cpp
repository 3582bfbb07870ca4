#include "downloader/ledger/migration.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "downloader/ledger/id_list.h"
#include "downloader/ledger/url_keys.h"
#include "shared/ledger/schema.h"
#include "shared/ledger/schema_5.h"

namespace doutu {
namespace {

std::string stamps() {
  return fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", kLedgerApplicationId, kLedgerVersion);
}

// Every row of images becomes one of found, in the order of their ids; the keys of URLs are made when it is opened.
constexpr const char* kCopy = R"sql(
INSERT INTO job (id, template, pages, xpaths, started, settled, known, repeated, saved, duplicate, skipped, failed,
                 pending, bytes)
  SELECT id, template, pages, xpaths, started, settled, known, repeated, saved, duplicate, skipped, failed, pending, bytes
  FROM accounts;
UPDATE job SET without_end_mark = n FROM
  (SELECT settled_in, count(*) AS n FROM images WHERE cause = 'no-end-mark' AND state IN (1, 2) GROUP BY settled_in) c
  WHERE c.settled_in = job.id;
INSERT INTO failure_count SELECT account, coalesce(cause, 'internal-error'), count(*) FROM images WHERE state = 3
  GROUP BY 1, 2;
INSERT INTO page SELECT account, number, url, final_url, state, attempt, run, run_attempt, cause, http_status, hits,
  repeated, -1 FROM pages;
INSERT INTO host SELECT id, name, id IN (SELECT host FROM images WHERE state IN (1, 2)) FROM hosts;
INSERT INTO found (id, url, host, job, page, attempt, position)
  SELECT id, url, host, account, page, attempt, position FROM images ORDER BY id;
INSERT INTO ended (id, state, job, attempts, cause, http_status, final_url, file, bytes, sha256, type, width, height,
                   frames, epoch)
  SELECT id, state, coalesce(settled_in, account), attempts, cause, http_status, final_url, file, bytes, sha256, type,
    width, height, frames, round FROM images WHERE state <> 0 ORDER BY id;
INSERT INTO retry SELECT id, attempts, next_attempt, cause, http_status FROM images
  WHERE state = 0 AND (attempts > 0 OR next_attempt > 0 OR cause IS NOT NULL);
INSERT INTO failed SELECT account, id FROM images WHERE state = 3;
INSERT OR IGNORE INTO old_content SELECT bytes, sha256, id FROM images WHERE state = 1 AND sha256 IS NOT NULL ORDER BY id;
INSERT INTO sync SELECT 1, durable, coalesce((SELECT id FROM images WHERE state IN (1, 2) AND round <= durable
  ORDER BY round DESC, id DESC LIMIT 1), 0) FROM syncs;
INSERT INTO lane SELECT run, generation, taken FROM lanes;
)sql";

constexpr const char* kDrop =
    "DROP TABLE accounts; DROP TABLE pages; DROP TABLE hosts; DROP TABLE images; DROP TABLE syncs; DROP TABLE lanes;";

/// Of the system's random bytes: SQLite's are not made for secrets.
Status save_secret(Database& db) {
  UrlSecret secret{};
  if (::getrandom(secret.data(), secret.size(), 0) != static_cast<ssize_t>(secret.size())) {
    return system_error("getrandom");
  }
  auto row = db.prepare("INSERT INTO merged (id, secret, found, named) VALUES (1, ?, 0, 0)");
  return row ? row->run(std::span<const std::byte>(secret)) : Status(std::move(row).error());
}

/// Images of which no sync was said to be kept: a row for each epoch.
Status copy_named(Database& db) {
  auto rows = db.prepare(
      "SELECT round, id FROM images WHERE state IN (1, 2) AND round > coalesce((SELECT durable FROM"
      " syncs), 0) ORDER BY round, id");
  auto save = db.prepare("INSERT INTO named (epoch, images) VALUES (?, ?)");
  if (!rows) return std::move(rows).error();
  if (!save) return std::move(save).error();
  std::int64_t epoch = 0;
  std::vector<std::int64_t> ids;
  const auto save_epoch = [&]() -> Status {
    if (ids.empty()) return {};
    std::vector<std::byte> images;
    put_ids(images, ids);
    ids.clear();
    return save->run(epoch, std::span<const std::byte>(images));
  };
  for (auto found = rows->first();; found = rows->next()) {
    if (!found) return std::move(found).error();
    if (!*found) return save_epoch();
    if (rows->integer(0) != epoch) {
      if (Status saved = save_epoch(); !saved) return saved;
    }
    epoch = rows->integer(0);
    ids.push_back(rows->integer(1));
  }
}

Status drop_indexes(Database& db, std::string_view which) {
  std::string drops;
  auto rows =
      db.prepare(fmt::format("SELECT 'DROP INDEX \"' || replace(name, '\"', '\"\"') || '\";' FROM sqlite_schema"
                             " WHERE type = 'index' AND sql IS NOT NULL AND {}",
                             which));
  if (!rows) return std::move(rows).error();
  for (auto found = rows->first();; found = rows->next()) {
    if (!found) return std::move(found).error();
    if (!*found) return db.execute(drops.c_str());
    drops += rows->text(0);
  }
}

Status in_transaction(Database& db, Status (*work)(Database&)) {
  Status done = db.execute("BEGIN IMMEDIATE");
  if (done) done = work(db);
  if (done) done = db.execute("COMMIT");
  if (!done) (void)db.execute("ROLLBACK");
  return done;
}

Status make(Database& db) {
  Status made = db.execute(ledger_schema().c_str());
  if (made) made = db.execute(stamps().c_str());
  if (made) made = save_secret(db);
  return made;
}

// One that a user made may have the name of a table or view that comes.
constexpr const char* kInTheWay4 =
    "lower(name) IN ('link', 'link_key', 'page_link', 'link_count', 'alternative', 'replaced', 'replaced_other',"
    " 'found_pages', 'replacements')";
constexpr const char* kInTheWay5 = "lower(name) IN ('robots', 'robots_tag', 'robots_tags')";

Status migrate_5(Database& db) {
  Status moved = drop_indexes(db, kInTheWay5);
  if (moved) moved = db.execute(kAddReferrerPolicy);
  if (moved) moved = db.execute(kRobotsTables);
  return moved ? db.execute(stamps().c_str()) : std::move(moved);
}

Status migrate_4(Database& db) {
  Status moved = drop_indexes(db, kInTheWay4);
  if (moved) moved = db.execute(kLinkTables);
  return moved ? migrate_5(db) : std::move(moved);
}

Status migrate_3(Database& db) {
  Status moved = drop_indexes(db, "true");  // All are of tables that go.
  if (moved) moved = db.execute(kLedgerTables);
  if (moved) moved = db.execute(kFoundTable);
  if (moved) moved = save_secret(db);
  if (moved) moved = db.execute(kCopy);
  if (moved) moved = copy_named(db);
  if (moved) moved = db.execute(kDrop);
  if (moved) moved = db.execute(kLedgerViews);
  if (moved) moved = db.execute(kLinkTables);
  if (moved) moved = db.execute(kRobotsTables);
  if (moved) moved = db.execute(stamps().c_str());
  return moved;
}

}  // namespace

Status make_ledger(Database& db) { return in_transaction(db, make); }

// The table of old contents is filled in no order: it is kept in memory, 45 MB for a million images.
Status migrate_from_version_3(Database& db) {
  Status migrated = db.execute("PRAGMA cache_size = -64000");
  if (migrated) migrated = in_transaction(db, migrate_3);
  if (migrated) migrated = db.execute("PRAGMA cache_size = -2000");
  return migrated;
}

Status migrate_from_version_4(Database& db) { return in_transaction(db, migrate_4); }

Status migrate_from_version_5(Database& db) { return in_transaction(db, migrate_5); }

}  // namespace doutu
