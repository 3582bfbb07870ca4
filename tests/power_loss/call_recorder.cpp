// A library for LD_PRELOAD: every call of a crawl's processes that changes a file or a folder is recorded in the file
// that DOUTU_RECORDING names (recording.h). A call is made and recorded under one lock that all processes share, so
// that the order of the records is the order of the effects; a sync is recorded at its begin and at its end and holds
// no lock between, so that others may write meanwhile, as they do on a disk.
//
// Not seen is what libc writes of itself (stdio): the test replays the whole recording and compares.

#include <dlfcn.h>
#include <linux/fcntl.h>  // not fcntl.h, which declares open() with an ellipsis
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "tests/power_loss/recording.h"

namespace {

using doutu::Call;
using doutu::CallRecord;
using doutu::RecordingHead;

/// By bare system calls, which this library does not meet again.
RecordingHead* map_recording() {
  const char* path = std::getenv("DOUTU_RECORDING");
  if (path == nullptr) return nullptr;
  const auto fd = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC));
  const long address = ::syscall(SYS_mmap, nullptr, doutu::kRecordingBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0L);
  ::syscall(SYS_close, fd);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): syscall() returns addresses so
  return address == -1 ? nullptr : reinterpret_cast<RecordingHead*>(address);
}

/// Mapped before main(): a sandbox lets nothing be opened later.
RecordingHead* const kRecording = map_recording();

class Turn {
 public:
  Turn() {
    while (kRecording != nullptr && kRecording->lock.exchange(1, std::memory_order_acquire) != 0) ::sched_yield();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (kRecording != nullptr) kRecording->lock.store(0, std::memory_order_release);
  }
};

struct Text {
  const void* data = nullptr;
  std::size_t size = 0;
};
Text text(const char* path) { return {path, std::strlen(path)}; }

/// Within a turn.
void record(const CallRecord& call, Text name = {}, Text other_name = {}, Text data = {}) {
  if (kRecording == nullptr) return;
  CallRecord full = call;
  full.name_bytes = static_cast<std::uint32_t>(name.size);
  full.other_name_bytes = static_cast<std::uint32_t>(other_name.size);
  full.data_bytes = static_cast<std::uint32_t>(data.size);
  const std::size_t size = sizeof full + name.size + other_name.size + data.size;
  const std::uint64_t at = kRecording->used.load(std::memory_order_relaxed);
  kRecording->used.store(at + size, std::memory_order_relaxed);
  if (at + size > doutu::kRecordingBytes - sizeof(RecordingHead)) return;
  auto* to = reinterpret_cast<char*>(kRecording + 1) + at;
  std::memcpy(to, &full, sizeof full);
  to += sizeof full;
  for (const Text& part : {name, other_name, data}) {
    if (part.size > 0) std::memcpy(to, part.data, part.size);
    to += part.size;
  }
}

/// 0: no file or folder.
std::uint64_t inode_of(int fd) {
  struct stat status {};
  const int before = errno;
  const bool known = ::fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
  errno = before;
  return known ? status.st_ino : 0;
}
std::uint64_t folder_of(int fd) { return fd == AT_FDCWD ? 0 : inode_of(fd); }

