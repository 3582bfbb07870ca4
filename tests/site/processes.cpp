#include "tests/site/processes.h"

#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

namespace doutu {
namespace {

namespace fs = std::filesystem;

struct Stat {
  char state = '?';
  pid_t parent = 0;
};

/// Fields 3 and 4 of /proc/PID/stat; the name before them may hold anything, so they are sought from its end.
std::optional<Stat> read_stat(const fs::path& folder) {
  std::ifstream file(folder / "stat");
  std::string line;
  std::getline(file, line, '\0');  // ends in a failed stream, not in an exception, when the process has just gone
  const std::size_t end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos) return std::nullopt;
  Stat stat;
  std::istringstream fields(line.substr(end_of_name + 1));
  fields >> stat.state >> stat.parent;
  return stat;
}

/// By what it was started as: the link "exe" of a confined process is root's alone to read.
std::string program_of(const fs::path& folder) {
  std::ifstream file(folder / "cmdline");
  std::string program;
  std::getline(file, program, '\0');
  return fs::path(program).filename().string();
}

void reap_ended_children() {
  while (waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

}  // namespace

void adopt_orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1); }

std::vector<RunningProcess> children_of(pid_t parent) {
  std::vector<RunningProcess> children;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename().string();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ptr != name.data() + name.size()) continue;
    const auto stat = read_stat(entry.path());
    if (!stat || stat->parent != parent || stat->state == 'Z' || stat->state == 'X') continue;
    children.push_back({pid, program_of(entry.path()), stat->state});
  }
  std::sort(children.begin(), children.end(), [](const auto& a, const auto& b) { return a.pid < b.pid; });
  return children;
}

std::size_t peak_kib(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; file >> word;) {
    std::size_t kib = 0;
    if (word == "VmHWM:" && file >> kib) return kib;
  }
  return 0;
}

std::vector<RunningProcess> strays_after(std::chrono::milliseconds limit) {
  std::vector<RunningProcess> strays;
  (void)eventually(
      [&] {
        reap_ended_children();
        strays = children_of(getpid());
        return strays.empty();
      },
      limit);
  return strays;
}

void kill_strays() {
  for (const RunningProcess& stray : children_of(getpid())) {
    kill(stray.pid, SIGKILL);
    waitpid(stray.pid, nullptr, 0);
  }
}

void pause_for_polling() { std::this_thread::sleep_for(std::chrono::milliseconds(2)); }

}  // namespace doutu
