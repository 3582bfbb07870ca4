#include "shared/process/stats_page.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <new>
#include <utility>

#include "shared/base/system_limits.h"

namespace doutu {
namespace {

Result<StatsPage*> map(int fd) {
  void* memory = ::mmap(nullptr, sizeof(StatsPage), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return error_with_limit("cannot map a stats page");
  return static_cast<StatsPage*>(memory);
}

}  // namespace

std::size_t failure_slot(Cause cause, int http_status) {
  const bool has_own = cause == Cause::http_status && http_status > 0 && http_status < 600;
  return has_own ? kCauseCount + static_cast<std::size_t>(http_status) : static_cast<std::size_t>(cause);
}

std::string failure_slot_name(std::size_t slot) {
  if (slot >= kCauseCount) return cause_name(Cause::http_status, static_cast<int>(slot - kCauseCount));
  return cause_name(static_cast<Cause>(slot));
}

SharedStats::SharedStats(UniqueFd fd, StatsPage* page) : fd_(std::move(fd)), page_(page) {}

SharedStats::SharedStats(SharedStats&& other) noexcept
    : fd_(std::move(other.fd_)), page_(std::exchange(other.page_, nullptr)) {}

SharedStats& SharedStats::operator=(SharedStats&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(page_, other.page_);
  return *this;
}

SharedStats::~SharedStats() {
  if (page_ != nullptr) ::munmap(page_, sizeof(StatsPage));
}

Result<SharedStats> SharedStats::create() {
  UniqueFd fd(::memfd_create("doutu-stats", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  // Allocated here, so that a full memory file system is an error now and not a SIGBUS in the night.
  if (!fd.valid() || ::fallocate(fd.get(), 0, 0, sizeof(StatsPage)) != 0 ||
      ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return error_with_limit("cannot create a stats page");
  }
  auto page = map(fd.get());
  if (!page) return std::move(page).error();
  new (*page) StatsPage();
  return SharedStats(std::move(fd), *page);
}

Result<SharedStats> SharedStats::attach(int fd) {
  UniqueFd owned(fd);
  struct stat about {};
  if (::fstat(fd, &about) != 0) return system_error("no stats page was handed over");
  if (static_cast<std::size_t>(about.st_size) != sizeof(StatsPage)) return Error{"the stats page has another size", 0};
  auto page = map(fd);
  if (!page) return std::move(page).error();
  if ((*page)->magic != StatsPage::kMagic || (*page)->version != StatsPage::kVersion) {
    ::munmap(*page, sizeof(StatsPage));
    return Error{"the stats page has another layout", 0};
  }
  return SharedStats(std::move(owned), *page);
}

}  // namespace doutu
