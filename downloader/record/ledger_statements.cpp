#include "downloader/record/ledger_statements.h"

#include <array>

namespace doutu {
namespace {

struct Text {
  Sql sql;
  const char* text;
};

// States are the numbers of ImageState: literal where a partial index must be recognised.
constexpr std::array<Text, kSqlCount> kTexts = {{
    {Sql::begin, "BEGIN IMMEDIATE"},
    {Sql::commit, "COMMIT"},
    {Sql::rollback, "ROLLBACK"},

    {Sql::find_job,
     "SELECT template, pages, xpaths, known, repeated, saved, duplicate, skipped, failed, pending, bytes"
     " FROM accounts WHERE id = ?"},
    {Sql::find_unsettled,
     "SELECT id FROM accounts WHERE template = ? AND pages = ? AND xpaths = ? AND settled IS NULL"
     " ORDER BY id DESC LIMIT 1"},
    {Sql::insert_job,
     "INSERT INTO accounts (id, template, pages, xpaths, started)"
     " VALUES (coalesce(?, (SELECT coalesce(max(id), 0) + 1 FROM accounts)), ?, ?, ?, ?) RETURNING id"},
    {Sql::update_pages, "UPDATE accounts SET pages = ?2, settled = NULL WHERE id = ?1"},
    {Sql::save_counters,
     "UPDATE accounts SET known = ?2, repeated = ?3, saved = ?4, duplicate = ?5, skipped = ?6, failed = ?7,"
     " pending = ?8, bytes = ?9 WHERE id = ?1"},
    {Sql::settle_job, "UPDATE accounts SET settled = ?2 WHERE id = ?1 AND settled IS NULL"},
    {Sql::unsettle_job, "UPDATE accounts SET settled = NULL WHERE id = ?"},
    {Sql::lose_pending, "UPDATE accounts SET pending = pending - 1, known = known + 1 WHERE id = ?"},
    {Sql::lose_fetched,
     "UPDATE accounts SET settled = NULL, pending = pending + 1, known = known - ?2, saved = saved - ?3,"
     " duplicate = duplicate - ?4, bytes = bytes - ?5 WHERE id = ?1"},
    {Sql::count_failures, "SELECT cause, count(*) FROM images WHERE state = 3 AND account = ? GROUP BY cause"},

    {Sql::find_lane, "SELECT taken FROM lanes WHERE run = ? AND generation = ?"},
    {Sql::save_lane, "INSERT OR REPLACE INTO lanes (run, generation, taken) VALUES (?, ?, ?)"},
    {Sql::forget_other_runs, "DELETE FROM lanes WHERE run <> ?"},

    {Sql::find_page,
     "SELECT url, final_url, state, attempt, run, run_attempt, cause, http_status, hits, repeated FROM pages"
     " WHERE account = ? AND number = ?"},
    {Sql::save_page,
     "INSERT OR REPLACE INTO pages (account, number, url, final_url, state, attempt, run, run_attempt, cause,"
     " http_status, hits, repeated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},

    {Sql::find_host, "SELECT id FROM hosts WHERE name = ?"},
    {Sql::insert_host, "INSERT INTO hosts (name) VALUES (?) RETURNING id"},
    {Sql::pending_hosts,
     "SELECT p.host, coalesce(h.name, p.host) FROM"
     " (SELECT host FROM images WHERE account = ? AND state = 0 AND host > ? GROUP BY host ORDER BY host LIMIT ?) p"
     " LEFT JOIN hosts h ON h.id = p.host ORDER BY p.host"},

    // Two passes over a table, once a run.
    {Sql::answering_hosts, "SELECT id, name FROM hosts WHERE id IN (SELECT host FROM images WHERE state IN (1, 2))"},
    {Sql::answering_pages,
     "SELECT coalesce(final_url, url) FROM pages WHERE account = ? AND state IN (1, 2) ORDER BY number DESC LIMIT ?"},

    {Sql::pending_spot, "SELECT page, position FROM images WHERE id = ? AND account = ? AND state = 0"},
    {Sql::find_image,
     "SELECT account, state, file, bytes, sha256, url, type, host, attempts, settled_in FROM images WHERE id = ?"},
    {Sql::find_image_by_url,
     "SELECT id, account, page, attempt, position, state, settled_in, file, bytes FROM images WHERE url_key = ?"},
    {Sql::find_content, "SELECT file, url, type FROM images WHERE sha256 = ? AND state = 1 LIMIT 1"},
    {Sql::pending_images,
     "SELECT i.id, i.attempts, i.next_attempt, i.url, coalesce(p.final_url, p.url) FROM images i"
     " LEFT JOIN pages p ON p.account = i.account AND p.number = i.page"
     " WHERE i.account = ? AND i.host = ? AND i.id > ? AND i.state = 0 ORDER BY i.id LIMIT ?"},
    {Sql::insert_image,
     "INSERT INTO images (id, url_key, url, host, account, page, attempt, position, state, settled_in, cause)"
     " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (url_key) DO NOTHING"},
    {Sql::move_image, "UPDATE images SET account = ?2, page = ?3, attempt = ?4, position = ?5 WHERE id = ?1"},
    {Sql::requeue_image,
     "UPDATE images SET id = ?2, account = ?3, page = ?4, attempt = ?5, position = ?6, state = ?7, settled_in = ?8,"
     " cause = ?9, host = ?10, attempts = 0, next_attempt = 0, http_status = 0, final_url = NULL, file = NULL,"
     " bytes = NULL, sha256 = NULL, type = NULL, width = NULL, height = NULL, frames = NULL WHERE id = ?1"},
    {Sql::unfetch_image,
     "UPDATE images SET id = ?2, state = 0, settled_in = NULL, attempts = 0, next_attempt = 0, file = NULL,"
     " bytes = NULL, sha256 = NULL, type = NULL, width = NULL, height = NULL, frames = NULL WHERE id = ?1"},
    {Sql::record_retry,
     "UPDATE images SET attempts = ?2, next_attempt = ?3, cause = ?4, http_status = ?5 WHERE id = ?1"},
    {Sql::record_end,
     "UPDATE images SET state = ?2, settled_in = ?3, attempts = ?4, cause = ?5, http_status = ?6, final_url = ?7,"
     " file = ?8, bytes = ?9, sha256 = ?10, type = ?11, width = ?12, height = ?13, frames = ?14, round = ?15"
     " WHERE id = ?1"},
    {Sql::rename_file, "UPDATE images SET file = ?2, round = ?3 WHERE id = ?1"},
    {Sql::unsure_images, "SELECT id FROM images WHERE state IN (1, 2) AND round > ? ORDER BY id"},

    {Sql::find_named,
     "SELECT id, round, file, url, page, position, bytes, sha256, width, height FROM images WHERE id = ? AND state IN "
     "(1, 2)"},
    {Sql::last_named,
     "SELECT id, round, file, url, page, position, bytes, sha256, width, height FROM images"
     " WHERE state IN (1, 2) AND round <= ? ORDER BY round DESC, id DESC LIMIT 1"},
    {Sql::all_named,
     "SELECT id, round, file, url, page, position, bytes, sha256, width, height FROM images WHERE state IN (1, 2) "
     "ORDER BY id"},

    {Sql::keep_bytes, "INSERT OR REPLACE INTO inline_bytes (image, bytes) VALUES (?, ?)"},
    {Sql::find_bytes, "SELECT bytes FROM inline_bytes WHERE image = ?"},
    {Sql::forget_bytes, "DELETE FROM inline_bytes WHERE coalesce((SELECT round FROM images WHERE id = image), 0) <= ?"},

    {Sql::find_sync, "SELECT durable FROM syncs WHERE id = 1"},
    {Sql::save_sync, "INSERT OR REPLACE INTO syncs (id, durable) VALUES (1, ?)"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    if (kTexts[i].sql != static_cast<Sql>(i)) return false;
  }
  return true;
}
static_assert(in_order(), "keep kTexts in the order of Sql");

}  // namespace

Result<LedgerStatements> LedgerStatements::prepare(Database& db) {
  LedgerStatements result;
  for (const Text& text : kTexts) {
    auto statement = db.prepare(text.text);
    if (!statement) return std::move(statement).error();
    result.statements_.push_back(std::move(*statement));
  }
  return result;
}

}  // namespace doutu
