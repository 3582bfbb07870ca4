// A ledger of version 3, as that version left it. Tests.
#pragma once

#include <string>

#include "shared/folder/state_folder.h"
#include "shared/ledger/schema.h"
#include "shared/ledger/schema_3.h"
#include "shared/ledger/sqlite.h"
#include "tests/downloader/ledger/ledger_scene.h"

namespace doutu {

inline std::string stamps_of_version_3() {
  return "PRAGMA application_id = " + std::to_string(kLedgerApplicationId) +
         "; PRAGMA user_version = " + std::to_string(kLedgerVersion3) + ";";
}

/// In a folder that has none. rows: the statements that fill it.
inline void make_version_3(const StateFolder& folder, const std::string& rows) {
  auto db = must(Database::open(folder, Database::Mode::create));
  must(db.execute((std::string("BEGIN;") + kLedgerSchema3 + rows + stamps_of_version_3() + "COMMIT;").c_str()));
}

}  // namespace doutu
