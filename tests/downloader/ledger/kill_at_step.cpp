#include "tests/downloader/ledger/kill_at_step.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <list>
#include <utility>

#include "shared/ledger/sqlite.h"
#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kKilled = 77;

/// By which Database opens what it writes (sqlite.cpp).
constexpr const char* kVfs = "doutu";

/// Of the child: what it has left.
int steps_left = 0;
KillAt kill_at = KillAt::call;

bool is_last(bool is_write) {
  if (kill_at == KillAt::half_of_write && !is_write) return false;
  return --steps_left == 0;
}

/// Those of a file, and in their places ours.
struct Methods : sqlite3_io_methods {
  const sqlite3_io_methods* own = nullptr;
};
const sqlite3_io_methods& own(sqlite3_file* file) { return *static_cast<const Methods*>(file->pMethods)->own; }

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  if (is_last(true)) {
    if (kill_at == KillAt::half_of_write) own(file).xWrite(file, bytes, size / 2, offset);
    ::_exit(kKilled);
  }
  return own(file).xWrite(file, bytes, size, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (is_last(false)) ::_exit(kKilled);
  return own(file).xTruncate(file, size);
}

int sync(sqlite3_file* file, int flags) {
  if (is_last(false)) ::_exit(kKilled);
  return own(file).xSync(file, flags);
}

decltype(sqlite3_vfs::xOpen) own_open = nullptr;
decltype(sqlite3_vfs::xDelete) own_delete = nullptr;

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* opened_as) {
  static std::list<Methods> all;  // A file of each kind has its own.
  const int code = own_open(vfs, name, file, flags, opened_as);
  if (file->pMethods == nullptr) return code;
  Methods& methods = all.emplace_back(Methods{*file->pMethods, file->pMethods});
  methods.xWrite = write;
  methods.xTruncate = truncate;
  methods.xSync = sync;
  file->pMethods = &methods;
  return code;
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  if (is_last(false)) ::_exit(kKilled);
  return own_delete(vfs, name, sync_folder);
}

/// Database has made it when it has opened a file.
sqlite3_vfs* find_vfs() {
  const TemporaryFolder folder;
  EXPECT_TRUE(Database::open(state_in(folder / "img"), Database::Mode::create).ok());
  return sqlite3_vfs_find(kVfs);
}

/// In a child, whose copy of it nobody else sees.
void count_steps(sqlite3_vfs* vfs, KillAt where, int last) {
  kill_at = where;
  steps_left = last;
  own_open = std::exchange(vfs->xOpen, open);
  own_delete = std::exchange(vfs->xDelete, remove);
}

/// How the child ended: its exit status.
int in_child(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(::testing::Test::HasFailure() ? kFailed : kDone);
  }
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : kFailed;
}

}  // namespace

bool is_killed_after(const std::function<void()>& work) { return in_child(work) == kDone; }

int kill_at_every_step(KillAt where, const std::function<void()>& prepare, const std::function<void()>& work,
                       const std::function<void()>& look) {
  sqlite3_vfs* const vfs = find_vfs();
  for (int step = 1;; ++step) {
    SCOPED_TRACE(::testing::Message() << "killed at step " << step);
    prepare();
    const int ended = in_child([&] {
      count_steps(vfs, where, step);
      work();
    });
    EXPECT_TRUE(ended == kDone || ended == kKilled) << "the child has failed";
    look();
    if (::testing::Test::HasFailure() || ended == kDone) return step - 1;
  }
}

}  // namespace doutu
