#include "shared/ledger/schema.h"

namespace doutu {

// Times are milliseconds since 1970, states the numbers of the enums in schema.h. A mark is a hash of what it stands
// beside, where a damaged bit would leave out an image and nothing else would show it; -1: it has none. On the path
// of an image, found and ended take one row each, at their ends; everything else there waits in memory and is written
// many at a time.
const char* const kLedgerTables = R"sql(
CREATE TABLE job (
  id            INTEGER PRIMARY KEY,
  template      TEXT NOT NULL,
  pages         TEXT NOT NULL,
  xpaths        TEXT NOT NULL,
  started       INTEGER NOT NULL,
  settled       INTEGER,                  -- when everything of it was recorded; NULL: unfinished
  known         INTEGER NOT NULL DEFAULT 0,
  repeated      INTEGER NOT NULL DEFAULT 0,
  saved         INTEGER NOT NULL DEFAULT 0,
  duplicate     INTEGER NOT NULL DEFAULT 0,
  skipped       INTEGER NOT NULL DEFAULT 0,
  failed        INTEGER NOT NULL DEFAULT 0,
  pending       INTEGER NOT NULL DEFAULT 0,
  bytes         INTEGER NOT NULL DEFAULT 0,
  without_end_mark INTEGER NOT NULL DEFAULT 0,
  first_pending INTEGER NOT NULL DEFAULT 0, -- no image with a lower id is pending in it
  mark          INTEGER NOT NULL DEFAULT -1 -- of the counts
);
CREATE TABLE failure_count (              -- failed images of a job, by cause
  job   INTEGER NOT NULL,
  cause TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (job, cause)
) WITHOUT ROWID;
CREATE TABLE page (
  job         INTEGER NOT NULL,
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
  mark        INTEGER NOT NULL DEFAULT -1, -- of job, number, state and URL
  PRIMARY KEY (job, number)
) WITHOUT ROWID;
CREATE TABLE host (
  id       INTEGER PRIMARY KEY,
  name     TEXT NOT NULL UNIQUE,          -- "https://example.com:443"
  answered INTEGER NOT NULL DEFAULT 0     -- whether an image ever came from it
);
CREATE TABLE ended (                      -- those that are not pending any more
  id          INTEGER PRIMARY KEY,
  state       INTEGER NOT NULL,
  job         INTEGER NOT NULL,           -- the one that saved it, gave it up or skipped it
  attempts    INTEGER NOT NULL,
  cause       TEXT,                       -- why it failed; of a saved image: what it lacks
  http_status INTEGER NOT NULL,
  final_url   TEXT,                       -- after redirects, when it is another
  file        TEXT,
  bytes       INTEGER,
  xxh128      BLOB,                       -- XXH3-128 of its bytes; NULL: saved by a version that had SHA-256 alone
  sha256      BLOB,
  type        TEXT,                       -- "jpeg", "png" ...
  width       INTEGER,                    -- in pixels; 0: not known
  height      INTEGER,
  frames      INTEGER,                    -- 1, unless it moves or has pages
  epoch       INTEGER,                    -- of syncs, in which it got its file: see table sync
  mark        INTEGER NOT NULL DEFAULT -1 -- of id and file
);
CREATE TABLE failed (                     -- images that failed in a job: their rows in ended are few among many
  job   INTEGER NOT NULL,
  image INTEGER NOT NULL,
  PRIMARY KEY (job, image)
) WITHOUT ROWID;
CREATE TABLE retry (                      -- pending images of which an attempt failed
  id           INTEGER PRIMARY KEY,
  attempts     INTEGER NOT NULL,
  next_attempt INTEGER NOT NULL,
  cause        TEXT,
  http_status  INTEGER NOT NULL
);
CREATE TABLE url_key (                    -- by the hash of its URL, or the next number that was free
  k     INTEGER PRIMARY KEY,
  image INTEGER NOT NULL
);
CREATE TABLE content_key (                -- saved images, by the hash of their bytes in the same way
  k     INTEGER PRIMARY KEY,
  image INTEGER NOT NULL
);
CREATE TABLE old_content (                -- saved images of a version that knew SHA-256 alone
  bytes  INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  image  INTEGER NOT NULL,
  PRIMARY KEY (bytes, sha256)
) WITHOUT ROWID;
CREATE TABLE merged (                     -- one row: up to where the keys of images are in the two tables of keys
  id      INTEGER PRIMARY KEY,
  secret  BLOB NOT NULL,                  -- of the hashes of URLs
  found   INTEGER NOT NULL,               -- the last row of found,
  named   INTEGER NOT NULL                -- and of named
);
CREATE TABLE named (                      -- images that got their file, a row for each batch, until they are durable
  id     INTEGER PRIMARY KEY,             -- and their keys merged
  epoch  INTEGER NOT NULL,
  images BLOB NOT NULL                    -- ids: the first, then the differences, in LEB128 (zigzag)
);
CREATE TABLE met (                        -- images of other jobs that a job has met, a row for each batch and page,
  id      INTEGER PRIMARY KEY,            -- until they are in met_bits and the page is recorded
  job     INTEGER NOT NULL,
  page    INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  images  BLOB NOT NULL                   -- ids and positions in LEB128, ids as in named
);
CREATE TABLE met_bits (                   -- images that the job has met, a bit for each id
  job   INTEGER NOT NULL,
  chunk INTEGER NOT NULL,                 -- of 32,768 ids
  bits  BLOB NOT NULL,
  PRIMARY KEY (job, chunk)
) WITHOUT ROWID;
CREATE TABLE sync (                       -- one row, when there was one
  id         INTEGER PRIMARY KEY,
  durable    INTEGER NOT NULL,            -- files of this epoch and of those before it stay when the power fails
  last_named INTEGER NOT NULL             -- the last image of those, as images.jsonl has them; 0: none
);
CREATE TABLE lane (
  run        INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  taken      INTEGER NOT NULL,            -- position up to which its records are in this ledger
  PRIMARY KEY (run, generation)
) WITHOUT ROWID;
)sql";

