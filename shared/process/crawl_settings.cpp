#include "shared/process/crawl_settings.h"

#include <charconv>
#include <concepts>

namespace doutu {
namespace {

/// Calls visit(name, field) for every field, in the order of the struct.
template <class Settings, class Visit>
void for_each_field(Settings& s, Visit&& visit) {
  visit("directory", s.directory);
  visit("xpath", s.xpaths);
  visit("home-host", s.home_host);
  visit("home-server", s.home_server);
  visit("allow-private", s.allow_private);
  visit("keep-extension", s.keep_extension);
  visit("keep-deleted", s.keep_deleted);
  visit("no-mtime", s.no_mtime);
  visit("sandbox", s.sandbox);
  visit("run-id", s.run_id);
  visit("user-agent", s.user_agent);
  visit("header", s.headers);
  visit("referer", s.referer);
  visit("http1", s.http1);
  visit("proxy", s.proxy);
  visit("ca-file", s.ca_file);
  visit("insecure", s.insecure);
  visit("page-encoding", s.page_encoding);
  visit("downloaders", s.downloaders);
  visit("threads", s.threads);
  visit("max-per-host", s.max_per_host);
  visit("connect-timeout", s.connect_timeout);
  visit("page-timeout", s.page_timeout);
  visit("image-timeout", s.image_timeout);
  visit("speed-limit", s.speed_limit);
  visit("speed-time", s.speed_time);
  visit("host-gap", s.host_gap);
  visit("outage-wait", s.outage_wait);
  visit("disk-wait", s.disk_wait);
  visit("finish-wait", s.finish_wait);
  visit("retries", s.retries);
  visit("retry-wait", s.retry_wait);
  visit("retry-wait-max", s.retry_wait_max);
  visit("retry-after-max", s.retry_after_max);
  visit("max-crawl-images", s.max_crawl_images);
  visit("max-crawl-bytes", s.max_crawl_bytes);
  visit("max-host-bytes", s.max_host_bytes);
  visit("max-image-pixels", s.max_image_pixels);
  visit("min-free-disk", s.min_free_disk);
  visit("max-page-bytes", s.max_page_bytes);
  visit("max-image-bytes", s.max_image_bytes);
  visit("max-hits", s.max_hits);
  visit("max-redirects", s.max_redirects);
  visit("max-header-bytes", s.max_header_bytes);
}

template <class T>
concept IsDuration = requires(T value) {
  value.count();
};

void put(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append("=").append(value).push_back('\0');
}

struct Encoder {
  std::string& out;
  void operator()(std::string_view name, const std::string& value) const { put(out, name, value); }
  void operator()(std::string_view name, const std::vector<std::string>& values) const {
    for (const auto& value : values) put(out, name, value);
  }
  void operator()(std::string_view name, bool value) const { put(out, name, value ? "1" : "0"); }
  void operator()(std::string_view name, SandboxMode value) const {
    put(out, name, std::to_string(static_cast<std::uint32_t>(value)));
  }
  template <std::integral T>
  void operator()(std::string_view name, T value) const {
    put(out, name, std::to_string(value));
  }
  template <IsDuration T>
  void operator()(std::string_view name, T value) const {
    put(out, name, std::to_string(value.count()));
  }
};

template <std::integral T>
bool parse_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

/// Sets the field that is called `wanted`.
struct Decoder {
  std::string_view wanted, text;
  enum class Found { no, yes, bad_value } found = Found::no;

  void operator()(std::string_view name, std::string& field) {
    if (matches(name)) field = text;
  }
  void operator()(std::string_view name, std::vector<std::string>& field) {
    if (matches(name)) field.emplace_back(text);
  }
  void operator()(std::string_view name, bool& field) {
    if (!matches(name)) return;
    field = text == "1";
    if (text != "0" && text != "1") found = Found::bad_value;
  }
  void operator()(std::string_view name, SandboxMode& field) {
    std::uint32_t number = 0;
    if (!matches(name)) return;
    const bool is_mode = parse_number(text, number) && number <= static_cast<std::uint32_t>(SandboxMode::require);
    if (!is_mode) found = Found::bad_value;
    if (is_mode) field = static_cast<SandboxMode>(number);
  }
  template <std::integral T>
  void operator()(std::string_view name, T& field) {
    if (matches(name) && !parse_number(text, field)) found = Found::bad_value;
  }
  template <IsDuration T>
  void operator()(std::string_view name, T& field) {
    typename T::rep count{};
    if (!matches(name)) return;
    if (!parse_number(text, count)) found = Found::bad_value;
    field = T(count);
  }

 private:
  bool matches(std::string_view name) {
    if (name != wanted) return false;
    found = Found::yes;
    return true;
  }
};

}  // namespace

std::string CrawlSettings::encode() const {
  std::string out;
  for_each_field(*this, Encoder{out});
  return out;
}

Result<CrawlSettings> CrawlSettings::decode(std::string_view text) {
  CrawlSettings settings;
  while (!text.empty()) {
    const std::size_t end = text.find('\0');
    const std::string_view line = text.substr(0, end);
    const std::size_t equals = line.find('=');
    if (end == std::string_view::npos || equals == std::string_view::npos) return Error{"settings: damaged", 0};
    Decoder decoder{line.substr(0, equals), line.substr(equals + 1)};
    for_each_field(settings, decoder);
    if (decoder.found != Decoder::Found::yes) return Error{"settings: cannot read " + std::string(line), 0};
    text.remove_prefix(end + 1);
  }
  return settings;
}

}  // namespace doutu
