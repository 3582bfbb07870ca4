#include "downloader/ledger/key_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace doutu {
namespace {

constexpr std::size_t kFewSlots = 1024;

}  // namespace

KeyStage::KeyStage(Preparer& prepare, const char* table)
    : is_any_(prepare(fmt::format("SELECT EXISTS (SELECT 1 FROM {})", table))),
      find_(prepare(fmt::format("SELECT image FROM {} WHERE k = ?", table))),
      save_(prepare(fmt::format("INSERT OR REPLACE INTO {} (k, image) VALUES (?, ?)", table))),
      slots_(kFewSlots) {}

Status KeyStage::load() {
  const auto found = is_any_.first();
  if (!found) return found.error();
  is_table_empty_ = is_any_.integer(0) == 0;
  is_any_.reset();
  return {};
}

/// Where the key is, or belongs.
std::size_t KeyStage::slot_of(Key key) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = key & mask;
  while (slots_[slot].image != 0 && slots_[slot].key != key) slot = (slot + 1) & mask;
  return slot;
}

Result<std::int64_t> KeyStage::find(Key key) {
  if (const std::int64_t image = slots_[slot_of(key)].image; image != 0) return image;
  if (is_table_empty_) return 0;
  const auto found = find_.first(key);
  if (!found) return found.error();
  if (!*found) return 0;
  const std::int64_t image = find_.integer(0);
  find_.reset();
  return image;
}

void KeyStage::put(Key key, std::int64_t image) {
  if (2 * (count_ + 1) > slots_.size()) resize(2 * slots_.size());
  Entry& entry = slots_[slot_of(key)];
  changes_.push_back({key, entry.image});
  if (entry.image == 0) ++count_;
  entry = {key, image};
}

void KeyStage::resize(std::size_t slots) {
  std::vector<Entry> entries(slots);
  std::swap(entries, slots_);
  for (const Entry& entry : entries) {
    if (entry.image > 0) slots_[slot_of(entry.key)] = entry;
  }
}

Status KeyStage::merge() {
  std::vector<Entry> sorted;
  sorted.reserve(count_);
  std::ranges::copy_if(slots_, std::back_inserter(sorted), [](const Entry& entry) { return entry.image != 0; });
  std::ranges::sort(sorted, {}, &Entry::key);
  for (const Entry& entry : sorted) {
    if (Status saved = save_.run(entry.key, entry.image); !saved) return saved;
  }
  is_merged_ = true;
  return {};
}

void KeyStage::committed() {
  changes_.clear();
  if (!std::exchange(is_merged_, false)) return;
  if (count_ > 0) is_table_empty_ = false;
  std::ranges::fill(slots_, Entry{});
  count_ = 0;
}

/// A slot that is free again would hide the keys behind it, so the table is built anew. It is seldom asked for.
void KeyStage::rolled_back() {
  std::for_each(changes_.rbegin(), changes_.rend(), [this](const Change& change) {
    Entry& entry = slots_[slot_of(change.key)];
    if (change.before == 0) --count_;
    entry.image = change.before == 0 ? kGone : change.before;
  });
  if (!changes_.empty()) resize(slots_.size());
  changes_.clear();
  is_merged_ = false;
}

}  // namespace doutu
