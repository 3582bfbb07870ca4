// A ledger of version 3, 4 or 5 is moved to this version by a process that is killed at any step. The next one finds
// what the old version said.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "shared/ledger/ledger_reader.h"
#include "shared/ledger/schema_5.h"
#include "tests/downloader/ledger/kill_at_step.h"
#include "tests/downloader/ledger/version_3_ledger.h"
#include "tests/site/quick_folder.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;

// Job 1 is settled. Job 2 is the one that goes on: it has met images 1 and 6, which job 1 fetched. The files of images
// 9, 10 and 11 may be gone when the power fails. SHA-256 of an image is its number in 32
// digits; 3, 6 and 11 have that of 2.
constexpr const char* kRows = R"sql(
INSERT INTO accounts (id, template, pages, xpaths, started, settled, known, repeated, saved, duplicate, skipped, failed,
                      pending, bytes) VALUES
  (1, 'http://h/{page}', '1-10', '//img', 1000, 2000, 0, 1, 3, 2, 1, 1, 0, 300),
  (2, 'http://h/{page}', '1-10', '//img', 3000, NULL, 2, 3, 2, 1, 1, 2, 3, 310);
INSERT INTO pages VALUES
  (1, 1, 'http://h/1', NULL,           1, 1, 76, 1, NULL,       200, 8, 1),
  (1, 2, 'http://h/2', 'http://h/two', 3, 3, 76, 3, 'http-404', 404, 0, 0),
  (2, 1, 'http://h/1', NULL,           1, 1, 77, 1, NULL,       200, 9, 2),
  (2, 2, 'http://h/2', NULL,           0, 2, 77, 2, 'stalled',  0,   5, 1),
  (2, 3, 'http://h/3', NULL,           3, 4, 77, 4, 'http-410', 410, 0, 0),
  (2, 4, 'http://h/4', 'http://h/end', 2, 1, 77, 1, NULL,       200, 0, 0);
