#include "crawler/children/run_and_capture.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "shared/base/system_limits.h"

namespace doutu {
namespace {

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return error_with_limit("cannot create a pipe");
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

bool readable_before(int fd, MonoTime deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - mono_now());
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, static_cast<int>(std::max<milliseconds::rep>(left.count(), 0))) > 0;
}

/// Everything up to the end-of-file or the limit.
Result<std::string> read_answer(int fd, const ChildQuestion& question) {
  const MonoTime deadline = mono_now() + question.patience;
  std::string answer;
  std::array<char, 4096> buffer{};
  while (answer.size() < question.max_bytes) {
    if (!readable_before(fd, deadline)) {
      const auto waited = std::chrono::ceil<seconds>(question.patience).count();
      return Error{"no answer within " + std::to_string(waited) + " s", ETIMEDOUT};
    }
    const ssize_t count = ::read(fd, buffer.data(), std::min(buffer.size(), question.max_bytes - answer.size()));
    if (count < 0 && errno != EINTR) return system_error("read");
    if (count == 0) break;
    if (count > 0) answer.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return answer;
}

}  // namespace

Result<CapturedRun> run_and_capture(const ChildQuestion& question) {
  Result<Pipe> pipe = make_pipe();
  if (!pipe) return std::move(pipe).error();
  Spawn spawn{question.program, question.arguments, question.fds};
  spawn.fds.emplace_back(pipe->write.get(), STDOUT_FILENO);
  Result<ChildProcess> child = ChildProcess::start(spawn);
  if (!child) return std::move(child).error();
  pipe->write.reset();
  Result<std::string> text = read_answer(pipe->read.get(), question);
  if (!text) return std::move(text).error().within(question.program);
  pipe->read.reset();  // A program that says more than it may ends by that.
  return CapturedRun{*std::move(text), child->wait()};
}

}  // namespace doutu
