// DiskModel: what may be on a disk after the power failed while a recorded crawl ran.
//
// The calls of a recording are taken apart into effects: a name comes or goes, a file is renamed, a block of 4096 bytes
// of a file is written, a file is cut. After a cut between two calls:
//   1. Nothing of a later call is there.
//   2. An effect that is older than the begin of a sync which had returned is there: fsync and fdatasync of a file keep
//      its blocks and its size, but not its name; fsync of a folder keeps the names in it; syncfs keeps everything.
//   3. Any other effect is there or not, each for itself, in whatever order: a block may be missing under a later one,
//      a name may be there without the bytes of its file, a file without its name.
//   4. A block that is not there leaves what was there before, or zeros where the file had grown (the size came, the
//      block did not); or it is torn: its first sectors of 512 bytes are there.
//   5. A rename is one effect: both names change or neither does.
// Rules 2 to 4 are those of POSIX (fsync(2): "does not necessarily ensure that the entry in the directory has reached
// disk"), and harsher than any file system of Linux that has a journal: ext4 with data=ordered writes new blocks before
// the size and keeps the order of names; XFS keeps the order of names, and the size behind the blocks; btrfs may keep
// one name's change before an older one's (Mohan et al., Finding Crash-Consistency Bugs with Bounded Black-Box Crash
// Testing, OSDI 2018), which 3 allows. Rule 5 holds on all of them: a rename is in one transaction.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/power_loss/recording.h"

namespace doutu {

/// How much of an effect is on the disk.
enum class Fate : std::uint8_t {
  there,
  lost,
  zeros,  ///< Of a block that made its file longer: only the size.
  torn,   ///< Of a block of more than a sector: its first half.
};

/// One state of the disk.
struct Cut {
  std::size_t calls = 0;              ///< So many calls had been made.
  std::map<std::size_t, Fate> fates;  ///< Of effects that are not simply there.
};

/// Bytes by name, relative to the crawl's folder. A folder ends with '/' and has none.
using DiskState = std::map<std::string, std::string>;

class DiskModel {
 public:
  /// root: the crawl's folder, which is there before the first call. What lies outside is left out, as are files that
  /// nothing depends on: SQLite's -shm, the log, status.json.
  DiskModel(const std::vector<Call>& calls, const std::string& root);

  [[nodiscard]] std::size_t calls() const { return calls_; }
  /// Whether the n-th call (from 1) had an effect, or was the end of a sync.
  [[nodiscard]] bool matters(std::size_t call) const { return matters_.at(call); }
  /// The effects that may be missing after so many calls.
  [[nodiscard]] std::vector<std::size_t> unsynced(std::size_t calls) const;
  /// What may become of an effect, `there` left out.
  [[nodiscard]] std::vector<Fate> fates(std::size_t effect) const;

  [[nodiscard]] DiskState state(const Cut& cut) const;
  /// Equal for states that are the same to whoever reads them: a WAL counts up to its last valid commit (valid_wal.h).
  [[nodiscard]] std::uint64_t key(const Cut& cut);
  [[nodiscard]] std::string describe(const Cut& cut) const;

 private:
  static constexpr std::size_t kNever = SIZE_MAX;
  enum class Kind : std::uint8_t { enter, leave, move, block, size };
  struct Effect {
    Kind kind = Kind::enter;
    std::size_t object = 0;
    std::size_t folder = 0;
    std::size_t other_folder = 0;
    std::string name{};
    std::string other_name{};
    std::uint64_t at = 0;  ///< Of a block: its place; of size: the size.
    std::string data{};
    bool grows = false;
    std::size_t call = 0;            ///< The call that made it, from 1.
    std::size_t kept_from = kNever;  ///< From this call on it is there for certain.
  };
  struct Object {
    bool is_folder = false;
    std::uint64_t size = 0;            ///< So far, while the recording is read.
    std::vector<std::size_t> effects;  ///< Of its content.
    std::unordered_map<std::string, std::uint64_t> keys;
  };
  using Names = std::map<std::pair<std::size_t, std::string>, std::size_t>;

  struct Place {
    std::size_t folder = kNever;
    std::string name;
  };
  [[nodiscard]] Place place(std::uint64_t folder, const std::string& name) const;
  [[nodiscard]] std::size_t object_of(std::uint64_t inode) const;
  void read(const Call& call);
  void make(const Call& call);
  void write(std::size_t object, const Call& call);
  void rename(const Call& call);
  void add(Effect effect);
  void sync(const Call& call);
  [[nodiscard]] bool keeps(const Call& sync, const Effect& effect) const;
  static void apply(const Effect& effect, Names& names);
  [[nodiscard]] Names names(const Cut& cut) const;
  [[nodiscard]] std::string content(std::size_t object, const Cut& cut) const;
  [[nodiscard]] std::uint64_t content_key(std::size_t object, const std::string& name, const Cut& cut);
  [[nodiscard]] std::map<std::string, std::size_t> files(const Cut& cut) const;
  [[nodiscard]] bool is_name(std::size_t effect) const;

  const std::string root_;
  std::size_t calls_ = 0;
  std::vector<bool> matters_{false};
  std::vector<Effect> effects_;
  std::vector<Object> objects_;
  std::unordered_map<std::uint64_t, std::size_t> by_inode_;
  std::unordered_map<std::uint64_t, std::size_t> by_sync_;  ///< How many effects there were when it began.
  Names names_;                                             ///< So far.
  std::map<std::string, std::size_t> whole_files_;          ///< The last that key() met with all names there,
  std::size_t whole_calls_ = kNever;                        ///< after so many calls.
};

}  // namespace doutu
