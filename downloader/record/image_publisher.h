// ImagePublisher: gives every fetched image its name within the ledger's batch, and publishes it after the commit and
// the next sync (image_sink.h). The ledger is the redo log: a file has a final name only when its row says so, and
// while a row's file is not published, the sink holds it. As both were synced before the name came, that holds after a
// power cut as well: no name ever stands for torn bytes, or for bytes of which the ledger does not know. The ledger
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "downloader/ledger/ledger_writer.h"
#include "downloader/record/name_chooser.h"
#include "downloader/schedule/image_task.h"
#include "downloader/store/image_sink.h"
#include "shared/base/result.h"
#include "shared/crawl/crawl_settings.h"

namespace doutu {

class ImagePublisher {
 public:
  /// sink and ledger outlive this.
  ImagePublisher(ImageSink& sink, LedgerWriter& ledger, const FolderOptions& options)
      : sink_(sink),
        ledger_(ledger),
        keep_deleted_(options.keep_deleted),
        names_(sink, options.keep_extension ? WrongExtension::kept : WrongExtension::corrected) {}

  /// At start: what a dead process left held waits for publish() when the ledger has it, and is discarded when it
  /// has not. Nothing is believed that no sync has kept, for the power may have failed, or the disk have gone: such
  /// files are read from the disk, and those that are not what the ledger says await republish(). Calls on_read for
  /// each.
  Status redo(const std::function<void()>& on_read = [] {});

  // --- Within a batch.

  /// Names a fetched image and records it: saved, or a duplicate when the folder has the same bytes.
  Status record(const ImageOutcome& outcome);
  /// Deals with what publish() could not: an image whose name something else took gets another, one whose name the file
  /// system refuses a plain one, lost bytes are fetched again, or taken from the ledger if they came with a page.
  Status republish(std::vector<ImageTask>& tasks);

  /// Whether the folder has lost the file of an image that was fetched before (ImageSink::has_lost()). One that waits
  /// for its name is not lost.
  [[nodiscard]] bool has_lost(const std::string& file, std::uint64_t bytes);

  // --- After it.

  void committed();
  void rolled_back();
  /// A sync begins, which will keep what was committed and published up to now ...
  void sync_began();
  /// ... and has ended. One at a time.
  void sync_ended();
  /// ... or has failed, and says so once: what it was to keep is read from the disk, and what is not there awaits
  /// republish() instead of a name. Calls on_read for each.
  void sync_failed(const std::function<void()>& on_read);
  /// Publishes what was committed before a sync, but for kMaxUnpublished at a time, and deals with the sink's answers.
  /// An error concerns every image: the rest waits for the next call.
  Status publish();

  /// The images that have got their names since the last call.
  [[nodiscard]] std::vector<NamedImage> take_named() { return std::exchange(untold_.now, {}); }
  /// Those that had them at redo(), though no sync was said to keep them.
  [[nodiscard]] std::vector<std::int64_t> take_named_before() { return std::exchange(untold_.before, {}); }

  [[nodiscard]] bool has_failed() const { return !failed_.empty(); }
  /// Everything that is committed has its name.
  [[nodiscard]] bool is_published() const { return waiting_.empty() && unpublished_.empty() && failed_.empty(); }
  /// Everything that may have its name has it.
  [[nodiscard]] bool is_up_to_date() const { return synced_.done == 0 && unpublished_.empty() && failed_.empty(); }
  /// A sync would let more images have their names.
  [[nodiscard]] bool waits_for_sync() const { return waiting_.size() > synced_.done; }
  /// So much waits, for a sync or for a slow sink, that nothing more should come: outcomes are not recorded, and soon
  /// (Frontier::kMaxUncommitted) transfers pause.
  [[nodiscard]] bool is_crowded() const {
    return waiting_.size() + unpublished_.size() >= kMaxWaiting || url_bytes_ >= kMaxUrlBytes;
  }
  /// Every recorded image is where its row says, for good.
  [[nodiscard]] bool idle() const { return named_.empty() && is_published() && published_.names == 0; }

  /// So many images a sink may have that it has not answered yet: 5,000 a second at 50 ms each.
  static constexpr std::size_t kMaxUnpublished = 256;

 private:
  /// 5 s of 3,000 images a second; at most 8 MiB.
  static constexpr std::size_t kMaxWaiting = 16384;
  static constexpr std::size_t kMaxUrlBytes = std::size_t{8} << 20U;

  enum class Failure { none, name_taken, name_refused, lost };
  struct Publication : NamedImage {
    std::int64_t same_as = 0;  ///< The first image with these bytes; itself, when that is it.
    std::string first{};       ///< Its file, to link; empty: there is none.
    Failure failure = Failure::none;
    bool has_plain_name = false;  ///< That is refused by a folder which takes none.
    bool had_name = false;        ///< A dead process had given it already.
  };

  struct Names {
    std::size_t names = 0;
    std::vector<std::int64_t> left;  ///< Held, beside the name.
  };
  /// How many were committed before a sync began,
  struct Synced {
    std::size_t now = 0;   ///< which is running,
    std::size_t done = 0;  ///< and before one that has ended.
  };
  /// For take_named() and take_named_before().
  struct Untold {
    std::vector<NamedImage> now;
    std::vector<std::int64_t> before;
  };
  /// Once each.
  struct Said {
    bool names_are_refused = false;
    bool files_are_lost = false;
  };

  Result<ContentPlace> place_of(std::int64_t id, const Content& content);
  [[nodiscard]] SameBytes compare(std::int64_t id, const SavedImage& other) const;
  Status redo_one(std::int64_t id);
  Result<Publication> publication_of(std::int64_t id);
  void wait_for_sync(Publication publication);
  Status redo_unsure(const std::function<void()>& on_read);
  Status settle_answered();
  std::optional<Result<ImageSink::Published>> publish_one(const Publication& publication);
  void publish_again(Publication publication);
  Result<Failure> failure_of(const Publication& publication, const Result<ImageSink::Published>& answer);
  void settle(Publication& publication, Failure failure);
  Result<Failure> refused(const Publication& publication, const Error& error);
  /// Whether the ledger has its bytes, which wait for publish() again then.
  Result<bool> restore(Publication publication);
  Status give_other_name(Publication publication);

  ImageSink& sink_;
  LedgerWriter& ledger_;
  const bool keep_deleted_;
  NameChooser names_;
  std::vector<Publication> named_;                             ///< In the open batch.
  std::vector<Publication> waiting_;                           ///< Committed.
  Synced synced_;                                              ///< How many of these.
  std::unordered_map<std::int64_t, Publication> unpublished_;  ///< The sink has not answered yet.
  Names published_;                                            ///< Not synced yet.
  Names syncing_names_;                                        ///< By the running sync.
  std::size_t url_bytes_ = 0;                                  ///< Of waiting_ and unpublished_.
  Untold untold_;
  std::vector<Publication> failed_;  ///< Committed, and not to be published like this.
  Said said_;
};

}  // namespace doutu
