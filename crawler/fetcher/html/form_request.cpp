#include "crawler/fetcher/html/form_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "crawler/fetcher/html/image_links.h"
#include "crawler/fetcher/html/xpath_evaluation.h"
#include "shared/base/ascii.h"
#include "shared/base/escape.h"
#include "shared/base/throw_if_no_memory.h"
#include "shared/base/whitespace.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

const xmlNode& root_of(const HtmlDocument& page) {
  return *reinterpret_cast<const xmlNode*>(page.tree().document.get());
}

Result<const xmlNode*> form_found_by(const Xpath& which, const HtmlDocument& page) {
  const LibxmlErrors errors;
  XpathEvaluation evaluation(which.compiled(), page.tree());
  const XpathObject found = evaluation.run(HtmlDocument::kMaxOperations);
  throw_if_no_memory(!errors.is_memory());
  const bool has_nodes = found && found->type == XPATH_NODESET && found->nodesetval != nullptr;
  if (!has_nodes || found->nodesetval->nodeNr == 0) return Error{"has nothing that the expression of \"form\" finds"};
  const xmlNode* node = found->nodesetval->nodeTab[0];
  if (node->type != XML_ELEMENT_NODE) node = node->parent;
  // A function may have made it, of a text of the page.
  const xmlNode* const form =
      node == nullptr || &HtmlDocument::Tree::of(*node) != &page.tree() ? nullptr : form_of(*node);
  if (form == nullptr) return Error{"has no form where the expression of \"form\" leads"};
  return form;
}

Result<const xmlNode*> form_for_login(const HtmlDocument& page) {
  const auto forms = forms_with_passwords(root_of(page));
  if (forms.empty()) return Error{"has no form with a password field"};
  if (forms.size() > 1)
    return Error{fmt::format("has {} forms with a password field; say which by \"form\"", forms.size())};
  return forms.front();
}

/// What the button says of it, else the form.
std::string_view said_of(std::string_view name, const xmlNode& form, const xmlNode* button) {
  const std::string of_button = "form" + std::string(name);
  const char* said = button == nullptr ? nullptr : raw_attribute(*button, of_button);
  if (said == nullptr) said = raw_attribute(form, name);
  return said == nullptr ? std::string_view() : trim_html_whitespace(said);
}

FormEncoding encoding_type(std::string_view said) {
  if (equals_ignoring_case(said, "multipart/form-data")) return FormEncoding::multipart;
  return equals_ignoring_case(said, "text/plain") ? FormEncoding::plain : FormEncoding::urlencoded;
}

/// The first that is known of accept-charset, else the page's. UTF-16 is not sent.
Encoding encoding_of(const xmlNode& form, Encoding of_page) {
  const char* const said = raw_attribute(form, "accept-charset");
  std::optional<Encoding> chosen;
  for (std::string_view rest = said == nullptr ? "" : said; !rest.empty() && !chosen;) {
    rest = trim_front(rest, " \t\n\f\r,");
    const std::string_view label = rest.substr(0, rest.find_first_of(" \t\n\f\r,"));
    rest.remove_prefix(label.size());
    chosen = encoding_from_label(label);
  }
  const Encoding encoding = chosen.value_or(of_page);
  const bool is_for_reading =
      encoding == Encoding::utf_16be || encoding == Encoding::utf_16le || encoding == Encoding::replacement;
  return is_for_reading ? Encoding::utf_8 : encoding;
}

/// Of the page itself where the form names nothing, whatever its <base> says.
ResolvedUrl action_of(const FormPage& page, std::string_view said) {
  if (said.empty()) return resolve_url({}, page.url);
  const PageBase base = page_base(page.document, page.url, page.encoding);
  return resolve_url(base.url, said, base.encode_query);
}

}  // namespace

Result<FormRequest> fill_in_form(const FormPage& page, const Xpath* which, std::span<const FormField> fields) {
  const auto form = which == nullptr ? form_for_login(page.document) : form_found_by(*which, page.document);
  if (!form) return form.error();
  const auto controls = controls_of(**form);
  const xmlNode* const button = pressed_button(controls, fields);
  const std::string_view action = said_of("action", **form, button);
  ResolvedUrl target = action_of(page, action);
  if (target.cause != Cause::none) {
    return Error{
        fmt::format("has a form that leads to \"{}\", which is no http or https URL", escape_url(action, 200))};
  }
  const Encoding encoding = encoding_of(**form, page.encoding);
  const auto entries = form_entries(controls, button, fields, encoding);
  if (!equals_ignoring_case(said_of("method", **form, button), "post")) {
    target.url.resize(std::min(target.url.find('?'), target.url.size()));
    return FormRequest{.url = target.url + "?" + form_query(entries, encoding), .content_type = {}, .body = {}};
  }
  FormBody body = form_body(entries, encoding_type(said_of("enctype", **form, button)), encoding);
  return FormRequest{std::move(target.url), true, std::move(body.content_type), std::move(body.bytes)};
}

}  // namespace doutu
