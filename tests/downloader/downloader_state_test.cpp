#include "downloader/downloader_state.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace doutu {
namespace {

using enum DownloaderState;
using enum DownloaderEvent;

struct Row {
  DownloaderState state;
  /// After disk_refuses, disk_writable, job_settled, stop, end.
  std::array<DownloaderState, 5> next;
  /// hears the parent, takes lanes, starts transfers, writes, probes the disk, settles, needs a checkpoint.
  std::string_view allowed;
};

constexpr std::array kTable = {
    Row{working, {paused_for_disk, working, settled, stopping, ended}, "htsw-ac"},
    Row{paused_for_disk, {paused_for_disk, working, paused_for_disk, stopping_without_disk, ended}, "h---p-c"},
    Row{settled, {paused_for_disk, settled, settled, leaving, ended}, "htsw---"},
    Row{stopping, {stopping_without_disk, stopping, stopping, stopping, ended}, "---w--c"},
    Row{stopping_without_disk,
        {stopping_without_disk, stopping, stopping_without_disk, stopping_without_disk, ended},
        "----p-c"},
    Row{leaving, {stopping_without_disk, leaving, leaving, leaving, ended}, "---w---"},
    Row{ended, {ended, ended, ended, ended, ended}, "-------"},
};

std::string letters(const Allowed& may) {
  const auto letter = [](bool is_allowed, char c) { return is_allowed ? c : '-'; };
  return {letter(may.hears_parent, 'h'),    letter(may.takes_lanes, 't'), letter(may.starts_transfers, 's'),
          letter(may.writes, 'w'),          letter(may.probes_disk, 'p'), letter(may.settles, 'a'),
          letter(may.needs_checkpoint, 'c')};
}

TEST(DownloaderState, AllowsAndFollowsWhatTheTableSays) {
  for (const Row& row : kTable) {
    const auto state = static_cast<int>(row.state);
    EXPECT_EQ(letters(allowed_in(row.state)), row.allowed) << "state " << state;
    for (const auto event : {disk_refuses, disk_writable, job_settled, stop, end}) {
      const auto number = static_cast<std::size_t>(event);
      EXPECT_EQ(next_state(row.state, event), row.next.at(number)) << "state " << state << ", event " << number;
    }
  }
}

TEST(DownloaderState, NeverHearsTheParentAgainOnceItStops) {
  for (const Row& row : kTable) {
    if (allowed_in(row.state).hears_parent) continue;
    for (const DownloaderState next : row.next) EXPECT_FALSE(allowed_in(next).hears_parent);
  }
}

TEST(DownloaderState, WritesOrProbesUntilItEnds) {
  for (const Row& row : kTable) {
    const Allowed may = allowed_in(row.state);
    EXPECT_EQ(may.writes || may.probes_disk, row.state != ended) << "a disk that is not written must be looked at";
    EXPECT_FALSE(may.writes && may.probes_disk);
    EXPECT_FALSE((may.takes_lanes || may.starts_transfers || may.settles) && !may.writes);
  }
}

}  // namespace
}  // namespace doutu
