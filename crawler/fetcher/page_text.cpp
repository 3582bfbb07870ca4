#include "crawler/fetcher/page_text.h"

#include "crawler/fetcher/encoding_sniffer.h"
#include "crawler/fetcher/text_decoder.h"

namespace doutu {

PageText decode_page(std::string bytes, std::string_view content_type, std::optional<Encoding> forced) {
  const SniffedEncoding sniffed = sniff_encoding(bytes, forced, content_type);
  bytes.erase(0, sniffed.mark_bytes);
  return {.html = decode_text(std::move(bytes), sniffed.encoding), .encoding = sniffed.encoding};
}

}  // namespace doutu
