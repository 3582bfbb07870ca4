#include "shared/ledger/schema_5.h"

#include "shared/ledger/schema.h"

namespace doutu {

const char* const kAddReferrerPolicy = "ALTER TABLE found ADD COLUMN referrer_policy INTEGER NOT NULL DEFAULT 0;";

const char* const kViewsBefore5 = R"sql(
PRAGMA temp_store = MEMORY;
CREATE TEMP VIEW replacements AS SELECT 0 AS job, 0 AS other, 0 AS other_state WHERE false;
)sql";

const std::string& ledger_schema_5() {
  static const std::string schema = ledger_schema_4() + kLinkTables;
  return schema;
}

const std::string& ledger_schema_4() {
  static const std::string schema = std::string(kLedgerTables) + R"sql(
CREATE TABLE found (                      -- every image, once; a new id when it is to be fetched again
  id       INTEGER PRIMARY KEY,
  url      TEXT NOT NULL,
  host     INTEGER NOT NULL,
  job      INTEGER NOT NULL,              -- the one that found it,
  page     INTEGER NOT NULL,              -- there on this page,
  attempt  INTEGER NOT NULL,              -- in this attempt at it,
  position INTEGER NOT NULL,              -- as this hit
  mark     INTEGER NOT NULL DEFAULT -1    -- of the URL
);
)sql" + kInlineBytesTable + kLedgerViews;
  return schema;
}

}  // namespace doutu
