// A library for LD_PRELOAD: in one program (DOUTU_FAIL_PROGRAM) the n-th (DOUTU_FAIL_AT) of one kind of calls
// (DOUTU_FAIL_CALL) fails, once, with an error (DOUTU_FAIL_ERRNO, a number). The calls are counted in a file
// (DOUTU_FAIL_COUNTER, eight zero bytes at first) that all processes of the program share: what replaces a process goes
// on counting, and the test reads there whether the n-th was reached. Calls that libc makes of itself (malloc's mmap,
// the loader's open) are not seen.

#include <dlfcn.h>
#include <linux/fcntl.h>  // not fcntl.h, which declares open() with an ellipsis
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string_view>

namespace {

struct Plan {
  std::string_view call;
  std::uint64_t at = 0;
  int error = 0;
  std::atomic<std::uint64_t>* counter = nullptr;  ///< None: nothing fails in this program.
};

const char* from_environment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

/// By bare system calls, which this library does not meet again.
std::atomic<std::uint64_t>* shared_counter() {
  const auto fd =
      static_cast<int>(::syscall(SYS_openat, AT_FDCWD, from_environment("DOUTU_FAIL_COUNTER"), O_RDWR | O_CLOEXEC));
  const long address = ::syscall(SYS_mmap, nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0L);
  ::syscall(SYS_close, fd);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): syscall() returns addresses so
  return address == -1 ? nullptr : reinterpret_cast<std::atomic<std::uint64_t>*>(address);
}

Plan read_plan() {
  Plan plan;
  if (std::string_view(from_environment("DOUTU_FAIL_PROGRAM")) != program_invocation_short_name) return plan;
  plan.call = from_environment("DOUTU_FAIL_CALL");
  plan.at = std::strtoull(from_environment("DOUTU_FAIL_AT"), nullptr, 10);
  plan.error = static_cast<int>(std::strtol(from_environment("DOUTU_FAIL_ERRNO"), nullptr, 10));
  plan.counter = shared_counter();
  return plan;
}

/// Counts the call; true when it is the one. errno is set then.
bool fails(std::string_view call) {
  static const Plan plan = read_plan();
  if (plan.counter == nullptr || call != plan.call || plan.counter->fetch_add(1) + 1 != plan.at) return false;
  errno = plan.error;
  return true;
}

/// Eventfds and the like share write() and read() with files, but not their errors.
bool is_file(int fd) {
  struct stat status {};
  const int before = errno;
  const bool file = ::fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode));
  errno = before;
  return file;
}

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

// NOLINTBEGIN(bugprone-macro-parentheses): declarations are made of them

