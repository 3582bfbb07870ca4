#include "crawler/run/listed_images.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "shared/ledger/ledger_reader.h"

namespace doutu {

Result<ListedImages> listed_images(const StateFolder& folder, std::int64_t job) {
  auto ledger = LedgerReader::open(folder);
  if (!ledger) return std::move(ledger).error();
  ListedImages listed;
  if (!*ledger) return listed;
  Status read = (*ledger)->for_each_image_url(job, [&listed](std::string_view url) {
    listed.urls.append(url) += '\n';
    ++listed.count;
  });
  if (!read) return std::move(read).error();
  return listed;
}

Result<PassingFolder> PassingFolder::make() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  if (error) return Error{"TMPDIR: " + error.message() + "; set it to a folder that you may write to"};
  std::string path = (parent / "doutu-list-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) {
    return Error{"cannot create a folder in " + parent.string() + ": " + std::strerror(errno) +
                 "; set TMPDIR to another one"};
  }
  return PassingFolder(std::move(path));
}

PassingFolder::~PassingFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace doutu
