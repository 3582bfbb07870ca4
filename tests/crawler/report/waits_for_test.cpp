#include "crawler/report/waits_for.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

WaitSigns busy() {
  WaitSigns signs;
  signs.images_pending = 100;
  signs.images_in_flight = 20;
  signs.slots = 20;
  return signs;
}

TEST(WaitsFor, TheNetworkWhenEverySlotIsTaken) { EXPECT_EQ(waits_for(busy()), WaitsFor::network); }

TEST(WaitsFor, TheNetworkWhenAllThatIsLeftIsInFlight) {
  WaitSigns last = busy();
  last.images_pending = last.images_in_flight = 3;
  EXPECT_EQ(waits_for(last), WaitsFor::network);
}

TEST(WaitsFor, ImagePolitenessWhenSlotsAreFreeAndImagesPending) {
  WaitSigns signs = busy();
  signs.images_in_flight = 1;
  EXPECT_EQ(waits_for(signs), WaitsFor::image_politeness);
  signs.images_in_flight = 0;
  EXPECT_EQ(waits_for(signs), WaitsFor::image_politeness);
}

TEST(WaitsFor, TheDiskWhenTheLedgerHoldsImagesBack) {
  WaitSigns signs = busy();
  signs.images_in_flight = 1;
  signs.ledger_behind = true;
  EXPECT_EQ(waits_for(signs), WaitsFor::disk);
  signs.images_in_flight = signs.slots;
  EXPECT_EQ(waits_for(signs), WaitsFor::network) << "enough is in flight";
}

TEST(WaitsFor, TheNetworkWhenAPageIsBeingFetched) {
  WaitSigns signs;
  signs.pages_fetching = 1;
  signs.pages_held = true;
  EXPECT_EQ(waits_for(signs), WaitsFor::network);
}

TEST(WaitsFor, PagePolitenessWhenPagesAreHeldBack) {
  WaitSigns signs;
  signs.pages_held = true;
  EXPECT_EQ(waits_for(signs), WaitsFor::page_politeness);
}

TEST(WaitsFor, NothingOtherwise) { EXPECT_EQ(waits_for({}), WaitsFor::nothing); }

TEST(WaitsFor, DiskAndProcessorComeFirst) {
  WaitSigns signs = busy();
  signs.cpu_share = 0.9;
  EXPECT_EQ(waits_for(signs), WaitsFor::cpu);
  signs.ledger_silent = true;
  EXPECT_EQ(waits_for(signs), WaitsFor::disk);
  signs.ledger_silent = false;
  signs.disk_full = true;
  EXPECT_EQ(waits_for(signs), WaitsFor::disk);
}

TEST(WaitsFor, EveryNameIsFoundAgain) {
  for (const WaitsFor what : {WaitsFor::disk, WaitsFor::cpu, WaitsFor::network, WaitsFor::image_politeness,
                              WaitsFor::page_politeness, WaitsFor::nothing}) {
    EXPECT_EQ(waits_for_from_name(waits_for_name(what)), what);
  }
  EXPECT_FALSE(waits_for_from_name("godot"));
}

TEST(WaitMeter, SaysWhatMostOfTheLastTenMomentsSaid) {
  WaitMeter meter;
  EXPECT_EQ(meter.now(), WaitsFor::nothing);
  for (int i = 0; i < 6; ++i) meter.add(WaitsFor::network);
  for (int i = 0; i < 4; ++i) meter.add(WaitsFor::image_politeness);
  EXPECT_EQ(meter.now(), WaitsFor::network);
  for (int i = 0; i < 2; ++i) meter.add(WaitsFor::image_politeness);
  EXPECT_EQ(meter.now(), WaitsFor::image_politeness) << "the first two of the network are forgotten";
}

TEST(WaitsFor, SaysWhyAServerIsSparedAndHowLong) {
  constexpr auto kImages = WaitsFor::image_politeness;
  EXPECT_EQ(waits_for_in_words(kImages, {}), "limited per image server");
  EXPECT_EQ(waits_for_in_words(kImages, {ImageWait::gap, 1.5}), "pausing between requests (--wait)");
  EXPECT_EQ(waits_for_in_words(kImages, {ImageWait::gap, 30}), "pausing between requests (--wait): 30 s more");
  EXPECT_EQ(waits_for_in_words(kImages, {ImageWait::throttled, 590}), "throttled by an image server: 9 min 50 s more");
  EXPECT_EQ(waits_for_in_words(kImages, {ImageWait::outage, 12}),
            "backing off, an image server is out of reach: 12 s more");
  EXPECT_EQ(waits_for_in_words(kImages, {ImageWait::retry, 3}), "backing off before further attempts: 3 s more");
  EXPECT_EQ(waits_for_in_words(WaitsFor::page_politeness, {ImageWait::none, 3}),
            "backing off from the page server: 3 s more");
  EXPECT_EQ(waits_for_in_words(WaitsFor::network, {ImageWait::outage, 12}), "waiting for the network");
  EXPECT_EQ(waits_for_in_words(WaitsFor::nothing, {}), "");
}

TEST(WaitsFor, TheReasonsHaveNames) {
  for (const auto reason : {ImageWait::none, ImageWait::gap, ImageWait::throttled, ImageWait::outage, ImageWait::retry,
                            ImageWait::commit}) {
    EXPECT_EQ(image_wait_from_name(image_wait_name(reason)), reason);
  }
  EXPECT_EQ(image_wait_from_name("godot"), ImageWait::none);
  EXPECT_EQ(image_wait_name(static_cast<ImageWait>(99)), "commit") << "a stats page may say anything";
}

}  // namespace
}  // namespace doutu
