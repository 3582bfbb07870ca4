// A file of 4 KiB under a name: FolderSink and its writer as the downloader uses them, beside the bare system calls
// (openat, write, close, renameat) and beside a file written under its name at once, which a kill may leave torn. In
// memory, in pieces as the network brings them. Run: build/bench/bin/store_bench
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>

#include "downloader/store/folder_sink.h"
#include "shared/base/unique_fd.h"
#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

constexpr std::size_t kBytes = 4096;
constexpr int kFiles = 20'000;  ///< At once, so that no folder grows without a bound.

std::string name_of(std::int64_t id) { return std::to_string(20'190'304'000'000 + id) + ".jpg"; }

void folder_sink(benchmark::State& state) {
  const TemporaryFolder folder("/dev/shm");
  const std::unique_ptr<ImageSink> sink =
      std::make_unique<FolderSink>(FolderSink::open(state_in(folder.path())).value());
  const auto image = sink->writer();
  const std::string bytes(kBytes, 'x');
  std::int64_t id = 0;
  for (auto unused : state) {
    image->begin(++id);
    const bool written = image->append(std::as_bytes(std::span(bytes))).ok() && image->finish(std::nullopt).ok();
    const auto published = sink->publish({id, name_of(id), "", {}});
    if (!written || !published->ok() || **published != ImageSink::Published::yes) state.SkipWithError("not placed");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(folder_sink)->Iterations(kFiles)->Repetitions(5)->ReportAggregatesOnly();

bool write_file_at(int folder, const std::string& name, const std::string& bytes) {
  const UniqueFd file(::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  return ::write(file.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
}

void bare_system_calls(benchmark::State& state) {
  const TemporaryFolder folder("/dev/shm");
  std::filesystem::create_directory(folder / "incoming");
  const UniqueFd final_folder(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY));
  const UniqueFd incoming(::open((folder / "incoming").c_str(), O_RDONLY | O_DIRECTORY));
  const std::string bytes(kBytes, 'x');
  std::int64_t id = 0;
  for (auto unused : state) {
    const std::string from = std::to_string(++id);
    if (!write_file_at(incoming.get(), from, bytes) ||
        ::renameat(incoming.get(), from.c_str(), final_folder.get(), name_of(id).c_str()) != 0)
      state.SkipWithError("not placed");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(bare_system_calls)->Iterations(kFiles)->Repetitions(5)->ReportAggregatesOnly();

void bare_write_in_place(benchmark::State& state) {
  const TemporaryFolder folder("/dev/shm");
  const UniqueFd final_folder(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY));
  const std::string bytes(kBytes, 'x');
  std::int64_t id = 0;
  for (auto unused : state) {
    if (!write_file_at(final_folder.get(), name_of(++id), bytes)) state.SkipWithError("not written");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(bare_write_in_place)->Iterations(kFiles)->Repetitions(5)->ReportAggregatesOnly();

}  // namespace
}  // namespace doutu

BENCHMARK_MAIN();
