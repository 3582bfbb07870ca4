// ImageStore: the folder that images land in, and .doutu/incoming where they wait under their ids. Nothing here ever
// replaces a file. Names are single path segments. The ledger thread, but for sync(), which any thread may call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "downloader/image_job.h"
#include "shared/base/result.h"
#include "shared/base/unique_fd.h"
#include "shared/folder/state_folder.h"

namespace doutu {

/// What a file must be like to be the same image.
struct Content {
  std::uint64_t bytes = 0;
  Sha256 sha256{};
  bool operator==(const Content&) const = default;
};

class ImageStore {
 public:
  /// Opens DIR, which the state folder lies in, and DIR/.doutu/incoming, which is made where it is missing.
  static Result<ImageStore> open(const StateFolder& state);

  enum class Found { nothing, same_content, other };
  /// Whose word is taken for a file's bytes. The page cache goes on giving what a failed write was to bring.
  enum class From { cache, disk };
  /// What stands under a name. A folder, a link or an unreadable file is `other`.
  [[nodiscard]] Found look(const std::string& name, const Content& content, From from = From::cache) const;

  /// Whether nothing stands under the name any more, or a file that has fewer bytes than these. What is no plain file,
  /// or cannot be looked at, is left to whoever put it there: no.
  [[nodiscard]] bool has_lost(const std::string& name, std::uint64_t bytes) const;

  /// What look() says, of incoming/<id>, from the disk.
  [[nodiscard]] Found look_incoming(std::int64_t id, const Content& content) const;

  enum class Placed {
    yes,
    linked,      ///< Yes, and incoming/<id> is still there: discard it once the new name is durable.
    name_taken,  ///< Something stands under the name; nothing was changed.
    lost,        ///< There is no such file in incoming.
  };
  /// Moves incoming/<id> to its final name, or links it where the file system has no RENAME_NOREPLACE. An error may be
  /// of this name alone: see may_be_of_name().
  [[nodiscard]] Result<Placed> place(std::int64_t id, const std::string& name) const;
  /// Gives a placed file a second name and leaves incoming/<id>; where that cannot be (the first file is gone or
  /// changed, no links, EMLINK, another file system) the same as place().
  [[nodiscard]] Result<Placed> place_as_link(std::int64_t id, const std::string& name, const std::string& first,
                                             const Content& content) const;
  /// Of a place() that ended with this errno: whether the name may be why, and not the folder or the disk. Who blames
  /// the name tries another one, and the folder when that is refused too.
  [[nodiscard]] bool may_be_of_name(int code) const;
  /// Longest name that the folder says it takes; kMinNameBytes to kMaxNameBytes.
  [[nodiscard]] std::size_t max_name_bytes() const { return max_name_bytes_; }

  /// Writes incoming/<id>, with mend_incoming() where that helps. An error is the disk's or the folder's
  /// (concerns_every_image()), or another of the system.
  [[nodiscard]] Status write_incoming(std::int64_t id, std::span<const std::byte> bytes) const;
  /// An error when .doutu was deleted or moved away: no later crawl would find what is written there now.
  [[nodiscard]] Status check_account() const;
  /// Has incoming be a folder that files can be made in again, whatever somebody did to it while we worked; the
  /// descriptor stays the same number, for all threads. An error says why it cannot, for the user.
  [[nodiscard]] Status mend_incoming() const;
  /// Removes incoming/<id>, if it is there.
  void discard(std::int64_t id) const;

  /// The ids of the files in incoming. Files with other names are removed.
  [[nodiscard]] Result<std::vector<std::int64_t>> sweep_incoming() const;

  /// Whether a file of 1 MiB can be written (it is removed again); the error says why not.
  [[nodiscard]] Status probe_space() const;
  /// ENOSPC when the disk has less than `least` bytes free (kMinFreeDiskAutomatic: see there); other errors are none.
  [[nodiscard]] Status has_room(std::uint64_t least) const;
  /// Makes everything written so far durable: syncfs(2). May take long.
  [[nodiscard]] Status sync() const;

  [[nodiscard]] int incoming_dir() const { return incoming_.get(); }

 private:
  ImageStore(UniqueFd folder, UniqueFd state, UniqueFd incoming);
  [[nodiscard]] static Found look_in(int folder, const std::string& name, const Content& content, From from);
  [[nodiscard]] Status make_incoming() const;
  [[nodiscard]] Result<Placed> not_found(const std::string& from, const std::string& name) const;
  [[nodiscard]] Result<Placed> place_without_renameat2(const std::string& from, const std::string& name) const;

  UniqueFd folder_;
  UniqueFd state_;  ///< .doutu.
  UniqueFd incoming_;
  std::size_t max_name_bytes_;
};

}  // namespace doutu
