// What page fetcher and downloader have in common when they speak HTTP through libcurl: the options, and what a result
// means. Redirects are followed by the caller, hop by hop, so that every hop is judged. One easy handle, one thread.
#pragma once

#include <curl/curl.h>
#include <poll.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/cause.h"
#include "shared/base/clock.h"
#include "shared/base/http_status.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/url/url.h"

namespace doutu {

struct CurlEasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using CurlEasy = std::unique_ptr<CURL, CurlEasyDeleter>;

struct CurlMultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
using CurlMultiHandle = std::unique_ptr<CURLM, CurlMultiDeleter>;

struct CurlListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlList = std::unique_ptr<curl_slist, CurlListDeleter>;

/// curl_global_init, once per process, before any thread starts. Ignores SIGPIPE too.
void init_http();

/// curl_easy_setopt() of what curl copies. Throws std::bad_alloc when there is no memory for the copy: what was set
/// before would still hold, such as another image's URL.
void set_text(CURL* easy, CURLoption option, const char* text);

/// Sets every option that is the same for all transfers: protocols, proxy, TLS, connect timeout, no redirects, no
/// signals. The caller adds URL, RequestHeaders, callbacks, total time and speed limits.
void apply_http_settings(CURL* easy, const HttpOptions& http);

/// Judges the header of one response where curl does not. A header longer than max ends the transfer as bad_response.
/// So does a first line that is folded, since there is no line that it could continue (RFC 9112 section 2.2). Tells
/// whether the header came to its end (where it did not, curl says CURLE_OK with a status and no body). Lives as long
/// as the easy handle is in use; the caller begins before each hop.
struct HeaderLimit {
  /// What curl gives next. An interim answer (1xx) is followed by the status line of another; behind the blank line of
  /// the last one only lines of a trailer come, which change nothing, whatever they look like.
  enum class Next { status_line, first_field, field, trailer };

  std::uint64_t max = 0;   ///< Bytes.
  std::uint64_t seen = 0;  ///< Bytes of the current response.
  Next next = Next::status_line;
  bool is_interim = false;                      ///< Of the last status line.
  std::array<char, CURL_ERROR_SIZE> said = {};  ///< curl's words when the transfer failed.
  /// curl keeps the first words of a transfer. It wrote these when a used connection turned out to be closed, then
  /// asked again on another, whose answer this is: they say nothing about it.
  bool said_of_another_connection = false;

  void begin() { seen = 0, next = Next::status_line, said[0] = '\0', said_of_another_connection = false; }
  /// The blank line behind the header came.
  [[nodiscard]] bool has_ended() const { return next == Next::trailer; }
  /// Whether status and fields are what the server meant to say, however its body went. A length beyond
  /// CURLOPT_MAXFILESIZE ends the transfer at its line, and the header is not at fault.
  [[nodiscard]] bool is_whole(CURLcode code) const {
    return code == CURLE_OK || code == CURLE_FILESIZE_EXCEEDED || has_ended();
  }
  /// The connection closed within the header: what its status and fields say is not to be relied on.
  [[nodiscard]] bool was_cut(CURLcode code) const { return code == CURLE_OK && seen > 0 && !has_ended(); }
};
void install_header_limit(CURL* easy, HeaderLimit& limit);

/// The cause of a finished transfer. http_status is the last hop's; 200 to 299 with CURLE_OK is Cause::none, but for
/// a 206 that is not the whole and for lengths that contradict each other. said: HeaderLimit's. total_limit is
/// CURLOPT_TIMEOUT_MS: it alone tells a transfer that took too long (timeout) from one that was too slow (stalled);
/// zero counts as no limit. What the proxy is to blame for is proxy_failure.h's to say, and to be asked before.
/// CURLE_WRITE_ERROR and CURLE_ABORTED_BY_CALLBACK are bad_response: a caller whose own callback ended the transfer
/// knows better.
[[nodiscard]] Cause cause_of_transfer(CURL* easy, CURLcode code, long http_status,
                                      milliseconds total_limit = milliseconds::zero(), std::string_view said = {});

/// What the system had none of, so that a transfer ended with this code: the errno, which is_want(); 0: it was not for
/// want of anything. A transfer that ended so says nothing about its URL. socket_error: GuardedTransfer's; said:
/// HeaderLimit's. A resolver tells nobody why it failed, nor does OpenSSL of a file: there descriptors are counted.
[[nodiscard]] int want_of_transfer(CURLcode code, int socket_error, std::string_view said);

/// Runs a transfer to its end, alone on a multi handle that keeps the connection for the next one, and leaves easy in
/// it. Blocks as long as the limits of easy allow; is_overdue is asked about once a second, and more often while it
/// goes on: CURLE_OPERATION_TIMEDOUT. Throws std::bad_alloc.
[[nodiscard]] CURLcode perform_alone(CURLM* multi, CURL* easy, const std::function<bool()>& is_overdue = {});

/// The connection that the transfer, which has just ended, left open for the next one over plain HTTP;
/// CURL_SOCKET_BAD: none, or one over TLS, which may have something to say at any time. Before easy leaves its multi
/// handle.
[[nodiscard]] curl_socket_t idle_connection(CURL* easy);

/// Shuts down, and removes, those idle connections (POLLIN asked for) on which something came that curl would take for
/// the answer to the next request, or their end: curl does not use them again.
void end_connections_with_unsolicited_data(std::vector<pollfd>& idle);

/// Whether a connection that other transfers used will do. One that will not: the server has said that this host is
/// none of its own (421; RFC 9110 section 15.5.20), which is true of that connection.
enum class Connection { any, fresh };
void use_connection(CURL* easy, Connection connection);

/// Whether a transfer over any connection has to be done again over a fresh one: the answer is a 421, or only the words
/// for its failure tell the cause, and they are said of another connection.
[[nodiscard]] bool needs_fresh_connection(CURLcode code, long http_status, const HeaderLimit& header);

/// The values of all lines that the last hop's header has under a name.
void for_each_header(CURL* easy, const char* name, const std::function<void(std::string_view)>& take);

/// What the last hop's header says under a name: the values of all its lines, with ", " between them (RFC 9110 section
/// 5.3). Empty when there is none.
[[nodiscard]] std::string header_values(CURL* easy, const char* name);

/// Whether a step from one URL to another would leave https behind, which --insecure allows.
[[nodiscard]] bool is_insecure_step(std::string_view from, std::string_view to, const HttpOptions& http);

/// Where the last hop, a request to url that was answered with a redirect, leads. bad_redirect: no Location, or none
/// that is an http or https URL. insecure_redirect: from https to http, which --insecure allows.
[[nodiscard]] ResolvedUrl redirect_target(CURL* easy, std::string_view url, const HttpOptions& http);

/// Retry-After of the last hop (seconds or a date; RFC 9110 section 10.2.3), at most max; zero when there was none or
/// it made no sense.
[[nodiscard]] seconds retry_after(CURL* easy, milliseconds max);

}  // namespace doutu
