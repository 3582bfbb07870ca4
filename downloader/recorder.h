// Recorder: puts everything that came since the last time into the ledger, in one transaction (a batch), and says what
// follows from it. Nothing that follows happens before the commit, and nothing that came is forgotten when a batch
// fails: the next one tries again. The ledger thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "downloader/image_placer.h"
#include "downloader/lane_intake.h"
#include "downloader/ledger_writer.h"
#include "shared/process/control.h"

namespace doutu {

/// What a batch leads to.
struct Consequences {
  bool account_begun = false;
  std::vector<std::int64_t> outcomes;  ///< Recorded; of each: the image that it settled, or 0.
  std::vector<ImageJob> jobs;          ///< Rows that became pending.
  std::vector<Message> answers;        ///< To the parent.
  std::vector<std::string> answered;   ///< Hosts that answered a page.
};

class Recorder {
 public:
  /// All outlive this.
  Recorder(ImageStore& store, LedgerWriter& ledger, ImagePlacer& placer, LaneIntake& intake, std::uint64_t run_id)
      : store_(store), ledger_(ledger), placer_(placer), intake_(intake), run_id_(run_id) {}

  // --- What came (besides what waits in the lanes and in the placer).

  void begin_account(std::int64_t id, AccountRequest request);
  /// It is not begun any more if it has not been yet.
  void forget_request() { request_.reset(); }
  void add(std::vector<ImageOutcome> outcomes);
  /// An image that has crashed too many downloaders.
  void give_up(std::int64_t image) { given_up_.push_back(image); }

  [[nodiscard]] bool has_account() const { return ledger_.account() != 0; }
  /// Whether something waits here; before an account is begun nothing can be recorded.
  [[nodiscard]] bool wants_batch() const;

  /// One batch. After an error everything is as before it.
  enum class Lanes { read, leave };
  Result<Consequences> batch(Lanes lanes);

 private:
  Status record(Lanes lanes, Consequences& consequences);
  Status record_outcome(const ImageOutcome& outcome);
  Status record_given_up(std::int64_t id);

  ImageStore& store_;
  LedgerWriter& ledger_;
  ImagePlacer& placer_;
  LaneIntake& intake_;
  const std::uint64_t run_id_;

  // Until they are committed.
  std::optional<AccountRequest> request_;
  std::int64_t request_id_ = 0;
  std::vector<ImageOutcome> outcomes_;
  std::vector<std::int64_t> given_up_;
};

}  // namespace doutu
