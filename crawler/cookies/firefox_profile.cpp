#include "crawler/cookies/firefox_profile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>
#include <vector>

#include "shared/base/escape.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCookies = "cookies.sqlite";
constexpr std::size_t kMaxLines = 10'000;
constexpr std::size_t kMaxNames = 20;
/// Below the home folder. The second one is that of versions that keep to the XDG folders.
constexpr auto kPlaces = std::to_array<const char*>(
    {".mozilla/firefox", ".config/mozilla/firefox", "snap/firefox/common/.mozilla/firefox",
     ".var/app/org.mozilla.firefox/.mozilla/firefox", ".var/app/org.mozilla.firefox/config/mozilla/firefox"});

struct Section {
  std::string name;
  std::map<std::string, std::string, std::less<>> values;

  [[nodiscard]] std::string value(std::string_view key) const {
    const auto found = values.find(key);
    return found == values.end() ? "" : found->second;
  }
};

std::vector<Section> read_ini(const fs::path& path) {
  std::vector<Section> sections;
  std::ifstream file(path);
  std::string text;
  for (std::size_t lines = 0; lines < kMaxLines && std::getline(file, text); ++lines) {
    const std::string_view line = trim(text, " \t\r");
    const std::size_t equals = line.find('=');
    if (line.starts_with('[') && line.ends_with(']')) {
      sections.push_back({std::string(line.substr(1, line.size() - 2)), {}});
    } else if (!sections.empty() && equals != std::string_view::npos) {
      sections.back().values.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
  }
  return sections;
}

struct Profile {
  std::string name;
  fs::path folder;
};

/// The profiles of one place.
struct Place {
  std::vector<Profile> profiles;
  fs::path usual;  ///< Empty: none.
};

/// A path is absolute, or below the place.
fs::path folder_in(const fs::path& place, const std::string& path) { return (place / path).lexically_normal(); }

/// An installation's own profile is what it starts with (Firefox 67 and later), else the one that is marked.
Place read_place(const fs::path& path) {
  Place place;
  std::string installed;
  std::string marked;
  for (const Section& section : read_ini(path / "profiles.ini")) {
    if (section.name.starts_with("Install") && installed.empty()) installed = section.value("Default");
    if (!section.name.starts_with("Profile") || section.value("Path").empty()) continue;
    place.profiles.push_back({section.value("Name"), folder_in(path, section.value("Path"))});
    if (section.value("Default") == "1") marked = section.value("Path");
  }
  const std::string& usual = installed.empty() ? marked : installed;
  if (!usual.empty()) {
    place.usual = folder_in(path, usual);
  } else if (place.profiles.size() == 1) {
    place.usual = place.profiles.front().folder;
  }
  return place;
}

bool has_cookies(const fs::path& folder) {
  std::error_code unreadable;  // a folder that may not be looked into is named when it is opened
  return fs::exists(folder / kCookies, unreadable) || unreadable;
}

std::string folder_name(const fs::path& folder) {
  return folder.has_filename() ? folder.filename().string() : folder.parent_path().filename().string();
}

Error no_cookies_in(const fs::path& folder) {
  return {fmt::format("{} is no profile of Firefox with cookies: there is no {} in it",
                      escape_for_terminal(folder.string()), kCookies)};
}

Error no_firefox(const std::string& home) {
  return {fmt::format("no profile of Firefox was found below {} ({}); export the cookies to a file, for --cookies FILE",
                      escape_for_terminal(home), fmt::join(kPlaces, ", "))};
}

Error no_such_profile(const std::string& profile, std::vector<std::string> names) {
  if (names.size() > kMaxNames) names.resize(kMaxNames);
  return {fmt::format("Firefox has no profile \"{}\"; it has {}", escape_for_terminal(profile, 60),
                      escape_for_terminal(fmt::format("{}", fmt::join(names, ", "))))};
}

std::vector<Place> places_of(const std::string& home) {
  std::vector<Place> places;
  places.reserve(kPlaces.size());
  for (const char* path : kPlaces) places.push_back(read_place(fs::path(home) / path));
  return places;
}

Result<std::string> usual_profile(const std::string& home) {
  fs::path without_cookies;
  std::vector<std::string> names;
  for (const Place& place : places_of(home)) {
    for (const Profile& profile : place.profiles) names.push_back(profile.name);
    if (place.usual.empty()) continue;
    if (has_cookies(place.usual)) return place.usual.string();
    if (without_cookies.empty()) without_cookies = place.usual;
  }
  if (!without_cookies.empty()) return no_cookies_in(without_cookies);
  if (names.empty()) return no_firefox(home);
  return Error{fmt::format("Firefox has several profiles and starts with none of them; name one: firefox:{}",
                           escape_for_terminal(names.front()))};
}

}  // namespace

Result<std::string> find_firefox_profile(const std::string& home, const std::string& profile) {
  if (profile.empty()) return usual_profile(home);
  if (profile.starts_with('/')) {
    if (!has_cookies(profile)) return no_cookies_in(profile);
    return profile;
  }
  fs::path without_cookies;
  std::vector<std::string> names;
  for (const Place& place : places_of(home)) {
    for (const Profile& one : place.profiles) {
      names.push_back(one.name);
      if (one.name != profile && folder_name(one.folder) != profile) continue;
      if (has_cookies(one.folder)) return one.folder.string();
      without_cookies = one.folder;
    }
  }
  if (!without_cookies.empty()) return no_cookies_in(without_cookies);
  return names.empty() ? no_firefox(home) : no_such_profile(profile, std::move(names));
}

}  // namespace doutu
