#include "tests/e2e/crawl_fixture.h"

#include <filesystem>

namespace doutu {
namespace {

/// Names in /dev/shm, those of tests' own folders left out.
std::set<std::string> names_in_shared_memory() {
  std::set<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/dev/shm", error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("doutu-test-")) names.insert(name);
  }
  return names;
}

}  // namespace

CrawlTest::CrawlTest() : shared_memory_before_(names_in_shared_memory()) { adopt_orphans(); }

void CrawlTest::TearDown() {
  for (const RunningProcess& stray : strays_after(std::chrono::seconds(20))) {
    ADD_FAILURE() << stray.program << " (" << stray.pid << ", state " << stray.state << ") still runs";
  }
  kill_strays();
  for (const std::string& file : folder_.leftovers()) ADD_FAILURE() << "left behind: " << file;
  for (const std::string& name : names_in_shared_memory()) {
    EXPECT_TRUE(shared_memory_before_.contains(name)) << "left behind: /dev/shm/" << name;
  }
}

std::vector<std::string> CrawlTest::command(const std::string& pages, const std::vector<std::string>& more) const {
  std::vector<std::string> arguments = {"crawl",        site_.url("/list/{page}"),
                                        "--pages",      pages,
                                        "--xpath",      std::string(kMemeXpath),
                                        "--directory",  folder_.path(),
                                        "--progress",   "none",
                                        "--retry-wait", "0.05"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::unique_ptr<CrawlRun> CrawlTest::start(const std::string& pages, const std::vector<std::string>& more) const {
  return std::make_unique<CrawlRun>(command(pages, more));
}

Ended CrawlTest::crawl(const std::string& pages, const std::vector<std::string>& more) const {
  return run_doutu(command(pages, more));
}

std::string CrawlTest::image(const std::string& path, std::uint64_t number) {
  const std::string bytes = small_image(number);
  site_.file(path, bytes);
  return sha256(bytes);
}

}  // namespace doutu
