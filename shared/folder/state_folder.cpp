#include "shared/folder/state_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string_view>
#include <utility>

namespace doutu {
namespace {

constexpr const char* kOwnerProbe = "owner.new";
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
constexpr mode_t kFileMode = S_IRUSR | S_IWUSR;

/// Everything that doutu opens by its name there, but for what it makes afresh.
constexpr std::array kFiles = {"lock",
                               "ledger.sqlite",
                               "ledger.sqlite-wal",
                               "ledger.sqlite-shm",
                               "ledger.sqlite-journal",
                               "report.json",
                               "status.json",
                               "failures.jsonl",
                               "images.jsonl",
                               "crawl.log",
                               "crawl.1.log",
                               "crawl.2.log",
                               "login-elsewhere",
                               "command"};
/// What is made afresh at the end of a crawl, or as it goes: whatever is there gives way, but for a folder.
constexpr std::array kTemporaries = {"report.json.new", "status.json.new", "failures.jsonl.new", "login-elsewhere.new",
                                     "command.new"};
constexpr const char* kIncoming = "incoming";
constexpr std::array kFolders = {kIncoming};
/// What the downloader makes when it is confined, and can give nothing away any more. SQLite takes an empty one for
/// none.
constexpr std::array kMadeConfined = {"ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-journal", "images.jsonl"};

std::string_view word_for(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return "a file";
    case S_IFDIR:
      return "a folder";
    case S_IFLNK:
      return "a symbolic link";
    case S_IFIFO:
      return "a FIFO";
    case S_IFSOCK:
      return "a socket";
    default:
      return "a device";
  }
}

Error wrong_kind(const std::string& path, mode_t mode, mode_t wanted) {
  return {fmt::format("{} is {}, but must be {}; remove it", path, word_for(mode), word_for(wanted)), ENOTSUP};
}

/// "alice, UID 1000"; without a name where the system knows none.
std::string to_text(uid_t user) {
  std::array<char, 4096> texts{};
  passwd entry{};
  passwd* found = nullptr;
  const bool is_known = ::getpwuid_r(user, &entry, texts.data(), texts.size(), &found) == 0 && found != nullptr;
  return is_known ? fmt::format("{}, UID {}", entry.pw_name, user) : fmt::format("UID {}", user);
}

Error of_another_user(const std::string& path, uid_t owner, std::string_view what_to_do) {
  return {fmt::format("{} belongs to another user ({}); {}", path, to_text(owner), what_to_do), EPERM};
}

/// What cannot be opened for want of permission. Who owns it may; of what cannot even be seen, who owns the folder.
Error closed_to_us(int at, const char* name, const std::string& path) {
  constexpr std::string_view kWhoMay = "only that user can open it";
  struct stat status {};
  const bool is_seen = ::fstatat(at, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
  const bool is_known = is_seen || ::fstat(at, &status) == 0;
  if (!is_known || status.st_uid == ::geteuid()) return system_error("cannot open " + path, EACCES);
  return of_another_user(is_seen ? path : path.substr(0, path.rfind('/')), status.st_uid, kWhoMay);
}

/// What stands under the name, not what it leads to.
std::optional<mode_t> kind_of(int folder, const char* name) {
  struct stat status {};
  if (::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return status.st_mode & S_IFMT;
}

Result<UniqueFd> open_folder(int at, const char* name, const std::string& path) {
  UniqueFd fd(::openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (fd.valid()) return fd;
  const int code = errno;
  if (code == EACCES) return closed_to_us(at, name, path);
  const auto kind = code == ENOTDIR || code == ELOOP ? kind_of(at, name) : std::nullopt;
  if (kind && *kind != S_IFDIR) return wrong_kind(path, *kind, S_IFDIR);
  return system_error("cannot open " + path, code);
}

Status make_folder(int at, const char* name, const std::string& path) {
  if (::mkdirat(at, name, S_IRWXU) == 0 || errno == EEXIST) return {};
  return system_error("cannot create the folder " + path);
}

Result<UniqueFd> open_directory(const std::string& directory) {
  UniqueFd fd(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return system_error("cannot open " + directory);
  return fd;
}

/// A file that has another name as well stays as that one is wanted.
void shut_out_others_from(int fd) {
  struct stat status {};
  const bool is_the_only = ::fstat(fd, &status) == 0 && (S_ISDIR(status.st_mode) || status.st_nlink <= 1);
  if (is_the_only && (status.st_mode & kOthers) != 0) ::fchmod(fd, status.st_mode & S_IRWXU);
}

}  // namespace

// --- The folder.

Result<StateFolder> StateFolder::make(const std::string& directory, const std::string& name) {
  const auto parent = open_directory(directory);
  if (!parent) return parent.error();
  Status made = make_folder(parent->get(), name.c_str(), directory + "/" + name);
  if (!made) return std::move(made).error();
  auto folder = open(directory, name, parent->get());
  if (!folder) return folder;
  if (Status owned = folder->check_owner(); !owned) return std::move(owned).error();
  folder->shut_out_others();
  if (folder->is_roots_guest()) folder->make_for_the_confined();
  if (Status checked = folder->check_entries(); !checked) return std::move(checked).error();
  if (Status owned = folder->check_owners_of_files(); !owned) return std::move(owned).error();
  return folder;
}

Result<std::optional<StateFolder>> StateFolder::find(const std::string& directory) {
  const auto parent = open_directory(directory);
  if (!parent) return parent.error();
  if (!kind_of(parent->get(), kStateFolderName) && errno == ENOENT) return std::optional<StateFolder>();
  auto folder = open(directory, kStateFolderName, parent->get());
  if (!folder) return std::move(folder).error();
  if (Status checked = folder->check_entries(); !checked) return std::move(checked).error();
  return std::optional(*std::move(folder));
}

Result<StateFolder> StateFolder::open(const std::string& directory, const std::string& name, int parent) {
  auto fd = open_folder(parent, name.c_str(), directory + "/" + name);
  if (!fd) return std::move(fd).error();
  return StateFolder(directory, name, *std::move(fd));
}

std::string StateFolder::path_of(const std::string& name) const { return directory_ + "/" + name_ + "/" + name; }

/// Another user could put links in place of files while they are used. Root goes where it is sent: whoever owns the
/// folder, what lies in it is not followed.
Status StateFolder::check_owner() const {
  struct stat status {};
  if (::fstat(fd(), &status) != 0) return system_error(path_of(""));
  const uid_t user = ::geteuid();
  if (user == 0 || status.st_uid == user) return {};
  const auto owner = owner_of_a_new_file();
  if (!owner && (owner.error().code == ENOSPC || owner.error().code == EDQUOT)) return owner.error();
  // A file system without owners, where everything belongs to whom the mount names.
  if (owner && *owner != user && *owner == status.st_uid) return {};
  return of_another_user(path_of(""), status.st_uid, "choose a folder of your own");
}

/// Somebody who could write here before may have left a file that is open in his hands.
Status StateFolder::check_owners_of_files() const {
  struct stat folder {};
  if (::fstat(fd(), &folder) != 0) return system_error(path_of(""));
  for (const char* name : kFiles) {
    if (Status owned = check_owner_of(name, folder.st_uid); !owned) return owned;
  }
  for (const char* name : kFolders) {
    if (Status owned = check_owner_of(name, folder.st_uid); !owned) return owned;
  }
  return {};
}

Status StateFolder::check_owner_of(const char* name, uid_t owner_of_folder) const {
  struct stat file {};
  if (::fstatat(fd(), name, &file, AT_SYMLINK_NOFOLLOW) != 0) return {};
  const bool is_expected = file.st_uid == owner_of_folder || file.st_uid == ::geteuid() || file.st_uid == 0;
  if (!is_expected) return of_another_user(path_of(name), file.st_uid, "remove it");
  if (::faccessat(fd(), name, R_OK, AT_EACCESS) == 0 || errno != EACCES) return {};
  if (file.st_uid == ::geteuid())
    return Error{path_of(name) + " cannot be read; change its permissions (chmod u+r)", EPERM};
  return of_another_user(path_of(name), file.st_uid, "a crawl by root created it; ask root to give it to you (chown)");
}

/// Root is sent into a folder that is another user's.
bool StateFolder::is_roots_guest() const {
  struct stat folder {};
  return ::geteuid() == 0 && ::fstat(fd(), &folder) == 0 && folder.st_uid != 0;
}

/// What root makes is the user's whose folder it is, who could not go on otherwise.
void StateFolder::give_to_owner(int made) const {
  struct stat folder {};
  if (is_roots_guest() && ::fstat(fd(), &folder) == 0) (void)!::fchown(made, folder.st_uid, folder.st_gid);
}

void StateFolder::make_for_the_confined() const {
  (void)open_or_make_folder(kIncoming);
  for (const char* name : kMadeConfined) (void)open_or_make(name);
}

Result<uid_t> StateFolder::owner_of_a_new_file() const {
  const auto fd = make_afresh(kOwnerProbe);
  if (!fd) return fd.error();
  struct stat status {};
  const bool known = ::fstat(fd->get(), &status) == 0;
  (void)remove(kOwnerProbe);
  if (!known) return system_error(path_of(kOwnerProbe));
  return status.st_uid;
}

Status StateFolder::check_entries() const {
  for (const char* name : kFiles) {
    const auto kind = kind_of(fd(), name);
    if (kind && *kind != S_IFREG) return wrong_kind(path_of(name), *kind, S_IFREG);
  }
  for (const char* name : kTemporaries) {
    const auto kind = kind_of(fd(), name);
    if (kind == S_IFDIR) return wrong_kind(path_of(name), *kind, S_IFREG);
  }
  for (const char* name : kFolders) {
    const auto kind = kind_of(fd(), name);
    if (kind && *kind != S_IFDIR) return wrong_kind(path_of(name), *kind, S_IFDIR);
  }
  return {};
}

/// A version before left folder and files open to all who may read DIR, and whoever changes the mode of a file does.
/// The downloader, which opens some of them, is confined and may change no mode.
void StateFolder::shut_out_others() {
  struct stat status {};
  if (::fstat(fd(), &status) != 0) return;
  shut_out_others_from(fd());
  shut_out_others_from_files();
  if (::fstat(fd(), &status) != 0) return;
  is_private_ = (status.st_mode & kOthers) == 0;
}

void StateFolder::shut_out_others_from_files() const {
  for (const char* name : kFiles) {
    if (const auto file = open_for_reading(name)) shut_out_others_from(file->get());
  }
}

// --- What is in it.

Result<UniqueFd> StateFolder::open_for_reading(const std::string& name) const {
  return checked(name, ::openat(fd(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

Result<UniqueFd> StateFolder::open_or_make(const std::string& name, int flags) const {
  constexpr int kFlags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const int made = ::openat(fd(), name.c_str(), kFlags | flags | O_CREAT | O_EXCL, kFileMode);
  if (made >= 0) give_to_owner(made);
  const bool is_there = made < 0 && errno == EEXIST;
  auto file = checked(name, is_there ? ::openat(fd(), name.c_str(), kFlags | flags) : made);
  if (file) shut_out_others_from(file->get());
  return file;
}

Result<UniqueFd> StateFolder::make_afresh(const std::string& name) const {
  if (Status removed = remove(name); !removed) return std::move(removed).error();
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  auto file = checked(name, ::openat(fd(), name.c_str(), kFlags, kFileMode));
  if (file) give_to_owner(file->get());
  return file;
}

Result<UniqueFd> StateFolder::open_or_make_folder(const std::string& name) const {
  if (Status made = make_folder(fd(), name.c_str(), path_of(name)); !made) return std::move(made).error();
  auto folder = open_folder(fd(), name.c_str(), path_of(name));
  if (folder) shut_out_others_from(folder->get());
  struct stat status {};
  if (folder && ::fstat(folder->get(), &status) == 0 && status.st_uid == 0) give_to_owner(folder->get());
  return folder;
}

/// The owner of what openat(2) has just returned.
Result<UniqueFd> StateFolder::checked(const std::string& name, int opened) const {
  UniqueFd file(opened);
  const int code = errno;
  struct stat status {};
  if (file.valid() && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode)) return file;
  const auto kind = kind_of(fd(), name.c_str());
  if (kind && *kind != S_IFREG) return wrong_kind(path_of(name), *kind, S_IFREG);
  if (!file.valid() && code == EACCES) return closed_to_us(fd(), name.c_str(), path_of(name));
  return system_error("cannot open " + path_of(name), file.valid() ? ENOTSUP : code);
}

std::optional<std::string> StateFolder::read(const std::string& name, std::uint64_t most_bytes) const {
  const auto file = open_for_reading(name);
  if (!file) return std::nullopt;
  std::string text;
  std::array<char, 16384> buffer{};
  for (;;) {
    const ssize_t count = ::read(file->get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 || text.size() + static_cast<std::size_t>(count) > most_bytes) return std::nullopt;
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Status StateFolder::rename(const std::string& from, const std::string& to) const {
  if (::renameat(fd(), from.c_str(), fd(), to.c_str()) == 0) return {};
  return system_error(path_of(to));
}

Status StateFolder::remove(const std::string& name) const {
  if (::unlinkat(fd(), name.c_str(), 0) == 0 || errno == ENOENT) return {};
  return system_error("cannot remove " + path_of(name));
}

std::optional<StateFolder::FileFacts> StateFolder::facts_of(const std::string& name) const {
  struct stat status {};
  if (::fstatat(fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return FileFacts{static_cast<std::uint64_t>(status.st_size), status.st_mtim, status.st_nlink};
}

}  // namespace doutu
