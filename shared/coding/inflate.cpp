#include "shared/coding/inflate.h"

#include <array>

#include "shared/base/throw_if_no_memory.h"

namespace doutu {

Inflate::Inflate(int window_bits) { throw_if_no_memory(::inflateInit2(&stream_, window_bits) == Z_OK); }
Inflate::~Inflate() { ::inflateEnd(&stream_); }

Inflate::Step Inflate::run(std::span<const char>& bytes, const BodySink& sink) {
  std::array<char, std::size_t{16} << 10U> out;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by zlib.
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib only reads it.
  stream_.avail_in = static_cast<uInt>(bytes.size());
  int result = Z_OK;
  while (result == Z_OK) {
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    result = ::inflate(&stream_, Z_NO_FLUSH);
    throw_if_no_memory(result != Z_MEM_ERROR);
    const std::size_t count = out.size() - stream_.avail_out;
    if (count > 0 && !sink(std::span(out).first(count))) return Step::refused;
  }
  bytes = bytes.last(stream_.avail_in);
  if (result == Z_STREAM_END) return ::inflateReset(&stream_), Step::ended;
  return result == Z_BUF_ERROR ? Step::more : Step::damaged;  // The input is used up, and nothing came of it.
}

}  // namespace doutu
