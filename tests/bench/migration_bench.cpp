// How long the first opening of a ledger of version 3 takes, which makes it one of today, and how much memory; for how
// many images there are. In memory.
// Run: build/bench/bin/migration_bench
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <filesystem>
#include <string>

#include "downloader/ledger/ledger_writer.h"
#include "shared/ledger/schema_3.h"
#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

/// Of every 1,000 images one has failed and one is pending. URLs have 60 characters; keys and hashes are random, as
/// they are in life.
std::string rows(std::int64_t images) {
  return fmt::format(
      "INSERT INTO accounts (id, template, pages, xpaths, started, saved, failed, pending, bytes)"
      " VALUES (1, 'http://h/{{page}}', '1-10', '//img', 1, {0} - 2 * ({0} / 1000), {0} / 1000, {0} / 1000, 4096 * "
      "{0});"
      "INSERT INTO hosts VALUES (1, 'http://127.0.0.1:40000');"
      "INSERT INTO syncs VALUES (1, 5);"
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {0} / 68)"
      " INSERT INTO pages SELECT 1, i, 'http://127.0.0.1:40000/list/?page=' || i, NULL, 1, 1, 7, 1, NULL, 200, 68, 0"
      " FROM n;"
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {0}),"
      " s(i, state) AS (SELECT i, CASE i % 1000 WHEN 0 THEN 3 WHEN 1 THEN 0 ELSE 1 END FROM n)"
      " INSERT INTO images SELECT i, randomblob(16),"
      " printf('http://127.0.0.1:40000/uploads/2019/03/04/small/%08d.gif', i), 1, 1, i / 68, 1, i % 68, state,"
      " iif(state = 0, NULL, 1), state <> 0, 0, iif(state = 3, 'http-404', NULL), iif(state = 3, 404, 200), NULL,"
      " iif(state = 1, printf('%08d.gif', i), NULL), iif(state = 1, 4096, NULL), iif(state = 1, randomblob(32), NULL),"
      " iif(state = 1, 'gif', NULL), 40, 30, 1, iif(state = 1, iif(i < {0} - 1000, 5, 6), NULL) FROM s;"
      "PRAGMA application_id = {1}; PRAGMA user_version = {2};",
      images, kLedgerApplicationId, kLedgerVersion3);
}

bool make_version_3(const StateFolder& folder, std::int64_t images) {
  auto db = Database::open(folder, Database::Mode::create);
  return db && db->execute(kLedgerSchema3) && db->execute(("BEGIN;" + rows(images) + "COMMIT").c_str());
}

/// The most that this process had, in MiB, with what it has of the ledger's file.
double most_memory() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double mebibytes(const std::string& path) { return static_cast<double>(std::filesystem::file_size(path)) / (1 << 20); }

void migration(benchmark::State& state) {
  const TemporaryFolder folder("/dev/shm");
  const StateFolder place = state_in(folder.path());
  if (!make_version_3(place, state.range(0))) return state.SkipWithError("no ledger of version 3");
  const std::string ledger = ledger_path(folder.path());
  state.counters["MiB_before"] = mebibytes(ledger);
  const double memory = most_memory();
  for (auto unused : state) {
    const auto writer = LedgerWriter::open(place);
    if (!writer) return state.SkipWithError(writer.error().message.c_str());
    state.counters["MiB_log"] = mebibytes(ledger + "-wal");
  }
  state.counters["MiB_after"] = mebibytes(ledger);
  state.counters["MiB_memory"] = most_memory() - memory;
}
BENCHMARK(migration)->ArgName("images")->Arg(10'000)->Arg(1'000'000)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace doutu

BENCHMARK_MAIN();
