#include "downloader/schedule/slots.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace doutu {

namespace {

bool is_doubtful(Slots::Group group) { return group == Slots::Group::missing || group == Slots::Group::strange; }

}  // namespace

Slots::Slots(std::size_t slots, Duration grace) : slots_(slots), grace_(grace) {}

bool Slots::ComesFirst::operator()(const Place* a, const Place* b) const {
  return std::tie(a->held_, a->time_, a->turn_, a) < std::tie(b->held_, b->time_, b->turn_, b);
}

bool Slots::IsQuicker::operator()(const Place* a, const Place* b) const {
  return std::tie(a->pace_, a->turn_, a) < std::tie(b->pace_, b->turn_, b);
}

bool Slots::HasMore::operator()(const Place* a, const Place* b) const {
  return std::tie(b->images_, a->turn_, a) < std::tie(a->images_, b->turn_, b);
}

void Slots::wait(Place& place, Group group) {
  regroup(place, group);
  // Who comes back is not paid for what it did not want meanwhile.
  if (place.held_ == 0 && place.left_ != turns_) place.time_ = std::max(place.time_, floor(group));
  if (place.turn_ == 0) place.turn_ = ++turns_;
  place.waits_ = true;
  place.pace_ = (place.spent_ + (place.held_as_quick_ + 1) * grace_) / (place.ended_ + 1);
  queue(group).insert(&place);
  if (group == Group::sound) quick_.insert(&place);
  if (group == Group::strange) by_images_.insert(&place);
}

void Slots::leave(Place& place) {
  if (!place.waits_) return;
  queue(place.group_).erase(&place);
  quick_.erase(&place);
  by_images_.erase(&place);
  place.waits_ = false;
  place.left_ = turns_;
}

void Slots::count(Place& place, std::size_t images) {
  const bool is_queued = by_images_.erase(&place) > 0;
  place.images_ = images;
  if (is_queued) by_images_.insert(&place);
}

void Slots::regroup(Place& place, Group group) {
  if (place.group_ == group) return;
  if (is_doubtful(place.group_)) held_.by_doubtful -= place.held_;
  if (is_doubtful(group)) held_.by_doubtful += place.held_;
  held_.as_quick -= std::exchange(place.held_as_quick_, 0);
  place.group_ = group;
  place.time_ = floor(group);  // What it held among others tells nothing here.
}

Slots::Place* Slots::next(MonoTime now) const {
  const Queue& untried = queue(Group::untried);
  Place* place = untried.empty() || last_.was_untried ? next_to_hold(now) : nullptr;
  return place != nullptr || untried.empty() ? place : *untried.begin();
}

Slots::Place* Slots::next_to_hold(MonoTime now) const {
  const Queue& sound = queue(Group::sound);
  const bool is_quiet = sound.empty() && now >= quiet_at_;
  Place* const doubtful = is_quiet || !have_their_share() ? next_doubtful() : nullptr;
  return doubtful != nullptr || sound.empty() ? doubtful : next_sound();
}

Slots::Place* Slots::next_sound() const {
  return is_for_the_quickest() ? *quick_.begin() : *queue(Group::sound).begin();
}

bool Slots::is_for_the_quickest() const { return held_.all - held_.as_quick >= slots_ - slots_ / 4; }

Slots::Place* Slots::next_doubtful() const {
  const Queue& missing = queue(Group::missing);
  const Queue& strange = queue(Group::strange);
  if (!missing.empty() && (strange.empty() || !last_.was_missing)) return *missing.begin();
  if (strange.empty()) return nullptr;
  return last_.was_by_images ? *strange.begin() : *by_images_.begin();
}

bool Slots::have_their_share() const {
  const std::size_t quarter = slots_ / 4;
  if (quarter > 0 || held_.by_doubtful > 0) return held_.by_doubtful >= quarter;
  const bool has_sound = time_.of_sound > Duration::zero() || !queue(Group::sound).empty();
  return has_sound && 3 * time_.of_doubtful >= time_.of_sound;
}

MonoTime Slots::opens_at() const { return next_doubtful() == nullptr ? MonoTime::max() : quiet_at_; }

void Slots::started(Place& place, MonoTime now) {
  leave(place);
  last_.was_untried = place.group_ == Group::untried;
  place.turn_ = ++turns_;
  if (last_.was_untried) return;
  if (place.held_ == 0) floor(place.group_) = place.time_;
  if (place.group_ == Group::sound && is_for_the_quickest()) {
    ++held_.as_quick;
    ++place.held_as_quick_;
  }
  ++held_.all;
  ++place.held_;
  if (is_doubtful(place.group_)) {
    ++held_.by_doubtful;
    last_.was_missing = place.group_ == Group::missing;
    if (!last_.was_missing) last_.was_by_images = !last_.was_by_images;
  }
  if (place.group_ == Group::sound) expect_sound(now);
}

void Slots::given_back(Place& place) {
  --held_.all;
  --place.held_;
  place.left_ = turns_;
  if (place.held_as_quick_ > place.held_) {
    --place.held_as_quick_;
    --held_.as_quick;
  }
  if (is_doubtful(place.group_)) --held_.by_doubtful;
}

void Slots::ended(Place& place, Duration held, MonoTime now) {
  given_back(place);
  place.time_ += held;
  place.spent_ += held;
  ++place.ended_;
  (place.group_ == Group::sound ? time_.of_sound : time_.of_doubtful) += held;
  if (place.group_ == Group::sound) expect_sound(now);
}

void Slots::expect_sound(MonoTime now) { quiet_at_ = std::max(quiet_at_, now + grace_); }

}  // namespace doutu
