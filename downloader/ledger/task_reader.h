// TaskReader: the tasks of images that wait, from their rows. Neighbours are read in passing: most ids of a host follow
// each other, and most images of a page do. The ledger thread.
#pragma once

#include <cstdint>
#include <string>

#include "downloader/ledger/current_job.h"
#include "downloader/ledger/preparer.h"
#include "downloader/schedule/image_task.h"
#include "shared/base/result.h"

namespace doutu {

class TaskReader {
 public:
  /// job outlives this.
  TaskReader(Preparer& prepare, const CurrentJob& job);

  /// Precondition: the image is pending in the current job. EBADMSG: its row is not there, or is damaged.
  Result<ImageTask> read(std::int64_t id, std::int64_t host);
  /// No neighbour follows.
  void end();
  /// There are rows of retry from now on.
  void retry_saved() { retries_.any = Retries::Any::yes; }

 private:
  /// Images that were tried before have a row of their own. Mostly there is none at all.
  struct Retries {
    Statement is_any;
    Statement find;
    enum class Any { unknown, no, yes } any = Any::unknown;
  };
  /// The page that the last image was found on; 0: none.
  struct Page {
    std::uint64_t number = 0;
    std::string referer;
  };
  Status go_to(std::int64_t id);
  Status read_referer(ImageTask& task);
  Status read_retry(ImageTask& task);

  const CurrentJob& job_;
  Statement rows_;
  Statement page_;
  Retries retries_;
  std::int64_t at_ = 0;  ///< The id of the row that rows_ is at; 0: it is at none.
  Page last_page_;
};

}  // namespace doutu
