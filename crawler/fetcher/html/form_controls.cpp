#include "crawler/fetcher/html/form_controls.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

/// An honest form has some dozen.
constexpr std::size_t kMostControls = 10'000;
constexpr std::size_t kMostForms = 100;

bool is_element(const xmlNode* node, std::string_view name) {
  return node != nullptr && node->type == XML_ELEMENT_NODE && from_xml(node->name) == name;
}

template <std::size_t N>
bool is_one_of(const xmlNode* node, const std::array<std::string_view, N>& names) {
  return std::ranges::any_of(names, [node](std::string_view name) { return is_element(node, name); });
}

bool has(const xmlNode& element, std::string_view attribute) { return raw_attribute(element, attribute) != nullptr; }

std::string_view value_of(const xmlNode& element, std::string_view attribute) {
  const char* const value = raw_attribute(element, attribute);
  return value == nullptr ? std::string_view() : value;
}

std::string type_of(const xmlNode& control) { return ascii_lower(value_of(control, "type")); }

bool is_input(const xmlNode& control, std::string_view type) {
  return is_element(&control, "input") && type_of(control) == type;
}

/// Calls on_element() for each element below root, in document order, until it returns false. Depth has no bound, so
/// nothing here calls itself.
template <class OnElement>
void for_each_element(const xmlNode& root, OnElement on_element) {
  const xmlNode* node = root.children;
  while (node != nullptr) {
    if (node->type == XML_ELEMENT_NODE && !on_element(*node)) return;
    if (node->type == XML_ELEMENT_NODE && node->children != nullptr) {
      node = node->children;
      continue;
    }
    while (node != nullptr && node->next == nullptr) node = node->parent == &root ? nullptr : node->parent;
    if (node != nullptr) node = node->next;
  }
}

const xmlNode& document_of(const xmlNode& node) { return *reinterpret_cast<const xmlNode*>(node.doc); }

bool is_control(const xmlNode& element) {
  constexpr std::array<std::string_view, 4> kControls{"input", "select", "textarea", "button"};
  return is_one_of(&element, kControls);
}

const xmlNode* element_with_id(const xmlNode& document, std::string_view id) {
  const xmlNode* found = nullptr;
  for_each_element(document, [&](const xmlNode& element) {
    if (has(element, "id") && value_of(element, "id") == id) found = &element;
    return found == nullptr;
  });
  return found;
}

bool has_element_within(const xmlNode& node) {
  for (const xmlNode* child = node.children; child != nullptr; child = child->next) {
    if (child->type == XML_ELEMENT_NODE) return true;
  }
  return false;
}

/// "<table><form><tr><td><input>": HTML ends the form before the row, and has the row's controls belong to it.
const xmlNode* form_before_in_table(const xmlNode& node) {
  constexpr std::array<std::string_view, 5> kParts{"table", "tbody", "thead", "tfoot", "tr"};
  if (!is_one_of(node.parent, kParts)) return nullptr;
  for (const xmlNode* before = node.prev; before != nullptr; before = before->prev) {
    if (is_element(before, "form") && !has_element_within(*before)) return before;
  }
  return nullptr;
}

bool is_first_legend(const xmlNode& node) {
  if (!is_element(&node, "legend")) return false;
  for (const xmlNode* before = node.prev; before != nullptr; before = before->prev) {
    if (is_element(before, "legend")) return false;
  }
  return true;
}

bool is_disabled(const xmlNode& control) {
  if (has(control, "disabled")) return true;
  const xmlNode* below = &control;
  for (const xmlNode* node = control.parent; node != nullptr; below = node, node = node->parent) {
    if (is_element(node, "fieldset") && has(*node, "disabled") && !is_first_legend(*below)) return true;
  }
  return false;
}

bool is_within_datalist(const xmlNode& control) {
  for (const xmlNode* node = control.parent; node != nullptr; node = node->parent) {
    if (is_element(node, "datalist")) return true;
  }
  return false;
}

bool is_submit_button(const xmlNode& control) {
  const std::string type = type_of(control);
  if (is_element(&control, "input")) return type == "submit" || type == "image";
  return is_element(&control, "button") && type != "reset" && type != "button";
}