const char* const kFoundTable = R"sql(
CREATE TABLE found (                      -- every image, once; a new id when it is to be fetched again
  id       INTEGER PRIMARY KEY,
  url      TEXT NOT NULL,
  host     INTEGER NOT NULL,
  job      INTEGER NOT NULL,              -- the one that found it,
  page     INTEGER NOT NULL,              -- there on this page,
  attempt  INTEGER NOT NULL,              -- in this attempt at it,
  position INTEGER NOT NULL,              -- as this hit
  mark     INTEGER NOT NULL DEFAULT -1,   -- of the URL
  referrer_policy INTEGER NOT NULL DEFAULT 0 -- of the place that shows it; 0: the default of browsers
);
)sql";

const char* const kInlineBytesTable = R"sql(
CREATE TABLE inline_bytes (               -- of images that came with their page and are not durable yet:
  image INTEGER PRIMARY KEY,              -- they could not be fetched again
  bytes BLOB NOT NULL
);
)sql";

const char* const kLedgerViews = R"sql(
CREATE VIEW jobs AS
  SELECT id, template, pages, xpaths, started, settled, known, repeated, saved, duplicate, skipped, failed, pending,
    bytes, without_end_mark FROM job;
CREATE VIEW pages AS
  SELECT job, number, url, final_url, state, attempt, cause, http_status, hits, repeated FROM page;
CREATE VIEW images AS
  SELECT f.id AS id, f.url AS url, coalesce(e.state, 0) AS state, coalesce(e.cause, r.cause) AS cause, e.file AS file,
    e.bytes AS bytes, f.job AS job, f.page AS page, f.position AS position, e.job AS settled_in,
    coalesce(e.attempts, r.attempts, 0) AS attempts, coalesce(e.http_status, r.http_status, 0) AS http_status,
    e.final_url AS final_url, lower(hex(e.xxh128)) AS xxh128, lower(hex(e.sha256)) AS sha256, e.type AS type,
    e.width AS width, e.height AS height, e.frames AS frames
  FROM found f LEFT JOIN ended e ON e.id = f.id LEFT JOIN retry r ON r.id = f.id AND e.id IS NULL;
CREATE VIEW failures AS
  SELECT job, 'page' AS kind, number AS page, url, cause, http_status, attempt AS attempts, final_url, NULL AS image
  FROM page WHERE state = 3
  UNION ALL
  SELECT x.job, 'image', f.page, f.url, e.cause, e.http_status, e.attempts, e.final_url, f.id
  FROM failed x JOIN ended e ON e.id = x.image JOIN found f ON f.id = x.image;
)sql";

