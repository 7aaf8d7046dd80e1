#include "engine/passing.hpp"

#include <bit>
#include <span>
#include <utility>
#include <vector>

namespace copse::engine {
namespace {

constexpr std::uint64_t listed_classes = ~std::uint64_t{0} << first_listed_atom;
constexpr std::uint64_t other_class = std::uint64_t{1} << std::to_underlying(Atom::other);

constexpr std::uint32_t class_of(std::uint32_t atom) {
  if (atom < passing_classes) return atom;
  return first_listed_atom + (atom - first_listed_atom) % (passing_classes - first_listed_atom);
}

// The first word of a block says which rules have one test.
constexpr std::uint32_t words_before = 1;

std::uint64_t listed_by(const Image& image, const AtomTest& test) {
  if (test.kind == AtomTest::Kind::patterns) return listed_classes;
  if (test.kind == AtomTest::Kind::set && test.values == 1)
    return std::uint64_t{1} << class_of(test.first_value);
  const auto own = image.values.span().subspan(test.first_value, test.values);
  std::uint64_t made = 0;
  if (test.kind == AtomTest::Kind::set) {
    for (const std::uint32_t atom : own) made |= std::uint64_t{1} << class_of(atom);
    return made;
  }
  for (std::size_t i = 0; i + 1 < own.size(); i += 2) {
    if (own[i + 1] - own[i] >= passing_classes) return listed_classes;
    for (std::uint32_t atom = own[i]; atom <= own[i + 1]; ++atom)
      made |= std::uint64_t{1} << class_of(atom);
  }
  return made;
}

// The classes of which some value may make the test say yes.
std::uint64_t passed(const Image& image, const AtomTest& test) {
  const Domain& domain = image.domains[std::to_underlying(test.attribute)];
  // What is compared with patterns is known when it is.
  const std::uint64_t compared = test.kind == AtomTest::Kind::patterns ? other_class : 0;
  if (domain.atoms() <= passing_classes) return test.mask | compared;
  std::uint64_t made = (test.mask & ~listed_classes) | compared;
  if (test.if_other == Verdict::yes) made |= listed_classes;
  if (test.if_listed == Verdict::yes) made |= listed_by(image, test);
  return made;
}

void each_bit(std::uint64_t bits, auto visit) {
  for (; bits != 0; bits &= bits - 1) visit(static_cast<std::uint32_t>(std::countr_zero(bits)));
}

// One block after the other.
class Writer {
 public:
  explicit Writer(const Image& image) : image_(image), first_(image.attributes.size(), no_words) {
    for (std::uint32_t i = 0; i < image.attributes.size(); ++i) {
      const std::uint32_t own = std::min(image.domains[i].atoms(), passing_classes);
      // A canary's class is known when it is hashed.
      if (image.attributes[i].origin == Origin::canary || words_ + own > passing_words_limit)
        continue;
      first_[i] = words_;
      columns_.push_back({i, words_});
      words_ += own;
    }
    tested_.resize(first_.size());
    all_.resize((image.rules.size() + rules_a_block - 1) / rules_a_block * words_);
  }

  void run() {
    std::uint64_t* block = all_.data();
    for (std::uint32_t r = 0; r < image_.rules.size(); r += rules_a_block, block += words_)
      write(block, r);
  }

  std::vector<BitColumn> columns_;
  std::vector<std::uint64_t> all_;

 private:
  static constexpr std::uint32_t no_words = 0xFFFF'FFFF;

  void write(std::uint64_t* block, std::uint32_t first_rule) {
    std::fill(tested_.begin(), tested_.end(), 0);
    const std::size_t end = std::min<std::size_t>(first_rule + rules_a_block, image_.rules.size());
    for (std::uint32_t r = first_rule; r < end; ++r) {
      const std::uint64_t bit = std::uint64_t{1} << (r - first_rule);
      if (image_.rules[r].tests == 1) block[0] |= bit;
      for (const AtomTest& test : image_.tests_of(RuleId{r})) add(block, bit, test);
    }
    for (const BitColumn& column : columns_) {
      const std::uint64_t others = ~tested_[column.attribute];
      const std::uint32_t own = std::min(image_.domains[column.attribute].atoms(), passing_classes);
      for (std::uint32_t w = column.first; w < column.first + own; ++w) block[w] |= others;
    }
  }

  void add(std::uint64_t* block, std::uint64_t bit, const AtomTest& test) {
    const std::size_t attribute = std::to_underlying(test.attribute);
    if (first_[attribute] == no_words) return;
    std::uint64_t* const own = block + first_[attribute];
    const std::uint64_t classes = passed(image_, test);
    if ((tested_[attribute] & bit) == 0) {
      tested_[attribute] |= bit;
      each_bit(classes, [&](std::uint32_t at) { own[at] |= bit; });
      return;
    }
    const std::uint32_t all = std::min(image_.domains[attribute].atoms(), passing_classes);
    for (std::uint32_t at = 0; at < all; ++at) {
      if (((classes >> at) & 1U) == 0) own[at] &= ~bit;
    }
  }

  const Image& image_;
  std::uint32_t words_ = words_before;
  std::vector<std::uint32_t> first_;   // by attribute: its first word
  std::vector<std::uint64_t> tested_;  // by attribute: the rules of the block that ask for it
};

}  // namespace

void add_passing(Image& image) {
  Writer writer(image);
  writer.run();
  image.passing_columns = std::move(writer.columns_);
  image.passing = std::move(writer.all_);
}

std::uint32_t passing_words(const Image& image) {
  std::uint32_t words = words_before;
  for (const BitColumn& each : image.passing_columns)
    words += std::min(image.domains[each.attribute].atoms(), passing_classes);
  return words;
}

std::string passing_fault(const Image& image) {
  for (const BitColumn& each : image.passing_columns) {
    if (each.attribute >= image.attributes.size()) return "unknown attribute";
    if (image.attributes[each.attribute].origin == Origin::canary) return "bits of a canary";
  }
  if (image.passing_columns.size() > image.attributes.size()) return "too many columns";
  const std::size_t words = passing_words(image);
  for (const BitColumn& each : image.passing_columns) {
    const std::uint64_t own = std::min(image.domains[each.attribute].atoms(), passing_classes);
    if (each.first + own > words) return "bits out of range";
  }
  const std::size_t blocks = (image.rules.size() + rules_a_block - 1) / rules_a_block;
  return image.passing.size() == blocks * words ? "" : "not one block for 64 rules";
}

Passing::Passing(const Image& image, const std::array<Atom, attribute_limit>& atoms)
    : bits_(image.passing.data()), words_(passing_words(image)), columns_(0) {
  for (const BitColumn& each : image.passing_columns)
    at_[columns_++] = each.first + class_of(std::to_underlying(atoms[each.attribute]));
}

Passing::Left Passing::left(std::uint32_t block) const {
  const std::uint64_t* const own = bits_ + std::size_t{block} * words_;
  std::uint64_t once = 0;
  std::uint64_t twice = 0;
  for (std::uint32_t i = 0; i < columns_; ++i) {
    const std::uint64_t stopped = ~own[at_[i]];
    twice |= once & stopped;
    once |= stopped;
  }
  return {~twice & own[0], ~twice & ~own[0]};
}

}  // namespace copse::engine
