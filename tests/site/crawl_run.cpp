#include "tests/site/crawl_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <system_error>

#include "tests/site/crawl_folder.h"

namespace doutu {
namespace {

/// The strings as the argv or envp of execve.
std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& added) {
  std::vector<std::string> strings;
  for (char** entry = environ; *entry != nullptr; ++entry) strings.emplace_back(*entry);
  for (const auto& [name, value] : added) strings.push_back(fmt::format("{}={}", name, value));
  return strings;
}

class SpawnFiles {
 public:
  SpawnFiles() { posix_spawn_file_actions_init(&actions_); }
  SpawnFiles(const SpawnFiles&) = delete;
  SpawnFiles& operator=(const SpawnFiles&) = delete;
  ~SpawnFiles() { posix_spawn_file_actions_destroy(&actions_); }

  void open(int fd, const std::string& path, int flags) {
    posix_spawn_file_actions_addopen(&actions_, fd, path.c_str(), flags, 0600);
  }
  /// The sockets of the test's own site must not live on in the program: a site that is down must be down.
  void close_all_from(int fd) { posix_spawn_file_actions_addclosefrom_np(&actions_, fd); }
  void change_folder(const std::string& path) { posix_spawn_file_actions_addchdir_np(&actions_, path.c_str()); }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class SpawnAttributes {
 public:
  SpawnAttributes() {
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

}  // namespace

CrawlRun::CrawlRun(const std::vector<std::string>& arguments, const std::string& working_folder,
                   const std::map<std::string, std::string>& environment, const std::string& program) {
  adopt_orphans();
  SpawnFiles files;
  files.open(STDIN_FILENO, "/dev/null", O_RDONLY);
  files.open(STDOUT_FILENO, output_ / "out", O_WRONLY | O_CREAT | O_APPEND);
  files.open(STDERR_FILENO, output_ / "err", O_WRONLY | O_CREAT | O_APPEND);
  files.close_all_from(STDERR_FILENO + 1);
  if (!working_folder.empty()) files.change_folder(working_folder);

  const std::string path = program.empty() ? DOUTU_PROGRAM : program;
  std::vector<std::string> argument_strings = {path};
  argument_strings.insert(argument_strings.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment_strings = environment_with(environment);
  const int error = posix_spawn(&pid_, path.c_str(), files.get(), SpawnAttributes().get(),
                                pointers(argument_strings).data(), pointers(environment_strings).data());
  if (error != 0) throw std::system_error(error, std::generic_category(), path);
}

CrawlRun::~CrawlRun() {
  if (!running()) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void CrawlRun::signal(int number) const {
  if (!ended_) kill(pid_, number);
}

std::vector<pid_t> CrawlRun::children(const std::string& program) const {
  std::vector<pid_t> pids;
  for (const RunningProcess& child : children_of(pid_)) {
    if (child.program == program) pids.push_back(child.pid);
  }
  return pids;
}

pid_t CrawlRun::child(const std::string& program) const {
  std::vector<pid_t> found;
  EXPECT_TRUE(eventually([&] { return !(found = children(program)).empty(); })) << "no " << program;
  return found.empty() ? -1 : found.front();
}

bool CrawlRun::reap() {
  if (!ended_ && waitpid(pid_, &status_, WNOHANG) == pid_) ended_ = true;
  return ended_;
}

bool CrawlRun::running() { return !reap(); }

Ended CrawlRun::wait(std::chrono::seconds limit) {
  if (!eventually([this] { return reap(); }, limit)) {
    ADD_FAILURE() << "doutu still runs after " << limit.count() << " s and is killed; it said:\n" << err();
    kill(pid_, SIGKILL);
    waitpid(pid_, &status_, 0);
    ended_ = true;
  }
  const int status = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
  return {status, out(), err()};
}

std::string CrawlRun::out() const { return read_file(output_ / "out"); }
std::string CrawlRun::err() const { return read_file(output_ / "err"); }

Ended run_doutu(const std::vector<std::string>& arguments, const std::string& working_folder) {
  return CrawlRun(arguments, working_folder).wait();
}

}  // namespace doutu
