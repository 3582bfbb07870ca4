#include "shared/http/unheeded_length.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"
#include "shared/http/http_client.h"

namespace doutu {
namespace {

/// "identity", once or several times.
bool is_no_coding(std::string_view values) {
  constexpr std::string_view kIdentity = "identity";
  while (true) {
    values = trim_front(values, " \t,");
    if (!starts_with_ignoring_case(values, kIdentity)) return values.empty();
    values.remove_prefix(kIdentity.size());
  }
}

std::optional<std::uint64_t> number_in(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> length_that_curl_passes_by(CURL* easy) {
  const std::string codings = header_values(easy, "Transfer-Encoding");
  if (codings.empty() || !is_no_coding(codings)) return std::nullopt;
  return number_in(header_values(easy, "Content-Length"));
}

}  // namespace

std::size_t UnheededLength::take(CURL* easy, std::size_t count) {
  if (!std::exchange(began_, true)) length_ = length_that_curl_passes_by(easy);
  if (!length_) return count;
  const auto own = static_cast<std::size_t>(std::min<std::uint64_t>(count, *length_ - taken_));
  taken_ += own;
  return own;
}

CURLcode UnheededLength::verdict(CURLcode code) const {
  if (code == CURLE_WRITE_ERROR && is_reached()) return CURLE_OK;
  return code == CURLE_OK && length_ && taken_ < *length_ ? CURLE_PARTIAL_FILE : code;
}

}  // namespace doutu
