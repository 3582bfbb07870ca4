#include "downloader/check/signature.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace doutu {
namespace {

using namespace std::string_literals;

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

struct Judged {
  Cause cause = Cause::none;
  std::string type;
  bool operator==(const Judged&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Judged& judged) {
  return out << cause_name(judged.cause) << '/' << judged.type;
}

/// Read with every byte that comes, until it is decided.
Judged judge(std::string_view body) {
  for (std::size_t size = 1; size <= body.size(); ++size) {
    const bool is_all = size == kSignatureBytes || size == body.size();
    const Signature read = read_signature(bytes_of(body.substr(0, size)), is_all ? Head::complete : Head::grows);
    if (read.state != Signature::State::undecided) return {read.cause, std::string(read.type)};
  }
  return {};
}

void expect(const Judged& expected, const std::string& body) {
  EXPECT_EQ(judge(body), expected) << testing::PrintToString(body.substr(0, 80));
}

std::string ftyp(const std::string& brands) {
  return "\0\0\0"s + static_cast<char>(12 + brands.size()) + "ftyp" + brands.substr(0, 4) + "\0\0\0\0"s +
         brands.substr(4);
}

const std::string kFill(3000, 'x');
const std::string kLicence = "<!-- " + kFill + " -->";

TEST(Signature, KnowsEveryTypeByItsSignature) {
  const std::string bmp = "BM"s + std::string(12, 'x') + "\x28\0\0\0"s;
  for (const auto& [type, head] : std::vector<std::pair<std::string, std::string>>{
           {"jpeg", "\xff\xd8\xff\xe0"},
           {"png", "\x89PNG\r\n\x1a\n"},
           {"gif", "GIF87a"},
           {"gif", "GIF89a"},
           {"webp", "RIFF\x10\0\0\0WEBPVP8 "s},
           {"avif", ftyp("avifmif1")},
           {"avif", ftyp("mif1miafavif")},
           {"heic", ftyp("heicmif1")},
           {"heic", ftyp("mif1heic")},
           {"avif",
            "\0\0\0\x10"
            "ftypmif3avif\0\0\0\0mini"s},
           {"heic",
            "\0\0\0\x10"
            "ftypmif3heic\0\0\0\0mini"s},
           {"bmp", bmp},
           {"ico", "\0\0\1\0\1\0\x10\x10\0\0\1\0"s},
           {"ico", "\0\0\2\0\1\0\x10\x10\0\0\1\0"s},
           {"tiff", "II*\0"s},
           {"tiff", "MM\0*"s},
           {"tiff", "II+\0"s},
           {"jxl", "\xff\x0a"},
           {"jxl", "\0\0\0\x0cJXL \r\n\x87\n"s},
       }) {
    expect({Cause::none, type}, head + kFill);
  }
}

TEST(Signature, KnowsSvgBehindWhateverMayStandBeforeIt) {
  for (const std::string head :
       {"<svg xmlns='http://www.w3.org/2000/svg'>", "  \r\n\t<svg>", "\xef\xbb\xbf<svg/>",
        "<?xml version='1.0'?>\n<svg >", "<?xml version='1.0'?><!-- <html> --><svg>",
        "<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'x.dtd'><svg>",
        "<!DOCTYPE svg [ <!ENTITY a 'b'> <!ENTITY c 'd'> ]>\n<svg>", "<s:svg xmlns:s='http://www.w3.org/2000/svg'>"}) {
    expect({Cause::none, "svg"}, head + kFill);
  }
  expect({Cause::none, "svg"}, "<svg");
  expect({Cause::none, "svg"}, kLicence + "<svg>");
  expect({Cause::none, "svg"},
         "<?xml version='1.0'?>" + kLicence + "<!DOCTYPE svg [<!ENTITY a '" + kFill + "'>]><svg>");
}

TEST(Signature, KnowsHtmlInPlaceOfAnImage) {
  for (const std::string head :
       {"<!doctype html><p>", "<!DOCTYPE HTML PUBLIC", "<html lang=en>", "<HTML>", "\n\n <head>", "<body>", "<script>",
        "\xef\xbb\xbf<html>", "<!-- cache --><html>", "<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'><html>",
        "<title>404", "<h1>Not found</h1>", "<p>Sorry", "<div class=x>", "<a href=x>"}) {
    expect({Cause::html_not_image, ""}, head + kFill);
    expect({Cause::html_not_image, ""}, head);
  }
  expect({Cause::html_not_image, ""}, "<!-- endless " + kFill);
  expect({Cause::html_not_image, ""}, "<?xml version='1.0'?>" + kLicence + "<!DOCTYPE html PUBLIC 'x'><html>");
  expect({Cause::html_not_image, ""}, "<?xml version='1.0'?>" + kLicence + "<html>");
}

TEST(Signature, TakesNothingElseForAnImage) {
  for (const std::string& body : {"{\"error\": \"not found\"}"s,
                                  "Not found"s,
                                  "<rss><channel>"s,
                                  "<?xml version='1.0'?><Error>AccessDenied"s,
                                  "B"s,
                                  "BM is a word, and not the start of every picture"s,
                                  "RIFF\x10\0\0\0WAVEfmt "s,
                                  "RIFF\x10\0\0\0WEBPxxxx"s,
                                  ftyp("isommp42"),
                                  "GIF"s,
                                  "\xff\xd8"s,
                                  "<abbr>"s,
                                  "\0\0\1\0\0\0"s,
                                  "   "s,
                                  "<"s,
                                  "<?xml"s,
                                  "%PDF-1.4 is a document"s,
                                  std::string(5000, ' '),
                                  "<?xml version='1.0'?>" + kLicence + "<rss>",
                                  "<!DOCTYPE svg ["s + kFill}) {
    expect({Cause::not_an_image, ""}, body);
  }
}

TEST(Signature, NeverReadsBeyondWhatItWasGiven) {  // For AddressSanitizer: every prefix of every signature.
  for (const std::string& whole :
       {ftyp("mif1miafavif"), "\0\0\1\0\1\0\x10\x10\0\0\1\0\0\0\0\0\0\0"s, "BM" + std::string(16, '\0'),
        "<!DOCTYPE svg [ <!ENTITY a 'b'> ]><svg>"s, "RIFF\x10\0\0\0WEBPVP8 xx"s}) {
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      const std::vector<std::byte> exact(bytes_of(whole).begin(),
                                         bytes_of(whole).begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_NE(static_cast<int>(read_signature(exact, Head::complete).state),
                static_cast<int>(Signature::State::undecided));
      static_cast<void>(read_signature(exact, Head::grows));
    }
  }
}

}  // namespace
}  // namespace doutu
