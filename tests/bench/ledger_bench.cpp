// What an image costs in the ledger: found on a page, then fetched, in two transactions of a batch each, through
// LedgerWriter as the batch writer calls it; for how many images there are. Besides the time: the bytes of the file,
// the memory that the process grew by, and how long the next start takes to open it. In memory.
// Run: build/bench/bin/ledger_bench
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "downloader/ledger/ledger_writer.h"
#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

constexpr std::int64_t kBatch = 68;  ///< Images of a page.
constexpr std::uint64_t kMaxWalBytes = std::uint64_t{64} << 20U;

std::string file_of(std::int64_t id) { return fmt::format("{:08}.gif", id); }
/// 60 characters.
std::string url_of(std::int64_t id) { return "http://127.0.0.1:40000/uploads/2019/03/04/small/" + file_of(id); }
/// Spread like a hash.
Content content_of(std::int64_t id) {
  Content content{.bytes = 4096, .xxh128 = Xxh128{}, .sha256 = {}};
  const std::uint64_t spread = static_cast<std::uint64_t>(id) * 0x9e3779b97f4a7c15U;
  std::memcpy(content.xxh128->data(), &spread, sizeof(spread));
  return content;
}

bool find_page(LedgerWriter& ledger, std::int64_t first) {
  PageRecord page;
  page.number = static_cast<std::uint64_t>(first / kBatch);
  page.url = fmt::format("http://127.0.0.1:40000/list/?page={}", page.number);
  page.run_attempt = 1;
  if (!ledger.begin()) return false;
  PageRecord record = ledger.pages().begin_attempt(std::nullopt, std::move(page)).value();
  for (std::int64_t id = first; id < first + kBatch; ++id) {
    if (!ledger.hits().add(record, {record.number, 1, record.hits, Cause::none, url_of(id)})) return false;
  }
  record.state = PageState::done;
  return ledger.pages().save(record).ok() && ledger.commit().ok();
}

bool fetch(LedgerWriter& ledger, std::int64_t first) {
  const BytesAsked asked{.compare = [](const SavedImage&) { return SameBytes::yes; },
                         .sha256 = [] { return std::nullopt; }};
  if (!ledger.begin()) return false;
  for (std::int64_t id = first; id < first + kBatch; ++id) {
    ImageOutcome outcome;
    outcome.id = id;
    outcome.attempts = 1;
    outcome.http_status = 200;
    outcome.facts = {.type = "gif", .width = 40, .height = 30, .frames = 1};
    outcome.content = content_of(id);
    outcome.host = 1;
    if (!ledger.images().is_pending(id)) return false;
    const auto place = ledger.contents().place_of(outcome.content, asked);
    if (!place || place->first || !ledger.images().record_fetched(outcome, *place, file_of(id))) return false;
  }
  return ledger.commit().ok();
}

/// The ledger in a folder of /dev/shm, with a job begun.
std::unique_ptr<LedgerWriter> open_ledger(const TemporaryFolder& folder, std::int64_t job) {
  auto ledger = LedgerWriter::open(state_in(folder.path())).value();
  const bool begun = ledger->begin() && ledger->begin_job(job, {"http://h/{page}", "1-10", "//img"}, 1);
  return begun && ledger->commit() ? std::move(ledger) : nullptr;
}

/// Resident memory, in MiB, without the pages of files.
double resident() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stod(line.substr(8)) / 1024;
  }
  return 0;
}

/// All images so far are durable.
bool sync(LedgerWriter& ledger) {
  const std::int64_t before = ledger.syncs().begin_epoch() - 1;
  return ledger.syncs().save_durable(before).ok();
}

void ledger_writer(benchmark::State& state) {
  const std::int64_t images = state.range(0);
  const TemporaryFolder folder("/dev/shm");
  const double before = resident();
  auto ledger = open_ledger(folder, 0);
  double most = 0;
  for (auto unused : state) {
    for (std::int64_t first = 1; first < images; first += kBatch) {
      if (!find_page(*ledger, first) || !fetch(*ledger, first)) return state.SkipWithError("not recorded");
      if (first % (64 * kBatch) == 1 && !sync(*ledger)) return state.SkipWithError("not durable");
      if (ledger->wal_bytes() > kMaxWalBytes && !ledger->checkpoint()) return state.SkipWithError("no checkpoint");
      most = std::max(most, resident() - before);
    }
    if (!ledger->checkpoint()) return state.SkipWithError("no checkpoint");
  }
  state.SetItemsProcessed(state.iterations() * images);
  ledger.reset();
  const auto begun = std::chrono::steady_clock::now();
  ledger = open_ledger(folder, 1);
  const std::chrono::duration<double, std::milli> reopened = std::chrono::steady_clock::now() - begun;
  const auto bytes = static_cast<double>(std::filesystem::file_size(ledger_path(folder.path())));
  state.counters["bytes_an_image"] = bytes / static_cast<double>(images);
  state.counters["MiB"] = most;
  state.counters["reopen_ms"] = reopened.count();
}
BENCHMARK(ledger_writer)
    ->ArgName("images")
    ->Arg(5'000)
    ->Arg(1'000'000)
    ->Arg(10'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace doutu

BENCHMARK_MAIN();
