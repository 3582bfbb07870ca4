#include "downloader/ledger/host_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "shared/url/url.h"
#include "tests/downloader/ledger/ledger_scene.h"

namespace doutu {
namespace {

const std::string kA = "http://i/a.jpg";
const std::string kB = "http://i/b.jpg";
const std::string kC = "http://j/c.jpg";

std::vector<std::int64_t> ids_of(const std::vector<ImageTask>& tasks) {
  std::vector<std::int64_t> ids;
  ids.reserve(tasks.size());
  for (const ImageTask& task : tasks) ids.push_back(task.id);
  return ids;
}

TEST(HostTable, PendingRowsComePerHostInTheOrderOfTheirIds) {
  LedgerScene scene;
  scene.job(1);
  const auto tasks = scene.page(1, {kA, kC, kB, "http://i/d.jpg"});
  EXPECT_THAT(must(scene.writer().hosts().with_pending(0, 100)),
              ::testing::UnorderedElementsAre(HostRow{tasks[0].host, url_authority(kA)},
                                              HostRow{tasks[1].host, url_authority(kC)}));
  const auto later = std::max(tasks[0].host, tasks[1].host);
  EXPECT_THAT(must(scene.writer().hosts().with_pending(later - 1, 100)), ::testing::SizeIs(1));
  EXPECT_TRUE(must(scene.writer().hosts().with_pending(later, 100)).empty());
  EXPECT_THAT(ids_of(must(scene.writer().images().pending_tasks(tasks[0].host, 0, 2))),
              ::testing::ElementsAre(tasks[0].id, tasks[2].id));
  EXPECT_THAT(ids_of(must(scene.writer().images().pending_tasks(tasks[0].host, tasks[2].id, 2))),
              ::testing::ElementsAre(tasks[3].id));
  scene.saved(tasks[1]);
  EXPECT_THAT(must(scene.writer().hosts().with_pending(0, 100)),
              ::testing::ElementsAre(HostRow{tasks[0].host, url_authority(kA)}));
}

TEST(HostTable, KnowsWhichHostsHaveAnswered) {
  LedgerScene scene;
  scene.job(1);
  const auto tasks = scene.page(1, {kA, kC});
  const HostRow saved{tasks[1].host, url_authority(kC)};
  scene.saved(tasks[1]);
  const auto hosts = must(scene.writer().hosts().that_answered());
  EXPECT_THAT(hosts, ::testing::Contains(saved));
  EXPECT_THAT(hosts, ::testing::Contains(::testing::Field(&HostRow::id, 0))) << "of the page";
  EXPECT_THAT(hosts, ::testing::Not(::testing::Contains(::testing::Field(&HostRow::id, tasks[0].host))));
}

}  // namespace
}  // namespace doutu
