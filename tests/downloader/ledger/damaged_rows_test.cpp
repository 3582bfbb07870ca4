// Damage that no structure of a database shows, a value that has become another one, and that would leave out an image.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/downloader/ledger/ledger_scene.h"

namespace doutu {
namespace {

using ::testing::HasSubstr;

const JobSpec kSpec{"http://h/{page}", "1-10", "//img"};

class DamagedRows : public testing::Test {
 protected:
  /// A page is recorded, one is not; of its images one waits, one is saved, one failed.
  void SetUp() override {
    scene_.job(1);
    const auto tasks = scene_.page(1, {"http://i/1.jpg", "http://i/2.jpg", "http://i/3.jpg"});
    scene_.saved(tasks[1]);
    scene_.failed(tasks[2]);
    scene_.page(2, {}, Cause::http_status);
    scene_.close();
  }

  void change(const std::string& sql) {
    auto db = must(Database::open(state_in(scene_.files.directory()), Database::Mode::create));
    must(db.execute(sql.c_str()));
  }

  /// What the next start says that looks at everything which is to be done.
  Status start() {
    auto opened = LedgerWriter::open(state_in(scene_.files.directory()));
    if (!opened) return opened.error();
    LedgerWriter& writer = **opened;
    must(writer.begin());
    if (Status begun = writer.begin_job(1, kSpec, 99); !begun) return begun;
    must(writer.commit());
    for (const HostRow& host : must(writer.hosts().with_pending(0, 100))) {
      if (auto tasks = writer.images().pending_tasks(host.id, 0, 100); !tasks) return tasks.error();
    }
    for (const std::int64_t id : {1, 2, 3}) {
      if (auto image = writer.images().find(id); !image) return image.error();
    }
    return {};
  }

  LedgerScene scene_;
};

TEST_F(DamagedRows, AreNotWhatAnUndamagedLedgerHas) { must(start()); }

TEST_F(DamagedRows, EndTheCrawlWithWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"UPDATE job SET pending = 0", "the counts of crawl 1"},
      {"UPDATE job SET saved = 3", "the counts of crawl 1"},
      {"UPDATE job SET pending = 0, mark = -1", "has counted 0 images that wait, and has 1"},
      {"DELETE FROM job", "crawl 1 has pages and no record"},
      {"UPDATE job SET first_pending = 2", "has counted 1 images that wait, and has 0"},
      {"UPDATE found SET job = 3 WHERE id = 1", "has counted 1 images that wait, and has 0"},
      {"UPDATE ended SET id = 1 WHERE id = 2", "the record of image 1"},
      {"DELETE FROM found WHERE id = 1", "has counted 1 images that wait, and has 0"},
      {"UPDATE found SET url = 'http://i/3.jpg' WHERE id = 1", "the URL of image 1"},
      {"UPDATE found SET host = 0 WHERE id = 1", "the record of image 1"},
      {"UPDATE page SET state = 1 WHERE number = 2", "the record of page 2"},
      {"UPDATE page SET number = 3 WHERE number = 1", "the record of page 3"},
      {"UPDATE page SET url = 'http://h/3' WHERE number = 1", "the record of page 1"},
      {"UPDATE ended SET file = '3.jpg' WHERE id = 2", "the record of image 2"}};
  for (const auto& [sql, said] : changes) {
    const std::filesystem::path ledger = ledger_path(scene_.files.directory());
    const std::filesystem::path whole = ledger.string() + "-whole";
    std::filesystem::copy_file(ledger, whole);
    change(sql);
    const Status status = start();
    ASSERT_FALSE(status.ok()) << sql;
    EXPECT_EQ(status.error().code, EBADMSG) << sql;
    EXPECT_THAT(status.error().message, HasSubstr(said)) << sql;
    std::filesystem::rename(whole, ledger);
  }
  must(start());
}

}  // namespace
}  // namespace doutu
