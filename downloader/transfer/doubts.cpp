#include "downloader/transfer/doubts.h"

#include <sys/socket.h>

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <utility>

#include "shared/base/log.h"

namespace doutu {
namespace {

/// One question that was sent: whichever comes first, the answer, the end of the socket, or the end of patience.
struct Asked {
  explicit Asked(boost::asio::io_context& io) : socket(io), timer(io) {}
  boost::asio::local::stream_protocol::socket socket;
  boost::asio::steady_timer timer;
  char answer = 0;
};

}  // namespace

Status Doubts::ask(std::int64_t image, std::string_view type, UniqueFd file, Answered answered) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) return system_error("socketpair", errno);
  waiting_.push_back({.image = image,
                      .type = std::string(type),
                      .file = std::move(file),
                      .answer = UniqueFd(pair[0]),
                      .ours = UniqueFd(pair[1]),
                      .answered = std::move(answered)});
  send_more();
  return {};
}

void Doubts::send_more() {
  while (asked_ < kMaxAsked && !waiting_.empty()) {
    Question question = std::move(waiting_.front());
    waiting_.pop_front();
    const SendResult sent = channel_.send(ImageDoubted{.image = question.image, .type = question.type},
                                          {question.file.get(), question.answer.get()});
    // Not sent, its answer ends at once.
    if (sent != SendResult::ok) log_warning("image {}: cannot send it to the decoder", question.image);
    ++asked_;
    wait_for_answer(std::move(question));
  }
}

void Doubts::wait_for_answer(Question question) {
  question.file.reset();
  question.answer.reset();
  const auto asked = std::make_shared<Asked>(io_);
  asked->socket.assign(boost::asio::local::stream_protocol(), question.ours.release());
  asked->timer.expires_after(kPatience);
  asked->timer.async_wait([asked](const boost::system::error_code& error) {
    if (!error) asked->socket.close();
  });
  boost::asio::async_read(
      asked->socket, boost::asio::buffer(&asked->answer, 1),
      [this, asked, answered = std::move(question.answered)](const boost::system::error_code& error, std::size_t) {
        asked->timer.cancel();
        --asked_;
        send_more();
        const bool is_whole = !error && asked->answer == static_cast<char>(Wholeness::whole);
        answered(is_whole ? Wholeness::whole : Wholeness::not_whole);
      });
}

}  // namespace doutu
