// What checking an image costs: bytes per second, and nanoseconds per image of 4 KiB (the time of an iteration), by
// type and size. The bodies are of the right structure around random bytes, handed over in pieces of 16 KiB as curl
// does. Beside it, on a drawn picture of 4 KiB: libpng,
// which decodes it.
#include <benchmark/benchmark.h>
#include <png.h>
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "crawler/demo/draw_image.h"
#include "downloader/check/image_check.h"

namespace doutu {
namespace {

using namespace std::string_literals;

std::string big(std::size_t count, std::size_t value) {
  std::string bytes(count, '\0');
  for (std::size_t i = count; i > 0; --i, value >>= 8U) bytes[i - 1] = static_cast<char>(value & 0xFFU);
  return bytes;
}
std::string little(std::size_t count, std::size_t value) {
  const std::string bytes = big(count, value);
  return {bytes.rbegin(), bytes.rend()};
}

std::string random_bytes(std::size_t count) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same every time.
  std::string bytes(count, '\0');
  std::ranges::generate(bytes, [&] { return static_cast<char>(random()); });
  return bytes;
}

std::string jpeg(std::size_t bytes) {
  std::string data;
  for (const char byte : random_bytes(bytes - bytes / 256 - 40))
    data += byte == '\xff' ? "\xff\0"s : std::string(1, byte);
  return "\xff\xd8\xff\xc0\0\x0b\x08\0\x08\0\x08\1\1\x11\0\xff\xda\0\x08\1\1\0\0\x3f\0"s + data + "\xff\xd9";
}

std::string chunk(const std::string& type, const std::string& data) {
  const std::string content = type + data;
  const auto* bytes = reinterpret_cast<const unsigned char*>(content.data());
  return big(4, data.size()) + content + big(4, ::crc32_z(0, bytes, content.size()));
}
std::string png(std::size_t bytes) {
  std::string body = "\x89PNG\r\n\x1a\n"s + chunk("IHDR", big(4, 8) + big(4, 8) + "\x08\2\0\0\0"s);
  while (body.size() < bytes) body += chunk("IDAT", random_bytes(std::min<std::size_t>(bytes - body.size(), 8192)));
  return body + chunk("IEND", "");
}

std::string gif(std::size_t bytes) {
  std::string body = "GIF89a\x08\0\x08\0\0\0\0,\0\0\0\0\x08\0\x08\0\0\x08"s;
  while (body.size() < bytes) body += '\xff' + random_bytes(255);
  return body + "\0;"s;
}

std::string webp(std::size_t bytes) {
  return "RIFF" + little(4, bytes + 22) + "WEBPVP8 " + little(4, bytes + 10) + "\x10\0\0\x9d\1\x2a\x08\0\x08\0"s +
         random_bytes(bytes);
}

std::string avif(std::size_t bytes) {
  const auto box = [](const std::string& name, const std::string& content) {
    return big(4, content.size() + 8) + name + content;
  };
  const std::string location = box("iloc", "\0\0\0\0\x44\0\0\1\0\1\0\0\0\1"s + big(4, 200) + big(4, bytes - 200));
  const std::string size = box("iprp", box("ipco", box("ispe", "\0\0\0\0\0\0\0\x08\0\0\0\x08"s)));
  return box("ftyp", "avif\0\0\0\0mif1avif"s) + box("meta", "\0\0\0\0"s + location + size) +
         box("mdat", random_bytes(bytes));
}

std::string svg(std::size_t bytes) {
  std::string body = "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'>";
  while (body.size() < bytes) body += "<path d='M 10.5 20.25 L 30 40 Z' fill='#abcdef'/>\n";
  return body + "</svg>";
}

void check(benchmark::State& state, std::string (*make)(std::size_t)) {
  constexpr std::size_t kPiece = 16 << 10;
  const std::string body = make(static_cast<std::size_t>(state.range(0)));
  ImageCheck check;
  for ([[maybe_unused]] auto iteration : state) {
    check.begin();
    for (std::size_t at = 0; at < body.size(); at += kPiece) {
      benchmark::DoNotOptimize(check.feed(std::as_bytes(std::span(std::string_view(body).substr(at, kPiece)))));
    }
    if (check.finish(BodyEnd::announced) != Cause::none) state.SkipWithError("no whole image");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

BENCHMARK_CAPTURE(check, jpeg, jpeg)->Arg(4 << 10)->Arg(1 << 20);
BENCHMARK_CAPTURE(check, png, png)->Arg(4 << 10)->Arg(1 << 20);
BENCHMARK_CAPTURE(check, gif, gif)->Arg(4 << 10)->Arg(1 << 20);
BENCHMARK_CAPTURE(check, webp, webp)->Arg(4 << 10)->Arg(1 << 20);
BENCHMARK_CAPTURE(check, avif, avif)->Arg(4 << 10)->Arg(1 << 20);
BENCHMARK_CAPTURE(check, svg, svg)->Arg(4 << 10)->Arg(1 << 20);

BENCHMARK_CAPTURE(check, drawn_png, [](std::size_t) { return draw_image(1); })->Arg(4 << 10);

void decode_with_libpng(benchmark::State& state) {
  const std::string body = draw_image(1);
  std::vector<unsigned char> pixels;
  for ([[maybe_unused]] auto iteration : state) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_memory(&image, body.data(), body.size()) == 0) state.SkipWithError("no PNG");
    image.format = PNG_FORMAT_RGB;
    pixels.resize(PNG_IMAGE_SIZE(image));
    if (png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr) == 0) state.SkipWithError("no whole PNG");
    benchmark::DoNotOptimize(pixels.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(decode_with_libpng);

}  // namespace
}  // namespace doutu

BENCHMARK_MAIN();
