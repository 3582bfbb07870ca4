// SupervisedChild: a Child that is a program. It delivers the child's messages, its log and its end. What its death
// means is for the owner (crawl.h) to say. Lives on the parent's one thread and io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crawler/children/child_host.h"
#include "crawler/children/started_child.h"

namespace doutu {

class SupervisedChild final : public Child {
 public:
  SupervisedChild(boost::asio::io_context& io, StartedChild child, ChildEvents events);
  /// Kills and reaps a child that is still there.
  ~SupervisedChild() override;

  void send(Message message, std::vector<int> fds) override;
  void close() override;
  void signal(int number) override { process_.signal(number); }
  void allow_processor_time(seconds more) override { process_.allow_processor_time(more); }

  [[nodiscard]] pid_t pid() const override { return process_.pid(); }
  [[nodiscard]] const StatsPage& stats() const override { return *stats_; }

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
  ChildEvents events_;
  std::deque<std::pair<Message, std::vector<int>>> unsent_;
  std::string log_line_;
  // Watch copies of the descriptors that the owners above keep open.
  Descriptor control_, pidfd_, log_;
  // Handlers hold it weakly, so that one that was already queued finds out that the object is gone.
  std::shared_ptr<SupervisedChild*> self_ = std::make_shared<SupervisedChild*>(this);
};

}  // namespace doutu
