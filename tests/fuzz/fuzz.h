// The fuzz targets: each reads what strangers may have written, by the function that doutu reads it by, and aborts when
// one of its properties does not hold. libFuzzer calls them (scripts/fuzz), and replay_test.cpp with what is in
// corpus/. Inputs are bytes; where a target wants more than one value it cuts them off the front (input.h). They return
// 0. One thread.
#pragma once

#include <cstddef>
#include <span>

namespace doutu {

using FuzzInput = std::span<const std::byte>;

/// Page bytes to image list: valid text, bounded, and every URL is one that resolves to itself.
int fuzz_page(FuzzInput input);
/// A compressed body, at once and in pieces: one outcome, bounded.
int fuzz_unpack(FuzzInput input);
/// Bytes in any encoding to UTF-8: always valid, and valid UTF-8 stays what it is; back, and the same again.
int fuzz_decode(FuzzInput input);
/// A base and a reference: what it resolves to resolves to itself, and is plain.
int fuzz_url(FuzzInput input);
/// An image, whole, byte by byte and in pieces: one outcome.
int fuzz_image(FuzzInput input);
/// Retry-After and dates: within the range of dates, never negative, the same with white space around.
int fuzz_retry_after(FuzzInput input);
/// Set-Cookie headers of one answer: what is set is well formed, that host's to set, and survives as a line.
int fuzz_set_cookie(FuzzInput input);
/// A file of cookies: what is read is well formed, and is what is read again of what is written.
int fuzz_cookie_file(FuzzInput input);
/// A lane whose producer keeps no rules, as the consumer reads it: it ends, takes nothing too long and nothing twice.
int fuzz_lane(FuzzInput input);
/// A record: what decode() takes is what encode() writes.
int fuzz_record(FuzzInput input);
/// A page range: its canonical text is itself, its numbers are as many as it says, and different.
int fuzz_page_range(FuzzInput input);
/// A recipe: its pages' URLs are normal and on one server; the ledger gives back what was kept.
int fuzz_recipe(FuzzInput input);
/// An image to be decoded, and a beginning of it: of a JPEG whose beginning is whole, all is.
int fuzz_wholeness(FuzzInput input);

}  // namespace doutu
