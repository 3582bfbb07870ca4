// ChildHost: starts a crawl's children. Child: the parent's hold on one of them. The crawl knows its children by these
// two interfaces alone. Real children are programs (process_host.h). Tests have others, which live in the test's own
// thread. The parent's thread; no event comes within a call to the host or to a child.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/result.h"
#include "shared/lane/shared_lane.h"
#include "shared/process/child_process.h"
#include "shared/process/messages.h"
#include "shared/process/stats_page.h"

namespace doutu {

enum class ChildRole { downloader, fetcher, decoder };

/// What a child's owner is told of it.
struct ChildEvents {
  std::function<void(Message&)> on_message;
  /// The last event. Everything that the child had sent before its end was delivered. May destroy the child.
  std::function<void(Exit)> on_exit;
  std::function<void(std::string_view line)> on_log;
};

/// One child that runs. Its destructor kills it; no event comes after that.
class Child {
 public:
  virtual ~Child() = default;

  /// Keeps the message until the child takes it. Descriptors must stay open until then.
  virtual void send(Message message, std::vector<int> fds) = 0;
  void send(Message message) { send(std::move(message), {}); }
  virtual void signal(int number) = 0;
  /// Ends the channel: tells the child to finish.
  virtual void close() = 0;
  /// SIGXCPU ends it when it has used so much more processor time than until now.
  virtual void allow_processor_time(seconds more) = 0;

  [[nodiscard]] virtual pid_t pid() const = 0;
  [[nodiscard]] virtual const StatsPage& stats() const = 0;
};

/// A child that was started.
struct NewChild {
  std::unique_ptr<Child> child;
  LaneDescriptors lane{};        ///< Of a fetcher: its queue to the downloader.
  std::uint64_t generation = 0;  ///< Of that lane; never used twice.
};

class ChildHost {
 public:
  virtual ~ChildHost() = default;

  /// An error when the system has no room for another, or the program is missing.
  virtual Result<NewChild> start(ChildRole role, ChildEvents events) = 0;

  /// Calls once, when a question for a decoder waits (decoder_on_call.h). Only after a downloader was started. False:
  /// it cannot be told when.
  [[nodiscard]] virtual bool wait_for_doubt(std::function<void()> then) = 0;
  /// Drops the questions that wait, which answers them: nobody can tell.
  virtual void drop_doubts() = 0;
};

}  // namespace doutu
