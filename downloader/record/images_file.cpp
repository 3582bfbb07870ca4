#include "downloader/record/images_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <limits>
#include <string_view>
#include <tuple>
#include <utility>

#include "shared/base/escape.h"
#include "shared/base/hex.h"
#include "shared/base/log.h"

namespace doutu {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10U;
constexpr std::string_view kBeforePage = ",\"page\":";
constexpr std::size_t kMaxPageBytes = 24;  // that member of any image
constexpr std::int64_t kEveryEpoch = std::numeric_limits<std::int64_t>::max();

void append_number(std::string& line, std::uint64_t number) {
  const fmt::format_int digits(number);
  line.append(digits.data(), digits.size());
}

void append_utf16(std::string& line, std::uint32_t unit) {
  fmt::format_to(std::back_inserter(line), "\\u{:04x}", unit);
}

void append_code_point(std::string& line, std::uint32_t code_point) {
  if (code_point < 0x10000) return append_utf16(line, code_point);
  append_utf16(line, 0xd800 + ((code_point - 0x10000) >> 10U));
  append_utf16(line, 0xdc00 + ((code_point - 0x10000) & 0x3ffU));
}

constexpr bool is_plain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

/// ASCII only, as report.json.
void append_text(std::string& line, std::string_view text) {
  line += '"';
  while (!text.empty()) {
    const auto plain = static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
    line.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::size_t bytes = utf8_sequence(text);
    append_code_point(line, bytes == 0 ? 0xfffd : utf8_code_point(text.substr(0, bytes)));
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  line += '"';
}

/// The one that the user asked for; their lengths tell which it is.
void append_hash(std::string& line, const Content& content) {
  if (content.sha256) return append_hex(line, *content.sha256);
  if (content.xxh128) append_hex(line, *content.xxh128);
}

void append_size(std::string& line, std::string_view name, std::uint32_t pixels) {
  line.append(name);
  pixels == 0 ? void(line.append("null")) : append_number(line, pixels);
}

void append_line(std::string& line, const NamedImage& image) {
  line.append("{\"file\":");
  append_text(line, image.file);
  line.append(",\"url\":");
  append_text(line, without_secrets(image.url));
  line.append(",\"bytes\":");
  append_number(line, image.content.bytes);
  line.append(",\"hash\":\"");
  append_hash(line, image.content);
  append_size(line, "\",\"width\":", image.width);
  append_size(line, ",\"height\":", image.height);
  if (!image.robots_tag.empty()) {
    line.append(",\"robots_tag\":");
    append_text(line, image.robots_tag);
  }
  line.append(kBeforePage);
  append_number(line, image.spot.page);
  line.append("}\n");
}

/// What tells the image, which stays as it is.
std::string_view without_page(std::string_view line) { return line.substr(0, line.rfind(kBeforePage)); }

/// The file's last bytes, at most so many.
Result<std::string> end_of(int fd, std::size_t most_bytes) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return system_error(kImagesName);
  const auto size = static_cast<std::size_t>(status.st_size);
  std::string text(std::min(size, most_bytes), '\0');
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = ::pread(fd, &text[done], text.size() - done, static_cast<off_t>(size - text.size() + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error(kImagesName);
    if (count == 0) text.resize(done);
    done += static_cast<std::size_t>(count);
  }
  return text;
}

/// Takes the last line off text; empty when there is no whole one.
std::string_view take_last_line(std::string_view& text) {
  if (!text.ends_with('\n')) return {};
  text.remove_suffix(1);
  const std::size_t before = text.rfind('\n');
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  const std::string_view line = text.substr(begin);
  text = text.substr(0, begin);
  return line;
}

std::pair<std::int64_t, std::int64_t> order_of(const NamedImage& image) { return {image.epoch, image.id}; }

}  // namespace

std::string images_line(const NamedImage& image) {
  std::string line;
  append_line(line, image);
  return line;
}

void ImagesFile::check(std::vector<std::int64_t> named, Lost lost, const std::function<void()>& on_work) {
  Status opened = open();
  note(opened ? check_or_make(std::move(named), lost, on_work) : opened);
}

void ImagesFile::append(std::vector<NamedImage> named) {
  if (!is_whole_ || named.empty()) return;
  std::ranges::sort(named, {}, order_of);
  std::string lines;
  for (const NamedImage& image : named) append_line(lines, image);
  note(write(lines));
}

void ImagesFile::mend(const std::function<void()>& on_work) {
  if (std::exchange(is_whole_, true)) return;
  Status opened = open();
  note(opened ? make(kEveryEpoch, {}, {}, on_work) : opened);
}

Status ImagesFile::open() {
  auto file = folder_.open_or_make(kImagesName, O_APPEND);
  if (!file) return std::move(file).error();
  file_ = *std::move(file);
  return {};
}

Status ImagesFile::check_or_make(std::vector<std::int64_t> named, Lost lost, const std::function<void()>& on_work) {
  std::ranges::sort(named);
  if (named.size() > kMaxCompared) return make(syncs_.durable_epoch(), named, {}, on_work);
  auto last = rows_of(named);
  if (!last) return std::move(last).error();
  auto durable = images_.last(syncs_.durable_epoch());
  if (!durable) return std::move(durable).error();
  const auto last_durable = syncs_.last_image(syncs_.durable_epoch());
  if (!last_durable) return last_durable.error();
  const Before before = *last_durable != 0 ? Before::anything : Before::nothing;
  const bool is_new = *durable && !std::ranges::binary_search(named, (*durable)->id);
  if (is_new) last->insert(last->begin(), **std::move(durable));
  const auto is_right = lost == Lost::some ? Result<bool>(false) : ends_with(*last, before);
  if (!is_right) return is_right.error();
  return *is_right ? Status() : make(syncs_.durable_epoch(), named, *std::move(last), on_work);
}

Result<std::vector<NamedImage>> ImagesFile::rows_of(const std::vector<std::int64_t>& ids) const {
  std::vector<NamedImage> images;
  images.reserve(ids.size());
  for (const std::int64_t id : ids) {
    auto image = images_.find(id);
    if (!image) return std::move(image).error();
    if (*image) images.push_back(**std::move(image));
  }
  std::ranges::sort(images, {}, order_of);
  return images;
}

Result<bool> ImagesFile::ends_with(const std::vector<NamedImage>& images, Before before) const {
  std::string expected;
  for (const NamedImage& image : images) append_line(expected, image);
  const auto end = end_of(file_.get(), expected.size() + (images.size() + 1) * kMaxPageBytes);
  if (!end) return end.error();
  std::string_view there = *end;
  std::string_view wanted = expected;
  while (!wanted.empty()) {
    if (without_page(take_last_line(there)) != without_page(take_last_line(wanted))) return false;
  }
  return before == Before::anything || there.empty();
}

/// All images up to an epoch and those beyond it, in the order of their ids, and then the last ones, with which the
/// next start compares.
Status ImagesFile::make(std::int64_t up_to_epoch, const std::vector<std::int64_t>& beyond, std::vector<NamedImage> last,
                        const std::function<void()>& on_work) {
  if (::ftruncate(file_.get(), 0) != 0) return system_error(folder_.path_of(kImagesName));
  if (last.empty()) {
    auto image = images_.last(up_to_epoch);
    if (!image) return std::move(image).error();
    if (*image) last.push_back(**std::move(image));
  }
  std::vector<std::int64_t> later;
  later.reserve(last.size());
  for (const NamedImage& image : last) later.push_back(image.id);
  std::ranges::sort(later);
  std::string buffer;
  Status written;
  const auto visit = [&](const NamedImage& image) {
    const bool is_named = image.epoch <= up_to_epoch || std::ranges::binary_search(beyond, image.id);
    if (!is_named || std::ranges::binary_search(later, image.id)) return;
    append_line(buffer, image);
    if (buffer.size() < kBufferBytes) return;
    if (written) written = write(std::exchange(buffer, {}));
    on_work();
  };
  if (Status read = images_.for_each(visit); !read) return read;
  for (const NamedImage& image : last) append_line(buffer, image);
  return written ? write(buffer) : written;
}

Status ImagesFile::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file_.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error(folder_.path_of(kImagesName));
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

/// A file that is empty, or lacks its last images, is one that the next start makes anew.
void ImagesFile::note(const Status& status) {
  if (status) return;
  is_whole_ = false;
  const bool is_empty = file_.valid() && ::ftruncate(file_.get(), 0) == 0;
  if (std::exchange(has_said_so_, true)) return;
  const std::string& why = status.error().message;
  const std::string state = fmt::format("{} {}", kImagesName, is_empty ? "is empty" : "lacks images of this crawl");
  if (status.error().code == EACCES) {
    log_warning("{}; {}; run chmod u+w on it, and the next crawl completes it", why, state);
  } else {
    log_warning("{}; {} until doutu can write it anew, when this crawl ends or the next one starts", why, state);
  }
}

}  // namespace doutu
