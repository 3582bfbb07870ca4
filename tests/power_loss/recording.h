// Recording: the calls of a crawl that change its folder, in one order over all its processes and threads.
// call_recorder writes it into a mapped file, as long as the crawl runs; the test reads it afterwards. The layout is
// here.
//
// Files and folders are known by their inode numbers: names are given once, when something is made, and what follows
// finds its object through the descriptor.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace doutu {

struct Call {
  enum class Kind : std::uint32_t {
    made,         ///< file, in folder under name.
    made_folder,  ///< The same.
    written,      ///< data at position of file.
    cut,          ///< file has position bytes now: O_TRUNC, ftruncate.
    renamed,      ///< From folder, name to other_folder, other_name.
    linked,       ///< The same; both names stay.
    removed,      ///< folder, name.
    sync_began,   ///< fsync, fdatasync of file; syncfs where file is 0. position: number of the sync.
    sync_ended,   ///< Well. position: the same number.
  };
  Kind kind = Kind::made;
  std::uint64_t file = 0;
  std::uint64_t folder = 0;  ///< 0: the name is a whole path.
  std::uint64_t other_folder = 0;
  std::int64_t position = 0;
  std::string name{};
  std::string other_name{};
  std::string data{};
};

/// What stands at the begin of the mapped file; the records follow.
struct RecordingHead {
  std::atomic<std::uint32_t> lock;  ///< 1 while a call is made and recorded: that is the order.
  std::atomic<std::uint32_t> syncs;
  std::atomic<std::uint64_t> used;  ///< Bytes of records. More than fit: the recording is not whole.
};

/// Followed by name, other_name and data.
struct CallRecord {
  Call::Kind kind = Call::Kind::made;
  std::uint32_t name_bytes = 0;
  std::uint32_t other_name_bytes = 0;
  std::uint32_t data_bytes = 0;
  std::uint64_t file = 0;
  std::uint64_t folder = 0;
  std::uint64_t other_folder = 0;
  std::int64_t position = 0;
};

inline constexpr std::uint64_t kRecordingBytes = std::uint64_t{256} << 20U;

/// Makes an empty recording for DOUTU_RECORDING.
void make_recording(const std::string& path);
/// Throws when the recording is not whole.
[[nodiscard]] std::vector<Call> read_recording(const std::string& path);

}  // namespace doutu
