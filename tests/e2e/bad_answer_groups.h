// The groups of bad answers that all_bad_answers() is made of, and the pieces that answers are made of.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/bad_answers.h"

namespace doutu::bad_answers {

using Answers = std::vector<BadAnswer>;

/// Of which the header is bad, or what comes before it.
[[nodiscard]] Answers headers();
/// Of which the body is bad: its length, its chunks, its codings.
[[nodiscard]] Answers bodies();
/// That lead elsewhere, ask for something, go on or stop where they should not, or are no HTTP.
[[nodiscard]] Answers exchanges();

/// Beginning of the names of those for which begins_folded() holds.
inline constexpr const char* kFoldedFirst = "folded first line: ";

inline const std::string kStatus = "HTTP/1.1 200 OK\r\n";
inline const std::string kType = "Content-Type: $TYPE\r\n";
inline const std::string kLength = "Content-Length: $LENGTH\r\n";
inline const std::string kRest = kType + kLength + "\r\n$BODY";
inline const std::string kOk = kStatus + kRest;
inline const std::string kChunked = kStatus + kType + "Transfer-Encoding: chunked\r\n\r\n";

[[nodiscard]] inline std::string times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

/// What stands between quotation marks in a name: printable, and short.
[[nodiscard]] inline std::string shown(const std::string& text) {
  std::string name;
  for (const char c : text.substr(0, 40)) {
    const auto byte = static_cast<unsigned char>(c);
    name += byte > 0x20 && byte < 0x7f ? std::string(1, c) : fmt::format("<{:02x}>", byte);
  }
  return text.size() > 40 ? fmt::format("{}... ({})", name, text.size()) : name;
}

[[nodiscard]] inline BadAnswer same(std::string name, std::string bytes, const char* outcome,
                                    RawAnswer::Then then = RawAnswer::Then::close) {
  return {std::move(name), std::move(bytes), outcome, outcome, then};
}

inline void append(Answers& all, const Answers& more) { all.insert(all.end(), more.begin(), more.end()); }

}  // namespace doutu::bad_answers
