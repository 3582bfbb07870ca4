#include "downloader/transfer/socket_watch.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <vector>

namespace doutu {
namespace {

struct Pair {
  Pair() {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
    ours.reset(fds[0]);
    peers.reset(fds[1]);
  }
  void peer_says_something() const { EXPECT_EQ(::send(peers.get(), "x", 1, MSG_NOSIGNAL), 1); }

  UniqueFd ours;
  UniqueFd peers;
};

std::vector<int> told(SocketWatch& watch) {
  std::vector<int> sockets;
  for (const epoll_event& event : watch.take_ready()) sockets.push_back(watch.socket_of(event));
  return sockets;
}

using Sockets = std::vector<int>;

TEST(SocketWatch, TellsWhatASocketIsUsedFor) {
  SocketWatch watch;
  const Pair pair;
  const int fd = pair.ours.get();
  watch.opened(fd);
  ASSERT_TRUE(watch.wait_for(fd, EPOLLIN));
  EXPECT_EQ(told(watch), Sockets());
  ASSERT_TRUE(watch.wait_for(fd, EPOLLIN | EPOLLOUT));
  EXPECT_EQ(told(watch), Sockets{fd});
  ASSERT_TRUE(watch.wait_for(fd, EPOLLIN));
  EXPECT_EQ(told(watch), Sockets());
  pair.peer_says_something();
  EXPECT_EQ(told(watch), Sockets{fd});
  EXPECT_EQ(told(watch), Sockets{fd}) << "until it is read";
}

TEST(SocketWatch, TellsWhatComesOnAConnectionThatNobodyUsesUntilItIsMuted) {
  SocketWatch watch;
  const Pair pair;
  const int fd = pair.ours.get();
  watch.opened(fd);
  ASSERT_TRUE(watch.wait_for(fd, EPOLLIN));
  ASSERT_TRUE(watch.wait_for(fd, 0));
  EXPECT_EQ(watch.waits_for(fd), 0U);
  pair.peer_says_something();
  EXPECT_EQ(told(watch), Sockets{fd});
  watch.mute(fd);
  EXPECT_EQ(told(watch), Sockets());
  ASSERT_TRUE(watch.wait_for(fd, EPOLLIN));
  EXPECT_EQ(told(watch), Sockets{fd}) << "used again";
}

TEST(SocketWatch, TakesTheNumberOfAClosedConnectionForAnotherSocket) {
  SocketWatch watch;
  Pair first;
  const int fd = first.ours.get();
  watch.opened(fd);
  ASSERT_TRUE(watch.wait_for(fd, EPOLLIN));
  watch.closed(fd);
  const Pair second;
  ASSERT_EQ(::dup2(second.ours.get(), fd), fd);
  ASSERT_TRUE(watch.wait_for(fd, EPOLLIN));
  second.peer_says_something();
  EXPECT_EQ(told(watch), Sockets{fd});
}

TEST(SocketWatch, NeedsNoWordBeforeASocketThatIsNoConnectionIsClosed) {
  SocketWatch watch;
  Pair first;
  const int fd = first.ours.get();
  ASSERT_TRUE(watch.wait_for(fd, EPOLLIN));
  ASSERT_TRUE(watch.wait_for(fd, 0));
  const Pair second;
  ASSERT_EQ(::dup2(second.ours.get(), fd), fd);
  ASSERT_TRUE(watch.wait_for(fd, EPOLLIN));
  second.peer_says_something();
  EXPECT_EQ(told(watch), Sockets{fd});
}

TEST(SocketWatch, SaysThatTheSystemRefuses) {
  SocketWatch watch;
  EXPECT_FALSE(watch.wait_for(-1, EPOLLIN));
}

TEST(SocketWatch, TellsAConnectionFromTheOneThatHadItsNumberBefore) {
  SocketWatch watch;
  Pair pair;
  const int fd = pair.ours.get();
  watch.opened(fd);
  ASSERT_TRUE(watch.wait_for(fd, EPOLLIN));
  pair.peer_says_something();
  const auto events = watch.take_ready();
  ASSERT_EQ(events.size(), 1U);
  const epoll_event before = events[0];
  EXPECT_EQ(watch.socket_of(before), fd);

  watch.closed(fd);
  EXPECT_EQ(watch.socket_of(before), -1);
  const UniqueFd successor(::dup3(pair.peers.get(), fd, O_CLOEXEC));
  ASSERT_EQ(pair.ours.release(), successor.get());
  watch.opened(fd);
  ASSERT_TRUE(watch.wait_for(fd, EPOLLIN));
  EXPECT_EQ(watch.socket_of(before), -1);
}

}  // namespace
}  // namespace doutu
