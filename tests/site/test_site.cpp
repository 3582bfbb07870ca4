#include "tests/site/test_site.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "crawler/demo/site_server.h"

namespace doutu {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Exchange = std::shared_ptr<SiteExchange>;

std::string type_of(std::string_view path) {
  path = path.substr(0, path.find('?'));
  for (const auto& [ending, type] : {std::pair(".png", "image/png"), std::pair(".gif", "image/gif"),
                                     std::pair(".webp", "image/webp"), std::pair(".jpg", "image/jpeg")}) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

bool names_length(const Headers& headers) {
  return std::any_of(headers.begin(), headers.end(), [](const auto& header) {
    return header.first == "Content-Length" || header.first == "Transfer-Encoding";
  });
}

std::string bytes_of(const Response& response) {
  if (!response.raw.empty()) return response.raw;
  std::string bytes = "HTTP/1.1 " + http_status_line(response.status) + "\r\n";
  for (const auto& [name, value] : response.headers) bytes += fmt::format("{}: {}\r\n", name, value);
  if (!names_length(response.headers)) bytes += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  return bytes + "\r\n" + response.body.substr(0, response.cut_after.value_or(response.body.size()));
}

}  // namespace

class TestSite::Impl {
 public:
  Impl() : server_([this](const Exchange& exchange) { take(exchange); }), thread_([this] { server_.run(); }) {}

  ~Impl() {
    server_.stop();
    thread_.join();
    kept_.clear();
    held_.clear();
  }

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }

  void respond(const std::string& path, std::vector<Response> responses) {
    const std::lock_guard lock(mutex_);
    std::reverse(responses.begin(), responses.end());
    responses_[path] = std::move(responses);
  }

  void decide(Decide decide) {
    const std::lock_guard lock(mutex_);
    decide_ = std::move(decide);
  }

  void delay_all(milliseconds delay) {
    const std::lock_guard lock(mutex_);
    delay_ = delay;
  }

  void hold(const std::string& path) {
    const std::lock_guard lock(mutex_);
    holds_.insert(path);
  }

  void release(const std::string& path) {
    const std::lock_guard lock(mutex_);
    holds_.erase(path);
    server_.post([this, path] {
      for (auto node = held_.extract(path); node; node = held_.extract(path)) node.mapped()();
    });
  }

  void go_down() {
    on_server([this] {
      kept_.clear();
      held_.clear();
      server_.go_down();
    });
  }

  void come_back() {
    on_server([this] { server_.come_back(); });
  }

