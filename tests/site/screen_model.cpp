#include "tests/site/screen_model.h"

#include <algorithm>
#include <charconv>

#include "crawler/view/columns.h"
#include "shared/base/escape.h"

namespace doutu {

void ScreenModel::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const char first = bytes[0];
    if (first == '\x1b') {
      bytes = escape(bytes);
      continue;
    }
    const std::size_t length = std::max<std::size_t>(utf8_sequence(bytes), 1);
    if (first == '\r') column_ = 0;
    if (first == '\n') line_feed();
    if (first == '\b' && column_ > 0) --column_;
    if (static_cast<unsigned char>(first) >= 0x20) put(bytes.substr(0, length), columns_of(bytes.substr(0, length)));
    bytes.remove_prefix(length);
  }
}

std::string_view ScreenModel::escape(std::string_view bytes) {
  escapes_ = true;
  const std::size_t end = bytes.size() > 2 && bytes[1] == '[' ? bytes.find_first_not_of("0123456789;", 2) : 1;
  if (end == std::string_view::npos || end >= bytes.size()) {
    unknown_ += bytes;
    return {};
  }
  std::size_t number = 1;
  std::from_chars(bytes.data() + 2, bytes.data() + end, number);
  const bool bare = end == 2;
  switch (bytes[end]) {
    case 'A':
      row_ -= std::min(number, row_ - top());
      break;
    case 'B':
      row_ = std::min(row_ + number, std::max(lines_.size(), top() + rows_) - 1);
      while (row_ >= lines_.size()) lines_.emplace_back();
      break;
    case 'K':
      if (!bare) unknown_ += bytes.substr(0, end + 1);
      lines_[row_].cells.resize(std::min(lines_[row_].cells.size(), column_));
      lines_[row_].wrapped = false;
      break;
    case 'J':
      if (!bare) unknown_ += bytes.substr(0, end + 1);
      lines_[row_].cells.resize(std::min(lines_[row_].cells.size(), column_));
      lines_[row_].wrapped = false;
      for (std::size_t i = row_ + 1; i < lines_.size(); ++i) lines_[i] = {};
      break;
    case 'm':
      colors_ = true;
      break;
    default:
      unknown_ += bytes.substr(0, end + 1);
  }
  return bytes.substr(end + 1);
}

void ScreenModel::put(std::string_view character, std::size_t width) {
  if (width == 0) return;
  if (column_ + width > columns_) {
    lines_[row_].wrapped = true;
    column_ = 0;
    line_feed();
  }
  Cells& cells = lines_[row_].cells;
  if (cells.size() < column_ + width) cells.resize(column_ + width, " ");
  cells[column_] = character;
  if (width == 2) cells[column_ + 1].clear();
  column_ += width;
}

void ScreenModel::line_feed() {
  if (++row_ == lines_.size()) lines_.emplace_back();
}

void ScreenModel::resize(std::size_t columns, std::size_t rows) {
  std::vector<Row> before;
  std::swap(before, lines_);
  const std::size_t cursor = row_;
  columns_ = columns;
  rows_ = rows;
  lines_.emplace_back();
  std::size_t row = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (i == cursor) row_ = row;
    for (std::size_t j = 0; j < before[i].cells.size(); ++j) {
      const bool wide = j + 1 < before[i].cells.size() && before[i].cells[j + 1].empty();
      if (lines_[row].cells.size() + (wide ? 2 : 1) > columns_) {
        lines_[row++].wrapped = true;
        lines_.emplace_back();
      }
      lines_[row].cells.push_back(before[i].cells[j]);
      if (wide) lines_[row].cells.emplace_back(), ++j;
    }
    if (before[i].wrapped || i + 1 == before.size()) continue;
    ++row;
    lines_.emplace_back();
  }
  // Lower: what is below the cursor is cut off first.
  while (lines_.size() > std::max(rows_, row_ + 1) && lines_.size() > rows_) lines_.pop_back();
  column_ = std::min(column_, columns_);
}

std::string ScreenModel::text_of(const Row& row) {
  std::string text;
  for (const std::string& cell : row.cells) text += cell;
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::vector<std::string> ScreenModel::rows() const {
  std::vector<std::string> rows;
  for (std::size_t i = top(); i < lines_.size(); ++i) rows.push_back(text_of(lines_[i]));
  rows.resize(rows_);
  return rows;
}

std::string ScreenModel::history() const {
  std::string text;
  for (const Row& row : lines_) text += text_of(row) + "\n";
  return text;
}

}  // namespace doutu
