#include "crawler/request/before_table.h"

#include <fmt/format.h>

#include <array>

#include "shared/base/escape.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr std::array<std::string_view, 4> kKeys{"url", "form", "fields", "expect"};
/// A login takes one or two.
constexpr std::size_t kMostRequests = 16;
constexpr std::size_t kMostFields = 256;

Result<std::vector<FormField>> read_fields(const toml::node& value, std::string_view file) {
  const toml::table* const table = value.as_table();
  if (table == nullptr) {
    return toml_error(file, value.source().begin, "fields must be a table, such as { user = \"me\" }");
  }
  if (table->size() > kMostFields) {
    return toml_error(file, value.source().begin, fmt::format("more than {} fields", kMostFields));
  }
  std::vector<FormField> fields;
  for (const auto& [key, field] : *table) {
    auto text = toml_text(key, field, file);
    if (!text) return text.error();
    fields.push_back({std::string(key.str()), *std::move(text)});
  }
  return fields;
}

/// Each text to its member.
Status read_member(const toml::key& key, const toml::node& value, std::string_view file, BeforeRequest& request) {
  if (key.str() == "fields") {
    auto fields = read_fields(value, file);
    if (!fields) return fields.error();
    request.fields = *std::move(fields);
    request.fills_in_form = true;
    return {};
  }
  auto text = toml_text(key, value, file);
  if (!text) return text.error();
  if (text->empty()) return toml_error(file, value.source().begin, fmt::format("{} is empty", key.str()));
  if (key.str() == "form") {
    request.form = *std::move(text);
    request.fills_in_form = true;
  } else if (key.str() == "expect") {
    request.expect = *std::move(text);
  } else {
    auto url = normalise_url(*text);
    if (!url) {
      return toml_error(file, value.source().begin,
                        fmt::format("\"{}\" is not an http or https URL", escape_url(*text, 200)));
    }
    request.url = *std::move(url);
  }
  return {};
}

Result<BeforeRequest> read_request(const toml::table& table, std::string_view file) {
  if (Status known = check_toml_keys(table, kKeys, file); !known) return known.error();
  BeforeRequest request;
  for (const auto& [key, value] : table) {
    if (Status read = read_member(key, value, file, request); !read) return read.error();
  }
  if (request.url.empty()) return toml_error(file, table.source().begin, "this [[before]] has no url");
  return request;
}

}  // namespace

Result<std::vector<BeforeRequest>> read_before_tables(const toml::node& value, std::string_view file) {
  const toml::array* const tables = value.as_array();
  if (tables == nullptr || !tables->is_array_of_tables()) {
    return toml_error(file, value.source().begin, "before must be written as [[before]], once for each request");
  }
  if (tables->size() > kMostRequests) {
    return toml_error(file, value.source().begin, fmt::format("more than {} requests before the pages", kMostRequests));
  }
  std::vector<BeforeRequest> requests;
  for (const toml::node& table : *tables) {
    auto request = read_request(*table.as_table(), file);
    if (!request) return request.error();
    requests.push_back(*std::move(request));
  }
  return requests;
}

}  // namespace doutu
