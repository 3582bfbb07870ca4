// The request that a browser sends when the user has filled in a form and pressed its button. Pure. Page fetcher, one
// thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "crawler/fetcher/html/form_controls.h"
#include "crawler/fetcher/html/html_document.h"
#include "crawler/fetcher/html/xpath.h"
#include "shared/base/encoding_label.h"
#include "shared/base/result.h"

namespace doutu {

struct FormRequest {
  std::string url;
  bool is_post = false;
  std::string content_type;  ///< Of a POST.
  std::string body;          ///< Of a POST.
};

/// A page with a form, and where it came from in the end.
struct FormPage {
  const HtmlDocument& document;
  std::string_view url;
  Encoding encoding;
};

/// which: finds the form, or something in it; nullptr: the only form with a password field. fields: set by the user.
/// The error says why there is no such request, without a value of a field: "has no form with a password field".
[[nodiscard]] Result<FormRequest> fill_in_form(const FormPage& page, const Xpath* which,
                                               std::span<const FormField> fields);

}  // namespace doutu
