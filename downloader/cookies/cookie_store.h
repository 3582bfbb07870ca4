// CookieStore: the cookies of the crawl, as the downloader knows them: of images and pages alike. A cookie that an
// answer has set goes with the next request at once. It is saved before the batch that has what came with it commits:
// so a row of the ledger never lacks the cookies that it needs. Any thread, but for what is said to be the ledger
// thread's.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/mutex.h"
#include "shared/base/result.h"
#include "shared/cookies/cookie_file.h"
#include "shared/cookies/cookie_jar.h"
#include "shared/cookies/set_cookie.h"
#include "shared/folder/state_folder.h"

namespace doutu {

class CookieStore {
 public:
  enum class Use { yes, no };
  /// Begins with what the folder has. The folder outlives this. In one that others may read, nothing is saved.
  CookieStore(const StateFolder& folder, Use use);

  /// The value of the Cookie header of an image's request; empty: none. page: the one that shows the image.
  [[nodiscard]] std::string header_for(std::string_view url, std::string_view page) const;
  /// A Set-Cookie header of an answer to such a request.
  void set_by_image(std::string_view value, std::string_view url, std::string_view page);
  /// A Set-Cookie header of an answer on the way to a page.
  void set_by_page(std::string_view value, std::string_view url);
  /// As the parent has it: a line (cookie_line.h).
  void know(std::string_view line);

  // --- The ledger thread's, within a batch.

  /// What has changed since the last time. What images have set waits for a second, as some set the same with each
  /// answer, and no row needs it.
  enum class When { due, now };
  Status save(When when);
  /// What was saved since the last commit, a line each.
  [[nodiscard]] std::vector<std::string> saved() const;
  void committed() { saved_.clear(); }

 private:
  enum class From { page, image };
  /// By cookie_key(): some sites change one with each answer, and only the last counts.
  using Lines = std::map<std::string, std::string>;
  void put(Cookie cookie, From from);

  const StateFolder& folder_;
  const Use use_;
  std::string imported_;
  std::atomic<bool> is_empty_{true};  ///< Most crawls have none: then no request waits for the mutex.
  mutable Mutex mutex_;
  CookieJar jar_ DOUTU_GUARDED_BY(mutex_);
  Lines changed_ DOUTU_GUARDED_BY(mutex_);        ///< Since the last save,
  bool is_due_ DOUTU_GUARDED_BY(mutex_) = false;  ///< also by a page.
  MonoTime next_save_{};
  Lines saved_;
};

}  // namespace doutu
