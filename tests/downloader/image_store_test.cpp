#include "downloader/image_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "tests/downloader/folder_files.h"

namespace doutu {
namespace {

using Found = ImageStore::Found;
using Placed = ImageStore::Placed;
using Images = std::map<std::string, std::string>;

class ImageStoreTest : public ::testing::Test {
 public:
  FolderFiles files;
  ImageStore store = *ImageStore::open(files.directory());
};

TEST_F(ImageStoreTest, CreatesWhatIsMissing) {
  EXPECT_TRUE(std::filesystem::is_directory(incoming_folder(files.directory())));
  EXPECT_TRUE(ImageStore::open(files.directory()).ok());
}

TEST(ImageStore, SaysWhyAFolderCannotBeMade) {
  const auto store = ImageStore::open("/proc/no/such/folder");
  ASSERT_FALSE(store.ok());
  EXPECT_NE(store.error().message.find("/proc/no/such/folder"), std::string::npos);
}

TEST_F(ImageStoreTest, MovesAFileToItsName) {
  FolderFiles::write(files.incoming(7), "bytes");
  EXPECT_EQ(*store.place(7, "a.jpg"), Placed::yes);
  EXPECT_EQ(files.images(), (Images{{"a.jpg", "bytes"}}));
  EXPECT_EQ(files.incoming_count(), 0U);
}

TEST_F(ImageStoreTest, NeverReplacesAFile) {
  FolderFiles::write(files.path("a.jpg"), "the user's");
  FolderFiles::write(files.incoming(7), "bytes");
  EXPECT_EQ(*store.place(7, "a.jpg"), Placed::name_taken);
  EXPECT_EQ(files.images(), (Images{{"a.jpg", "the user's"}}));
  EXPECT_EQ(files.incoming_count(), 1U);
}

TEST_F(ImageStoreTest, NeverReplacesALinkOrAFolder) {
  std::filesystem::create_directory(files.path("folder.jpg"));
  std::filesystem::create_symlink("/nowhere", files.path("link.jpg"));
  FolderFiles::write(files.incoming(7), "bytes");
  EXPECT_EQ(*store.place(7, "folder.jpg"), Placed::name_taken);
  EXPECT_EQ(*store.place(7, "link.jpg"), Placed::name_taken);
}

TEST_F(ImageStoreTest, SaysThatTheBytesAreLost) { EXPECT_EQ(*store.place(7, "a.jpg"), Placed::lost); }

TEST_F(ImageStoreTest, TellsContentByItsHash) {
  FolderFiles::write(files.path("a.jpg"), "bytes");
  EXPECT_EQ(store.look("a.jpg", content_of("bytes")), Found::same_content);
  EXPECT_EQ(store.look("a.jpg", content_of("BYTES")), Found::other);
  EXPECT_EQ(store.look("a.jpg", content_of("bytes and more")), Found::other);
  EXPECT_EQ(store.look("b.jpg", content_of("bytes")), Found::nothing);
}

TEST_F(ImageStoreTest, TakesWhatIsNoFileForOtherContent) {
  std::filesystem::create_directory(files.path("folder.jpg"));
  ASSERT_EQ(::mkfifo(files.path("fifo.jpg").c_str(), 0600), 0);
  FolderFiles::write(files.path("a.jpg"), "bytes");
  std::filesystem::create_symlink("a.jpg", files.path("link.jpg"));
  for (const char* name : {"folder.jpg", "fifo.jpg", "link.jpg"}) {
    EXPECT_EQ(store.look(name, content_of("bytes")), Found::other) << name;
  }
}

TEST_F(ImageStoreTest, LinksTheSameContent) {
  FolderFiles::write(files.path("a.jpg"), "bytes");
  FolderFiles::write(files.incoming(8), "bytes");
  EXPECT_EQ(*store.place_as_link(8, "b.jpg", "a.jpg", content_of("bytes")), Placed::linked);
  EXPECT_TRUE(std::filesystem::equivalent(files.path("a.jpg"), files.path("b.jpg")));
  EXPECT_EQ(files.incoming_count(), 1U) << "until the link is durable";
}

TEST_F(ImageStoreTest, PlacesItsOwnBytesWhenTheFirstFileIsGoneOrChanged) {
  FolderFiles::write(files.incoming(8), "bytes");
  EXPECT_EQ(*store.place_as_link(8, "b.jpg", "gone.jpg", content_of("bytes")), Placed::yes);
  FolderFiles::write(files.path("a.jpg"), "BYTES");
  FolderFiles::write(files.incoming(9), "bytes");
  EXPECT_EQ(*store.place_as_link(9, "c.jpg", "a.jpg", content_of("bytes")), Placed::yes);
  EXPECT_EQ(files.images(), (Images{{"a.jpg", "BYTES"}, {"b.jpg", "bytes"}, {"c.jpg", "bytes"}}));
  EXPECT_FALSE(std::filesystem::equivalent(files.path("a.jpg"), files.path("c.jpg")));
}

TEST_F(ImageStoreTest, ALinkNeverReplacesAFile) {
  FolderFiles::write(files.path("a.jpg"), "bytes");
  FolderFiles::write(files.path("b.jpg"), "the user's");
  FolderFiles::write(files.incoming(8), "bytes");
  EXPECT_EQ(*store.place_as_link(8, "b.jpg", "a.jpg", content_of("bytes")), Placed::name_taken);
  EXPECT_EQ(FolderFiles::read(files.path("b.jpg")), "the user's");
  EXPECT_EQ(files.incoming_count(), 1U);
}

TEST_F(ImageStoreTest, SweepsWhatIsNoImage) {
  FolderFiles::write(files.incoming(12), "x");
  FolderFiles::write(files.incoming(3), "x");
  for (const char* name : {"probe", "007", "-1", "0", "12x", "99999999999999999999"}) {
    FolderFiles::write(incoming_folder(files.directory()) + "/" + name, "x");
  }
  auto ids = *store.sweep_incoming();
  std::ranges::sort(ids);
  EXPECT_EQ(ids, (std::vector<std::int64_t>{3, 12}));
  EXPECT_EQ(files.incoming_count(), 2U);
  EXPECT_EQ(store.sweep_incoming()->size(), 2U) << "a second sweep begins at the beginning";
}

TEST_F(ImageStoreTest, ProbesForSpaceAndLeavesNothing) {
  EXPECT_TRUE(store.probe_space().ok());
  EXPECT_EQ(files.incoming_count(), 0U);
  EXPECT_TRUE(store.sync().ok());
}

}  // namespace
}  // namespace doutu
