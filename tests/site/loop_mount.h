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

/// Of exFAT, by the kernel or by the program exfat-fuse: without owners and modes, everything open to all.
inline constexpr const char* kMountExfat =
    "exfat() { mount -o loop,umask=000 $1 $2 || mount -t exfat-fuse -o loop,umask=000 $1 $2; }; exfat";

class LoopMount {
 public:
  /// place: a folder, made here. mkfs and mount: commands, which the image, and the image and the place, follow.
  LoopMount(const std::string& image, std::string place, const std::string& megabytes, const std::string& mkfs,
            const std::string& mount = "mount -o loop")
      : place_(std::move(place)) {
    std::filesystem::create_directories(place_);
    const std::string command = fmt::format("( truncate {0} -s {2}M && {3} {0} && {{ {4} {0} {1}; }} ) >/dev/null 2>&1",
                                            image, place_, megabytes, mkfs, mount);
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
