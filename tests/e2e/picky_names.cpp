// A library for LD_PRELOAD: a file system that refuses some names, as eCryptfs does long ones, file systems of one
// encoding those that they cannot write, and others what they reserve. In doutu-downloader, a name that is longer than
// 143 bytes or has a character beyond ASCII cannot be given: the errno that DOUTU_NAME_ERROR says. Each refusal adds a
// byte to the file that DOUTU_NAME_REFUSALS names, so that a test knows that there was one. With DOUTU_NAME_MAX the
// file system says how long a name may be; eCryptfs does, others keep it to themselves.

#include <dlfcn.h>
#include <linux/fcntl.h>  // not fcntl.h, which declares open() with an ellipsis
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace {

constexpr std::size_t kMaxBytes = 143;

/// Opened before there is a sandbox. -1: nothing is refused in this program.
int open_refusals() {
  const char* path = std::getenv("DOUTU_NAME_REFUSALS");
  if (path == nullptr || std::string_view(program_invocation_short_name) != "doutu-downloader") return -1;
  return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
}

int error_of_names() {
  const char* error = std::getenv("DOUTU_NAME_ERROR");
  return error == nullptr ? ENAMETOOLONG : std::atoi(error);  // NOLINT(cert-err34-c): a test's own
}

const int kRefusals = open_refusals();
const int kError = error_of_names();

/// errno is set then.
bool refuses(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const bool is_plain = std::ranges::all_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (kRefusals < 0 || (is_plain && name.size() <= kMaxBytes)) return false;
  (void)::syscall(SYS_write, kRefusals, "x", 1);
  errno = kError;
  return true;
}

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

// NOLINTBEGIN(bugprone-macro-parentheses): declarations are made of them
#define NAMES(to, Return, name, parameters, arguments)       \
  extern "C" Return name parameters {                        \
    static const auto next = real<Return parameters>(#name); \
    return refuses(to) ? -1 : next arguments;                \
  }
// NOLINTEND(bugprone-macro-parentheses)

NAMES(to, int, renameat2, (int from_folder, const char* from, int to_folder, const char* to, unsigned flags),
      (from_folder, from, to_folder, to, flags))
NAMES(to, int, renameat, (int from_folder, const char* from, int to_folder, const char* to),
      (from_folder, from, to_folder, to))
NAMES(to, int, linkat, (int from_folder, const char* from, int to_folder, const char* to, int flags),
      (from_folder, from, to_folder, to, flags))

extern "C" int fstatvfs(int fd, struct statvfs* disk) noexcept {
  static const auto next = real<int(int, struct statvfs*)>("fstatvfs");
  const int result = next(fd, disk);
  const char* most = std::getenv("DOUTU_NAME_MAX");
  if (most != nullptr) disk->f_namemax = std::strtoul(most, nullptr, 10);
  return result;
}
