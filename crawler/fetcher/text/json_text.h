// JSON text: how to tell it, and what people write as JSON, made fit for a JSON parser. Page fetcher; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace doutu {

/// Whether text may be a JSON object or array, judged by its first characters: a brace and a key, or a bracket and a
/// value. White space may stand in front.
[[nodiscard]] bool begins_as_json(std::string_view text);
/// Also by its last one.
[[nodiscard]] bool looks_like_json(std::string_view text);

/// The same text in which every escape of a surrogate (\ud83d) that lacks its other half is \ufffd; nullopt: there is
/// none. Parsers refuse the whole text for it, browsers do not.
[[nodiscard]] std::optional<std::string> with_whole_surrogates(std::string_view json);

}  // namespace doutu
