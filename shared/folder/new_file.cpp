#include "shared/folder/new_file.h"

#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace doutu {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10U;

}  // namespace

NewFile::NewFile(const StateFolder& folder, std::string name)
    : folder_(folder), name_(std::move(name)), temporary_(name_ + ".new") {
  auto file = folder_.make_afresh(temporary_);
  if (file) {
    file_ = *std::move(file);
  } else {
    trouble_ = std::move(file).error();
  }
}

NewFile::~NewFile() {
  if (!placed_ && file_.valid()) (void)folder_.remove(temporary_);
}

void NewFile::add_line(const std::string& text) {
  buffer_.append(text).push_back('\n');
  if (buffer_.size() >= kBufferBytes) flush();
}

void NewFile::flush() {
  const std::string bytes = std::exchange(buffer_, {});
  for (std::string_view left = bytes; !left.empty() && !trouble_;) {
    const ssize_t count = ::write(file_.get(), left.data(), left.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      trouble_ = system_error(folder_.path_of(temporary_));
    } else {
      left.remove_prefix(static_cast<std::size_t>(count));
    }
  }
}

Status NewFile::publish_durably() {
  flush();
  if (!trouble_ && ::fsync(file_.get()) != 0) trouble_ = system_error(folder_.path_of(temporary_));
  Status published = publish();
  if (published && ::fsync(folder_.fd()) != 0) published = system_error(folder_.path_of(""));
  return published;
}

Status NewFile::publish() {
  flush();
  if (trouble_) return *trouble_;
  // Delayed errors of network file systems and quotas come with close.
  const int fd = file_.get();
  if (::close(fd) != 0 && errno != EINTR) trouble_ = system_error(folder_.path_of(temporary_));
  (void)file_.release();
  Status renamed = trouble_ ? Status(*trouble_) : folder_.rename(temporary_, name_);
  placed_ = renamed.ok();
  if (!placed_) (void)folder_.remove(temporary_);
  return renamed;
}

}  // namespace doutu
