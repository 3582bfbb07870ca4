// Migration: makes a ledger of version 3, 4 or 5 one of today, in one transaction: a process that is killed at any
// moment leaves the one or the other. The ledger thread, before any table of the ledger is used.
#pragma once

#include "shared/base/result.h"
#include "shared/ledger/sqlite.h"

namespace doutu {

/// Makes the tables of today in an empty database.
Status make_ledger(Database& db);
/// Precondition: inspect_ledger() has said that it is a ledger of version 3.
Status migrate_from_version_3(Database& db);
/// The same of version 4.
Status migrate_from_version_4(Database& db);
/// The same of version 5.
Status migrate_from_version_5(Database& db);

}  // namespace doutu
