#include "downloader/record/ledger_values.h"

#include <fmt/format.h>

#include <cerrno>

#include "shared/base/escape.h"

namespace doutu {

std::optional<std::string_view> text_or_null(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

std::optional<std::string> name_or_null(Cause cause, int http_status) {
  if (cause == Cause::none) return std::nullopt;
  return cause_name(cause, http_status);
}

std::uint64_t& count_of(JobCounters& counters, ImageState state) {
  switch (state) {
    case ImageState::saved:
      return counters.saved;
    case ImageState::duplicate:
      return counters.duplicate;
    case ImageState::failed:
      return counters.failed;
    case ImageState::skipped:
      return counters.skipped;
    case ImageState::pending:
      break;
  }
  return counters.pending;
}

Status check_file_name(const std::string& name) {
  const bool is_segment =
      !name.empty() && name != "." && name != ".." && name.find_first_of({"/\0", 2}) == std::string::npos;
  if (is_segment) return {};
  return Error{fmt::format("the ledger has an image with the invalid file name \"{}\"", escape_for_terminal(name)),
               EBADMSG};
}

}  // namespace doutu
