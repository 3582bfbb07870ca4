#include "downloader/ledger/ledger_values.h"

#include <fmt/format.h>

#include <algorithm>
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

Content content_in(const Statement& row, int bytes, int sha256) {
  Content content{.bytes = row.as<std::uint64_t>(bytes), .sha256 = {}};
  const auto digest = row.bytes(sha256);
  std::copy_n(digest.begin(), std::min(digest.size(), content.sha256.size()), content.sha256.begin());
  return content;
}

Status check_file_name(const std::string& name) {
  const bool is_segment =
      !name.empty() && name != "." && name != ".." && name.find_first_of({"/\0", 2}) == std::string::npos;
  if (is_segment) return {};
  return Error{fmt::format("the ledger has an image with the invalid file name \"{}\"", escape_for_terminal(name)),
               EBADMSG};
}

}  // namespace doutu
