// LoopMount: a file system of a test's own in a file on a loop device, mounted in a mount namespace of its own thread.
// It takes root, a loop device and the program that makes it. One thread, and what it starts.
#pragma once

#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace doutu {

class LoopMount {
 public:
  /// place: a folder, made here. mkfs: a command, which the name of the file follows.
  LoopMount(const std::string& image, std::string place, const std::string& megabytes, const std::string& mkfs,
            const std::string& options = "loop")
      : place_(std::move(place)) {
    std::filesystem::create_directories(place_);
    const std::string command = fmt::format("( truncate {} -s {}M && {} {} && mount -o {} {} {} ) >/dev/null 2>&1",
                                            image, megabytes, mkfs, image, options, image, place_);
    is_mounted_ = ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                  std::system(command.c_str()) == 0;  // NOLINT(cert-env33-c): a command of the test's own
  }
  LoopMount(const LoopMount&) = delete;
  LoopMount& operator=(const LoopMount&) = delete;
  ~LoopMount() {
    if (is_mounted_) ::umount2(place_.c_str(), MNT_DETACH);
  }

  [[nodiscard]] bool is_mounted() const { return is_mounted_; }
  [[nodiscard]] const std::string& place() const { return place_; }

 private:
  const std::string place_;
  bool is_mounted_ = false;
};

}  // namespace doutu
