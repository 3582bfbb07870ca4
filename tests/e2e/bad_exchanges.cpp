// Answers that lead elsewhere, ask for something, go on or stop where they should not, or are no HTTP.
#include <fmt/format.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/bad_answer_groups.h"

namespace doutu::bad_answers {
namespace {

using namespace std::string_literals;
using Then = RawAnswer::Then;
using Pair = std::pair<const char*, const char*>;

// --- Redirects.

Answers redirects() {
  Answers all;
  const auto to = [&](const char* outcome, const std::vector<std::string>& places) {
    for (const std::string& place : places) {
      all.push_back(same("Location " + shown(place),
                         "HTTP/1.1 302 Found\r\nLocation: " + place + "\r\nContent-Length: 0\r\n\r\n", outcome,
                         Then::keep_alive));
    }
  };
  to(kGood,
     {"$PLACE", "$PLACE#x", " $PLACE ", "\t$PLACE\t", "//$HOST$PLACE", "http://$HOST$PLACE", "HTTP://$HOST$PLACE",
      "http:$PLACE", "http://u:p@$HOST$PLACE", "http://u@$HOST$PLACE", "http://:p@$HOST$PLACE",
      "http://$HOST/x/..$PLACE", "/.//..$PLACE", "../../../..$PLACE", "\\\\$HOST$PLACE", "http:\\\\$HOST$PLACE"});
  to("bad-redirect", {"",
                      " ",
                      "ftp://$HOST/x",
                      "file:///etc/passwd",
                      "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
                      "javascript:alert(1)",
                      "gopher://$HOST/x",
                      "mailto:a@b.test",
                      "about:blank",
                      "blob:http://$HOST/x",
                      "ws://$HOST/x",
                      "wss://$HOST/x",
                      "chrome://x",
                      "tel:1",
                      "urn:x",
                      "view-source:http://$HOST/",
                      "http://",
                      "http://:80/",
                      "http://[::1",
                      "http://[x]/",
                      "http://127.0.0.1:99999/x",
                      "http://127.0.0.1:-1/x",
                      "http://127.0.0.1:x/",
                      "http://127.0.0.1:80:80/",
                      "http://256.0.0.1/x",
                      "http://a b/x",
                      "http://%00/",
                      "http://<>/",
                      "/" + std::string(20'000, 'x')});
  to("http-404",
     {"nowhere", "./nowhere", "/nowhere", "?nowhere", "/nowhere?$PLACE", "/%0d%0aX:y", "/\xe4\xf6", "/\xc3\xa4", "/a b",
      "/%", "/%zz", "/<>\"", "/" + std::string(10'000, 'x'), "/nowhere:80", "/;$PLACE", "/?http://x.test/"});
  to("too-many-redirects", {"$URL", "#x", "$URL#x"});
  to("bad-response",
     {"$PLACE\0"s, "\0"s, "/x\0$PLACE"s, "/" + std::string(100'000, 'x'), "/" + std::string(200'000, 'x')});
  to(kEither,
     {"$PLACE\r\nLocation: $PLACE", "$PLACE\r\nLocation: /nowhere", "$PLACE\r", "/x\r$PLACE", "http:/$HOST$PLACE",
      "http:///$HOST$PLACE", "http:////$HOST$PLACE", "http://$HOST:$PLACE", "\"$PLACE\"", "<$PLACE>", "\x01$PLACE",
      "$PLACE\x7f", "\x0b$PLACE", "/nowhere\r\n $PLACE", "$PLACE, /nowhere", "http://0/", "http://127.0.0.1:0/x"});
  for (const int status : {301, 302, 303, 307, 308}) {
    all.push_back(same(fmt::format("{} with a page", status),
                       fmt::format("HTTP/1.1 {} X\r\nLocation: $PLACE\r\n", status) + kRest, kGood, Then::keep_alive));
    all.push_back(same(fmt::format("{} without Location", status), fmt::format("HTTP/1.1 {} X\r\n", status) + kRest,
                       "bad-redirect", Then::keep_alive));
  }
  for (const int status : {200, 201, 203, 300, 304, 305, 306, 309, 404, 410, 500}) {
    const std::string outcome = status < 300 ? kGood : fmt::format("http-{}", status);
    all.push_back(same(fmt::format("{} with Location", status),
                       fmt::format("HTTP/1.1 {} X\r\nLocation: /nowhere\r\n", status) + kRest, outcome.c_str()));
  }
  const std::string moved = "HTTP/1.1 302 Found\r\nLocation: $PLACE\r\n";
  append(all,
         {same("302 with bad chunks", moved + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", kGood),
          same("302 with a short body", moved + "Content-Length: 99\r\n\r\nx", kGood),
          same("302 until close", moved + "\r\n$BODY", kGood),
          same("302 until reset", moved + "\r\n$BODY", kGood, Then::reset),
          same("302 with a bad length", moved + "Content-Length: x\r\n\r\n", kEither),
          same("302 with a petabyte announced", moved + "Content-Length: 1000000000000000\r\n\r\n", kGood),
          same("302 cut in its header", moved, "truncated"),
          same("302 reset in its header", moved, "connection-lost", Then::reset),
          same("302 with a coding", moved + "Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", kGood),
          same("302 with 100000 bytes", moved + "\r\n" + std::string(100'000, 'x'), kGood),
          same("302 with an answer behind it", moved + "Content-Length: 0\r\n\r\n" + kOk, kGood, Then::keep_alive)});
  return all;
}

// --- Fields that ask for something.

Answers wishes() {
  Answers all;
  for (const std::string& value : {"0"s, "-5"s, "soon"s, "1e9"s, ""s, "99999999999999999999999"s, "120abc"s,
                                   "Fri, 31 Dec 9999 23:59:59 GMT"s, "Fri, 31 Dec 1999 23:59:59 GMT"s, "31 Dec"s,
                                   "\xff"s, "1\r\nRetry-After: 2"s, "+1"s, "0x10"s, std::string(9'000, '9')}) {
    all.push_back(same("Retry-After " + shown(value),
                       "HTTP/1.1 404 Not Found\r\nRetry-After: " + value + "\r\nContent-Length: 0\r\n\r\n", "http-404",
                       Then::keep_alive));
  }
  for (const std::string& line : {"Connection: close"s,
                                  "Connection: keep-alive"s,
                                  "Connection: keep-alive, close"s,
                                  "Connection: ,,,"s,
                                  "Connection:"s,
                                  "Connection: Content-Length"s,
                                  "Connection: Upgrade\r\nUpgrade: h2c"s,
                                  "Upgrade: h2c"s,
                                  "Upgrade: websocket"s,
                                  "Upgrade:"s,
                                  "Keep-Alive: timeout=0"s,
                                  "Keep-Alive: timeout=-1"s,
                                  "Keep-Alive: timeout=99999999999999999999"s,
                                  "Keep-Alive: max=0"s,
                                  "Keep-Alive: x"s,
                                  "Proxy-Connection: close"s,
                                  "Proxy-Connection: keep-alive"s,
                                  "Proxy-Authenticate: Basic"s,
                                  "Proxy-Authenticate: NTLM"s,
                                  "Proxy-Authenticate: Negotiate"s,
                                  "WWW-Authenticate: NTLM x"s,
                                  "WWW-Authenticate: Basic realm=\"x"s,
                                  "WWW-Authenticate: Digest"s,
                                  "WWW-Authenticate: Negotiate =="s,
                                  "Alt-Svc: h3=\":443\"; ma=99999999999999"s,
                                  "Alt-Svc: clear"s,
                                  "Alt-Svc: \""s,
                                  "Strict-Transport-Security: max-age=99999999999999999999"s,
                                  "Trailer: Content-Length"s,
                                  "TE: trailers"s,
                                  "Accept-Ranges: x"s,
                                  "Content-Range: bytes */0"s,
                                  "Content-Range: x"s,
                                  "Refresh: 0; url=/nowhere"s,
                                  "Content-Location: /nowhere"s,
                                  "Last-Modified: x"s,
                                  "Date: x"s,
                                  "Expires: -1"s,
                                  "Via: 9.9 x"s,
                                  "Public-Key-Pins: x"s,
                                  "Authentication-Info: x"s,
                                  "Content-Disposition: attachment; filename=\"../../x\""s,
                                  "HTTP2-Settings: AAMAAABkAAQ"s,
                                  "X-Content-Type-Options: nosniff"s,
                                  "Content-MD5: x"s,
                                  "Warning: 199 x"s,
                                  "Host: evil.test"s,
                                  "Content-Length-: -1"s}) {
    const Then then = line == "Connection: close" ? Then::close : Then::keep_alive;
    all.push_back(same("field " + shown(line), kStatus + line + "\r\n" + kRest, kGood, then));
  }
  for (const std::string& line :
       {"Basic"s, "Basic realm=x"s, "Digest"s, "Digest nonce=\"x\", qop=\"auth\""s, "NTLM"s, "NTLM TlRMTVNTUAACAAAA"s,
        "Negotiate"s, "Negotiate oQ=="s, "Bearer"s, ""s, ","s, "\xff"s}) {
    all.push_back(same("401 " + shown(line), "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: " + line + "\r\n" + kRest,
                       "http-401", Then::keep_alive));
    all.push_back(same("407 " + shown(line),
                       "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: " + line + "\r\n" + kRest,
                       "http-407", Then::keep_alive));
  }
  all.push_back(same("401 of 300 lines", "HTTP/1.1 401 X\r\n" + times(300, "WWW-Authenticate: NTLM x\r\n") + kRest,
                     "http-401", Then::keep_alive));
  return all;
}

// --- What follows the answer on its connection is no answer to the next request.

Answers surplus() {
  Answers all;
  for (const auto& [name, more] :
       {std::pair("CRLF", "\r\n"s), std::pair("a NUL", "\0"s), std::pair("a byte", "x"s),
        std::pair("half a status line", "HTTP/1."s), std::pair("a status line", kStatus),
        std::pair("an answer without its end", kStatus + "Content-Length: 99999\r\n\r\nx"),
        std::pair("a 404", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"s),
        std::pair("a redirect", "HTTP/1.1 302 Found\r\nLocation: /nowhere\r\nContent-Length: 0\r\n\r\n"s),
        std::pair("an answer", kStatus + "Content-Length: 4\r\n\r\nEVIL"),
        std::pair("ten answers", times(10, kStatus + "Content-Length: 4\r\n\r\nEVIL")),
        std::pair("an answer that begins folded", kStatus + " x: y\r\nContent-Length: 4\r\n\r\nEVIL"),
        std::pair("a TLS alert", "\x15\x03\x03\x00\x02\x02\x28"s),
        std::pair("30000 bytes", std::string(30'000, 'x'))}) {
    all.push_back(same(fmt::format("with {} behind it", name), kOk + more, kGood, Then::keep_alive));
    all.push_back(same(fmt::format("in chunks with {} behind it", name), kChunked + "$CHUNKS0\r\n\r\n" + more, kGood,
                       Then::keep_alive));
    all.push_back(same(fmt::format("404 with {} behind it", name),
                       "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" + more, "http-404", Then::keep_alive));
  }
  return all;
}

// --- No HTTP at all.

Answers other_protocols() {
  Answers all;
  for (const auto& [name, bytes] : {std::pair("the body alone", "$BODY"s),
                                    std::pair("the body, then the header", "$BODY\r\n" + kOk),
                                    std::pair("a TLS alert", "\x15\x03\x03\x00\x02\x02\x28"s),
                                    std::pair("a TLS hello", "\x16\x03\x03\x00\x05\x02\x00\x00\x01\x00"s),
                                    std::pair("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"s),
                                    std::pair("a frame of HTTP/2", "\0\0\0\4\0\0\0\0\0"s),
                                    std::pair("SSH", "SSH-2.0-OpenSSH_9.2\r\n"s),
                                    std::pair("FTP", "220 ready\r\n"s),
                                    std::pair("SMTP", "220 x ESMTP\r\n500 what\r\n"s),
                                    std::pair("a request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"s),
                                    std::pair("1000 blank lines", times(1000, "\r\n")),
                                    std::pair("1000 NULs", std::string(1000, '\0')),
                                    std::pair("65536 bytes of 255", std::string(65'536, '\xff')),
                                    std::pair("a blank", " "s),
                                    std::pair("a line feed", "\n"s),
                                    std::pair("JSON", "{\"error\": 1}"s),
                                    std::pair("HTML", "<html><body>HTTP/0.9</body></html>"s),
                                    std::pair("gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00"s),
                                    std::pair("a PNG's first bytes", "\x89PNG\r\n\x1a\n"s),
                                    std::pair("HTP", "HTP/1.1 200 OK\r\n\r\n"s),
                                    std::pair("200000 bytes without a line", std::string(200'000, 'x')),
                                    std::pair("a line of HTTP/1.1 only", "HTTP/1.1\r\n\r\n"s)}) {
    all.push_back(same(fmt::format("no HTTP: {}", name), bytes, kFails));
    all.push_back(same(fmt::format("no HTTP, reset: {}", name), bytes, kFails, Then::reset));
  }
  return all;
}

// --- A good answer that ends too early, after each of its bytes.

Answers cut_answers() {
  Answers all;
  const std::string head = kStatus + kType + "Content-Length: 700\r\n\r\n";
  for (std::size_t i = 0; i < head.size(); ++i) {
    const std::string bytes = head.substr(0, i);
    // curl takes the first bytes of a status line for another protocol, if nothing follows.
    all.push_back(same(fmt::format("closed after {} bytes", i), bytes, i < kStatus.size() ? kFails : "truncated"));
    if (i % 4 == 0) all.push_back(same(fmt::format("reset after {} bytes", i), bytes, kFails, Then::reset));
  }
  const std::string tail = "$CHUNKS0\r\n\r\n";
  for (std::size_t i = 7; i < tail.size(); ++i) {
    all.push_back(same(fmt::format("closed {} bytes before the end of its chunks", tail.size() - i),
                       kChunked + tail.substr(0, i), i + 2 < tail.size() ? kFails : kEither));
  }
  for (BadAnswer& answer : all) {
    if (answer.name.find("before the end") != std::string::npos) answer.image = answer.page = kEither;
  }
  for (const Pair& half :
       {Pair("$BODY's length and no byte", ""), Pair("one byte", "\x89"), Pair("seven bytes", "1234567")}) {
    all.push_back(same(fmt::format("body: {}, closed", half.first),
                       kStatus + "Content-Length: 700\r\n\r\n" + half.second, kFails));
    all.push_back(same(fmt::format("body: {}, reset", half.first),
                       kStatus + "Content-Length: 700\r\n\r\n" + half.second, kFails, Then::reset));
  }
  return all;
}

}  // namespace

Answers exchanges() {
  Answers all;
  for (const auto& group : {redirects(), wishes(), surplus(), other_protocols(), cut_answers()}) append(all, group);
  return all;
}

}  // namespace doutu::bad_answers
