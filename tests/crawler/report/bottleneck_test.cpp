#include "crawler/report/bottleneck.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

BottleneckSigns busy() {
  BottleneckSigns signs;
  signs.images_pending = 100;
  signs.images_in_flight = 20;
  signs.slots = 20;
  return signs;
}

TEST(Bottleneck, TheRateThatTheUserSetWhereBytesWaitForTheirTurn) {
  BottleneckSigns signs = busy();
  signs.rate_spent = true;
  EXPECT_EQ(bottleneck(signs), Bottleneck::rate_limit);
  EXPECT_EQ(bottleneck_text(Bottleneck::rate_limit, {}), "held to --limit-rate");
}

TEST(Bottleneck, TheNetworkWhenEverySlotIsTaken) { EXPECT_EQ(bottleneck(busy()), Bottleneck::network); }

TEST(Bottleneck, TheNetworkWhenAllThatIsLeftIsInFlight) {
  BottleneckSigns last = busy();
  last.images_pending = last.images_in_flight = 3;
  EXPECT_EQ(bottleneck(last), Bottleneck::network);
}

TEST(Bottleneck, ImagePolitenessWhenSlotsAreFreeAndImagesPending) {
  BottleneckSigns signs = busy();
  signs.images_in_flight = 1;
  EXPECT_EQ(bottleneck(signs), Bottleneck::image_politeness);
  signs.images_in_flight = 0;
  EXPECT_EQ(bottleneck(signs), Bottleneck::image_politeness);
}

TEST(Bottleneck, TheDiskWhenTheLedgerHoldsImagesBack) {
  BottleneckSigns signs = busy();
  signs.images_in_flight = 1;
  signs.ledger_behind = true;
  EXPECT_EQ(bottleneck(signs), Bottleneck::disk);
  signs.images_in_flight = signs.slots;
  EXPECT_EQ(bottleneck(signs), Bottleneck::network) << "enough is in flight";
}

TEST(Bottleneck, TheNetworkWhenAPageIsBeingFetched) {
  BottleneckSigns signs;
  signs.pages_fetching = 1;
  signs.pages_held = true;
  EXPECT_EQ(bottleneck(signs), Bottleneck::network);
}

TEST(Bottleneck, PagePolitenessWhenPagesAreHeldBack) {
  BottleneckSigns signs;
  signs.pages_held = true;
  EXPECT_EQ(bottleneck(signs), Bottleneck::page_politeness);
}

TEST(Bottleneck, NothingOtherwise) { EXPECT_EQ(bottleneck({}), Bottleneck::nothing); }

TEST(Bottleneck, DiskAndProcessorComeFirst) {
  BottleneckSigns signs = busy();
  signs.cpu_share = 0.9;
  EXPECT_EQ(bottleneck(signs), Bottleneck::cpu);
  signs.ledger_silent = true;
  EXPECT_EQ(bottleneck(signs), Bottleneck::disk);
  signs.ledger_silent = false;
  signs.disk_full = true;
  EXPECT_EQ(bottleneck(signs), Bottleneck::disk);
}

TEST(Bottleneck, EveryNameIsFoundAgain) {
  for (const Bottleneck what : {Bottleneck::disk, Bottleneck::cpu, Bottleneck::rate_limit, Bottleneck::network,
                                Bottleneck::image_politeness, Bottleneck::page_politeness, Bottleneck::nothing}) {
    EXPECT_EQ(bottleneck_from_name(bottleneck_name(what)), what);
  }
  EXPECT_FALSE(bottleneck_from_name("godot"));
}

TEST(BottleneckMeter, SaysWhatMostOfTheLastTenMomentsSaid) {
  BottleneckMeter meter;
  EXPECT_EQ(meter.now(), Bottleneck::nothing);
  for (int i = 0; i < 6; ++i) meter.add(Bottleneck::network);
  for (int i = 0; i < 4; ++i) meter.add(Bottleneck::image_politeness);
  EXPECT_EQ(meter.now(), Bottleneck::network);
  for (int i = 0; i < 2; ++i) meter.add(Bottleneck::image_politeness);
  EXPECT_EQ(meter.now(), Bottleneck::image_politeness) << "the first two of the network are forgotten";
}

TEST(Bottleneck, SaysWhyAServerBacksOffAndHowLong) {
  constexpr auto kImages = Bottleneck::image_politeness;
  EXPECT_EQ(bottleneck_text(kImages, {}), "limited per image server");
  EXPECT_EQ(bottleneck_text(kImages, {ImageWait::gap, 1.5}), "pausing between requests (--wait)");
  EXPECT_EQ(bottleneck_text(kImages, {ImageWait::gap, 30}), "pausing between requests (--wait): 30 s more");
  EXPECT_EQ(bottleneck_text(kImages, {ImageWait::throttled, 590}), "throttled by an image server: 9 min 50 s more");
  EXPECT_EQ(bottleneck_text(kImages, {ImageWait::outage, 12}),
            "backing off, an image server is out of reach: 12 s more");
  EXPECT_EQ(bottleneck_text(kImages, {ImageWait::retry, 3}), "backing off before further attempts: 3 s more");
  EXPECT_EQ(bottleneck_text(Bottleneck::page_politeness, {ImageWait::none, 3}),
            "backing off from the page server: 3 s more");
  EXPECT_EQ(bottleneck_text(Bottleneck::network, {ImageWait::outage, 12}), "waiting for the network");
  EXPECT_EQ(bottleneck_text(Bottleneck::nothing, {}), "");
}

TEST(Bottleneck, TheReasonsHaveNames) {
  for (const auto reason : {ImageWait::none, ImageWait::gap, ImageWait::throttled, ImageWait::outage, ImageWait::retry,
                            ImageWait::commit}) {
    EXPECT_EQ(image_wait_from_name(image_wait_name(reason)), reason);
  }
  EXPECT_EQ(image_wait_from_name("godot"), ImageWait::none);
  EXPECT_EQ(image_wait_name(static_cast<ImageWait>(99)), "commit") << "a stats page may say anything";
}

}  // namespace
}  // namespace doutu
