#include "shared/process/fatal_exit.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <system_error>

namespace doutu {
namespace {

const char* prefix_of_all = "";

/// stderr has no buffer, so this needs no memory.
void say(const char* what, const LimitWords& limit = {}) {
  std::fprintf(stderr, "%s%s%s\n", prefix_of_all, what, limit.data());
}

[[noreturn]] void end() {
  try {
    if (const auto thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc& error) {
    say(to_text(error), limit_behind(error));
    std::_Exit(EXIT_FAILURE);
  } catch (const std::system_error& error) {
    say(to_text(error), limit_behind(error));
    std::_Exit(EXIT_FAILURE);
  } catch (const std::exception& error) {
    say(error.what());
  } catch (...) {
    say("bug: an unknown exception");
  }
  std::abort();
}

}  // namespace

void set_fatal_prefix(const char* prefix) {
  prefix_of_all = prefix;
  std::set_terminate(end);
}

const char* to_text(const std::exception& error) {
  const bool is_memory = dynamic_cast<const std::bad_alloc*>(&error) != nullptr;
  return is_memory ? "Cannot allocate memory" : error.what();  // strerror(ENOMEM), which may want memory
}

LimitWords limit_behind(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return limit_behind(ENOMEM);
  const auto* of_system = dynamic_cast<const std::system_error*>(&error);
  return of_system != nullptr ? limit_behind(of_system->code().value()) : LimitWords{};
}

}  // namespace doutu
