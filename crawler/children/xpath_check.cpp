#include "crawler/children/xpath_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "shared/base/escape.h"

namespace doutu {
namespace {

Error no_answer(StartedChild& fetcher, ControlChannel::Received received, seconds patience) {
  using Received = ControlChannel::Received;
  const std::string what = "cannot check the XPath: doutu-fetcher ";
  if (received == Received::closed) return Error{what + "ended with " + fetcher.process.wait().to_text()};
  if (received == Received::nothing) {
    return Error{fmt::format("{}did not start within {} s; the machine may be overloaded, its disk may not respond, "
                             "or the process may be stopped; run the same command again later",
                             what, patience.count()),
                 ETIMEDOUT};
  }
  return Error{what + "sent an invalid answer"};
}

/// Says after a while that it waits.
ControlChannel::Received wait_for(StartedChild& fetcher, Message& answer, seconds patience, seconds silent) {
  const auto in_milliseconds = [](seconds time) { return static_cast<int>(milliseconds(time).count()); };
  const seconds first = std::min(silent, patience);
  const auto received = fetcher.channel.wait_receive(answer, in_milliseconds(first));
  if (received != ControlChannel::Received::nothing || first == patience) return received;
  std::fprintf(stderr,
               "doutu: doutu-fetcher has not started after %d s, the machine may be busy; waiting up to %d s more\n",
               static_cast<int>(first.count()), static_cast<int>((patience - first).count()));
  return fetcher.channel.wait_receive(answer, in_milliseconds(patience - first));
}

}  // namespace

Result<std::optional<std::string>> xpath_problem(StartedChild& fetcher, const std::vector<std::string>& expressions,
                                                 seconds patience, seconds silent) {
  for (const std::string& expression : expressions) {
    Message message = CheckXpath{expression};
    if (fetcher.channel.send(message) == SendResult::would_block) {
      return Error{"cannot check the XPath: the system is out of memory", ENOMEM};
    }
    const auto received = wait_for(fetcher, message, patience, silent);
    const auto* const answer = std::get_if<XpathChecked>(&message);
    if (received != ControlChannel::Received::message || answer == nullptr) {
      return no_answer(fetcher, received, patience);
    }
    if (!answer->error.empty()) return std::optional(escape_for_terminal(answer->error));
  }
  return std::optional<std::string>();
}

}  // namespace doutu
