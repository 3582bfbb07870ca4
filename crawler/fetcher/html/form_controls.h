// What a browser would send of a form that the user has filled in and whose first button he has pressed (HTML section
// 4.10.21.4, "constructing the entry list"). Inside of the page fetcher's files that read pages only.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/fetcher/html/libxml.h"
#include "crawler/fetcher/text/form_body.h"
#include "shared/base/encoding_label.h"
#include "shared/crawl/before_request.h"

namespace doutu {

/// The attribute as it stands; null: there is none.
[[nodiscard]] const char* raw_attribute(const xmlNode& element, std::string_view name);

/// The form that a control belongs to: the one that its form attribute names, or the one that it stands in, or the one
/// whose start tag stands before it in a table, where the parser ends forms too early; null: none.
[[nodiscard]] const xmlNode* form_of(const xmlNode& control);

/// All elements of that kind (input, select, textarea, button) that belong to the form, in document order.
[[nodiscard]] std::vector<const xmlNode*> controls_of(const xmlNode& form);

/// Each once, in document order.
[[nodiscard]] std::vector<const xmlNode*> forms_with_passwords(const xmlNode& document);

/// The button that is pressed: one that a field names, else the first that is not disabled; null: there is none.
[[nodiscard]] const xmlNode* pressed_button(std::span<const xmlNode* const> controls,
                                            std::span<const FormField> fields);

/// A field counts in place of what controls of its name have; those without a control stand behind them. encoding: for
/// a field named _charset_.
[[nodiscard]] std::vector<FormEntry> form_entries(std::span<const xmlNode* const> controls, const xmlNode* button,
                                                  std::span<const FormField> fields, Encoding encoding);

}  // namespace doutu
