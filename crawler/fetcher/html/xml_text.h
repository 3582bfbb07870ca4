// XML text: what people write as XML, made fit for an XML parser, which ends at errors that readers of feeds have to
// live with. Page fetcher; pure.
#pragma once

#include <string>
#include <string_view>

namespace doutu {

struct TamedXml {
  std::string text;
  bool was_mended = false;  ///< Tags had to be.
};

/// The same document, linear in its size, in which
/// - only such references stand as need no declaration: those of HTML (&nbsp;) become the characters that they stand
///   for, and an & that begins no reference, or one that nobody knows, becomes &amp;. So there is no entity to be
///   declared, expanded or fetched;
/// - every end tag ends the element that was begun last: one that ends nothing goes, and what it leaves open is ended
///   before it. libxml2 would take each for the end of something, and lose the rest of the document;
/// - attributes have values, and these have quotes, and no < in them;
/// - control characters that XML forbids are spaces, and nothing stands before the XML declaration.
/// What is left open at the end stays open. Precondition: xml is UTF-8.
[[nodiscard]] TamedXml tame_xml(std::string_view xml);

}  // namespace doutu
