#include "crawler/memory/kept_list.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "shared/base/escape.h"
#include "shared/base/human_text.h"
#include "shared/folder/new_file.h"

namespace doutu {
namespace {

constexpr const char* kStandardInput = "-";
constexpr const char* kNewName = "list";
constexpr std::string_view kPrefix = "list-";

std::string shown(const ListOrigin& origin) { return escape_for_terminal(origin.name()); }

/// Without a code: it is about the list.
Error about(const ListOrigin& origin, const Error& error) { return {shown(origin) + ": " + error.message}; }

/// Standard input is not ours to close.
class OpenList {
 public:
  static Result<OpenList> open(const ListOrigin& origin) {
    if (origin.file == kStandardInput) return OpenList(UniqueFd(), STDIN_FILENO);
    UniqueFd file(::open(origin.file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file.valid()) return Error{system_error(shown(origin)).message};
    const int fd = file.get();
    return OpenList(std::move(file), fd);
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  OpenList(UniqueFd file, int fd) : file_(std::move(file)), fd_(fd) {}

  UniqueFd file_;
  int fd_;
};

/// Calls visit(line) for each line, cleaned.
template <class Visit>
Status for_each_line(const ListOrigin& origin, Visit visit) {
  if (origin.file.empty()) {
    for (const std::string& url : origin.urls) visit(cleaned_line(url));
    return {};
  }
  const auto list = OpenList::open(origin);
  if (!list) return list.error();
  ListLines lines(list->fd());
  auto line = lines.next();
  for (; line && *line; line = lines.next()) visit(**line);
  if (!line) return about(origin, line.error());
  return {};
}

Status check_facts(const ListOrigin& origin, const ListFacts& facts) {
  if (!facts.first_url().empty()) return {};
  if (facts.asked().urls == 0) return about(origin, Error{"there is no URL in it; expected one a line"});
  return about(origin,
               Error{"none of its lines is an http or https URL; expected one a line, such as https://example.com/a"});
}

Status sync(const StateFolder& folder, const std::string& name) {
  const auto file = folder.open_for_reading(name);
  if (!file) return file.error();
  if (::fsync(file->get()) != 0) return system_error(folder.path_of(name));
  return {};
}

}  // namespace

std::string ListOrigin::name() const {
  if (file == kStandardInput) return "standard input";
  if (!file.empty()) return file;
  return fmt::format("{}: {}", urls.size() == 1 ? "1 URL" : fmt::format("{} URLs", urls.size()),
                     without_secrets(urls.front()));
}

Status check_list(const ListOrigin& origin) {
  struct stat facts {};
  if (origin.file.empty() || origin.file == kStandardInput) return {};
  if (::stat(origin.file.c_str(), &facts) != 0) return Error{system_error(shown(origin)).message};
  if (S_ISDIR(facts.st_mode)) return about(origin, Error{"is a folder; expected a file with one URL a line"});
  if (!S_ISREG(facts.st_mode)) return {};
  if (static_cast<std::uint64_t>(facts.st_size) > kMaxListBytes) {
    return about(origin,
                 Error{fmt::format("is larger than {}; split it into several crawls", human_bytes(kMaxListBytes))});
  }
  ListFacts list;
  if (Status read = for_each_line(origin, [&list](std::string_view line) { list.add(line); }); !read) return read;
  return check_facts(origin, list);
}

Result<AskedList> keep_list(const StateFolder& folder, const ListOrigin& origin) {
  NewFile copy(folder, kNewName);
  ListFacts facts;
  const auto take = [&](std::string_view line) {
    facts.add(line);
    copy.add_line(std::string(line));
  };
  if (Status read = for_each_line(origin, take); !read) return std::move(read).error();
  if (Status good = check_facts(origin, facts); !good) return std::move(good).error();
  AskedList list = facts.asked();
  Status kept = copy.publish();
  if (kept) kept = sync(folder, kNewName);
  if (kept) kept = folder.rename(kNewName, kept_list_name(list));
  if (kept && ::fsync(folder.fd()) != 0) kept = system_error(folder.path_of(""));
  if (!kept) return std::move(kept).error();
  return list;
}

std::string kept_list_name(const AskedList& list) { return std::string(kPrefix) + list.hash; }

Result<UniqueFd> open_kept_list(const StateFolder& folder, const AskedList& list) {
  return folder.open_for_reading(kept_list_name(list));
}

void remove_other_lists(const StateFolder& folder, const std::vector<JobSpec>& needed) {
  std::set<std::string> names;
  for (const JobSpec& spec : needed) {
    const auto pages = AskedPages::parse(spec.pages);
    if (pages && pages->list() != nullptr) names.insert(kept_list_name(*pages->list()));
  }
  struct Close {
    void operator()(DIR* entries) const { ::closedir(entries); }
  };
  const std::unique_ptr<DIR, Close> entries(::opendir(folder.path_of("").c_str()));
  while (const dirent* entry =
             entries ? ::readdir(entries.get()) : nullptr) {  // NOLINT(concurrency-mt-unsafe): one thread
    const std::string name = entry->d_name;
    if (name.starts_with(kPrefix) && !names.contains(name)) (void)folder.remove(name);
  }
}

}  // namespace doutu