bool is_any_button(const xmlNode& control) {
  const std::string type = type_of(control);
  return is_element(&control, "button") || is_submit_button(control) ||
         (is_element(&control, "input") && (type == "reset" || type == "button"));
}

// --- What a control has.

std::string text_of(const xmlNode& element) {
  const XmlText text(xmlNodeGetContent(&element));
  return std::string(from_xml(text.get()));
}

/// Without white space around, and one space for what is within.
std::string collapsed(std::string_view text) {
  std::string out;
  for (const char c : trim_html_whitespace(text)) {
    const bool is_blank = is_html_whitespace(c);
    if (!is_blank || !out.ends_with(' ')) out += is_blank ? ' ' : c;
  }
  return out;
}

std::string value_of_option(const xmlNode& option) {
  return has(option, "value") ? std::string(value_of(option, "value")) : collapsed(text_of(option));
}

bool is_disabled_option(const xmlNode& option) {
  return has(option, "disabled") || (is_element(option.parent, "optgroup") && has(*option.parent, "disabled"));
}

/// One that shows a line has its last selected option, or else its first one that can be.
std::vector<std::string> values_of_select(const xmlNode& select) {
  std::vector<const xmlNode*> selected;
  const xmlNode* first = nullptr;
  for_each_element(select, [&](const xmlNode& option) {
    if (!is_element(&option, "option")) return true;
    if (has(option, "selected")) selected.push_back(&option);
    if (first == nullptr && !is_disabled_option(option)) first = &option;
    return true;
  });
  if (!has(select, "multiple")) {
    const std::string_view size = value_of(select, "size");
    const bool shows_a_line = size.empty() || size == "1";
    if (selected.empty() && first != nullptr && shows_a_line) selected.push_back(first);
    if (!selected.empty()) selected = {selected.back()};
  }
  std::vector<std::string> values;
  for (const xmlNode* option : selected) {
    if (!is_disabled_option(*option)) values.push_back(value_of_option(*option));
  }
  return values;
}

/// Value sanitization of the types that are text.
std::string value_of_input(const xmlNode& input) {
  constexpr std::array<std::string_view, 6> kOneLine{"", "text", "search", "tel", "url", "email"};
  const std::string type = type_of(input);
  std::string value(value_of(input, "value"));
  if (type == "password" || std::ranges::find(kOneLine, type) != kOneLine.end()) {
    std::erase_if(value, [](char c) { return c == '\r' || c == '\n'; });
  }
  if (type == "url" || type == "email") value = trim_html_whitespace(value);
  return value;
}

/// Of the radio buttons of a name the last one that is checked is.
bool is_checked(const xmlNode& input, std::span<const xmlNode* const> controls) {
  if (!has(input, "checked") || type_of(input) == "checkbox") return has(input, "checked");
  const std::string_view name = value_of(input, "name");
  const auto later = std::ranges::find(controls, &input);
  return std::none_of(later + 1, controls.end(), [name](const xmlNode* other) {
    return is_input(*other, "radio") && has(*other, "checked") && value_of(*other, "name") == name;
  });
}

/// Collects what is sent.
class EntryList {
 public:
  EntryList(std::span<const xmlNode* const> controls, const xmlNode* button, std::span<const FormField> fields,
            Encoding encoding)
      : controls_(controls), button_(button), fields_(fields), encoding_(encoding) {}

  std::vector<FormEntry> collect() {
    for (const xmlNode* control : controls_) add(*control);
    for (const FormField& field : fields_) add_field(field.name);
    return std::move(entries_);
  }

 private:
  /// In place of whatever controls of its name have, once.
  void add_field(std::string_view name) {
    const auto field = std::ranges::find(fields_, name, &FormField::name);
    if (field != fields_.end() && done_.insert(field->name).second) entries_.push_back({field->name, field->value});
  }

