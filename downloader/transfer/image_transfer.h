// ImageTransfer: one slot of a transfer loop. Fetches one image after another with the same settings and buffers:
// follows redirects hop by hop, hands the body on while it arrives (image_body.h), and leaves .doutu/incoming/<id> only
// when the image is whole. Belongs to its loop's thread; knows no event loop.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "downloader/cookies/cookie_store.h"
#include "downloader/schedule/image_task.h"
#include "downloader/transfer/image_body.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/http/address_guard.h"
#include "shared/http/http_client.h"
#include "shared/http/request_headers.h"
#include "shared/http/tls_sessions.h"
#include "shared/http/transfer_handle.h"
#include "shared/http/unheeded_length.h"
#include "shared/politeness/host_schedule.h"
#include "shared/process/wholeness.h"

namespace doutu {

class ImageTransfer {
 public:
  /// What all slots share; all of it outlives them.
  struct Shared {
    const CrawlSettings& settings;
    const AddressGuard& guard;
    const RequestHeaders& headers;
    CookieStore& cookies;
    const TlsSessions& tls_sessions;
    ImageSink& sink;
    /// The host of an image with ImageTask::is_first begins to answer it.
    std::function<void(const ImageTask&)> on_first_answer;
  };
  explicit ImageTransfer(const Shared& shared);
  ImageTransfer(ImageTransfer&&) = delete;

  /// The handle to run after each Step::another_hop; each hop may have one of its own. CURLOPT_PRIVATE is the caller's
  /// to set, each time.
  [[nodiscard]] CURL* easy() const { return handle_.get(); }

  enum class Step {
    another_hop,   ///< Run easy() (again).
    elsewhere,     ///< A redirect to another host: release() the task, whose detour says where it goes on.
    ended,         ///< result() says how.
    doubtful,      ///< A decoder can tell whether the image is whole: ask one, then call decoded().
    disk_refused,  ///< No outcome: the disk is full or read-only, or fails, or incoming is not there any more.
    wanting,       ///< No outcome: the system had no descriptor, thread or memory for it (is_want()).
  };
  /// Goes on where the task's detour says. Never elsewhere.
  [[nodiscard]] Step begin(ImageTask task);
  /// The run ended with this code.
  [[nodiscard]] Step hop_ended(CURLcode code);
  /// What a decoder is asked about; the error is as in system_error().
  [[nodiscard]] Result<UniqueFd> open_doubtful() { return body_.open_for_reading(); }
  [[nodiscard]] Step decoded(Wholeness wholeness);
  /// The decoder could not be asked, for want of this errno.
  [[nodiscard]] Step not_decoded(int code);
  /// errno of what made it disk_refused or wanting.
  [[nodiscard]] int system_error() const { return hop_.system_error; }
  [[nodiscard]] const AttemptResult& result() const { return result_; }
  /// The outcome of the attempt, but for what the frontier decides; of an image that came, everything about it.
  [[nodiscard]] ImageOutcome outcome() const;
  /// Ends the attempt in any state: what is incomplete is removed, the task given back.
  [[nodiscard]] ImageTask release();

 private:
  /// What is of the current hop alone.
  struct Hop {
    std::string url;
    milliseconds limit{};  ///< What it has of the attempt's time.
    Connection connection = Connection::any;
    std::uint64_t received = 0;  ///< Of the answer.
    bool body_began = false;
    Cause found = Cause::none;  ///< What on_body() broke off for.
    int system_error = 0;       ///< errno of a write that failed, or of what was wanting.
    bool lacks_end_mark = false;
  };

  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  void prepare(CURL* easy);
  [[nodiscard]] Step start_hop(std::string url, milliseconds limit, Connection connection = Connection::any);
  [[nodiscard]] bool take(std::span<const std::byte> bytes);
  void take_cookies();
  [[nodiscard]] Step redirected();
  [[nodiscard]] Step start_next_hop(std::string url, Connection connection = Connection::any);
  /// Whether the image is whole by its own end mark, though its server then fell silent: the cause.
  [[nodiscard]] bool came_whole(Cause cause) const;
  [[nodiscard]] Step completed();
  [[nodiscard]] Step keep();
  /// The time of the image's file; nullopt: that of its download.
  [[nodiscard]] std::optional<std::chrono::sys_seconds> last_modified() const;
  [[nodiscard]] Step fail(Cause cause);
  [[nodiscard]] long http_status() const;

  const Shared shared_;
  TransferHandle handle_;
  GuardedTransfer guarded_;
  HeaderLimit header_limit_;
  UnheededLength length_;
  ImageBody body_;

  ImageTask task_;
  HopHeaders headers_;
  std::uint32_t redirects_ = 0;
  MonoTime deadline_;  ///< Of the attempt, without the waits between its detours.
  Hop hop_;
  AttemptResult result_;
};

}  // namespace doutu
