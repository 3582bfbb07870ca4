#include "downloader/store/folder_sink.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <span>

#include "downloader/store/content_hasher.h"
#include "downloader/store/file_name.h"
#include "downloader/store/incoming_file.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/folder/disk_wait.h"
#include "shared/ledger/schema.h"

namespace doutu {
namespace {

constexpr const char* kProbeName = "probe";
/// Somebody may go on deleting incoming while it is made; who does so more often is not waited for.
constexpr int kDeletions = 100;
constexpr std::size_t kProbeBytes = std::size_t{1} << 20U;

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};
Result<UniqueFd> open_folder(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return system_error("cannot open " + path);
  return fd;
}

using Buffer = std::array<std::byte, std::size_t{64} * 1024>;

/// The next bytes: as many as the buffer holds, fewer at the end. nullopt: they cannot be read.
std::optional<std::span<const std::byte>> read_some(int fd, Buffer& buffer) {
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t count = ::read(fd, &buffer[size], buffer.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  return std::span(buffer).first(size);
}

std::optional<Content> content_of(int fd, Checksum checksum) {
  ContentHasher hasher(checksum);
  Buffer buffer;
  for (auto bytes = read_some(fd, buffer); bytes; bytes = read_some(fd, buffer)) {
    hasher.update(*bytes);
    if (bytes->size() < buffer.size()) return hasher.finish();
  }
  return std::nullopt;
}

bool have_same_bytes(int fd, int other_fd) {
  Buffer buffer;
  Buffer other_buffer;
  for (;;) {
    const auto bytes = read_some(fd, buffer);
    const auto other = read_some(other_fd, other_buffer);
    if (!bytes || !other || !std::ranges::equal(*bytes, *other)) return false;
    if (bytes->size() < buffer.size()) return true;
  }
}

std::optional<std::uint64_t> size_of_file(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

/// Non-blocking, so that a FIFO of this name holds nothing up.
UniqueFd open_to_read(int folder, const std::string& name) {
  return UniqueFd(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

/// Has the next reads show what the disk has. A page whose write-back failed is clean afterwards and keeps its bytes
/// (Rebello et al., "Can Applications Recover from fsync Failures?", ATC 2020), so this drops it. A dirty page stays
/// (posix_fadvise(2)); if the disk refuses that one later, sync() says so, whose descriptor was open before
/// (Documentation/core-api/errseq.rst; syncfs(2) since Linux 5.8). Where it does nothing, as on tmpfs, there is no
/// disk.
void forget_cached(int fd) { ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); }

bool exists(int folder, const std::string& name) {
  struct stat status {};
  return ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

bool has_content(int fd, const Content& content) {
  if (size_of_file(fd) != content.bytes) return false;
  const auto read = content_of(fd, content.xxh128 ? Checksum::xxh128 : Checksum::sha256);
  return read && are_alike(*read, content);
}

/// Whether the file system cannot do what was asked, as opposed to: not for this file or not now.
bool is_unsupported(int code) {
  return code == EINVAL || code == ENOSYS || code == EOPNOTSUPP || code == EPERM || code == EMLINK || code == EXDEV;
}

/// What the file system says; encrypted ones have less than 255.
std::size_t name_bytes_in(int folder) {
  struct statvfs disk {};
  if (::fstatvfs(folder, &disk) != 0 || disk.f_namemax == 0) return kMaxNameBytes;
  return std::clamp<std::size_t>(disk.f_namemax, kMinNameBytes, kMaxNameBytes);
}

bool is_same(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/// Whether .doutu is not in the folder any more. A file system may say of every folder that it has no links (FUSE):
/// what its name leads to decides.
bool is_gone(int folder, int state) {
  struct stat named {};
  struct stat held {};
  if (::fstatat(folder, kStateFolderName, &named, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT;
  return ::fstat(state, &held) == 0 && held.st_nlink == 0 && !is_same(named, held);
}

Error state_folder_gone() {
  return {
      "the folder .doutu, with the ledger, was deleted or moved during the crawl; put it back, or run the same "
      "command to start a new crawl",
      ENOENT};
}

std::optional<std::int64_t> as_id(std::string_view name) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  const bool canonical = error == std::errc() && end == name.data() + name.size() && std::to_string(id) == name;
  return canonical && id > 0 ? std::optional(id) : std::nullopt;
}

}  // namespace

Result<FolderSink> FolderSink::open(const StateFolder& state) {
  auto folder = open_folder(state.directory());
  if (!folder) return std::move(folder).error();
  UniqueFd again(::fcntl(state.fd(), F_DUPFD_CLOEXEC, 0));
  if (!again.valid()) return system_error(state.path_of(""));
  auto incoming = state.open_or_make_folder(kIncomingName);
  if (!incoming) return std::move(incoming).error();
  return FolderSink(std::move(*folder), std::move(again), std::move(*incoming));
}

FolderSink::FolderSink(UniqueFd folder, UniqueFd state, UniqueFd incoming)
    : folder_(std::move(folder)),
      state_(std::move(state)),
      incoming_(std::move(incoming)),
      max_name_bytes_(name_bytes_in(folder_.get())) {}

FolderSink::Found FolderSink::look(const std::string& name, const Content& content, From from) const {
  return look_in(folder_.get(), name, content, from);
}

/// 1.3 us, which is 4 % of the processor time of a crawl that meets 10,000 images it knows and no other.
bool FolderSink::has_lost(const std::string& name, std::uint64_t bytes) const {
  struct stat status {};
  if (::fstatat(folder_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT;
  return S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) < bytes;
}

FolderSink::Found FolderSink::look_held(std::int64_t id, const Content& content) const {
  return look_in(incoming_.get(), std::to_string(id), content, From::disk);
}

FolderSink::Found FolderSink::look_in(int folder, const std::string& name, const Content& content, From from) {
  if (!exists(folder, name)) return Found::nothing;
  const UniqueFd fd = open_to_read(folder, name);
  if (!fd.valid()) return Found::other;
  if (from == From::disk) forget_cached(fd.get());
  return has_content(fd.get(), content) ? Found::same_content : Found::other;
}

FolderSink::Found FolderSink::compare(std::int64_t held, const std::string& name) const {
  return compare_with(held, folder_.get(), name);
}

FolderSink::Found FolderSink::compare(std::int64_t held, std::int64_t other) const {
  return compare_with(held, incoming_.get(), std::to_string(other));
}

FolderSink::Found FolderSink::compare_with(std::int64_t held, int folder, const std::string& name) const {
  const UniqueFd one = open_to_read(incoming_.get(), std::to_string(held));
  if (!one.valid()) return errno == ENOENT ? Found::nothing : Found::other;
  if (!exists(folder, name)) return Found::nothing;
  const UniqueFd other = open_to_read(folder, name);
  const auto size = size_of_file(one.get());
  const bool is_same =
      other.valid() && size && size == size_of_file(other.get()) && have_same_bytes(one.get(), other.get());
  return is_same ? Found::same_content : Found::other;
}

std::optional<Sha256> FolderSink::sha256_of(std::int64_t held) const {
  const UniqueFd fd = open_to_read(incoming_.get(), std::to_string(held));
  const auto content = fd.valid() ? content_of(fd.get(), Checksum::sha256) : std::nullopt;
  return content ? content->sha256 : std::nullopt;
}

std::optional<Result<FolderSink::Published>> FolderSink::publish(const Publication& image) {
  return image.has_first() ? link(image) : move(image.id, image.name);
}

Result<FolderSink::Published> FolderSink::move(std::int64_t id, const std::string& name) const {
  const std::string from = std::to_string(id);
  if (::renameat2(incoming_.get(), from.c_str(), folder_.get(), name.c_str(), RENAME_NOREPLACE) == 0) {
    return Published::yes;
  }
  if (errno == EEXIST) return Published::name_taken;
  if (errno == ENOENT) return not_found(from, name);
  if (is_unsupported(errno)) return move_without_renameat2(from, name);
  return system_error(name);
}

/// ENOENT may be said of either name.
Result<FolderSink::Published> FolderSink::not_found(const std::string& from, const std::string& name) const {
  if (!exists(incoming_.get(), from)) return Published::lost;
  return system_error(name, ENOENT);
}

Result<FolderSink::Published> FolderSink::move_without_renameat2(const std::string& from,
                                                                 const std::string& name) const {
  if (::linkat(incoming_.get(), from.c_str(), folder_.get(), name.c_str(), 0) == 0) return Published::still_held;
  if (errno == EEXIST) return Published::name_taken;
  if (errno == ENOENT) return not_found(from, name);
  if (!is_unsupported(errno)) return system_error(name);

  // exFAT and its like: neither. Nobody else writes here, so looking first is nearly as good.
  if (exists(folder_.get(), name)) return Published::name_taken;
  if (::renameat(incoming_.get(), from.c_str(), folder_.get(), name.c_str()) == 0) return Published::yes;
  if (errno == ENOENT) return not_found(from, name);
  return system_error(name);
}

Result<FolderSink::Published> FolderSink::link(const Publication& image) const {
  if (look_beside(*this, image.first, image.id, image.content) != Found::same_content)
    return move(image.id, image.name);
  if (::linkat(folder_.get(), image.first.c_str(), folder_.get(), image.name.c_str(), 0) != 0) {
    if (errno == EEXIST) return Published::name_taken;
    return move(image.id, image.name);
  }
  return Published::still_held;
}

bool FolderSink::may_be_of_name(int code) const {
  switch (code) {
    case ENAMETOOLONG:
    case EILSEQ:
    case EINVAL:
      return true;
    // What file systems say of characters that they do not have, and of names that others reserve.
    case EACCES:
    case EPERM:
    case ENOENT:
    case EOPNOTSUPP:
      return !is_gone(folder_.get(), state_.get()) && ::faccessat(folder_.get(), ".", W_OK | X_OK, AT_EACCESS) == 0;
    default:
      return false;
  }
}

Status FolderSink::check() const {
  return is_gone(folder_.get(), state_.get()) ? Status(state_folder_gone()) : Status();
}

Status FolderSink::mend() {
  if (Status there = check(); !there) return there;
  Status made = make_incoming();
  for (int times = 1; !made && made.error().code == ENOENT && times < kDeletions; ++times) made = make_incoming();
  return made;
}

Status FolderSink::make_incoming() const {
  const auto trouble = [](int code) {
    return Error{fmt::format("cannot create files in .doutu/incoming any more ({}); correct this, then run the "
                             "same command again to continue",
                             std::strerror(code)),
                 code};
  };
  if (::mkdirat(state_.get(), kIncomingName, 0700) != 0 && errno != EEXIST) {
    return errno == ENOENT ? state_folder_gone() : trouble(errno);
  }
  const UniqueFd incoming(::openat(state_.get(), kIncomingName, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!incoming.valid() || ::dup3(incoming.get(), incoming_.get(), O_CLOEXEC) < 0) return trouble(errno);
  const UniqueFd probe(::openat(incoming_.get(), kProbeName, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!probe.valid()) return trouble(errno);
  ::unlinkat(incoming_.get(), kProbeName, 0);
  return {};
}

std::unique_ptr<IncomingImage> FolderSink::writer() { return std::make_unique<IncomingFile>(incoming_.get()); }

void FolderSink::drop(std::int64_t id) { ::unlinkat(incoming_.get(), std::to_string(id).c_str(), 0); }

Result<std::vector<std::int64_t>> FolderSink::sweep() {
  // A description of its own: the position in a folder belongs to the description.
  UniqueFd fd(::openat(incoming_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::unique_ptr<DIR, CloseDir> dir(fd.valid() ? ::fdopendir(fd.get()) : nullptr);
  if (dir == nullptr) return system_error("cannot read the folder incoming");
  (void)fd.release();

  std::vector<std::int64_t> ids;
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (entry->d_type == DT_DIR) return Error{fmt::format("incoming/{} is a folder; remove it", name), EISDIR};
    if (const auto id = as_id(name)) {
      ids.push_back(*id);
    } else {
      ::unlinkat(incoming_.get(), entry->d_name, 0);
    }
  }
  return ids;
}

Status FolderSink::probe() {
  ::unlinkat(incoming_.get(), kProbeName, 0);
  const UniqueFd fd(::openat(incoming_.get(), kProbeName, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return system_error("incoming");
  const std::string data(kProbeBytes, '\0');
  const ssize_t written = ::write(fd.get(), data.data(), data.size());
  // A short write is a full disk that had room for a part.
  const int code = written < 0 ? errno : written < static_cast<ssize_t>(data.size()) ? ENOSPC : 0;
  ::unlinkat(incoming_.get(), kProbeName, 0);
  return code == 0 ? Status() : Status(system_error("incoming", code));
}

Status FolderSink::room(std::uint64_t least) const {
  constexpr std::uint64_t kGiB = std::uint64_t{1} << 30U;
  constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
  struct statvfs disk {};
  if (::fstatvfs(folder_.get(), &disk) != 0) return {};
  if (least == kMinFreeDiskAutomatic) least = std::min(kGiB, std::uint64_t{disk.f_blocks} * disk.f_frsize / 50);
  const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  if (free >= least) return {};
  return Error{fmt::format("{} MiB are free on the disk, less than --min-free-disk ({} MiB)", free / kMiB,
                           (least + kMiB - 1) / kMiB),
               ENOSPC};
}

Status FolderSink::sync() { return ::syncfs(folder_.get()) == 0 ? Status() : Status(system_error("syncfs")); }

}  // namespace doutu
