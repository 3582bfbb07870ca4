// Bad answers: several hundred that a server may send for an image or a page, byte for byte, and how each must end.
// What the test suites of HTTP parsers try: lines, lengths, chunks, redirects, cuts. Stalls, floods that go on for ever
// and compression bombs are in tests/site/server_faults.h.
#pragma once

#include <string>
#include <vector>

#include "tests/shared/http/raw_server.h"

namespace doutu {

/// Outcomes beside the name of a cause.
inline constexpr const char* kGood = "good";      ///< The body is had, byte for byte.
inline constexpr const char* kEmpty = "empty";    ///< A page without an image.
inline constexpr const char* kFails = "fails";    ///< Under any name but internal-error.
inline constexpr const char* kEither = "either";  ///< kGood, kEmpty or kFails: the standard leaves it to the client.

struct BadAnswer {
  std::string name;   ///< For people; there are no two of the same.
  std::string bytes;  ///< With the words that filled() replaces.
  std::string image;  ///< How it ends with one attempt: an outcome as above, or a cause.
  std::string page;
  RawAnswer::Then then = RawAnswer::Then::close;
};

/// What a good server would have said, and where.
struct GoodAnswer {
  std::string type;  ///< Content-Type.
  std::string body;
  std::string url;        ///< That the bad answer is for.
  std::string elsewhere;  ///< Absolute path of a good answer with the same body.
  std::string host;       ///< "127.0.0.1:PORT"
};

/// The answer's bytes, in which $TYPE, $BODY, $LENGTH, $HEX (its length in hexadecimal), $CHUNKS (its body in two good
/// chunks, without the last one), $PLACE (elsewhere), $URL and $HOST are replaced.
[[nodiscard]] std::string filled(const std::string& bytes, const GoodAnswer& good);

[[nodiscard]] std::vector<BadAnswer> all_bad_answers();

/// Those that libcurl 7.88 takes for a reason to free twice when its handle has a past: the header begins with a folded
/// line. Part of all_bad_answers().
[[nodiscard]] bool begins_folded(const BadAnswer& answer);

}  // namespace doutu
