// PageRequest: gets one page over HTTP, redirects included, every hop judged by the address guard. Keeps its
// connections from page to page. Page fetcher, one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crawler/fetcher/html/form_request.h"
#include "crawler/fetcher/page_cookies.h"
#include "crawler/fetcher/page_rate.h"
#include "shared/base/cause.h"
#include "shared/base/clock.h"
#include "shared/coding/body_unpacker.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/http/address_guard.h"
#include "shared/http/http_client.h"
#include "shared/http/logins.h"
#include "shared/http/referer.h"
#include "shared/http/request_headers.h"
#include "shared/http/tls_sessions.h"
#include "shared/http/transfer_handle.h"
#include "shared/http/unheeded_length.h"
#include "shared/url/referrer_policy.h"

namespace doutu {

/// What a request ended with. The fields below cause say what was known by then.
struct FetchedPage {
  Cause cause = Cause::none;      ///< none: the last hop answered 2xx, and body is complete.
  std::uint16_t http_status = 0;  ///< Of a redirect, where what it leads to cannot be reached and never has answered.
  seconds retry_after{0};
  bool elsewhere = false;    ///< The last hop went to another host than the first.
  std::string url;           ///< Of the last hop.
  std::string content_type;  ///< What its headers come to; see extract_content_type().
  std::string refresh;       ///< Its Refresh header.
  std::string body;          ///< Unpacked.
  /// What its header says of requests for what is on it.
  ReferrerPolicy referrer_policy{};
};

class PageRequest {
 public:
  /// A page ends where it leads to a login (LoginOptions::pages); a login does not.
  enum class Means { page, login };

  /// settings must outlive it. Precondition: init_http() was called.
  explicit PageRequest(const CrawlSettings& settings, PageRate rate = {}, PageCookies::Ask ask_cookies = {});
  PageRequest(const PageRequest&) = delete;
  PageRequest& operator=(const PageRequest&) = delete;

  /// Whether a URL may be asked for: nullopt, or what the page ends with. Asked before each hop of get() and go_on().
  using Gate = std::function<std::optional<FetchedPage>(const std::string& url, MonoTime deadline)>;
  void set_gate(Gate gate) { gate_ = std::move(gate); }

  /// cookies: of its host, a line each. Blocks for at most settings.page.timeout, and for as long as the rate wants it.
  FetchedPage get(std::string_view url, std::uint64_t max_bytes, std::string_view cookies = {},
                  Means means = Means::page);

  /// As get(), but a longer body is no failure: its first max_bytes are, and no more is read.
  FetchedPage get_beginning(std::string_view url, std::uint64_t max_bytes, MonoTime deadline);

  /// Where the page of the last call says itself that it leads, as though that had been a redirect: within the time and
  /// the redirects of that get(), and judged as they are. page: without its body. url: normalised.
  FetchedPage go_on(FetchedPage page, std::string url);

  /// A form of the page that came last, with its cookies; as get(), but that it leads to a login is as it should be.
  FetchedPage submit(const FormRequest& form, std::string_view page_url);

  /// What the answers since get() have set for good.
  [[nodiscard]] std::vector<PageCookies::Set> take_cookies() { return cookies_.take_lasting(); }

 private:
  /// What is sent.
  struct Form {
    std::string body;
    std::string content_type;
    std::string page;  ///< That has the form.
  };
  /// From what get() was asked for to what it came to.
  struct Journey {
    std::string first_hop;
    MonoTime deadline;  ///< By the clock of rate_, as all times here.
    std::uint32_t redirects = 0;
    std::uint16_t redirect_status = 0;  ///< Of the last one.
    Means means = Means::page;
    std::optional<Form> form{};  ///< nullopt: a GET.
  };
  /// Of the current hop.
  struct Body {
    bool began = false;
    BodyUnpacker unpacker;
    bool has_unknown_coding = false;
    std::string bytes;  ///< Unpacked.
    Decoded decoded = Decoded::ok;

    /// In a coding that nobody knows: no page was read.
    [[nodiscard]] bool is_unreadable() const { return has_unknown_coding && begins_as_binary(bytes); }
  };
  static std::size_t take_bytes(char* data, std::size_t size, std::size_t count, void* context);

  void begin_body(std::span<const char> first);
  Decoded take(std::span<const char> bytes);
  void prepare(CURL* easy);
  /// Whether the page's own server answers, though it leads to one that does not: no outage of the site, as far as
  /// known.
  [[nodiscard]] bool leads_astray(std::string_view first_url, const FetchedPage& page) const;
  /// From next on.
  FetchedPage travel(std::string next);
  FetchedPage start(std::string_view first_url, MonoTime deadline, Means means);
  FetchedPage get_hop_through_gate(const std::string& url);
  /// Counts one; what forbids it.
  Cause take_redirect(const std::string& from, const ResolvedUrl& to);
  /// Runs the current transfer to its end.
  CURLcode run(milliseconds limit);
  [[nodiscard]] std::string_view method() const { return journey_.form ? "POST" : "GET"; }
  void set_body(CURL* easy) const;
  void set_headers(CURL* easy, const std::string& url, const LoginTalk& login);
  [[nodiscard]] bool leads_to_login(std::string_view url) const;
  /// One request; fills everything but the redirect.
  FetchedPage ask(const std::string& url, milliseconds limit, Connection connection, const LoginTalk& login);
  /// One hop: asked for again over a connection of its own where the server wants that, and when the system has again
  /// what it had none of.
  FetchedPage get_hop(const std::string& url, MonoTime deadline);
  [[nodiscard]] Cause cause_of(CURLcode code, long http_status, milliseconds limit);

  const CrawlSettings& settings_;
  Gate gate_;                     ///< Empty: every URL may be asked for.
  std::uint64_t max_bytes_ = 0;   ///< Of the body that is asked for, unpacked.
  bool takes_beginning_ = false;  ///< A longer one is cut.
  PageRate rate_;
  const AddressGuard guard_;
  const RequestHeaders headers_;
  Logins logins_;
  const Referer referer_;
  HopHeaders hop_headers_;
  PageCookies cookies_;
  const TlsSessions tls_sessions_;
  TransferHandle handle_{[this](CURL* easy) { prepare(easy); }};
  const CurlMultiHandle connections_;  ///< Runs one transfer at a time and keeps its connection for the next.
  std::vector<pollfd> idle_;           ///< That connection, over plain HTTP.
  GuardedTransfer transfer_;
  HeaderLimit header_limit_;
  UnheededLength length_;
  Body body_;
  Journey journey_;
  int wanting_ = 0;                      ///< want_of_transfer() of the last hop.
  bool wants_fresh_connection_ = false;  ///< needs_fresh_connection() of the last hop.
  bool told_of_want_ = false;
  std::string answered_server_;  ///< The last that did: scheme, host and port.
};

}  // namespace doutu
