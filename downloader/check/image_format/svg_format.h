// SVG: well-formed XML (by expat) from the root element svg to its end tag. Nothing outside the body is read, and
// entities in the content are not expanded; those in attributes are, within the limits of expat. Nesting is bounded,
// and what is held of a tag; of long values the front is read (xml_values.h). As browsers do, it believes a byte order
// mark more than a declared encoding, and no declaration of UTF-16 that it can read.
#pragma once

#include <expat.h>

#include <memory>
#include <vector>

#include "downloader/check/image_format/image_format.h"
#include "downloader/check/image_format/xml_values.h"

namespace doutu {

class SvgFormat final : public ImageFormat {
 public:
  SvgFormat();
  /// Its address is known to expat.
  SvgFormat(SvgFormat&&) = delete;

  Progress feed(Bytes bytes) override;
  Progress finish(BodyEnd end) override;

 private:
  static void on_start_tag(void* self, const XML_Char* name, const XML_Char** attributes);
  static void on_end_tag(void* self, const XML_Char* name);
  void begin(Bytes head);
  void parse_what_is_held();
  void parse();
  /// False: it has none.
  bool read_size(const XML_Char** attributes);
  void stop(Progress progress);

  struct FreeParser {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
  };
  std::unique_ptr<XML_ParserStruct, FreeParser> parser_;
  Progress progress_ = Progress::going;
  bool has_begun_ = false;
  XmlValues values_;
  int depth_ = 0;                ///< Of open elements.
  std::size_t parsed_ = 0;       ///< Bytes that expat was given,
  std::size_t unfinished_ = 0;   ///< and of them, at the end, those of a token that goes on.
  std::vector<std::byte> held_;  ///< Not given to expat yet.
};

}  // namespace doutu
