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

TEST(ControlChannel, CarriesEveryFieldOfAMessage) {
  auto [near, far] = make_channel();
  Message sent;
  sent.kind = MessageKind::page_recorded;
  sent.attempt = 3;
  sent.page = 999'999'999;
  sent.generation = 1ULL << 40U;
  sent.account = 7;
  sent.image = -5;
  sent.cause = Cause::http_status;
  sent.http_status = 404;
  sent.images = 100'000;
  sent.retry_after_seconds = 3600;
  sent.elsewhere = true;
  sent.text = std::string("with\0a NUL", 10);
  ASSERT_EQ(near.send(sent), SendResult::ok);

  Message got;
  ASSERT_EQ(far.receive(got), Received::message);
  EXPECT_EQ(got.kind, sent.kind);
  EXPECT_EQ(got.attempt, sent.attempt);
  EXPECT_EQ(got.page, sent.page);
  EXPECT_EQ(got.generation, sent.generation);
  EXPECT_EQ(got.account, sent.account);
  EXPECT_EQ(got.image, sent.image);
  EXPECT_EQ(got.cause, sent.cause);
  EXPECT_EQ(got.http_status, sent.http_status);
  EXPECT_EQ(got.images, sent.images);
  EXPECT_EQ(got.retry_after_seconds, sent.retry_after_seconds);
  EXPECT_EQ(got.elsewhere, sent.elsewhere);
  EXPECT_EQ(got.text, sent.text);
}

TEST(ControlChannel, KeepsTheBordersOfMessagesOfAnySize) {
  auto [near, far] = make_channel();
  Message message;
  message.kind = MessageKind::configure;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kMaxText}) {
    message.text.assign(size, 'x');
    ASSERT_EQ(near.send(message), SendResult::ok);
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kMaxText}) {
    Message got;
    ASSERT_EQ(far.receive(got), Received::message);
    EXPECT_EQ(got.text.size(), size);
  }
}

TEST(ControlChannel, HandsOverDescriptorsAsCopies) {
  auto [near, far] = make_channel();
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  Message message;
  message.kind = MessageKind::lane_opened;
  ASSERT_EQ(near.send(message, {write_end.get()}), SendResult::ok);
  write_end.reset();

  Message got;
  ASSERT_EQ(far.receive(got), Received::message);
  ASSERT_EQ(got.fds.size(), 1U);
  EXPECT_NE(::fcntl(got.fds[0].get(), F_GETFD) & FD_CLOEXEC, 0);
  ASSERT_EQ(::write(got.fds[0].get(), "x", 1), 1);
  char byte = 0;
  ASSERT_EQ(::read(read_end.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
}

TEST(ControlChannel, SaysWhenThereIsNothingYet) {
  auto [near, far] = make_channel();
  Message got;
  EXPECT_EQ(far.receive(got), Received::nothing);
  EXPECT_EQ(far.wait_receive(got, 0), Received::nothing);
}

TEST(ControlChannel, IsFullWhenTheOtherEndTakesNothing) {
  auto [near, far] = make_channel();
  Message message;
  message.kind = MessageKind::configure;
  message.text.assign(kMaxText, 'x');
  SendResult result = SendResult::ok;
  for (int i = 0; i < 10'000 && result == SendResult::ok; ++i) result = near.send(message);
  EXPECT_EQ(result, SendResult::would_block);
}

TEST(ControlChannel, TellsTheEndOfTheOtherProcessAfterItsLastMessage) {
  auto [near, far] = make_channel();
  Message message;
  message.kind = MessageKind::ready;
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
