#include "shared/robots/robots_book.h"

#include <utility>

namespace doutu {
namespace {

/// Of an entry, beside its rules.
constexpr std::size_t kEntryBytes = 200;

}  // namespace

void RobotsBook::put(const std::string& server, Rules rules, MonoTime until) {
  const auto bytes_of = [&server](const Rules& of) { return kEntryBytes + server.size() + of->bytes(); };
  if (const auto old = entries_.find(server); old != entries_.end()) {
    bytes_ -= bytes_of(old->second.rules);
    entries_.erase(old);
  }
  const std::size_t more = bytes_of(rules);
  if (bytes_ + more > kMostBytes) {
    entries_.clear();
    bytes_ = 0;
  }
  bytes_ += more;
  entries_.insert_or_assign(server, Entry{std::move(rules), until});
}

RobotsBook::Rules RobotsBook::find(const std::string& server, MonoTime now) const {
  const auto entry = entries_.find(server);
  return entry == entries_.end() || entry->second.until <= now ? nullptr : entry->second.rules;
}

}  // namespace doutu
