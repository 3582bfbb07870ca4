#include "shared/ledger/ledger_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/ledger/schema.h"
#include "shared/ledger/schema_3.h"
#include "shared/ledger/schema_5.h"

namespace doutu {
namespace {

std::string move_aside(const std::string& directory) {
  return fmt::format("move it away to start anew (the images in {} stay, and doutu recognises them by their content)",
                     directory);
}

Error foreign(const std::string& directory) {
  return {fmt::format("{} is not a ledger of doutu; {}", ledger_path(directory), move_aside(directory))};
}

Error newer(const std::string& directory, std::int64_t version) {
  return {fmt::format(
      "{} was written by a newer version of doutu (ledger version {}, this one reads {}); use that version, or {}",
      ledger_path(directory), version, kLedgerVersion, move_aside(directory))};
}

Error older(const std::string& directory, std::int64_t version) {
  return {fmt::format("{} was written by an older version of doutu (ledger version {}, this one reads {}); {}",
                      ledger_path(directory), version, kLedgerVersion, move_aside(directory))};
}

bool is_space(char byte) { return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r'; }

/// ALTER TABLE puts a comma behind what stood last, and its line break.
void drop_space_before(char next, std::string& text) {
  if ((next == ',' || next == ')') && text.ends_with(' ')) text.pop_back();
}

/// The statement without comments, and with one space where there are any; none before a comma or the end of a list.
std::string normalized(std::string_view sql) {
  std::string text;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    if (sql.substr(at).starts_with("--")) at = sql.find('\n', at);
    if (at == std::string_view::npos) break;
    if (!is_space(sql[at])) {
      drop_space_before(sql[at], text);
      text += sql[at];
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

/// Those of a schema, in the order of their texts.
std::vector<std::string> statements_of(const char* schema) {
  std::vector<std::string> statements;
  const std::string all = normalized(schema);
  for (std::size_t from = 0; from < all.size();) {
    const std::size_t end = std::min(all.find(';', from), all.size());
    if (const std::string one = normalized(std::string_view(all).substr(from, end - from)); !one.empty())
      statements.push_back(one);
    from = end + 1;
  }
  std::ranges::sort(statements);
  return statements;
}

/// What somebody who looked into the ledger, or made it faster for himself, may have added: nothing runs in it. ANALYZE
/// makes tables of figures, AUTOINCREMENT one of numbers, which cannot be dropped; an index of plain columns only
/// sorts, as long as it refuses no row.
bool is_harmless(std::string_view statement) {
  if (statement.starts_with("CREATE TABLE sqlite_stat")) return true;
  if (statement.starts_with("CREATE TABLE sqlite_sequence")) return true;
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ ,()";
  return statement.starts_with("CREATE INDEX ") && statement.ends_with(')') &&
         statement.find_first_not_of(kPlain) == std::string_view::npos && std::ranges::count(statement, '(') == 1;
}

/// A table, index, view or trigger, and the statement by which the file says that it was made.
struct Object {
  std::string type;
  std::string name;
  std::string statement;
};

/// What SQLite adds of itself (the index behind a UNIQUE) has no statement; what is harmless and not ours is left out.
Result<std::vector<Object>> objects_of(Database& db, const std::vector<std::string>& ours) {
  constexpr std::size_t kMost = 100;
  std::vector<Object> objects;
  auto rows = db.prepare("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL");
  if (!rows) return std::move(rows).error();
  auto row = rows->first();
  for (; row && *row && objects.size() < kMost; row = rows->next()) {
    Object one{std::string(rows->text(0)), std::string(rows->text(1)), normalized(rows->text(2))};
    if (std::ranges::find(ours, one.statement) != ours.end() || !is_harmless(one.statement))
      objects.push_back(std::move(one));
  }
  if (!row) return std::move(row).error();
  return objects;
}

bool are_ours(const std::vector<Object>& objects, const std::vector<std::string>& ours) {
  std::vector<std::string> statements;
  std::ranges::transform(objects, std::back_inserter(statements), &Object::statement);
  std::ranges::sort(statements);
  return statements == ours;
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string with_article(std::string_view type) { return fmt::format("{} {}", type == "index" ? "an" : "a", type); }

/// As a name in a statement.
std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text.append(c == '"' ? 2 : 1, c);
  return text + '"';
}

/// Not ours by its name: who put it there can take it away. What doutu has made is not as it was then otherwise.
bool is_strange(const Object& object, const std::vector<std::string>& ours) {
  const std::string beginning = fmt::format("CREATE {} {} ", upper(object.type), object.name);
  return std::ranges::none_of(ours, [&](const std::string& one) { return one.starts_with(beginning); });
}

Error of_another_shape(const std::string& directory, const std::vector<Object>& objects,
                       const std::vector<std::string>& ours) {
  const auto strange = std::ranges::find_if(objects, [&](const Object& object) { return is_strange(object, ours); });
  if (strange == objects.end()) {
    return {fmt::format("{} cannot be used: it does not have the tables of a ledger of doutu; {}",
                        ledger_path(directory), move_aside(directory))};
  }
  return {fmt::format(
      "{0} cannot be used: it has {1} that doutu did not create, {3}; remove it (sqlite3: DROP {2} {3};), or {4}",
      ledger_path(directory), with_article(strange->type), upper(strange->type), quoted(strange->name),
      move_aside(directory))};
}

struct Shape {
  LedgerContent content;
  const char* schema;
};

/// nullopt: of a version that nothing is known of.
std::optional<Shape> shape_of(std::int64_t version) {
  switch (version) {
    case kLedgerVersion:
      return Shape{LedgerContent::ledger, ledger_schema().c_str()};
    case kLedgerVersion5:
      return Shape{LedgerContent::version_5, ledger_schema_5().c_str()};
    case kLedgerVersion4:
      return Shape{LedgerContent::version_4, ledger_schema_4().c_str()};
    case kLedgerVersion3:
      return Shape{LedgerContent::version_3, kLedgerSchema3};
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<LedgerContent> inspect_ledger(Database& db, const std::string& directory) {
  const auto application = db.query_integer("PRAGMA application_id");
  if (!application) return explain_ledger_error(application.error(), directory);
  const auto version = db.query_integer("PRAGMA user_version");
  if (!version) return explain_ledger_error(version.error(), directory);
  const auto tables = db.query_integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return explain_ledger_error(tables.error(), directory);

  if (*application == 0 && *version == 0 && *tables == 0) return LedgerContent::none;
  if (*application != kLedgerApplicationId) return foreign(directory);
  if (*version > kLedgerVersion) return newer(directory, *version);
  const auto known = shape_of(*version);
  if (!known) return older(directory, *version);
  const auto ours = statements_of(known->schema);
  const auto objects = objects_of(db, ours);
  if (!objects) return explain_ledger_error(objects.error(), directory);
  if (!are_ours(*objects, ours)) return of_another_shape(directory, *objects, ours);
  return known->content;
}

Error explain_ledger_error(const Error& error, const std::string& directory) {
  const std::string path = ledger_path(directory);
  switch (error.code) {
    case EBADMSG:
      // SQLite says so of a page that the disk did not give, too.
      return {fmt::format("{} is damaged or cannot be read: {}; if this happens again, {}", path, error.message,
                          move_aside(directory)),
              error.code};
    case EACCES:
      // SQLite opens for reading what cannot be opened for writing, and forgets why it could not.
      if (::access(state_folder(directory).c_str(), W_OK) != 0 && errno == EROFS) {
        return {fmt::format("{} cannot be opened: {}; its file system is read-only", path, error.message), EROFS};
      }
      return {
          fmt::format("{} cannot be opened: {}; check the permissions of the file and its folder", path, error.message),
          error.code};
    case EBUSY:
      return {fmt::format("{} is locked by another process: {}; end that process and start again", path, error.message),
              error.code};
    case ENOSPC:
      return {fmt::format("{} cannot be written: {}; make room and start again", path, error.message), error.code};
    case EIO:
      return {fmt::format("{} cannot be read or written: {}; check the disk and start again", path, error.message),
              error.code};
    case ENOTSUP:  // It names the file.
      return error;
    default:
      return {fmt::format("{}: {}", path, error.message), error.code};
  }
}

}  // namespace doutu
