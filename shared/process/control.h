// The control channel between the parent and one child: a SOCK_SEQPACKET pair, so messages keep their borders, and its
// end-of-file is the life line. One Message is one packet: the fixed part below, then `text` (at most kMaxText bytes),
// then at most three descriptors by SCM_RIGHTS. One thread per end.
//
// To a fetcher:      check_xpath, configure, fetch_page. The channel's end means: stop at once.
// From a fetcher:    xpath_checked, ready.
// To the downloader: configure, begin_account, lane_opened (memfd, data eventfd, space eventfd), page_assigned,
//                    page_put, lane_closed, page_failed, image_suspected, image_given_up, no_more_pages. The channel's
//                    end means: take nothing more, finish what is in hand, make the checkpoint, end.
// From the downloader: ready, page_recorded, lane_drained, settled, stopped_early, limit_reached, fatal.
//
// The doubts are a channel beside it, on which requests wait for doutu-decoder (image_doubted). Decoders read it one
// after the other; a request that was taken by one that died is gone. To a decoder its control channel is a life line
// only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/cause.h"
#include "shared/base/result.h"
#include "shared/base/unique_fd.h"

namespace doutu {

enum class MessageKind : std::uint32_t {
  configure = 1,    ///< text: CrawlSettings::encode(). To the downloader: attempt, 1 for the first of the run.
  check_xpath,      ///< text: an expression. Before configure.
  xpath_checked,    ///< text: what is wrong with it, in one line; empty: nothing.
  begin_account,    ///< account; text: template, pages and XPaths, each ended by NUL (AccountRequest).
  fetch_page,       ///< page, attempt; text: URL.
  ready,            ///< A fetcher has put its PageEnd (or just started); the downloader holds ledger and folder.
  lane_opened,      ///< generation; three descriptors.
  page_assigned,    ///< page, attempt, generation; text: URL.
  page_put,         ///< page, attempt, generation: its fetcher says that the lane has all of it.
  lane_closed,      ///< generation: its producer is dead; take what was published.
  lane_drained,     ///< generation: everything published is recorded, the lane is forgotten.
  image_suspected,  ///< image: was in flight when a downloader crashed; it runs alone.
  image_given_up,   ///< image: crashed too many downloaders; fails as image-kills-downloader.
  page_failed,      ///< page, attempt, cause, http_status; text: URL. The parent has given the page up.
  page_recorded,    ///< page, attempt, cause, http_status, images, retry_after_seconds, elsewhere. Answers page_failed
                    ///< too.
  no_more_pages,    ///< Every page of the account is recorded.
  settled,          ///< Nothing is pending, the checkpoint is made.
  stopped_early,    ///< Ended by itself and can be continued; text: why.
  limit_reached,    ///< The same, because of a limit that the user has set.
  fatal,            ///< Cannot go on; text: why, in one line for the user.
  image_doubted,  ///< image, for log lines; text: "jpeg", "png" or "gif"; two descriptors: the image's file, read from
                  ///< its beginning, and a stream socket for the answer (wholeness.h).
};

struct Message {
  MessageKind kind{};
  std::uint32_t attempt = 0;
  std::uint64_t page = 0;
  std::uint64_t generation = 0;  ///< Of a lane; never used twice in a run.
  std::int64_t account = 0;
  std::int64_t image = 0;
  Cause cause = Cause::none;
  std::uint16_t http_status = 0;
  std::uint32_t images = 0;               ///< Hits of a page.
  std::uint32_t retry_after_seconds = 0;  ///< 0: the server named none.
  bool elsewhere = false;                 ///< The page was redirected to another host, which ended it.
  std::string text;
  std::vector<UniqueFd> fds;
};

/// A message of that kind, the fields that it does not need left at their defaults.
[[nodiscard]] inline Message message_of(MessageKind kind, std::string text = "") {
  Message message;
  message.kind = kind;
  message.text = std::move(text);
  return message;
}

inline constexpr std::size_t kMaxText = std::size_t{64} * 1024;

enum class SendResult { ok, would_block, closed };

/// One end of a channel; non-blocking, close-on-exec.
class ControlChannel {
 public:
  /// Both ends of a new channel.
  static Result<std::pair<ControlChannel, ControlChannel>> create();
  explicit ControlChannel(UniqueFd fd) : fd_(std::move(fd)) {}

  /// Sends one message; the descriptors in fds are duplicated into the packet and stay with the caller.
  SendResult send(const Message& message, const std::vector<int>& fds = {});

  enum class Received { message, nothing, closed, damaged };
  /// Reads one message without waiting.
  Received receive(Message& message);

  /// Waits until a message can be read or the deadline has passed; for programs with nothing else to wait for. With a
  /// negative timeout never `nothing`.
  Received wait_receive(Message& message, int timeout_ms);

  [[nodiscard]] int fd() const { return fd_.get(); }
  void close() { fd_.reset(); }

 private:
  UniqueFd fd_;
};

/// The descriptors that a child finds open when it starts.
inline constexpr int kControlFd = 3;
inline constexpr int kStatsFd = 4;
inline constexpr int kLaneFd = 5;  ///< Fetchers only: memfd, then the two eventfds.
inline constexpr int kLaneDataFd = 6;
inline constexpr int kLaneSpaceFd = 7;
inline constexpr int kDoubtsFd = 5;  ///< Decoders only: the doubts.

}  // namespace doutu
