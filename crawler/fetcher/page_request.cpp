#include "crawler/fetcher/page_request.h"

#include <algorithm>
#include <thread>

#include "crawler/fetcher/text/content_type.h"
#include "shared/base/log.h"
#include "shared/base/system_limits.h"
#include "shared/base/throw_if_no_memory.h"
#include "shared/http/proxy_failure.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

/// How a gzip file begins (RFC 1952 section 2.3.1). Sitemaps are kept as such files (sitemap.xml.gz).
constexpr std::string_view kGzip = "\x1f\x8b\x08";

/// Open at a time, with the last servers.
constexpr long kConnections = 5;
constexpr std::uint16_t kUnauthorized = 401;
/// Of the redirects, those behind which a form is sent again.
bool keeps_method(std::uint16_t http_status) { return http_status == 307 || http_status == 308; }

/// Before the next look whether the system has again what was wanting.
constexpr milliseconds kWantPause{500};

FetchedPage failed(Cause cause, std::string url) {
  FetchedPage page;
  page.cause = cause;
  page.url = std::move(url);
  return page;
}

}  // namespace

PageRequest::PageRequest(const CrawlSettings& settings, PageRate rate, PageCookies::Ask ask_cookies)
    : settings_(settings),
      rate_(std::move(rate)),
      guard_(AddressGuard::of(settings.http)),
      headers_(settings.http),
      logins_(settings),
      referer_(settings.http.referer),
      cookies_(settings.http.no_cookies ? PageCookies::Use::no : PageCookies::Use::yes, std::move(ask_cookies)),
      connections_(allocated(curl_multi_init())) {
  curl_multi_setopt(connections_.get(), CURLMOPT_MAXCONNECTS, kConnections);
  transfer_.guard = &guard_;
  if (rate_.is_limited()) transfer_.receive_buffer = rate_receive_buffer(settings_.limits.max_rate);
  header_limit_.max = settings_.http.max_header_bytes;
}

/// What all hops have in common.
void PageRequest::prepare(CURL* easy) {
  apply_http_settings(easy, settings_.http);
  install_address_guard(easy, transfer_);
  install_header_limit(easy, header_limit_);
  set_text(easy, CURLOPT_ACCEPT_ENCODING, kAcceptedCodings);
  curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);  // BodyUnpacker misses no end.
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  if (!rate_.is_limited()) return;
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, static_cast<long>(rate_piece(settings_.limits.max_rate)));
}

std::size_t PageRequest::take_bytes(char* data, std::size_t size, std::size_t count, void* context) {
  auto& request = *static_cast<PageRequest*>(context);
  if (request.rate_.is_limited()) request.rate_.wait_for(size * count);
  const std::size_t own = request.length_.take(request.handle_.get(), size * count);
  request.body_.decoded = request.take({data, own});
  return request.body_.decoded == Decoded::ok && !request.length_.is_reached() ? size * count : 0;
}

void PageRequest::begin_body(std::span<const char> first) {
  if (std::exchange(body_.began, true)) return;
  ContentCodings codings = read_content_codings(header_values(handle_.get(), "Content-Encoding"));
  const bool is_gzip_file = codings.applied.empty() && std::string_view(first.data(), first.size()).starts_with(kGzip);
  if (is_gzip_file) codings.applied.push_back(Coding::gzip);
  body_.has_unknown_coding = codings.has_unknown;
  body_.unpacker = BodyUnpacker(codings.applied, max_bytes_);
}

/// The limit counts unpacked bytes, so that a small file cannot become a large page.
Decoded PageRequest::take(std::span<const char> bytes) {
  begin_body(bytes);
  return body_.unpacker.feed(bytes, [this](std::span<const char> unpacked) {
    const std::size_t room = max_bytes_ - body_.bytes.size();
    const bool fits = unpacked.size() <= room;
    if (fits || takes_beginning_) body_.bytes.append(unpacked.data(), std::min(unpacked.size(), room));
    return fits;
  });
}

