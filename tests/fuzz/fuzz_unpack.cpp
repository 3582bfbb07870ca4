#include <string>
#include <vector>

#include "shared/coding/body_unpacker.h"
#include "tests/fuzz/input.h"

namespace doutu {
namespace {

constexpr std::uint64_t kMaxBytes = 1 << 20U;

struct Outcome {
  Decoded decoded = Decoded::ok;
  std::string bytes;
  bool is_whole = false;
};

Outcome unpack(const ContentCodings& codings, std::string_view body, std::size_t piece) {
  BodyUnpacker unpacker(codings.applied, kMaxBytes);
  Outcome outcome;
  const BodySink sink = [&](std::span<const char> bytes) {
    if (outcome.bytes.size() + bytes.size() > kMaxBytes) return false;
    outcome.bytes.append(bytes.data(), bytes.size());
    return true;
  };
  for (std::size_t at = 0; at < body.size() && outcome.decoded == Decoded::ok; at += piece) {
    outcome.decoded = unpacker.feed(body.substr(at, piece), sink);
  }
  outcome.is_whole = unpacker.is_whole();
  return outcome;
}

}  // namespace

/// Input: what the Content-Encoding header says up to a line's end, the body.
int fuzz_unpack(FuzzInput input) {
  const ContentCodings codings = read_content_codings(take_text(input, '\n'));
  const std::string_view body = text_of(input);
  const Outcome at_once = unpack(codings, body, body.size() + 1);
  const Outcome in_pieces = unpack(codings, body, 7);
  DOUTU_CHECK(at_once.decoded == in_pieces.decoded);
  if (at_once.decoded != Decoded::ok) return 0;
  DOUTU_CHECK(at_once.bytes == in_pieces.bytes && at_once.is_whole == in_pieces.is_whole);
  if (codings.applied.empty()) DOUTU_CHECK(at_once.bytes == body);
  return 0;
}

}  // namespace doutu
