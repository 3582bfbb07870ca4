#include "crawler/demo/draw_image.h"

#include <algorithm>
#include <array>
#include <boost/crc.hpp>
#include <cstddef>
#include <string_view>

#include "shared/base/check.h"

namespace doutu {
namespace {

// --- The drawing: shapes on a square of 240 units, sampled 3 x 3 for each pixel.

struct Color {
  int red = 0, green = 0, blue = 0;
};

constexpr int kUnits = 240;
constexpr Color kWhite{252, 250, 245};
constexpr Color kInk{38, 34, 44};
constexpr Color kBlush{244, 150, 150};
constexpr std::array<Color, 9> kGrounds = {{{250, 200, 90},
                                            {120, 190, 235},
                                            {150, 210, 150},
                                            {240, 140, 120},
                                            {190, 160, 225},
                                            {110, 205, 195},
                                            {245, 175, 200},
                                            {170, 185, 210},
                                            {215, 205, 110}}};

Color mix(Color a, Color b, int percent_of_b) {
  const auto one = [&](int from, int to) { return from + (to - from) * percent_of_b / 100; };
  return {one(a.red, b.red), one(a.green, b.green), one(a.blue, b.blue)};
}

struct Point {
  int x = 0, y = 0;
};

bool in_ellipse(Point p, Point center, int width, int height) {
  const int dx = (p.x - center.x) * height;
  const int dy = (p.y - center.y) * width;
  return dx * dx + dy * dy <= width * width * height * height;
}

bool in_box(Point p, Point from, Point to) { return p.x >= from.x && p.x < to.x && p.y >= from.y && p.y < to.y; }

/// The features of a face, each from its own digits of the number.
struct Face {
  explicit Face(std::uint64_t number)
      : ground(kGrounds.at(number % 9)),
        eyes(static_cast<int>(number / 9 % 4)),
        mouth(static_cast<int>(number / 3 % 4)),
        hat(static_cast<int>(number / 2 % 5)),
        lean(static_cast<int>(number % 7) * 3 - 9) {}

  Color ground;
  int eyes, mouth, hat, lean;

  [[nodiscard]] bool eye(Point p, int side) const {
    const Point center{120 + side * 36 + lean, 128};
    switch (eyes) {
      case 0:
        return in_ellipse(p, center, 9, 12);
      case 1:
        return in_ellipse(p, center, 14, 4);
      case 2:
        return in_ellipse(p, center, 12, 12) && !in_ellipse(p, {center.x + 5, center.y - 5}, 5, 5);
      default:
        return in_ellipse(p, center, 14, 12) && !in_ellipse(p, {center.x, center.y + 7}, 15, 13);
    }
  }

  [[nodiscard]] bool mouth_at(Point p) const {
    const Point center{120 + lean, 176};
    switch (mouth) {
      case 0:
        return in_ellipse(p, center, 26, 18) && !in_ellipse(p, {center.x, center.y - 8}, 28, 17);
      case 1:
        return in_ellipse(p, center, 11, 14);
      case 2:
        return in_box(p, {center.x - 20, center.y - 3}, {center.x + 20, center.y + 3});
      default:
        return in_ellipse(p, center, 24, 16) && p.y > center.y - 4;
    }
  }

  [[nodiscard]] bool hat_at(Point p) const {
    switch (hat) {
      case 1:
        return in_box(p, {70, 22}, {170, 58}) || in_box(p, {50, 52}, {190, 64});
      case 2:
        return p.y > 10 && p.y < 62 && std::abs(p.x - 120) * 2 < p.y - 10 + 20;
      case 3:
        return in_ellipse(p, {120, 52}, 58, 22) && p.y < 56;
      default:
        return false;
    }
  }

