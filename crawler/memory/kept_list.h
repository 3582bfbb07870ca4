// The lists of URLs that a folder keeps: a crawl of a list that was killed goes on, though standard input is gone or
// the file has changed. A copy is called after its hash, DIR/.doutu/list-HASH, so that equal lists are one file. The
// parent's thread, while it holds the folder.
#pragma once

#include <string>
#include <vector>

#include "crawler/request/asked_pages.h"
#include "crawler/request/url_list.h"
#include "shared/base/result.h"
#include "shared/base/unique_fd.h"
#include "shared/folder/state_folder.h"
#include "shared/ledger/schema.h"

namespace doutu {

/// Where a list comes from.
struct ListOrigin {
  std::string file{};               ///< "-": standard input. Empty: the URLs below.
  std::vector<std::string> urls{};  ///< Of the command line.

  [[nodiscard]] bool is_given() const { return !file.empty() || !urls.empty(); }
  /// For people, and for the ledger: "list.txt", "standard input", "3 URLs: https://...". Without secrets.
  [[nodiscard]] std::string name() const;
};

/// Whether a file can be taken, before a folder is made for it. What can be read only once (standard input, a pipe) is
/// not looked at. The error is a line for the user.
[[nodiscard]] Status check_list(const ListOrigin& origin);

/// Copies the list into the folder, so that it survives a power failure. An error without a code is about the list.
[[nodiscard]] Result<AskedList> keep_list(const StateFolder& folder, const ListOrigin& origin);

[[nodiscard]] std::string kept_list_name(const AskedList& list);
[[nodiscard]] Result<UniqueFd> open_kept_list(const StateFolder& folder, const AskedList& list);

/// Removes the copies that none of these jobs needs.
void remove_other_lists(const StateFolder& folder, const std::vector<JobSpec>& needed);

}  // namespace doutu
