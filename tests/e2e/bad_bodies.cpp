// Answers whose body is bad: its length, its chunks, its codings.
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/bad_answer_groups.h"

namespace doutu::bad_answers {
namespace {

using namespace std::string_literals;
using Then = RawAnswer::Then;
using Pair = std::pair<const char*, const char*>;

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

}  // namespace

Answers bodies() {
  Answers all;
  for (const auto& group : {lengths(), chunks(), transfer_codings(), content_codings()}) append(all, group);
  return all;
}

}  // namespace doutu::bad_answers