  [[nodiscard]] Color color_at(Point p) const {
    if (hat_at(p)) return mix(ground, kInk, 55);
    if (eye(p, -1) || eye(p, 1) || mouth_at(p)) return kInk;
    if (in_ellipse(p, {64, 160}, 15, 9) || in_ellipse(p, {176, 160}, 15, 9)) return kBlush;
    if (in_ellipse(p, {120, 140}, 86, 78)) return kWhite;
    if (in_ellipse(p, {120, 140}, 91, 83)) return kInk;
    if (in_ellipse(p, {48, 72}, 30, 30) || in_ellipse(p, {192, 72}, 30, 30)) return kInk;
    return in_ellipse(p, {120, 128}, 116, 116) ? mix(ground, kWhite, 35) : ground;
  }
};

// --- 16 colours, four bits a pixel.

using Palette = std::array<Color, 16>;

Palette palette_of(const Face& face) {
  const Color halo = mix(face.ground, kWhite, 35);
  const Color felt = mix(face.ground, kInk, 55);
  return {{face.ground, halo, felt, kWhite, kInk, kBlush, mix(face.ground, halo, 50), mix(kInk, kWhite, 25),
           mix(kInk, kWhite, 50), mix(kInk, kWhite, 75), mix(kInk, halo, 35), mix(kInk, halo, 70),
           mix(kBlush, kWhite, 50), mix(felt, halo, 50), mix(felt, kWhite, 50), mix(kInk, face.ground, 50)}};
}

int distance(Color a, Color b) {
  const int red = a.red - b.red;
  const int green = a.green - b.green;
  const int blue = a.blue - b.blue;
  return red * red + green * green + blue * blue;
}

unsigned nearest(const Palette& palette, Color color) {
  const auto* found = std::min_element(palette.begin(), palette.end(),
                                       [color](Color a, Color b) { return distance(a, color) < distance(b, color); });
  return static_cast<unsigned>(found - palette.begin());
}

Color pixel(const Face& face, int x, int y, int side) {
  Color sum;
  for (int part = 0; part < 9; ++part) {
    const Point point{(3 * x + part % 3) * kUnits / (3 * side), (3 * y + part / 3) * kUnits / (3 * side)};
    const Color color = face.color_at(point);
    sum = {sum.red + color.red, sum.green + color.green, sum.blue + color.blue};
  }
  return {sum.red / 9, sum.green / 9, sum.blue / 9};
}

/// The rows as PNG wants them: a filter byte (0: none), then two pixels a byte.
std::string rows_of(const Face& face, const Palette& palette, int side) {
  std::string rows;
  for (int y = 0; y < side; ++y) {
    rows += '\0';
    for (int x = 0; x < side; x += 2) {
      const unsigned left = nearest(palette, pixel(face, x, y, side));
      const unsigned right = x + 1 < side ? nearest(palette, pixel(face, x + 1, y, side)) : 0;
      rows += static_cast<char>(left << 4U | right);
    }
  }
  return rows;
}

// --- The file.

std::string big_endian(std::size_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += static_cast<char>(value >> static_cast<unsigned>(shift) & 0xFFU);
  return bytes;
}

std::string chunk(std::string_view type, std::string_view data) {
  std::string content(type);
  content += data;
  boost::crc_32_type crc;
  crc.process_bytes(content.data(), content.size());
  return big_endian(data.size()) + content + big_endian(crc.checksum());
}

std::size_t adler32(std::string_view data) {
  std::size_t a = 1;
  std::size_t b = 0;
  for (char byte : data) {
    a = (a + static_cast<unsigned char>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16U | a;
}

/// A zlib stream (RFC 1950) of one stored block (RFC 1951 section 3.2.4).
std::string stored(std::string_view data) {
  DOUTU_CHECK(data.size() <= 0xFFFF);
  const auto low = static_cast<char>(data.size() & 0xFFU);
  const auto high = static_cast<char>(data.size() >> 8U);
  std::string stream = {'\x78', '\x01', '\x01', low, high, static_cast<char>(~low), static_cast<char>(~high)};
  stream += data;
  return stream + big_endian(adler32(data));
}

std::string bytes_of(const Palette& palette) {
  std::string bytes;
  for (const Color color : palette) {
    bytes += {static_cast<char>(color.red), static_cast<char>(color.green), static_cast<char>(color.blue)};
  }
  return bytes;
}

}  // namespace

std::string draw_image(std::uint64_t number, int side) {
  DOUTU_CHECK(side >= 8 && side <= 256);
  using namespace std::string_literals;
  const Face face(number);
  const Palette palette = palette_of(face);
  const std::string size = big_endian(static_cast<std::size_t>(side));
  return "\x89PNG\r\n\x1a\n"s + chunk("IHDR", size + size + "\x04\x03\0\0\0"s) +
         chunk("tEXt", "Title\0doutu "s + std::to_string(number)) + chunk("PLTE", bytes_of(palette)) +
         chunk("IDAT", stored(rows_of(face, palette, side))) + chunk("IEND", "");
}

}  // namespace doutu