INSERT INTO hosts VALUES (1, 'http://i'), (2, 'http://j'), (3, 'data:');
INSERT INTO images (id, url_key, url, host, account, page, attempt, position, state, settled_in, attempts, next_attempt,
                    cause, http_status, final_url, file, bytes, sha256, type, width, height, frames, round) VALUES
  (1,  x'01', 'http://i/1',  1, 2, 1, 1, 0, 1, 1, 1, 0, NULL, 200, NULL, '1.jpg', 100, NULL, 'jpeg', 40, 30, 1, 1),
  (2,  x'02', 'http://i/2',  1, 1, 1, 1, 1, 1, 1, 1, 0, NULL, 200, 'http://i/two', '2.jpg', 100, NULL, 'jpeg', 40, 30, 1, 2),
  (3,  x'03', 'http://j/3',  2, 1, 1, 1, 2, 2, 1, 2, 0, NULL, 200, NULL, '3.jpg', 100, NULL, 'jpeg', 40, 30, 1, 2),
  (4,  x'04', 'http://i/4',  1, 1, 1, 1, 3, 3, 1, 1, 0, 'http-404', 404, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (5,  x'05', 'blob:5',      0, 1, 1, 1, 4, 4, 1, 0, 0, 'unsupported-scheme', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (6,  x'06', 'http://i/6',  1, 2, 1, 1, 5, 2, 1, 1, 0, NULL, 200, NULL, '6.jpg', 100, NULL, 'jpeg', 40, 30, 1, 3),
  (7,  x'07', 'http://i/7',  1, 1, 1, 1, 6, 1, 1, 1, 0, 'no-end-mark', 200, NULL, '7.png', 100, NULL, 'png', 0, 0, 2, 4),
  (9,  x'09', 'http://i/9',  1, 2, 1, 1, 2, 1, 2, 1, 0, 'no-end-mark', 200, 'http://j/nine', '9.gif', 300, NULL, 'gif', 4, 3, 9, 5),
  (10, x'10', 'data:inline', 3, 2, 1, 1, 3, 1, 2, 1, 0, NULL, 0, NULL, '10.png', 10, NULL, 'png', 1, 1, 1, 6),
  (11, x'11', 'http://j/11', 2, 2, 1, 1, 4, 2, 2, 1, 0, NULL, 200, NULL, '11.jpg', 100, NULL, 'jpeg', 40, 30, 1, 5),
  (12, x'12', 'http://j/12', 2, 2, 1, 1, 5, 3, 2, 3, 9, 'stalled', 0, 'http://i/far', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (13, x'13', 'blob:13',     0, 2, 1, 1, 6, 4, 2, 0, 0, 'unsupported-scheme', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (14, x'14', 'http://i/14', 1, 2, 2, 2, 0, 0, NULL, 0, 0, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (15, x'15', 'http://j/15', 2, 2, 2, 2, 1, 0, NULL, 2, 5, 'http-503', 503, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (16, x'16', 'http://i/16', 1, 2, 2, 1, 2, 0, NULL, 0, 0, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3),
  (17, x'17', 'http//17',    0, 2, 2, 2, 3, 3, 2, 0, 0, 'bad-url', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
UPDATE images SET sha256 = CAST(printf('%032d', id) AS BLOB) WHERE state = 1;
UPDATE images SET sha256 = CAST(printf('%032d', 2) AS BLOB) WHERE state = 2;
INSERT INTO syncs VALUES (1, 4);
INSERT INTO inline_bytes VALUES (10, x'00112233445566778899');
INSERT INTO lanes VALUES (76, 1, 1000), (77, 1, 2000), (77, 2, 3000);
)sql";

// What the two versions say in the same words, a line for each row.
constexpr const char* kSameWords =
    "SELECT json_array('job', id, template, pages, xpaths, started, settled, known, repeated, saved, duplicate, "
    "skipped,"
    " failed, pending, bytes, without_end_mark) FROM jobs UNION ALL "
    "SELECT json_array('page', job, number, url, final_url, state, attempt, cause, http_status, hits, repeated)"
    " FROM pages UNION ALL "
    "SELECT json_array('failure', job, kind, page, url, cause, http_status, attempts, final_url, image)"
    " FROM failures UNION ALL "
    "SELECT json_array('inline', image, hex(bytes)) FROM inline_bytes UNION ALL ";
constexpr const char* kWordsOf3 =
    "SELECT json_array('image', id, url, state, cause, file, bytes, account, page, position, settled_in, attempts,"
    " http_status, final_url, lower(hex(sha256)), type, width, height, frames) FROM main.images UNION ALL "
    "SELECT json_array('spot', id, host, attempt) FROM main.images UNION ALL "
    "SELECT json_array('wait', id, next_attempt) FROM main.images WHERE state = 0 AND attempts > 0 UNION ALL "
    "SELECT json_array('host', id, name) FROM hosts UNION ALL "
    "SELECT json_array('run', account, number, run, run_attempt) FROM main.pages UNION ALL "
    "SELECT json_array('durable', durable) FROM syncs UNION ALL "
    "SELECT json_array('lane', run, generation, taken) FROM lanes";
constexpr const char* kWordsOf4 =
    "SELECT json_array('image', id, url, state, cause, file, bytes, job, page, position, settled_in, attempts,"
    " http_status, final_url, sha256, type, width, height, frames) FROM images UNION ALL "
    "SELECT json_array('spot', id, host, attempt) FROM found UNION ALL "
    "SELECT json_array('wait', id, next_attempt) FROM retry UNION ALL "
    "SELECT json_array('host', id, name) FROM host UNION ALL "
    "SELECT json_array('run', job, number, run, run_attempt) FROM page UNION ALL "
    "SELECT json_array('durable', durable) FROM sync UNION ALL "
    "SELECT json_array('lane', run, generation, taken) FROM lane";

constexpr const char* kUndo6 =
    "DROP VIEW robots_tags; DROP TABLE robots_tag; DROP TABLE robots; ALTER TABLE found DROP COLUMN referrer_policy;";
constexpr const char* kUndo5 =
    "DROP VIEW found_pages; DROP VIEW replacements; DROP TABLE link; DROP TABLE link_key; DROP TABLE page_link;"
    " DROP TABLE link_count; DROP TABLE alternative; DROP TABLE replaced;";

/// 32 digits.
Sha256 hash_of(int id) {
  const std::string digits = "000000000000000000000000000000" + std::string(id < 10 ? "0" : "") + std::to_string(id);
  Sha256 hash{};
  std::ranges::transform(digits, hash.begin(), [](char digit) { return static_cast<std::byte>(digit); });
  return hash;
}

/// What stands in the ledger, whichever version it has.
std::vector<std::string> said(const StateFolder& folder) {
  auto db = must(Database::open(folder, Database::Mode::read_only));
  const bool is_version_3 = must(db.query_integer("PRAGMA user_version")) == kLedgerVersion3;
  if (is_version_3) must(db.execute(kViewsOfVersion3));
  auto rows = must(db.prepare(std::string(kSameWords) + (is_version_3 ? kWordsOf3 : kWordsOf4)));
  std::vector<std::string> lines;
  for (bool row = must(rows.first()); row; row = must(rows.next())) lines.emplace_back(rows.text(0));
  std::ranges::sort(lines);
  return lines;
}

class MigrationKilledAtEveryStep : public ::testing::TestWithParam<KillAt> {
 protected:
  MigrationKilledAtEveryStep() : scene_(quick_folder()), before_(quick_folder()) {
    scene_.close();
    scene_.staged_keys = 4;
    make_version_3(state_in(before_.directory()), kRows);
    expected_ = said(state_in(before_.directory()));
  }

  void copy_before() {
    const fs::path state = state_folder(scene_.files.directory());
    fs::remove_all(state);
    fs::copy(state_folder(before_.directory()), state, fs::copy_options::recursive);
  }

  /// What that version makes of it. statements undo what is new since then.
  void move_to_version(int version, const std::string& statements) {
    copy_before();
    scene_.open();
    scene_.close();
    auto db = must(Database::open(state(), Database::Mode::create));
    must(db.execute((statements + "PRAGMA user_version = " + std::to_string(version)).c_str()));
    fs::remove_all(state_folder(before_.directory()));
    fs::copy(state_folder(scene_.files.directory()), state_folder(before_.directory()), fs::copy_options::recursive);
  }

  void look() {
    look_as_a_reader();
    ASSERT_EQ(said(state()), expected_) << "as a process finds it that does not write";
    scene_.open();
    EXPECT_EQ(said(state()), expected_) << "once it is migrated";
    EXPECT_EQ(scene_.count("PRAGMA user_version"), kLedgerVersion);
    look_at_images();
    scene_.job(2);
    scene_.expect_balance();
    look_at_pending();
    look_for_urls();
    scene_.close();
  }

  void look_as_a_reader() {
    const auto reader = must(LedgerReader::open(state()));
    ASSERT_NE(reader, nullptr);
    EXPECT_EQ(must(reader->count_without_end_mark(2)), 1U);
    EXPECT_EQ(must(reader->count_replaced(2)), 0U);
  }

  void look_at_images() {
    EXPECT_EQ(must(scene_.writer().syncs().unsure_images()), (std::vector<std::int64_t>{9, 10, 11}));
    EXPECT_EQ(must(scene_.writer().syncs().last_image(4)), 7);
    for (const int id : {1, 2, 7, 9, 10}) {
      const std::uint64_t bytes = id == 9 ? 300 : id == 10 ? 10 : 100;
      const auto first = scene_.first_with({.bytes = bytes, .xxh128 = Xxh128{}, .sha256 = hash_of(id)});
      ASSERT_TRUE(first) << "image " << id;
      EXPECT_EQ(first->id, id);
    }
  }

  void look_at_pending() {
    EXPECT_EQ(scene_.writer().job().failures().at(failure_slot(Cause::stalled, 0)), 1U);
    EXPECT_EQ(must(scene_.writer().lanes().taken(2)), 3000U);
    EXPECT_EQ(pending_on(1), (std::vector<std::int64_t>{14, 16}));
    EXPECT_EQ(pending_on(2), (std::vector<std::int64_t>{15}));
    EXPECT_EQ(must(scene_.writer().hosts().that_answered()).size(), 4U) << "three hosts, and that of the pages";
    EXPECT_EQ(must(scene_.writer().images().pending_tasks(2, 0, 9)).at(0).attempts, 2U);
  }
  std::vector<std::int64_t> pending_on(std::int64_t host) {
    std::vector<std::int64_t> ids;
    for (const ImageTask& task : must(scene_.writer().images().pending_tasks(host, 0, 9))) ids.push_back(task.id);
    return ids;
  }

  /// All at once, on a page of job 2. Job 1 gave image 4 up.
  void look_for_urls() {
    const JobCounters before = scene_.counters();
    const auto tasks = scene_.page(5, urls());
    ASSERT_EQ(tasks.size(), 1U);
    EXPECT_EQ(tasks[0].url, "http://i/4");
    EXPECT_EQ(scene_.counters().known, before.known + 3) << "2, 3 and 7";
    EXPECT_EQ(scene_.counters().repeated, before.repeated + 11);
    EXPECT_EQ(scene_.count("SELECT count(*) FROM found"), 16);
    EXPECT_EQ(scene_.count("SELECT count(DISTINCT url) FROM found"), 16);
  }
  std::vector<std::string> urls() {
    auto db = must(Database::open(state_in(before_.directory()), Database::Mode::read_only));
    auto rows = must(db.prepare("SELECT url FROM images ORDER BY id"));
    std::vector<std::string> urls;
    for (bool row = must(rows.first()); row; row = must(rows.next())) urls.emplace_back(rows.text(0));
    return urls;
  }

  StateFolder state() { return state_in(scene_.files.directory()); }

  LedgerScene scene_;
  FolderFiles before_;
  std::vector<std::string> expected_;
};

TEST_P(MigrationKilledAtEveryStep, LeavesWhatVersion3Said) {
  const int steps = kill_at_every_step(
      GetParam(), [this] { copy_before(); }, [this] { scene_.open(), scene_.close(); }, [this] { look(); });
  EXPECT_GT(steps, 50);
  RecordProperty("steps", steps);
}

TEST_P(MigrationKilledAtEveryStep, LeavesWhatVersion4Said) {
  move_to_version(kLedgerVersion4, std::string(kUndo6) + kUndo5);
  ASSERT_EQ(said(state_in(before_.directory())), expected_);
  const int steps = kill_at_every_step(
      GetParam(), [this] { copy_before(); }, [this] { scene_.open(), scene_.close(); }, [this] { look(); });
  EXPECT_GT(steps, 10);
  RecordProperty("steps", steps);
}

TEST_P(MigrationKilledAtEveryStep, LeavesWhatVersion5Said) {
  move_to_version(kLedgerVersion5, kUndo6);
  ASSERT_EQ(said(state_in(before_.directory())), expected_);
  const int steps = kill_at_every_step(
      GetParam(), [this] { copy_before(); }, [this] { scene_.open(), scene_.close(); }, [this] { look(); });
  EXPECT_GT(steps, 10);
  RecordProperty("steps", steps);
}

TEST_P(MigrationKilledAtEveryStep, LeavesWhatVersion3HadInItsLog) {
  fs::remove_all(state_folder(before_.directory()));
  ASSERT_TRUE(is_killed_after([this] {
    auto db = must(Database::open(state_in(before_.directory()), Database::Mode::create));
    must(db.execute(kLedgerSchema3));
    must(db.query_text("PRAGMA journal_mode = WAL"));
    must(db.execute((kRows + stamps_of_version_3()).c_str()));
    ::_exit(0);
  }));
  ASSERT_TRUE(fs::exists(ledger_path(before_.directory()) + "-wal"));
  ASSERT_EQ(said(state_in(before_.directory())), expected_);
  const int steps = kill_at_every_step(
      GetParam(), [this] { copy_before(); }, [this] { scene_.open(), scene_.close(); }, [this] { look(); });
  EXPECT_GT(steps, 50);
}

INSTANTIATE_TEST_SUITE_P(Killed, MigrationKilledAtEveryStep, kKillsAnywhere, name_of_kill);

}  // namespace
}  // namespace doutu