/// A status that is no success decides, however its body went.
Cause PageRequest::cause_of(CURLcode code, long http_status, milliseconds limit) {
  if (code != CURLE_OK && transfer_.refused) return Cause::private_address;
  wanting_ = want_of_transfer(code, transfer_.socket_error, header_limit_.said.data());
  if (const auto cause = cause_of_proxy(handle_.get(), code, http_status, settings_.http.proxy)) return *cause;
  if (header_limit_.was_cut(code)) return Cause::truncated;
  if (http_status >= 300 && header_limit_.is_whole(code)) return Cause::http_status;
  if (takes_beginning_ && body_.decoded == Decoded::refused) return Cause::none;
  if (body_.decoded == Decoded::refused || code == CURLE_FILESIZE_EXCEEDED) return Cause::page_too_large;
  if (body_.decoded == Decoded::damaged) return Cause::bad_response;
  if (code == CURLE_OK && !body_.unpacker.is_whole()) return Cause::truncated;
  if (code == CURLE_OK && body_.is_unreadable()) return Cause::bad_response;
  return cause_of_transfer(handle_.get(), code, http_status, limit, header_limit_.said.data());
}

/// curl's own clock would count the time that the rate takes.
CURLcode PageRequest::run(milliseconds limit) {
  CURL* const easy = handle_.get();
  end_connections_with_unsolicited_data(idle_);
  const MonoTime deadline = rate_.now() + limit;
  const auto is_overdue = [&] { return rate_.is_limited() && rate_.now() > deadline; };
  const CURLcode code = perform_alone(connections_.get(), easy, is_overdue);
  idle_ = {{idle_connection(easy), POLLIN, 0}};
  curl_multi_remove_handle(connections_.get(), easy);
  return length_.verdict(code);
}

void PageRequest::set_body(CURL* easy) const {
  if (!journey_.form) {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    return;
  }
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(journey_.form->body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, journey_.form->body.data());  // Not copied: it lives as long.
}

void PageRequest::set_headers(CURL* easy, const std::string& url, const LoginTalk& login) {
  const std::string cookies = cookies_.header_for(url);
  const std::string_view page = journey_.form ? std::string_view(journey_.form->page) : std::string_view();
  HopValues values{.referer = referer_.of(url, page, {}), .cookies = cookies, .authorization = login.answer};
  std::string origin;
  if (journey_.form) {  // Servers look at these to know their own forms.
    origin = url_origin(page);
    values.origin = origin;
    values.content_type = journey_.form->content_type;
  }
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, hop_headers_.lines(headers_, url, values));
}

FetchedPage PageRequest::ask(const std::string& url, milliseconds limit, Connection connection,
                             const LoginTalk& login) {
  CURL* const easy = handle_.next_handle();
  transfer_.begin(url_host(url));
  wanting_ = 0;
  wants_fresh_connection_ = false;
  if (const Cause refused = guard_.judge(url); refused != Cause::none) return failed(refused, url);
  header_limit_.begin();
  length_.begin();
  body_ = {};
  tls_sessions_.serve(easy, transfer_.host);
  set_text(easy, CURLOPT_URL, url_without_userinfo(url).c_str());
  set_body(easy);
  set_headers(easy, url, login);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, rate_.is_limited() ? 0L : static_cast<long>(limit.count()));
  // Only what is announced; take() counts what comes.
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(takes_beginning_ ? 0 : max_bytes_));
  use_connection(easy, connection);
  const CURLcode code = run(limit);
  if (header_limit_.has_ended()) {
    for_each_header(easy, "Set-Cookie", [&](std::string_view value) { cookies_.set(url, value); });
  }

  long http_status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &http_status);
  FetchedPage page;
  page.cause = cause_of(code, http_status, limit);
  wants_fresh_connection_ = connection == Connection::any && needs_fresh_connection(code, http_status, header_limit_);
  page.http_status = static_cast<std::uint16_t>(std::clamp(http_status, 0L, 999L));
  page.retry_after = retry_after(easy, settings_.politeness.retry_after_max);
  page.url = url;
  page.content_type = extract_content_type(header_values(easy, "Content-Type"));
  page.refresh = header_values(easy, "Refresh");
  page.referrer_policy = referrer_policy_of_header(header_values(easy, "Referrer-Policy")).value_or(ReferrerPolicy{});
  page.body = std::exchange(body_.bytes, {});
  return page;
}

/// Again while the system has no descriptor or no thread for it: the page is not at fault.
FetchedPage PageRequest::get_hop(const std::string& url, MonoTime deadline) {
  LoginTalk login = logins_.begin(url, method());
  for (Connection connection = Connection::any;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - rate_.now());
    if (left <= milliseconds::zero()) return failed(Cause::timeout, url);
    FetchedPage page = ask(url, left, connection, login);
    if (wants_fresh_connection_) {
      connection = Connection::fresh;
      continue;
    }
    const bool is_asked_who = page.cause == Cause::http_status && page.http_status == kUnauthorized;
    if (is_asked_who && logins_.goes_on(login, header_values(handle_.get(), "WWW-Authenticate"), url, method()))
      continue;
    if (wanting_ == 0) return page;
    if (!std::exchange(told_of_want_, true)) {
      log_warning("{}; trying again", error_with_limit("a page's transfer", wanting_).message);
    }
    std::this_thread::sleep_for(std::min(kWantPause, left));
  }
}

