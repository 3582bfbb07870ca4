#include "crawler/request/toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "shared/base/escape.h"
#include "shared/base/nearest_word.h"

namespace doutu {
namespace {

std::string kind_of(const toml::node& value) {
  std::ostringstream kind;
  kind << value.type();
  return kind.str();
}

}  // namespace

Result<toml::table> parse_toml(std::string_view text, std::string_view file) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return toml_error(file, error.source().begin, "is not TOML: " + escape_for_terminal(error.description()));
  }
}

Error toml_error(std::string_view file, const toml::source_position& at, std::string_view what) {
  return {fmt::format("{}:{}:{}: {}", escape_for_terminal(file), at.line, at.column, what)};
}

Status check_toml_keys(const toml::table& table, std::span<const std::string_view> known, std::string_view file) {
  for (const auto& [key, value] : table) {
    if (std::ranges::find(known, key.str()) != known.end()) continue;
    const auto nearest = nearest_word(key.str(), std::vector<std::string>(known.begin(), known.end()));
    std::string all;
    for (const std::string_view one : known) all += (all.empty() ? "" : ", ") + std::string(one);
    return toml_error(file, key.source().begin,
                      fmt::format("unknown key \"{}\"; {}", escape_for_terminal(key.str(), 60),
                                  nearest ? "did you mean " + *nearest + "?" : "known are " + all));
  }
  return {};
}

Result<std::string> toml_text(const toml::key& key, const toml::node& value, std::string_view file) {
  const auto* const text = value.as_string();
  if (text == nullptr) {
    return toml_error(file, value.source().begin,
                      fmt::format("{} must be a text in quotes, and is of type {}", escape_for_terminal(key.str(), 60),
                                  kind_of(value)));
  }
  if (text->get().find('\0') != std::string::npos) {
    return toml_error(file, value.source().begin,
                      fmt::format("{} has a NUL character", escape_for_terminal(key.str(), 60)));
  }
  return text->get();
}

}  // namespace doutu
