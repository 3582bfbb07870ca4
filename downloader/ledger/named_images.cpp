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
          .content = content_in(row, 6, 7),
          .width = row.as<std::uint32_t>(8),
          .height = row.as<std::uint32_t>(9)};
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

// States are the numbers of ImageState: literal where a partial index must be recognised.
NamedImages::NamedImages(Preparer& prepare)
    : find_(prepare("SELECT id, round, file, url, page, position, bytes, sha256, width, height FROM images"
                    " WHERE id = ? AND state IN (1, 2)")),
      last_(prepare("SELECT id, round, file, url, page, position, bytes, sha256, width, height FROM images"
                    " WHERE state IN (1, 2) AND round <= ? ORDER BY round DESC, id DESC LIMIT 1")),
      all_(prepare("SELECT id, round, file, url, page, position, bytes, sha256, width, height FROM images"
                   " WHERE state IN (1, 2) ORDER BY id")) {}

Result<std::optional<NamedImage>> NamedImages::find(std::int64_t id) { return first_in(find_, id); }

Result<std::optional<NamedImage>> NamedImages::last(std::int64_t up_to_epoch) { return first_in(last_, up_to_epoch); }

Status NamedImages::for_each(const std::function<void(const NamedImage&)>& visit) {
  for (auto found = all_.first();; found = all_.next()) {
    if (!found) return std::move(found).error();
    if (!*found) return {};
    visit(named_image_in(all_));
  }
}

}  // namespace doutu