  [[nodiscard]] std::vector<Hit> log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }

  void forget_log() {
    const std::lock_guard lock(mutex_);
    forgotten_ += log_.size();
    log_.clear();
  }

  using PathTest = std::function<bool(const std::string&)>;

  [[nodiscard]] std::size_t count(const PathTest& matches) const {
    const std::lock_guard lock(mutex_);
    return count_locked(matches);
  }

  [[nodiscard]] bool wait_for(const PathTest& matches, std::size_t times, std::chrono::seconds limit) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return count_locked(matches) >= times; });
  }

 private:
  [[nodiscard]] std::size_t count_locked(const PathTest& matches) const {
    return static_cast<std::size_t>(
        std::count_if(log_.begin(), log_.end(), [&](const Hit& hit) { return matches(hit.path); }));
  }

  /// Runs work on the server's thread and waits for it.
  void on_server(const std::function<void()>& work) {
    std::promise<void> done;
    server_.post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  void take(const Exchange& exchange) {
    const SiteRequest& request = exchange->request();
    const std::lock_guard lock(mutex_);
    log_.push_back({steady_clock::now(), std::nullopt, request.connection, request.target, request.headers,
                    request.method, request.body});
    changed_.notify_all();
    if (condemned_.contains(request.connection)) return exchange->finish(SiteExchange::Then::close);
    const std::size_t number = forgotten_ + log_.size() - 1;
    auto decided = decide_ ? decide_(log_.back()) : std::nullopt;
    const Response response = decided ? *std::move(decided) : next_response(request.target);
    if (holds_.contains(request.target)) {
      held_.emplace(request.target, [this, exchange, number, response] { answer(exchange, number, response); });
    } else if (const milliseconds delay = delay_ + response.delay; delay.count() > 0) {
      server_.after(delay, [this, exchange, number, response] { answer(exchange, number, response); });
    } else {
      answer(exchange, number, response);
    }
  }

  Response next_response(const std::string& path) {
    auto found = responses_.find(path);
    if (found == responses_.end()) found = responses_.find(path.substr(std::min(path.find('?'), path.size())));
    if (found == responses_.end() || found->second.empty()) return {.status = 404, .headers = {}, .body = "not here"};
    if (found->second.size() == 1) return found->second.back();
    Response response = std::move(found->second.back());
    found->second.pop_back();
    return response;
  }

  void answer(const Exchange& exchange, std::size_t number, const Response& response) {
    exchange->send(bytes_of(response), [this, exchange, number, response] {
      mark_answered(number);
      if (!response.again.empty()) return send_again(exchange, response.again, response.again_every);
      end(exchange, response.ending);
    });
  }

  /// Until the client goes away.
  void send_again(const Exchange& exchange, const std::string& bytes, milliseconds every) {
    server_.after(every, [this, exchange, bytes, every] {
      exchange->send(bytes, [this, exchange, bytes, every] { send_again(exchange, bytes, every); });
    });
  }

  void end(const Exchange& exchange, Response::Ending ending) {
    switch (ending) {
      case Response::Ending::close_at_next:
        condemned_.insert(exchange->request().connection);
        [[fallthrough]];
      case Response::Ending::keep_alive:
        return exchange->finish(SiteExchange::Then::keep);
      case Response::Ending::close:
        return exchange->finish(SiteExchange::Then::close);
      case Response::Ending::reset:
        return exchange->finish(SiteExchange::Then::reset);
      case Response::Ending::hang:
        kept_.push_back(exchange);
    }
  }

  void mark_answered(std::size_t number) {
    const std::lock_guard lock(mutex_);
    if (number >= forgotten_) log_[number - forgotten_].answered = steady_clock::now();
  }

  // Protected by mutex_.
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Decide decide_;
  std::map<std::string, std::vector<Response>> responses_;  ///< The next one last.
  std::set<std::string> holds_;
  milliseconds delay_{0};
  std::vector<Hit> log_;
  std::size_t forgotten_ = 0;

  // The server's thread only.
  SiteServer server_;
  std::vector<Exchange> kept_;
  std::set<std::uint64_t> condemned_;  ///< Connections that end with their next request.
  std::multimap<std::string, std::function<void()>> held_;

  std::thread thread_;
};

std::string Hit::header(std::string_view lower_case_name) const {
  const auto found =
      std::find_if(headers.begin(), headers.end(), [&](const auto& pair) { return pair.first == lower_case_name; });
  return found == headers.end() ? std::string() : found->second;
}

TestSite::TestSite() : impl_(std::make_unique<Impl>()) {}
TestSite::~TestSite() = default;

std::uint16_t TestSite::port() const { return impl_->port(); }
std::string TestSite::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(port()) + std::string(path);
}

void TestSite::page(const std::string& path, std::string html) {
  respond(path, Response{.headers = {{"Content-Type", "text/html; charset=utf-8"}}, .body = std::move(html)});
}
void TestSite::file(const std::string& path, std::string bytes) {
  respond(path, Response{.headers = {{"Content-Type", type_of(path)}}, .body = std::move(bytes)});
}
void TestSite::decide(Decide decide) { impl_->decide(std::move(decide)); }
void TestSite::respond(const std::string& path, Response response) { respond(path, std::vector{std::move(response)}); }
void TestSite::respond(const std::string& path, std::vector<Response> responses) {
  impl_->respond(path, std::move(responses));
}
void TestSite::delay_all(milliseconds delay) { impl_->delay_all(delay); }

void TestSite::hold(const std::string& path) { impl_->hold(path); }
void TestSite::release(const std::string& path) { impl_->release(path); }
void TestSite::go_down() { impl_->go_down(); }
void TestSite::come_back() { impl_->come_back(); }

std::vector<Hit> TestSite::log() const { return impl_->log(); }
void TestSite::forget_log() { impl_->forget_log(); }
std::size_t TestSite::count(std::string_view path) const {
  return impl_->count([path](const std::string& asked) { return asked == path; });
}
std::size_t TestSite::count_under(std::string_view prefix) const {
  return impl_->count([prefix](const std::string& asked) { return asked.starts_with(prefix); });
}
bool TestSite::wait_for(std::string_view path, std::size_t times, std::chrono::seconds limit) const {
  return impl_->wait_for([path](const std::string& asked) { return asked == path; }, times, limit);
}
bool TestSite::wait_for_under(std::string_view prefix, std::size_t times, std::chrono::seconds limit) const {
  return impl_->wait_for([prefix](const std::string& asked) { return asked.starts_with(prefix); }, times, limit);
}

}  // namespace doutu
