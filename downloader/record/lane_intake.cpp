#include "downloader/record/lane_intake.h"

#include <algorithm>
#include <utility>

#include "shared/base/http_status.h"
#include "shared/base/log.h"
#include "shared/cookies/cookie_scope.h"
#include "shared/crawl/records.h"
#include "shared/lane/shared_lane.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

/// The cause that the ledger stored by its name; internal_error for a name that no version of doutu knows.
Cause cause_named(std::string_view name, int http_status) {
  std::uint32_t number = 0;
  for (auto cause = cause_from_number(number); cause; cause = cause_from_number(++number)) {
    if (cause_name(*cause, http_status) == name) return *cause;
  }
  return Cause::internal_error;
}

/// Pages that are told at a time. Each is a message.
constexpr std::size_t kPagesTold = 256;

}  // namespace

PageRecorded LaneIntake::recorded(const PageRecord& page, std::uint32_t attempt, const PageEnd& end) const {
  return {.page = page.number,
          .attempt = attempt,
          .cause = cause_named(page.cause, page.http_status),
          .http_status = page.http_status,
          .images = page.hits,
          .retry_after_seconds = end.retry_after_seconds,
          .elsewhere = end.elsewhere,
          .final_url = page.final_url == page.url ? "" : page.final_url,
          .fresh = page.hits - std::min(page.hits, page.repeated),
          .last_found = page_links_.last_number(),
          .known_pages = page_links_.known(),
          .known_in_row = known_in_row_};
}

// --- The parent's messages.

void LaneIntake::open(LaneOpened opened) {
  const std::uint64_t generation = opened.generation;
  auto& fds = opened.fds;
  if (fds.size() == 3) {
    auto consumer = attach_consumer({std::move(fds[0]), std::move(fds[1]), std::move(fds[2])}, {run_id_, generation});
    if (consumer) return open(generation, *std::move(consumer));
    log_warning("lane {}: {}", generation, consumer.error().message);
  }
  lanes_[generation].state.trusted = false;
}

void LaneIntake::open(std::uint64_t generation, std::unique_ptr<ImageConsumer> consumer) {
  lanes_[generation].consumer = std::move(consumer);
}

void LaneIntake::close(std::uint64_t generation) { lanes_[generation].closed = true; }

// --- Waiting.

bool LaneIntake::is_readable(const Lane& lane) {
  return lane.consumer != nullptr && lane.state.trusted && !lane.state.ended && !lane.state.assigned.empty();
}

/// What was published is visible here before PagePut is: an empty lane has nothing more of such a page.
bool LaneIntake::owes_a_page(const Lane& lane) { return std::ranges::any_of(lane.state.assigned, &Assignment::put); }

bool LaneIntake::wants_batch(std::vector<pollfd>& wake) {
  bool wants = !requests_.empty();
  for (auto& [generation, lane] : lanes_) {
    if (lane.closed || owes_a_page(lane)) wants = true;
    if (!is_readable(lane)) continue;
    if (!lane.consumer->arm()) wants = true;
    wake.push_back({lane.consumer->wake_fd(), POLLIN, 0});
  }
  return wants;
}

bool LaneIntake::idle() const {
  const auto is_idle = [](const auto& entry) { return entry.second.state.assigned.empty(); };
  return requests_.empty() && std::ranges::all_of(lanes_, is_idle);
}

// --- Batches.

Status LaneIntake::take(std::vector<ImageTask>& tasks, std::vector<Message>& answers) {
  Intake intake{tasks, answers};
  taking_ = true;
  known_in_row_before_ = known_in_row_;
  for (auto& [generation, lane] : lanes_) lane.before = lane.state;
  for (auto& [generation, lane] : lanes_) {
    if (Status status = refresh(lane.state); !status) return status;
  }
  for (const Request& request : requests_) {
    Status status = std::visit([&](const auto& kind) { return answer(kind, intake); }, request);
    if (!status) return status;
  }
  const std::size_t share = std::max<std::size_t>(1, kMaxRecords / std::max<std::size_t>(1, lanes_.size()));
  for (auto& [generation, lane] : lanes_) {
    if (Status status = take_from(generation, lane, share, intake); !status) return status;
  }
  return {};
}

