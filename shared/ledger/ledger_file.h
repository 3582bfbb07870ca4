// Whether the file DIR/.doutu/ledger.sqlite is a ledger of ours, and what the user can do when it is not. Reader and
// writer share this.
#pragma once

#include <string>

#include "shared/base/result.h"
#include "shared/ledger/sqlite.h"

namespace doutu {

enum class LedgerContent {
  none,       ///< An empty database: a process was killed before it had made the tables.
  ledger,     ///< Ours, of this program's version.
  version_3,  ///< Ours, of that version: who writes has to move it to this program's first.
  version_4,  ///< The same; who reads finds what is old as it was, and has to do without what is new.
  version_5,  ///< The same.
};

/// Looks into an open file. Errors: not a doutu ledger, another version, damaged, unreadable; tables, views or triggers
/// that are not those of ledger_schema(): no statement has met them then. The tables of ANALYZE and plain indexes may
/// be there.
Result<LedgerContent> inspect_ledger(Database& db, const std::string& directory);

/// An error of a statement as one line for the user, with the file and what to do.
[[nodiscard]] Error explain_ledger_error(const Error& error, const std::string& directory);

}  // namespace doutu
