#include "crawler/new_file.h"

#include <cerrno>
#include <cstdio>

namespace doutu {

NewFile::NewFile(const std::string& path) : path_(path), temporary_(path + ".new") {
  stream_.open(temporary_, std::ios::binary | std::ios::trunc);
  if (!stream_) trouble_ = errno;
}

NewFile::~NewFile() {
  if (!placed_) std::remove(temporary_.c_str());
}

void NewFile::add_line(const std::string& text) {
  stream_ << text << '\n';
  if (!stream_ && trouble_ == 0) trouble_ = errno;
}

Status NewFile::place() {
  stream_.close();
  if (!stream_) return system_error(temporary_, trouble_ != 0 ? trouble_ : errno);
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return system_error(path_);
  placed_ = true;
  return {};
}

}  // namespace doutu
