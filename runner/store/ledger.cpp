#include "runner/store/ledger.hpp"

#include <utility>

namespace copse::runner::store {
namespace {

struct Judge {
  const Known& known;

  Effect operator()(const Accepted&) const {
    return known.accepted ? Effect::nothing : Effect::sets;
  }

  Effect operator()(const Decided&) const {
    return known.accepted ? Effect::sets : Effect::nothing;
  }

  Effect operator()(const Ended&) const {
    return known.accepted && !known.ended ? Effect::sets : Effect::nothing;
  }

  Effect operator()(const KillRequested&) const {
    return known.accepted && !known.kill_requested ? Effect::sets : Effect::nothing;
  }

  Effect operator()(const Forgotten&) const {
    return known.accepted ? Effect::erases : Effect::nothing;
  }

  Effect operator()(const Placed&) const {
    return known.decided && !known.placed ? Effect::sets : Effect::nothing;
  }
};

struct Set {
  TaskEntry& entry;

  void operator()(Accepted& record) const { entry.accepted = std::move(record); }

  void operator()(Decided& record) const {
    entry.decided = std::move(record);
    entry.placed = false;
  }

  void operator()(Ended& record) const { entry.ended = std::move(record); }

  void operator()(KillRequested&) const { entry.kill_requested = true; }

  void operator()(Forgotten&) const {}  // it erases

  void operator()(Placed&) const { entry.placed = true; }
};

}  // namespace

Effect effect(const Known& known, const Record& record) {
  return std::visit(Judge{known}, record);
}

void Ledger::apply(Record record) {
  const std::string id = task_id(record);
  const auto at = entries_.find(id);
  const Known known = at == entries_.end() ? Known{}
                                           : Known{true, at->second.decided.has_value(),
                                                   at->second.ended.has_value(),
                                                   at->second.kill_requested, at->second.placed};
  switch (effect(known, record)) {
    case Effect::sets:
      std::visit(Set{at == entries_.end() ? entries_[id] : at->second}, record);
      return;
    case Effect::erases:
      entries_.erase(at);
      return;
    case Effect::nothing:
      return;
  }
}

std::vector<Record> Ledger::snapshot() const {
  std::vector<Record> records;
  for (const auto& [id, entry] : entries_) {
    records.emplace_back(entry.accepted);
    if (entry.decided) records.emplace_back(*entry.decided);
    if (entry.placed) records.emplace_back(Placed{id});
    if (entry.kill_requested) records.emplace_back(KillRequested{id});
    if (entry.ended) records.emplace_back(*entry.ended);
  }
  return records;
}

void Tally::apply(const Record& record) {
  const std::string& id = task_id(record);
  const auto at = sizes_.find(id);
  const Sizes sizes = at == sizes_.end() ? Sizes{} : at->second;
  const Known known{sizes.accepted != 0, sizes.decided != 0, sizes.ended != 0,
                    sizes.kill_requested != 0, sizes.placed != 0};
  switch (effect(known, record)) {
    case Effect::sets: {
      Sizes& now = at == sizes_.end() ? sizes_[id] : at->second;
      std::uint32_t unused = 0;  // a Forgotten never sets
      std::uint32_t* const places[] = {&now.accepted,       &now.decided, &now.ended,
                                       &now.kill_requested, &unused,      &now.placed};
      static_assert(std::size(places) == std::variant_size_v<Record>);
      if (std::holds_alternative<Decided>(record)) live_bytes_ -= std::exchange(now.placed, 0);
      std::uint32_t& place = *places[record.index()];
      live_bytes_ -= place;
      place = static_cast<std::uint32_t>(encoded_size(record));
      live_bytes_ += place;
      return;
    }
    case Effect::erases:
      live_bytes_ -= std::uint64_t{sizes.accepted} + sizes.decided + sizes.ended +
                     sizes.kill_requested + sizes.placed;
      sizes_.erase(at);
      return;
    case Effect::nothing:
      return;
  }
}

bool compaction_is_due(std::uint64_t file_bytes, std::uint64_t live_bytes, std::uint64_t minimum) {
  const std::uint64_t dead_bytes = file_bytes - live_bytes;
  return dead_bytes > live_bytes && dead_bytes > minimum;
}

}  // namespace copse::runner::store
