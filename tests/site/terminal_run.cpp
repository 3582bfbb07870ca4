#include "tests/site/terminal_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <system_error>

#include "tests/site/processes.h"

namespace doutu {
namespace {

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(std::map<std::string, std::string> wanted) {
  wanted.insert({{"TERM", "xterm"}, {"LC_ALL", "C.UTF-8"}, {"NO_COLOR", ""}});
  std::vector<std::string> strings;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (!wanted.contains(std::string(text.substr(0, text.find('='))))) strings.emplace_back(text);
  }
  for (const auto& [name, value] : wanted) {
    if (!value.empty()) strings.push_back(fmt::format("{}={}", name, value));
  }
  return strings;
}

winsize to_winsize(TerminalRun::Size size) {
  return {static_cast<unsigned short>(size.rows), static_cast<unsigned short>(size.columns), 0, 0};
}

}  // namespace

TerminalRun::TerminalRun(const std::vector<std::string>& arguments, Size size,
                         std::map<std::string, std::string> environment, Leader leader)
    : screen_(size.columns, size.rows) {
  adopt_orphans();
  const winsize window = to_winsize(size);
  std::array<int, 2> ends{-1, -1};
  std::array<char, 64> name{};
  if (::openpty(&ends[0], &ends[1], name.data(), nullptr, &window) != 0) {
    throw std::system_error(errno, std::generic_category(), "openpty");
  }
  near_ = UniqueFd(ends[0]);
  const UniqueFd far(ends[1]);
  ::fcntl(near_.get(), F_SETFL, O_NONBLOCK);

  posix_spawn_file_actions_t files{};
  posix_spawn_file_actions_init(&files);
  // Opened by the leader of a new session: its controlling terminal.
  posix_spawn_file_actions_addopen(&files, 0, name.data(), O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&files, 0, 1);
  posix_spawn_file_actions_adddup2(&files, 0, 2);
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  posix_spawnattr_t attributes{};
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  std::vector<std::string> argument_strings = {DOUTU_PROGRAM};
  const std::string program = leader == Leader::shell ? "/bin/sh" : DOUTU_PROGRAM;
  if (leader == Leader::shell) {
    argument_strings = {"sh", "-c", "set -m; \"$0\" \"$@\"; echo asleep; read enter; fg", DOUTU_PROGRAM};
  }
  argument_strings.insert(argument_strings.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment_strings = environment_with(std::move(environment));
  const int error = posix_spawn(&pid_, program.c_str(), &files, &attributes, pointers(argument_strings).data(),
                                pointers(environment_strings).data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) throw std::system_error(error, std::generic_category(), program);
}

TerminalRun::~TerminalRun() {
  if (ended_ || waitpid(pid_, nullptr, WNOHANG) == pid_) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void TerminalRun::read() {
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t size = near_.valid() ? ::read(near_.get(), buffer.data(), buffer.size()) : -1;
    if (size <= 0) return;
    const std::string_view piece(buffer.data(), static_cast<std::size_t>(size));
    bytes_ += piece;
    screen_.feed(piece);
  }
}

const ScreenModel& TerminalRun::screen() {
  read();
  return screen_;
}

std::string TerminalRun::text() {
  std::string text;
  for (const std::string& row : screen().rows()) text += row + "\n";
  return text;
}

bool TerminalRun::sees(const std::string& wanted, std::chrono::seconds limit) {
  return eventually([&] { return text().find(wanted) != std::string::npos; }, limit);
}

void TerminalRun::resize(Size size) {
  read();
  screen_.resize(size.columns, size.rows);
  const winsize window = to_winsize(size);
  ::ioctl(near_.get(), TIOCSWINSZ, &window);
}

void TerminalRun::type(const std::string& keys) const {
  [[maybe_unused]] const auto written = ::write(near_.get(), keys.data(), keys.size());
}

int TerminalRun::wait(std::chrono::seconds limit) {
  const auto reap = [this] {
    read();
    if (!ended_ && waitpid(pid_, &status_, WNOHANG) == pid_) ended_ = true;
    return ended_;
  };
  if (!eventually(reap, limit)) {
    ADD_FAILURE() << "doutu still runs and is killed; the terminal shows:\n" << text();
    kill(pid_, SIGKILL);
    waitpid(pid_, &status_, 0);
    ended_ = true;
  }
  read();
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

}  // namespace doutu
