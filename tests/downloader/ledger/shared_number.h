// SharedNumber: what a child says of how far it has come, and its parent reads when it is dead. Tests.
#pragma once

#include <sys/mman.h>

#include <new>

namespace doutu {

class SharedNumber {
 public:
  SharedNumber()
      : value_(new (::mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) int(0)) {}
  ~SharedNumber() { ::munmap(value_, sizeof(int)); }
  SharedNumber(const SharedNumber&) = delete;
  SharedNumber& operator=(const SharedNumber&) = delete;

  void set(int value) { *value_ = value; }
  [[nodiscard]] int get() const { return *value_; }

 private:
  int* value_;
};

}  // namespace doutu
