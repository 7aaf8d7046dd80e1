#include "engine/analysis/example.hpp"

#include "engine/analysis/text_sample.hpp"
#include "engine/json_writer.hpp"
#include "engine/judge.hpp"
#include "engine/murmur3.hpp"
#include "engine/words.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace copse::engine::analysis {
namespace {

// Tries before nothing is found.
constexpr std::uint32_t text_tries = 40;
constexpr std::uint32_t id_tries = 20'000;

// Monday 2026-01-05 and 2026-07-06, at midnight UTC: a week of winter and one of summer time.
constexpr std::array<std::int64_t, 2> weeks{1'767'571'200'000, 1'783'296'000'000};
constexpr std::int64_t minutes_a_week = 7 * 24 * 60;
constexpr std::int64_t minute = 60'000;

// What is tried for one region where a path is read in several ways; and, where a task's priority
// is, what is tried with none, which leaves it to the type.
constexpr std::uint32_t variants = 6;
constexpr std::array<std::string_view, 4> types_by_priority{"index_parallel", "index_kafka",
                                                            "compact", "noop"};
constexpr std::uint32_t all_variants = variants + types_by_priority.size();

// The members of the document: values as JSON, by path.
using Members = std::map<std::vector<std::string>, std::string>;

void write(JsonWriter& out, Members::const_iterator& at, Members::const_iterator end,
           std::size_t depth) {
  out.begin_object();
  const std::vector<std::string> prefix(at->first.begin(),
                                        at->first.begin() + static_cast<std::ptrdiff_t>(depth));
  const auto is_inside = [&] {
    return at != end && at->first.size() > depth &&
           std::equal(prefix.begin(), prefix.end(), at->first.begin());
  };
  while (is_inside()) {
    out.key(at->first[depth]);
    if (at->first.size() == depth + 1) {
      out.raw(at->second);
      ++at;
    } else {
      write(out, at, end, depth + 1);
    }
  }
  out.end_object();
}

std::string document_of(const Members& members) {
  if (members.empty()) return "{}";
  JsonWriter out;
  auto at = members.begin();
  write(out, at, members.end(), 0);
  std::string text = out.take();
  text.reserve(text.size() + document_padding);
  return text;
}

// A number of the part, a whole one where it has one; as JSON of the attribute's type.
std::optional<std::string> number_json(const Attribute& attribute, const Domain& domain,
                                       Atom atom) {
  const std::size_t part = std::to_underlying(atom) - first_listed_atom;
  const Number low = domain.bounds[part];
  const Number high =
      part + 1 < domain.bounds.size() ? before(domain.bounds[part + 1]) : largest_number;
  Number chosen = low == smallest_number ? Number{std::min<std::int64_t>(high.whole, 0), 0} : low;
  if (chosen > high) chosen = high;
  if (!chosen.is_integer()) {  // better the first integer of the part, if it has one
    const Number whole{chosen.whole + 1, 0};
    const bool may_be_broken =
        attribute.type == ValueType::decimal || attribute.type == ValueType::quantity;
    if (whole > high && !may_be_broken) return std::nullopt;
    if (whole <= high) chosen = whole;
  }
  switch (attribute.type) {
    case ValueType::boolean:
      if (chosen.whole != 0 && chosen.whole != 1) chosen = Number{low <= Number{} ? 0 : 1, 0};
      if (chosen < low || chosen > high) return std::nullopt;
      return chosen.whole == 0 ? "false" : "true";
    case ValueType::interval_count:
    case ValueType::interval_length:
      return std::nullopt;  // made by intervals_json
    default:
      return in_words(chosen);
  }
}

// Intervals of so many, or of so many milliseconds in all.
std::optional<std::string> intervals_json(const Attribute& attribute, const Domain& domain,
                                          Atom atom) {
  const std::size_t part = std::to_underlying(atom) - first_listed_atom;
  const std::int64_t low = std::max<std::int64_t>(domain.bounds[part].whole, 0);
  const bool is_count = attribute.type == ValueType::interval_count;
  if (is_count) {
    constexpr std::int64_t most = 1000;
    const std::int64_t count = domain.bounds[part].is_integer() ? low : low + 1;
    if (count > most) return std::nullopt;
    std::string text = "[";
    for (std::int64_t i = 0; i < count; ++i) text += (i == 0 ? "" : ",") + quoted("2026-01-01/P1D");
    return text + "]";
  }
  const std::int64_t millis = domain.bounds[part].is_integer() ? low : low + 1;
  if (millis > INT32_MAX * std::int64_t{1000}) return std::nullopt;
  return quoted("2026-01-01/PT" + std::to_string(millis / 1000) +
                (millis % 1000 == 0 ? "" : "." + std::to_string(1000 + millis % 1000).substr(1)) +
                "S");
}

}  // namespace

