#include "crawler/children/site_address.h"

#include <cerrno>
#include <csignal>

#include "crawler/children/run_and_capture.h"
#include "shared/process/child_process.h"
#include "shared/url/private_address.h"

namespace doutu {
namespace {

constexpr int kAttempts = 3;

}  // namespace

Result<std::string> private_site_host(const std::string& host, const HttpOptions& http) {
  if (http.allow_private) return std::string();
  if (const auto literal = is_private_host(host, Lookup::literal)) return *literal ? host : std::string();
  if (!http.proxy.empty()) return std::string();
  const std::string program = companion_program("doutu-fetcher");
  for (int attempt = 1;; ++attempt) {
    const auto answer = run_and_capture({.program = program, .arguments = {"--site-address", host}});
    if (!answer && answer.error().code == ETIMEDOUT) return std::string();
    if (!answer) return Error{answer.error()}.within("cannot look up the host of the URL");
    if (answer->exit.signal == SIGKILL && attempt < kAttempts) continue;  // somebody's kill says nothing about it
    const bool is_private = answer->exit.signal == 0 && answer->exit.status == 0 && answer->text == "private\n";
    return is_private ? host : std::string();
  }
}

}  // namespace doutu
