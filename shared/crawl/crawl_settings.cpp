#include "shared/crawl/crawl_settings.h"

#include <charconv>
#include <concepts>
#include <optional>
#include <type_traits>

#include "shared/base/fields.h"

namespace doutu {
namespace {

constexpr std::string_view kVersion = DOUTU_VERSION;

template <class T>
concept IsDuration = requires(T value) {
  value.count();
};

template <class T>
concept IsEnum = std::is_enum_v<T>;

constexpr SandboxMode last_of(SandboxMode /*any*/) { return SandboxMode::require; }
constexpr Checksum last_of(Checksum /*any*/) { return Checksum::sha256; }
constexpr Robots last_of(Robots /*any*/) { return Robots::everything; }

template <class T>
concept IsGroup = std::is_aggregate_v<T>;

struct Encoder {
  std::string out;

  void operator()(std::string_view value) { out.append(value).push_back('\0'); }
  void operator()(const std::vector<std::string>& values) {
    (*this)(values.size());
    for (const std::string& value : values) (*this)(value);
  }
  void operator()(bool value) { (*this)(std::string_view(value ? "1" : "0")); }
  template <IsEnum T>
  void operator()(T value) {
    (*this)(static_cast<std::uint32_t>(value));
  }
  void operator()(std::integral auto value) { (*this)(std::string_view(std::to_string(value))); }
  void operator()(const IsDuration auto& value) { (*this)(value.count()); }
  void operator()(const IsGroup auto& group) { for_each_field(group, *this); }
};

/// Reads what Encoder has written. After a text that does not fit, nothing is read.
struct Decoder {
  std::string_view left;
  bool fits = true;

  std::string_view text() {
    const std::size_t end = left.find('\0');
    fits = fits && end != std::string_view::npos;
    const std::string_view taken = fits ? left.substr(0, end) : std::string_view();
    if (fits) left.remove_prefix(end + 1);
    return taken;
  }

  void operator()(std::string& field) { field = text(); }
  void operator()(std::vector<std::string>& field) {
    std::size_t count = 0;
    (*this)(count);
    for (; fits && count > 0; --count) field.emplace_back(text());
  }
  void operator()(bool& field) {
    const std::string_view read = text();
    field = read == "1";
    fits = fits && (field || read == "0");
  }
  template <IsEnum T>
  void operator()(T& field) {
    std::uint32_t number = 0;
    (*this)(number);
    fits = fits && number <= static_cast<std::uint32_t>(last_of(T{}));
    if (fits) field = static_cast<T>(number);
  }
  void operator()(std::integral auto& field) {
    const std::string_view read = text();
    const auto [end, error] = std::from_chars(read.data(), read.data() + read.size(), field);
    fits = fits && error == std::errc() && end == read.data() + read.size();
  }
  template <IsDuration T>
  void operator()(T& field) {
    typename T::rep count{};
    (*this)(count);
    field = T(count);
  }
  void operator()(IsGroup auto& group) { for_each_field(group, *this); }
};

}  // namespace

std::string CrawlSettings::encode() const {
  Encoder encoder;
  encoder(kVersion);
  encoder(*this);
  return std::move(encoder.out);
}

Result<CrawlSettings> CrawlSettings::decode(std::string_view text) {
  Decoder decoder{text};
  if (decoder.text() != kVersion) return Error{"settings: from another version of doutu", 0};
  CrawlSettings settings;
  decoder(settings);
  if (!decoder.fits || !decoder.left.empty()) return Error{"settings: damaged", 0};
  return settings;
}

}  // namespace doutu
