#include "crawler/xpath_check.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "shared/base/clock.h"
#include "shared/base/escape.h"
#include "shared/process/child_process.h"

namespace doutu {
namespace {

constexpr seconds kPatience{10};
constexpr std::size_t kMaxAnswer = 4096;
constexpr int kAttempts = 3;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return system_error("pipe2");
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

bool readable_before(int fd, MonoTime deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - mono_now());
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, static_cast<int>(std::max<milliseconds::rep>(left.count(), 0))) > 0;
}

/// Everything up to the end-of-file, at most kMaxAnswer bytes.
Result<std::string> read_answer(int fd, MonoTime deadline) {
  std::string answer;
  std::array<char, 512> buffer{};
  while (answer.size() < kMaxAnswer) {
    if (!readable_before(fd, deadline)) return Error{"no answer in 10 s"};
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno != EINTR) return system_error("read");
    if (count == 0) break;
    if (count > 0) answer.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return answer;
}

struct Answer {
  std::string text;
  Exit exit;
};

Result<Answer> ask(const std::string& expression, const std::string& program) {
  Result<Pipe> pipe = make_pipe();
  if (!pipe) return std::move(pipe).error();
  Result<ChildProcess> child =
      ChildProcess::start({program, {"--check-xpath", expression}, {{pipe->write.get(), STDOUT_FILENO}}});
  if (!child) return std::move(child).error();
  pipe->write.reset();
  Result<std::string> text = read_answer(pipe->read.get(), mono_now() + kPatience);
  if (!text) return std::move(text).error().within(program);
  return Answer{*std::move(text), child->wait()};
}

}  // namespace

Result<std::optional<std::string>> xpath_problem(const std::string& expression) {
  return xpath_problem(expression, companion_program("doutu-fetcher"));
}

Result<std::optional<std::string>> xpath_problem(const std::string& expression, const std::string& program) {
  for (int attempt = 1;; ++attempt) {
    Result<Answer> answer = ask(expression, program);
    if (!answer) return std::move(answer).error().within("cannot check the XPath");
    if (answer->exit.signal == SIGKILL && attempt < kAttempts) continue;  // somebody's kill says nothing about it
    if (answer->exit.signal != 0 || (answer->exit.status != 0 && answer->exit.status != 2)) {
      return Error{"cannot check the XPath: " + program + ": " + answer->exit.in_words()};
    }
    if (answer->exit.status == 0) return std::optional<std::string>{};
    return std::optional<std::string>(escape_for_terminal(answer->text.substr(0, answer->text.find('\n'))));
  }
}

}  // namespace doutu
