#include "engine/vocabulary.hpp"

#include "engine/simplify.hpp"

#include <algorithm>
#include <utility>

namespace copse::engine {
namespace {

constexpr std::uint32_t not_yet = 0xFFFF'FFFF;

std::uint32_t size32(const auto& vector) {
  return static_cast<std::uint32_t>(vector.size());
}

std::string_view bytes_of(const auto& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string_view bytes_of(std::span<const std::uint32_t> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

AtomTest::Kind kind_of(const Test& test) {
  if (is_numeric(test.attribute->type)) return AtomTest::Kind::ranges;
  return test.patterns.empty() ? AtomTest::Kind::set : AtomTest::Kind::patterns;
}

// So that one text stands for several.
void put(std::string& key, std::string_view text) {
  const std::size_t size = text.size();
  key.append(bytes_of(size)).append(text);
}

}  // namespace

std::uint32_t Texts::add(std::string_view text) {
  const auto [id, is_new] = numbers_.add(
      hash_of(text), size(), [&](std::uint32_t other) { return (*this)[other] == text; });
  if (is_new) {
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    ends_.push_back(bytes_.size());
  }
  return id;
}

KnownRule Vocabulary::rule(const Rule& written) {
  KnownRule made;
  made.written = run(written.tests);
  const auto asked = simplify(written);
  made.asked = asked ? run(*asked) : made.written;
  made.outcome = outcome(written.outcome);
  return made;
}

std::uint32_t Vocabulary::outcome(const Outcome& written) {
  ++told_;
  std::string key;
  key += written.template_key ? 'T' : ' ';
  put(key, written.template_key.value_or(""));
  key += static_cast<char>(written.runner.value_or(Runner::k8s));
  put(key, written.failure.value_or(""));
  std::vector<std::uint32_t> attributes;
  for (const Override& each : written.overrides) {
    key += static_cast<char>(each.field);
    for (const std::string* text : {&each.key, &each.value, &each.upper, &each.profile})
      put(key, *text);
    if (each.attribute) attributes.push_back(attribute(*each.attribute));
    const std::uint32_t value = each.attribute ? attributes.back() : not_yet;
    key.append(bytes_of(value));
  }
  const std::uint32_t id = outcomes_.add(key);
  if (id == outcome_attributes_.size())
    outcome_attributes_.push_back({known_lists_.add(attributes), size32(attributes)});
  return id;
}

std::uint32_t Vocabulary::without(std::uint32_t run, std::uint32_t place) {
  const Part all = runs_[run];
  const std::size_t at = all.first + place;
  if (without_[at] == not_yet) {
    std::vector<std::uint32_t> tests(tests_of(run).begin(), tests_of(run).end());
    tests.erase(tests.begin() + place);
    const std::uint32_t made = this->run(tests);
    without_[at] = made;
  }
  return without_[at];
}

std::uint32_t Vocabulary::up_to(std::uint32_t run, std::uint32_t place) {
  const auto tests = tests_of(run).first(place + 1);
  return this->run(std::vector(tests.begin(), tests.end()));
}

std::uint32_t Vocabulary::attribute(const SharedAttribute& named) {
  if (const auto known = shared_.find(&*named); known != shared_.end()) return known->second;
  std::vector<std::uint32_t>& same_name = named_[named->name];
  for (const std::uint32_t id : same_name) {
    if (attributes_[id] == named) return id;
  }
  same_name.push_back(size32(attributes_));
  shared_.emplace(&*named, same_name.back());
  attributes_.push_back(named);
  words_.emplace_back();
  return same_name.back();
}

std::uint32_t Vocabulary::test(const Test& written) {
  KnownTest made{.attribute = attribute(written.attribute),
                 .kind = kind_of(written),
                 .if_listed = written.if_listed,
                 .if_other = written.if_other,
                 .if_absent = written.if_absent,
                 .if_ill_typed = written.if_ill_typed};
  Words& words = words_[made.attribute];
  scratch_.clear();
  if (made.kind == AtomTest::Kind::ranges) {
    const auto bound = [&](Number number) {
      return words.bounds.add(number, hash_of(bytes_of(number))).first;
    };
    for (const Range& range : written.ranges) {
      scratch_.push_back(bound(range.first));
      scratch_.push_back(range.last == largest_number ? no_bound : bound(next(range.last)));
    }
    made.texts = size32(scratch_);
  } else {
    for (const std::string& value : written.values) scratch_.push_back(words.texts.add(value));
    made.texts = size32(scratch_);
    for (const Pattern& pattern : written.patterns)
      scratch_.push_back(words.patterns.add(pattern, hash_of(pattern.text)).first);
    made.patterns = size32(scratch_) - made.texts;
  }
  made.first = scratch_.size() == 1 ? scratch_[0] : known_lists_.add(scratch_);
  return tests_.add(made, hash_of(bytes_of(made))).first;
}

std::uint32_t Vocabulary::run(const std::vector<Test>& tests) {
  std::vector<std::uint32_t> ids;
  ids.reserve(tests.size());
  for (const Test& each : tests) ids.push_back(test(each));
  return run(ids);
}

std::uint32_t Vocabulary::run(std::span<const std::uint32_t> tests) {
  const auto [id, is_new] =
      known_runs_.add(hash_of(bytes_of(tests)), size32(runs_), [&](std::uint32_t other) {
        const auto known = tests_of(other);
        return std::equal(known.begin(), known.end(), tests.begin(), tests.end());
      });
  if (is_new) {
    runs_.push_back({size32(run_tests_), size32(tests)});
    run_tests_.insert(run_tests_.end(), tests.begin(), tests.end());
    without_.resize(run_tests_.size(), not_yet);
  }
  return id;
}

}  // namespace copse::engine
