#include "crawler/memory/folder_memory.h"

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "crawler/request/user_state.h"
#include "crawler/text/shell_word.h"
#include "shared/folder/new_file.h"

namespace doutu {
namespace {

constexpr const char* kName = "command";
constexpr const char* kKind = "command";
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 20U;
constexpr std::string_view kHeading = "doutu command 2";
constexpr std::string_view kHeadingWithoutJob = "doutu command 1";

/// Texts may hold any byte but NUL, which ends each: the heading, the folder, the job, its spec, then the flags.
std::string encoded(const FolderMemory& memory, const std::string& directory) {
  std::string text;
  const auto add = [&text](std::string_view part) { text.append(part).push_back('\0'); };
  add(kHeading);
  add(directory);
  add(std::to_string(memory.job));
  add(memory.spec.url_template);
  add(memory.spec.pages);
  add(memory.spec.xpaths);
  for (const GivenFlag& flag : memory.flags) {
    add(flag.name);
    add(flag.value);
  }
  return text;
}

/// Takes the next text off; nullopt: there is none that is whole.
std::optional<std::string> take_text(std::string_view& text) {
  const std::size_t end = text.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  std::string part(text.substr(0, end));
  text.remove_prefix(end + 1);
  return part;
}

/// 1 or more.
std::optional<std::int64_t> read_job(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  std::int64_t job = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), job);
  const bool is_one = failure == std::errc() && end == text->data() + text->size() && job > 0;
  return is_one ? std::optional(job) : std::nullopt;
}

struct Decoded {
  std::string directory;
  FolderMemory memory;
};

std::optional<Decoded> decoded(std::string_view text) {
  const auto heading = take_text(text);
  if (heading != kHeading && heading != kHeadingWithoutJob) return std::nullopt;
  auto directory = take_text(text);
  if (!directory) return std::nullopt;
  Decoded decoded{*std::move(directory), {}};
  FolderMemory& memory = decoded.memory;
  if (heading == kHeading) {
    const auto job = read_job(take_text(text));
    if (!job) return std::nullopt;
    memory.job = *job;
  }
  for (auto* part : {&memory.spec.url_template, &memory.spec.pages, &memory.spec.xpaths}) {
    auto taken = take_text(text);
    if (!taken) return std::nullopt;
    *part = *std::move(taken);
  }
  while (auto name = take_text(text)) {
    auto value = take_text(text);
    if (!value) return std::nullopt;
    memory.flags.push_back({*std::move(name), *std::move(value)});
  }
  return text == "\n" ? std::optional(std::move(decoded)) : std::nullopt;
}

constexpr const char* kSayAgain = "give the URL and the options of the crawl again";

/// Headings of later versions differ in their number.
bool is_of_a_newer_version(std::string_view text) {
  const std::string heading = take_text(text).value_or("");
  const std::size_t number = kHeading.rfind(' ') + 1;
  return heading.starts_with(kHeading.substr(0, number)) && heading.size() > number && heading != kHeading &&
         heading != kHeadingWithoutJob && heading.find_first_not_of("0123456789", number) == std::string::npos;
}

Error cannot_be_used(const std::string& path, std::string_view text) {
  if (is_of_a_newer_version(text)) {
    return Error{path + " was written by a newer version of doutu; use that version, or " + kSayAgain};
  }
  return Error{path + " is damaged; " + kSayAgain};
}

Error cannot_be_read(const std::string& path, const Error& why) {
  return Error{why.message + "; run chmod u+r " + shell_word(path) + ", or " + kSayAgain};
}

Status write(const StateFolder& place, const std::string& name, const std::string& text) {
  NewFile file(place, name);
  file.add_line(text);
  return file.publish();
}

}  // namespace

Status remember(const StateFolder& folder, const FolderMemory& memory) {
  const std::string& directory = folder.directory();
  if (folder.is_private()) return write(folder, kName, encoded(memory, ""));
  if (Status removed = folder.remove(kName); !removed) return removed;
  const auto place = user_state_folder();
  if (!place) return place.error();
  return write(*place, user_state_name(kKind, directory), encoded(memory, directory));
}

Result<std::optional<FolderMemory>> recall(const StateFolder& folder) {
  if (folder.facts_of(kName)) {
    const std::string path = folder.path_of(kName);
    if (const auto file = folder.open_for_reading(kName); !file && file.error().code == EACCES) {
      return cannot_be_read(path, file.error());
    }
    const auto text = folder.read(kName, kMaxBytes);
    auto found = text ? decoded(*text) : std::nullopt;
    if (found) return std::optional(std::move(found->memory));
    return cannot_be_used(path, text.value_or(""));
  }
  const auto place = find_user_state_folder();
  const auto text = place ? place->read(user_state_name(kKind, folder.directory()), kMaxBytes) : std::nullopt;
  auto found = text ? decoded(*text) : std::nullopt;
  if (!found || found->directory != folder.directory()) return std::optional<FolderMemory>();
  return std::optional(std::move(found->memory));
}

}  // namespace doutu
