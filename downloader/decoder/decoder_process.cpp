#include "downloader/decoder/decoder_process.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <new>
#include <optional>
#include <vector>

#include "downloader/decoder/decode.h"
#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/process/control.h"
#include "shared/process/parent_tie.h"
#include "shared/process/stats_page.h"
#include "shared/process/wholeness.h"
#include "shared/sandbox/sandbox.h"

namespace doutu {
namespace {

constexpr int kOk = 0;
constexpr int kFailed = 1;
/// Without work it takes no memory for nothing: a start costs a few milliseconds.
constexpr int kIdleMilliseconds = 10'000;
/// For one image. A large one takes about one second.
constexpr rlim_t kProcessorSeconds = 10;
constexpr unsigned kWallSeconds = 60;
/// With all that is decoded from it, it fits into the memory that the sandbox leaves (decoder_policy()).
constexpr std::size_t kLargestFile = std::size_t{256} << 20U;
constexpr std::size_t kFirstRead = std::size_t{256} << 10U;

int fail(const Error& error) {
  log_error("decoder: {}", error.message);
  return kFailed;
}

/// SIGXCPU or SIGALRM ends this process when the image that comes next takes longer.
void allow_time() {
  timespec used{};
  rlimit limit{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  ::getrlimit(RLIMIT_CPU, &limit);
  limit.rlim_cur = std::min(limit.rlim_max, static_cast<rlim_t>(used.tv_sec) + 1 + kProcessorSeconds);
  ::setrlimit(RLIMIT_CPU, &limit);
  ::alarm(kWallSeconds);
}

/// The file as it is now: others may cut it off meanwhile. nullopt: it is too large. What is no file has no bytes at
/// any place (ESPIPE), so that nothing is waited for.
std::optional<std::vector<std::uint8_t>> bytes_of(int file) {
  std::vector<std::uint8_t> bytes;
  std::size_t size = 0;
  while (size <= kLargestFile) {
    if (size == bytes.size()) bytes.resize(std::clamp(2 * size, kFirstRead, kLargestFile + 1));
    const ssize_t got = ::pread(file, bytes.data() + size, bytes.size() - size, static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return bytes.resize(size), bytes;
    size += static_cast<std::size_t>(got);
  }
  return std::nullopt;
}

DecodeResult decode_file(const std::string& type, int file) try {
  const auto bytes = bytes_of(file);
  return bytes ? decode(type, *bytes) : DecodeResult::too_large;
} catch (const std::bad_alloc&) {
  return DecodeResult::too_large;
}

void answer(int socket, Wholeness wholeness) {
  // Who asked may have gone.
  [[maybe_unused]] const auto sent = ::send(socket, &wholeness, sizeof wholeness, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void judge(const Message& message) {
  const auto* const doubted = std::get_if<ImageDoubted>(&message);
  if (doubted == nullptr || doubted->fds.size() != 2) {
    return log_error("decoder: received a message that is not for it");
  }
  allow_time();
  const DecodeResult decoded = decode_file(doubted->type, doubted->fds[0].get());
  ::alarm(0);
  if (decoded == DecodeResult::too_large) log_warning("image {}: too large to decode; not saved", doubted->image);
  answer(doubted->fds[1].get(), decoded == DecodeResult::whole ? Wholeness::whole : Wholeness::not_whole);
}

/// Whether a request can be taken. Otherwise it is time to end: the parent has gone, or nothing came.
bool wait_for_request(const ControlChannel& control, const ControlChannel& doubts) {
  std::array<pollfd, 2> waiting = {pollfd{control.fd(), 0, 0}, pollfd{doubts.fd(), POLLIN, 0}};
  int ready = 0;
  do {
    ready = ::poll(waiting.data(), waiting.size(), kIdleMilliseconds);
  } while (ready < 0 && errno == EINTR);
  return ready > 0 && waiting[0].revents == 0;
}

int work(const ControlChannel& control, ControlChannel& doubts, StatsPage& stats) {
  while (wait_for_request(control, doubts)) {
    Message request;
    switch (doubts.receive(request)) {
      case ControlChannel::Received::message:
        stats.beats[0] = to_nanoseconds(mono_now());
        judge(request);
        break;
      case ControlChannel::Received::nothing:
        break;
      case ControlChannel::Received::closed:
        return kOk;
      case ControlChannel::Received::damaged:
        log_error("decoder: received a damaged message");
        break;
    }
  }
  return kOk;
}

}  // namespace

int run_decoder() {
  if (!tie_to_parent()) return kOk;
  const ControlChannel control{UniqueFd(kControlFd)};
  ControlChannel doubts{UniqueFd(kDoubtsFd)};
  const auto stats = SharedStats::attach(kStatsFd);
  if (!stats) return fail(stats.error());
  // As far as the kernel can: nothing that the user could ask for needs more.
  if (Status confined = confine(decoder_policy(), SandboxMode::automatic); !confined) return fail(confined.error());
  return work(control, doubts, **stats);
}

}  // namespace doutu
