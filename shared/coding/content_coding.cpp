#include "shared/coding/content_coding.h"

#include <algorithm>
#include <array>
#include <optional>

#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

struct Label {
  std::string_view text;
  std::optional<Coding> coding;
};

constexpr std::array kLabels{
    Label{"gzip", Coding::gzip},
    Label{"x-gzip", Coding::gzip},
    Label{"deflate", Coding::deflate},
    Label{"br", Coding::brotli},
    Label{"zstd", Coding::zstd},
    Label{"", std::nullopt},
    Label{"identity", {}},
    Label{"none", {}},
};

/// HTTP white space, and quotes: some write the label in them.
constexpr std::string_view kAroundLabels = " \t\n\r\"";

}  // namespace

ContentCodings read_content_codings(std::string_view value) {
  ContentCodings codings;
  while (!value.empty()) {
    const std::size_t end = std::min(value.find(','), value.size());
    const std::string_view text = trim(value.substr(0, end), kAroundLabels);
    value.remove_prefix(std::min(end + 1, value.size()));
    const auto* const known =
        std::ranges::find_if(kLabels, [&](const Label& label) { return equals_ignoring_case(text, label.text); });
    if (known == kLabels.end()) {
      codings.has_unknown = true;
    } else if (known->coding) {
      codings.applied.push_back(*known->coding);
    }
  }
  return codings;
}

bool begins_as_binary(std::string_view bytes) {
  constexpr std::size_t kLooked = 512;
  return std::ranges::any_of(bytes.substr(0, kLooked), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_of_text = byte == '\t' || byte == '\n' || byte == '\f' || byte == '\r' || byte == 0x1b;
    return byte > 0 && byte < 0x20 && !is_of_text;
  });
}

}  // namespace doutu