/// An image of the page that has failed may count as repeated there since.
Status LaneIntake::refresh(State& state) {
  if (!state.page || !alternatives_.are_there()) return {};
  const auto row = pages_.find(state.page->number);
  if (!row) return row.error();
  if (*row) state.page->repeated = (*row)->repeated;
  return {};
}

void LaneIntake::committed() {
  if (!std::exchange(taking_, false)) return;
  requests_.clear();
  for (auto& [generation, lane] : lanes_) {
    if (lane.consumer != nullptr) lane.consumer->acknowledge(lane.consumer->taken());
  }
  for (const std::uint64_t generation : std::exchange(drained_, {})) lanes_.erase(generation);
}

void LaneIntake::rolled_back() {
  if (!std::exchange(taking_, false)) return;  // The batch failed before it came to the lanes.
  drained_.clear();
  known_in_row_ = known_in_row_before_;
  robots_read_.clear();
  for (auto& [generation, lane] : lanes_) {
    lane.state = lane.before;
    if (lane.consumer != nullptr) lane.consumer->rewind();
  }
}

// --- Requests.

Status LaneIntake::answer(const PagePut& put, Intake& /*intake*/) {
  const auto lane = lanes_.find(put.generation);
  if (lane == lanes_.end()) return {};
  for (Assignment& assignment : lane->second.state.assigned) {
    if (assignment.task.id == put.page && assignment.task.attempt == put.attempt) assignment.put = true;
  }
  return {};
}

Status LaneIntake::answer(const PageAssigned& assigned, Intake& intake) {
  const PageTask& task = assigned.task;
  auto row = pages_.find(task.id);
  if (!row) return std::move(row).error();
  const bool is_settled = *row && (*row)->state != PageState::open;
  // The downloader before this one may have recorded the attempt, and died before it could say so.
  const bool has_ended =
      *row && (*row)->run == run_id_ && (*row)->run_attempt == task.attempt && !(*row)->cause.empty();
  if (is_settled || has_ended) return answer_again(**row, task.attempt, intake);
  forget(task.id);
  Lane& lane = lanes_[assigned.generation];
  lane.state.assigned.push_back({.task = task});
  return lane.state.trusted ? Status() : quarantine(assigned.generation, lane, intake);
}

/// What the ledger has of the attempt is all that is left of it.
Status LaneIntake::answer_again(const PageRecord& page, std::uint32_t attempt, Intake& intake) {
  PageRecorded answer = recorded(page, attempt);
  if (links_.is_used()) {
    const auto place = page_links_.find(page.number);
    if (!place) return place.error();
    if (*place) say_links(**place, answer);
  }
  intake.answers.emplace_back(std::move(answer));
  return {};
}

void LaneIntake::say_links(const PageLink& place, PageRecorded& answer) {
  answer.has_links = place.deeper > 0;
  answer.has_fresh_links = place.found > 0;
}

Status LaneIntake::answer(const AskPages& asked, Intake& intake) {
  auto tasks = page_links_.waiting(asked.after, kPagesTold);
  if (!tasks) return std::move(tasks).error();
  const std::uint64_t up_to = tasks->size() < kPagesTold ? page_links_.last_number() : tasks->back().id;
  for (PageTask& task : *tasks) intake.answers.emplace_back(PageWaiting{std::move(task)});
  intake.answers.emplace_back(PagesTold{up_to});
  return {};
}