bool PageRequest::leads_astray(std::string_view first_url, const FetchedPage& page) const {
  const std::string server = url_authority(page.url);
  return page.http_status == 0 && server != url_authority(first_url) && server != answered_server_;
}

Cause PageRequest::take_redirect(const std::string& from, const ResolvedUrl& to) {
  if (journey_.redirects++ == settings_.http.max_redirects) return Cause::too_many_redirects;
  if (to.cause != Cause::none) return to.cause;
  if (is_insecure_step(from, to.url, settings_.http)) return Cause::insecure_redirect;
  return leads_to_login(to.url) ? Cause::login_needed : Cause::none;
}

bool PageRequest::leads_to_login(std::string_view url) const {
  const auto& pages = settings_.login.pages;
  if (journey_.means == Means::login || pages.empty()) return false;
  const std::string page = login_page(url);
  return page != login_page(journey_.first_hop) && std::ranges::find(pages, page) != pages.end();
}

FetchedPage PageRequest::get(std::string_view first_url, std::uint64_t max_bytes, std::string_view cookies,
                             Means means) {
  max_bytes_ = max_bytes;
  takes_beginning_ = false;
  cookies_.begin(first_url, cookies);
  return start(first_url, rate_.now() + settings_.page.timeout, means);
}

FetchedPage PageRequest::get_beginning(std::string_view first_url, std::uint64_t max_bytes, MonoTime deadline) {
  max_bytes_ = max_bytes;
  takes_beginning_ = true;
  cookies_.begin(first_url, {});
  return start(first_url, deadline, Means::page);
}

FetchedPage PageRequest::start(std::string_view first_url, MonoTime deadline, Means means) {
  ResolvedUrl first = resolve_url({}, first_url);
  if (first.cause != Cause::none) return failed(first.cause, std::move(first.url));
  journey_ = {.first_hop = first.url, .deadline = deadline, .means = means};
  return travel(std::move(first.url));
}

FetchedPage PageRequest::submit(const FormRequest& form, std::string_view page_url) {
  if (is_insecure_step(page_url, form.url, settings_.http)) return failed(Cause::insecure_redirect, form.url);
  journey_ = {.first_hop = form.url, .deadline = rate_.now() + settings_.page.timeout, .means = Means::login};
  if (form.is_post) journey_.form = Form{form.body, form.content_type, url_without_userinfo(page_url)};
  return travel(form.url);
}

FetchedPage PageRequest::go_on(FetchedPage page, std::string url) {
  page.cause = take_redirect(page.url, {.cause = Cause::none, .url = url});
  return page.cause == Cause::none ? travel(std::move(url)) : page;
}

/// A page that was asked for, and leads to where it may not: its server has answered.
FetchedPage PageRequest::get_hop_through_gate(const std::string& url) {
  // By the plain clock: what the gate asks for is not held.
  const MonoTime deadline = mono_now() + (journey_.deadline - rate_.now());
  auto stopped = gate_ ? gate_(url, deadline) : std::nullopt;
  if (!stopped) return get_hop(url, journey_.deadline);
  if (stopped->cause == Cause::robots) stopped->http_status = journey_.redirect_status;
  return *std::move(stopped);
}

FetchedPage PageRequest::travel(std::string next) {
  while (true) {
    FetchedPage page = get_hop_through_gate(next);
    if (page.http_status != 0 && !is_redirect(page.http_status)) answered_server_ = url_authority(page.url);
    page.elsewhere = url_authority(page.url) != url_authority(journey_.first_hop);
    if (leads_astray(journey_.first_hop, page)) page.http_status = journey_.redirect_status;
    journey_.redirect_status = page.http_status;
    if (page.cause != Cause::http_status || !is_redirect(page.http_status)) return page;

    ResolvedUrl target = redirect_target(handle_.get(), page.url, settings_.http);
    page.cause = take_redirect(page.url, target);
    if (page.cause == Cause::login_needed) page.url = target.url;
    if (page.cause != Cause::none) return page;
    if (!keeps_method(page.http_status)) journey_.form.reset();
    next = std::move(target.url);
  }
}

}  // namespace doutu