  void add(const xmlNode& control) {
    const std::string name(value_of(control, "name"));
    const bool is_field = std::ranges::find(fields_, name, &FormField::name) != fields_.end();
    const bool is_other_button = is_any_button(control) && &control != button_;
    if (is_field && !is_other_button) return add_field(name);
    if (is_field || is_other_button || is_disabled(control) || is_within_datalist(control)) return;
    if (is_input(control, "image")) return add_point(name);
    if (!name.empty()) add_values(control, name);
  }

  /// Where the picture was pressed.
  void add_point(const std::string& name) {
    const std::string before = name.empty() ? "" : name + ".";
    entries_.push_back({before + "x", "0"});
    entries_.push_back({before + "y", "0"});
  }

  void add_values(const xmlNode& control, const std::string& name) {
    if (is_element(&control, "select")) {
      for (std::string& value : values_of_select(control)) entries_.push_back({name, std::move(value)});
    } else if (is_element(&control, "textarea")) {
      entries_.push_back({name, text_of(control)});
    } else if (is_input(control, "checkbox") || is_input(control, "radio")) {
      if (!is_checked(control, controls_)) return;
      entries_.push_back({name, has(control, "value") ? std::string(value_of(control, "value")) : "on"});
    } else if (is_input(control, "file")) {
      entries_.push_back({name, "", true});
    } else if (is_input(control, "hidden") && equals_ignoring_case(name, "_charset_")) {
      entries_.push_back({name, std::string(encoding_name(encoding_))});
    } else {
      entries_.push_back({name, value_of_input(control)});
    }
  }

  std::span<const xmlNode* const> controls_;
  const xmlNode* button_;
  std::span<const FormField> fields_;
  const Encoding encoding_;
  std::unordered_set<std::string> done_;
  std::vector<FormEntry> entries_;
};

}  // namespace

const char* raw_attribute(const xmlNode& element, std::string_view name) {
  for (const xmlAttr* own = element.properties; own != nullptr; own = own->next) {
    if (own->ns != nullptr || from_xml(own->name) != name) continue;
    return own->children == nullptr ? "" : from_xml(own->children->content).data();
  }
  return nullptr;
}

const xmlNode* form_of(const xmlNode& control) {
  if (has(control, "form")) {
    const xmlNode* const named = element_with_id(document_of(control), value_of(control, "form"));
    return is_element(named, "form") ? named : nullptr;
  }
  for (const xmlNode* node = &control; node != nullptr; node = node->parent) {
    if (is_element(node, "form")) return node;
    if (const xmlNode* const before = form_before_in_table(*node)) return before;
  }
  return nullptr;
}

std::vector<const xmlNode*> controls_of(const xmlNode& form) {
  std::vector<const xmlNode*> controls;
  for_each_element(document_of(form), [&](const xmlNode& element) {
    if (is_control(element) && form_of(element) == &form) controls.push_back(&element);
    return controls.size() < kMostControls;
  });
  return controls;
}

std::vector<const xmlNode*> forms_with_passwords(const xmlNode& document) {
  std::vector<const xmlNode*> forms;
  for_each_element(document, [&](const xmlNode& element) {
    const xmlNode* const form = is_input(element, "password") ? form_of(element) : nullptr;
    if (form != nullptr && std::ranges::find(forms, form) == forms.end()) forms.push_back(form);
    return forms.size() < kMostForms;
  });
  return forms;
}

const xmlNode* pressed_button(std::span<const xmlNode* const> controls, std::span<const FormField> fields) {
  const xmlNode* first = nullptr;
  for (const xmlNode* control : controls) {
    if (!is_submit_button(*control) || is_disabled(*control)) continue;
    const bool is_named = std::ranges::any_of(fields, [control](const FormField& field) {
      return value_of(*control, "name") == field.name && value_of(*control, "value") == field.value;
    });
    if (is_named) return control;
    if (first == nullptr) first = control;
  }
  return first;
}

std::vector<FormEntry> form_entries(std::span<const xmlNode* const> controls, const xmlNode* button,
                                    std::span<const FormField> fields, Encoding encoding) {
  return EntryList(controls, button, fields, encoding).collect();
}

}  // namespace doutu
