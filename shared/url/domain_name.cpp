#include "shared/url/domain_name.h"

#include <unicode/uidna.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "shared/base/ascii.h"
#include "shared/base/throw_if_no_memory.h"

// ICU rather than libidn2, which has IDNA 2008's table on top of UTS #46 and so refuses every emoji and symbol that
// browsers take, and hyphens and lengths that the URL standard leaves to DNS.
namespace doutu {
namespace {

struct IdnaDeleter {
  void operator()(UIDNA* idna) const { uidna_close(idna); }
};

/// ICU's converter is constant after construction, so one serves every thread.
const UIDNA* idna() {
  static const std::unique_ptr<UIDNA, IdnaDeleter> shared = [] {
    constexpr std::uint32_t kOptions = UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII;
    UErrorCode error = U_ZERO_ERROR;
    UIDNA* opened = allocated(uidna_openUTS46(kOptions, &error));
    return std::unique_ptr<UIDNA, IdnaDeleter>(opened);
  }();
  return shared.get();
}

/// What UTS #46 finds wrong only with CheckHyphens or VerifyDnsLength, which the URL standard leaves off.
constexpr std::uint32_t kPassedOver = UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG |
                                      UIDNA_ERROR_DOMAIN_NAME_TOO_LONG | UIDNA_ERROR_LEADING_HYPHEN |
                                      UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4;

/// Far above the 253 bytes that DNS knows: punycode takes quadratic time. What does not fit is no name.
constexpr std::size_t kMaxInternational = 2048;

std::optional<std::string> convert(std::string_view utf8) {
  if (utf8.size() > kMaxInternational) return std::nullopt;
  std::string ascii(4 * kMaxInternational, '\0');
  UErrorCode error = U_ZERO_ERROR;
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  const std::int32_t size =
      uidna_nameToASCII_UTF8(idna(), utf8.data(), static_cast<std::int32_t>(utf8.size()), ascii.data(),
                             static_cast<std::int32_t>(ascii.size()), &info, &error);
  if (U_FAILURE(error) != 0 || (info.errors & ~kPassedOver) != 0) return std::nullopt;
  ascii.resize(static_cast<std::size_t>(size));
  return ascii;
}

}  // namespace

std::optional<std::string> domain_to_ascii(std::string_view utf8) {
  if (!std::ranges::all_of(utf8, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return convert(utf8);
  return ascii_lower(utf8);
}

}  // namespace doutu
