#include "crawler/request/template_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "crawler/request/url_template.h"
#include "shared/base/escape.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr std::size_t kShown = 200;  // bytes of wrong input in an error

Error about(std::string_view written, std::string_view story) {
  return {fmt::format("\"{}\" {}", escape_url(written, kShown), story)};
}

/// Each placeholder has values, and its marks can write them.
Status check_marks(const std::string& written, const UrlTemplate& url_template, const AskedPages& pages) {
  for (const UrlTemplate::Mark& mark : url_template.marks()) {
    const std::string& name = url_template.names()[mark.name];
    const PlaceholderValues* const values = pages.values_of(name);
    if (values == nullptr) {
      return about(
          written,
          fmt::format("has {}, which has no values; give --pages {}=VALUES, or write %7B and %7D for braces that "
                      "are part of the URL",
                      mark.text, name));
    }
    const auto kind = values->kind();
    if (mark.format.digits > 0 && kind != PlaceholderValues::Kind::numbers) {
      return about(written, fmt::format("has {}, which pads numbers, but its values are {}; write {{{}}}", mark.text,
                                        kind_name(kind), name));
    }
    if (!mark.format.date.empty() && kind != PlaceholderValues::Kind::dates) {
      return about(written, fmt::format("has {}, which writes dates, but its values are {}; write {{{}}}", mark.text,
                                        kind_name(kind), name));
    }
  }
  return {};
}

/// Each value is somewhere in the URL. One page needs none.
Status check_names(const std::string& written, const UrlTemplate& url_template, const AskedPages& pages) {
  for (const AskedPages::Named& it : pages.named()) {
    if (std::ranges::find(url_template.names(), it.name) != url_template.names().end()) continue;
    if (it.name != kPagePlaceholder) {
      return about(written, fmt::format("has no {{{0}}}, to which --pages gives values; put {{{0}}} where they "
                                        "go, or leave out --pages {0}=...",
                                        it.name));
    }
    if (pages.count() == 1) continue;
    const std::string count = pages.is_open() ? "more than one page" : fmt::format("{} pages", pages.count());
    return about(written, fmt::format("has no {{page}}, but the crawl has {}; put {{page}} where the page "
                                      "number goes, or use --pages 1",
                                      count));
  }
  return {};
}

/// URLs that differ from the first page's in one placeholder alone: in its last value, and in each word.
class NeighbourUrls {
 public:
  NeighbourUrls(const UrlTemplate& url_template, const AskedPages& pages) : url_template_(url_template) {
    for (const std::string& name : url_template.names()) values_.push_back(pages.values_of(name));
  }

  [[nodiscard]] std::string first() const { return with(values_.size(), 0); }

  /// Calls visit(name, url) until it returns an error.
  template <class Visit>
  Status for_each(Visit visit) const {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      for (const std::uint64_t number : numbers_to_try(*values_[i])) {
        if (Status seen = visit(url_template_.names()[i], with(i, number)); !seen) return seen;
      }
    }
    return {};
  }

 private:
  static std::vector<std::uint64_t> numbers_to_try(const PlaceholderValues& values) {
    const PageRange& range = values.numbers();
    std::vector<std::uint64_t> numbers;
    if (values.kind() == PlaceholderValues::Kind::words) {
      for (std::uint64_t i = 1; i < range.count(); ++i) numbers.push_back(i);
    } else if (range.count() != 1) {
      // Of numbers also the largest that there are: no longer one may name another host.
      const std::uint64_t last = range.spans().back().last;
      numbers.push_back(last == range.spans().front().first ? range.spans().front().last : last);
    }
    return numbers;
  }

  [[nodiscard]] std::string with(std::size_t changed, std::uint64_t number) const {
    return url_template_.url_of([&](const UrlTemplate::Mark& mark) {
      const PlaceholderValues& values = *values_[mark.name];
      return values.value(mark.name == changed ? number : values.numbers().spans().front().first, mark.format);
    });
  }

  const UrlTemplate& url_template_;
  std::vector<const PlaceholderValues*> values_;
};

/// Values of other kinds than numbers may hold what parts a URL. Precondition: check_marks().
Status check_urls(const std::string& written, const UrlTemplate& url_template, const AskedPages& pages) {
  const NeighbourUrls urls(url_template, pages);
  const std::string first = urls.first();
  const std::string how_many = pages.is_open() ? "" : fmt::format(" {}", pages.count());
  if (url_authority(first) != url_template.server()) {
    return about(written, "has a placeholder in the host name or port; put it into the path or the query");
  }
  return urls.for_each([&](const std::string& name, const std::string& url) -> Status {
    if (url_authority(url) != url_template.server()) {
      return about(written,
                   fmt::format("has {{{}}} in the host name or port; put it into the path or the query", name));
    }
    if (url_without_userinfo(url) != url_without_userinfo(first)) return {};
    return about(written, fmt::format("gives the same address to all{} pages, because {{{}}} is after #, "
                                      "before /../ or in the user name; put it elsewhere, or use --pages 1",
                                      how_many, name));
  });
}

}  // namespace

Status check_template(const std::string& written, const AskedPages& pages) {
  const Result<UrlTemplate> url_template = UrlTemplate::parse(written);
  if (!url_template) return url_template.error();
  for (const auto check : {check_marks, check_names, check_urls}) {
    if (Status checked = check(written, *url_template, pages); !checked) return checked;
  }
  return {};
}

}  // namespace doutu
