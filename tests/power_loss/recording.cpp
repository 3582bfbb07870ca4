#include "tests/power_loss/recording.h"

#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string_view>

#include "tests/site/crawl_folder.h"

namespace doutu {
namespace {

std::string take(std::string_view& rest, std::size_t count) {
  std::string text(rest.substr(0, count));
  rest.remove_prefix(count);
  return text;
}

}  // namespace

void make_recording(const std::string& path) {
  write_file(path, "");
  std::filesystem::resize_file(path, kRecordingBytes);  // A hole: only what is recorded takes room.
}

std::vector<Call> read_recording(const std::string& path) {
  const std::string bytes = read_file(path);
  std::uint64_t used = 0;
  std::memcpy(&used, bytes.data() + offsetof(RecordingHead, used), sizeof used);
  if (used > bytes.size() - sizeof(RecordingHead)) throw std::runtime_error("the recording has no room for all calls");

  std::vector<Call> calls;
  for (std::string_view rest = std::string_view(bytes).substr(sizeof(RecordingHead), used); !rest.empty();) {
    CallRecord record{};
    std::memcpy(&record, rest.data(), sizeof record);
    rest.remove_prefix(sizeof record);
    Call call{record.kind, record.file, record.folder, record.other_folder, record.position, "", "", ""};
    call.name = take(rest, record.name_bytes);
    call.other_name = take(rest, record.other_name_bytes);
    call.data = take(rest, record.data_bytes);
    calls.push_back(std::move(call));
  }
  return calls;
}

}  // namespace doutu
