// doutu: the parent.

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <variant>

#include "crawler/command_line/command_line.h"
#include "crawler/commands/probe/run_probe.h"
#include "crawler/commands/run_status.h"
#include "crawler/demo/demo_site.h"
#include "crawler/run/run_crawl.h"
#include "crawler/text/standard_output.h"
#include "shared/process/fatal_exit.h"
#include "shared/process/standard_descriptors.h"

namespace {

struct Run {
  int operator()(doutu::CrawlCommand& command) const { return doutu::run_crawl(std::move(command)); }
  int operator()(doutu::DemoCommand& command) const { return doutu::run_demo(std::move(command)); }
  int operator()(doutu::StatusCommand& command) const { return doutu::run_status(command); }
  int operator()(const doutu::ProbeCommand& command) const { return doutu::run_probe(command); }
  int operator()(doutu::DemoSiteCommand&) const { return doutu::run_demo_site(); }
  int operator()(doutu::ExitCommand& command) const { return command.status; }
};

/// Of a crawl it says how the crawl ended, which outlives its terminal and has its summary in its log as well; any
/// other command failed when nobody can read what it had to say.
int status_after_printing(const doutu::Command& command, int status) {
  const doutu::Status printed = doutu::printed();
  if (printed) return status;
  std::fprintf(stderr, "doutu: %s\n", printed.error().message.c_str());
  const bool is_crawl =
      std::holds_alternative<doutu::CrawlCommand>(command) || std::holds_alternative<doutu::DemoCommand>(command);
  return is_crawl || status != 0 ? status : 1;
}

}  // namespace

int main(int argc, char** argv) {
  doutu::open_standard_descriptors();
  doutu::set_fatal_prefix("doutu: error: ");
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);  // what we inherited is not our children's
  std::signal(SIGPIPE, SIG_IGN);               // a reader that went away is a failed write, not the end of the crawl
  std::signal(SIGXFSZ, SIG_IGN);               // so is what `ulimit -f` forbids
  auto command = doutu::parse_command_line(argc, argv);
  const int status = std::visit(Run{}, command);
  return status_after_printing(command, status);
}
