#include "downloader/store/incoming_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "shared/base/system_limits.h"

namespace doutu {

// The buffer is not cleared: pages that no image needs stay untouched.
IncomingFile::IncomingFile(int folder)
    : folder_(folder), buffer_(std::make_unique_for_overwrite<std::array<std::byte, kBufferBytes>>()) {}

IncomingFile::~IncomingFile() { IncomingFile::discard(); }

void IncomingFile::begin(std::int64_t id) {
  discard();
  name_ = std::to_string(id);
}

Status IncomingFile::append(std::span<const std::byte> bytes) {
  if (buffered_ + bytes.size() > buffer_->size() || bytes.size() >= kLargeBytes) {
    if (auto flushed = flush(); !flushed) return flushed;
  }
  if (buffered_ == 0 && bytes.size() >= kLargeBytes) return write(bytes);
  std::memcpy(buffer_->data() + buffered_, bytes.data(), bytes.size());
  buffered_ += bytes.size();
  return {};
}

Status IncomingFile::finish(std::optional<std::chrono::sys_seconds> modified) {
  if (auto flushed = flush(); !flushed) return flushed;
  if (modified) set_time(*modified);
  // Delayed errors of network file systems and quotas come with close.
  if (::close(file_.release()) != 0 && errno != EINTR) {
    const int code = errno;
    ::unlinkat(folder_, name_.c_str(), 0);
    return error_with_limit("close " + name_, code);
  }
  return {};
}

Result<UniqueFd> IncomingFile::open_for_reading() {
  if (auto flushed = flush(); !flushed) return std::move(flushed).error();
  UniqueFd reader(::openat(folder_, name_.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!reader.valid()) return error_with_limit("open " + name_);
  return reader;
}

void IncomingFile::discard() {
  buffered_ = 0;
  if (!file_.valid()) return;
  ::unlinkat(folder_, name_.c_str(), 0);
  file_.reset();
}

/// A file without it is as good: nobody is told where the file system refuses.
void IncomingFile::set_time(std::chrono::sys_seconds modified) const {
  const std::array<timespec, 2> times = {
      {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = modified.time_since_epoch().count(), .tv_nsec = 0}}};
  ::futimens(file_.get(), times.data());
}

Status IncomingFile::flush() { return write(std::span(*buffer_).first(std::exchange(buffered_, 0))); }

Status IncomingFile::write(std::span<const std::byte> bytes) {
  if (!file_.valid()) {
    if (auto opened = open(); !opened) return opened;
  }
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return error_with_limit("write " + name_);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Status IncomingFile::open() {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  file_.reset(::openat(folder_, name_.c_str(), kFlags, 0666));
  // One of an earlier run, or whatever was planted there, gives way.
  if (!file_.valid() && errno == EEXIST && ::unlinkat(folder_, name_.c_str(), 0) == 0)
    file_.reset(::openat(folder_, name_.c_str(), kFlags, 0666));
  if (!file_.valid()) return error_with_limit("create " + name_);
  return {};
}

}  // namespace doutu
