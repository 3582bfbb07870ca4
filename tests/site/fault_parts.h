// The pieces that faults of servers are made of, and the groups of them that stand in files of their own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/site/server_faults.h"

namespace doutu::fault_parts {

using Answers = std::vector<Response>;
using Ending = Response::Ending;

/// "HTTP/1.1 200 OK", these header lines, and a body: what the server says of it is the test's to decide.
[[nodiscard]] inline std::string raw(const std::string& header_lines, const std::string& body) {
  return "HTTP/1.1 200 OK\r\n" + header_lines + "\r\n" + body;
}

[[nodiscard]] inline std::string length_of(const std::string& body) {
  return "Content-Length: " + std::to_string(body.size()) + "\r\n";
}

[[nodiscard]] inline std::string half_of(const std::string& body) { return body.substr(0, body.size() / 2); }

[[nodiscard]] inline std::string times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

/// chunk-size is hexadecimal (RFC 9112 section 7.1).
[[nodiscard]] inline std::string chunk(const std::string& size, const std::string& body) {
  return size + "\r\n" + body + "\r\n";
}

[[nodiscard]] inline std::string chunk(const std::string& body) {
  std::string size;
  for (std::size_t rest = body.size(); rest > 0; rest /= 16) size.insert(0, 1, "0123456789abcdef"[rest % 16]);
  return chunk(size, body);
}

[[nodiscard]] inline Answers once(Response response) { return {std::move(response)}; }

[[nodiscard]] inline Answers redirect(int status, const std::string& location) {
  return once({.status = status, .headers = {{"Location", location}}, .body = "<p>It is elsewhere."});
}

[[nodiscard]] inline Answers bytes(std::string all, Ending ending = Ending::close) {
  return once({.raw = std::move(all), .ending = ending});
}

[[nodiscard]] inline Answers good(const Good& good, Headers more, std::string body) {
  more.emplace_back("Content-Type", good.type);
  return once({.headers = std::move(more), .body = std::move(body)});
}

/// Bodies of another length than their server says, or of one that it does not say.
[[nodiscard]] std::vector<Fault> lengths();
/// Chunked bodies: whole ones in odd forms, and broken ones.
[[nodiscard]] std::vector<Fault> chunks();

}  // namespace doutu::fault_parts
