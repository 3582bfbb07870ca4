// RangePages: the pages of a URL template and a range of numbers, which may be open. Computed, never a list: ten
// million pages cost no memory. The parent's thread.
#pragma once

#include <vector>

#include "crawler/plan/page_source.h"
#include "crawler/request/page_range.h"
#include "crawler/request/recipe.h"

namespace doutu {

class RangePages final : public PageSource {
 public:
  /// step: of its pages (PageTask::step).
  RangePages(PageRange range, UrlTemplate url_template, std::uint32_t step = 1)
      : range_(std::move(range)), url_template_(std::move(url_template)), step_(step), cursor_(range_.numbers()) {}
  RangePages(const RangePages&) = delete;
  RangePages& operator=(const RangePages&) = delete;

  /// In the order of the range. The id is the page's number.
  std::optional<SourcedPage> next() override;
  void finished(std::uint64_t id) override;
  [[nodiscard]] bool has(std::uint64_t id) const override { return id < end_ && range_.contains(id); }
  [[nodiscard]] std::uint64_t count() const override { return range_.is_open() ? known_ : range_.count(); }
  [[nodiscard]] bool is_open() const override { return range_.is_open() && end_ == kNoEnd; }
  [[nodiscard]] std::uint64_t open_from() const override { return range_.spans().back().first; }
  void end_at(std::uint64_t id) override;

 private:
  static constexpr std::uint64_t kNoEnd = ~std::uint64_t{0};

  const PageRange range_;
  const UrlTemplate url_template_;
  const std::uint32_t step_;
  PageRange::Cursor cursor_;
  std::uint64_t end_ = kNoEnd;  ///< This page and those above do not exist.
  std::uint64_t known_ = 0;     ///< Of an open range: given out or finished before; below its end once that is known.
  bool has_begun_ = false;
  std::vector<std::uint64_t> left_out_;  ///< Finished by an earlier run. Sorted once it has begun.
};

}  // namespace doutu