Status LaneIntake::answer(const PageFailed& failed, Intake& intake) {
  const PageTask& task = failed.task;
  auto row = pages_.find(task.id);
  if (!row) return std::move(row).error();
  // Of three empty pages in a row, the first two were recorded as such before the third showed where a range ends.
  const bool is_beyond_end = failed.cause == Cause::none;
  const bool is_open = !*row || (*row)->state == PageState::open;
  if (!is_open && !(is_beyond_end && (*row)->state == PageState::empty)) {
    return answer_again(**row, task.attempt, intake);
  }
  forget(task.id);
  PageRecord page = (*std::move(row)).value_or(PageRecord());
  page.number = task.id;
  page.url = task.url;
  page.state = is_beyond_end ? PageState::beyond_end : PageState::failed;
  page.attempt = std::max(page.attempt, task.attempt);
  page.run = run_id_;
  page.run_attempt = task.attempt;
  page.cause = cause_name(failed.cause, failed.http_status);
  if (!is_beyond_end) page.http_status = failed.http_status;
  if (Status saved = pages_.save(page); !saved) return saved;
  if (Status noted = links_.lacks_something(page.number); !noted) return noted;
  intake.answers.emplace_back(recorded(page, task.attempt));
  return {};
}

void LaneIntake::forget(std::uint64_t page) {
  for (auto& [generation, lane] : lanes_) {
    auto& assigned = lane.state.assigned;
    if (!assigned.empty() && assigned.front().task.id == page) {
      lane.state.has_robots = false;
      lane.state.page.reset();
      lane.state.place.reset();
    }
    std::erase_if(assigned, [page](const Assignment& assignment) { return assignment.task.id == page; });
  }
}

// --- Records.

Status LaneIntake::take_from(std::uint64_t generation, Lane& lane, std::size_t limit, Intake& intake) {
  State& state = lane.state;
  auto outcome = TakeResult::ok;
  for (; outcome == TakeResult::ok && is_readable(lane) && limit > 0; --limit) {
    std::span<const std::byte> bytes;
    outcome = lane.consumer->try_take(bytes);
    Status status;
    if (outcome == TakeResult::ok) status = take_record(generation, lane, bytes, intake);
    if (outcome == TakeResult::damaged) status = quarantine(generation, lane, intake);
    if (!status) return status;
  }
  if (outcome == TakeResult::ended) state.ended = true;
  if ((outcome == TakeResult::empty || state.ended) && owes_a_page(lane)) {
    if (Status status = quarantine(generation, lane, intake); !status) return status;
  }
  if (Status status = save(generation, lane); !status) return status;
  if (lane.closed && (outcome != TakeResult::ok || !is_readable(lane))) {
    intake.answers.push_back(LaneDrained{generation});
    drained_.push_back(generation);
  }
  return {};
}

Status LaneIntake::save(std::uint64_t generation, Lane& lane) {
  State& state = lane.state;
  if (!state.saved || lane.consumer->taken() <= *state.saved) return {};
  state.saved = lane.consumer->taken();
  if (state.page) {
    if (Status status = save_page(state); !status) return status;
  }
  return lane_table_.save_taken(generation, *state.saved);
}

Status LaneIntake::take_record(std::uint64_t generation, Lane& lane, std::span<const std::byte> bytes, Intake& intake) {
  State& state = lane.state;
  if (!state.saved) {
    const auto saved = lane_table_.taken(generation);
    if (!saved) return saved.error();
    state.saved = *saved;
  }
  if (lane.consumer->taken() <= *state.saved) return {};  // Recorded, and not acknowledged before a kill.

  const auto record = decode(bytes);
  const auto visit_record = [&](const auto& r) -> Result<bool> {
    if (!select(state, r.page, r.attempt)) return false;
    if (Status status = load_page(lane); !status) return std::move(status).error();
    return accept(lane, r, intake);
  };
  auto accepted = record ? std::visit(visit_record, *record) : Result<bool>(false);
  if (!accepted) return std::move(accepted).error();
  return *accepted ? Status() : quarantine(generation, lane, intake);
}

bool LaneIntake::select(State& state, std::uint64_t page, std::uint32_t attempt) {
  const auto is_meant = [&](const Assignment& a) { return a.task.id == page && a.task.attempt == attempt; };
  auto& assigned = state.assigned;
  if (state.page) return is_meant(assigned.front());
  const auto found = std::ranges::find_if(assigned, is_meant);
  if (found == assigned.end()) return false;
  std::rotate(assigned.begin(), found, found + 1);
  return true;
}

