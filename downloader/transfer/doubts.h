// Doubts: asks doutu-decoder whether a doubtful image is whole. The decoder belongs to the parent, which starts one
// when a question waits and none runs. Nobody answers for a decoder that dies: the socket for the answer ends, and the
// image counts as not whole. One per transfer loop, on its thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "shared/base/clock.h"
#include "shared/base/result.h"
#include "shared/base/unique_fd.h"
#include "shared/process/control.h"
#include "shared/process/wholeness.h"

namespace doutu {

class Doubts {
 public:
  /// Called once, on the loop's thread, never within ask().
  using Answered = std::function<void(Wholeness)>;

  /// channel: where decoders find the questions of all loops (kDoubtsFd). Both outlive this.
  Doubts(boost::asio::io_context& io, ControlChannel& channel) : io_(io), channel_(channel) {}

  /// type: "jpeg", "png", "gif"; file: open for reading. An answer that does not come within kPatience is not_whole.
  /// Error (is_want()): the system has no descriptor for the question; no answer comes.
  Status ask(std::int64_t image, std::string_view type, UniqueFd file, Answered answered);

  /// Questions that wait for an answer; others wait here. So the channel takes those of all loops, and a process has
  /// few descriptors on their way.
  static constexpr std::size_t kMaxAsked = 4;
  /// A decoder gives an image up long before. Somebody may have stopped it.
  static constexpr seconds kPatience{300};

 private:
  struct Question {
    std::int64_t image = 0;
    std::string type;
    UniqueFd file;
    UniqueFd answer;  ///< The decoder's end,
    UniqueFd ours;    ///< and ours.
    Answered answered;
  };
  void send_more();
  void wait_for_answer(Question question);

  boost::asio::io_context& io_;
  ControlChannel& channel_;
  std::deque<Question> waiting_;
  std::size_t asked_ = 0;
};

}  // namespace doutu
