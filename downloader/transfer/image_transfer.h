// ImageTransfer: one slot of a transfer loop. Fetches one image after another with the same settings and buffers:
// follows redirects hop by hop, hands the body on while it arrives (image_body.h), and leaves .doutu/incoming/<id> only
// when the image is whole. An image whose host's robots.txt is not known asks for that in its place, and for nothing
// else. Belongs to its loop's thread; knows no event loop.
#pragma once

#include <curl/curl.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "downloader/cookies/cookie_store.h"
#include "downloader/schedule/image_task.h"
#include "downloader/transfer/half_image.h"
#include "downloader/transfer/image_body.h"
#include "downloader/transfer/image_version.h"
#include "shared/coding/body_unpacker.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/http/address_guard.h"
#include "shared/http/http_client.h"
#include "shared/http/logins.h"
#include "shared/http/referer.h"
#include "shared/http/request_headers.h"
#include "shared/http/tls_sessions.h"
#include "shared/http/transfer_handle.h"
#include "shared/http/unheeded_length.h"
#include "shared/politeness/host_schedule.h"
#include "shared/process/rate_budget.h"
#include "shared/process/wholeness.h"
#include "shared/robots/robots_rules.h"

namespace doutu {

class ImageTransfer {
 public:
  /// What all slots share; all of it outlives them.
  struct Shared {
    const CrawlSettings& settings;
    const AddressGuard& guard;
    const RequestHeaders& headers;
    CookieStore& cookies;
    Logins& logins;
    const TlsSessions& tls_sessions;
    ImageSink& sink;
    /// The host of an image with ImageTask::is_first begins to answer it.
    std::function<void(const ImageTask&)> on_first_answer;
    RateBudget& budget;
    /// From a callback of curl: has it go on at that time.
    std::function<void(CURL*, MonoTime)> hold;
    std::atomic<std::size_t>& half_images;  ///< That wait with their tasks.
  };
  explicit ImageTransfer(const Shared& shared);
  ImageTransfer(ImageTransfer&&) = delete;

  /// The handle to run after each Step::another_hop; each hop may have one of its own. CURLOPT_PRIVATE is the caller's
  /// to set, each time.
  [[nodiscard]] CURL* easy() const { return handle_.get(); }

  enum class Step {
    another_hop,   ///< Run easy() (again).
    robots_read,   ///< It asked for a robots.txt, and robots() has what that says: release() the task.
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
  /// Under --limit-rate, where no clock of curl's ends it: whether it runs and has used up its time, without what it
  /// was held. Then it is to be ended, out of its multi handle, by time_is_up().
  [[nodiscard]] bool is_overdue(MonoTime now) const { return hop_.is_running && now > deadline_; }
  [[nodiscard]] Step time_is_up();
  /// What a decoder is asked about; the error is as in system_error().
  [[nodiscard]] Result<UniqueFd> open_doubtful() { return body_->open_for_reading(); }
  [[nodiscard]] Step decoded(Wholeness wholeness);
  /// The decoder could not be asked, for want of this errno.
  [[nodiscard]] Step not_decoded(int code);
  /// errno of what made it disk_refused or wanting.
  [[nodiscard]] int system_error() const { return hop_.system_error; }
  [[nodiscard]] const AttemptResult& result() const { return result_; }
  /// After Step::robots_read.
  [[nodiscard]] RobotsRules robots() const { return RobotsRules::parse(robots_.bytes); }
  /// The outcome of the attempt, but for what the frontier decides; of an image that came, everything about it.
  [[nodiscard]] ImageOutcome outcome() const;
  /// Ends the attempt in any state: what is incomplete is removed, the task given back.
  [[nodiscard]] ImageTask release();