/// A fetcher keeps to the scope as well. One that does not has been taken over.
Result<bool> LaneIntake::accept(Lane& lane, const CookieSet& set, Intake& /*intake*/) {
  Assignment& assignment = lane.state.assigned.front();
  if (lane.state.page || !takes_cookies_ || assignment.cookies++ == kMaxCookiesOfPage) return false;
  const auto url = normalise_url(set.url);
  const auto page = normalise_url(assignment.task.url);
  if (!url || !page || !is_in_cookie_scope(*url, *page)) return false;
  cookies_.set_by_page(set.value, *url);
  return true;
}

/// Of the page's own server: of no other has its fetcher anything to say.
Result<bool> LaneIntake::accept(Lane& lane, const RobotsRead& read, Intake& intake) {
  auto rules = RobotsRules::from_text(read.rules);
  if (!obeys_robots(read.page, robots_setting_)) return false;  // Nobody has asked for them.
  if (lane.state.page || !rules || std::exchange(lane.state.has_robots, true)) return false;
  std::string server = url_authority(lane.state.assigned.front().task.url);
  if (Status saved = robots_.save(server, read.rules); !saved) return std::move(saved).error();
  intake.answers.emplace_back(RobotsKnown{server, std::string(read.rules)});
  robots_read_.push_back({std::move(server), std::make_shared<RobotsRules>(*std::move(rules))});
  return true;
}

Result<bool> LaneIntake::accept(Lane& lane, const PageBegin& begin, Intake& /*intake*/) {
  if (lane.state.page) return false;
  if (Status status = begin_page(lane, begin.final_url); !status) return std::move(status).error();
  return true;
}

Result<bool> LaneIntake::accept(Lane& lane, const ImageFound& hit, Intake& intake) {
  if (!is_next_hit(lane, hit.position)) return false;
  ImageFound checked = hit;
  hit_urls_.check(checked);
  const HitCounts before = hit_counts();
  auto task = hits_.add(*lane.state.page, checked);
  if (!task) return std::move(task).error();
  note_hit(before);
  if (*task) intake.tasks.push_back(**std::move(task));
  return true;
}

Result<bool> LaneIntake::accept(Lane& lane, const InlineImage& hit, Intake& /*intake*/) {
  if (!is_next_hit(lane, hit.position)) return false;
  const HitCounts before = hit_counts();
  if (Status status = inline_images_.add(*lane.state.page, hit); !status) return std::move(status).error();
  note_hit(before);
  return true;
}

Result<bool> LaneIntake::accept(Lane& lane, const PageFound& link, Intake& /*intake*/) {
  State& state = lane.state;
  if (!state.page || !state.place || link.position != state.place->seen || link.position >= max_hits_) return false;
  const auto url = link_urls_.normalise(link.url);
  if (!url) return false;
  const std::uint64_t known = page_links_.known();
  const std::uint64_t last = page_links_.last_number();
  auto added = links_.add(*state.page, *state.place, link, *url);
  if (!added) return added;
  known_in_row_ += page_links_.known() - known;
  // A new page below is what is looked for; the next page of a list only leads there.
  const bool is_below = link.step > state.place->step;
  if (is_below && page_links_.last_number() != last) known_in_row_ = 0;
  return added;
}

LaneIntake::HitCounts LaneIntake::hit_counts() const { return {job_.counters().known, job_.counters().repeated}; }

void LaneIntake::note_hit(const HitCounts& before) {
  const HitCounts now = hit_counts();
  if (now.known != before.known) {
    ++known_in_row_;
  } else if (now.repeated == before.repeated) {
    known_in_row_ = 0;
  }
}

bool LaneIntake::is_next_hit(const Lane& lane, std::uint32_t position) const {
  const auto& page = lane.state.page;
  return page && position == page->hits && position < max_hits_;
}

