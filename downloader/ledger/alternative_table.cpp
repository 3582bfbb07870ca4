#include "downloader/ledger/alternative_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "downloader/ledger/ledger_values.h"
#include "shared/crawl/records.h"

namespace doutu {
namespace {

std::string marked(std::int64_t image, std::string_view urls) { return fmt::format("{} {}", image, urls); }
std::string marked(std::int64_t image, std::int64_t other) { return fmt::format("{} {}", image, other); }

Result<bool> has_row(Statement& any) {
  const auto found = any.first();
  if (!found) return found.error();
  const bool has = any.integer(0) != 0;
  any.reset();
  return has;
}

}  // namespace

std::string_view take_line(std::string_view& lines) {
  const std::string_view line = lines.substr(0, lines.find('\n'));
  lines.remove_prefix(line.size() < lines.size() ? line.size() + 1 : lines.size());
  return line;
}

AlternativeTable::AlternativeTable(Preparer& prepare)
    : urls_{prepare("SELECT EXISTS (SELECT 1 FROM alternative)"),
            prepare("INSERT OR REPLACE INTO alternative (image, urls, mark) VALUES (?, ?, ?)"),
            prepare("SELECT urls, mark FROM alternative WHERE image = ?"),
            prepare("DELETE FROM alternative WHERE image = ?"),
            prepare("DELETE FROM alternative WHERE EXISTS (SELECT 1 FROM ended e WHERE e.id = alternative.image AND"
                    " (e.epoch IS NULL OR e.epoch <= coalesce((SELECT durable FROM sync), 0)))")},
      places_{prepare("SELECT EXISTS (SELECT 1 FROM replaced)"),
              prepare("INSERT OR REPLACE INTO replaced (image, other, mark) VALUES (?, ?, ?)"),
              prepare("SELECT other, mark FROM replaced WHERE image = ?"),
              prepare("SELECT image FROM replaced WHERE other = ?"), prepare("DELETE FROM replaced WHERE image = ?")} {}

Status AlternativeTable::load() {
  const auto has_urls = has_row(urls_.any);
  if (!has_urls) return has_urls.error();
  const auto has_places = has_row(places_.any);
  if (!has_places) return has_places.error();
  has_urls_ = *has_urls;
  has_places_ = *has_places;
  return {};
}

Status AlternativeTable::save_urls(std::int64_t image, std::string_view urls) {
  has_urls_ = true;
  return urls_.save.run(image, urls, mark_of(marked(image, urls)));
}

Status AlternativeTable::add_urls(std::int64_t image, std::string_view urls) {
  auto all = urls_of(image);
  if (!all) return std::move(all).error();
  auto count = static_cast<std::size_t>(std::ranges::count(*all, '\n'));
  for (; !urls.empty() && count < kMaxAlternatives; ++count) all->append(take_line(urls)) += '\n';
  return save_urls(image, *all);
}

Result<std::string> AlternativeTable::urls_of(std::int64_t image) {
  if (!has_urls_) return std::string();
  const auto found = urls_.find.first(image);
  if (!found) return found.error();
  if (!*found) return std::string();
  std::string urls(urls_.find.text(0));
  const bool is_whole = has_mark_of(urls_.find, 1, marked(image, urls));
  urls_.find.reset();
  if (is_whole) return urls;
  return Error{fmt::format("the other URLs of image {} are not those that were found", image), EBADMSG};
}

Status AlternativeTable::forget_urls(std::int64_t image) { return has_urls_ ? urls_.forget.run(image) : Status(); }

Status AlternativeTable::replace(std::int64_t image, std::int64_t other) {
  has_places_ = true;
  return places_.save.run(image, other, mark_of(marked(image, other)));
}

Result<std::int64_t> AlternativeTable::standing_for(std::int64_t image) {
  std::int64_t last = 0;
  for (int i = 0; i < kMaxRow; ++i) {
    const auto other = next_of(last == 0 ? image : last);
    if (!other || *other == 0) return other ? Result<std::int64_t>(last) : other;
    last = *other;
  }
  return last;
}

/// 0: nothing stands for it, or its row is damaged: then it is tried anew.
Result<std::int64_t> AlternativeTable::next_of(std::int64_t image) {
  const auto found = places_.find.first(image);
  if (!found) return found.error();
  if (!*found) return 0;
  const std::int64_t other = places_.find.integer(0);
  const bool is_whole = has_mark_of(places_.find, 1, marked(image, other));
  places_.find.reset();
  return is_whole ? other : 0;
}

Status AlternativeTable::begin_anew(std::int64_t image, std::int64_t new_id) {
  if (Status forgotten = forget_urls(image); !forgotten) return forgotten;
  if (!has_places_) return {};
  Status forgotten = places_.forget.run(image);
  return forgotten ? move_places(image, new_id) : std::move(forgotten);
}

Status AlternativeTable::renumber(std::int64_t image, std::int64_t new_id) {
  const auto urls = urls_of(image);
  if (!urls) return urls.error();
  Status moved = urls->empty() ? Status() : save_urls(new_id, *urls);
  if (moved) moved = forget_urls(image);
  return moved && has_places_ ? move_places(image, new_id) : std::move(moved);
}

/// What it stands for it goes on to stand for.
Status AlternativeTable::move_places(std::int64_t image, std::int64_t new_id) {
  std::vector<std::int64_t> images;
  auto found = places_.find_of.first(image);
  for (; found && *found; found = places_.find_of.next()) images.push_back(places_.find_of.integer(0));
  if (!found) return std::move(found).error();
  for (const std::int64_t one : images) {
    if (Status moved = replace(one, new_id); !moved) return moved;
  }
  return {};
}

Status AlternativeTable::merge() { return has_urls_ ? urls_.forget_ended.run() : Status(); }

}  // namespace doutu
