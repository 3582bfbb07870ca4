#include "crawler/fetcher/attribute/stand_in.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(StandIn, IsWhatItsNameSays) {
  for (const char* url :
       {"data:image/gif;base64,R0lGODlh", "about:blank", "#", "/blank.gif", "https://cdn.example/img/1x1.png?v=2",
        "spacer.gif", "a/placeholder-300x200.png", "lazy_loading_2.svg", "Transparent.PNG", "/static/image/none.gif",
        "/loading", "pixel.gif#x", "grey-placeholder.jpg"}) {
    EXPECT_TRUE(is_stand_in(url)) << url;
  }
}

TEST(StandIn, IsNoImageThatHasANameOfItsOwn) {
  for (const char* url : {"/a.jpg", "/1.jpg", "/300x200.jpg", "/x.jpg", "pixel-art.png", "loading-dock.jpg", "gray.png",
                          "img.png", "blank-page-of-a-book.jpg", "", "/", "/placeholder/cat.jpg", "\u7a7a-blank.gif"}) {
    EXPECT_FALSE(is_stand_in(url)) << url;
  }
}

TEST(StandIn, IsToldFromTexts) {
  EXPECT_TRUE(can_be_url("a"));
  EXPECT_TRUE(can_be_url("//h/a.jpg?x=1,2"));
  EXPECT_TRUE(can_be_url("/o'neill[1].jpg"));
  for (const char* text : {"", "two words", "{{item.src}}", "/a_{width}x.jpg", "<b>", "[\"a.jpg\"]"}) {
    EXPECT_FALSE(can_be_url(text)) << text;
  }
}

}  // namespace
}  // namespace doutu
