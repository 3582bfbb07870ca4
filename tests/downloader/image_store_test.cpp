#include "downloader/image_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <span>
#include <string>

#include "downloader/file_name.h"
#include "downloader/incoming_file.h"
#include "shared/folder/disk_wait.h"
#include "tests/downloader/folder_files.h"
#include "tests/downloader/ledger_scene.h"
#include "tests/site/state_in.h"

namespace doutu {
namespace {

using Found = ImageStore::Found;
using Placed = ImageStore::Placed;
using Images = std::map<std::string, std::string>;

class ImageStoreTest : public ::testing::Test {
 public:
  FolderFiles files;
  ImageStore store = *ImageStore::open(state_in(files.directory()));
};

TEST_F(ImageStoreTest, CreatesWhatIsMissing) {
  EXPECT_TRUE(std::filesystem::is_directory(files.incoming()));
  EXPECT_TRUE(ImageStore::open(state_in(files.directory())).ok());
}

TEST_F(ImageStoreTest, SaysWhyAFolderCannotBeMade) {
  const StateFolder state = state_in(files.directory());
  std::filesystem::remove_all(files.directory());
  const auto gone = ImageStore::open(state);
  ASSERT_FALSE(gone.ok());
  EXPECT_NE(gone.error().message.find(files.directory()), std::string::npos);
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

TEST_F(ImageStoreTest, HasLostWhatIsGoneOrShorter) {
  FolderFiles::write(files.path("a.jpg"), "bytes");
  EXPECT_FALSE(store.has_lost("a.jpg", 5));
  EXPECT_FALSE(store.has_lost("a.jpg", 4)) << "longer: somebody's work";
  EXPECT_TRUE(store.has_lost("a.jpg", 6));
  EXPECT_TRUE(store.has_lost("b.jpg", 5));
  std::filesystem::create_directory(files.path("folder.jpg"));
  std::filesystem::create_symlink("nowhere", files.path("link.jpg"));
  EXPECT_FALSE(store.has_lost("folder.jpg", 1U << 30U));
  EXPECT_FALSE(store.has_lost("link.jpg", 5));
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

TEST_F(ImageStoreTest, SaysThatANameMayBeWhyItIsRefused) {
  const std::string name(300, 'n');
  FolderFiles::write(files.incoming(7), "bytes");
  FolderFiles::write(files.path("a.jpg"), "bytes");
  for (const auto& placed : {store.place(7, name), store.place_as_link(7, name, "a.jpg", content_of("bytes")),
                             store.place(7, "no/folder.jpg")}) {
    ASSERT_FALSE(placed.ok());
    EXPECT_TRUE(store.may_be_of_name(placed.error().code)) << placed.error().message;
  }
  for (const int code : {EILSEQ, EINVAL, EPERM, EACCES, EOPNOTSUPP}) EXPECT_TRUE(store.may_be_of_name(code)) << code;
  for (const int code : {ENOSPC, EDQUOT, EIO, EROFS, ENOMEM, EXDEV, EMFILE}) {
    EXPECT_FALSE(store.may_be_of_name(code)) << code;
  }
  EXPECT_EQ(files.incoming_count(), 1U);
}

TEST_F(ImageStoreTest, BlamesNoNameForAFolderThatIsGone) {
  std::filesystem::remove_all(files.directory());
  for (const int code : {EPERM, EACCES, ENOENT}) EXPECT_FALSE(store.may_be_of_name(code)) << code;
}

TEST_F(ImageStoreTest, KnowsNoLongerNameThanItsFileSystem) {
  EXPECT_GE(store.max_name_bytes(), kMinNameBytes);
  EXPECT_LE(store.max_name_bytes(), kMaxNameBytes);
}

TEST_F(ImageStoreTest, MakesIncomingAgainForWhoeverHasItsDescriptor) {
  const int before = store.incoming_dir();
  std::filesystem::remove_all(files.incoming());
  must(store.mend_incoming());
  EXPECT_EQ(store.incoming_dir(), before);
  EXPECT_EQ(files.incoming_count(), 0U);
  IncomingFile file(before);
  file.begin(7);
  EXPECT_TRUE(file.finish().ok());
  EXPECT_EQ(files.incoming_count(), 1U);
  must(store.mend_incoming());
  EXPECT_EQ(files.incoming_count(), 1U) << "what is well stays as it is";
}

TEST_F(ImageStoreTest, WritesIntoAnIncomingThatWasDeletedOrReplaced) {
  std::filesystem::remove_all(files.incoming());
  must(store.write_incoming(7, std::as_bytes(std::span("bytes", 5))));
  EXPECT_EQ(FolderFiles::read(files.incoming(7)), "bytes");
  std::filesystem::remove_all(files.incoming());
  std::filesystem::create_directory(files.incoming());
  must(store.write_incoming(8, std::as_bytes(std::span("more", 4))));
  EXPECT_EQ(FolderFiles::read(files.incoming(8)), "more");
}

TEST_F(ImageStoreTest, FollowsNoLinkInPlaceOfIncoming) {
  const std::string outside = files.path("outside");
  std::filesystem::create_directory(outside);
  std::filesystem::remove_all(files.incoming());
  std::filesystem::create_directory_symlink(outside, files.incoming());
  const Status mended = store.mend_incoming();
  ASSERT_FALSE(mended.ok());
  EXPECT_NE(mended.error().message.find(".doutu/incoming"), std::string::npos);
  EXPECT_TRUE(is_folder_trouble(mended.error().code));
  EXPECT_TRUE(std::filesystem::is_empty(outside));
}

TEST_F(ImageStoreTest, SaysThatTheAccountWasDeleted) {
  std::filesystem::remove_all(state_folder(files.directory()));
  std::filesystem::create_directory(state_folder(files.directory()));  // another one
  const Status mended = store.mend_incoming();
  ASSERT_FALSE(mended.ok());
  EXPECT_NE(mended.error().message.find(".doutu was deleted"), std::string::npos) << mended.error().message;
  EXPECT_FALSE(is_disk_trouble(mended.error().code));
}

TEST_F(ImageStoreTest, SweepsWhatIsNoImage) {
  FolderFiles::write(files.incoming(12), "x");
  FolderFiles::write(files.incoming(3), "x");
  for (const char* name : {"probe", "007", "-1", "0", "12x", "99999999999999999999"}) {
    FolderFiles::write(files.incoming() + "/" + name, "x");
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
