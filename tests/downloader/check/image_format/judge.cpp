#include "tests/downloader/check/image_format/judge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "downloader/check/image_check.h"

namespace doutu {

std::ostream& operator<<(std::ostream& out, const Judged& judged) {
  if (judged.cause != Cause::none) return out << cause_name(judged.cause);
  return out << judged.type << ' ' << judged.width << 'x' << judged.height << ' ' << judged.frames;
}

namespace {

Cause feed_and_finish(ImageCheck& check, std::string_view body, std::size_t piece, BodyEnd end) {
  check.begin();
  Cause cause = Cause::none;
  for (std::size_t at = 0; at < body.size() && cause == Cause::none; at += std::min(piece, body.size() - at)) {
    cause = check.feed(std::as_bytes(std::span(body.substr(at, piece))));
  }
  return cause == Cause::none ? check.finish(end) : cause;
}

}  // namespace

Judged judge(std::string_view body, std::size_t piece, BodyEnd end) {
  ImageCheck check;
  const Cause cause = feed_and_finish(check, body, piece, end);
  const ImageFacts facts = check.facts();
  if (cause != Cause::none) return {.cause = cause, .type = {}};
  return {.type = std::string(facts.type), .width = facts.width, .height = facts.height, .frames = facts.frames};
}

namespace {

void expect(const Judged& expected, std::string_view body, BodyEnd end) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, std::string_view::npos}) {
    EXPECT_EQ(judge(body, piece, end), expected) << testing::PrintToString(body.substr(0, 80)) << " in pieces of "
                                                 << piece << (end == BodyEnd::announced ? ", all of it" : "");
  }
}

void expect_doubt(bool expected, std::string_view body, BodyEnd end) {
  for (const std::size_t piece : {std::size_t{1}, std::string_view::npos}) {
    ImageCheck check;
    EXPECT_EQ(feed_and_finish(check, body, piece, end), Cause::incomplete_image);
    EXPECT_EQ(check.is_doubtful(), expected) << testing::PrintToString(body.substr(0, 80)) << " in pieces of " << piece;
  }
}

}  // namespace

void expect_doubtful_if_all_came(std::string_view body) {
  expect_doubt(false, body, BodyEnd::connection_closed);
  expect_doubt(true, body, BodyEnd::announced);
}

void expect_no_doubt(std::string_view body) {
  expect_doubt(false, body, BodyEnd::connection_closed);
  expect_doubt(false, body, BodyEnd::announced);
}

void expect(const Judged& expected, std::string_view body) {
  expect(expected, body, BodyEnd::connection_closed);
  expect(expected, body, BodyEnd::announced);
}

void expect_whole_if_all_came(const Judged& expected, std::string_view body) {
  expect({.cause = Cause::incomplete_image, .type = {}}, body, BodyEnd::connection_closed);
  expect(expected, body, BodyEnd::announced);
}

void expect_whole(const Judged& expected, std::string_view body, std::size_t enough) {
  expect(expected, body);
  expect(expected, std::string(body) + "what follows the end");
  for (std::size_t size = 0; size < std::min(body.size(), enough); ++size) {
    EXPECT_NE(judge(body.substr(0, size)).cause, Cause::none) << size << " of " << body.size() << " bytes";
  }
}

}  // namespace doutu
