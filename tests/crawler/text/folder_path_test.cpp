#include "crawler/text/folder_path.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace doutu {
namespace {

TEST(FolderPath, IsAbsoluteAndHasOneSpelling) {
  const std::string here = std::filesystem::current_path().string();
  for (const char* written : {"img", "img/", "./img", "img//", "x/../img", "img/."}) {
    EXPECT_EQ(absolute_folder(written).value(), here + "/img") << written;
  }
  EXPECT_EQ(absolute_folder(".").value(), here);
  EXPECT_EQ(absolute_folder("/").value(), "/");
  EXPECT_EQ(absolute_folder("/表情/../图片/").value(), "/图片");
}

}  // namespace
}  // namespace doutu
