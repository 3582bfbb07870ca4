// Version 3 of the ledger, of doutu before its first release: its tables, and how what they say is read as a ledger of
// today. The writer moves it to the current version (downloader/ledger/migration.h).
#pragma once

namespace doutu {

inline constexpr int kLedgerVersion3 = 3;
/// The statements that made it.
extern const char* const kLedgerSchema3;
/// Makes the views jobs, pages and failures of today over its tables, for one connection: it writes nothing.
extern const char* const kViewsOfVersion3;

}  // namespace doutu
