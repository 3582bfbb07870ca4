#include "downloader/ledger/met_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <span>
#include <string>
#include <string_view>

#include "downloader/ledger/id_list.h"
#include "shared/ledger/schema.h"

namespace doutu {
namespace {

constexpr std::size_t kChunkIds = 32'768;
constexpr std::size_t kChunkWords = kChunkIds / IdBits::kWordBits;

/// Of all jobs but this one and the last few that may go on.
std::string forget_others_in(std::string_view table) {
  constexpr int kKept = 4;
  return fmt::format(
      "DELETE FROM {} WHERE job <> ? AND job NOT IN"
      " (SELECT id FROM job WHERE settled IS NULL ORDER BY id DESC LIMIT {})",
      table, kKept);
}

}  // namespace

MetImages::MetImages(Preparer& prepare, const CurrentJob& job, const ImageIds& ids)
    : job_(job),
      ids_(ids),
      forget_rows_(prepare(forget_others_in("met"))),
      forget_bits_(prepare(forget_others_in("met_bits"))),
      rows_of_(prepare("SELECT m.page, m.attempt, m.images, coalesce(p.state, 0) FROM met m"
                       " LEFT JOIN page p ON p.job = m.job AND p.number = m.page WHERE m.job = ? ORDER BY m.id")),
      all_bits_(prepare("SELECT chunk, bits FROM met_bits WHERE job = ?")),
      save_row_(prepare("INSERT INTO met (job, page, attempt, images) VALUES (?, ?, ?, ?)")),
      save_bits_(prepare("INSERT OR REPLACE INTO met_bits (job, chunk, bits) VALUES (?, ?, ?)")),
      forget_recorded_(prepare("DELETE FROM met WHERE job = ? AND coalesce((SELECT state FROM page p"
                               " WHERE p.job = met.job AND p.number = met.page), 0) <> 0")) {}

Status MetImages::begin_job() {
  rolled_back();
  bits_.clear();
  open_pages_.clear();
  rows_ = 0;
  if (Status forgotten = forget_rows_.run(job_.id()); !forgotten) return forgotten;
  if (Status forgotten = forget_bits_.run(job_.id()); !forgotten) return forgotten;
  return load();
}

Status MetImages::load() {
  if (Status loaded = load_bits(); !loaded) return loaded;
  for (auto found = rows_of_.first(job_.id());; found = rows_of_.next()) {
    if (!found) return std::move(found).error();
    if (!*found) return {};
    ++rows_;
    const auto page = rows_of_.as<std::uint64_t>(0);
    const auto attempt = rows_of_.as<std::uint32_t>(1);
    const bool is_open = rows_of_.as<PageState>(3) == PageState::open;
    std::span<const std::byte> rest = rows_of_.bytes(2);
    std::int64_t image = 0;
    for (auto step = take_number(rest), position = take_number(rest); step && position;
         step = take_number(rest), position = take_number(rest)) {
      image = behind(image, *step);
      if (!is_possible(image)) continue;  // It is damaged.
      bits_.insert(image);
      if (is_open) open_pages_[page][image] = {attempt, static_cast<std::uint32_t>(*position)};
    }
  }
}

Status MetImages::load_bits() {
  for (auto found = all_bits_.first(job_.id());; found = all_bits_.next()) {
    if (!found) return std::move(found).error();
    if (!*found) return {};
    const auto chunk = all_bits_.as<std::size_t>(0);
    const auto bytes = all_bits_.bytes(1);
    const std::size_t most = static_cast<std::size_t>(ids_.next()) / kChunkIds;
    if (chunk <= most) bits_.put_words(chunk * kChunkWords, bytes.first(std::min(bytes.size(), kChunkIds / 8)));
  }
}

std::size_t MetImages::size() const {
  std::size_t size = 0;
  for (const IdBits::Word word : bits_.words()) size += static_cast<std::size_t>(std::popcount(word));
  return size;
}

std::optional<MetImages::Meeting> MetImages::meeting_on(std::uint64_t page, std::int64_t image) const {
  // What the open batch has added counts as well, the last first.
  const auto is_it = [&](const Met& met) { return met.page == page && met.image == image; };
  const auto added = std::find_if(batch_.added.rbegin(), batch_.added.rend(), is_it);
  if (added != batch_.added.rend()) return added->meeting;
  const auto open = open_pages_.find(page);
  if (open == open_pages_.end()) return std::nullopt;
  const auto meeting = open->second.find(image);
  return meeting == open->second.end() ? std::nullopt : std::optional(meeting->second);
}

void MetImages::add(std::uint64_t page, std::int64_t image, Meeting meeting) {
  batch_.added.push_back({page, image, meeting});
  if (contains(image)) return;
  bits_.insert(image);
  batch_.new_bits.push_back(image);
}

std::optional<MetImages::PageMeeting> MetImages::take(std::int64_t image) {
  if (!contains(image)) return std::nullopt;
  bits_.erase(image);
  batch_.taken_bits.push_back(image);
  const auto is_it = [image](const Met& met) { return met.image == image; };
  const auto added = std::find_if(batch_.added.rbegin(), batch_.added.rend(), is_it);
  if (added != batch_.added.rend()) return PageMeeting{added->page, added->meeting};
  for (const auto& [page, images] : open_pages_) {
    if (const auto meeting = images.find(image); meeting != images.end()) return PageMeeting{page, meeting->second};
  }
  return std::nullopt;
}

Status MetImages::save() {
  for (auto from = batch_.added.begin(); from != batch_.added.end();) {
    const auto is_other = [&](const Met& met) {
      return met.page != from->page || met.meeting.attempt != from->meeting.attempt;
    };
    const auto end = std::find_if(from, batch_.added.end(), is_other);
    std::vector<std::byte> images;
    std::int64_t before = 0;
    const Met first = *from;
    for (; from != end; ++from) {
      put_number(images, difference(before, from->image));
      put_number(images, from->meeting.position);
      before = from->image;
    }
    Status saved = save_row_.run(job_.id(), first.page, first.meeting.attempt, std::span<const std::byte>(images));
    if (!saved) return saved;
    ++rows_;
  }
  return {};
}

Status MetImages::merge() {
  auto rest = bits_.words();
  for (std::size_t chunk = 0; !rest.empty(); ++chunk) {
    const auto words = rest.first(std::min(rest.size(), kChunkWords));
    rest = rest.subspan(words.size());
    if (std::ranges::all_of(words, [](IdBits::Word word) { return word == 0; })) continue;
    if (Status saved = save_bits_.run(job_.id(), chunk, std::as_bytes(words)); !saved) return saved;
  }
  batch_.is_merged = true;
  return forget_recorded_.run(job_.id());
}

void MetImages::committed() {
  for (const Met& met : batch_.added) open_pages_[met.page][met.image] = met.meeting;
  for (const std::uint64_t page : batch_.recorded) open_pages_.erase(page);
  if (batch_.is_merged) rows_ = 0;
  batch_ = {};
}

void MetImages::rolled_back() {
  for (const std::int64_t image : batch_.taken_bits) bits_.insert(image);
  for (const std::int64_t image : batch_.new_bits) bits_.erase(image);
  batch_ = {};
}

}  // namespace doutu
