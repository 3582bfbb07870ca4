// ListPages: a PageSource that is a list in memory.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "crawler/plan/page_source.h"

namespace doutu {

class ListPages final : public PageSource {
 public:
  enum class Are { good, bad };
  explicit ListPages(std::vector<std::string> urls, Are are = Are::good) : urls_(std::move(urls)), are_(are) {}

  std::optional<SourcedPage> next() override {
    for (; at_ < urls_.size(); ++at_) {
      if (!finished_.contains(at_ + 1)) {
        return SourcedPage{{.id = at_ + 1, .attempt = 1, .url = urls_[at_++]}, are_ == Are::bad};
      }
    }
    return std::nullopt;
  }
  void finished(std::uint64_t id) override { finished_.insert(id); }
  [[nodiscard]] bool has(std::uint64_t id) const override { return id >= 1 && id <= urls_.size(); }
  [[nodiscard]] std::uint64_t count() const override { return urls_.size(); }
  [[nodiscard]] bool is_on_one_server() const override { return false; }

 private:
  const std::vector<std::string> urls_;
  const Are are_;
  std::size_t at_ = 0;
  std::set<std::uint64_t> finished_;
};

}  // namespace doutu
