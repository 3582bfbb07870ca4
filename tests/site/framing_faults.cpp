// How a server may get the length of a body wrong.
#include <string>
#include <vector>

#include "tests/site/fault_parts.h"

namespace doutu::fault_parts {

std::vector<Fault> lengths() {
  return {
      {"length-too-large",
       [](const Good& good) { return bytes(raw(length_of(good.body + "more"), good.body)); },
       {"truncated", 2},
       {"truncated", 2}},
      // What is beyond the length is no part of the message (RFC 9112 section 6.3).
      {"length-too-small",
       [](const Good& good) { return bytes(raw(length_of(good.body), good.body + "<img src=/surplus.png>")); },
       {kHad},
       {kHad}},
      {"surplus-answer",
       [](const Good& good) {
         const std::string surplus = "no image, no page";
         return bytes(raw(length_of(good.body), good.body + raw(length_of(surplus), surplus)), Ending::keep_alive);
       },
       {kHad},
       {kHad}},
      {"length-of-a-petabyte",
       [](const Good& good) {
         return once({.headers = {{"Content-Length", "1000000000000000"}}, .body = good.body, .ending = Ending::hang});
       },
       {"too-large"},
       {"page-too-large"}},
      {"length-beyond-64-bits",
       [](const Good& good) {
         return once({.headers = {{"Content-Length", "99999999999999999999"}}, .body = good.body});
       },
       {"too-large"},
       {"page-too-large"}},
      {"length-negative",
       [](const Good& good) { return bytes(raw("Content-Length: -5\r\n", good.body)); },
       {"bad-response", 2},
       {"bad-response", 2}},
      {"length-no-number",
       [](const Good& good) { return bytes(raw("Content-Length: many\r\n", good.body)); },
       {"bad-response", 2},
       {"bad-response", 2}},
      {"two-lengths",
       [](const Good& good) { return bytes(raw("Content-Length: 10\r\n" + length_of(good.body), good.body)); },
       {"bad-response", 2},
       {"bad-response", 2}},
      {"the-same-length-twice",
       [](const Good& good) { return bytes(raw(length_of(good.body) + length_of(good.body), good.body)); },
       {kHad},
       {kHad}},
      {"empty-body", [](const Good& it) { return good(it, {}, ""); }, {"empty-body", 2}, {kEmpty}},
      {"http-1.0-until-close",
       [](const Good& good) { return bytes("HTTP/1.0 200 OK\r\nContent-Type: " + good.type + "\r\n\r\n" + good.body); },
       {kHad},
       {kHad}},
      {"http-1.1-until-close", [](const Good& good) { return bytes(raw("", good.body)); }, {kHad}, {kHad}},
  };
}

std::vector<Fault> chunks() {
  const auto chunked = [](auto body, Ending ending) {
    return [body, ending](const Good& good) {
      return bytes(raw("Transfer-Encoding: chunked\r\n", body(good.body)), ending);
    };
  };
  return {
      {"chunked",
       chunked([](const std::string& body) { return chunk(body) + chunk("0", ""); }, Ending::keep_alive),
       {kHad},
       {kHad}},
      {"chunked-with-extension-and-trailer",
       chunked(
           [](const std::string& body) {
             return chunk("1;x=\"y\"", body.substr(0, 1)) + chunk(body.substr(1)) + "0\r\nX-Trailer: x\r\n\r\n";
           },
           Ending::keep_alive),
       {kHad},
       {kHad}},
      {"chunked-byte-by-byte",
       chunked(
           [](const std::string& body) {
             std::string chunks;
             for (const char byte : body) chunks += chunk(std::string(1, byte));
             return chunks + chunk("0", "");
           },
           Ending::keep_alive),
       {kHad},
       {kHad}},
      // The chunks decide (RFC 9112 section 6.3).
      {"chunked-with-a-length",
       [](const Good& good) {
         return bytes(raw("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunk(good.body) + chunk("0", "")));
       },
       {kHad},
       {kHad}},
      {"transfer-coding-that-nobody-knows",
       [](const Good& good) { return bytes(raw("Transfer-Encoding: x-doutu\r\n", good.body)); },
       {"bad-response", 2},
       {kHad}},
      {"chunked-with-an-endless-extension",
       [](const Good&) {
         return once({.raw = raw("Transfer-Encoding: chunked\r\n", "1;"), .again = std::string(256 << 10, 'x')});
       },
       {"stalled", 2},
       {"timeout", 2}},
      {"chunked-with-endless-trailers",
       [](const Good& good) {
         return once({.raw = raw("Transfer-Encoding: chunked\r\n", chunk(good.body) + "0\r\n"),
                      .again = times(100, "X-Filler: xxxxxxxx\r\n")});
       },
       {"bad-response", 2},
       {"bad-response", 2}},
      {"chunked-sizes-are-negative",
       chunked([](const std::string& body) { return chunk("-5", body); }, Ending::close),
       {"bad-response", 2},
       {"bad-response", 2}},
      {"chunked-sizes-are-garbage",
       chunked([](const std::string& body) { return chunk("zz", body); }, Ending::close),
       {"bad-response", 2},
       {"bad-response", 2}},
      {"chunked-size-beyond-64-bits",
       chunked([](const std::string& body) { return chunk(std::string(20, 'f'), body); }, Ending::close),
       {"bad-response", 2},
       {"bad-response", 2}},
      {"transfer-encoding-that-is-none",
       [](const Good& it) {
         return bytes(raw("Transfer-Encoding: identity\r\n" + length_of(it.body), it.body), Ending::hang);
       },
       {kHad},
       {kHad}},
      {"chunked-without-last-chunk",
       chunked([](const std::string& body) { return chunk(body); }, Ending::close),
       {"truncated", 2},
       {"truncated", 2}},
      {"chunked-cut-in-a-chunk",
       chunked([](const std::string& body) { return half_of(chunk(body)); }, Ending::close),
       {"truncated", 2},
       {"truncated", 2}},
  };
}

}  // namespace doutu::fault_parts
