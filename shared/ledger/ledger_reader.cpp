#include "shared/ledger/ledger_reader.h"

#include <fmt/format.h>

#include "shared/ledger/ledger_file.h"

namespace doutu {
namespace {

constexpr const char* kAccountColumns =
    "SELECT id, template, pages, xpaths, settled IS NOT NULL,"
    " known, repeated, saved, duplicate, skipped, failed, pending, bytes FROM accounts ";

constexpr const char* kFailedPages =
    "SELECT url, number, cause, http_status, attempt, final_url FROM pages"
    " WHERE account = ? AND state = 3 ORDER BY number";
constexpr const char* kFailedImages =
    "SELECT url, page, cause, http_status, attempts, final_url FROM images"
    " WHERE state = 3 AND account = ? ORDER BY id";

constexpr const char* kOddPages =
    "SELECT number, url, final_url, http_status, attempt, state = 1 FROM pages"
    " WHERE account = ? AND (state = 2 OR (state = 1 AND coalesce(final_url, '') <> '')) ORDER BY number";
constexpr const char* kWithoutEndMark =
    "SELECT count(*) FROM images WHERE cause = ? AND settled_in = ? AND state IN (1, 2)";

Account account_in(const Statement& row) {
  Account account;
  account.id = row.integer(0);
  account.request = {std::string(row.text(1)), std::string(row.text(2)), std::string(row.text(3))};
  account.settled = row.integer(4) != 0;
  auto& tally = account.tally;
  int column = 5;
  for (auto* count : {&tally.known, &tally.repeated, &tally.saved, &tally.duplicate, &tally.skipped, &tally.failed,
                      &tally.pending, &tally.bytes}) {
    *count = row.as<std::uint64_t>(column++);
  }
  return account;
}

Failure failure_in(const Statement& row) {
  Failure failure;
  failure.url = row.text(0);
  failure.page = row.as<std::uint64_t>(1);
  failure.cause = row.text(2);
  failure.http_status = row.as<int>(3);
  failure.attempts = row.as<std::uint32_t>(4);
  failure.final_url = row.text(5);
  return failure;
}

/// Calls visit with the statement at each row that the values select.
template <class Visit, class... Values>
Status for_each_row(Database& db, const char* sql, Visit visit, const Values&... values) {
  auto statement = db.prepare(sql);
  if (!statement) return std::move(statement).error();
  for (auto row = statement->first(values...);; row = statement->next()) {
    if (!row) return std::move(row).error();
    if (!*row) return {};
    visit(*statement);
  }
}

template <class... Values>
Result<std::vector<Account>> select_accounts(Database& db, const std::string& where, const Values&... values) {
  std::vector<Account> accounts;
  const std::string sql = kAccountColumns + where;
  Status status = for_each_row(
      db, sql.c_str(), [&](const Statement& row) { accounts.push_back(account_in(row)); }, values...);
  if (!status) return std::move(status).error();
  return accounts;
}

/// The account in the one row that the values select, if there is one.
template <class... Values>
Result<std::optional<Account>> select_account(Database& db, const std::string& where, const Values&... values) {
  auto accounts = select_accounts(db, where, values...);
  if (!accounts) return std::move(accounts).error();
  return accounts->empty() ? std::nullopt : std::optional(std::move(accounts->front()));
}

/// Only who may write can roll back what a writer had begun when it was killed or the power failed while it switched
/// the file from or to WAL. SQLite does it on the first look.
Status roll_back(const StateFolder& folder) {
  auto db = Database::open(folder, Database::Mode::create);
  if (!db) return std::move(db).error();
  const auto looked = db->query_integer("SELECT count(*) FROM sqlite_schema");
  return looked ? Status() : Status(looked.error());
}

}  // namespace

Result<std::unique_ptr<LedgerReader>> LedgerReader::open(const StateFolder& folder, HalfDone half_done) {
  const std::string& directory = folder.directory();
  if (!folder.facts_of(kLedgerName)) return std::unique_ptr<LedgerReader>();
  auto db = Database::open(folder, Database::Mode::read_only);
  if (!db) return explain_ledger_error(db.error(), directory);
  auto content = inspect_ledger(*db, directory);
  if (!content && content.error().code == EUCLEAN && half_done == HalfDone::undone) {
    if (Status done = roll_back(folder); !done) return explain_ledger_error(done.error(), directory);
    content = inspect_ledger(*db, directory);
  }
  if (!content) return content.error();
  if (*content == LedgerContent::none) return std::unique_ptr<LedgerReader>();
  return std::unique_ptr<LedgerReader>(new LedgerReader(std::move(*db), directory));
}

LedgerReader::LedgerReader(Database db, std::string directory) : directory_(std::move(directory)), db_(std::move(db)) {}

template <class T>
Result<T> LedgerReader::explained(Result<T> result) const {
  return result.ok() ? std::move(result) : Result<T>(explain_ledger_error(result.error(), directory_));
}

Result<std::optional<Account>> LedgerReader::latest_account() {
  return explained(select_account(db_, "ORDER BY id DESC LIMIT 1"));
}

Result<std::optional<Account>> LedgerReader::find_account(const AccountRequest& request) {
  return explained(select_account(db_, "WHERE template = ? AND pages = ? AND xpaths = ? ORDER BY id DESC LIMIT 1",
                                  request.url_template, request.pages, request.xpaths));
}

Result<std::optional<Account>> LedgerReader::find_account(std::int64_t id) {
  return explained(select_account(db_, "WHERE id = ?", id));
}

Result<Account> LedgerReader::account(std::int64_t id) {
  auto found = find_account(id);
  if (!found) return std::move(found).error();
  if (!*found) return Error{fmt::format("{} has no job {}", ledger_path(directory_), id)};
  return **std::move(found);
}

Result<std::vector<Account>> LedgerReader::unfinished_accounts() {
  constexpr const char* kUnfinished =
      "AS one WHERE settled IS NULL AND NOT EXISTS (SELECT 1 FROM accounts AS later WHERE later.id > one.id AND"
      " later.template = one.template AND later.pages = one.pages AND later.xpaths = one.xpaths)"
      " ORDER BY id DESC LIMIT ?";
  return explained(select_accounts(db_, kUnfinished, std::int64_t{kMaxUnfinished}));
}

Result<bool> LedgerReader::has_login(const std::string& login) {
  const auto found = explained(select_account(db_, "WHERE instr(template, ?) > 0 LIMIT 1", login + "@"));
  if (!found) return found.error();
  return found->has_value();
}

Status LedgerReader::for_each_page(std::int64_t account, const std::function<void(const PageRow&)>& visit) {
  const auto row_to_page = [&](const Statement& row) { visit({row.as<std::uint64_t>(0), row.as<PageState>(1)}); };
  return explained(
      for_each_row(db_, "SELECT number, state FROM pages WHERE account = ? ORDER BY number", row_to_page, account));
}

Status LedgerReader::for_each_failure(std::int64_t account, const std::function<void(const Failure&)>& visit) {
  const auto row_to_page = [&](const Statement& row) {
    Failure failure = failure_in(row);
    failure.is_page = true;
    visit(failure);
  };
  if (Status pages = for_each_row(db_, kFailedPages, row_to_page, account); !pages) return explained(std::move(pages));
  const auto row_to_image = [&](const Statement& row) { visit(failure_in(row)); };
  return explained(for_each_row(db_, kFailedImages, row_to_image, account));
}

Status LedgerReader::for_each_odd_page(std::int64_t account, const std::function<void(const OddPage&)>& visit) {
  const auto row_to_page = [&](const Statement& row) {
    visit({row.as<std::uint64_t>(0), std::string(row.text(1)), std::string(row.text(2)), row.as<int>(3),
           row.as<std::uint32_t>(4), row.integer(5) != 0});
  };
  return explained(for_each_row(db_, kOddPages, row_to_page, account));
}

Result<std::uint64_t> LedgerReader::count_without_end_mark(std::int64_t account) {
  std::uint64_t count = 0;
  const auto row_to_count = [&](const Statement& row) { count = row.as<std::uint64_t>(0); };
  Status counted = for_each_row(db_, kWithoutEndMark, row_to_count, std::string(kNoEndMark), account);
  if (!counted) return explained(Result<std::uint64_t>(counted.error()));
  return count;
}

}  // namespace doutu