std::string in_words(const Example& example) {
  std::string text = example.task;
  if (example.is_of_a_time) text += ", at " + in_words(*example.circumstances.now);
  return text;
}

struct Examples::Maker {
  explicit Maker(const Image& made_for) : image(made_for), reader(made_for.attributes) {
    for (std::size_t i = 0; i < image.attributes.size(); ++i) {
      const Attribute& each = image.attributes[i];
      if (each.origin == Origin::time_of_day || each.origin == Origin::weekday) clocks.push_back(i);
      priorities += each.path == priority_attribute().path ? 1U : 0U;
    }
  }

  std::optional<Example> make(const Region& region) {
    // Several values may have to be tried where one path is read in several ways.
    for (std::uint32_t variant = 0; variant < (priorities > 1 ? all_variants : variants);
         ++variant) {
      auto example = attempt(region, variant);
      if (!example) continue;
      const auto read = reader.read(example->task, example->circumstances);
      if (!read) continue;
      facts = *read;
      if (holds(region)) return example;
    }
    return std::nullopt;
  }

  [[nodiscard]] bool holds(const Region& region) const {
    return std::all_of(
        region.constraints.begin(), region.constraints.end(), [&](const Constraint& each) {
          const std::size_t i = std::to_underlying(each.attribute);
          Atom atom = atom_of(image.domains[i], facts[i]);
          if (atom == Atom::deferred) atom = canary_atom(image, each.attribute, facts[i]);
          if (!each.atoms.contains(atom)) return false;
          if (atom != Atom::other) return true;
          const PatternIndex& patterns = image.domains[i].patterns;
          const auto matches = [&](PatternId id) { return patterns.matches(id, facts[i].text()); };
          return std::all_of(each.matching.begin(), each.matching.end(), matches) &&
                 std::none_of(each.not_matching.begin(), each.not_matching.end(), matches);
        });
  }

  std::optional<Example> attempt(const Region& region, std::uint32_t variant) {
    Members members;
    Example example;
    std::vector<const Constraint*> canaries;
    const Constraint* size = nullptr;
    for (const Constraint& each : region.constraints) {
      const Attribute& attribute = image.attributes[std::to_underlying(each.attribute)];
      switch (attribute.origin) {
        case Origin::member: {
          if (members.contains(attribute.path)) continue;  // another attribute has said it
          if (variant >= variants && attribute.path == priority_attribute().path) continue;
          auto value = value_of(each, attribute, variant);
          if (!value) return std::nullopt;
          if (!value->empty()) members[attribute.path] = std::move(*value);
          break;
        }
        case Origin::canary:
          canaries.push_back(&each);
          break;
        case Origin::size:
          size = &each;
          break;
        case Origin::time_of_day:
        case Origin::weekday:
        case Origin::attempt:
          break;
      }
    }
    const std::size_t with_priority = variant < variants ? 0 : variant - variants;
    members.try_emplace({"type"}, quoted(types_by_priority[with_priority]));
    if (!count(canaries, members)) return std::nullopt;
    members.try_emplace({"id"}, quoted("example"));
    if (!at_time(region, example)) return std::nullopt;
    example.task = document_of(members);
    if (size != nullptr && !pad(*size, members, example.task)) return std::nullopt;
    return example;
  }

