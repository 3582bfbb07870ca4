#include "crawler/fetcher/text/page_text.h"

#include "crawler/fetcher/text/encoding_sniffer.h"
#include "crawler/fetcher/text/text_decoder.h"

namespace doutu {

PageText decode_page(std::string bytes, std::string_view content_type, std::optional<Encoding> forced) {
  const Markup markup = sniff_markup(bytes, content_type);
  const SniffedEncoding sniffed = sniff_encoding(bytes, forced, content_type, markup);
  bytes.erase(0, sniffed.mark_bytes);
  return {.utf8 = decode_text(std::move(bytes), sniffed.encoding), .markup = markup, .encoding = sniffed.encoding};
}

}  // namespace doutu
