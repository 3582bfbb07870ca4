// BatchWriter: puts everything that came since the last time into the ledger, in one transaction (batch.h), and lists
// what follows its commit. Nothing that follows happens before the commit, and nothing that came is forgotten when a
// batch fails: the next one tries again. It owns the parts that make rows: the lanes' intake, the images that came with
// their pages, and the publisher. The ledger thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "downloader/cookies/cookie_store.h"
#include "downloader/ledger/ledger_writer.h"
#include "downloader/record/batch.h"
#include "downloader/record/image_publisher.h"
#include "downloader/record/inline_images.h"
#include "downloader/record/lane_intake.h"
#include "shared/crawl/crawl_settings.h"

namespace doutu {

class BatchWriter {
 public:
  /// All outlive this.
  BatchWriter(const CrawlSettings& settings, ImageSink& sink, LedgerWriter& ledger, CookieStore& cookies,
              BatchFollower& follower);
  BatchWriter(BatchWriter&&) = delete;

  [[nodiscard]] ImagePublisher& publisher() { return publisher_; }
  [[nodiscard]] LaneIntake& intake() { return intake_; }
  [[nodiscard]] const LaneIntake& intake() const { return intake_; }

  // --- What came (besides what waits in the lanes and in the publisher).

  void begin_job(std::int64_t id, JobSpec spec);
  /// It is not begun any more if it has not been yet.
  void forget_spec() { spec_.reset(); }
  void add(std::vector<ImageOutcome> outcomes);
  void add(std::vector<ServerRobots> robots);
  /// An image that has crashed too many downloaders.
  void give_up(std::int64_t image) { given_up_.push_back(image); }

  [[nodiscard]] bool has_job() const { return ledger_.job().id() != 0; }
  /// Whether something waits here; before a job is begun nothing can be recorded.
  [[nodiscard]] bool wants_batch() const;

  /// One batch, and the steps that follow it. After an error everything is as before it.
  enum class Lanes { read, leave };
  Status batch(Lanes lanes);
  /// A batch of other work than what came, with the same steps.
  Status batch(const std::function<Status(BatchEffects&)>& work) { return batch_.run(work); }

 private:
  void list_steps(BatchFollower& follower);
  Status record(Lanes lanes, BatchEffects& effects);
  Status save_cookies(BatchEffects& effects);
  Status record_robots(BatchEffects& effects);
  Status record_outcome(const ImageOutcome& outcome, BatchEffects& effects);
  Status record_given_up(std::int64_t id, BatchEffects& effects);
  Status record_failed(const ImageOutcome& outcome, BatchEffects& effects);
  void forget_recorded(BatchEffects& effects);

  ImageSink& sink_;
  LedgerWriter& ledger_;
  CookieStore& cookies_;
  const std::uint64_t run_id_;
  ImagePublisher publisher_;
  InlineImages inline_images_;
  LaneIntake intake_;
  Batch batch_;

  // Until they are committed.
  std::optional<JobSpec> spec_;
  std::int64_t spec_job_ = 0;
  std::vector<ImageOutcome> outcomes_;
  std::vector<ServerRobots> robots_;  ///< Read by the transfer loops.
  std::vector<std::int64_t> given_up_;
  bool recording_ = false;      ///< The open batch has what stands above,
  bool tells_cookies_ = false;  ///< and tells the parent of the cookies that were saved.
};

}  // namespace doutu