 private:
  /// Header lines that ask for the rest of what body_ has.
  struct RangeLines {
    std::string range{}, if_range{};
    curl_slist range_line{}, if_range_line{};
  };
  /// What is of the current hop alone.
  struct Hop {
    std::string url;
    milliseconds limit{};  ///< What it has of the attempt's time.
    Connection connection = Connection::any;
    LoginTalk login{};
    bool is_running = false;
    bool is_time_up = false;
    MonoTime due{};              ///< When what came may be followed by more,
    Duration held{};             ///< and the time for which it was so.
    std::uint64_t received = 0;  ///< Of the answer.
    bool body_began = false;
    RangeLines range{};
    bool asks_for_rest = false;  ///< Of what body_ has.
    bool is_rest = false;        ///< The answer is that,
    bool is_wrong_part = false;  ///< or a part of something else.
    Cause found = Cause::none;   ///< What on_body() broke off for.
    int system_error = 0;        ///< errno of a write that failed, or of what was wanting.
    bool lacks_end_mark = false;
  };

  /// Of a robots.txt that is asked for in the image's place.
  struct RobotsFile {
    std::string bytes;
    BodyUnpacker unpacker;
    bool is_enough = false;  ///< More came than is read.
  };

  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  void prepare(CURL* easy);
  [[nodiscard]] Step start_hop(std::string url, milliseconds limit);
  [[nodiscard]] Step start_hop(Hop hop);
  void set_headers(CURL* easy);
  [[nodiscard]] curl_slist* range_lines(curl_slist* others);
  void pay(std::uint64_t bytes);
  [[nodiscard]] bool take(std::span<const std::byte> bytes);
  /// Whether the answer has brought all that was missing.
  [[nodiscard]] bool is_rest_whole() const { return hop_.is_rest && body_->bytes() == half_->length; }
  /// Whether only the end of the connection would tell curl of the end.
  [[nodiscard]] bool lacks_length() const;
  void take_cookies();
  [[nodiscard]] bool begin_body();
  [[nodiscard]] Cause cause_of(CURLcode code, long status) const;
  [[nodiscard]] bool take_robots(std::span<const std::byte> bytes);
  /// Where a robots.txt is asked for, that there is none; nullopt: it is a failure, as of the image.
  [[nodiscard]] std::optional<Step> without_robots(Cause cause);
  [[nodiscard]] Step redirected();
  [[nodiscard]] Step start_next_hop(std::string url);
  /// The same request once more: over a connection of its own, or with another answer to who asks.
  [[nodiscard]] Step ask_again(Connection connection);
  [[nodiscard]] milliseconds time_limit() const;
  /// Whether the image is whole by its own end mark, though its server then fell silent: the cause.
  [[nodiscard]] bool came_whole(Cause cause) const;
  // Half images (half_image.h).
  [[nodiscard]] AnswerHeader answer_header() const;
  void take_half();
  void note_half();
  void drop_half();
  [[nodiscard]] std::shared_ptr<HalfImage> set_aside();
  [[nodiscard]] Step broken_off(Cause cause);
  [[nodiscard]] Step start_over();
  [[nodiscard]] Step unusable(Cause cause);

  [[nodiscard]] Step completed();
  [[nodiscard]] Step keep();
  /// The time of the image's file; nullopt: that of its download.
  [[nodiscard]] std::optional<std::chrono::sys_seconds> last_modified() const;
  [[nodiscard]] std::string robots_tag() const;
  [[nodiscard]] Step fail(Cause cause);
  [[nodiscard]] long http_status() const;

  const Shared shared_;
  TransferHandle handle_;
  GuardedTransfer guarded_;
  HeaderLimit header_limit_;
  UnheededLength length_;
  std::unique_ptr<ImageBody> body_;   ///< Null after it went with a task.
  std::optional<ImageVersion> half_;  ///< Of what body_ has, where the rest may come in another answer.
  RobotsFile robots_;

  ImageTask task_;
  const Referer referer_;
  HopHeaders headers_;
  std::uint32_t redirects_ = 0;
  MonoTime deadline_;               ///< Of the attempt, without the waits between its detours, and for the rate.
  std::uint64_t bytes_before_ = 0;  ///< Of the attempt: what hops brought that were broken off.
  Hop hop_;
  AttemptResult result_;
};

}  // namespace doutu
