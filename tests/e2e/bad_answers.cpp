#include "tests/e2e/bad_answers.h"

#include <fmt/format.h>

#include <string_view>

#include "tests/e2e/bad_answer_groups.h"

namespace doutu {
namespace {

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
  bad_answers::Answers all = bad_answers::headers();
  bad_answers::append(all, bad_answers::bodies());
  bad_answers::append(all, bad_answers::exchanges());
  return all;
}

bool begins_folded(const BadAnswer& answer) { return answer.name.starts_with(bad_answers::kFoldedFirst); }

}  // namespace doutu
