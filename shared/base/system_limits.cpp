#include "shared/base/system_limits.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>

namespace doutu {
namespace {

enum class Unit { one, byte };

struct Kind {
  __rlimit_resource resource;
  const char* noun;
  char flag;  ///< Of `ulimit`.
  Unit unit;
};

Kind kind_of(SystemLimit limit) {
  switch (limit) {
    case SystemLimit::open_files:
      return {RLIMIT_NOFILE, "open files", 'n', Unit::one};
    case SystemLimit::tasks:
      return {RLIMIT_NPROC, "your processes and threads", 'u', Unit::one};
    case SystemLimit::file_size:
      return {RLIMIT_FSIZE, "file size", 'f', Unit::byte};
    case SystemLimit::address_space:
      return {RLIMIT_AS, "memory per process", 'v', Unit::byte};
    case SystemLimit::data:
      return {RLIMIT_DATA, "data per process", 'd', Unit::byte};
    case SystemLimit::stack:
      break;
  }
  return {RLIMIT_STACK, "stack size", 's', Unit::byte};
}

std::optional<SystemLimit> limit_of(int code) {
  switch (code) {
    case EMFILE:
      return SystemLimit::open_files;
    case EAGAIN:
      return value_of(SystemLimit::address_space) ? SystemLimit::address_space : SystemLimit::tasks;
    case EFBIG:
      return SystemLimit::file_size;
    case ENOMEM:
      return SystemLimit::address_space;
    default:
      return std::nullopt;
  }
}

LimitWords words(const char* prefix, SystemLimit limit, std::uint64_t value) {
  constexpr std::uint64_t kKiB = 1024;
  constexpr std::uint64_t kMiB = kKiB * kKiB;
  const Kind kind = kind_of(limit);
  const bool is_large = value >= 4 * kMiB;
  const std::uint64_t number = kind.unit == Unit::one ? value : value / (is_large ? kMiB : kKiB);
  const char* const unit = kind.unit == Unit::one ? "" : is_large ? " MiB" : " KiB";
  LimitWords text{};
  std::snprintf(text.data(), text.size(), "%sthe limit on %s is %" PRIu64 "%s (ulimit -%c)", prefix, kind.noun, number,
                unit, kind.flag);
  return text;
}

}  // namespace

std::optional<std::uint64_t> value_of(SystemLimit limit) {
  rlimit now{};
  if (limit == SystemLimit::tasks && ::getuid() == 0) return std::nullopt;
  if (::getrlimit(kind_of(limit).resource, &now) != 0 || now.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return now.rlim_cur;
}

LimitWords to_text(SystemLimit limit, std::uint64_t value) { return words("", limit, value); }

LimitWords limit_behind(int code) {
  const auto limit = limit_of(code);
  const auto value = limit ? value_of(*limit) : std::nullopt;
  return value ? words("; ", *limit, *value) : LimitWords{};
}

bool is_want(int code) { return code == EMFILE || code == ENFILE || code == ENOMEM || code == EAGAIN; }

Error error_with_limit(std::string_view what, int code) {
  Error error = system_error(what, code);
  error.message += limit_behind(code).data();
  return error;
}

}  // namespace doutu
