#include "crawler/view/screen.h"

#include <gtest/gtest.h>

#include "tests/site/screen_model.h"

namespace doutu {
namespace {

using Repaint = Screen::Repaint;
using Rows = std::vector<std::string>;

TEST(Screen, DrawsBelowAnEmptyLineAndComesBack) {
  ScreenModel model(20, 6);
  Screen screen;
  model.feed("$ doutu\r\n");
  model.feed(screen.redraw({"one", "two"}, Repaint::changed));
  EXPECT_EQ(model.rows(), (Rows{"$ doutu", "", "one", "two", "", ""}));
  EXPECT_EQ(model.cursor_row(), 1U);
}

TEST(Screen, SendsOnlyWhatChanged) {
  Screen screen;
  (void)screen.redraw({"one", "two", "three"}, Repaint::changed);
  EXPECT_EQ(screen.redraw({"one", "two", "three"}, Repaint::changed), "");
  EXPECT_EQ(screen.redraw({"one", "2", "three"}, Repaint::changed), "\r\x1b[2B2\x1b[K\r\x1b[2A");
}

TEST(Screen, MakesRoomAtTheEndOfTheTerminalAndShrinksCleanly) {
  ScreenModel model(20, 4);
  Screen screen;
  model.feed("a\r\nb\r\nc\r\n");
  model.feed(screen.redraw({"one", "two"}, Repaint::changed));
  EXPECT_EQ(model.rows(), (Rows{"c", "", "one", "two"}));
  model.feed(screen.redraw({"1"}, Repaint::changed));
  EXPECT_EQ(model.rows(), (Rows{"c", "", "1", ""}));
  model.feed(screen.clear());
  EXPECT_EQ(model.rows(), (Rows{"c", "", "", ""}));
  EXPECT_EQ(screen.clear(), "");
}

TEST(Screen, TextGoesAbove) {
  ScreenModel model(20, 5);
  Screen screen;
  model.feed("before\r\n");
  model.feed(screen.redraw({"one", "two"}, Repaint::changed));
  model.feed(screen.clear() + "log 1\r\nlog 2\r\n");
  model.feed(screen.redraw({"one", "two"}, Repaint::changed));
  EXPECT_EQ(model.rows(), (Rows{"log 1", "log 2", "", "one", "two"}));
  EXPECT_EQ(model.history(), "before\nlog 1\nlog 2\n\none\ntwo\n");
}

TEST(Screen, ARepaintMendsWhatOthersWrote) {
  ScreenModel model(20, 6);
  Screen screen;
  model.feed(screen.redraw({"one", "two"}, Repaint::changed));
  model.feed("^C\r\nrubbish\r");
  model.feed(screen.redraw({"one", "two"}, Repaint::all));
  const Rows rows = model.rows();
  EXPECT_EQ(Rows(rows.begin() + 1, rows.begin() + 4), (Rows{"", "one", "two"}));
}

TEST(Screen, IsFoundAgainWhenTheTerminalWrapsItsLinesAnew) {
  ScreenModel model(20, 8);
  Screen screen;
  model.feed("$ doutu\r\n");
  model.feed(screen.redraw({std::string(19, 'a'), std::string(19, 'b')}, Repaint::all));
  model.resize(10, 8);
  model.feed(screen.redraw({std::string(9, 'a'), std::string(9, 'b')}, Repaint::all));
  EXPECT_EQ(model.rows(), (Rows{"$ doutu", "", "aaaaaaaaa", "bbbbbbbbb", "", "", "", ""}));
}

}  // namespace
}  // namespace doutu