Result<bool> LaneIntake::accept(Lane& lane, const PageEnd& end, Intake& intake) {
  const auto& page = lane.state.page;
  const bool came = page.has_value();
  const std::uint32_t links = came && lane.state.place ? lane.state.place->seen : 0;
  if (end.hits != (came ? page->hits : 0) || end.links != links || (!came && end.cause == Cause::none)) return false;
  if (Status status = end_page(lane, end, intake); !status) return std::move(status).error();
  return true;
}

Status LaneIntake::quarantine(std::uint64_t generation, Lane& lane, Intake& intake) {
  if (lane.state.trusted) log_warning("lane {}: invalid records; not reading it any more", generation);
  lane.state.trusted = false;
  while (!lane.state.assigned.empty()) {
    if (Status status = load_page(lane); !status) return status;
    if (Status status = end_page(lane, {.cause = Cause::bad_records}, intake); !status) return status;
  }
  return {};
}

// --- The page that a lane is at.

Status LaneIntake::load_page(Lane& lane) {
  if (lane.state.page) return {};
  const PageTask& first = lane.state.assigned.front().task;
  auto row = pages_.find(first.id);
  if (!row) return std::move(row).error();
  const bool begun = *row && (*row)->run == run_id_ && (*row)->run_attempt == first.attempt && (*row)->cause.empty();
  if (!begun) return {};
  lane.state.page = *std::move(row);
  if (!links_.is_used()) return {};
  const auto place = page_links_.find(first.id);
  if (!place) return place.error();
  lane.state.place = *place;
  return {};
}

Status LaneIntake::begin_page(Lane& lane, std::string_view final_url) {
  const PageTask& first = lane.state.assigned.front().task;
  const auto before = pages_.find(first.id);
  if (!before) return before.error();
  PageRecord page;
  page.number = first.id;
  page.run_attempt = first.attempt;
  page.url = first.url;
  page.final_url = normalise_url(final_url).value_or("");
  auto begun = pages_.begin_attempt(*before, std::move(page));
  if (!begun) return std::move(begun).error();
  lane.state.page = *std::move(begun);
  if (!links_.is_used()) return {};
  auto place = links_.begin_attempt(first);
  if (!place) return std::move(place).error();
  lane.state.place = *place;
  return {};
}

Status LaneIntake::save_page(const State& state) {
  Status saved = pages_.save(*state.page);
  return saved && state.place ? page_links_.save(*state.place) : std::move(saved);
}

Status LaneIntake::end_page(Lane& lane, const PageEnd& end, Intake& intake) {
  State& state = lane.state;
  if (!state.page) {
    if (Status status = begin_page(lane, ""); !status) return status;
  }
  PageRecord& page = *state.page;
  page.cause = cause_name(end.cause, end.http_status);
  page.http_status = end.http_status;
  if (end.http_status != 0) note_answer(page.url);
  // With a redirect's status it is where that led that did not answer.
  if (end.http_status != 0 && !is_redirect(end.http_status) && !page.final_url.empty()) note_answer(page.final_url);
  const bool has_links = state.place && state.place->deeper > 0;
  if (end.cause == Cause::none) page.state = page.hits > 0 || has_links ? PageState::done : PageState::empty;
  if (Status saved = save_page(state); !saved) return saved;
  if (end.cause == Cause::none && state.place) {
    if (Status ended = links_.page_ended(*state.page, *state.place); !ended) return ended;
  }
  PageRecorded answer = recorded(page, state.assigned.front().task.attempt, end);
  if (state.place) say_links(*state.place, answer);
  intake.answers.emplace_back(std::move(answer));
  state.assigned.pop_front();
  state.has_robots = false;
  state.page.reset();
  state.place.reset();
  return {};
}

/// Once a batch: most pages come from one host.
void LaneIntake::note_answer(std::string_view url) {
  std::string host = url_authority(url);
  if (std::ranges::find(answered_, host) == answered_.end()) answered_.push_back(std::move(host));
}

}  // namespace doutu
