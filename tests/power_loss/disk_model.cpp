#include "tests/power_loss/disk_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "tests/power_loss/valid_wal.h"

namespace doutu {
namespace {

constexpr std::uint64_t kBlock = 4096;
constexpr std::uint64_t kSector = 512;
constexpr std::size_t kRoot = 0;

bool counts_for_nothing(const std::string& name) {
  return name.ends_with("-shm") || name.starts_with("crawl.log") || name.starts_with("status.json") || name == "lock";
}

std::uint64_t mixed(std::uint64_t key, std::uint64_t more) {
  return (key ^ (more + 0x9e3779b97f4a7c15U + (key << 6U) + (key >> 2U))) * 0xff51afd7ed558ccdU;
}
std::uint64_t key_of(const std::string& text) { return std::hash<std::string>{}(text); }

}  // namespace

DiskModel::DiskModel(const std::vector<Call>& calls, const std::string& root) : root_(root) {
  objects_.push_back({.is_folder = true, .size = 0, .effects = {}, .keys = {}});
  for (const Call& call : calls) {
    ++calls_;
    matters_.push_back(false);
    read(call);
  }
}

// --- Reading the recording.

void DiskModel::read(const Call& call) {
  switch (call.kind) {
    case Call::Kind::made:
    case Call::Kind::made_folder:
      return make(call);
    case Call::Kind::written:
      if (const std::size_t object = object_of(call.file); object != kNever) write(object, call);
      return;
    case Call::Kind::cut:
      if (const std::size_t object = object_of(call.file); object != kNever) {
        objects_[object].size = static_cast<std::uint64_t>(call.position);
        add({.kind = Kind::size, .object = object, .at = objects_[object].size});
      }
      return;
    case Call::Kind::renamed:
    case Call::Kind::linked:
      return rename(call);
    case Call::Kind::removed: {
      const Place from = place(call.folder, call.name);
      const auto known = names_.find({from.folder, from.name});
      if (known == names_.end()) return;
      return add({.kind = Kind::leave, .object = known->second, .folder = from.folder, .name = from.name});
    }
    case Call::Kind::sync_began:
      by_sync_[static_cast<std::uint64_t>(call.position)] = effects_.size();
      return;
    case Call::Kind::sync_ended:
      return sync(call);
  }
}

DiskModel::Place DiskModel::place(std::uint64_t folder, const std::string& name) const {
  if (folder != 0) return {object_of(folder), name};
  if (!name.starts_with(root_ + "/")) return {};
  std::size_t here = kRoot;
  std::string rest = name.substr(root_.size() + 1);
  for (auto slash = rest.find('/'); slash != std::string::npos; slash = rest.find('/')) {
    const auto next = names_.find({here, rest.substr(0, slash)});
    if (next == names_.end()) return {};
    here = next->second;
    rest.erase(0, slash + 1);
  }
  return {here, rest};
}

std::size_t DiskModel::object_of(std::uint64_t inode) const {
  const auto found = by_inode_.find(inode);
  return found == by_inode_.end() ? kNever : found->second;
}

void DiskModel::make(const Call& call) {
  if (call.folder == 0 && call.name == root_) by_inode_[call.file] = kRoot;
  const Place to = place(call.folder, call.name);
  // An inode number may have belonged to another file, which is gone; what is made elsewhere takes it over as well.
  if (to.folder == kNever || counts_for_nothing(to.name)) {
    if (call.name != root_) by_inode_.erase(call.file);
    return;
  }
  by_inode_[call.file] = objects_.size();
  objects_.push_back({.is_folder = call.kind == Call::Kind::made_folder, .size = 0, .effects = {}, .keys = {}});
  add({.kind = Kind::enter, .object = objects_.size() - 1, .folder = to.folder, .name = to.name});
}

void DiskModel::write(std::size_t object, const Call& call) {
  const auto from = static_cast<std::uint64_t>(call.position);
  const std::uint64_t end = from + call.data.size();
  for (std::uint64_t at = from; at < end;) {
    const std::uint64_t next = std::min(end, (at / kBlock + 1) * kBlock);
    Object& file = objects_[object];
    const bool grows = next > file.size;
    file.size = std::max(file.size, next);
    add({.kind = Kind::block,
         .object = object,
         .at = at,
         .data = call.data.substr(at - from, next - at),
         .grows = grows});
    at = next;
  }
}

void DiskModel::rename(const Call& call) {
  const Place from = place(call.folder, call.name);
  const Place to = place(call.other_folder, call.other_name);
  const auto known = names_.find({from.folder, from.name});
  if (known == names_.end() || to.folder == kNever) return;
  if (call.kind == Call::Kind::linked) {
    return add({.kind = Kind::enter, .object = known->second, .folder = to.folder, .name = to.name});
  }
  add({.kind = Kind::move,
       .object = known->second,
       .folder = from.folder,
       .other_folder = to.folder,
       .name = from.name,
       .other_name = to.name});
}

void DiskModel::add(Effect effect) {
  effect.call = calls_;
  matters_.back() = true;
  if (effect.kind == Kind::block || effect.kind == Kind::size) {
    objects_[effect.object].effects.push_back(effects_.size());
  } else {
    apply(effect, names_);
  }
  effects_.push_back(std::move(effect));
}

void DiskModel::sync(const Call& call) {
  const std::size_t covered = by_sync_.at(static_cast<std::uint64_t>(call.position));
  for (std::size_t i = 0; i < covered; ++i) {
    Effect& effect = effects_[i];
    if (effect.kept_from != kNever || !keeps(call, effect)) continue;
    effect.kept_from = calls_;
    matters_.back() = true;
  }
}

bool DiskModel::keeps(const Call& sync, const Effect& effect) const {
  if (sync.file == 0) return true;
  const std::size_t object = object_of(sync.file);
  if (effect.kind == Kind::block || effect.kind == Kind::size) return effect.object == object;
  return effect.folder == object || (effect.kind == Kind::move && effect.other_folder == object);
}

// --- States.

std::vector<std::size_t> DiskModel::unsynced(std::size_t calls) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < effects_.size() && effects_[i].call <= calls; ++i) {
    if (effects_[i].kept_from > calls) found.push_back(i);
  }
  return found;
}

