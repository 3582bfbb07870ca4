#include "crawler/command_line/checked_value.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "crawler/command_line/flag_value.h"
#include "crawler/command_line/header_file.h"
#include "crawler/cookies/cookie_sources.h"
#include "crawler/request/before_file.h"
#include "shared/base/encoding_label.h"
#include "shared/base/escape.h"
#include "shared/http/header_line.h"
#include "shared/http/referer_setting.h"
#include "shared/url/proxy_url.h"

namespace doutu {
namespace {

/// Else nothing would say so before a connection is made. Of a plain file alone: a pipe has its bytes once.
bool has_certificate(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("-----BEGIN ") && line.find("CERTIFICATE-----") != line.npos) return true;
  }
  return false;
}

/// The lines that a value of --header is, or names.
Result<std::vector<std::string>> header_lines(const std::string& text) {
  if (names_header_file(text)) return read_header_file(text);
  if (Status checked = check_header_line(text); !checked) return std::move(checked).error();
  return std::vector{text};
}

}  // namespace

Status take_directory(std::string& directory, const std::string& text) {
  Result<std::string> path = parse_line(text);
  if (!path) return std::move(path).error();
  while (path->size() > 1 && path->ends_with('/')) path->pop_back();
  directory = *std::move(path);
  return {};
}

Status take_pages(std::optional<AskedPages>& pages, const std::string& text) {
  AskedPages changed = pages.value_or(AskedPages());
  if (Status added = changed.add(text); !added) return added;
  pages = std::move(changed);
  return {};
}

Status take_ca_file(std::string& ca_file, const std::string& text) {
  const std::string shown = "\"" + escape_for_terminal(text) + "\"";
  if (::access(text.c_str(), R_OK) != 0) return system_error(shown);
  if (!has_certificate(text)) return Error{shown + " contains no PEM certificate"};
  ca_file = text;
  return {};
}

Status take_proxy(std::string& proxy, const std::string& text) {
  Result<std::string> line = parse_line(text);
  if (!line) return std::move(line).error();
  if (Status usable = line->empty() ? Status() : check_proxy(*line); !usable) return usable;
  proxy = *std::move(line);
  return {};
}

Status take_referer(std::string& referer, const std::string& text) {
  Result<std::string> line = parse_line(text);
  if (!line) return std::move(line).error();
  if (!is_referer_setting(*line)) {
    return Error{fmt::format("\"{}\" is neither none, origin, page nor a URL", escape_for_terminal(text, 60))};
  }
  referer = *std::move(line);
  return {};
}

Status take_page_encoding(std::string& label, const std::string& text) {
  if (!encoding_from_label(text)) {
    return Error{fmt::format("unknown encoding \"{}\"; expected a label that browsers know, such as gbk",
                             escape_for_terminal(text, 60))};
  }
  label = text;
  return {};
}

Status take_cookie_domain(std::vector<std::string>& domains, const std::string& text) {
  Result<std::string> domain = read_cookie_domain(text);
  if (!domain) return std::move(domain).error();
  domains.push_back(*std::move(domain));
  return {};
}

Status take_browser(std::string& browser, const std::string& text) {
  if (Status known = check_browser(text); !known) return known;
  browser = text;
  return {};
}

Status take_file(std::vector<std::string>& files, const std::string& text) {
  Result<std::string> line = parse_line(text);
  if (!line) return std::move(line).error();
  files.push_back(*std::move(line));
  return {};
}

/// Nothing of it is shown: it may be a password that stands in a wrong place.
Status take_user(std::string& user, const std::string& text) {
  constexpr std::size_t kMaxBytes = 4096;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (text.empty() || text.starts_with(':')) return Error{"the value has no name; expected NAME or NAME:PASSWORD"};
  if (text.size() > kMaxBytes) return Error{fmt::format("the value is longer than {} bytes", kMaxBytes)};
  if (std::ranges::any_of(text, is_control)) return Error{"the value contains a control character"};
  user = text;
  return {};
}

Status take_before(ParsedOptions& parsed, const std::string& text) {
  constexpr std::size_t kMostRequests = 16;
  auto value = read_before_value(text);
  if (!value) return std::move(value).error();
  auto& before = parsed.crawl.before;
  std::ranges::move(value->requests, std::back_inserter(before));
  if (before.size() > kMostRequests) return Error{fmt::format("more than {} requests", kMostRequests)};
  if (value->warning) parsed.crawl.warnings.push_back(*std::move(value->warning));
  return {};
}

Status take_header(ParsedOptions& parsed, const std::string& text) {
  constexpr std::size_t kMaxTogether = std::size_t{16} * 1024;
  if (names_standard_input(text) && std::ranges::any_of(parsed.header_flags, names_standard_input)) {
    return Error{"standard input can be read only once, and an earlier option reads it"};
  }
  auto lines = header_lines(text);
  if (!lines) return std::move(lines).error();
  parsed.header_flags.push_back(text);
  std::vector<std::string>& headers = parsed.crawl.settings.http.headers;
  std::ranges::move(*lines, std::back_inserter(headers));
  std::size_t together = 0;
  for (const std::string& line : headers) together += line.size();
  if (together > kMaxTogether) return Error{fmt::format("all headers together are longer than {} bytes", kMaxTogether)};
  return {};
}

}  // namespace doutu
