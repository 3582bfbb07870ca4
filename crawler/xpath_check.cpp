#include "crawler/xpath_check.h"

#include <cerrno>

#include "shared/base/escape.h"

namespace doutu {
namespace {

Error no_answer(StartedChild& fetcher, ControlChannel::Received received, seconds patience) {
  using Received = ControlChannel::Received;
  const std::string what = "cannot check the XPath: doutu-fetcher ";
  if (received == Received::closed) return Error{what + "ended with " + fetcher.process.wait().in_words()};
  if (received == Received::nothing) {
    return Error{what + "gave no answer in " + std::to_string(patience.count()) + " s", ETIMEDOUT};
  }
  return Error{what + "gave an answer that means nothing"};
}

}  // namespace

Result<std::optional<std::string>> xpath_problem(StartedChild& fetcher, const std::vector<std::string>& expressions,
                                                 seconds patience) {
  for (const std::string& expression : expressions) {
    Message message = message_of(MessageKind::check_xpath, expression);
    if (fetcher.channel.send(message) == SendResult::would_block) {
      return Error{"cannot check the XPath: the system has no memory for a message", ENOMEM};
    }
    const auto received = fetcher.channel.wait_receive(message, static_cast<int>(milliseconds(patience).count()));
    const bool is_answer = received == ControlChannel::Received::message && message.kind == MessageKind::xpath_checked;
    if (!is_answer) return no_answer(fetcher, received, patience);
    if (!message.text.empty()) return std::optional(escape_for_terminal(message.text));
  }
  return std::optional<std::string>();
}

}  // namespace doutu