/// A function that fails by returning `failed` with errno set, when `call` is to fail and `condition` holds.
#define FAILING_IF(call, condition, failed, Return, name, parameters, arguments) \
  extern "C" Return name parameters {                                            \
    static const auto next = real<Return parameters>(#name);                     \
    return (condition) && fails(call) ? (failed) : next arguments;               \
  }
#define FAILING(call, failed, Return, name, parameters, arguments) \
  FAILING_IF(call, true, failed, Return, name, parameters, arguments)
/// One that returns its error.
#define FAILING_BY_RESULT(call, name, parameters, arguments) FAILING(call, errno, int, name, parameters, arguments)

// NOLINTEND(bugprone-macro-parentheses)

// As <stdio.h> has it, without the functions that are defined here. gcc 14 wants this name where it knows a function.
struct _IO_FILE;  // NOLINT(bugprone-reserved-identifier)
using FILE = _IO_FILE;

/// Of "short_write" half is written, and said to be.
extern "C" ssize_t write(int fd, const void* data, size_t size) {
  static const auto next = real<ssize_t(int, const void*, size_t)>("write");
  if (!is_file(fd)) return next(fd, data, size);
  if (fails("write")) return -1;
  return next(fd, data, size > 1 && fails("short_write") ? size / 2 : size);
}
extern "C" ssize_t pwrite64(int fd, const void* data, size_t size, long at) {
  static const auto next = real<ssize_t(int, const void*, size_t, long)>("pwrite64");
  if (fails("write")) return -1;
  return next(fd, data, size > 1 && fails("short_write") ? size / 2 : size, at);
}
FAILING_IF("write", is_file(fd), -1, ssize_t, writev, (int fd, const struct iovec* parts, int count),
           (fd, parts, count))
FAILING("write", 0, size_t, fwrite, (const void* data, size_t size, size_t count, FILE* file),
        (data, size, count, file))
FAILING("allocate", -1, int, ftruncate, (int fd, long size), (fd, size))
FAILING("allocate", -1, int, ftruncate64, (int fd, long size), (fd, size))
FAILING("allocate", -1, int, fallocate, (int fd, int mode, long at, long size), (fd, mode, at, size))

FAILING_IF("read", is_file(fd), -1, ssize_t, read, (int fd, void* data, size_t size), (fd, data, size))
FAILING("read", -1, ssize_t, pread64, (int fd, void* data, size_t size, long at), (fd, data, size, at))

FAILING("open", -1, int, open, (const char* path, int flags, unsigned mode), (path, flags, mode))
FAILING("open", -1, int, open64, (const char* path, int flags, unsigned mode), (path, flags, mode))
FAILING("open", -1, int, openat, (int folder, const char* path, int flags, unsigned mode), (folder, path, flags, mode))
FAILING("open", nullptr, FILE*, fopen, (const char* path, const char* mode), (path, mode))
FAILING("open", nullptr, FILE*, fopen64, (const char* path, const char* mode), (path, mode))

/// The descriptor is gone all the same, as close(2) says of Linux.
extern "C" int close(int fd) {
  static const auto next = real<int(int)>("close");
  const bool file = is_file(fd);
  const int result = next(fd);
  return file && fails("close") ? -1 : result;
}

FAILING("rename", -1, int, rename, (const char* from, const char* to), (from, to))
FAILING("rename", -1, int, renameat, (int from_folder, const char* from, int to_folder, const char* to),
        (from_folder, from, to_folder, to))
FAILING("rename", -1, int, renameat2,
        (int from_folder, const char* from, int to_folder, const char* to, unsigned flags),
        (from_folder, from, to_folder, to, flags))
FAILING("link", -1, int, linkat, (int from_folder, const char* from, int to_folder, const char* to, int flags),
        (from_folder, from, to_folder, to, flags))

FAILING("fsync", -1, int, fsync, (int fd), (fd))
FAILING("fsync", -1, int, fdatasync, (int fd), (fd))
FAILING("fsync", -1, int, syncfs, (int fd), (fd))

FAILING("mmap", MAP_FAILED, void*, mmap, (void* at, size_t size, int protection, int flags, int fd, long offset),
        (at, size, protection, flags, fd, offset))
FAILING("mmap", MAP_FAILED, void*, mmap64, (void* at, size_t size, int protection, int flags, int fd, long offset),
        (at, size, protection, flags, fd, offset))

FAILING("connect", -1, int, connect, (int fd, const struct sockaddr* address, unsigned size), (fd, address, size))
FAILING("recv", -1, ssize_t, recv, (int fd, void* data, size_t size, int flags), (fd, data, size, flags))
FAILING("recvmsg", -1, ssize_t, recvmsg, (int fd, struct msghdr* message, int flags), (fd, message, flags))
FAILING("send", -1, ssize_t, send, (int fd, const void* data, size_t size, int flags), (fd, data, size, flags))
FAILING("sendmsg", -1, ssize_t, sendmsg, (int fd, const struct msghdr* message, int flags), (fd, message, flags))

// What makes a descriptor that is no file.
FAILING("descriptor", -1, int, socket, (int domain, int type, int protocol), (domain, type, protocol))
FAILING("descriptor", -1, int, socketpair, (int domain, int type, int protocol, int* fds),
        (domain, type, protocol, fds))
FAILING("descriptor", -1, int, pipe2, (int* fds, int flags), (fds, flags))
FAILING("descriptor", -1, int, memfd_create, (const char* name, unsigned flags), (name, flags))
FAILING("descriptor", -1, int, eventfd, (unsigned value, int flags), (value, flags))
FAILING("descriptor", -1, int, signalfd, (int fd, const sigset_t* signals, int flags), (fd, signals, flags))
FAILING("descriptor", -1, int, timerfd_create, (int clock, int flags), (clock, flags))
FAILING("descriptor", -1, int, epoll_create1, (int flags), (flags))

FAILING_BY_RESULT("process", posix_spawn,
                  (int* pid, const char* path, const struct posix_spawn_file_actions_t* actions,
                   const struct posix_spawnattr_t* attributes, char* const* arguments, char* const* environment),
                  (pid, path, actions, attributes, arguments, environment))
FAILING_BY_RESULT("process", pthread_create,
                  (unsigned long* thread, const union pthread_attr_t* attributes, void* (*run)(void*), void* argument),
                  (thread, attributes, run, argument))
