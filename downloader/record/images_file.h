// ImagesFile: DIR/.doutu/images.jsonl, a JSON line for each image that has its name in the folder, for programs that
// look while a crawl runs: nobody else opens the ledger then. The lines are made of the ledger's rows and are no truth
// of their own: where they cannot be written, that is said once, the file is emptied, and the next end or start makes
// it anew. Nothing fails for it. The ledger thread.
//
// Invariants, which hold whenever this process or any other is killed:
//   1. Lines come after names: append() follows ImagePublisher::publish().
//   2. The lines of a call of append() are in the order of (epoch, id), and are written by one write(2), which ends the
//      file. So when the last of them is there, all are.
//   3. An image that is durable (SyncTable::save_durable()) has its line, or the file is empty: an epoch is durable
//      after a sync that began after its names and lines. So a start has to compare the file's end with the last of
//      these and with those behind it that have their names. A name that a power cut took may have left its line.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "downloader/ledger/named_images.h"
#include "downloader/ledger/sync_table.h"
#include "shared/base/result.h"
#include "shared/base/unique_fd.h"
#include "shared/folder/state_folder.h"

namespace doutu {

inline constexpr const char* kImagesName = "images.jsonl";

class ImagesFile {
 public:
  /// All outlive this.
  ImagesFile(const StateFolder& folder, NamedImages& images, SyncTable& syncs)
      : folder_(folder), images_(images), syncs_(syncs) {}

  /// Whether images that had their names are gone: lines that stand anywhere would be of none.
  enum class Lost { none, some };
  /// At a start, before append(): makes the file anew unless its end is right. `named`: the images of which no sync was
  /// said to be kept, but which have their names. Both as ImagePublisher::redo() found out. Calls on_work now and then.
  void check(std::vector<std::int64_t> named, Lost lost, const std::function<void()>& on_work);
  /// These images have got their names.
  void append(std::vector<NamedImage> named);
  /// At an end, when every image has its name: makes the file anew if a line could not be written.
  void mend(const std::function<void()>& on_work);

  /// More images than this are not compared with the file's end: it is made anew.
  static constexpr std::size_t kMaxCompared = 4096;

 private:
  Status open();
  Result<std::vector<NamedImage>> rows_of(const std::vector<std::int64_t>& ids) const;
  /// What may stand before these lines.
  enum class Before { nothing, anything };
  Result<bool> ends_with(const std::vector<NamedImage>& images, Before before) const;
  Status check_or_make(std::vector<std::int64_t> named, Lost lost, const std::function<void()>& on_work);
  Status make(std::int64_t up_to_epoch, const std::vector<std::int64_t>& beyond, std::vector<NamedImage> last,
              const std::function<void()>& on_work);
  Status write(std::string_view text);
  void note(const Status& status);

  const StateFolder& folder_;
  NamedImages& images_;
  SyncTable& syncs_;
  UniqueFd file_;
  bool is_whole_ = true;  ///< Until something could not be written.
  bool has_said_so_ = false;
};

/// The image's line, with its newline. The page comes last: it changes when a later crawl meets the image elsewhere.
[[nodiscard]] std::string images_line(const NamedImage& image);

}  // namespace doutu
