#include "engine/draft.hpp"
#include "engine/judge.hpp"
#include "engine/shared_columns.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace copse::engine {
namespace {

// Atoms of an attribute that has a column: a word for each of them and 64 postings is stored.
constexpr std::uint32_t atom_limit = 64;

// The same in a small policy.
constexpr std::uint32_t atom_limit_of_small = 2048;

std::uint32_t size32(const auto& vector) {
  return static_cast<std::uint32_t>(vector.size());
}

class Builder {
 public:
  Builder(std::span<const Posting> postings, bool in_small, SharedColumns& shared, Image& image)
      : postings_(postings), in_small_(in_small), shared_(shared), image_(image) {
    const auto certain = std::find_if(postings.begin(), postings.end(),
                                      [](const Posting& each) { return each.is_certain(); });
    if (certain != postings.end())
      postings_ = postings.first(static_cast<std::size_t>(certain - postings.begin()) + 1);
  }

  std::optional<Node> run() {
    find_columns();
    const auto columns = std::count(has_column_.begin(), has_column_.end(), true);
    if (columns == 0 || columns > std::ptrdiff_t{bit_column_limit}) return std::nullopt;
    BitList made{.first_posting = size32(image_.postings),
                 .postings = size32(postings_),
                 .first_column = size32(image_.bit_columns),
                 .columns = static_cast<std::uint32_t>(columns)};
    for (std::uint16_t i = 0; i < image_.attributes.size(); ++i) {
      if (!has_column_[i]) continue;
      if (made.words() > 1) align();
      image_.bit_columns.push_back({i, size32(image_.bits)});
      image_.bits.append(column(AttributeId{i}, made));
    }
    for (const Posting& each : postings_) image_.postings.push_back(rest(each));
    image_.bit_lists.push_back(made);
    return Node{.kind = Node::Kind::bits,
                .first = size32(image_.bit_lists) - 1,
                .count = made.postings,
                .smallest = postings_[0].rule};
  }

 private:
  [[nodiscard]] std::span<const std::uint32_t> tests_of(const Posting& posting) const {
    return posting.tests == 1 ? std::span(&posting.first_test, 1)
                              : image_.sequences.span().subspan(posting.first_test, posting.tests);
  }

  // Tests up to the first that may fail: what stands behind it must not be asked first.
  template <class Each>
  void each_before_failing(const Posting& posting, Each each) const {
    for (const std::uint32_t at : tests_of(posting)) {
      if (shared_.note(at).may_fail) return;
      each(at, image_.tests[at]);
    }
  }

  void find_columns() {
    for (const Posting& posting : postings_) {
      if (posting.guard != Posting::no_guard) want(posting.attribute);
      each_before_failing(posting,
                          [&](std::uint32_t, const AtomTest& test) { want(test.attribute); });
    }
  }

  void want(AttributeId attribute) {
    if (has_bits(image_, attribute, in_small_)) has_column_[std::to_underlying(attribute)] = true;
  }

  void align() {
    image_.bits.edit([](std::vector<std::uint64_t>& all) {
      all.resize((all.size() + BitList::line - 1) / BitList::line * BitList::line);
    });
  }

