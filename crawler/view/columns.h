// Text on a terminal is measured in columns: a Chinese character takes two, a combining accent none. Values in, text
// out. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace doutu {

/// What a terminal can show: ascii where the locale says nothing of UTF-8.
enum class Charset { ascii, utf8 };

/// From the first of LC_ALL, LC_CTYPE and LANG that is set and not empty (locale(7)), given by look_up; nullptr: not
/// set.
[[nodiscard]] Charset charset_of_locale(const char* (*look_up)(const char* name));

/// Columns that the text takes, by the C library's table of Unicode (wcwidth(3) in C.UTF-8). The text is UTF-8 without
/// control characters (escape.h); what is not counts one column a byte.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// At most so many columns of the text; what was cut off at the end is shown by "…" ("~" in ASCII).
[[nodiscard]] std::string cut_to_columns(std::string_view text, std::size_t columns, Charset charset);

/// The same, cut in the middle: of a URL both ends tell something.
[[nodiscard]] std::string cut_middle(std::string_view text, std::size_t columns, Charset charset);

/// The text with every character that is no ASCII replaced by as many "?" as it has columns; unchanged in UTF-8.
[[nodiscard]] std::string in_charset(std::string_view text, Charset charset);

/// A bar of `columns` columns, filled for done of total; never full before all is done, never empty once one is.
/// total 0: empty. "██████▍░░░", in ASCII "######....".
[[nodiscard]] std::string bar(std::uint64_t done, std::uint64_t total, std::size_t columns, Charset charset);

}  // namespace doutu
