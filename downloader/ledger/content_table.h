// ContentTable: which saved image has certain bytes. The hash of the bytes finds candidates; whoever asks compares the
// files. Images of a ledger of version 3 are found by their SHA-256. The ledger thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "downloader/ledger/key_stage.h"
#include "downloader/ledger/preparer.h"
#include "downloader/ledger/sync_table.h"
#include "downloader/store/content.h"
#include "shared/base/result.h"

namespace doutu {

/// A saved image, and its file.
struct SavedImage {
  std::int64_t id = 0;
  std::string file;
  std::string url;
  std::string type;
};

/// Whether a saved image has the bytes of the one that has come; gone: its bytes are not to be had any more.
enum class SameBytes { yes, no, gone };
/// What is asked about the bytes of the image that has come.
struct BytesAsked {
  std::function<SameBytes(const SavedImage&)> compare;
  std::function<std::optional<Sha256>()> sha256;  ///< nullopt: they cannot be read.
};

/// Where the bytes of an image belong among those of all saved ones.
struct ContentPlace {
  std::optional<SavedImage> first;   ///< It has the same.
  std::optional<KeyStage::Key> key;  ///< It has none: the key for the image; nullopt: it gets none (kMaxAlike).
};

class ContentTable {
 public:
  /// syncs outlives this.
  ContentTable(Preparer& prepare, SyncTable& syncs);
  /// Puts the keys of images that came since the last merge. Once, before anything else; needs no transaction.
  Status load();

  /// Candidates are the saved images whose content is alike; asked decides.
  Result<ContentPlace> place_of(const Content& content, const BytesAsked& asked);
  /// Whether there are images of a version that knew SHA-256 alone.
  [[nodiscard]] bool has_old() const { return has_old_; }
  [[nodiscard]] KeyStage& keys() { return keys_; }

  /// So many images of one hash have keys. Nobody but an opponent makes more, and comparing an image with each of them
  /// would take for ever: further ones are saved, and no image is found to have their bytes.
  static constexpr int kMaxAlike = 16;

 private:
  struct Candidate : SavedImage {
    Content content;
  };
  Status load_key(std::int64_t id, KeyStage::Key key);
  /// nullopt: it is not saved, or not any more.
  Result<std::optional<Candidate>> saved_image(std::int64_t id);
  Result<std::optional<SavedImage>> find_old(const Content& content, const BytesAsked& asked);

  SyncTable& syncs_;
  KeyStage keys_;
  Statement xxh128_of_;
  Statement saved_image_;
  Statement is_any_old_;
  Statement is_old_size_;
  Statement old_content_;
  bool has_old_ = false;
};

}  // namespace doutu