  // The postings that each atom lets pass. WHY those that name their atoms come last, and are
  // nowhere else: to go through all atoms for each posting would take most of the time of compiling
  // a policy of a thousand rules.
  [[nodiscard]] std::vector<std::uint64_t> column(AttributeId attribute,
                                                  const BitList& list) const {
    const std::uint32_t atoms = image_.domains[std::to_underlying(attribute)].atoms();
    const std::size_t words = list.words();
    std::vector<std::uint64_t> unnamed(words);
    for (std::size_t i = 0; i < words; ++i) unnamed[i] = list.own(i);
    for (std::size_t i = 0; i < postings_.size(); ++i) {
      if (atoms_named(postings_[i], attribute)) unnamed[i / 64] &= ~bit(i);
    }
    std::vector<std::uint64_t> made;
    made.reserve(atoms * words);
    for (std::uint32_t atom = 0; atom < atoms; ++atom)
      made.insert(made.end(), unnamed.begin(), unnamed.end());
    for (std::size_t i = 0; i < postings_.size(); ++i) {
      const Posting& posting = postings_[i];
      if (const auto named = atoms_named(posting, attribute)) {
        for (const std::uint32_t atom : *named) made[atom * words + i / 64] |= bit(i);
        continue;
      }
      const auto keep = [&](auto may_pass) {
        for (std::uint32_t atom = 0; atom < atoms; ++atom) {
          if (!may_pass(atom)) made[atom * words + i / 64] &= ~bit(i);
        }
      };
      if (posting.guard != Posting::no_guard && posting.attribute == attribute)
        keep([&](std::uint32_t atom) { return ((posting.guard >> atom) & 1U) != 0; });
      each_before_failing(posting, [&](std::uint32_t, const AtomTest& test) {
        if (test.attribute == attribute)
          keep([&](std::uint32_t atom) { return may_pass(test, Atom{atom}); });
      });
    }
    return made;
  }

  static std::uint64_t bit(std::size_t posting) { return std::uint64_t{1} << (posting % 64); }

  // The atoms that its only test of the attribute lists, and no other passes; else nothing.
  [[nodiscard]] std::optional<std::span<const std::uint32_t>> atoms_named(
      const Posting& posting, AttributeId attribute) const {
    if (posting.guard != Posting::no_guard && posting.attribute == attribute) return std::nullopt;
    const AtomTest* only = nullptr;
    std::size_t tests = 0;
    each_before_failing(posting, [&](std::uint32_t, const AtomTest& test) {
      if (test.attribute != attribute) return;
      only = &test;
      ++tests;
    });
    if (tests != 1 || only->kind != AtomTest::Kind::set || only->if_listed == Verdict::no ||
        only->if_other != Verdict::no || only->if_absent != Verdict::no)
      return std::nullopt;
    return only->values == 1 ? std::span(&only->first_value, 1)
                             : image_.values.span().subspan(only->first_value, only->values);
  }

  // A text that is compared with patterns may pass until it is compared.
  [[nodiscard]] bool may_pass(const AtomTest& test, Atom atom) const {
    if (test.kind == AtomTest::Kind::patterns && atom == Atom::other) return true;
    return judge(image_, test, atom, {}) != Verdict::no;
  }

  // What is to be asked of a posting that all columns let pass.
  Posting rest(const Posting& posting) {
    std::vector<std::uint32_t> tests(tests_of(posting).begin(), tests_of(posting).end());
    each_before_failing(posting, [&](std::uint32_t at, const AtomTest& test) {
      if (has_column_[std::to_underlying(test.attribute)] && test.kind != AtomTest::Kind::patterns)
        std::erase(tests, at);
    });
    Posting made{.rule = posting.rule, .outcome = posting.outcome};
    made.tests = static_cast<std::uint16_t>(tests.size());
    if (tests.size() == 1) made.first_test = tests[0];
    if (tests.size() > 1) made.first_test = shared_.sequence(tests);
    return made;
  }

  std::span<const Posting> postings_;
  bool in_small_;
  SharedColumns& shared_;
  Image& image_;
  std::array<bool, attribute_limit> has_column_{};
};

}  // namespace

bool has_bits(const Image& image, AttributeId attribute, bool in_small) {
  const std::size_t at = std::to_underlying(attribute);
  if (image.attributes[at].origin == Origin::canary) return false;
  return image.domains[at].atoms() <= (in_small ? atom_limit_of_small : atom_limit);
}

std::optional<Node> bit_list(std::span<const Posting> postings, bool in_small,
                             SharedColumns& shared, Image& image) {
  return Builder(postings, in_small, shared, image).run();
}

}  // namespace copse::engine
