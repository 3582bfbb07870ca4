// LoopDisk: an ext4 file system of a test's own in a file (root, mkfs.ext4 and a loop device), so that the disk can
// lose what the page cache still has.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/site/temporary_folder.h"

namespace doutu {

class LoopDisk {
 public:
  LoopDisk() {
    std::filesystem::create_directory(path());
    // The namespace is this thread's, and inherited by mount.
    is_mounted_ =
        ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
        std::system(fmt::format("( truncate -s 16M {0} && mkfs.ext4 -q {0} && mount -o loop {0} {1} ) 2>/dev/null",
                                image(), path())
                        .c_str()) == 0;  // NOLINT(cert-env33-c): a fixed command
  }
  LoopDisk(const LoopDisk&) = delete;
  LoopDisk& operator=(const LoopDisk&) = delete;
  ~LoopDisk() {
    if (is_mounted_) ::umount2(path().c_str(), MNT_DETACH);
  }

  [[nodiscard]] std::string path() const { return folder_ / "disk"; }
  /// Why there is none; empty: there is.
  [[nodiscard]] std::string why_unavailable() const { return is_mounted_ ? "" : "no loop device that can be mounted"; }

  /// The disk has zeros where it had these bytes, whatever the page cache says.
  void lose(const std::string& bytes) const {
    std::fstream disk(image(), std::ios::in | std::ios::out | std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(disk), {}};
    const auto at = all.find(bytes);
    ASSERT_NE(at, std::string::npos);
    disk.clear();
    disk.seekp(static_cast<std::streamoff>(at));
    disk << std::string(bytes.size(), '\0');
    ASSERT_TRUE(disk.flush());
  }

 private:
  [[nodiscard]] std::string image() const { return folder_ / "image"; }

  TemporaryFolder folder_;
  bool is_mounted_ = false;
};

}  // namespace doutu
