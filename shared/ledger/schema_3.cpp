#include "shared/ledger/schema_3.h"

namespace doutu {

const char* const kLedgerSchema3 = R"sql(
CREATE TABLE accounts (
  id        INTEGER PRIMARY KEY,
  template  TEXT NOT NULL,
  pages     TEXT NOT NULL,
  xpaths    TEXT NOT NULL,
  started   INTEGER NOT NULL,
  settled   INTEGER,                      -- when everything of it was recorded; NULL: unfinished
  known     INTEGER NOT NULL DEFAULT 0,
  repeated  INTEGER NOT NULL DEFAULT 0,
  saved     INTEGER NOT NULL DEFAULT 0,
  duplicate INTEGER NOT NULL DEFAULT 0,
  skipped   INTEGER NOT NULL DEFAULT 0,
  failed    INTEGER NOT NULL DEFAULT 0,
  pending   INTEGER NOT NULL DEFAULT 0,
  bytes     INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE pages (
  account     INTEGER NOT NULL,
  number      INTEGER NOT NULL,
  url         TEXT NOT NULL,
  final_url   TEXT,                       -- after redirects, when it is another: the Referer of its images
  state       INTEGER NOT NULL,
  attempt     INTEGER NOT NULL,           -- the one that is being recorded, or was last: 1, 2 ... over all runs
  run         INTEGER NOT NULL,           -- the run that made it,
  run_attempt INTEGER NOT NULL,           -- where it is known by this number
  cause       TEXT,                       -- why that attempt or the page failed: "http-404"; NULL: not, or not yet
  http_status INTEGER NOT NULL DEFAULT 0,
  hits        INTEGER NOT NULL DEFAULT 0,
  repeated    INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (account, number)
) WITHOUT ROWID;
CREATE TABLE hosts (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE               -- "https://example.com:443"
);
CREATE TABLE images (
  id           INTEGER PRIMARY KEY,
  url_key      BLOB NOT NULL UNIQUE,
  url          TEXT NOT NULL,
  host         INTEGER NOT NULL,
  account      INTEGER NOT NULL,          -- the one that met it last,
  page         INTEGER NOT NULL,          -- there on this page,
  attempt      INTEGER NOT NULL,          -- in this attempt at it,
  position     INTEGER NOT NULL,          -- as this hit
  state        INTEGER NOT NULL,
  settled_in   INTEGER,                   -- the account that saved it, gave it up or skipped it
  attempts     INTEGER NOT NULL DEFAULT 0,
  next_attempt INTEGER NOT NULL DEFAULT 0,
  cause        TEXT,                      -- of the last attempt, when it failed; of a saved image: what it lacks
  http_status  INTEGER NOT NULL DEFAULT 0,
  final_url    TEXT,                      -- after redirects, when it is another
  file         TEXT,
  bytes        INTEGER,
  sha256       BLOB,
  type         TEXT,                      -- "jpeg", "png" ...
  width        INTEGER,                   -- in pixels; 0: not known
  height       INTEGER,
  frames       INTEGER,                   -- 1, unless it moves or has pages
  round        INTEGER                    -- of syncs, in which it got its file: see table syncs
);
CREATE INDEX images_pending ON images (account, host, id) WHERE state = 0;
CREATE INDEX images_failed ON images (id) WHERE state = 3;
CREATE INDEX images_content ON images (sha256) WHERE state = 1;
CREATE TABLE syncs (                      -- one row, when there was one
  id      INTEGER PRIMARY KEY,
  durable INTEGER NOT NULL                -- files of this round and of those before it stay when the power fails
);
CREATE TABLE inline_bytes (               -- of images that came with their page and are not durable yet:
  image INTEGER PRIMARY KEY,              -- they could not be fetched again
  bytes BLOB NOT NULL
);
CREATE TABLE lanes (
  run        INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  taken      INTEGER NOT NULL,            -- position up to which its records are in this ledger
  PRIMARY KEY (run, generation)
) WITHOUT ROWID;
)sql";

const char* const kViewsOfVersion3 = R"sql(
PRAGMA temp_store = MEMORY;
CREATE TEMP VIEW jobs AS
  SELECT id, template, pages, xpaths, started, settled, known, repeated, saved, duplicate, skipped, failed, pending,
    bytes, (SELECT count(*) FROM main.images WHERE cause = 'no-end-mark' AND settled_in = a.id AND state IN (1, 2))
      AS without_end_mark
  FROM main.accounts a;
CREATE TEMP VIEW pages AS
  SELECT account AS job, number, url, final_url, state, attempt, cause, http_status, hits, repeated FROM main.pages;
CREATE TEMP VIEW failure_count AS SELECT 0 AS job, '' AS cause, 0 AS count WHERE false;
CREATE TEMP VIEW failures AS
  SELECT account AS job, 'page' AS kind, number AS page, url, cause, http_status, attempt AS attempts, final_url,
    NULL AS image
  FROM main.pages WHERE state = 3
  UNION ALL
  SELECT account, 'image', page, url, cause, http_status, attempts, final_url, id FROM main.images WHERE state = 3;
)sql";

}  // namespace doutu