std::vector<Fate> DiskModel::fates(std::size_t effect) const {
  const Effect& e = effects_.at(effect);
  std::vector<Fate> fates = {Fate::lost};
  if (e.kind != Kind::block) return fates;
  if (e.grows) fates.push_back(Fate::zeros);
  if (e.data.size() > kSector) fates.push_back(Fate::torn);
  return fates;
}

void DiskModel::apply(const Effect& effect, Names& names) {
  const std::pair from(effect.folder, effect.name);
  if (effect.kind == Kind::enter) {
    names[from] = effect.object;
    return;
  }
  if (const auto old = names.find(from); old != names.end() && old->second == effect.object) names.erase(old);
  if (effect.kind == Kind::move) names[{effect.other_folder, effect.other_name}] = effect.object;
}

bool DiskModel::is_name(std::size_t effect) const {
  return effects_[effect].kind != Kind::block && effects_[effect].kind != Kind::size;
}

DiskModel::Names DiskModel::names(const Cut& cut) const {
  Names names;
  for (std::size_t i = 0; i < effects_.size() && effects_[i].call <= cut.calls; ++i) {
    if (is_name(i) && !cut.fates.contains(i)) apply(effects_[i], names);
  }
  return names;
}

std::map<std::string, std::size_t> DiskModel::files(const Cut& cut) const {
  const Names names = this->names(cut);
  std::map<std::string, std::size_t> files;
  const std::function<void(std::size_t, const std::string&)> walk = [&](std::size_t folder, const std::string& path) {
    for (auto entry = names.lower_bound({folder, ""}); entry != names.end() && entry->first.first == folder; ++entry) {
      const std::string name = path + entry->first.second;
      const bool is_folder = objects_[entry->second].is_folder;
      files[is_folder ? name + "/" : name] = entry->second;
      if (is_folder) walk(entry->second, name + "/");
    }
  };
  walk(kRoot, "");
  return files;
}

