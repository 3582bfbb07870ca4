#include "crawler/new_file.h"

#include <cstdio>

namespace doutu {

NewFile::NewFile(const std::string& path) : path_(path), temporary_(path + ".new") {
  stream_.open(temporary_, std::ios::binary | std::ios::trunc);
}

NewFile::~NewFile() {
  if (!placed_) std::remove(temporary_.c_str());
}

Status NewFile::place() {
  stream_.close();
  if (!stream_) return system_error(temporary_);
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return system_error(path_);
  placed_ = true;
  return {};
}

}  // namespace doutu
