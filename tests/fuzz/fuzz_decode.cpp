#include "crawler/fetcher/text/text_decoder.h"
#include "crawler/fetcher/text/text_encoder.h"
#include "crawler/fetcher/text/utf8.h"
#include "tests/fuzz/failing_new.h"
#include "tests/fuzz/input.h"

namespace doutu {

/// Input: the encoding, which allocation fails, the bytes.
int fuzz_decode(FuzzInput input) {
  const auto encoding = static_cast<Encoding>(take_byte(input) % kEncodingCount);
  const unsigned failing = take_byte(input);
  const std::string bytes(text_of(input));
  const std::string text = with_and_without_memory(failing, [&] { return decode_text(bytes, encoding); });
  DOUTU_CHECK(is_valid_utf8(text));
  DOUTU_CHECK(decode_text(text, Encoding::utf_8) == text);
  if (encoding == Encoding::utf_8 && is_valid_utf8(bytes)) DOUTU_CHECK(text == bytes);
  // What the encoding has comes back; what it lacks has become digits, which every encoding has.
  const std::string once = encode_text(text, encoding);
  if (encoding == Encoding::gbk || encoding == Encoding::gb18030 || encoding == Encoding::euc_kr) {
    DOUTU_CHECK(encode_text(decode_text(once, encoding), encoding) == once);
  }
  return 0;
}

}  // namespace doutu
