// AlternativeTable: the other URLs of images that wait, and which image stands for one that failed because one of these
// URLs was tried in its place. Most ledgers have neither, and are asked for nothing. What follows when an image fails
// is ImageAlternatives'. Everything needs a transaction. The ledger thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "downloader/ledger/preparer.h"
#include "shared/base/result.h"

namespace doutu {

/// Takes the first of some lines, without its line feed. Empty: there is none.
std::string_view take_line(std::string_view& lines);

class AlternativeTable {
 public:
  explicit AlternativeTable(Preparer& prepare);
  /// Once, before anything else.
  Status load();

  // --- URLs to try in this order when the image fails, a line each.

  /// Whether any image of the ledger may have some.
  [[nodiscard]] bool has_urls() const { return has_urls_; }
  /// In place of those that it had.
  Status save_urls(std::int64_t image, std::string_view urls);
  /// Behind them; kMaxAlternatives in all.
  Status add_urls(std::int64_t image, std::string_view urls);
  /// Empty: it has none. EBADMSG: they are not those that were saved.
  Result<std::string> urls_of(std::int64_t image);
  Status forget_urls(std::int64_t image);

  // --- Images that failed, and what stands for them.

  Status replace(std::int64_t image, std::int64_t other);
  /// The image that stands for this one: the last, where that has failed as well. 0: it is not known.
  Result<std::int64_t> standing_for(std::int64_t image);

  // --- Images that get another row.

  /// The image is tried anew, with what its new hit brings.
  Status begin_anew(std::int64_t image, std::int64_t new_id);
  /// It only has another number: what it has and what it stands for goes with it.
  Status renumber(std::int64_t image, std::int64_t new_id);
  /// At a merge: images that have ended and will not be fetched again need no other URLs.
  Status merge();

 private:
  /// So many images in a row may each stand for the one before. Beyond that the last that was looked at does.
  static constexpr int kMaxRow = 64;
  Result<std::int64_t> next_of(std::int64_t image);
  Status move_places(std::int64_t image, std::int64_t new_id);

  struct Urls {
    Statement any;
    Statement save;
    Statement find;
    Statement forget;
    Statement forget_ended;
  };
  struct Places {
    Statement any;
    Statement save;
    Statement find;
    Statement find_of;
    Statement forget;
  };
  Urls urls_;
  Places places_;
  bool has_urls_ = false;
  bool has_places_ = false;
};

}  // namespace doutu
