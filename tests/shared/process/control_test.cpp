#include "shared/process/control.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

namespace doutu {
namespace {

using Received = ControlChannel::Received;

std::pair<ControlChannel, ControlChannel> make_channel() {
  auto ends = ControlChannel::create();
  EXPECT_TRUE(ends.ok());
  return std::move(ends).value();
}

TEST(ControlChannel, KeepsTheBordersOfMessagesOfAnySize) {
  auto [near, far] = make_channel();
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kMaxText}) {
    ASSERT_EQ(near.send(CheckXpath{std::string(size, 'x')}), SendResult::ok);
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kMaxText}) {
    Message got;
    ASSERT_EQ(far.receive(got), Received::message);
    EXPECT_EQ(std::get<CheckXpath>(got).expression.size(), size);
  }
}

TEST(ControlChannel, HandsOverDescriptorsAsCopies) {
  auto [near, far] = make_channel();
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  ASSERT_EQ(near.send(LaneOpened{7}, {write_end.get()}), SendResult::ok);
  write_end.reset();

  Message got;
  ASSERT_EQ(far.receive(got), Received::message);
  const auto& opened = std::get<LaneOpened>(got);
  EXPECT_EQ(opened.generation, 7U);
  ASSERT_EQ(opened.fds.size(), 1U);
  EXPECT_NE(::fcntl(opened.fds[0].get(), F_GETFD) & FD_CLOEXEC, 0);
  ASSERT_EQ(::write(opened.fds[0].get(), "x", 1), 1);
  char byte = 0;
  ASSERT_EQ(::read(read_end.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
}

TEST(ControlChannel, ClosesDescriptorsThatItsMessageHasNoUseFor) {
  auto [near, far] = make_channel();
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  ASSERT_EQ(near.send(Ready{}, {write_end.get()}), SendResult::ok);
  write_end.reset();
  Message got;
  ASSERT_EQ(far.receive(got), Received::message);
  char byte = 0;
  EXPECT_EQ(::read(read_end.get(), &byte, 1), 0) << "nobody holds the other end";
}

TEST(ControlChannel, SaysWhenThereIsNothingYet) {
  auto [near, far] = make_channel();
  Message got;
  EXPECT_EQ(far.receive(got), Received::nothing);
  EXPECT_EQ(far.wait_receive(got, 0), Received::nothing);
}

TEST(ControlChannel, IsFullWhenTheOtherEndTakesNothing) {
  auto [near, far] = make_channel();
  const Message message = CheckXpath{std::string(kMaxText, 'x')};
  SendResult result = SendResult::ok;
  for (int i = 0; i < 10'000 && result == SendResult::ok; ++i) result = near.send(message);
  EXPECT_EQ(result, SendResult::would_block);
}

TEST(ControlChannel, TellsTheEndOfTheOtherProcessAfterItsLastMessage) {
  auto [near, far] = make_channel();
  const Message message = Ready{};
  ASSERT_EQ(near.send(message), SendResult::ok);
  near.close();
  Message got;
  EXPECT_EQ(far.receive(got), Received::message);
  EXPECT_EQ(far.receive(got), Received::closed);
  EXPECT_EQ(far.send(message), SendResult::closed);
}

TEST(ControlChannel, CallsAPacketThatNoSendWroteDamaged) {
  auto [near, far] = make_channel();
  Message got;
  for (const std::string& packet : {std::string("short"), std::string(56, 'x'), std::string(4096, '\0')}) {
    ASSERT_EQ(::send(near.fd(), packet.data(), packet.size(), 0), static_cast<ssize_t>(packet.size()));
    EXPECT_EQ(far.receive(got), Received::damaged);
  }
}

}  // namespace
}  // namespace doutu