std::uint64_t inode_at(int folder, const char* path) {
  struct stat status {};
  const int before = errno;
  const bool is_there = ::fstatat(folder, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
  errno = before;
  return is_there ? status.st_ino : 0;
}

/// What a name says, when it begins with the number of a folder that is open (as SQLite's do).
struct Place {
  int folder = AT_FDCWD;
  const char* path = nullptr;
};
Place place_of(int folder, const char* path) {
  constexpr std::string_view kOpen = "/proc/self/fd/";
  if (!std::string_view(path).starts_with(kOpen)) return {folder, path};
  char* rest = nullptr;
  const long number = std::strtol(path + kOpen.size(), &rest, 10);
  return *rest == '/' ? Place{static_cast<int>(number), rest + 1} : Place{folder, path};
}

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// Makes the call that opens a file and records what it changed. descriptor: of what the call returns; -1: failed.
template <class Open, class Descriptor>
auto opened(int folder, const char* path, bool creates, bool cuts, Open open, Descriptor descriptor) {
  if (!creates && !cuts) return open();
  const Turn turn;
  const Place place = place_of(folder, path);
  const bool is_new = inode_at(folder, path) == 0;
  const auto result = open();
  const int fd = descriptor(result);
  if (fd < 0) return result;
  const std::uint64_t file = inode_of(fd);
  if (is_new) record({.kind = Call::Kind::made, .file = file, .folder = folder_of(place.folder)}, text(place.path));
  if (!is_new && cuts) record({.kind = Call::Kind::cut, .file = file});
  return result;
}

template <class Open>
int opened(int folder, const char* path, int flags, Open open) {
  return opened(folder, path, (flags & O_CREAT) != 0, (flags & O_TRUNC) != 0, open, [](int fd) { return fd; });
}

/// `position` of the bytes; -1: where the descriptor stands after them.
ssize_t wrote(int fd, ssize_t count, long position, const void* data) {
  const std::uint64_t file = count > 0 ? inode_of(fd) : 0;
  if (file == 0) return count;
  if (position < 0) position = ::syscall(SYS_lseek, fd, 0L, SEEK_CUR) - count;
  record({.kind = Call::Kind::written, .file = file, .position = position}, {}, {},
         {data, static_cast<std::size_t>(count)});
  return count;
}

int cut(int fd, long size, int result) {
  if (result == 0) record({.kind = Call::Kind::cut, .file = inode_of(fd), .position = size});
  return result;
}

int renamed(Call::Kind kind, int from_folder, const char* from, int to_folder, const char* to, int result) {
  if (result == 0) {
    const Place old_place = place_of(from_folder, from);
    const Place new_place = place_of(to_folder, to);
    record({.kind = kind, .folder = folder_of(old_place.folder), .other_folder = folder_of(new_place.folder)},
           text(old_place.path), text(new_place.path));
  }
  return result;
}

int removed(int folder, const char* path, int result) {
  const Place place = place_of(folder, path);
  if (result == 0) record({.kind = Call::Kind::removed, .folder = folder_of(place.folder)}, text(place.path));
  return result;
}

int made_folder(int folder, const char* path, int result) {
  if (result == 0) {
    record({.kind = Call::Kind::made_folder, .file = inode_at(folder, path), .folder = folder_of(folder)}, text(path));
  }
  return result;
}

template <class Sync>
int synced(std::uint64_t file, Sync sync) {
  const std::int64_t number = kRecording == nullptr ? 0 : kRecording->syncs.fetch_add(1) + 1;
  {
    const Turn turn;
    record({.kind = Call::Kind::sync_began, .file = file, .position = number});
  }
  const int result = sync();
  const Turn turn;
  if (result == 0) record({.kind = Call::Kind::sync_ended, .file = file, .position = number});
  return result;
}

}  // namespace

