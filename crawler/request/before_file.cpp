#include "crawler/request/before_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "crawler/request/before_table.h"
#include "crawler/request/toml.h"
#include "shared/base/escape.h"
#include "shared/base/unique_fd.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr std::string_view kTable = "[[before]]";

struct FileText {
  std::string text;
  bool is_for_others = false;  ///< They may read it.
};

/// Up to one byte more than is allowed.
Result<FileText> read_file(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.valid()) return system_error("cannot be opened");
  struct stat facts {};
  const bool has_facts = ::fstat(file.get(), &facts) == 0 && S_ISREG(facts.st_mode);
  FileText read{.text = {}, .is_for_others = has_facts && (facts.st_mode & (S_IRGRP | S_IROTH)) != 0};
  std::array<char, 4096> buffer{};
  while (read.text.size() <= kMaxBeforeFileBytes) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count == 0) break;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("cannot be read");
    read.text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return read;
}

Result<BeforeValue> read_named(const std::string& path) {
  const std::string shown = fmt::format("\"{}\"", escape_for_terminal(path));
  if (path.empty()) return Error{"\"@\" has no file name; expected @FILE"};
  const auto file = read_file(path);
  if (!file) return Error{fmt::format("{} {}", shown, file.error().message), file.error().code};
  if (file->text.size() > kMaxBeforeFileBytes) {
    return Error{fmt::format("{} is longer than {} bytes", shown, kMaxBeforeFileBytes)};
  }
  auto requests = read_before(file->text, path);
  if (!requests) return requests.error();
  BeforeValue value{*std::move(requests), std::nullopt};
  if (file->is_for_others) {
    value.warning = fmt::format("other users may read {}, which has secrets; chmod 600 it", shown);
  }
  return value;
}

/// A basic string (TOML 1.0, "String").
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

Result<std::vector<BeforeRequest>> read_before(std::string_view text, std::string_view file) {
  const auto parsed = parse_toml(text, file);
  if (!parsed) return parsed.error();
  constexpr std::array<std::string_view, 1> kKeys{"before"};
  if (Status known = check_toml_keys(*parsed, kKeys, file); !known) return known.error();
  const toml::node* const before = parsed->get("before");
  if (before == nullptr) return Error{fmt::format("{} has no [[before]]", escape_for_terminal(file))};
  return read_before_tables(*before, file);
}

std::string before_value(const BeforeRequest& request) {
  if (!request.fills_in_form && request.expect.empty()) return request.url;
  std::string text = fmt::format("{}\nurl = {}\n", kTable, quoted(request.url));
  if (!request.form.empty()) text += fmt::format("form = {}\n", quoted(request.form));
  if (!request.expect.empty()) text += fmt::format("expect = {}\n", quoted(request.expect));
  if (!request.fills_in_form) return text;
  text += "[before.fields]\n";
  for (const FormField& field : request.fields)
    text += fmt::format("{} = {}\n", quoted(field.name), quoted(field.value));
  return text;
}

Result<BeforeValue> read_before_value(const std::string& value) {
  if (value.starts_with('@')) return read_named(value.substr(1));
  if (value.starts_with(kTable)) {
    auto requests = read_before(value, "--before");
    if (!requests) return requests.error();
    return BeforeValue{*std::move(requests), std::nullopt};
  }
  auto url = normalise_url(value);
  if (!url) {
    return Error{fmt::format("\"{}\" is not an http or https URL; expected one, or @FILE", escape_url(value, 200))};
  }
  return BeforeValue{{BeforeRequest{.url = *std::move(url)}}, std::nullopt};
}

}  // namespace doutu
