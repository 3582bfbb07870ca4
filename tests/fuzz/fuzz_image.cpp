#include <optional>

#include "downloader/check/image_check.h"
#include "tests/fuzz/input.h"

namespace doutu {
namespace {

struct Verdict {
  Cause cause = Cause::none;
  ImageFacts facts;
};

Verdict check_in_pieces(FuzzInput image, std::size_t size, BodyEnd end) {
  ImageCheck check;
  check.begin();
  Verdict verdict;
  for (std::size_t at = 0; at < image.size() && verdict.cause == Cause::none; at += size) {
    verdict.cause = check.feed(image.subspan(at, std::min(size, image.size() - at)));
  }
  if (verdict.cause == Cause::none) verdict.cause = check.finish(end);
  verdict.facts = check.facts();
  return verdict;
}

void expect_same(const Verdict& one, const Verdict& other) {
  DOUTU_CHECK(one.cause == other.cause);
  if (one.cause != Cause::none) return;
  DOUTU_CHECK(one.facts.type == other.facts.type && one.facts.frames == other.facts.frames);
  DOUTU_CHECK(one.facts.width == other.facts.width && one.facts.height == other.facts.height);
}

Verdict check_all_ways(FuzzInput image, std::size_t piece, BodyEnd end) {
  Verdict whole = check_in_pieces(image, std::max<std::size_t>(image.size(), 1), end);
  expect_same(whole, check_in_pieces(image, 1, end));
  expect_same(whole, check_in_pieces(image, piece, end));
  DOUTU_CHECK(whole.cause != Cause::none || !whole.facts.type.empty());
  DOUTU_CHECK((whole.cause == Cause::empty_body) == image.empty());
  return whole;
}

}  // namespace

/// Input: the size of the pieces, the image.
int fuzz_image(FuzzInput input) {
  const std::size_t piece = take_byte(input) + std::size_t{2};
  const Verdict strict = check_all_ways(input, piece, BodyEnd::connection_closed);
  const Verdict lenient = check_all_ways(input, piece, BodyEnd::announced);
  if (strict.cause != Cause::incomplete_image) expect_same(strict, lenient);
  return 0;
}

}  // namespace doutu
