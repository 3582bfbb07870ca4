// doutu: the parent.

#include <unistd.h>

#include <csignal>
#include <variant>

#include "crawler/command_line/command_line.h"
#include "crawler/demo/demo_site.h"
#include "crawler/probe/run_probe.h"
#include "crawler/run_crawl.h"
#include "crawler/status/run_status.h"
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

}  // namespace

int main(int argc, char** argv) {
  doutu::open_standard_descriptors();
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);  // what we inherited is not our children's
  std::signal(SIGPIPE, SIG_IGN);               // a reader that went away is a failed write, not the end of the crawl
  auto command = doutu::parse_command_line(argc, argv);
  return std::visit(Run{}, command);
}
