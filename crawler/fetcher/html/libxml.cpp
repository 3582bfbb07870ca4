#include "crawler/fetcher/html/libxml.h"

#include "shared/base/throw_if_no_memory.h"

namespace doutu {
namespace {

void print_nothing(void* /*context*/, const char* /*format*/, ...) {}  // NOLINT(cert-dcl50-cpp): libxml2's signature

}  // namespace

HtmlDocument::Tree::Tree(TreeMemory& shared) : memory(shared), document(xmlNewDoc(to_xml("1.0"))) {
  throw_if_no_memory(document != nullptr);
  document->_private = this;
}

void register_prefixes(xmlXPathContext& context, const Xpath::Compiled& expression, const HtmlDocument::Tree& tree) {
  for (const std::string& prefix : expression.prefixes) {
    const auto known = tree.prefixes.find(prefix);
    const xmlChar* const uri = known == tree.prefixes.end() ? to_xml(prefix.c_str()) : known->second->href;
    throw_if_no_memory(xmlXPathRegisterNs(&context, to_xml(prefix.c_str()), uri) == 0);
  }
}

LibxmlErrors::LibxmlErrors()
    : outer_(xmlStructuredError),
      outer_context_(xmlStructuredErrorContext),
      outer_print_(xmlGenericError),
      outer_print_context_(xmlGenericErrorContext) {
  xmlSetStructuredErrorFunc(this, keep);
  xmlSetGenericErrorFunc(nullptr, print_nothing);
}

LibxmlErrors::~LibxmlErrors() {
  xmlSetStructuredErrorFunc(outer_context_, outer_);
  xmlSetGenericErrorFunc(outer_print_context_, outer_print_);
  xmlResetLastError();
}

void LibxmlErrors::keep(void* self, xmlErrorPtr error) {
  auto& errors = *static_cast<LibxmlErrors*>(self);
  if (errors.code_ != 0 || error == nullptr) return;
  errors.code_ = error->code;
  errors.position_ = error->int1;
  errors.message_ = error->message == nullptr ? "" : error->message;
  while (errors.message_.ends_with('\n')) errors.message_.pop_back();
}

}  // namespace doutu
