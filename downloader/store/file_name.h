// File names made of what strangers put into URLs: safe on every file system that people copy folders to. Pure; any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace doutu {

/// Longest name in bytes, numbers included: below the 255 of Linux file systems (and of UTF-16 ones, which count fewer
/// units than bytes), with room for what others add. A file system may have less, down to the length of a plain name.
inline constexpr std::size_t kMaxNameBytes = 200;
inline constexpr std::size_t kMinNameBytes = 30;

/// What becomes of an extension that contradicts the image: photo.jpg that is a WebP.
enum class WrongExtension { corrected, kept };

/// The name for an image: the last segment of the URL's path, percent-decoded when that is UTF-8.
///
/// Safe: control, format and other invisible characters and / \ : * ? " < > | become "_", other spaces a space; no
/// leading or trailing dot or space, no leading "~"; no name that DOS reserved ("aux.jpg", "COM1"), none that could be
/// the short name of .doutu ("DOUTU~1"); never empty, at most limit bytes (kMinNameBytes to kMaxNameBytes), cut at a
/// character's border, the extension kept. The name of a name is that name.
///
/// type is what the signature says ("jpeg"). An extension of another type of image is replaced by its own, as viewers
/// go by it: photo.jpg becomes photo.webp. What is no image's extension is not taken for one ("show.php", "v1.2"): the
/// right one is added, and nothing that tells images apart is lost.
[[nodiscard]] std::string file_name_for(std::string_view url, std::string_view type,
                                        WrongExtension wrong = WrongExtension::corrected,
                                        std::size_t limit = kMaxNameBytes);

/// The name for an image whose own the file system refuses: digits and letters of ASCII that every file system takes,
/// "9f86d081884c7d65.jpg". hash is hexadecimal; type as above.
[[nodiscard]] std::string plain_name(std::string_view hash, std::string_view type);

/// The n-th name to try, from 1: "a.jpg", "a-2.jpg", "a-3.jpg" ... Same bound.
[[nodiscard]] std::string numbered_name(std::string_view name, std::uint32_t number, std::size_t limit = kMaxNameBytes);

/// Another name for one that too many want: "a-9f86d081884c7d65.jpg". Same bound.
[[nodiscard]] std::string suffixed_name(std::string_view name, std::string_view suffix,
                                        std::size_t limit = kMaxNameBytes);

}  // namespace doutu
