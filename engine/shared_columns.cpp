#include "engine/shared_columns.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace copse::engine {
namespace {

std::uint32_t size32(const auto& vector) {
  return static_cast<std::uint32_t>(vector.size());
}

// A guard is a test whose atoms all fit into a mask, and whose answer is known for each.
Note note_of(const Image& image, const AtomTest& test) {
  const std::size_t attribute = std::to_underlying(test.attribute);
  const std::uint32_t atoms = image.domains[attribute].atoms();
  Note made{.attribute = test.attribute,
            .may_fail = fails_on_normal_values(test),
            .asks_ill_typed = test.if_ill_typed != Verdict::no};
  if (atoms < 63 && test.kind != AtomTest::Kind::patterns &&
      image.attributes[attribute].origin != Origin::canary) {
    made.guard = test.mask & ((std::uint64_t{1} << atoms) - 1);
    made.atoms = static_cast<std::uint8_t>(std::popcount(made.guard));
  }
  return made;
}

}  // namespace

SharedColumns::SharedColumns(const TemplateNames& templates, Vocabulary& known, Image& image)
    : templates_(templates),
      known_(known),
      image_(image),
      outcomes_(known.outcomes(), none),
      runs_(known.runs(), none),
      others_(image.sequences) {
  notes_.reserve(image.tests.size());
  for (const AtomTest& test : image.tests) notes_.push_back(note_of(image, test));
}

TextRef SharedColumns::text(std::string_view bytes) {
  const auto [at, is_new] = texts_.try_emplace(
      std::string(bytes), TextRef{size32(image_.texts), static_cast<std::uint32_t>(bytes.size())});
  if (is_new) image_.texts.append(bytes);
  return at->second;
}

// WHY only the last: a rule of the language may become several, which follow each other.
TextRef SharedColumns::name(std::string_view bytes) {
  if (image_.text(last_name_) != bytes) {
    last_name_ = {size32(image_.texts), static_cast<std::uint32_t>(bytes.size())};
    image_.texts.append(bytes);
  }
  return last_name_;
}

std::uint32_t SharedColumns::sequence(std::uint32_t run, std::span<const std::uint32_t> tests) {
  if (run >= runs_.size()) runs_.resize(known_.runs(), none);
  if (runs_[run] == none) {
    runs_[run] = size32(image_.sequences);
    image_.sequences.append(tests);
  }
  return runs_[run];
}

std::uint32_t SharedColumns::add(const Outcome& written) {
  OutcomeRecord made;
  if (written.template_key) {
    const bool exists = !templates_.known || templates_.names.contains(*written.template_key);
    made.template_key = text(exists ? *written.template_key : base_template);
    if (!exists) made.wanted = text(*written.template_key);
  }
  made.runner = std::to_underlying(written.runner.value_or(Runner::k8s));
  made.failure = text(written.failure.value_or(""));
  made.first_override = size32(image_.overrides);
  made.overrides = size32(written.overrides);
  for (const Override& each : written.overrides) image_.overrides.push_back(record_of(each));
  image_.outcomes.push_back(made);
  return size32(image_.outcomes) - 1;
}

OverrideRecord SharedColumns::record_of(const Override& each) {
  OverrideRecord made{.span = each.span,
                      .key = text(each.key),
                      .value = text(each.value),
                      .upper = text(each.upper),
                      .profile = text(each.profile),
                      .field = std::to_underlying(each.field)};
  if (each.attribute) {
    const auto at = std::find(image_.attributes.begin(), image_.attributes.end(), *each.attribute);
    made.attribute = static_cast<std::uint32_t>(at - image_.attributes.begin());
  }
  return made;
}

}  // namespace copse::engine
