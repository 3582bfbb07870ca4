#include "crawler/fetcher/gzip_reader.h"

#include <array>

#include "shared/base/need.h"

namespace doutu {
namespace {

constexpr int kGzipOnly = 15 + 16;
constexpr unsigned char kFirstByte = 0x1f;

}  // namespace

GzipReader::GzipReader() { need(::inflateInit2(&stream_, kGzipOnly) == Z_OK); }
GzipReader::~GzipReader() { ::inflateEnd(&stream_); }

void GzipReader::begin() {
  ::inflateReset(&stream_);
  state_ = State::before;
}

GzipReader::Fed GzipReader::feed(std::span<const char> bytes, std::string& out, std::uint64_t max) {
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib only reads it.
  stream_.avail_in = static_cast<uInt>(bytes.size());
  while (stream_.avail_in > 0 && state_ != State::after) {
    if (state_ == State::between && *stream_.next_in != kFirstByte) {
      state_ = State::after;
      break;
    }
    state_ = State::within;
    if (const Fed fed = inflate_into(out, max); fed != Fed::ok) return fed;
  }
  return Fed::ok;
}

GzipReader::Fed GzipReader::inflate_into(std::string& out, std::uint64_t max) {
  std::array<char, 16384> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by zlib.
  stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
  stream_.avail_out = static_cast<uInt>(buffer.size());
  const int result = ::inflate(&stream_, Z_NO_FLUSH);
  const std::size_t count = buffer.size() - stream_.avail_out;
  if (out.size() + count > max) return Fed::too_large;
  out.append(buffer.data(), count);
  if (result == Z_STREAM_END) {
    ::inflateReset(&stream_);
    state_ = State::between;
    return Fed::ok;
  }
  // Z_BUF_ERROR: all input is used up and nothing came of it.
  return result == Z_OK || result == Z_BUF_ERROR ? Fed::ok : Fed::damaged;
}

}  // namespace doutu
