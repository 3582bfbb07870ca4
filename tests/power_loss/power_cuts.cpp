#include "tests/power_loss/power_cuts.h"

#include <array>

namespace doutu {

void PowerCuts::add(const Cut& cut) {
  ++tried_;
  if (keys_.insert(model_.key(cut)).second) cuts_.push_back(cut);
}

void PowerCuts::add_prefixes() {
  for (std::size_t calls = 0; calls <= model_.calls(); ++calls) {
    if (calls == 0 || model_.matters(calls)) add({.calls = calls, .fates = {}});
  }
}

void PowerCuts::add_one_missing() {
  for (std::size_t calls = 1; calls <= model_.calls(); ++calls) {
    if (!model_.matters(calls)) continue;
    for (const std::size_t effect : model_.unsynced(calls)) {
      for (const Fate fate : model_.fates(effect)) add({.calls = calls, .fates = {{effect, fate}}});
    }
  }
}

void PowerCuts::add_two_missing() {
  for (std::size_t calls = 1; calls <= model_.calls(); ++calls) {
    if (!model_.matters(calls)) continue;
    const auto effects = model_.unsynced(calls);
    for (std::size_t i = 0; i < effects.size(); ++i) {
      for (std::size_t j = i + 1; j < effects.size(); ++j) {
        for (const Fate one : model_.fates(effects[i])) {
          for (const Fate two : model_.fates(effects[j])) {
            add({.calls = calls, .fates = {{effects[i], one}, {effects[j], two}}});
          }
        }
      }
    }
  }
}

void PowerCuts::add_random(std::size_t count, std::minstd_rand& random) {
  constexpr std::array kPercent = {10U, 50U, 90U};
  for (std::size_t i = 0; i < count; ++i) {
    Cut cut{.calls = random_call(random), .fates = {}};
    const unsigned percent = kPercent.at(random() % kPercent.size());
    for (const std::size_t effect : model_.unsynced(cut.calls)) {
      if (random() % 100 < percent) strike(cut, effect, random);
    }
    add(cut);
  }
}

void PowerCuts::add_some_missing(std::size_t count, std::minstd_rand& random) {
  for (std::size_t i = 0; i < count; ++i) {
    Cut cut{.calls = random_call(random), .fates = {}};
    const auto effects = model_.unsynced(cut.calls);
    for (std::size_t missing = 1 + random() % 2; missing > 0 && !effects.empty(); --missing) {
      strike(cut, effects[random() % effects.size()], random);
    }
    add(cut);
  }
}

std::size_t PowerCuts::random_call(std::minstd_rand& random) const {
  std::size_t calls = 0;
  do calls = 1 + random() % model_.calls();
  while (!model_.matters(calls));
  return calls;
}

void PowerCuts::strike(Cut& cut, std::size_t effect, std::minstd_rand& random) const {
  const auto fates = model_.fates(effect);
  cut.fates[effect] = fates[random() % fates.size()];
}

}  // namespace doutu
