#include "crawler/fetcher/login_request.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "crawler/fetcher/html/form_request.h"
#include "crawler/fetcher/html/html_document.h"
#include "crawler/fetcher/text/page_text.h"
#include "shared/base/escape.h"
#include "shared/crawl/before_request.h"

namespace doutu {
namespace {

/// What cookies may take in the message; the rest of it is small.
constexpr std::size_t kMaxCookieBytes = std::size_t{48} << 10U;

/// A page that came, as a tree; nullopt: it takes too much memory.
struct ReadPage {
  std::string url;
  Encoding encoding = Encoding::utf_8;
  std::optional<HtmlDocument> document;
};

ReadPage read(FetchedPage& page, const PageOptions& options) {
  const PageText text =
      decode_page(std::exchange(page.body, {}), page.content_type, encoding_from_label(options.encoding));
  return {page.url, text.encoding, HtmlDocument::parse(text.utf8, text.markup)};
}

/// One that was checked before the crawl began.
std::optional<Xpath> compiled(const std::string& expression) {
  if (expression.empty()) return std::nullopt;
  auto xpath = Xpath::compile(expression);
  return xpath ? std::optional(*std::move(xpath)) : std::nullopt;
}

class LoginRequest {
 public:
  LoginRequest(PageRequest& request, const Prepare& asked, const PageOptions& options)
      : request_(request),
        asked_(asked.request),
        cookies_(asked.cookies),
        options_(options),
        expect_(compiled(asked_.expect)) {}

  Prepared make() {
    FetchedPage page = request_.get(asked_.url, options_.max_bytes, cookies_, PageRequest::Means::login);
    if (page.cause == Cause::none && asked_.fills_in_form) {
      page = fill_in(page);
    } else if (page.cause == Cause::none && expect_) {
      look_at_answer(page, {});
    }
    answer_.cause = page.cause;
    answer_.http_status = page.http_status;
    answer_.url = page.url.substr(0, kMaxShownUrl);
    take_cookies();
    return std::move(answer_);
  }

 private:
  static constexpr std::size_t kMaxShownUrl = 2048;

  /// Who is logged in already may be shown no form.
  FetchedPage fill_in(FetchedPage& page) {
    const ReadPage form_page = read(page, options_);
    if (!form_page.document) return page.cause = Cause::page_too_complex, std::move(page);
    const auto which = compiled(asked_.form);
    const auto form = fill_in_form({*form_page.document, form_page.url, form_page.encoding}, which ? &*which : nullptr,
                                   asked_.fields);
    if (!form) {
      const bool is_logged_in = expect_ && form_page.document->matches(*expect_);
      if (!is_logged_in) answer_.problem = "the page " + form.error().message;
      return std::move(page);
    }
    FetchedPage answer = request_.submit(*form, form_page.url);
    if (answer.cause == Cause::none) look_at_answer(answer, form_page.url);
    return answer;
  }

  /// Without an expectation, a login form where the first one was says that it was refused.
  void look_at_answer(FetchedPage& page, std::string_view form_url) {
    const ReadPage answer = read(page, options_);
    if (!answer.document) {
      page.cause = Cause::page_too_complex;
    } else if (expect_) {
      if (!answer.document->matches(*expect_)) {
        answer_.problem = fmt::format("the answer (from {}) has nothing that \"expect\" finds: {}",
                                      escape_url(answer.url, 200), escape_for_terminal(asked_.expect, 200));
      }
    } else if (login_page(answer.url) == login_page(form_url) && has_login_form(answer)) {
      answer_.problem = "the answer is the login form again; check the fields, above all user and password";
    }
  }

  static bool has_login_form(const ReadPage& page) {
    return fill_in_form({*page.document, page.url, page.encoding}, nullptr, {}).ok();
  }

  void take_cookies() {
    std::size_t bytes = 0;
    for (auto& [url, value] : request_.take_cookies()) {
      bytes += url.size() + value.size() + 32;
      if (bytes > kMaxCookieBytes) return;
      answer_.cookies.push_back({std::move(url), std::move(value)});
    }
  }

  PageRequest& request_;
  const BeforeRequest& asked_;
  const std::string& cookies_;
  const PageOptions& options_;
  const std::optional<Xpath> expect_;
  Prepared answer_;
};

}  // namespace

Prepared make_login_request(PageRequest& request, const Prepare& asked, const PageOptions& options) {
  return LoginRequest(request, asked, options).make();
}

}  // namespace doutu
