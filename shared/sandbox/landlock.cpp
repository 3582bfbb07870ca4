#include "shared/sandbox/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "shared/base/unique_fd.h"
#include "shared/sandbox/kernel_support.h"

namespace doutu {
namespace {

// Newer than the headers of Linux 6.1.
constexpr std::uint64_t kTruncate = 1ULL << 14U;        // version 3
constexpr std::uint64_t kBindTcp = 1ULL << 0U;          // version 4
constexpr std::uint64_t kDeviceControl = 1ULL << 15U;   // version 5
constexpr std::uint64_t kAbstractSockets = 1ULL << 0U;  // version 6
constexpr std::uint64_t kSignals = 1ULL << 1U;          // version 6

/// struct landlock_ruleset_attr as of version 6. Kernels that know less of it accept zeros there.
struct Ruleset {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scoped = 0;
};

constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kWrite = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
                                 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                 LANDLOCK_ACCESS_FS_REFER | kTruncate;
/// For nobody.
constexpr std::uint64_t kNever = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                                 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                 LANDLOCK_ACCESS_FS_MAKE_SYM | kDeviceControl;
/// What can be allowed for something that is no folder.
constexpr std::uint64_t kOfFiles = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;

/// All that can be taken away on a kernel of this version.
Ruleset taken_away(int version) {
  Ruleset taken;
  taken.files = kRead | kWrite | kNever;
  if (version < 3) taken.files &= ~kTruncate;
  if (version < 5) taken.files &= ~kDeviceControl;
  if (version >= 4) taken.network = kBindTcp;
  if (version >= 6) taken.scoped = kAbstractSockets | kSignals;
  return taken;
}

/// Gives some of what is taken away back for what lies at or below a path.
Status allow(int ruleset, const std::string& path, std::uint64_t access) {
  const UniqueFd at(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!at.valid() && (errno == ENOENT || errno == ENOTDIR || errno == EACCES)) return {};
  struct stat status {};
  if (!at.valid() || ::fstat(at.get(), &status) != 0) return system_error(path);
  if (!S_ISDIR(status.st_mode)) access &= kOfFiles;
  landlock_path_beneath_attr rule{};
  rule.allowed_access = access;
  rule.parent_fd = at.get();
  if (access == 0) return {};
  const bool added = ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0U) == 0;
  return added ? Status() : Status(system_error(path));
}

}  // namespace

Status restrict_files(const FileRules& rules) {
  const Ruleset taken = taken_away(landlock_version());
  const UniqueFd ruleset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &taken, sizeof taken, 0U)));
  if (!ruleset.valid()) return system_error("Landlock");
  for (const std::string& path : rules.readable) {
    if (Status status = allow(ruleset.get(), path, taken.files & kRead); !status) return status;
  }
  for (const std::string& path : rules.writable) {
    if (Status status = allow(ruleset.get(), path, taken.files & (kRead | kWrite)); !status) return status;
  }
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0U) != 0) return system_error("Landlock");
  return {};
}

}  // namespace doutu
