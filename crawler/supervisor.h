// Supervised: the parent's hold on one child program. Delivers its messages, its log and its end, sees to its
// heartbeat. What its death means is for the owner (crawl.h) to say. Lives on the parent's one thread and io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crawler/started_child.h"
#include "shared/base/clock.h"

namespace doutu {

class Supervised {
 public:
  struct Events {
    std::function<void(Message&)> on_message;
    /// The last event. Everything that the child had sent before its end was delivered.
    std::function<void(Exit)> on_exit;
    std::function<void(std::string_view line)> on_log;
  };

  Supervised(boost::asio::io_context& io, StartedChild child, Events events);
  /// Kills and reaps a child that is still there; no event comes after this.
  ~Supervised();

  /// Keeps the message until the child takes it. Descriptors must stay open until then.
  void send(Message message, std::vector<int> fds = {});
  /// Ends the channel: tells the child to finish.
  void close_channel();
  void signal(int number) const { process_.signal(number); }
  void allow_processor_time(seconds more) const { process_.allow_processor_time(more); }

  [[nodiscard]] pid_t pid() const { return process_.pid(); }
  [[nodiscard]] const StatsPage& stats() const { return *stats_; }
  /// The oldest sign of life of its threads; before the first, when it was taken over.
  [[nodiscard]] MonoTime last_beat() const;

 private:
  using Descriptor = boost::asio::posix::stream_descriptor;

  void wait_for_message();
  void wait_for_room();
  void wait_for_log();
  void wait_for_end();
  void deliver_messages(int most);
  void deliver_log();
  void finish();
  void flush();

  ChildProcess process_;
  ControlChannel channel_;
  SharedStats stats_;
  Events events_;
  const MonoTime started_ = mono_now();
  std::deque<std::pair<Message, std::vector<int>>> unsent_;
  std::string log_line_;
  // Watch copies of the descriptors that the owners above keep open.
  Descriptor control_, pidfd_, log_;
  // Handlers hold it weakly, so that one that was already queued finds out that the object is gone.
  std::shared_ptr<Supervised*> self_ = std::make_shared<Supervised*>(this);
};

}  // namespace doutu
