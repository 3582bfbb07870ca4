#include "crawler/view/rotating_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace doutu {
namespace {

std::string name_of(std::size_t age) { return age == 0 ? "crawl.log" : fmt::format("crawl.{}.log", age); }

}  // namespace

Result<RotatingLog> RotatingLog::open(const StateFolder& folder, std::uint64_t max_bytes, std::size_t old_files) {
  RotatingLog log(folder, max_bytes, old_files);
  const auto before = folder.facts_of(name_of(0));
  // What has another name as well (a backup made by cp -al, or somebody else's file) stays as it is.
  if (before && before->names > 1) {
    if (Status rotated = log.rotate(); !rotated) return std::move(rotated).error();
    return log;
  }
  auto file = folder.open_or_make(name_of(0), O_APPEND);
  if (!file) return std::move(file).error();
  log.file_ = *std::move(file);
  log.bytes_ = before ? before->bytes : 0;
  return log;
}

void RotatingLog::write(std::string_view line) {
  if (bytes_ + line.size() > max_bytes_) {
    bytes_ = 0;  // Where there is no room for another, the old one goes on as long again.
    (void)rotate();
  }
  const ssize_t written = ::write(file_.get(), line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) {
    bytes_ += line.size();
  } else if (written > 0) {
    const off_t end = ::lseek(file_.get(), 0, SEEK_END);
    [[maybe_unused]] const int cut = ::ftruncate(file_.get(), end - written);
  }
}

Status RotatingLog::rotate() {
  for (std::size_t age = old_files_; age > 0; --age) (void)folder_->rename(name_of(age - 1), name_of(age));
  auto file = folder_->make_afresh(name_of(0));
  if (!file) return std::move(file).error();
  file_ = *std::move(file);
  bytes_ = 0;
  return {};
}

}  // namespace doutu
