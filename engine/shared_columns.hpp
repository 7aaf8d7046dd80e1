#pragma once
// What rules of an image have in common, each written once: outcomes, texts, runs of tests. Private
// to the compiler.

#include "engine/compile.hpp"
#include "engine/draft.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace copse::engine {

/// What every rule that asks a test needs to know of it.
struct Note {
  std::uint64_t guard = 0;  ///< of a posting
  AttributeId attribute{};
  std::uint8_t atoms = no_guard;  ///< of the guard
  bool may_fail = false;
  bool asks_ill_typed = false;

  static constexpr std::uint8_t no_guard = 64;
};

class SharedColumns {
 public:
  /// All outlive it. The image has its tests and domains.
  SharedColumns(const TemplateNames& templates, Vocabulary& known, Image& image);

  [[nodiscard]] const Note& note(std::uint32_t test) const { return notes_[test]; }

  /// `written` is the first in the policy with this id.
  OutcomeId outcome(std::uint32_t id, const Outcome& written) {
    if (outcomes_[id] == none) outcomes_[id] = add(written);
    return OutcomeId{outcomes_[id]};
  }

  TextRef text(std::string_view bytes);

  /// Of a rule.
  TextRef name(std::string_view bytes);

  /// Where a run of tests stands in Image::sequences; `tests` are those of the run, numbered.
  std::uint32_t sequence(std::uint32_t run, std::span<const std::uint32_t> tests);

  /// The same of tests that are no run of the vocabulary.
  std::uint32_t sequence(std::span<const std::uint32_t> tests) { return others_.add(tests); }

  /// The same of the run without its test at `place`, and of what is up to that.
  std::uint32_t sequence_without(std::uint32_t run, std::uint32_t place,
                                 std::span<const std::uint32_t> tests) {
    return sequence(known_.without(run, place), tests);
  }

  std::uint32_t sequence_up_to(std::uint32_t run, std::uint32_t place,
                               std::span<const std::uint32_t> tests) {
    return sequence(known_.up_to(run, place), tests);
  }

 private:
  static constexpr std::uint32_t none = 0xFFFF'FFFF;

  std::uint32_t add(const Outcome& written);
  OverrideRecord record_of(const Override& each);

  const TemplateNames& templates_;
  Vocabulary& known_;
  Image& image_;
  std::unordered_map<std::string, TextRef> texts_;
  TextRef last_name_;
  std::vector<std::uint32_t> outcomes_;  // by the vocabulary's ids
  std::vector<std::uint32_t> runs_;
  Runs others_;
  std::vector<Note> notes_;  // by test
};

}  // namespace copse::engine
