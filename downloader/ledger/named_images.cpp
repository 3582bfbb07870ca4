#include "downloader/ledger/named_images.h"

#include <utility>

#include "downloader/ledger/ledger_values.h"

namespace doutu {
namespace {

NamedImage named_image_in(const Statement& row) {
  return {.id = row.integer(0),
          .epoch = row.integer(1),
          .file = std::string(row.text(2)),
          .url = std::string(row.text(3)),
          .spot = {row.as<std::uint64_t>(4), row.as<std::uint32_t>(5)},
          .content = content_in(row, 6),
          .width = row.as<std::uint32_t>(9),
          .height = row.as<std::uint32_t>(10),
          .robots_tag = std::string(row.text(11))};
}

Result<std::optional<NamedImage>> first_in(Statement& row, std::int64_t value) {
  const auto found = row.first(value);
  if (!found) return found.error();
  std::optional<NamedImage> image;
  if (*found) image = named_image_in(row);
  row.reset();
  return image;
}

}  // namespace

// States are the numbers of ImageState.
NamedImages::NamedImages(Preparer& prepare, SyncTable& syncs)
    : syncs_(syncs),
      find_(prepare(
          "SELECT e.id, e.epoch, e.file, f.url, f.page, f.position, e.bytes, e.xxh128, e.sha256, e.width, e.height,"
          " t.tag FROM ended e JOIN found f ON f.id = e.id LEFT JOIN robots_tag t ON t.image = e.id WHERE e.id = ? AND "
          "e.state IN (1, 2)")),
      all_(prepare(
          "SELECT e.id, e.epoch, e.file, f.url, f.page, f.position, e.bytes, e.xxh128, e.sha256, e.width, e.height,"
          " t.tag FROM ended e JOIN found f ON f.id = e.id LEFT JOIN robots_tag t ON t.image = e.id WHERE e.state IN "
          "(1, 2) ORDER BY e.id")) {}

Result<std::optional<NamedImage>> NamedImages::find(std::int64_t id) { return first_in(find_, id); }

Result<std::optional<NamedImage>> NamedImages::last(std::int64_t up_to_epoch) {
  const auto id = syncs_.last_image(up_to_epoch);
  if (!id) return id.error();
  auto image = find(*id);
  // It may have got another name since.
  if (image && *image && (*image)->epoch > up_to_epoch) return std::optional<NamedImage>();
  return image;
}

Status NamedImages::for_each(const std::function<void(const NamedImage&)>& visit) {
  for (auto found = all_.first();; found = all_.next()) {
    if (!found) return std::move(found).error();
    if (!*found) return {};
    visit(named_image_in(all_));
  }
}

}  // namespace doutu