std::string DiskModel::content(std::size_t object, const Cut& cut) const {
  std::string bytes;
  for (const std::size_t i : objects_[object].effects) {
    const Effect& effect = effects_[i];
    if (effect.call > cut.calls) break;
    const auto fate = cut.fates.find(i);
    const Fate is = fate == cut.fates.end() ? Fate::there : fate->second;
    if (is == Fate::lost) continue;
    if (effect.kind == Kind::size) {
      bytes.resize(effect.at);
      continue;
    }
    bytes.resize(std::max<std::size_t>(bytes.size(), effect.at + effect.data.size()));
    std::size_t count = is == Fate::zeros ? 0 : effect.data.size();
    if (is == Fate::torn) count = std::max(kSector, count / 2 / kSector * kSector);
    bytes.replace(effect.at, count, effect.data, 0, count);
  }
  return bytes;
}

DiskState DiskModel::state(const Cut& cut) const {
  DiskState state;
  for (const auto& [name, object] : files(cut)) state[name] = content(object, cut);
  return state;
}

// A file's content is asked for again and again with the same fates: its key is remembered.
std::uint64_t DiskModel::content_key(std::size_t object, const std::string& name, const Cut& cut) {
  std::string asked;
  const auto& effects = objects_[object].effects;
  const auto later = std::ranges::partition_point(effects, [&](auto i) { return effects_[i].call <= cut.calls; });
  asked = std::to_string(later - effects.begin());
  for (const auto& [effect, fate] : cut.fates) {
    if (effects_[effect].object == object && !is_name(effect))
      asked += fmt::format(" {}:{}", effect, static_cast<int>(fate));
  }
  const auto known = objects_[object].keys.find(asked);
  if (known != objects_[object].keys.end()) return known->second;
  const std::string bytes = content(object, cut);
  const std::uint64_t key = key_of(name.ends_with("-wal") ? bytes.substr(0, valid_wal_bytes(bytes)) : bytes);
  objects_[object].keys.emplace(std::move(asked), key);
  return key;
}

std::uint64_t DiskModel::key(const Cut& cut) {
  const bool is_whole = std::ranges::none_of(cut.fates, [&](const auto& fate) { return is_name(fate.first); });
  if (is_whole && whole_calls_ != cut.calls) {
    whole_files_ = files(cut);
    whole_calls_ = cut.calls;
  }
  std::uint64_t key = 0;
  for (const auto& [name, object] : is_whole ? whole_files_ : files(cut)) {
    key = mixed(key, key_of(name));
    if (!objects_[object].is_folder) key = mixed(key, content_key(object, name, cut));
  }
  return key;
}

std::string DiskModel::describe(const Cut& cut) const {
  constexpr std::array kKinds = {"name", "removal", "rename", "block", "size"};
  constexpr std::array kFates = {"there", "lost", "zeros", "torn"};
  std::string text = fmt::format("after {} calls of {}", cut.calls, calls_);
  const auto all = files({.calls = cut.calls, .fates = {}});
  for (const auto& [i, fate] : cut.fates) {
    const Effect& effect = effects_[i];
    std::string name = effect.name + " " + effect.other_name;
    for (const auto& [path, object] : all) {
      if (object == effect.object && effect.name.empty()) name = path + " ";
    }
    text += fmt::format("; {}{} at {} ({} bytes, call {}) {}", name, kKinds.at(static_cast<std::size_t>(effect.kind)),
                        effect.at, effect.data.size(), effect.call, kFates.at(static_cast<std::size_t>(fate)));
  }
  return text;
}

}  // namespace doutu
