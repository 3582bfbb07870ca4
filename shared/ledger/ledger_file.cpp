#include "shared/ledger/ledger_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "shared/ledger/schema.h"

namespace doutu {
namespace {

std::string move_aside(const std::string& directory) {
  return fmt::format(
      "move it aside to begin afresh (images in {} stay, and those that are there already are recognised by their "
      "content)",
      directory);
}

Error foreign(const std::string& directory) {
  return {fmt::format("{} is not a ledger of doutu; {}", ledger_path(directory), move_aside(directory))};
}

Error newer(const std::string& directory, std::int64_t version) {
  return {fmt::format("{} was written by a newer doutu (ledger version {}, this one knows {}); use that doutu, or {}",
                      ledger_path(directory), version, kLedgerVersion, move_aside(directory))};
}

Error older(const std::string& directory, std::int64_t version) {
  return {fmt::format("{} was written by an older doutu (ledger version {}, this one knows {}); {}",
                      ledger_path(directory), version, kLedgerVersion, move_aside(directory))};
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
  if (*version < kLedgerVersion) return older(directory, *version);
  return LedgerContent::ledger;
}

Error explain_ledger_error(const Error& error, const std::string& directory) {
  const std::string path = ledger_path(directory);
  switch (error.code) {
    case EBADMSG:
      // SQLite says so of a page that the disk did not give, too.
      return {fmt::format("{} is damaged or cannot be read: {}; if it stays so, {}", path, error.message,
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
      return {fmt::format("{} is held by another process: {}; end that process and start again", path, error.message),
              error.code};
    case ENOSPC:
      return {fmt::format("{} cannot be written: {}; make room and start again", path, error.message), error.code};
    case EIO:
      return {fmt::format("{} cannot be read or written: {}; see to the disk and start again", path, error.message),
              error.code};
    default:
      return {fmt::format("{}: {}", path, error.message), error.code};
  }
}

}  // namespace doutu