const char* const kLinkTables = R"sql(
CREATE TABLE link (                       -- pages of crawls that follow links or read a list, each URL once
  id     INTEGER PRIMARY KEY,
  url    TEXT NOT NULL,
  job    INTEGER NOT NULL,                -- the last one that met it,
  number INTEGER NOT NULL,                -- as this page; 0: an earlier job has all of it, and it was not fetched
  whole  INTEGER NOT NULL,                -- the last job that read it to its end,
  broken INTEGER NOT NULL,                -- and the last one that lacks an image of it, or a page behind it; 0: none
  mark   INTEGER NOT NULL                 -- of all that
);
CREATE TABLE link_key (                   -- as url_key
  k    INTEGER PRIMARY KEY,
  link INTEGER NOT NULL
);
CREATE TABLE page_link (                  -- a page of such a job: how it was found, and what it links to
  job        INTEGER NOT NULL,
  number     INTEGER NOT NULL,
  link       INTEGER NOT NULL,
  step       INTEGER NOT NULL,            -- 0: a list, 1: named by the user or a list, then one for each --follow
  depth      INTEGER NOT NULL,            -- links from a page that the user has named
  parent     INTEGER NOT NULL,            -- the page that links to it; 0: the user has named it
  position   INTEGER NOT NULL,            -- there as this link
  barren     INTEGER NOT NULL,            -- pages in a row, up to its parent, that brought nothing new
  seen       INTEGER NOT NULL,            -- its own links, in the attempt that is being recorded, or was last:
  deeper     INTEGER NOT NULL,            -- that led to a deeper step,
  found      INTEGER NOT NULL,            -- of these, to pages that the job had not met,
  off_site   INTEGER NOT NULL,            -- and those that were not followed: to other sites,
  too_deep   INTEGER NOT NULL,            -- beyond --max-depth,
  over_limit INTEGER NOT NULL,            -- beyond --max-pages,
  endless    INTEGER NOT NULL,            -- from the last of many pages that brought nothing new
  mark       INTEGER NOT NULL,            -- of the first six
  PRIMARY KEY (job, number)
) WITHOUT ROWID;
CREATE TABLE link_count (                 -- pages that a job met and an earlier one has
  job   INTEGER PRIMARY KEY,
  known INTEGER NOT NULL
);
CREATE TABLE alternative (                -- other URLs of images that wait, a line each, in the order to try them
  image INTEGER PRIMARY KEY,
  urls  TEXT NOT NULL,
  mark  INTEGER NOT NULL                  -- of both
);
CREATE TABLE replaced (                   -- images that failed, and the one that stands for each
  image INTEGER PRIMARY KEY,
  other INTEGER NOT NULL,
  mark  INTEGER NOT NULL                  -- of both
);
CREATE INDEX replaced_other ON replaced (other);
CREATE VIEW found_pages AS
  SELECT p.job AS job, p.number AS number, l.url AS url, coalesce(g.state, 0) AS state, p.step AS step,
    p.depth AS depth, p.parent AS parent, p.position AS position
  FROM page_link p JOIN link l ON l.id = p.link LEFT JOIN page g ON g.job = p.job AND g.number = p.number
  WHERE p.parent <> 0;
CREATE VIEW replacements AS
  SELECT f.job AS job, f.page AS page, f.position AS position, f.url AS url, e.cause AS cause,
    e.http_status AS http_status, o.url AS other_url, coalesce(oe.state, 0) AS other_state, f.id AS image, o.id AS other
  FROM replaced r JOIN found f ON f.id = r.image JOIN ended e ON e.id = r.image JOIN found o ON o.id = r.other
    LEFT JOIN ended oe ON oe.id = r.other;
)sql";

const char* const kRobotsTables = R"sql(
CREATE TABLE robots (                     -- what the robots.txt of a server says to doutu
  server TEXT PRIMARY KEY,                -- "https://example.com:443"
  read   INTEGER NOT NULL,                -- when
  rules  TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE robots_tag (                 -- X-Robots-Tag of saved images: few have one
  image INTEGER PRIMARY KEY,
  tag   TEXT NOT NULL
);
CREATE VIEW robots_tags AS
  SELECT t.image AS image, f.url AS url, e.file AS file, t.tag AS tag, f.job AS job, f.page AS page,
    f.position AS position
  FROM robots_tag t JOIN found f ON f.id = t.image JOIN ended e ON e.id = t.image;
)sql";

const std::string& ledger_schema() {
  static const std::string schema =
      std::string(kLedgerTables) + kFoundTable + kInlineBytesTable + kLedgerViews + kLinkTables + kRobotsTables;
  return schema;
}

std::string state_folder(const std::string& directory) { return directory + "/.doutu"; }
std::string ledger_path(const std::string& directory) { return state_folder(directory) + "/ledger.sqlite"; }

}  // namespace doutu
