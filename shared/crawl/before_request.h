// BeforeRequest: a request that the user wants to be made before the first page: a login, an age gate. The parent gives
// it to a fetcher. Its fields are secrets. A value; any thread.
#pragma once

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace doutu {

/// Of a form, that the user sets.
struct FormField {
  std::string name;
  std::string value;
  bool operator==(const FormField&) const = default;
  static constexpr auto kFields = [](auto& f) { return std::tie(f.name, f.value); };
};

struct BeforeRequest {
  std::string url;             ///< Absolute, normalised. A GET.
  bool fills_in_form = false;  ///< The page there has a form, which is filled in and sent.
  std::string form{};          ///< XPath of the form, or of something in it; empty: the only one with a password.
  std::vector<FormField> fields{};
  std::string expect{};  ///< XPath that must find something in the last answer; empty: none.
  bool operator==(const BeforeRequest&) const = default;

  /// As a part of a message (messages.h).
  static constexpr auto kFields = [](auto& r) { return std::tie(r.url, r.fills_in_form, r.form, r.fields, r.expect); };
};

/// Host and path of a URL as normalise_url() returned it, by which pages that lead there are known: whatever its query
/// and its scheme.
[[nodiscard]] std::string login_page(std::string_view url);

}  // namespace doutu
