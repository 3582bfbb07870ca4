#include "tests/e2e/bad_answers.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace doutu {
namespace {

using namespace std::string_literals;
using Then = RawAnswer::Then;
using Answers = std::vector<BadAnswer>;
using Pair = std::pair<const char*, const char*>;

const std::string kStatus = "HTTP/1.1 200 OK\r\n";
const std::string kType = "Content-Type: $TYPE\r\n";
const std::string kLength = "Content-Length: $LENGTH\r\n";
const std::string kRest = kType + kLength + "\r\n$BODY";
const std::string kOk = kStatus + kRest;
const std::string kChunked = kStatus + kType + "Transfer-Encoding: chunked\r\n\r\n";

std::string times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

/// What stands between quotation marks in a name: printable, and short.
std::string shown(const std::string& text) {
  std::string name;
  for (const char c : text.substr(0, 40)) {
    const auto byte = static_cast<unsigned char>(c);
    name += byte > 0x20 && byte < 0x7f ? std::string(1, c) : fmt::format("<{:02x}>", byte);
  }
  return text.size() > 40 ? fmt::format("{}... ({})", name, text.size()) : name;
}

BadAnswer same(std::string name, std::string bytes, const char* outcome, Then then = Then::close) {
  return {std::move(name), std::move(bytes), outcome, outcome, then};
}

void append(Answers& all, const Answers& more) { all.insert(all.end(), more.begin(), more.end()); }

// --- Folded lines (obs-fold, RFC 9112 section 5.2): what follows a field is part of it; what begins the header has
// nothing to be part of.

constexpr const char* kFoldedFirst = "folded first line: ";

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

// --- How long the body is (RFC 9112 section 6.3).

Answers lengths() {
  Answers all;
  const auto each = [&](const char* outcome, const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      all.push_back(
          same("length " + shown(value), kStatus + kType + "Content-Length: " + value + "\r\n\r\n$BODY", outcome));
    }
  };
  each(kGood, {"$LENGTH ", " $LENGTH", "\t$LENGTH\t", "$LENGTH\r\nContent-Length: $LENGTH",
               "$LENGTH\r\nX: y\r\ncontent-length: $LENGTH\r\nCONTENT-LENGTH: $LENGTH"});
  each("bad-response", {"-1", "-$LENGTH", "abc", "x$LENGTH", "$LENGTH\0"s, "$LENGTH\r\nContent-Length: 5",
                        "5\r\nContent-Length: $LENGTH", "0\r\nContent-Length: $LENGTH"});
  each(kEither, {"",
                 " ",
                 "+$LENGTH",
                 "-0",
                 "0x$HEX",
                 "0$LENGTH",
                 "0000000000000000000000$LENGTH",
                 "$LENGTH.0",
                 "$LENGTH,",
                 "$LENGTH, $LENGTH",
                 "$LENGTH,$LENGTH,$LENGTH",
                 ",$LENGTH",
                 "$LENGTH;q=1",
                 "\"$LENGTH\"",
                 "$LENGTH x",
                 "$LENGTHx",
                 "1e1",
                 "\xef\xbc\x95",
                 "- 5",
                 "$LENGTH\r5",
                 "5, $LENGTH",
                 "$LENGTH, 5",
                 "$LENGTH -",
                 "$LENGTH\x0b"});
  each(kFails, {"1", "5", "$LENGTH0", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808",
                "18446744073709551615", "18446744073709551616", "99999999999999999999",
                "9999999999999999999999999999999999999999"});
  // Part of a page is a page.
  for (BadAnswer& answer : all) {
    if (answer.name == "length 1" || answer.name == "length 5") answer.page = kEither;
  }
  append(
      all,
      {same("length and chunks", kStatus + kLength + "Transfer-Encoding: chunked\r\n\r\n$CHUNKS0\r\n\r\n", kGood),
       same("chunks and length", kStatus + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n$CHUNKS0\r\n\r\n",
            kGood),
       same("chunks and a bad length",
            kStatus + "Transfer-Encoding: chunked\r\nContent-Length: x\r\n\r\n$CHUNKS0\r\n\r\n", kEither),
       same("a bad length and chunks",
            kStatus + "Content-Length: -1\r\nTransfer-Encoding: chunked\r\n\r\n$CHUNKS0\r\n\r\n", kEither),
       same("length, chunks announced, none come",
            kStatus + kType + kLength + "Transfer-Encoding: chunked\r\n\r\n$BODY", "bad-response"),
       same("length behind the body's end", kOk + kOk, kGood, Then::keep_alive),
       same("until close", kStatus + kType + "\r\n$BODY", kGood),
       same("until close, of HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n$BODY", kGood),
       same("until reset", kStatus + kType + "\r\n$BODY", "connection-lost", Then::reset),
       same("HTTP/1.0 kept open", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + kRest, kGood, Then::keep_alive),
       same("HTTP/1.0 in chunks", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n$CHUNKS0\r\n\r\n", kEither)});
  return all;
}

// --- Chunks (RFC 9112 section 7.1).

Answers chunks() {
  Answers all;
  const auto sizes = [&](const char* outcome, const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
      all.push_back(same("chunk size " + shown(line), kChunked + line + "\r\n$BODY\r\n0\r\n\r\n", outcome));
    }
  };
  sizes(kGood, {"$HEX", "0$HEX", "$HEX;x", "$HEX;x=y", "$HEX;x=\"y;z\"", "$HEX ; x", "$HEX;" + std::string(10'000, 'x'),
                "$HEX;\xff"});
  sizes("bad-response", {"", "-1", "-$HEX", "g", "zz", "ffffffffffffffff", "fffffffffffffffff", "8000000000000000",
                         std::string(100, 'f')});
  sizes(kEither, {" ",
                  " $HEX",
                  "\t$HEX",
                  "$HEX ",
                  "$HEX\t",
                  "+$HEX",
                  "0x$HEX",
                  "0X$HEX",
                  "00000000$HEX",
                  "000000000000000000$HEX",
                  std::string(100, '0') + "$HEX",
                  "$HEXg",
                  "$HEX g",
                  "$HEX;",
                  "$HEX;" + std::string(100'000, 'x'),
                  "$HEX\0"s,
                  "$HEX;\0"s,
                  "$HEX;a\rb",
                  "$HEX\r",
                  "\r\n$HEX",
                  "$HEX,",
                  "\"$HEX\""});
  sizes(kFails, {"0$HEX0", "7fffffffffffffff", "80000000", "100000000", "$HEX$HEX$HEX"});
  const auto bodies = [&](const char* outcome, const std::vector<Pair>& forms) {
    for (const auto& [name, bytes] : forms) all.push_back(same("chunks: "s + name, kChunked + bytes, outcome));
  };
  bodies(kGood, {{"two", "$CHUNKS0\r\n\r\n"},
                 {"more behind the last", "$CHUNKS0\r\n\r\nmore"},
                 {"an answer behind the last", "$CHUNKS0\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
                 {"last of many zeros", "$CHUNKS0000\r\n\r\n"},
                 {"last with an extension", "$CHUNKS0;x=y\r\n\r\n"},
                 {"trailer", "$CHUNKS0\r\nX: y\r\n\r\n"},
                 {"trailer of a length", "$CHUNKS0\r\nContent-Length: 1\r\n\r\n"},
                 {"trailer of two lengths", "$CHUNKS0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"},
                 {"trailer of chunks", "$CHUNKS0\r\nTransfer-Encoding: chunked\r\n\r\n"},
                 {"trailer of a coding", "$CHUNKS0\r\nContent-Encoding: gzip\r\n\r\n"},
                 {"trailer of Location", "$CHUNKS0\r\nLocation: /x\r\n\r\n"},
                 {"trailer of a cookie", "$CHUNKS0\r\nSet-Cookie: a=b\r\n\r\n"},
                 {"trailer that begins with HTTP/", "$CHUNKS0\r\nHTTP/1.1 404: Not Found\r\n\r\n"}});
  bodies("truncated", {{"none", ""},
                       {"no last", "$CHUNKS"},
                       {"cut in a size", "$CHUNKS5"},
                       {"cut behind a size", "$CHUNKS5\r\n"},
                       {"cut in a chunk", "$CHUNKS5\r\nab"},
                       {"longer than its data", "fff\r\n$BODY"}});
  bodies("bad-response", {{"no line end behind the data", "$HEX\r\n$BODYxx0\r\n\r\n"},
                          {"shorter than its data", "5\r\n$BODY\r\n0\r\n\r\n"},
                          {"plain bytes", "$BODY"}});
  bodies(kEither, {{"size by LF", "$HEX\n$BODY\r\n0\r\n\r\n"},
                   {"data by LF", "$HEX\r\n$BODY\n0\r\n\r\n"},
                   {"all by LF", "$HEX\n$BODY\n0\n\n"},
                   {"size by CR", "$HEX\r$BODY\r\n0\r\n\r\n"},
                   {"data by CR", "$HEX\r\n$BODY\r0\r\n\r\n"},
                   {"data without an end", "$HEX\r\n$BODY0\r\n\r\n"},
                   {"no blank line behind the last", "$CHUNKS0\r\n"},
                   {"nothing behind the last size", "$CHUNKS0"},
                   {"CR behind the last", "$CHUNKS0\r\n\r"},
                   {"last of minus 0", "$CHUNKS-0\r\n\r\n"},
                   {"last of 0x0", "$CHUNKS0x0\r\n\r\n"},
                   {"last empty", "$CHUNKS\r\n\r\n"},
                   {"trailer without colon", "$CHUNKS0\r\nwhat is this\r\n\r\n"},
                   {"trailer of an empty name", "$CHUNKS0\r\n: y\r\n\r\n"},
                   {"trailer of 8-bit bytes", "$CHUNKS0\r\nX\xff: \xfe\r\n\r\n"},
                   {"trailer by LF", "$CHUNKS0\nX: y\n\n"},
                   {"trailer of a status line", "$CHUNKS0\r\nHTTP/1.1 404 Not Found\r\n\r\n"},
                   {"trailer cut", "$CHUNKS0\r\nX: y"},
                   {"trailer closed", "$CHUNKS0\r\nX: y\r\n"}});
  append(all,
         {same("chunks: trailer of NUL", kChunked + "$CHUNKS0\r\nX: a\0b\r\n\r\n"s, kEither),
          same("chunks: 100 trailers", kChunked + "$CHUNKS0\r\n" + times(100, "X: y\r\n") + "\r\n", kGood),
          same("chunks: trailer of 30000 bytes", kChunked + "$CHUNKS0\r\nX: " + std::string(30'000, 'y') + "\r\n\r\n",
               kEither),
          same("chunks: trailer of 200000 bytes", kChunked + "$CHUNKS0\r\nX: " + std::string(200'000, 'y') + "\r\n\r\n",
               kFails),
          same("chunks: reset behind the last size", kChunked + "$CHUNKS0", "connection-lost", Then::reset),
          same("chunks: reset in a chunk", kChunked + "fff\r\n$BODY", "connection-lost", Then::reset),
          same("chunks: kept open", kChunked + "$CHUNKS0\r\n\r\n", kGood, Then::keep_alive),
          same("chunks: more behind the last, kept open", kChunked + "$CHUNKS0\r\n\r\nmore", kGood, Then::keep_alive),
          same("chunks: folded trailer, kept open", kChunked + "$CHUNKS0\r\nX: y\r\n z\r\n\r\n", kGood,
               Then::keep_alive)});
  return all;
}

Answers transfer_codings() {
  Answers all;
  for (const std::string& value : {"chunked"s,
                                   "Chunked"s,
                                   "CHUNKED"s,
                                   " chunked "s,
                                   "\tchunked\t"s,
                                   "chunked, chunked"s,
                                   "identity"s,
                                   "identity, chunked"s,
                                   "chunked, identity"s,
                                   "gzip, chunked"s,
                                   "chunked, gzip"s,
                                   "xchunked"s,
                                   "chunkedx"s,
                                   "chunk"s,
                                   "chunked;q=1"s,
                                   "chunked,"s,
                                   ",chunked"s,
                                   ",,chunked,,"s,
                                   "\"chunked\""s,
                                   "chunked\0"s,
                                   ""s,
                                   " "s,
                                   "gzip"s,
                                   "x-gzip"s,
                                   "deflate"s,
                                   "br"s,
                                   "compress"s,
                                   "trailers"s,
                                   "x"s,
                                   "chunked\r\nTransfer-Encoding: chunked"s,
                                   "chunked\r\nTransfer-Encoding: identity"s,
                                   "identity\r\nTransfer-Encoding: chunked"s,
                                   "chunked\x0b"s,
                                   "chunked, " + times(100, "gzip, ") + "chunked"s,
                                   std::string(30'000, 'x'),
                                   "c\xc4\xb1hunked"s}) {
    const bool plain = value.size() < 11 && (value.find("hunked") == 1 || value.find("HUNKED") == 1);
    all.push_back(same("transfer coding " + shown(value),
                       kStatus + kType + "Transfer-Encoding: " + value + "\r\n\r\n$CHUNKS0\r\n\r\n",
                       plain && value == value.substr(0, 7) ? kGood : kEither));
  }
  return all;
}

Answers content_codings() {
  Answers all;
  for (const std::string& value : {"gzip"s,
                                   "x-gzip"s,
                                   "GZIP"s,
                                   "deflate"s,
                                   "br"s,
                                   "zstd"s,
                                   "compress"s,
                                   "gzip, gzip"s,
                                   "gzip, identity"s,
                                   "identity, gzip"s,
                                   "gzip;q=1"s,
                                   "x"s,
                                   "utf-8"s,
                                   "none"s,
                                   "binary"s,
                                   "*"s,
                                   ","s,
                                   "gzip\r\nContent-Encoding: gzip"s,
                                   times(100, "gzip, ") + "gzip",
                                   "\xff"s,
                                   std::string(20'000, 'x'),
                                   "aws-chunked"s}) {
    all.push_back(
        {"content coding " + shown(value), kStatus + "Content-Encoding: " + value + "\r\n" + kRest, kGood, kEither});
  }
  for (const std::string& value : {""s, " "s, "identity"s, "Identity"s}) {
    all.push_back(
        same("content coding '" + shown(value) + "'", kStatus + "Content-Encoding: " + value + "\r\n" + kRest, kGood));
  }
  all.push_back(same("content coding of NUL", kStatus + "Content-Encoding: \0\r\n"s + kRest, "bad-response"));
  return all;
}

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

void replace(std::string& text, std::string_view word, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += by.size())
    text.replace(at, word.size(), by);
}

std::string chunk(std::string_view bytes) { return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes); }

}  // namespace

std::string filled(const std::string& bytes, const GoodAnswer& good) {
  std::string answer = bytes;
  const std::string_view body = good.body;
  replace(answer, "$TYPE", good.type);
  replace(answer, "$LENGTH", std::to_string(body.size()));
  replace(answer, "$HEX", fmt::format("{:x}", body.size()));
  replace(answer, "$PLACE", good.elsewhere);
  replace(answer, "$HOST", good.host);
  replace(answer, "$URL", good.url);
  replace(answer, "$CHUNKS", chunk(body.substr(0, 1)) + chunk(body.substr(1)));
  replace(answer, "$BODY", good.body);
  return answer;
}

std::vector<BadAnswer> all_bad_answers() {
  Answers all;
  for (const auto& group : {folded_first_lines(), folded_lines(), status_lines(), header_lines(), interim_answers(),
                            bodyless_answers(), lengths(), chunks(), transfer_codings(), content_codings(), redirects(),
                            wishes(), surplus(), other_protocols(), cut_answers()}) {
    append(all, group);
  }
  return all;
}

bool begins_folded(const BadAnswer& answer) { return answer.name.starts_with(kFoldedFirst); }

}  // namespace doutu
