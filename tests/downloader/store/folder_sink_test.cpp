#include "downloader/store/folder_sink.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <span>
#include <string>

#include "downloader/store/file_name.h"
#include "shared/folder/disk_wait.h"
#include "tests/downloader/ledger/ledger_scene.h"
#include "tests/downloader/store/folder_files.h"
#include "tests/site/state_in.h"

namespace doutu {
namespace {

using Found = FolderSink::Found;
using Published = FolderSink::Published;
using Images = std::map<std::string, std::string>;

class FolderSinkTest : public ::testing::Test {
 public:
  Result<Published> publish(std::int64_t id, const std::string& name) { return publish(id, name, "", Content()); }
  Result<Published> publish(std::int64_t id, const std::string& name, const std::string& first,
                            const Content& content) {
    return sink.publish({id, name, first, content}).value();
  }
  Found look(const std::string& name, const std::string& bytes) {
    return sink.look(name, content_of(bytes), FolderSink::From::cache);
  }

  FolderFiles files;
  FolderSink sink = *FolderSink::open(state_in(files.directory()));
};

TEST_F(FolderSinkTest, CreatesWhatIsMissing) {
  EXPECT_TRUE(std::filesystem::is_directory(files.incoming()));
  EXPECT_TRUE(FolderSink::open(state_in(files.directory())).ok());
}

TEST_F(FolderSinkTest, SaysWhyAFolderCannotBeMade) {
  const StateFolder state = state_in(files.directory());
  std::filesystem::remove_all(files.directory());
  const auto gone = FolderSink::open(state);
  ASSERT_FALSE(gone.ok());
  EXPECT_NE(gone.error().message.find(files.directory()), std::string::npos);
}

TEST_F(FolderSinkTest, MovesAFileToItsName) {
  FolderFiles::write(files.incoming(7), "bytes");
  EXPECT_EQ(*publish(7, "a.jpg"), Published::yes);
  EXPECT_EQ(files.images(), (Images{{"a.jpg", "bytes"}}));
  EXPECT_EQ(files.incoming_count(), 0U);
}

TEST_F(FolderSinkTest, NeverReplacesAFile) {
  FolderFiles::write(files.path("a.jpg"), "the user's");
  FolderFiles::write(files.incoming(7), "bytes");
  EXPECT_EQ(*publish(7, "a.jpg"), Published::name_taken);
  EXPECT_EQ(files.images(), (Images{{"a.jpg", "the user's"}}));
  EXPECT_EQ(files.incoming_count(), 1U);
}

TEST_F(FolderSinkTest, NeverReplacesALinkOrAFolder) {
  std::filesystem::create_directory(files.path("folder.jpg"));
  std::filesystem::create_symlink("/nowhere", files.path("link.jpg"));
  FolderFiles::write(files.incoming(7), "bytes");
  EXPECT_EQ(*publish(7, "folder.jpg"), Published::name_taken);
  EXPECT_EQ(*publish(7, "link.jpg"), Published::name_taken);
}

TEST_F(FolderSinkTest, SaysThatTheBytesAreLost) { EXPECT_EQ(*publish(7, "a.jpg"), Published::lost); }

TEST_F(FolderSinkTest, TellsContentByItsHash) {
  FolderFiles::write(files.path("a.jpg"), "bytes");
  EXPECT_EQ(look("a.jpg", "bytes"), Found::same_content);
  EXPECT_EQ(look("a.jpg", "BYTES"), Found::other);
  EXPECT_EQ(look("a.jpg", "bytes and more"), Found::other);
  EXPECT_EQ(look("b.jpg", "bytes"), Found::nothing);
}

TEST_F(FolderSinkTest, TakesWhatIsNoFileForOtherContent) {
  std::filesystem::create_directory(files.path("folder.jpg"));
  ASSERT_EQ(::mkfifo(files.path("fifo.jpg").c_str(), 0600), 0);
  FolderFiles::write(files.path("a.jpg"), "bytes");
  std::filesystem::create_symlink("a.jpg", files.path("link.jpg"));
  for (const char* name : {"folder.jpg", "fifo.jpg", "link.jpg"}) {
    EXPECT_EQ(look(name, "bytes"), Found::other) << name;
  }
}

TEST_F(FolderSinkTest, HasLostWhatIsGoneOrShorter) {
  FolderFiles::write(files.path("a.jpg"), "bytes");
  EXPECT_FALSE(sink.has_lost("a.jpg", 5));
  EXPECT_FALSE(sink.has_lost("a.jpg", 4)) << "longer: somebody's work";
  EXPECT_TRUE(sink.has_lost("a.jpg", 6));
  EXPECT_TRUE(sink.has_lost("b.jpg", 5));
  std::filesystem::create_directory(files.path("folder.jpg"));
  std::filesystem::create_symlink("nowhere", files.path("link.jpg"));
  EXPECT_FALSE(sink.has_lost("folder.jpg", 1U << 30U));
  EXPECT_FALSE(sink.has_lost("link.jpg", 5));
}

TEST_F(FolderSinkTest, LinksTheSameContent) {
  FolderFiles::write(files.path("a.jpg"), "bytes");
  FolderFiles::write(files.incoming(8), "bytes");
  EXPECT_EQ(*publish(8, "b.jpg", "a.jpg", content_of("bytes")), Published::still_held);
  EXPECT_TRUE(std::filesystem::equivalent(files.path("a.jpg"), files.path("b.jpg")));
  EXPECT_EQ(files.incoming_count(), 1U) << "until the link is durable";
}

TEST_F(FolderSinkTest, PlacesItsOwnBytesWhenTheFirstFileIsGoneOrChanged) {
  FolderFiles::write(files.incoming(8), "bytes");
  EXPECT_EQ(*publish(8, "b.jpg", "gone.jpg", content_of("bytes")), Published::yes);
  FolderFiles::write(files.path("a.jpg"), "BYTES");
  FolderFiles::write(files.incoming(9), "bytes");
  EXPECT_EQ(*publish(9, "c.jpg", "a.jpg", content_of("bytes")), Published::yes);
  EXPECT_EQ(files.images(), (Images{{"a.jpg", "BYTES"}, {"b.jpg", "bytes"}, {"c.jpg", "bytes"}}));
  EXPECT_FALSE(std::filesystem::equivalent(files.path("a.jpg"), files.path("c.jpg")));
}

TEST_F(FolderSinkTest, ALinkNeverReplacesAFile) {
  FolderFiles::write(files.path("a.jpg"), "bytes");
  FolderFiles::write(files.path("b.jpg"), "the user's");
  FolderFiles::write(files.incoming(8), "bytes");
  EXPECT_EQ(*publish(8, "b.jpg", "a.jpg", content_of("bytes")), Published::name_taken);
  EXPECT_EQ(FolderFiles::read(files.path("b.jpg")), "the user's");
  EXPECT_EQ(files.incoming_count(), 1U);
}

TEST_F(FolderSinkTest, SaysThatANameMayBeWhyItIsRefused) {
  const std::string name(300, 'n');
  FolderFiles::write(files.incoming(7), "bytes");
  FolderFiles::write(files.path("a.jpg"), "bytes");
  for (const auto& placed :
       {publish(7, name), publish(7, name, "a.jpg", content_of("bytes")), publish(7, "no/folder.jpg")}) {
    ASSERT_FALSE(placed.ok());
    EXPECT_TRUE(sink.may_be_of_name(placed.error().code)) << placed.error().message;
  }
  for (const int code : {EILSEQ, EINVAL, EPERM, EACCES, EOPNOTSUPP}) EXPECT_TRUE(sink.may_be_of_name(code)) << code;
  for (const int code : {ENOSPC, EDQUOT, EIO, EROFS, ENOMEM, EXDEV, EMFILE}) {
    EXPECT_FALSE(sink.may_be_of_name(code)) << code;
  }
  EXPECT_EQ(files.incoming_count(), 1U);
}

TEST_F(FolderSinkTest, BlamesNoNameForAFolderThatIsGone) {
  std::filesystem::remove_all(files.directory());
  for (const int code : {EPERM, EACCES, ENOENT}) EXPECT_FALSE(sink.may_be_of_name(code)) << code;
}

TEST_F(FolderSinkTest, KnowsNoLongerNameThanItsFileSystem) {
  EXPECT_GE(sink.max_name_bytes(), kMinNameBytes);
  EXPECT_LE(sink.max_name_bytes(), kMaxNameBytes);
}

TEST_F(FolderSinkTest, MakesIncomingAgainForWritersThatItHas) {
  const auto writer = sink.writer();
  std::filesystem::remove_all(files.incoming());
  must(sink.mend());
  EXPECT_EQ(files.incoming_count(), 0U);
  writer->begin(7);
  EXPECT_TRUE(writer->append(std::as_bytes(std::span("bytes", 5))).ok());
  EXPECT_TRUE(writer->finish(std::nullopt).ok());
  EXPECT_EQ(files.incoming_count(), 1U);
  must(sink.mend());
  EXPECT_EQ(files.incoming_count(), 1U) << "what is well stays as it is";
}

TEST_F(FolderSinkTest, WritesIntoAnIncomingThatWasDeletedOrReplaced) {
  std::filesystem::remove_all(files.incoming());
  must(sink.hold(7, std::as_bytes(std::span("bytes", 5))));
  EXPECT_EQ(FolderFiles::read(files.incoming(7)), "bytes");
  std::filesystem::remove_all(files.incoming());
  std::filesystem::create_directory(files.incoming());
  must(sink.hold(8, std::as_bytes(std::span("more", 4))));
  EXPECT_EQ(FolderFiles::read(files.incoming(8)), "more");
}

TEST_F(FolderSinkTest, FollowsNoLinkInPlaceOfIncoming) {
  const std::string outside = files.path("outside");
  std::filesystem::create_directory(outside);
  std::filesystem::remove_all(files.incoming());
  std::filesystem::create_directory_symlink(outside, files.incoming());
  const Status mended = sink.mend();
  ASSERT_FALSE(mended.ok());
  EXPECT_NE(mended.error().message.find(".doutu/incoming"), std::string::npos);
  EXPECT_TRUE(is_folder_error(mended.error().code));
  EXPECT_TRUE(std::filesystem::is_empty(outside));
}

TEST_F(FolderSinkTest, SaysThatTheStateFolderWasDeleted) {
  std::filesystem::remove_all(state_folder(files.directory()));
  std::filesystem::create_directory(state_folder(files.directory()));  // another one
  const Status mended = sink.mend();
  ASSERT_FALSE(mended.ok());
  EXPECT_NE(mended.error().message.find(".doutu, with the ledger, was deleted"), std::string::npos)
      << mended.error().message;
  EXPECT_FALSE(is_disk_error(mended.error().code));
}

TEST_F(FolderSinkTest, SweepsWhatIsNoImage) {
  FolderFiles::write(files.incoming(12), "x");
  FolderFiles::write(files.incoming(3), "x");
  for (const char* name : {"probe", "007", "-1", "0", "12x", "99999999999999999999"}) {
    FolderFiles::write(files.incoming() + "/" + name, "x");
  }
  auto ids = *sink.sweep();
  std::ranges::sort(ids);
  EXPECT_EQ(ids, (std::vector<std::int64_t>{3, 12}));
  EXPECT_EQ(files.incoming_count(), 2U);
  EXPECT_EQ(sink.sweep()->size(), 2U) << "a second sweep begins at the beginning";
}

TEST_F(FolderSinkTest, ProbesForSpaceAndLeavesNothing) {
  EXPECT_TRUE(sink.probe().ok());
  EXPECT_EQ(files.incoming_count(), 0U);
  EXPECT_TRUE(sink.sync().ok());
}

}  // namespace
}  // namespace doutu
