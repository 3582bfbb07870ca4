// StateFolder: DIR/.doutu, opened once. From then on everything in it is reached through that descriptor, by a plain
// name and without following links. So nothing that others plant there (an unpacked archive, another user who may write
// to DIR, a hostile share) can redirect a write, or make a read last forever. DIR itself may be a link. Parent,
// downloader and `doutu status`; any thread once it is open.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

#include "shared/base/result.h"
#include "shared/base/unique_fd.h"

namespace doutu {

inline constexpr const char* kStateFolderName = ".doutu";

class StateFolder {
 public:
  /// Opens DIR/.doutu, and makes it where it is missing; DIR must exist. It is this user's alone afterwards, as are the
  /// files in it that were there; root gives what it makes there to the folder's owner. Errors: it is no folder,
  /// another user's, or something in it is not what it should be. name: of another such folder than DIR/.doutu.
  static Result<StateFolder> make(const std::string& directory, const std::string& name = kStateFolderName);
  /// For a look: nothing is made or changed, and it may be anybody's who lets us. nullopt: there is none.
  static Result<std::optional<StateFolder>> find(const std::string& directory);

  [[nodiscard]] const std::string& directory() const { return directory_; }
  /// For messages.
  [[nodiscard]] std::string path_of(const std::string& name) const;
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Whether others are kept out. False where modes have no effect: exFAT, some network folders. Of make().
  [[nodiscard]] bool is_private() const { return is_private_; }

  // Error::code is the errno, ENOENT where there is no such file. What is no regular file is an error with a word for
  // what it is; a FIFO holds nobody up.

  [[nodiscard]] Result<UniqueFd> open_for_reading(const std::string& name) const;
  /// For reading and writing, made where it is missing; flags: O_APPEND or none.
  [[nodiscard]] Result<UniqueFd> open_or_make(const std::string& name, int flags = 0) const;
  /// A new file, in place of whatever had the name.
  [[nodiscard]] Result<UniqueFd> make_afresh(const std::string& name) const;
  /// Opens a folder in it, made where it is missing.
  [[nodiscard]] Result<UniqueFd> open_or_make_folder(const std::string& name) const;
  /// Nothing when it is larger.
  [[nodiscard]] std::optional<std::string> read(const std::string& name, std::uint64_t most_bytes) const;
  Status rename(const std::string& from, const std::string& to) const;
  /// No error when there is none.
  Status remove(const std::string& name) const;

  struct FileFacts {
    std::uint64_t bytes = 0;
    timespec modified{};
    std::uint64_t names = 0;  ///< Hard links.
  };
  [[nodiscard]] std::optional<FileFacts> facts_of(const std::string& name) const;

 private:
  StateFolder(std::string directory, std::string name, UniqueFd fd)
      : directory_(std::move(directory)), name_(std::move(name)), fd_(std::move(fd)) {}
  static Result<StateFolder> open(const std::string& directory, const std::string& name, int parent);
  [[nodiscard]] Status check_owner() const;
  [[nodiscard]] Result<uid_t> owner_of_a_new_file() const;
  [[nodiscard]] Status check_entries() const;
  [[nodiscard]] Status check_owners_of_files() const;
  [[nodiscard]] Status check_owner_of(const char* name, uid_t owner_of_folder) const;
  [[nodiscard]] bool is_roots_guest() const;
  void give_to_owner(int made) const;
  void make_for_the_confined() const;
  void shut_out_others();
  void shut_out_others_from_files() const;
  [[nodiscard]] Result<UniqueFd> checked(const std::string& name, int fd) const;

  std::string directory_;
  std::string name_;
  UniqueFd fd_;
  bool is_private_ = false;
};

}  // namespace doutu
