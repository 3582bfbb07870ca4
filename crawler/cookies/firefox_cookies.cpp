#include "crawler/cookies/firefox_cookies.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "shared/base/escape.h"
#include "shared/cookies/foreign_cookie.h"
#include "shared/ledger/sqlite.h"

namespace doutu {
namespace {

constexpr const char* kCookies = "cookies.sqlite";
constexpr int kAttempts = 5;
constexpr std::size_t kMaxRows = 100'000;  // Firefox itself keeps 3,000

/// What changes when a file is written.
struct FileFacts {
  ino_t inode = 0;
  off_t bytes = -1;  ///< -1: there is none.
  timespec modified{};
  bool operator==(const FileFacts& other) const {
    return inode == other.inode && bytes == other.bytes && modified.tv_sec == other.modified.tv_sec &&
           modified.tv_nsec == other.modified.tv_nsec;
  }
};

FileFacts facts_of(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return {};
  return {facts.st_ino, facts.st_size, facts.st_mtim};
}

std::array<FileFacts, 2> facts_of_files(const std::string& path) { return {facts_of(path), facts_of(path + "-wal")}; }

/// 0 is None, and also what versions write that do not tell None from nothing said. Without Secure it cannot be None.
SameSite same_site_of(std::int64_t number, bool secure) {
  switch (number) {
    case 0:
      return secure ? SameSite::none : SameSite::unset;
    case 1:
      return SameSite::lax;
    case 2:
      return SameSite::strict;
    default:
      return SameSite::unset;
  }
}

/// The columns below, in their order.
std::optional<Cookie> cookie_in(const Statement& row, std::int64_t now_ms) {
  Cookie cookie;
  cookie.name = row.text(0);
  cookie.value = row.text(1);
  cookie.path = row.text(3);
  cookie.secure = row.integer(5) != 0;
  cookie.http_only = row.integer(6) != 0;
  cookie.created = std::max(row.integer(7) / 1000, std::int64_t{0});
  cookie.same_site = same_site_of(row.integer(8), cookie.secure);
  return as_ours(std::move(cookie), row.text(2), static_cast<double>(row.integer(4)), now_ms);
}

Result<bool> has_column(Database& db, std::string_view name) {
  auto columns = db.prepare("SELECT 1 FROM pragma_table_info('moz_cookies') WHERE name = ?");
  if (!columns) return std::move(columns).error();
  return columns->first(name);
}

Result<Statement> select_cookies(Database& db) {
  const auto has_same_site = has_column(db, "sameSite");
  if (!has_same_site) return has_same_site.error();
  return db.prepare(
      fmt::format("SELECT name, value, host, path, expiry, isSecure, isHttpOnly, creationTime, {} FROM moz_cookies "
                  "WHERE originAttributes = '' ORDER BY creationTime LIMIT {}",
                  *has_same_site ? "sameSite" : "-1", kMaxRows));
}

Result<GivenCookies> read_once(const std::string& profile, std::int64_t now_ms) {
  auto db = Database::open_foreign(profile, kCookies);
  if (!db) return std::move(db).error();
  auto rows = select_cookies(*db);
  if (!rows) return std::move(rows).error();
  GivenCookies given;
  for (auto row = rows->first();; row = rows->next()) {
    if (!row) return std::move(row).error();
    if (!*row) return given;
    std::optional<Cookie> cookie = cookie_in(*rows, now_ms);
    if (!cookie) {
      ++given.odd_count;
    } else if (has_expired(*cookie, now_ms)) {
      ++given.expired;
    } else {
      given.cookies.push_back(*std::move(cookie));
    }
  }
}

/// In words of Firefox, not of SQLite.
Error explained(const std::string& path, const Error& error) {
  const std::string shown = escape_for_terminal(path);
  switch (error.code) {
    case EUCLEAN:
      return {shown + " was left half written; start Firefox once, then try again"};
    case EBADMSG:
      return {shown + " is damaged, or no database of Firefox"};
    case 0:
      return {fmt::format("{} is not as Firefox 60 or later has it ({})", shown, escape_for_terminal(error.message))};
    default:
      return {fmt::format("{} cannot be read: {}", shown, escape_for_terminal(error.message))};
  }
}

}  // namespace

Result<GivenCookies> read_firefox_cookies(const std::string& profile, std::int64_t now_ms) {
  const std::string path = profile + "/" + kCookies;
  if (::access(path.c_str(), R_OK) != 0) return Error{system_error(escape_for_terminal(path)).message};
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto before = facts_of_files(path);
    Result<GivenCookies> given = read_once(profile, now_ms);
    if (facts_of_files(path) != before) continue;
    if (!given) return explained(path, given.error());
    given->source = profile;
    return given;
  }
  return Error{escape_for_terminal(path) + " is being written all the time; close Firefox, or try again"};
}

}  // namespace doutu
