// Values of flags that are checked beyond their form, so that what cannot work is refused before anything is started.
// Each puts a value into its field, or says what is wrong with it. The parent's thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crawler/command_line/parsed_options.h"
#include "crawler/request/asked_pages.h"
#include "shared/base/result.h"

namespace doutu {

Status take_directory(std::string& directory, const std::string& text);
/// Of one placeholder; others keep the values that they have.
Status take_pages(std::optional<AskedPages>& pages, const std::string& text);
/// It has to be readable, and to have a certificate.
Status take_ca_file(std::string& ca_file, const std::string& text);
Status take_proxy(std::string& proxy, const std::string& text);
Status take_referer(std::string& referer, const std::string& text);
/// A label of an Encoding that browsers know.
Status take_page_encoding(std::string& label, const std::string& text);
/// Of what read_cookie_domain() returns.
Status take_cookie_domain(std::vector<std::string>& domains, const std::string& text);
/// A browser whose cookies can be read (cookie_sources.h).
Status take_browser(std::string& browser, const std::string& text);
/// The path of a file, in one line.
Status take_file(std::vector<std::string>& files, const std::string& text);
/// "NAME" or "NAME:PASSWORD".
Status take_user(std::string& user, const std::string& text);
/// A URL, or a file of requests before the first page (before_file.h).
Status take_before(ParsedOptions& parsed, const std::string& text);
/// A line, or a file of lines (header_file.h).
Status take_header(ParsedOptions& parsed, const std::string& text);

}  // namespace doutu
