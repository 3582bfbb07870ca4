// What an image costs in the ledger: found on a page, then fetched, in two transactions of a batch each, through
// LedgerWriter as the batch writer calls it. Beside it SQLite with the ledger's own schema and settings and one
// prepared INSERT of the finished row, in the same batches: what storing the facts costs without the questions (met
// before? the same bytes? still pending?). In memory. Run: build/bench/bin/ledger_bench
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstring>
#include <filesystem>

#include "downloader/ledger/ledger_writer.h"
#include "shared/ledger/sqlite.h"
#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

constexpr int kImages = 100'000;
constexpr int kBatch = 100;  ///< Images of a page.
constexpr std::uint64_t kMaxWalBytes = std::uint64_t{64} << 20U;

std::string file_of(std::int64_t id) { return fmt::format("{:014}.gif", id); }
std::string url_of(std::int64_t id) { return "http://127.0.0.1:40000/uploads/2019/03/04/" + file_of(id); }
/// Spread like a hash.
Sha256 sha256_of(std::int64_t id) {
  Sha256 sha256{};
  const std::uint64_t spread = static_cast<std::uint64_t>(id) * 0x9e3779b97f4a7c15U;
  std::memcpy(sha256.data(), &spread, sizeof(spread));
  return sha256;
}

bool find_page(LedgerWriter& ledger, std::int64_t first) {
  PageRecord page;
  page.number = static_cast<std::uint64_t>(first / kBatch);
  page.url = fmt::format("http://127.0.0.1:40000/list/?page={}", page.number);
  page.run_attempt = 1;
  if (!ledger.begin()) return false;
  PageRecord record = ledger.pages().begin_attempt(std::nullopt, std::move(page)).value();
  for (std::int64_t id = first; id < first + kBatch; ++id) {
    const std::string url = url_of(id);
    if (!ledger.hits().add(record, {record.number, 1, record.hits, Cause::none, url})) return false;
  }
  record.state = PageState::done;
  return ledger.pages().save(record).ok() && ledger.commit().ok();
}

bool fetch(LedgerWriter& ledger, std::int64_t first) {
  if (!ledger.begin()) return false;
  for (std::int64_t id = first; id < first + kBatch; ++id) {
    ImageOutcome outcome;
    outcome.id = id;
    outcome.attempts = 1;
    outcome.http_status = 200;
    outcome.bytes = 4096;
    outcome.facts = {.type = "gif", .width = 40, .height = 30, .frames = 1};
    outcome.sha256 = sha256_of(id);
    if (!ledger.images().find(id) || !ledger.images().find_content(outcome.sha256)) return false;
    if (!ledger.images().record_fetched(outcome, ImageState::saved, file_of(id))) return false;
  }
  return ledger.commit().ok();
}

/// The ledger in a folder of /dev/shm, with a job begun.
std::unique_ptr<LedgerWriter> new_ledger(const TemporaryFolder& folder) {
  auto ledger = LedgerWriter::open(state_in(folder.path())).value();
  const bool begun = ledger->begin() && ledger->begin_job(0, {"http://h/{page}", "1-10", "//img"}, 1);
  return begun && ledger->commit() ? std::move(ledger) : nullptr;
}

void finish(benchmark::State& state, const TemporaryFolder& folder) {
  state.SetItemsProcessed(state.iterations() * kImages);
  const auto bytes = std::filesystem::file_size(ledger_path(folder.path()));
  state.counters["bytes_an_image"] = static_cast<double>(bytes) / kImages;
}

void ledger_writer(benchmark::State& state) {
  const TemporaryFolder folder("/dev/shm");
  const auto ledger = new_ledger(folder);
  for (auto unused : state) {
    for (std::int64_t first = 1; first < kImages; first += kBatch) {
      if (!find_page(*ledger, first) || !fetch(*ledger, first)) return state.SkipWithError("not recorded");
      if (ledger->wal_bytes() > kMaxWalBytes && !ledger->checkpoint()) return state.SkipWithError("no checkpoint");
    }
    if (!ledger->checkpoint()) return state.SkipWithError("no checkpoint");
  }
  finish(state, folder);
}
BENCHMARK(ledger_writer)->Iterations(1)->Repetitions(5)->ReportAggregatesOnly()->Unit(benchmark::kMillisecond);

bool insert(Database& db, Statement& row, std::int64_t first) {
  if (!db.execute("BEGIN IMMEDIATE")) return false;
  for (std::int64_t id = first; id < first + kBatch; ++id) {
    const Sha256 sha256 = sha256_of(id);
    const auto key = std::span<const std::byte>(sha256).first(16);
    if (!row.run(id, key, url_of(id), 1, 1, first, 1, id - first, 1, 1, 1, 200, file_of(id), 4096,
                 std::span<const std::byte>(sha256), std::string_view("gif"), 40, 30, 1))
      return false;
  }
  return db.execute("COMMIT").ok();
}

void bare_sqlite(benchmark::State& state) {
  const TemporaryFolder folder("/dev/shm");
  const std::string path = ledger_path(folder.path());
  Database db = Database::open(state_in(folder.path()), Database::Mode::create).value();
  const bool made = db.query_text("PRAGMA journal_mode = WAL") && db.execute("PRAGMA synchronous = NORMAL") &&
                    db.execute("PRAGMA wal_autocheckpoint = 0") && db.execute("PRAGMA cache_size = -2000") &&
                    db.execute("PRAGMA secure_delete = OFF") && db.execute(kLedgerSchema);
  if (!made) return state.SkipWithError("no database");
  Statement row = db.prepare(
                        "INSERT INTO images (id, url_key, url, host, account, page, attempt, position, state,"
                        " settled_in, attempts, http_status, file, bytes, sha256, type, width, height, frames)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
                      .value();
  for (auto unused : state) {
    for (std::int64_t first = 1; first < kImages; first += kBatch) {
      if (!insert(db, row, first)) return state.SkipWithError("not inserted");
      if (std::filesystem::file_size(path + "-wal") > kMaxWalBytes) (void)db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    (void)db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  finish(state, folder);
}
BENCHMARK(bare_sqlite)->Iterations(1)->Repetitions(5)->ReportAggregatesOnly()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace doutu

BENCHMARK_MAIN();
