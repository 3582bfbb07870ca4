// CombinedPages: the pages of a URL template with other placeholders than {page}, or with several. Computed, never a
// list. The parent's thread.
#pragma once

#include <utility>
#include <vector>

#include "crawler/plan/page_source.h"
#include "crawler/request/page_combinations.h"

namespace doutu {

class CombinedPages final : public PageSource {
 public:
  /// Precondition: check_template().
  CombinedPages(AskedPages pages, UrlTemplate url_template) : pages_(std::move(pages), std::move(url_template)) {}

  /// In the order of page_combinations.h. The ids count from 1.
  std::optional<SourcedPage> next() override;
  void finished(std::uint64_t id) override;
  [[nodiscard]] bool has(std::uint64_t id) const override { return id >= 1 && id <= pages_.count(); }
  [[nodiscard]] std::uint64_t count() const override { return pages_.count(); }

 private:
  PageCombinations pages_;
  std::vector<bool> left_out_;  ///< Finished by an earlier run, by id.
};

}  // namespace doutu
