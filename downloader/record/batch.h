// Batch: one transaction of the ledger, and the steps that follow its commit or its rollback. What is in memory agrees
// with the ledger because it changes in such a step and nowhere else. The steps are listed once
// (BatchWriter::list_steps()) and run in the order of the list. The ledger thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "downloader/ledger/ledger_writer.h"
#include "downloader/schedule/image_task.h"
#include "shared/base/result.h"
#include "shared/process/messages.h"
#include "shared/robots/robots_book.h"

namespace doutu {

/// What a batch leads to: its work fills it in, and the steps after its commit act on it.
struct BatchEffects {
  bool job_begun = false;
  std::vector<std::int64_t> outcomes;  ///< Recorded; of each: the image that it settled, or 0.
  std::vector<ImageTask> tasks;        ///< Rows that became pending.
  std::vector<Message> answers;        ///< To the parent.
  std::vector<std::string> answered;   ///< Hosts that answered a page.
  std::vector<ServerRobots> robots;    ///< Read for pages.
};

class Batch {
 public:
  /// ledger outlives this.
  explicit Batch(LedgerWriter& ledger) : ledger_(ledger) {}

  /// The step runs after each commit, behind those that were added before it.
  void on_commit(std::function<void(BatchEffects&)> step) { commit_steps_.push_back(std::move(step)); }
  /// The step runs after each rollback, behind those that were added before it.
  void on_rollback(std::function<void()> step) { rollback_steps_.push_back(std::move(step)); }

  /// Does the work within a transaction, commits it, and runs the steps. An error, of the work or of the ledger, rolls
  /// everything back: nothing has happened then. A transaction that cannot begin runs no step.
  Status run(const std::function<Status(BatchEffects&)>& work);

 private:
  LedgerWriter& ledger_;
  std::vector<std::function<void(BatchEffects&)>> commit_steps_;
  std::vector<std::function<void()>> rollback_steps_;
};

/// What the rest of the downloader does once a batch is committed; BatchWriter::list_steps() says when.
class BatchFollower {
 public:
  virtual ~BatchFollower() = default;

  virtual void tell_parent(std::vector<Message> answers) = 0;
  virtual void publish_counters() = 0;
  /// Gives the frontier the new tasks, the hosts that answered, and the room of what was recorded.
  virtual void feed_frontier(BatchEffects& effects) = 0;
  virtual void publish_images() = 0;
};

}  // namespace doutu
