#include "crawler/children/started_child.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "shared/base/system_limits.h"

namespace doutu {
namespace {

Result<std::pair<UniqueFd, UniqueFd>> make_log_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return error_with_limit("cannot create a pipe");
  // Only our end: a child that writes to a full pipe waits, it does not lose lines.
  ::fcntl(fds[0], F_SETFL, O_NONBLOCK);
  return std::pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

}  // namespace

Result<StartedChild> StartedChild::start(const std::string& program, const std::vector<std::pair<int, int>>& more_fds) {
  auto channel = ControlChannel::create();
  if (!channel) return std::move(channel).error();
  auto stats = SharedStats::create();
  if (!stats) return std::move(stats).error();
  auto pipe = make_log_pipe();
  if (!pipe) return std::move(pipe).error();

  Spawn spawn{companion_program(program), {}, more_fds};
  spawn.fds.insert(spawn.fds.end(), {{channel->second.fd(), kControlFd},
                                     {stats->fd(), kStatsFd},
                                     {pipe->second.get(), STDOUT_FILENO},
                                     {pipe->second.get(), STDERR_FILENO}});
  auto process = ChildProcess::start(spawn);
  if (!process) return std::move(process).error();
  return StartedChild{*std::move(process), std::move(channel->first), *std::move(stats), std::move(pipe->first)};
}

Result<StartedFetcher> StartedFetcher::start(LaneIdentity identity, std::pair<int, int> budget) {
  auto lane = create_lane(identity);
  if (!lane) return std::move(lane).error();
  auto child = StartedChild::start(
      "doutu-fetcher",
      {{lane->memory.get(), kLaneFd}, {lane->data.get(), kLaneDataFd}, {lane->space.get(), kLaneSpaceFd}, budget});
  if (!child) return std::move(child).error();
  return StartedFetcher{*std::move(child), *std::move(lane), identity.generation};
}

}  // namespace doutu
