#include "shared/process/message_codec.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

namespace doutu {
namespace {

constexpr std::uint32_t kMark = 0x6463'7439;  // Raise its last digit when the layout changes.

class Writer {
 public:
  explicit Writer(std::size_t kind) {
    write(kMark);
    write(kind);
  }

  template <typename Number>
  requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
  void write(Number value) {
    const auto number = static_cast<std::uint64_t>(value);
    std::array<char, sizeof number> raw{};
    std::memcpy(raw.data(), &number, sizeof number);
    bytes_.append(raw.data(), raw.size());
  }
  void write(const std::string& text) {
    write(text.size());
    bytes_ += text;
  }

  template <typename Part>
  void write(const std::vector<Part>& parts) {
    write(parts.size());
    for (const Part& part : parts)
      std::apply([this](const auto&... field) { (write(field), ...); }, Part::kFields(part));
  }

  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Each read() is false when that is not what stands there.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  template <typename Number>
  requires std::is_integral_v<Number>
  [[nodiscard]] bool read(Number& value) {
    std::uint64_t number = 0;
    if (left_.size() < sizeof number) return false;
    std::memcpy(&number, left_.data(), sizeof number);
    left_.remove_prefix(sizeof number);
    value = static_cast<Number>(number);
    return static_cast<std::uint64_t>(value) == number;
  }
  [[nodiscard]] bool read(Cause& cause) {
    std::uint32_t number = 0;
    if (!read(number)) return false;
    const auto known = cause_from_number(number);
    cause = known.value_or(Cause::none);
    return known.has_value();
  }
  [[nodiscard]] bool read(std::string& text) {
    std::size_t size = 0;
    if (!read(size) || size > left_.size()) return false;
    text.assign(left_.substr(0, size));
    left_.remove_prefix(size);
    return true;
  }

  template <typename Part>
  [[nodiscard]] bool read(std::vector<Part>& parts) {
    std::size_t count = 0;
    if (!read(count) || count > left_.size()) return false;  // Each takes more than a byte.
    for (; count > 0; --count) {
      const auto read_all = [this](auto&... field) { return (read(field) && ...); };
      if (!std::apply(read_all, Part::kFields(parts.emplace_back()))) return false;
    }
    return true;
  }

  [[nodiscard]] bool is_at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
};

template <std::size_t Kind = 0>
std::optional<Message> read_message(std::size_t kind, Reader& reader) {
  if constexpr (Kind == std::variant_size_v<Message>) {
    return std::nullopt;
  } else {
    if (kind != Kind) return read_message<Kind + 1>(kind, reader);
    std::variant_alternative_t<Kind, Message> message;
    const auto read_all = [&reader](auto&... field) { return (reader.read(field) && ...); };
    if (!std::apply(read_all, message.kFields(message)) || !reader.is_at_end()) return std::nullopt;
    return message;
  }
}

}  // namespace

std::string encode(const Message& message) {
  Writer writer(message.index());
  const auto write_all = [&writer](const auto&... field) { (writer.write(field), ...); };
  std::visit([&](const auto& kind) { std::apply(write_all, kind.kFields(kind)); }, message);
  return writer.take();
}

std::optional<Message> decode(std::string_view packet) {
  Reader reader(packet);
  std::uint32_t mark = 0;
  std::size_t kind = 0;
  if (!reader.read(mark) || mark != kMark || !reader.read(kind)) return std::nullopt;
  return read_message(kind, reader);
}

}  // namespace doutu
