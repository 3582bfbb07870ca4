// Preparer: prepares the statements of the ledger's tables, each of which names its own where it is constructed. The
// first error is kept, so that a constructor need not ask after each statement: whoever constructs the tables asks
// once, behind the last of them. The ledger thread.
#pragma once

#include <string_view>
#include <utility>

#include "shared/base/result.h"
#include "shared/ledger/sqlite.h"

namespace doutu {

class Preparer {
 public:
  /// The database outlives this and the statements, and has its tables.
  explicit Preparer(Database& db) : db_(db) {}

  /// A statement that must not be run unless status() is good in the end.
  [[nodiscard]] Statement operator()(std::string_view sql) {
    auto statement = db_.prepare(sql);
    if (statement) return *std::move(statement);
    if (status_) status_ = std::move(statement).error();
    return {};
  }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  Database& db_;
  Status status_;
};

}  // namespace doutu
