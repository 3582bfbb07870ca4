#include "downloader/ledger/content_table.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "downloader/ledger/ledger_values.h"

namespace doutu {
namespace {

KeyStage::Key key_of(const Xxh128& xxh128) {
  KeyStage::Key key = 0;
  std::memcpy(&key, xxh128.data(), sizeof(key));
  return key & KeyStage::kMask;
}

}  // namespace

// State 1 is ImageState::saved.
ContentTable::ContentTable(Preparer& prepare, SyncTable& syncs)
    : syncs_(syncs),
      keys_(prepare, "content_key"),
      xxh128_of_(prepare("SELECT xxh128 FROM ended WHERE id = ? AND state = 1")),
      saved_image_(prepare("SELECT e.file, f.url, e.type, e.bytes, e.xxh128, e.sha256 FROM ended e"
                           " JOIN found f ON f.id = e.id WHERE e.id = ? AND e.state = 1")),
      is_any_old_(prepare("SELECT EXISTS (SELECT 1 FROM old_content)")),
      is_old_size_(prepare("SELECT 1 FROM old_content WHERE bytes = ? LIMIT 1")),
      old_content_(prepare("SELECT image FROM old_content WHERE bytes = ? AND sha256 = ?")) {}

/// In the order of the keys: neighbours are in one page of the table.
Status ContentTable::load() {
  if (Status loaded = keys_.load(); !loaded) return loaded;
  const auto is_any_old = is_any_old_.first();
  if (!is_any_old) return is_any_old.error();
  has_old_ = is_any_old_.integer(0) != 0;
  is_any_old_.reset();
  const auto images = syncs_.unmerged_images();
  if (!images) return images.error();
  std::vector<std::pair<KeyStage::Key, std::int64_t>> keys;
  for (const std::int64_t id : *images) {
    const auto found = xxh128_of_.first(id);
    if (!found) return found.error();
    if (!*found) continue;  // A duplicate, or to be fetched again.
    if (const auto xxh128 = array_in<Xxh128>(xxh128_of_.bytes(0))) keys.emplace_back(key_of(*xxh128), id);
    xxh128_of_.reset();
  }
  std::ranges::sort(keys);
  for (const auto& [key, id] : keys) {
    if (Status loaded = load_key(id, key); !loaded) return loaded;
  }
  keys_.committed();
  return {};
}

/// Each saved image differs from all the others: that was found out when it was saved.
Status ContentTable::load_key(std::int64_t id, KeyStage::Key key) {
  std::optional<KeyStage::Key> given_up;
  int alike = 0;
  const auto place = keys_.probe(key, [&](const KeyStage::Probed& at) -> Result<bool> {
    if (at.image == id || ++alike == kMaxAlike) return true;
    const auto other = saved_image(at.image);
    if (!other) return other.error();
    if (!*other && !given_up) given_up = at.key;
    return false;
  });
  if (!place) return place.error();
  if (place->image == 0) keys_.put(given_up.value_or(place->key), id);
  return {};
}

Result<std::optional<ContentTable::Candidate>> ContentTable::saved_image(std::int64_t id) {
  const auto found = saved_image_.first(id);
  if (!found) return found.error();
  if (!*found) return std::optional<Candidate>();
  Candidate image{
      {id, std::string(saved_image_.text(0)), std::string(saved_image_.text(1)), std::string(saved_image_.text(2))},
      content_in(saved_image_, 3)};
  saved_image_.reset();
  if (Status named = check_file_name(image.file); !named) return std::move(named).error();
  return std::optional(std::move(image));
}

/// Of the images whose bytes are gone, or that are fetched again, the first gives its key, if none has the same.
Result<ContentPlace> ContentTable::place_of(const Content& content, const BytesAsked& asked) {
  ContentPlace place;
  std::optional<KeyStage::Key> given_up;
  int alike = 0;
  if (!content.xxh128) return place;
  const auto probed = keys_.probe(key_of(*content.xxh128), [&](const KeyStage::Probed& at) -> Result<bool> {
    auto other = saved_image(at.image);
    if (!other) return std::move(other).error();
    SameBytes same = SameBytes::gone;
    if (*other) same = are_alike((*other)->content, content) ? asked.compare(**other) : SameBytes::no;
    if (same == SameBytes::yes) place.first = **std::move(other);
    if (same == SameBytes::gone && !given_up) given_up = at.key;
    return same == SameBytes::yes || ++alike == kMaxAlike;
  });
  if (!probed) return probed.error();
  if (place.first) return place;
  place.key = given_up || probed->image != 0 ? given_up : probed->key;
  if (!has_old_) return place;
  auto old = find_old(content, asked);
  if (!old) return std::move(old).error();
  place.first = *std::move(old);
  return place;
}

/// Among the images of a version that knew SHA-256 alone. It is computed when one has as many bytes.
Result<std::optional<SavedImage>> ContentTable::find_old(const Content& content, const BytesAsked& asked) {
  const std::optional<SavedImage> none;
  const auto is_possible = is_old_size_.first(content.bytes);
  if (!is_possible) return is_possible.error();
  is_old_size_.reset();
  if (!*is_possible) return none;
  const auto sha256 = content.sha256 ? content.sha256 : asked.sha256();
  if (!sha256) return none;
  const auto found = old_content_.first(content.bytes, std::span<const std::byte>(*sha256));
  if (!found) return found.error();
  if (!*found) return none;
  const std::int64_t id = old_content_.integer(0);
  old_content_.reset();
  auto other = saved_image(id);
  if (!other) return std::move(other).error();
  if (!*other || !are_alike((*other)->content, {.bytes = content.bytes, .xxh128 = {}, .sha256 = sha256})) return none;
  return asked.compare(**other) == SameBytes::yes ? std::optional<SavedImage>(**std::move(other)) : none;
}

}  // namespace doutu
