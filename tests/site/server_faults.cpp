#include "tests/site/server_faults.h"

#include <chrono>

#include "tests/site/coded_bodies.h"
#include "tests/site/fault_parts.h"

namespace doutu {
namespace {

using namespace fault_parts;
using namespace std::string_literals;
using std::chrono::milliseconds;

std::vector<Fault> statuses() {
  const auto plain = [](int status) {
    return [status](const Good& good) {
      return once({.status = status, .headers = {{"Content-Type", good.type}}, .body = good.body});
    };
  };
  const auto bodyless = [](const std::string& status) {
    return [status](const Good&) { return bytes("HTTP/1.1 " + status + "\r\n\r\n", Ending::keep_alive); };
  };
  const auto then_good = [](const Response& first) {
    return [first](const Good& good) {
      return Answers{first, {.headers = {{"Content-Type", good.type}}, .body = good.body}};
    };
  };
  return {
      {"200", plain(200), {kHad}, {kHad}},
      {"400", plain(400), {"http-400"}, {"http-400"}},
      {"403", plain(403), {"http-403"}, {"http-403"}},
      {"404", plain(404), {"http-404"}, {"http-404"}},
      {"408", plain(408), {"http-408", 2}, {"http-408", 2}},
      {"410", plain(410), {"http-410"}, {"http-410"}},
      {"500", plain(500), {"http-500", 2}, {"http-500", 2}},
      {"500-then-200", then_good({.status = 500}), {kHad, 2}, {kHad, 2}},
      {"501", plain(501), {"http-501"}, {"http-501"}},
      {"503-retry-after-soon", then_good({.status = 503, .headers = {{"Retry-After", "soon"}}}), {kHad, 2}, {kHad, 2}},
      {"503-retry-after-1e9", then_good({.status = 503, .headers = {{"Retry-After", "1e9"}}}), {kHad, 2}, {kHad, 2}},
      {"503-retry-after-negative",
       then_good({.status = 503, .headers = {{"Retry-After", "-5"}}}),
       {kHad, 2},
       {kHad, 2}},
      {"503-retry-after-nothing", then_good({.status = 503, .headers = {{"Retry-After", ""}}}), {kHad, 2}, {kHad, 2}},
      {"503-retry-after-long-ago",
       then_good({.status = 503, .headers = {{"Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"}}}),
       {kHad, 2},
       {kHad, 2}},
      // A class that nobody knows counts as 5xx (RFC 9110 section 15).
      {"999", plain(999), {"http-999", 2}, {"http-999", 2}},
      {"204", bodyless("204 No Content"), {"empty-body", 2}, {kEmpty}},
      {"205", bodyless("205 Reset Content\r\nContent-Length: 0"), {"empty-body", 2}, {kEmpty}},
      {"206-unasked", plain(206), {"bad-response", 2}, {"bad-response", 2}},
      {"206-that-is-the-whole",
       [](const Good& it) {
         const std::string size = std::to_string(it.body.size());
         const std::string range = "bytes 0-" + std::to_string(it.body.size() - 1) + "/" + size;
         return once(
             {.status = 206, .headers = {{"Content-Type", it.type}, {"Content-Range", range}}, .body = it.body});
       },
       {kHad},
       {kHad}},
      {"421-then-200", then_good({.status = 421}), {kHad, 2}, {kHad, 2}},
      {"300-without-location", plain(300), {"http-300"}, {"http-300"}},
      {"304-unasked", bodyless("304 Not Modified"), {"http-304"}, {"http-304"}},
  };
}

std::vector<Fault> redirects() {
  const auto by = [](int status) { return [status](const Good& good) { return redirect(status, good.elsewhere); }; };
  const auto to = [](const std::string& location) {
    return [location](const Good&) { return redirect(302, location); };
  };
  return {
      {"301", by(301), {kHad}, {kHad}},
      {"302", by(302), {kHad}, {kHad}},
      {"303", by(303), {kHad}, {kHad}},
      {"307", by(307), {kHad}, {kHad}},
      {"308", by(308), {kHad}, {kHad}},
      {"redirect-relative",
       [](const Good& good) { return redirect(302, ".." + good.elsewhere + "#here"); },
       {kHad},
       {kHad}},
      {"redirect-loop", to("#again"), {"too-many-redirects"}, {"too-many-redirects"}, 11},
      {"redirect-with-spaces",
       [](const Good& good) { return redirect(302, "  /spaced out/.." + good.elsewhere + " "); },
       {kHad},
       {kHad}},
      {"redirect-with-an-endless-body",
       [](const Good& good) {
         return once({.raw = "HTTP/1.1 302 Found\r\nLocation: " + good.elsewhere + "\r\n\r\n",
                      .again = std::string(256 << 10, 'x')});
       },
       {kHad},
       {kHad}},
      {"redirect-of-20000-bytes", to("/" + std::string(20'000, 'x')), {"bad-redirect"}, {"bad-redirect"}},
      {"redirect-to-javascript", to("javascript:alert(1)"), {"bad-redirect"}, {"bad-redirect"}},
      {"redirect-to-gopher", to("gopher://127.0.0.1/x"), {"bad-redirect"}, {"bad-redirect"}},
      {"redirect-to-no-port", to("http://127.0.0.1:99999/x"), {"bad-redirect"}, {"bad-redirect"}},
      {"redirect-without-location",
       [](const Good& good) { return once({.status = 302, .body = good.body}); },
       {"bad-redirect"},
       {"bad-redirect"}},
      {"redirect-to-ftp", to("ftp://127.0.0.1/x"), {"bad-redirect"}, {"bad-redirect"}},
      {"redirect-to-file", to("file:///etc/passwd"), {"bad-redirect"}, {"bad-redirect"}},
      {"redirect-to-data", to("data:image/gif;base64,R0lGODlhAQABAAAAACw="), {"bad-redirect"}, {"bad-redirect"}},
  };
}

std::vector<Fault> interruptions() {
  const auto half = [](Ending ending) {
    return [ending](const Good& good) {
      return once({.body = good.body, .cut_after = good.body.size() / 2, .ending = ending});
    };
  };
  return {
      {"reset-in-the-header",
       [](const Good&) { return bytes("HTTP/1.1 200 OK\r\nContent-", Ending::reset); },
       {"connection-lost", 2},
       {"connection-lost", 2}},
      {"reset-in-the-body", half(Ending::reset), {"connection-lost", 2}, {"connection-lost", 2}},
      {"stall-in-the-header",
       [](const Good&) { return bytes("HTTP/1.1 200 OK\r\n", Ending::hang); },
       {"stalled", 2},
       {"timeout", 2}},
      {"stall-in-the-body", half(Ending::hang), {"stalled", 2}, {"timeout", 2}},
      {"drip-in-the-header",
       [](const Good&) { return once({.raw = "HTTP/1.1 200 OK\r\n", .again = "X", .again_every = milliseconds(50)}); },
       {"stalled", 2},
       {"timeout", 2}},
      {"drip-in-the-body",
       [](const Good& good) {
         return once({.raw = raw("", half_of(good.body)), .again = "x", .again_every = milliseconds(300)});
       },
       {"stalled", 2},
       {"timeout", 2}},
  };
}

std::vector<Fault> floods() {
  return {
      {"endless-body",
       [](const Good& good) { return once({.raw = raw("", good.body), .again = std::string(256 << 10, 'x')}); },
       {"too-large"},
       {"page-too-large"}},
      {"endless-header",
       [](const Good&) { return once({.raw = "HTTP/1.1 200 OK\r\n", .again = times(100, "X-Filler: xxxxxxxx\r\n")}); },
       {"bad-response", 2},
       {"bad-response", 2}},
      {"endless-header-line",
       [](const Good&) { return once({.raw = "HTTP/1.1 200 OK\r\nX: ", .again = std::string(4096, 'x')}); },
       {"bad-response", 2},
       {"bad-response", 2}},
      {"endless-1xx",
       [](const Good&) {
         return once({.raw = "HTTP/1.1 100 Continue\r\n\r\n", .again = times(100, "HTTP/1.1 103 Early Hints\r\n\r\n")});
       },
       {"bad-response", 2},
       {"bad-response", 2}},
      {"gzip-bomb-on-an-error-page",
       [](const Good&) {
         return once({.status = 404, .headers = {{"Content-Encoding", "gzip"}}, .body = gzip_bomb(20'000'000)});
       },
       {"http-404"},
       {"http-404"}},
      {"endless-error-page",
       [](const Good&) {
         return once({.raw = "HTTP/1.1 404 Not Found\r\n\r\n", .again = std::string(256 << 10, 'x')});
       },
       {"http-404"},
       {"http-404"}},
      {"gzip-bomb",
       [](const Good& it) {
         return good(it, {{"Content-Encoding", "gzip"}}, gzip_bomb(20'000'000));
       },
       {"not-an-image"},
       {"page-too-large"}},
  };
}

std::vector<Fault> codings() {
  const auto coded = [](const char* name, auto pack) {
    return [name, pack](const Good& it) { return good(it, {{"Content-Encoding", name}}, pack(it.body)); };
  };
  const auto as_it_is = [](const std::string& body) { return body; };
  return {
      {"gzip", coded("gzip", gzip), {kHad}, {kHad}},
      {"gzip-cut-off",
       coded("gzip", [](const std::string& body) { return half_of(gzip(body)); }),
       {"truncated", 2},
       {"truncated", 2}},
      {"brotli", coded("br", brotli), {kHad}, {kHad}},
      {"gzip-only-in-name", coded("gzip", as_it_is), {kHad}, {"bad-response", 2}},
      {"coding-in-name-only-that-nobody-knows", coded("x-doutu", as_it_is), {kHad}, {kHad}},
  };
}

std::vector<Fault> lies() {
  const auto html = [](const char* type) {
    return [type](const Good&) {
      return once({.headers = {{"Content-Type", type}}, .body = "\n <!DOCTYPE html><html><body>Log in</body></html>"});
    };
  };
  return {
      {"html", html("text/html"), {"html-not-image"}, {kEmpty}},
      {"html-called-jpeg", html("image/jpeg"), {"html-not-image"}, {kEmpty}},
      {"text",
       [](const Good&) { return once({.body = "just some text that is long enough"}); },
       {"not-an-image"},
       {kEmpty}},
  };
}

std::vector<Fault> malformed() {
  const auto opening = [](const std::string& head) {
    return [head](const Good& good) { return bytes(head + length_of(good.body) + "\r\n" + good.body); };
  };
  return {
      {"no-status-line", [](const Good& good) { return bytes(good.body); }, {"bad-response", 2}, {"bad-response", 2}},
      {"another-protocol",
       [](const Good&) { return bytes("SSH-2.0-OpenSSH_9.2\r\n\r\n"); },
       {"bad-response", 2},
       {"bad-response", 2}},
      {"status-line-after-a-blank-line", opening("\r\nHTTP/1.1 200 OK\r\n"), {"bad-response", 2}, {"bad-response", 2}},
      {"status-of-four-digits", opening("HTTP/1.1 2000 OK\r\n"), {"bad-response", 2}, {"bad-response", 2}},
      {"status-negative", opening("HTTP/1.1 -200 OK\r\n"), {"bad-response", 2}, {"bad-response", 2}},
      {"status-of-letters", opening("HTTP/1.1 abc OK\r\n"), {"bad-response", 2}, {"bad-response", 2}},
      {"status-of-nothing", opening("HTTP/1.1\r\n"), {"bad-response", 2}, {"bad-response", 2}},
      {"status-of-two-digits", opening("HTTP/1.1 20 OK\r\n"), {"bad-response", 2}, {"bad-response", 2}},
      {"http-7.3", opening("HTTP/7.3 200 OK\r\n"), {"bad-response", 2}, {"bad-response", 2}},
      {"nul-in-the-header", opening("HTTP/1.1 200 OK\r\nX: a\0b\r\n"s), {"bad-response", 2}, {"bad-response", 2}},
      {"header-line-without-colon",
       opening("HTTP/1.1 200 OK\r\nwhat is this\r\n"),
       {"bad-response", 2},
       {"bad-response", 2}},
      {"header-line-folded", opening("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\tc\r\n"), {kHad}, {kHad}},
      {"cookie-of-32-kib",
       opening("HTTP/1.1 200 OK\r\nSet-Cookie: a=" + std::string(32 << 10, 'x') + "\r\n"),
       {kHad},
       {kHad}},
      {"cookie-of-64-kib",
       opening("HTTP/1.1 200 OK\r\nSet-Cookie: a=" + std::string(64 << 10, 'x') + "\r\n"),
       {"bad-response", 2},
       {"bad-response", 2}},
      {"204-with-a-body", opening("HTTP/1.1 204 No Content\r\n"), {"empty-body", 2}, {kEmpty}},
      {"304-with-a-body", opening("HTTP/1.1 304 Not Modified\r\n"), {"http-304"}, {"http-304"}},
      {"header-without-reason", opening("HTTP/1.1 200\r\n"), {kHad}, {kHad}},
      {"line-feeds-alone",
       [](const Good& good) {
         return bytes("HTTP/1.1 200 OK\nContent-Length: " + std::to_string(good.body.size()) + "\n\n" + good.body);
       },
       {kHad},
       {kHad}},
      {"early-hints-first",
       opening("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\n"),
       {kHad},
       {kHad}},
      {"101-unasked",
       opening("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nHTTP/1.1 200 OK\r\n"),
       {"http-101"},
       {"http-101"}},
  };
}

}  // namespace

std::vector<Fault> all_faults() {
  std::vector<Fault> all;
  for (const auto& group :
       {statuses(), redirects(), lengths(), chunks(), interruptions(), floods(), codings(), lies(), malformed()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

}  // namespace doutu