  // The JSON value that an attribute has; empty: it is not there.
  std::optional<std::string> value_of(const Constraint& constraint, const Attribute& attribute,
                                      std::uint32_t variant) const {
    const Domain& domain = image.domains[std::to_underlying(constraint.attribute)];
    const bool may_be_absent = constraint.atoms.contains(Atom::absent);
    if (may_be_absent && variant % 2 == 0) return "";
    const bool is_type = attribute.path == std::vector<std::string>{"type"};
    if (constraint.atoms.contains(Atom::other) && !is_type) {
      if (attribute.type == ValueType::any) return "{}";
      if (auto text = other_text(constraint, domain, variant)) return quoted(*text);
    }
    std::uint32_t skip = variant / 2;
    for (const auto& [first, last] : constraint.atoms.stretches()) {
      for (std::uint32_t atom = std::max(first, first_listed_atom); atom <= last; ++atom) {
        auto value = listed_value(attribute, domain, Atom{atom});
        if (!value) continue;
        if (skip-- == 0) return value;
      }
    }
    if (constraint.atoms.contains(Atom::other)) {
      if (auto text = other_text(constraint, domain, variant)) return quoted(*text);
    }
    if (may_be_absent) return "";
    if (constraint.atoms.contains(Atom::ill_typed))
      return attribute.type == ValueType::boolean ? "7" : variant % 2 == 0 ? "true" : "[]";
    return std::nullopt;
  }

  static std::optional<std::string> listed_value(const Attribute& attribute, const Domain& domain,
                                                 Atom atom) {
    if (domain.bounds.empty()) return quoted(domain.table.text(atom));
    const bool is_interval =
        attribute.type == ValueType::interval_count || attribute.type == ValueType::interval_length;
    return is_interval ? intervals_json(attribute, domain, atom)
                       : number_json(attribute, domain, atom);
  }

  // A text that no test lists, and that matches what it has to and nothing that it must not.
  static std::optional<std::string> other_text(const Constraint& constraint, const Domain& domain,
                                               std::uint32_t variant) {
    const PatternIndex& patterns = domain.patterns;
    for (std::uint32_t attempt = 0; attempt < text_tries; ++attempt) {
      std::string text = "another";
      if (!constraint.matching.empty()) {
        const PatternId id = constraint.matching[attempt % constraint.matching.size()];
        text =
            text_like({patterns.kind(id), std::string(patterns.text(id))}, attempt + variant * 977);
      } else if (attempt > 0) {
        text = text_like({Pattern::Kind::glob, "*?*-*?"}, attempt + variant * 977);
      }
      if (domain.table.find(text) != Atom::other || text.empty()) continue;
      const auto matches = [&](PatternId id) { return patterns.matches(id, text); };
      const auto& yes = constraint.matching;
      const auto& no = constraint.not_matching;
      if (std::all_of(yes.begin(), yes.end(), matches) &&
          std::none_of(no.begin(), no.end(), matches))
        return text;
    }
    return std::nullopt;
  }

  // An id, or another text that is counted, which falls where all canaries want it.
  bool count(const std::vector<const Constraint*>& canaries, Members& members) const {
    std::map<std::vector<std::string>, std::vector<const Constraint*>> by_path;
    for (const Constraint* each : canaries)
      by_path[image.attributes[std::to_underlying(each->attribute)].path].push_back(each);
    for (const auto& [path, wanted] : by_path) {
      std::vector<std::string> target = path;
      // The id is the group's where a task names none.
      const bool by_group = path == group_id_attribute().path && !members.contains(path) &&
                            !by_path.contains(id_attribute().path) &&
                            !members.contains(id_attribute().path);
      if (by_group) target = id_attribute().path;
      if (const auto said = members.find(target); said != members.end()) {
        continue;  // holds() looks whether it falls well
      }
      const auto falls = [&, &all = wanted](const std::string& text) {
        return std::all_of(all.begin(), all.end(), [&](const Constraint* each) {
          Fact fact = Fact::counted(text);
          return each->atoms.contains(canary_atom(image, each->attribute, fact));
        });
      };
      std::string text;
      for (std::uint32_t i = 1; i <= id_tries && text.empty(); ++i) {
        std::string candidate = "example_" + std::to_string(i);
        if (falls(candidate)) text = std::move(candidate);
      }
      if (text.empty()) return false;
      members[target] = quoted(text);
    }
    return true;
  }