extern "C" {

struct _IO_FILE;  // NOLINT(bugprone-reserved-identifier): FILE, without the functions that are defined here

int open(const char* path, int flags, unsigned mode) {
  static const auto next = real<int(const char*, int, unsigned)>("open");
  return opened(AT_FDCWD, path, flags, [&] { return next(path, flags, mode); });
}
int open64(const char* path, int flags, unsigned mode) { return open(path, flags, mode); }
int openat(int folder, const char* path, int flags, unsigned mode) {
  static const auto next = real<int(int, const char*, int, unsigned)>("openat");
  return opened(folder, path, flags, [&] { return next(folder, path, flags, mode); });
}
_IO_FILE* fopen(const char* path, const char* mode) {
  static const auto next = real<_IO_FILE*(const char*, const char*)>("fopen");
  const bool cuts = std::string_view(mode).starts_with("w");
  const bool appends = std::string_view(mode).starts_with("a");
  return opened(
      AT_FDCWD, path, cuts || appends, cuts, [&] { return next(path, mode); },
      [](_IO_FILE* file) { return file == nullptr ? -1 : fileno(file); });
}
_IO_FILE* fopen64(const char* path, const char* mode) { return fopen(path, mode); }

ssize_t write(int fd, const void* data, size_t size) {
  static const auto next = real<ssize_t(int, const void*, size_t)>("write");
  if (inode_of(fd) == 0) return next(fd, data, size);
  const Turn turn;
  return wrote(fd, next(fd, data, size), -1, data);
}
ssize_t writev(int fd, const struct iovec* parts, int count) {
  static const auto next = real<ssize_t(int, const struct iovec*, int)>("writev");
  if (inode_of(fd) == 0) return next(fd, parts, count);
  std::string whole;
  for (int i = 0; i < count; ++i) whole.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  const Turn turn;
  return wrote(fd, next(fd, parts, count), -1, whole.data());
}
ssize_t pwrite(int fd, const void* data, size_t size, long at) {
  static const auto next = real<ssize_t(int, const void*, size_t, long)>("pwrite");
  const Turn turn;
  return wrote(fd, next(fd, data, size, at), at, data);
}
ssize_t pwrite64(int fd, const void* data, size_t size, long at) { return pwrite(fd, data, size, at); }

int ftruncate(int fd, long size) {
  static const auto next = real<int(int, long)>("ftruncate");
  const Turn turn;
  return cut(fd, size, next(fd, size));
}
int ftruncate64(int fd, long size) { return ftruncate(fd, size); }

int rename(const char* from, const char* to) {
  static const auto next = real<int(const char*, const char*)>("rename");
  const Turn turn;
  return renamed(Call::Kind::renamed, AT_FDCWD, from, AT_FDCWD, to, next(from, to));
}
int renameat(int from_folder, const char* from, int to_folder, const char* to) {
  static const auto next = real<int(int, const char*, int, const char*)>("renameat");
  const Turn turn;
  return renamed(Call::Kind::renamed, from_folder, from, to_folder, to, next(from_folder, from, to_folder, to));
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  static const auto next = real<int(int, const char*, int, const char*, unsigned)>("renameat2");
  const Turn turn;
  return renamed(Call::Kind::renamed, from_folder, from, to_folder, to, next(from_folder, from, to_folder, to, flags));
}
int link(const char* from, const char* to) {
  static const auto next = real<int(const char*, const char*)>("link");
  const Turn turn;
  return renamed(Call::Kind::linked, AT_FDCWD, from, AT_FDCWD, to, next(from, to));
}
int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  static const auto next = real<int(int, const char*, int, const char*, int)>("linkat");
  const Turn turn;
  return renamed(Call::Kind::linked, from_folder, from, to_folder, to, next(from_folder, from, to_folder, to, flags));
}
int unlink(const char* path) {
  static const auto next = real<int(const char*)>("unlink");
  const Turn turn;
  return removed(AT_FDCWD, path, next(path));
}
int unlinkat(int folder, const char* path, int flags) {
  static const auto next = real<int(int, const char*, int)>("unlinkat");
  const Turn turn;
  return removed(folder, path, next(folder, path, flags));
}
int remove(const char* path) {
  static const auto next = real<int(const char*)>("remove");
  const Turn turn;
  return removed(AT_FDCWD, path, next(path));
}
int mkdir(const char* path, unsigned mode) {
  static const auto next = real<int(const char*, unsigned)>("mkdir");
  const Turn turn;
  return made_folder(AT_FDCWD, path, next(path, mode));
}
int mkdirat(int folder, const char* path, unsigned mode) {
  static const auto next = real<int(int, const char*, unsigned)>("mkdirat");
  const Turn turn;
  return made_folder(folder, path, next(folder, path, mode));
}

int fsync(int fd) {
  static const auto next = real<int(int)>("fsync");
  return synced(inode_of(fd), [&] { return next(fd); });
}
int fdatasync(int fd) {
  static const auto next = real<int(int)>("fdatasync");
  return synced(inode_of(fd), [&] { return next(fd); });
}
int syncfs(int fd) {
  static const auto next = real<int(int)>("syncfs");
  return synced(0, [&] { return next(fd); });
}

}  // extern "C"
