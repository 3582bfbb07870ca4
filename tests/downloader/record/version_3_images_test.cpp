// Images that version 3 of the ledger saved, of which it knew SHA-256 alone: what comes now is compared with their
// files.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/downloader/ledger/version_3_ledger.h"
#include "tests/downloader/record/image_publisher_scene.h"

namespace doutu {
namespace {

std::string hex(const Sha256& hash) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : hash) {
    text += kDigits[std::to_integer<std::size_t>(byte >> 4)];
    text += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return text;
}

/// Job 1 has saved old.jpg. Job 2 goes on.
class ImagesOfVersion3 : public ImagePublisherTest {
 protected:
  ImagesOfVersion3() {
    publisher.reset();
    scene.close();
    std::filesystem::remove(ledger_path(files().directory()));
    make_version_3(
        state_in(files().directory()),
        "INSERT INTO accounts VALUES (1, 'http://h/{page}', '1-10', '//img', 1, 2, 0, 0, 1, 0, 0, 0, 0, 3);"
        "INSERT INTO hosts VALUES (1, 'http://a');"
        "INSERT INTO syncs VALUES (1, 1);"
        "INSERT INTO images (id, url_key, url, host, account, page, attempt, position, state, settled_in, attempts,"
        " http_status, file, bytes, sha256, type, width, height, frames, round) VALUES"
        " (1, x'01', 'http://a/old.jpg', 1, 1, 1, 1, 0, 1, 1, 1, 200, 'old.jpg', 3, x'" +
            hex(sha256_of("old")) + "', 'jpeg', 40, 30, 1, 1);");
    FolderFiles::write(files().path("old.jpg"), "old");
    scene.open();
    restart();
    scene.job(2);
  }
  /// By its URL.
  ImageState state_of(const std::string& url) {
    return static_cast<ImageState>(scene.count("SELECT state FROM images WHERE url = '" + url + "'"));
  }
  std::uintmax_t names_of(const std::string& file) { return std::filesystem::hard_link_count(files().path(file)); }
};

TEST_F(ImagesOfVersion3, TheSameBytesAreADuplicate) {
  fetch("http://b/new.jpg", "old");
  EXPECT_EQ(state_of("http://b/new.jpg"), ImageState::duplicate);
  EXPECT_EQ(files().images(), (Images{{"new.jpg", "old"}, {"old.jpg", "old"}}));
  EXPECT_EQ(names_of("old.jpg"), 2U) << "one file";
  fetch("http://c/newer.jpg", "old");
  EXPECT_EQ(state_of("http://c/newer.jpg"), ImageState::duplicate);
  EXPECT_EQ(scene.counters(), (JobCounters{.duplicate = 2}));
}

TEST_F(ImagesOfVersion3, OtherBytesOfTheSameSizeAreSaved) {
  fetch("http://b/new.jpg", "new");
  fetch("http://b/longer.jpg", "longer");
  EXPECT_EQ(state_of("http://b/new.jpg"), ImageState::saved);
  EXPECT_EQ(state_of("http://b/longer.jpg"), ImageState::saved);
  EXPECT_EQ(files().images(), (Images{{"longer.jpg", "longer"}, {"new.jpg", "new"}, {"old.jpg", "old"}}));
  fetch("http://c/newer.jpg", "new");
  EXPECT_EQ(state_of("http://c/newer.jpg"), ImageState::duplicate) << "of one that this version has saved";
}

TEST_F(ImagesOfVersion3, BytesWhoseFileIsGoneAreSavedAgain) {
  std::filesystem::remove(files().path("old.jpg"));
  fetch("http://b/new.jpg", "old");
  EXPECT_EQ(state_of("http://b/new.jpg"), ImageState::saved);
  fetch("http://c/newer.jpg", "old");
  EXPECT_EQ(state_of("http://c/newer.jpg"), ImageState::duplicate);
  EXPECT_EQ(files().images(), (Images{{"new.jpg", "old"}, {"newer.jpg", "old"}}));
}

TEST_F(ImagesOfVersion3, AFileThatHasOtherBytesByNowIsNoFirst) {
  FolderFiles::write(files().path("old.jpg"), "odd");
  fetch("http://b/new.jpg", "old");
  EXPECT_EQ(state_of("http://b/new.jpg"), ImageState::saved);
  EXPECT_EQ(files().images(), (Images{{"new.jpg", "old"}, {"old.jpg", "odd"}}));
}

}  // namespace
}  // namespace doutu