  // The first minute of two weeks at which all clocks show what they should.
  bool at_time(const Region& region, Example& to) {
    std::vector<const Constraint*> asked;
    for (const std::size_t clock : clocks) {
      if (const Constraint* each = region.of(static_cast<AttributeId>(clock)))
        asked.push_back(each);
    }
    // A region that no rule with a clock has touched: any time will do, but some time it is.
    if (asked.empty() && clocks.empty()) return true;
    if (timeline.empty()) draw_timeline();
    for (std::size_t i = 0; i < timeline.size(); ++i) {
      const bool fits = std::all_of(asked.begin(), asked.end(), [&](const Constraint* each) {
        const auto at =
            std::find(clocks.begin(), clocks.end(), std::to_underlying(each->attribute));
        return each->atoms.contains(timeline[i][static_cast<std::size_t>(at - clocks.begin())]);
      });
      if (!fits) continue;
      const auto in_week = static_cast<std::int64_t>(i) % minutes_a_week;
      to.is_of_a_time = true;
      to.circumstances.now =
          Instant{weeks[i / static_cast<std::size_t>(minutes_a_week)] + in_week * minute};
      return true;
    }
    return false;
  }

  void draw_timeline() {
    std::vector<std::optional<Zone>> zones;
    for (const std::size_t clock : clocks)
      zones.push_back(Zone::named(image.attributes[clock].argument));
    for (const std::int64_t week : weeks) {
      for (std::int64_t m = 0; m < minutes_a_week; ++m) {
        std::vector<Atom>& now = timeline.emplace_back();
        for (std::size_t i = 0; i < clocks.size(); ++i) {
          const std::size_t clock = clocks[i];
          const WallClock shown = zones[i] ? zones[i]->at(Instant{week + m * minute}) : WallClock{};
          const bool is_day = image.attributes[clock].origin == Origin::weekday;
          now.push_back(image.domains[clock].part({is_day ? shown.weekday : shown.minute, 0}));
        }
      }
    }
  }

  // Makes the document as long as it has to be.
  bool pad(const Constraint& constraint, Members& members, std::string& task) const {
    const Domain& domain = image.domains[std::to_underlying(constraint.attribute)];
    constexpr std::int64_t most = 1 << 20U;
    for (const auto& [first, last] : constraint.atoms.stretches()) {
      for (std::uint32_t atom = std::max(first, first_listed_atom); atom <= last; ++atom) {
        const std::size_t part = atom - first_listed_atom;
        const auto size = static_cast<std::int64_t>(task.size());
        if (domain.part({size, 0}) == Atom{atom}) return true;
        const Number low = domain.bounds[part];
        const std::int64_t wanted = low.is_integer() ? low.whole : low.whole + 1;
        constexpr std::int64_t member = 13;  // ,"padding":""
        if (wanted > most || wanted < size + member) continue;
        members[{"padding"}] =
            quoted(std::string(static_cast<std::size_t>(wanted - size - member), 'x'));
        task = document_of(members);
        return true;
      }
    }
    return false;
  }

  const Image& image;
  FactReader reader;
  std::span<const Fact> facts;
  std::uint32_t priorities = 0;  // attributes that read it
  std::vector<std::size_t> clocks;
  std::vector<std::vector<Atom>> timeline;  // by minute, then by clock
};

Examples::Examples(const Image& image) : maker_(std::make_unique<Maker>(image)) {}

Examples::~Examples() = default;

std::optional<Example> Examples::of(const Region& region) {
  return maker_->make(region);
}

std::span<const Fact> Examples::facts() const {
  return maker_->facts;
}

std::span<const Fact> Examples::read(const Example& example) {
  // It was read before: it can be read.
  return maker_->facts = *maker_->reader.read(example.task, example.circumstances);
}

}  // namespace copse::engine::analysis
