// Answers whose header is bad, or what comes before it.
#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/bad_answer_groups.h"

namespace doutu::bad_answers {
namespace {

using namespace std::string_literals;
using Then = RawAnswer::Then;

// --- Folded lines (obs-fold, RFC 9112 section 5.2): what follows a field is part of it; what begins the header has
// nothing to be part of.

Answers folded_first_lines() {
  Answers all;
  const auto add = [&](const std::string& name, const std::string& bytes, const char* outcome,
                       Then then = Then::close) { all.push_back(same(kFoldedFirst + name, bytes, outcome, then)); };
  for (const std::string& line :
       {" folded"s, "\tfolded"s, "  \t folded"s, " "s, "\t"s, " :"s, " X: y"s, "\tX: y"s, " Content-Length: 1"s,
        " Transfer-Encoding: chunked"s, " HTTP/1.1 200 OK"s, " \xff\xfe"s, " " + std::string(30'000, 'x')}) {
    add(shown(line), kStatus + line + "\r\n" + kRest, "bad-response");
  }
  add("and kept open", kStatus + " X: y\r\n" + kRest, "bad-response", Then::keep_alive);
  add("LF", "HTTP/1.1 200 OK\n X: y\n" + kRest, "bad-response");
  add("two", kStatus + " a: b\r\n\tc: d\r\n" + kRest, "bad-response");
  add("a hundred", kStatus + times(100, " x: y\r\n") + kRest, "bad-response");
  add("nothing else", kStatus + " x: y\r\n\r\n$BODY", "bad-response");
  add("and cut", kStatus + " x", kFails);
  add("and closed", kStatus + " x: y\r\n", kFails);
  add("and reset", kStatus + " x: y\r\n", kFails, Then::reset);
  add("of a 404", "HTTP/1.1 404 Not Found\r\n x: y\r\nContent-Length: 0\r\n\r\n", kFails, Then::keep_alive);
  add("of a redirect", "HTTP/1.1 302 Found\r\n x: y\r\nLocation: $PLACE\r\nContent-Length: 0\r\n\r\n", kEither,
      Then::keep_alive);
  add("of a 204", "HTTP/1.1 204 No Content\r\n x: y\r\n\r\n", kFails, Then::keep_alive);
  all.back().page = kEither;
  add("of a 100", "HTTP/1.1 100 Continue\r\n x: y\r\n\r\n" + kOk, kEither);
  add("behind a 100", "HTTP/1.1 100 Continue\r\n\r\n" + kStatus + " x: y\r\n" + kRest, "bad-response");
  add("behind a 103", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + kStatus + " x: y\r\n" + kRest, kEither);
  add("LF of a 404", "HTTP/1.1 404 Not Found\n x: y\n\n", kFails);
  return all;
}

Answers folded_lines() {
  Answers all;
  for (const std::string& fold : {" b"s, "\tb"s, " \t b"s, " "s, "\t"s, " :"s, " Content-Length: 1"s,
                                  " Transfer-Encoding: chunked"s, " \xff"s, " " + std::string(20'000, 'x')}) {
    const std::string line = fold + "\r\n";
    all.push_back(same("folded second line: " + shown(fold), kStatus + "X: a\r\n" + line + kRest, kGood));
    all.push_back(
        same("folded line in the middle: " + shown(fold), kStatus + kType + line + kLength + "\r\n$BODY", kEither));
    all.push_back(
        same("folded last line: " + shown(fold), kStatus + kType + kLength + "X: a\r\n" + line + "\r\n$BODY", kGood));
    all.push_back(same("folded last line, kept open: " + shown(fold),
                       kStatus + kType + kLength + "X: a\r\n" + line + "\r\n$BODY", kGood, Then::keep_alive));
    all.push_back(same("folded trailer: " + shown(fold), kChunked + "$CHUNKS0\r\nX: a\r\n" + line + "\r\n",
                       fold.size() < 4000 ? kGood : kEither));
    all.push_back(
        same("folded first line of a trailer: " + shown(fold), kChunked + "$CHUNKS0\r\n" + line + "\r\n", kEither));
  }
  append(all, {same("folded 1000 times", kStatus + "X: a\r\n" + times(1000, " b\r\n") + kRest, kGood),
               same("folded 30000 times", kStatus + "X: a\r\n" + times(30'000, " b\r\n") + kRest, "bad-response"),
               same("folded by LF", kStatus + "X: a\n b\n" + kRest, kGood),
               same("folded status line", "HTTP/1.1\r\n 200 OK\r\n" + kRest, kFails),
               same("folded reason", "HTTP/1.1 200\r\n OK\r\n" + kRest, kEither),
               same("folded Location", "HTTP/1.1 302 Found\r\nLocation:\r\n $PLACE\r\nContent-Length: 0\r\n\r\n",
                    kEither, Then::keep_alive),
               same("folded Location, its end", "HTTP/1.1 302 Found\r\nLocation: /\r\n x\r\nContent-Length: 0\r\n\r\n",
                    kFails, Then::keep_alive),
               same("folded Content-Length", kStatus + kType + "Content-Length:\r\n $LENGTH\r\n\r\n$BODY", kEither),
               same("folded Content-Length, its end", kStatus + kType + kLength + " 0\r\n\r\n$BODY", kEither),
               same("folded Transfer-Encoding",
                    kStatus + kType + "Transfer-Encoding:\r\n chunked\r\n\r\n$CHUNKS0\r\n\r\n", kEither),
               same("folded Set-Cookie", kStatus + "Set-Cookie: a=b;\r\n path=/\r\n" + kRest, kGood),
               same("folded, then closed", kStatus + "X: a\r\n b\r\n", "truncated"),
               same("folded, then cut", kStatus + "X: a\r\n b", "truncated"),
               same("folded, then reset", kStatus + "X: a\r\n b\r\n", "connection-lost", Then::reset)});
  return all;
}

// --- Status lines.

Answers status_lines() {
  Answers all;
  const auto each = [&](const char* outcome, const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
      all.push_back(same("status line: " + shown(line), line + "\r\n" + kRest, outcome));
    }
  };
  each(kGood, {"HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.1 200 Not Found", "HTTP/1.0 200 OK", "HTTP/1.1 200 \xff\xfe",
               "HTTP/1.1 200 " + std::string(10'000, 'x'), "HTTP/1.1 201 Created", "HTTP/1.1 203 Non-Authoritative",
               "HTTP/1.1 226 IM Used", "HTTP/1.1 299 X"});
  each("bad-response", {"HTTP/1.1",
                        "HTTP/1.1 ",
                        "HTTP/1.1 OK",
                        "HTTP/1.1 2 OK",
                        "HTTP/1.1 20 OK",
                        "HTTP/1.1 2000 OK",
                        "HTTP/1.1 20000 OK",
                        "HTTP/1.1 -200 OK",
                        "HTTP/1.1 +200 OK",
                        "HTTP/1.1 0x200 OK",
                        "HTTP/1.1 2e2 OK",
                        "HTTP/1.1 two hundred",
                        "HTTP/1.1 \xef\xbc\x92\xef\xbc\x90\xef\xbc\x90 OK",
                        "HTTP/7.3 200 OK",
                        "HTTP/9.9 200 OK",
                        "HTTP /1.1 200 OK",
                        "HTTP",
                        "HTTP/",
                        "HTTPS/1.1 200 OK",
                        "ICY 200 OK",
                        "RTSP/1.0 200 OK",
                        "SIP/2.0 200 OK",
                        "200 OK",
                        "OK",
                        " ",
                        "\t",
                        "HTTP/1.1 200 " + std::string(200'000, 'x'),
                        "HTTP/1.1 200 a\0b"s,
                        "\0HTTP/1.1 200 OK"s,
                        "\xef\xbb\xbfHTTP/1.1 200 OK",
                        " HTTP/1.1 200 OK",
                        "\tHTTP/1.1 200 OK",
                        "x\r\nHTTP/1.1 200 OK",
                        "\r\nHTTP/1.1 200 OK",
                        "\r\n\r\n\r\nHTTP/1.1 200 OK",
                        "\nHTTP/1.1 200 OK",
                        "GET / HTTP/1.1"});
  each(kEither, {"HTTP/1.1  200 OK",  "HTTP/1.1\t200 OK", "HTTP/1.1 200OK",    "HTTP/1.1 200-OK",
                 "HTTP/1.1 200\tOK",  "HTTP/1.1 0200 OK", "HTTP/1.1 200.0 OK", "HTTP/0.9 200 OK",
                 "HTTP/1 200 OK",     "HTTP/1.2 200 OK",  "HTTP/1.10 200 OK",  "HTTP/01.1 200 OK",
                 "HTTP/2 200 OK",     "HTTP/2.0 200 OK",  "HTTP/3 200 OK",     "HTTP/1,1 200 OK",
                 "HTTP/1.1.1 200 OK", "HTTP/a.b 200 OK",  "HTTP/-1.1 200 OK",  "HTTP/ 1.1 200 OK",
                 "http/1.1 200 OK",   "Http/1.1 200 OK",  "HTTP/1.1 200 a\rb", "HTTP/1.1 200 OK\r\nHTTP/1.1 200 OK",
                 "HTTP/1.1 200 OK\r"});
  each(kFails, {"HTTP/1.1 000 Nothing", "HTTP/1.1 099 X", "HTTP/1.1 200 OK\r\nHTTP/1.1 404 Not Found"});
  for (const int code : {300, 304, 305, 306, 309, 399, 400, 401, 402, 403, 405, 406, 407, 408, 409, 410, 411,
                         412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 431, 451, 499,
                         500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511, 599, 600, 666, 700, 999}) {
    all.push_back(same(fmt::format("status {}", code), fmt::format("HTTP/1.1 {} X\r\n", code) + kRest,
                       fmt::format("http-{}", code).c_str()));
  }
  return all;
}

// --- Header lines, each as the first, in the middle and as the last one.

Answers header_lines() {
  Answers all;
  const auto each = [&](const char* outcome, const std::vector<std::string>& lines) {
    for (const std::string& text : lines) {
      const std::string line = text + "\r\n";
      const std::string name = shown(text);
      all.push_back(same("first line: " + name, kStatus + line + kRest, outcome));
      all.push_back(same("middle line: " + name, kStatus + kType + line + kLength + "\r\n$BODY", outcome));
      all.push_back(
          same("last line: " + name, kStatus + kType + kLength + line + "\r\n$BODY", outcome, Then::keep_alive));
    }
  };
  each(kGood,
       {"X:", "X: ", "X:y", "X: \xff\xfe", "x: :::", "X: " + std::string(30'000, 'y'), "X: \"", "X: a\nY: b",
        "Content-Type-: x", "Content-Lengthy: 1", "Set-Cookie: =;=;=", "Set-Cookie: a=b; domain=.; path=; expires=x"});
  each("bad-response", {"what is this", "X: a\0b"s, "X\0Y: z"s, "X: " + std::string(200'000, 'y'),
                        std::string(200'000, 'X') + ": y", std::string(1'000, 'X'), "HTTP/1.1", "\xff"});
  each(kEither, {":", ": y", "X : y", "X\t: y", "X Y: z", "X\xffY: z", "X: a\rb", "X: a\r", "X: \x01\x02\x7f",
                 "X: \x1b[31m", "X\x0b: y", "X: a\x0c", std::string(30'000, 'X') + ": y", "HTTP/1.1: x", "(X): y",
                 "{X}: y", "X\\: y", "\"X\": y"});
  append(all,
         {same("600 lines", kStatus + times(600, "X: " + std::string(90, 'y') + "\r\n") + kRest, kGood),
          same("1000 lines", kStatus + times(1000, "X: " + std::string(90, 'y') + "\r\n") + kRest, "bad-response"),
          // libcurl 8.14 takes 5,000 fields.
          same("10000 empty fields", kStatus + times(10'000, "X:\r\n") + kRest, kEither),
          same("500 cookies", kStatus + times(500, "Set-Cookie: a=" + std::string(80, 'y') + "\r\n") + kRest, kGood),
          same("800 cookies", kStatus + times(800, "Set-Cookie: a=" + std::string(80, 'y') + "\r\n") + kRest,
               "bad-response"),
          same("no header", kStatus + "\r\n$BODY", kGood), same("LF alone", "HTTP/1.1 200 OK\n\n$BODY", kGood),
          same("LF and CRLF", "HTTP/1.1 200 OK\n" + kType + "\n$BODY", kGood),
          same("CR alone", "HTTP/1.1 200 OK\rContent-Length: 1\r\r$BODY", kFails),
          same("blank line of blanks", kStatus + kType + kLength + " \r\n\r\n$BODY", kEither),
          same("two types", kStatus + kType + "Content-Type: text/plain\r\n" + kLength + "\r\n$BODY", kEither),
          same("a line of NUL", kStatus + kType + "\0\r\n"s + kLength + "\r\n$BODY", kFails),
          same("type of NUL", kStatus + "Content-Type: \0\r\n"s + kLength + "\r\n$BODY", "bad-response"),
          same("type of 30000 bytes", kStatus + "Content-Type: " + std::string(30'000, 'x') + "\r\n\r\n$BODY", kEither),
          same("no type", kStatus + kLength + "\r\n$BODY", kGood)});
  return all;
}

// --- 1xx, and answers that have no body whatever they say.

Answers interim_answers() {
  const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  return {
      same("100", go_on + kOk, kGood),
      same("100, kept open", go_on + kOk, kGood, Then::keep_alive),
      same("102", "HTTP/1.1 102 Processing\r\n\r\n" + kOk, kGood),
      same("103", "HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n" + kOk, kGood),
      same("199", "HTTP/1.1 199 X\r\n\r\n" + kOk, kGood),
      same("100 of HTTP/1.0", "HTTP/1.0 100 Continue\r\n\r\n" + kOk, kEither),
      same("100 by LF", "HTTP/1.1 100 Continue\n\n" + kOk, kGood),
      same("100 ten times", times(10, go_on) + kOk, kGood),
      same("100 a thousand times", times(1000, go_on) + kOk, kGood),
      same("100 five thousand times", times(5000, go_on) + kOk, "bad-response"),
      same("100 five thousand times and closed", times(5000, go_on), "bad-response"),
      same("100 of 30000 bytes", "HTTP/1.1 100 Continue\r\nX: " + std::string(30'000, 'x') + "\r\n\r\n" + kOk, kGood),
      same("100 of 70000 bytes", "HTTP/1.1 100 Continue\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n" + kOk,
           "bad-response"),
      same("100 with a body", "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello" + kOk, kFails),
      same("100 with a length", "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n" + kOk, kEither),
      same("100 with chunks", "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kOk, kFails),
      same("100 with Location", "HTTP/1.1 100 Continue\r\nLocation: /x\r\n\r\n" + kOk, kGood),
      same("100 and closed", go_on, kFails),
      same("100 and reset", go_on, "connection-lost", Then::reset),
      same("100 cut off", "HTTP/1.1 100 Cont", kFails),
      same("100, then no HTTP", go_on + "$BODY", kFails),
      same("100, then 404", go_on + "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "http-404"),
      same("100, then a redirect", go_on + "HTTP/1.1 302 Found\r\nLocation: $PLACE\r\nContent-Length: 0\r\n\r\n",
           kGood),
      same("100 behind the answer", kOk + go_on, kGood, Then::keep_alive),
      same("101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n$BODY", "http-101"),
      same("101 to HTTP/2",
           "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"s + "\0\0\0\4\0\0\0\0\0"s,
           kFails),
      same("101 to WebSocket", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05hello", kFails),
      same("101 without Upgrade", "HTTP/1.1 101 Switching Protocols\r\n\r\n" + kOk, "http-101"),
      same("101, kept open", "HTTP/1.1 101 Switching Protocols\r\nContent-Length: 0\r\n\r\n", kFails, Then::close),
  };
}

Answers bodyless_answers() {
  Answers all;
  for (const auto& [status, outcome, page] :
       {std::array{"204 No Content", "empty-body", kEmpty}, std::array{"304 Not Modified", "http-304", "http-304"}}) {
    for (const auto& [name, header_and_body] :
         {std::pair("nothing", "\r\n"s), std::pair("a body", "\r\n$BODY"s), std::pair("a length", kLength + "\r\n"),
          std::pair("a length and a body", kRest), std::pair("length 0 and a body", "Content-Length: 0\r\n\r\n$BODY"s),
          std::pair("chunks", "Transfer-Encoding: chunked\r\n\r\n$CHUNKS0\r\n\r\n"s),
          std::pair("a whole answer", "\r\n" + kOk), std::pair("Location", "Location: $PLACE\r\n\r\n"s)}) {
      const std::string bytes = "HTTP/1.1 "s + status + "\r\n" + header_and_body;
      all.push_back({fmt::format("{} with {}", status, name), bytes, outcome, page});
      all.push_back({fmt::format("{} with {}, kept open", status, name), bytes, outcome, page, Then::keep_alive});
    }
  }
  append(all, {{"204 with a bad length", "HTTP/1.1 204 No Content\r\nContent-Length: x\r\n\r\n", kFails, kEither},
               {"205 with a body", "HTTP/1.1 205 Reset Content\r\n" + kRest, kEither, kEither},
               {"205 without", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", "empty-body", kEmpty},
               {"206", "HTTP/1.1 206 Partial Content\r\n" + kRest, "bad-response", "bad-response"},
               {"206 with a range", "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-5/10\r\n" + kRest,
                "bad-response", "bad-response"},
               {"207", "HTTP/1.1 207 Multi-Status\r\n" + kRest, kGood, kGood},
               {"200 with a range", kStatus + "Content-Range: bytes 0-1/9999\r\n" + kRest, kEither, kEither},
               {"200 of nothing", kStatus + "Content-Length: 0\r\n\r\n", "empty-body", kEmpty, Then::keep_alive},
               {"200 of nothing in chunks", kChunked + "0\r\n\r\n", "empty-body", kEmpty, Then::keep_alive},
               {"200 of nothing until close", kStatus + "\r\n", "empty-body", kEmpty}});
  return all;
}

}  // namespace

Answers headers() {
  Answers all;
  for (const auto& group :
       {folded_first_lines(), folded_lines(), status_lines(), header_lines(), interim_answers(), bodyless_answers()})
    append(all, group);
  return all;
}

}  // namespace doutu::bad_answers
