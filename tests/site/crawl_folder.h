// CrawlFolder: what a crawl left in its folder, read by a test after the crawl has ended.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doutu {

/// report.json; outcome is empty when there is none or it is damaged.
struct ReportFile {
  std::string outcome;
  double seconds = 0;
  struct Pages {
    std::uint64_t asked = 0, done = 0, empty = 0, failed = 0, robots = 0, beyond_end = 0, pending = 0;
    std::uint64_t known = 0;  ///< Beside those asked for.
  } pages;
  struct Images {
    std::uint64_t found = 0, known = 0, repeated = 0, saved = 0, duplicate = 0, skipped = 0, failed = 0, pending = 0;
    std::uint64_t robots = 0;
    bool operator==(const Images&) const = default;
  } images;
  std::uint64_t bytes = 0;
  std::uint64_t without_end_mark = 0;
  std::map<std::string, std::uint64_t> links_not_followed;
  std::map<std::string, std::uint64_t> failures;

  /// asked and found are the sums that the design says.
  [[nodiscard]] bool balances() const;
};

/// For failure messages of tests.
std::ostream& operator<<(std::ostream& out, const ReportFile::Images& images);

/// A line of failures.jsonl.
struct FailureLine {
  std::string url;
  std::uint64_t page = 0;
  std::string cause;
  int status = 0;
  int attempts = 0;
  std::string final_url;
};

/// A line of images.jsonl.
struct ImageLine {
  std::string file;
  std::string url;
  std::uint64_t page = 0;
  std::uint64_t bytes = 0;
  std::string hash;
  std::optional<std::uint32_t> width;
  std::optional<std::uint32_t> height;
};

class CrawlFolder {
 public:
  explicit CrawlFolder(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string state(const std::string& name) const { return path_ + "/.doutu/" + name; }

  [[nodiscard]] ReportFile report() const;
  [[nodiscard]] std::vector<FailureLine> failures() const;
  /// Cause of each failure by URL.
  [[nodiscard]] std::map<std::string, std::string> causes() const;
  /// SHA-256 (hexadecimal) of every file by name, .doutu left out.
  [[nodiscard]] std::map<std::string, std::string> images() const;
  [[nodiscard]] std::vector<ImageLine> image_lines() const;
  /// Where images.jsonl and the folder's files differ, for people: a line that is torn, of a URL that has one already,
  /// or of a file that is another or not there; a file without a line.
  [[nodiscard]] std::vector<std::string> wrong_image_lines() const;
  /// What a crawl that ended by itself must not leave: files in incoming, temporary files. Paths, for people.
  [[nodiscard]] std::vector<std::string> leftovers() const;

 private:
  const std::string path_;
};

[[nodiscard]] std::string read_file(const std::string& path);
void write_file(const std::string& path, std::string_view bytes);
// In hexadecimal digits.
[[nodiscard]] std::string sha256(std::string_view bytes);
[[nodiscard]] std::string xxh128(std::string_view bytes);

}  // namespace doutu
