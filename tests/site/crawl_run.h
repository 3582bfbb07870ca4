// CrawlRun: the real program, started as a user starts it, in a process group and with output files of its own. Every
// wait has a watchdog that kills the program and fails the test. One thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "tests/site/processes.h"
#include "tests/site/temporary_folder.h"

namespace doutu {

/// How a program ended.
struct Ended {
  int status = -1;  ///< Exit status; 128 + number when a signal killed it, as a shell says.
  std::string out;
  std::string err;
};

class CrawlRun {
 public:
  /// Starts `doutu arguments...`; environment is added to this process's. program: a copy of doutu with other siblings.
  explicit CrawlRun(const std::vector<std::string>& arguments, const std::string& working_folder = "",
                    const std::map<std::string, std::string>& environment = {}, const std::string& program = "");
  CrawlRun(const CrawlRun&) = delete;
  CrawlRun& operator=(const CrawlRun&) = delete;
  /// Kills it if it still runs.
  ~CrawlRun();

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  /// Children that run this program: "doutu-fetcher", "doutu-downloader".
  [[nodiscard]] std::vector<pid_t> children(const std::string& program) const;
  /// The same, waited for until there is one.
  [[nodiscard]] pid_t child(const std::string& program) const;

  [[nodiscard]] bool running();
  Ended wait(std::chrono::seconds limit = std::chrono::seconds(60));
  /// What it has written so far.
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;

 private:
  bool reap();

  TemporaryFolder output_;
  pid_t pid_ = -1;
  bool ended_ = false;
  int status_ = 0;
};

/// Runs `doutu arguments...` to its end.
Ended run_doutu(const std::vector<std::string>& arguments, const std::string& working_folder = "");

}  // namespace doutu
