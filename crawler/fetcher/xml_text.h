// XML text: what people write as XML, made fit for an XML parser, which ends at errors that readers of feeds have to
// live with. Page fetcher; pure.
#pragma once

#include <string>
#include <string_view>

namespace doutu {

/// The same document with only such references in it as need no declaration: those of HTML (&nbsp;) become the
/// characters that they stand for, and an & that begins no reference, or one that nobody knows, becomes &amp;. So there
/// is no entity to be declared, expanded or fetched. Control characters that XML forbids become spaces. White space in
/// front goes. Precondition: xml is UTF-8.
[[nodiscard]] std::string tame_xml(std::string_view xml);

}  // namespace doutu
