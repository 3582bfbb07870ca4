#define XML_DTD  // Has expat.h declare the limits of expansion; the library has them in any case.
#include "downloader/check/image_format/svg_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "shared/base/ascii.h"
#include "shared/base/throw_if_no_memory.h"

namespace doutu {
namespace {

/// Deeper than any drawing; expat keeps memory for each open element.
constexpr int kMaxDepth = 1024;
/// Of a tag that goes on, which is kept whole, and by expat up to three times more. With its values shortened.
constexpr std::size_t kMaxUnfinished = std::size_t{1} << 20U;
/// Taken at once: bounds what is held of a body that comes whole.
constexpr std::size_t kPiece = std::size_t{64} << 10U;
/// What entities may make of the body: as it comes they let expat's own limits grow with it, to 100 times its size.
constexpr unsigned long long kFreeExpansion = 1ULL << 20U;
constexpr float kMaxExpansion = 2;

/// Encodings that expat does not know are superset of ASCII in what matters to XML, so any letters do for the rest.
int on_unknown_encoding(void* /*data*/, const XML_Char* /*name*/, XML_Encoding* encoding) {
  for (int i = 0; i < 256; ++i) encoding->map[i] = i;  // NOLINT(*-bounds-constant-array-index): a C array.
  encoding->data = nullptr;
  encoding->convert = nullptr;
  encoding->release = nullptr;
  return XML_STATUS_OK;
}

/// The byte that the parser has come to; -1 where it does not know.
std::int64_t position_of(XML_Parser parser) {
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9  // Debian 13's, in which the other is deprecated.
  return XML_GetCurrentByteIndex64(parser);
#else
  return XML_GetCurrentByteIndex(parser);
#endif
}

/// The encoding that an XML declaration names; empty: none.
std::string_view declared_encoding(std::string_view text) {
  constexpr std::string_view kName = "encoding";
  const std::string_view declaration = text.starts_with("<?xml") ? text.substr(0, text.find("?>")) : "";
  const std::size_t name = declaration.find(kName);
  if (name == std::string_view::npos) return {};
  const std::size_t value = declaration.find_first_of("'\"", name + kName.size());
  return value == std::string_view::npos ? std::string_view() : declaration.substr(value + 1);
}

/// The encoding in place of the declared one, which expat would hold the document to; nullptr: the declared one will
/// do.
const char* encoding_of(std::string_view head) {
  if (head.starts_with("\xff\xfe")) return "UTF-16LE";
  if (head.starts_with("\xfe\xff")) return "UTF-16BE";
  const std::string_view declared = declared_encoding(head.starts_with("\xef\xbb\xbf") ? head.substr(3) : head);
  if (starts_with_ignoring_case(declared, "utf-16")) return "UTF-8";
  return starts_with_ignoring_case(declared, "us-ascii") ? "ISO-8859-1" : nullptr;
}

/// The number at the front of text, which is cut off; nullopt: there is none that is a size.
std::optional<double> take_number(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n,"), text.size()));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::uint32_t pixels(std::optional<double> value) {
  constexpr double kMost = std::numeric_limits<std::uint32_t>::max();
  return value && *value > 0 && *value < kMost ? static_cast<std::uint32_t>(std::lround(*value)) : 0;
}

/// "0", "0px": then nothing is drawn.
bool is_nothing(std::string_view text) {
  const auto value = take_number(text);
  return value == 0.0 && (text.empty() || text == "px");
}

/// "120", "120px"; other units, and percentages, are no pixels: 0.
std::uint32_t length_in_pixels(std::string_view text) {
  const auto value = take_number(text);
  return text.empty() || text == "px" ? pixels(value) : 0;
}

/// A newer expat waits by itself until more has come behind an unfinished tag, also where no more will come.
void parse_at_once(XML_Parser parser) {
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 6
  XML_SetReparseDeferralEnabled(parser, XML_FALSE);
#else
  (void)parser;
#endif
}

}  // namespace

SvgFormat::SvgFormat() : ImageFormat("svg"), parser_(XML_ParserCreate(nullptr)) {
  throw_if_no_memory(parser_ != nullptr);
  XML_SetUserData(parser_.get(), this);
  parse_at_once(parser_.get());
  XML_SetElementHandler(parser_.get(), on_start_tag, on_end_tag);
  XML_SetBillionLaughsAttackProtectionActivationThreshold(parser_.get(), kFreeExpansion);
  XML_SetBillionLaughsAttackProtectionMaximumAmplification(parser_.get(), kMaxExpansion);
  XML_SetUnknownEncodingHandler(parser_.get(), on_unknown_encoding, nullptr);
  // With a default handler (and not an expanding one) references to entities are handed on as they stand.
  XML_SetDefaultHandler(parser_.get(), [](void*, const XML_Char*, int) {});
}

/// expat begins a tag afresh with every piece of it: handed 1 MB of them in pieces of 1,460 bytes it takes half a
/// second. So what it could not finish is continued only when as much again has come.
Progress SvgFormat::feed(Bytes bytes) {
  if (!std::exchange(has_begun_, true)) begin(bytes);
  while (progress_ == Progress::going && !bytes.empty()) {
    const Bytes piece = bytes.first(std::min(bytes.size(), kPiece));
    bytes = bytes.subspan(piece.size());
    values_.shorten(piece, held_);
    if (held_.size() >= unfinished_ || unfinished_ + held_.size() > kMaxUnfinished) parse_what_is_held();
  }
  return progress_;
}

/// head: with the declaration, if there is one, since all before the root element comes at once (signature.h).
void SvgFormat::begin(Bytes head) {
  const char* encoding = encoding_of({reinterpret_cast<const char*>(head.data()), head.size()});
  if (encoding != nullptr) throw_if_no_memory(XML_SetEncoding(parser_.get(), encoding) == XML_STATUS_OK);
}

Progress SvgFormat::finish(BodyEnd /*end*/) {
  parse_what_is_held();
  return progress_;
}

void SvgFormat::parse_what_is_held() {
  if (progress_ == Progress::going && !held_.empty()) parse();
}

void SvgFormat::parse() {
  parsed_ += held_.size();
  const auto* text = reinterpret_cast<const char*>(held_.data());
  const auto status = XML_Parse(parser_.get(), text, static_cast<int>(held_.size()), XML_FALSE);
  throw_if_no_memory(status == XML_STATUS_OK || XML_GetErrorCode(parser_.get()) != XML_ERROR_NO_MEMORY);
  if (status != XML_STATUS_OK && progress_ == Progress::going) progress_ = Progress::damaged;
  held_.clear();
  const auto finished = std::max<std::int64_t>(position_of(parser_.get()), 0);
  unfinished_ = parsed_ - std::min(parsed_, static_cast<std::size_t>(finished));
  if (unfinished_ > kMaxUnfinished && progress_ == Progress::going) progress_ = Progress::damaged;
}

void SvgFormat::stop(Progress progress) {
  progress_ = progress;
  XML_StopParser(parser_.get(), XML_FALSE);
}

void SvgFormat::on_start_tag(void* self, const XML_Char* name, const XML_Char** attributes) {
  auto& svg = *static_cast<SvgFormat*>(self);
  const std::string_view tag(name);
  if (svg.depth_ == 0) {
    if (tag != "svg" && !tag.ends_with(":svg")) return svg.stop(Progress::damaged);
    if (!svg.read_size(attributes)) return svg.stop(Progress::damaged);
  }
  if (++svg.depth_ > kMaxDepth) svg.stop(Progress::damaged);
}

void SvgFormat::on_end_tag(void* self, const XML_Char* /*name*/) {
  auto& svg = *static_cast<SvgFormat*>(self);
  if (--svg.depth_ == 0 && svg.progress_ == Progress::going) svg.stop(Progress::complete);
}

/// attributes: name, value, name, value ... nullptr. Without sizes the view box says the proportions, at least.
bool SvgFormat::read_size(const XML_Char** attributes) {
  facts_.frames = 1;
  std::string_view view_box;
  for (; *attributes != nullptr; attributes += 2) {
    const std::string_view name(attributes[0]);
    const std::string_view value(attributes[1]);
    if ((name == "width" || name == "height") && is_nothing(value)) return false;
    if (name == "width") facts_.width = length_in_pixels(value);
    if (name == "height") facts_.height = length_in_pixels(value);
    if (name == "viewBox") view_box = value;
  }
  if (facts_.width != 0 && facts_.height != 0) return true;
  take_number(view_box);
  take_number(view_box);
  facts_.width = pixels(take_number(view_box));
  facts_.height = pixels(take_number(view_box));
  return true;
}

}  // namespace doutu
