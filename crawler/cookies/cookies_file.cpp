#include "crawler/cookies/cookies_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "shared/base/escape.h"
#include "shared/base/human_text.h"
#include "shared/base/unique_fd.h"
#include "shared/cookies/netscape_file.h"

namespace doutu {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{64} << 20U;

std::string shown(const std::string& path) { return "\"" + escape_for_terminal(path) + "\""; }

/// O_NONBLOCK: a FIFO holds nobody up.
Result<UniqueFd> open_file(const std::string& path) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat facts {};
  if (!file.valid() || ::fstat(file.get(), &facts) != 0) return system_error(shown(path));
  if (S_ISDIR(facts.st_mode)) return Error{shown(path) + " is a folder; expected a file such as cookies.txt"};
  if (!S_ISREG(facts.st_mode)) return Error{shown(path) + " is no regular file; it is read again at each start"};
  if (static_cast<std::uint64_t>(facts.st_size) > kMaxBytes) {
    return Error{fmt::format("{} is larger than {}", shown(path), human_bytes(kMaxBytes))};
  }
  return file;
}

/// Up to the bound, should the file grow.
Result<std::string> read_file(const std::string& path) {
  const Result<UniqueFd> file = open_file(path);
  if (!file) return file.error();
  constexpr std::size_t kPiece = std::size_t{64} << 10U;
  std::string text;
  while (text.size() < kMaxBytes) {
    const std::size_t size = text.size();
    text.resize(size + kPiece);
    const ssize_t count = ::read(file->get(), text.data() + size, kPiece);
    text.resize(size + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count == 0) break;
    if (count < 0 && errno != EINTR) return system_error(shown(path));
  }
  return text;
}

/// Why it is no such file; nullopt: it is one.
std::optional<std::string_view> problem_with(const NetscapeCookies& read) {
  switch (read.kind) {
    case CookieFileKind::json:
      return "is JSON; doutu reads the Netscape format, so export the cookies as cookies.txt";
    case CookieFileKind::utf16:
      return "is UTF-16 text; save it as UTF-8";
    case CookieFileKind::sqlite:
      return "is the database of a browser; for that of Firefox use --cookies-from firefox:PROFILE";
    case CookieFileKind::netscape:
      break;
  }
  if (!read.cookies.empty() || read.expired > 0) return std::nullopt;
  return read.odd_count == 0 ? "contains no cookie"
                             : "contains no cookie in the Netscape format: seven columns with tabs between them";
}

Status write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno != EINTR) return system_error("cannot be written");
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::fsync(fd) != 0) return system_error("cannot be written");
  return {};
}

/// Through symbolic links to a file that is there.
std::string where_it_leads(const std::string& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::weakly_canonical(path, error);
  return error ? path : real.string();
}

}  // namespace

Result<GivenCookies> read_cookies_file(const std::string& path, std::int64_t now_ms) {
  const Result<std::string> text = read_file(path);
  if (!text) return text.error();
  NetscapeCookies read = read_netscape_cookies(*text, now_ms);
  if (const auto problem = problem_with(read)) return Error{fmt::format("{} {}", shown(path), *problem)};
  return GivenCookies{path, std::move(read.cookies), read.expired, std::move(read.odd_lines), read.odd_count};
}

Status save_cookies_file(const std::string& path, const std::vector<Cookie>& cookies) {
  const std::string target = where_it_leads(path);
  struct stat facts {};
  if (::stat(target.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode)) {
    return Error{shown(path) + " is no regular file; the cookies were not saved"};
  }
  std::string written = target + ".XXXXXX";
  const UniqueFd file(::mkostemp(written.data(), O_CLOEXEC));  // for the user alone
  if (!file.valid()) return system_error(shown(path));
  Status done = write_all(file.get(), netscape_cookies_text(cookies));
  if (done && ::rename(written.c_str(), target.c_str()) != 0) done = system_error("cannot be written");
  if (done) return {};
  ::unlink(written.c_str());
  return Error{fmt::format("{} {}", shown(path), done.error().message), done.error().code};
}

}  // namespace doutu
