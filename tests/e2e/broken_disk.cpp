// A library for LD_PRELOAD: a disk that can break while doutu-downloader runs, and be whole again. The file that
// DOUTU_BROKEN_DISK names holds an int: 0, or the errno of every call that would write to a file.

#include <dlfcn.h>
#include <linux/fcntl.h>  // not fcntl.h, which declares open() with an ellipsis
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace {

/// Mapped once, before there is a sandbox. None: in this program nothing breaks.
const std::atomic<int>* shared_error() {
  const char* path = std::getenv("DOUTU_BROKEN_DISK");
  if (path == nullptr || std::string_view(program_invocation_short_name) != "doutu-downloader") return nullptr;
  const auto fd = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
  const long address = ::syscall(SYS_mmap, nullptr, sizeof(int), PROT_READ, MAP_SHARED, fd, 0L);
  ::syscall(SYS_close, fd);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): syscall() returns addresses so
  return address == -1 ? nullptr : reinterpret_cast<const std::atomic<int>*>(address);
}

const std::atomic<int>* const kErrorNow = shared_error();

/// True while the disk is broken; errno is set then.
bool fails() {
  const int error = kErrorNow == nullptr ? 0 : kErrorNow->load();
  if (error != 0) errno = error;
  return error != 0;
}

bool is_file(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

// NOLINTBEGIN(bugprone-macro-parentheses): declarations are made of them
#define WRITES_IF(condition, Return, name, parameters, arguments) \
  extern "C" Return name parameters {                             \
    static const auto next = real<Return parameters>(#name);      \
    return (condition) && fails() ? -1 : next arguments;          \
  }
// NOLINTEND(bugprone-macro-parentheses)

WRITES_IF(is_file(fd), ssize_t, write, (int fd, const void* data, size_t size), (fd, data, size))
WRITES_IF(is_file(fd), ssize_t, writev, (int fd, const iovec* parts, int count), (fd, parts, count))
WRITES_IF(true, ssize_t, pwrite64, (int fd, const void* data, size_t size, long at), (fd, data, size, at))
WRITES_IF(true, int, ftruncate64, (int fd, long size), (fd, size))
WRITES_IF((flags & O_CREAT) != 0, int, openat, (int folder, const char* path, int flags, unsigned mode),
          (folder, path, flags, mode))
WRITES_IF((flags & O_CREAT) != 0, int, openat64, (int folder, const char* path, int flags, unsigned mode),
          (folder, path, flags, mode))
WRITES_IF((flags & O_CREAT) != 0, int, open, (const char* path, int flags, unsigned mode), (path, flags, mode))
WRITES_IF((flags & O_CREAT) != 0, int, open64, (const char* path, int flags, unsigned mode), (path, flags, mode))
WRITES_IF(true, int, renameat2, (int from_folder, const char* from, int to_folder, const char* to, unsigned flags),
          (from_folder, from, to_folder, to, flags))
WRITES_IF(true, int, linkat, (int from_folder, const char* from, int to_folder, const char* to, int flags),
          (from_folder, from, to_folder, to, flags))
WRITES_IF(true, int, fdatasync, (int fd), (fd))
WRITES_IF(true, int, fsync, (int fd), (fd))
WRITES_IF(true, int, syncfs, (int fd), (fd))
