#include "tests/site/crawl_folder.h"

#include <fmt/format.h>
#include <openssl/sha.h>
#include <xxhash.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>
#include <sstream>

namespace doutu {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::uint64_t number(const json& object, const char* name) { return object.value(name, std::uint64_t{0}); }

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    if (!entry.is_directory()) files.push_back(entry.path());
  }
  return files;
}

bool is_state(const fs::path& file, const std::string& folder) {
  return file.string().starts_with(folder + "/.doutu/");
}

/// Of either kind: their lengths differ.
bool is_hash_of(const std::string& hash, const std::string& bytes) {
  return hash == (hash.size() == 64 ? sha256(bytes) : xxh128(bytes));
}

}  // namespace

bool ReportFile::balances() const {
  return pages.asked == pages.done + pages.empty + pages.failed + pages.robots + pages.beyond_end + pages.pending &&
         images.found == images.known + images.repeated + images.saved + images.duplicate + images.skipped +
                             images.failed + images.robots + images.pending;
}

std::ostream& operator<<(std::ostream& out, const ReportFile::Images& images) {
  return out << fmt::format(
             "found {} known {} repeated {} saved {} duplicate {} skipped {} failed {} robots {} pending {}",
             images.found, images.known, images.repeated, images.saved, images.duplicate, images.skipped, images.failed,
             images.robots, images.pending);
}

ReportFile CrawlFolder::report() const {
  const json file = json::parse(read_file(state("report.json")), nullptr, false);
  if (!file.is_object() || file.value("schema", 0) != 1) return {};
  const json pages = file.value("pages", json::object());
  const json images = file.value("images", json::object());
  const json page_outcomes = pages.value("outcomes", json::object());
  const json image_outcomes = images.value("outcomes", json::object());
  ReportFile report;
  report.outcome = file.value("outcome", "");
  report.seconds = file.value("seconds", 0.0);
  report.pages = {number(pages, "asked"),           number(page_outcomes, "done"),
                  number(page_outcomes, "empty"),   number(page_outcomes, "failed"),
                  number(page_outcomes, "robots"),  number(page_outcomes, "beyond_end"),
                  number(page_outcomes, "pending"), number(pages, "known")};
  report.images = {number(images, "found"),
                   number(image_outcomes, "known"),
                   number(image_outcomes, "duplicate_link"),
                   number(image_outcomes, "saved"),
                   number(image_outcomes, "duplicate_file"),
                   number(image_outcomes, "skipped"),
                   number(image_outcomes, "failed"),
                   number(image_outcomes, "pending"),
                   number(image_outcomes, "robots")};
  report.bytes = number(file, "bytes");
  report.without_end_mark = number(file, "without_end_mark");
  report.links_not_followed = file.value("links_not_followed", std::map<std::string, std::uint64_t>{});
  report.failures = file.value("failures", std::map<std::string, std::uint64_t>{});
  return report;
}

std::vector<FailureLine> CrawlFolder::failures() const {
  std::vector<FailureLine> lines;
  std::istringstream file(read_file(state("failures.jsonl")));
  for (std::string line; std::getline(file, line);) {
    const json failure = json::parse(line);
    const auto text = [&](const char* name) {
      return failure.contains(name) && failure[name].is_string() ? failure[name].get<std::string>() : std::string();
    };
    const auto count = [&](const char* name) {
      return failure.contains(name) && failure[name].is_number() ? failure[name].get<int>() : 0;
    };
    lines.push_back({text("url"), static_cast<std::uint64_t>(count("page")), text("cause"), count("status"),
                     count("attempts"), text("final_url")});
  }
  return lines;
}

std::map<std::string, std::string> CrawlFolder::causes() const {
  std::map<std::string, std::string> causes;
  for (const FailureLine& line : failures()) causes[line.url] = line.cause;
  return causes;
}

std::map<std::string, std::string> CrawlFolder::images() const {
  std::map<std::string, std::string> images;
  for (const fs::path& file : files_in(path_)) {
    if (!is_state(file, path_)) images[fs::relative(file, path_).string()] = sha256(read_file(file.string()));
  }
  return images;
}

std::vector<ImageLine> CrawlFolder::image_lines() const {
  std::vector<ImageLine> lines;
  std::istringstream file(read_file(state("images.jsonl")));
  for (std::string line; std::getline(file, line);) {
    const json image = json::parse(line);
    const auto size = [&](const char* name) {
      return image.at(name).is_null() ? std::nullopt : std::optional(image.at(name).get<std::uint32_t>());
    };
    lines.push_back({image.at("file"), image.at("url"), image.at("page"), image.at("bytes"), image.at("hash"),
                     size("width"), size("height")});
  }
  return lines;
}

std::vector<std::string> CrawlFolder::wrong_image_lines() const {
  const std::string text = read_file(state("images.jsonl"));
  std::vector<std::string> wrong;
  if (!text.empty() && !text.ends_with('\n')) return {"the last line is torn"};
  const auto files = images();
  std::set<std::string> urls;
  std::set<std::string> named;
  for (const ImageLine& line : image_lines()) {
    if (!urls.insert(line.url).second) wrong.push_back("two lines: " + line.url);
    named.insert(line.file);
    const auto file = files.find(line.file);
    if (file == files.end()) wrong.push_back("no file: " + line.file);
    if (file != files.end() && !is_hash_of(line.hash, read_file(path_ + "/" + line.file)))
      wrong.push_back("other bytes: " + line.file);
    std::error_code error;
    if (fs::file_size(path_ + "/" + line.file, error) != line.bytes) wrong.push_back("other size: " + line.file);
  }
  for (const auto& [file, hash] : files) {
    if (!named.contains(file)) wrong.push_back("no line: " + file);
  }
  return wrong;
}

std::vector<std::string> CrawlFolder::leftovers() const {
  std::vector<std::string> leftovers;
  for (const fs::path& file : files_in(path_)) {
    const std::string name = file.string();
    if (name.find("/incoming/") != std::string::npos || name.ends_with(".tmp") || name.ends_with("~")) {
      leftovers.push_back(name);
    }
  }
  return leftovers;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string xxh128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  const std::string copy(bytes);
  SHA256(reinterpret_cast<const unsigned char*>(copy.data()), copy.size(), digest.data());
  return fmt::format("{:02x}", fmt::join(digest, ""));
}

}  // namespace doutu
