// plant(): what another user, an archive that was unpacked or a hostile share may have put in place of a file of ours.
// Any thread.
#pragma once

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

namespace doutu {

enum class Planted { link, dangling_link, fifo, folder, socket, device };
inline constexpr std::array kPlanted = {Planted::link,   Planted::dangling_link, Planted::fifo,
                                        Planted::folder, Planted::socket,        Planted::device};

/// What a message calls it.
inline std::string word_for(Planted planted) {
  constexpr std::array kWords = {"a symbolic link", "a symbolic link", "a FIFO", "a folder", "a socket", "a device"};
  return kWords.at(static_cast<std::size_t>(planted));
}

inline bool plant_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  std::memcpy(&address.sun_path, path.c_str(), path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return bound;
}

/// In place of whatever is at path. victim: a file elsewhere. False: it takes root, or a shorter path.
inline bool plant(Planted planted, const std::string& path, const std::string& victim) {
  namespace fs = std::filesystem;
  fs::remove_all(path);
  switch (planted) {
    case Planted::link:
      std::ofstream(victim) << "mine";
      return fs::create_symlink(victim, path), true;
    case Planted::dangling_link:
      fs::remove(victim);
      return fs::create_symlink(victim, path), true;
    case Planted::fifo:
      return ::mkfifo(path.c_str(), 0666) == 0;
    case Planted::folder:
      return fs::create_directory(path) && (std::ofstream(path + "/file") << "x").good();
    case Planted::socket:
      return plant_socket(path);
    case Planted::device:
      return ::mknod(path.c_str(), S_IFCHR | 0666, makedev(1, 5)) == 0;  // /dev/zero, which has no end
  }
  return false;
}

/// Nothing was written to the victim, and none was made.
inline bool is_untouched(Planted planted, const std::string& victim) {
  std::ifstream file(victim);
  std::string text;
  std::getline(file, text);
  return planted == Planted::link ? text == "mine" : !std::filesystem::exists(victim);
}

}  // namespace doutu
