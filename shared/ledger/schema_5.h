// Versions 4 and 5 of the ledger: tables of today, of which some were not there yet, and one lacked a column. The
// writer adds what is new (downloader/ledger/migration.h); who only reads finds what is old as it was.
#pragma once

#include <string>

namespace doutu {

inline constexpr int kLedgerVersion5 = 5;
inline constexpr int kLedgerVersion4 = 4;
/// The statements that made it.
[[nodiscard]] const std::string& ledger_schema_5();
[[nodiscard]] const std::string& ledger_schema_4();
/// Makes today's kFoundTable of the one of both, in no time.
extern const char* const kAddReferrerPolicy;
/// In place of those of kLinkTables, for one connection to a ledger before version 5: it writes nothing.
extern const char* const kViewsBefore5;

}  // namespace doutu
