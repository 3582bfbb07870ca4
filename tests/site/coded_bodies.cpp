#include "tests/site/coded_bodies.h"

#include <boost/crc.hpp>

namespace doutu {
namespace {

using namespace std::string_literals;

/// Magic, method deflate, no flags, no time, unknown system.
const std::string kGzipHead = "\x1f\x8b\x08\0\0\0\0\0\0\xff"s;

std::string little_endian(std::size_t value, int bytes) {
  std::string text;
  for (; bytes > 0; --bytes, value >>= 8U) text += static_cast<char>(value & 0xFFU);
  return text;
}

}  // namespace

std::string gzip(std::string_view bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  const std::size_t size = bytes.size();
  return kGzipHead + '\x01' + little_endian(size, 2) + little_endian(~size, 2) + std::string(bytes) +
         little_endian(crc.checksum(), 4) + little_endian(size, 4);
}

std::string brotli(std::string_view bytes) {
  // From the lowest bit: a window of 64 KiB (0), not the last meta-block (0), the length in 4 nibbles (00), the length
  // less one, uncompressed (1); then a meta-block that is last and empty.
  return little_endian((bytes.size() - 1) << 4U | 1U << 20U, 3) + std::string(bytes) + '\x03';
}

std::string gzip_bomb(std::size_t bytes) {
  // One dynamic block that begins with an "a"; from there on each zero byte is four times "the last byte, 258 times".
  return kGzipHead + "\xed\xc1\x31\x01\0\0\0\xc2\xa0\xac\xeb\x5f\xc2\x0c\xfe\x40\x01"s +
         std::string(bytes / 1000 + 1, '\0');
}

}  // namespace doutu
