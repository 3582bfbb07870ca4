// docs/outcomes.md has a row for each cause of failure, and says of each whether it is retried.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <string>

#include "shared/base/cause.h"

namespace doutu {
namespace {

/// Whether a cause is retried: "yes" or "no". Of http-N it depends on N.
using Retried = std::map<std::string, std::string>;

Retried causes_of_the_program() {
  Retried causes{{"http-N", "it depends"}};
  for (std::uint32_t number = 0; number < kCauseCount; ++number) {
    const Cause cause = *cause_from_number(number);
    if (cause == Cause::none || cause == Cause::http_status) continue;
    causes[cause_name(cause, 0)] = is_temporary(cause, 0) ? "yes" : "no";
  }
  return causes;
}

Retried causes_of_the_document() {
  Retried causes;
  std::ifstream in(DOUTU_SOURCE_DIR "/docs/outcomes.md");
  const std::regex row(R"(\| `([a-zN-]+)` \| [^|]* \| ([^|]*) \|)");
  std::smatch match;
  for (std::string line; std::getline(in, line);) {
    if (!std::regex_match(line, match, row)) continue;
    causes[match[1]] = match[1] == "http-N" ? "it depends" : match[2].str();
  }
  return causes;
}

TEST(CausesAreNamed, InTheDocumentOfOutcomesWithWhetherTheyAreRetried) {
  EXPECT_EQ(causes_of_the_document(), causes_of_the_program());
}

}  // namespace
}  // namespace doutu
