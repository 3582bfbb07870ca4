#include <array>
#include <cstdint>

#include "downloader/decoder/decode.h"
#include "tests/fuzz/input.h"

namespace doutu {
namespace {

constexpr std::array<std::string_view, 3> kTypes = {"jpeg", "png", "gif"};

DecodeResult decoded(std::string_view type, FuzzInput image) {
  return decode(type, std::span(reinterpret_cast<const std::uint8_t*>(image.data()), image.size()));
}

}  // namespace

/// Input: type, where it is cut, the image.
int fuzz_wholeness(FuzzInput input) {
  const std::string_view type = kTypes.at(take_byte(input) % kTypes.size());
  const std::size_t cut = input.size() * take_byte(input) / 256;
  const DecodeResult whole = decoded(type, input);
  const DecodeResult beginning = decoded(type, input.first(std::min(cut, input.size())));
  // Of the others what stands behind may begin another frame, or tell of damage.
  DOUTU_CHECK(type != "jpeg" || beginning != DecodeResult::whole || whole == DecodeResult::whole);
  return 0;
}

}  // namespace doutu
