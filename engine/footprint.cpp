#include "engine/image.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace copse::engine {
namespace {

// Which elements of a column were seen, and their bytes.
template <class T>
class Seen {
 public:
  explicit Seen(const Column<T>& column) : seen_(column.size()) {}

  bool add(std::size_t i) {
    if (seen_[i]) return false;
    seen_[i] = true;
    bytes_ += sizeof(T);
    return true;
  }

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  std::vector<bool> seen_;
  std::size_t bytes_ = 0;
};

class Footprint {
 public:
  explicit Footprint(const Image& image)
      : image_(image),
        nodes_(image.nodes),
        postings_(image.postings),
        tests_(image.tests),
        sequences_(image.sequences),
        values_(image.values) {}

  std::size_t run() {
    enter(image_.placement);
    if (image_.decides_runner) enter(image_.runner);
    std::size_t total = image_.outcomes.bytes() + nodes_.bytes() + postings_.bytes() +
                        tests_.bytes() + sequences_.bytes() + values_.bytes() + total_bits_;
    for (const Domain& domain : image_.domains) {
      total += domain.table.hot_bytes() + domain.patterns.bytes() + domain.hit_ends.bytes() +
               domain.hits.bytes() + domain.bounds.bytes();
    }
    return total;
  }

 private:
  // INVARIANT: below a root are at most `first`, a division by each attribute, and a list.
  void enter(const Entry& entry) { node(std::to_underlying(entry.root)); }

  void node(std::uint32_t id) {
    if (!nodes_.add(id)) return;
    const Node& at = image_.nodes[id];
    switch (at.kind) {
      case Node::Kind::none:
      case Node::Kind::leaf:
        return;
      case Node::Kind::candidates:
        for (std::uint32_t i = 0; i < at.count; ++i) posting(at.first + i);
        return;
      case Node::Kind::bits:
        return bits(image_.bit_lists[at.first]);
      case Node::Kind::if_ill_typed:
        return node(at.first);
      case Node::Kind::ranges:
        return nodes(at.first, 2 * at.count);
      case Node::Kind::select:
      case Node::Kind::patterns:
      case Node::Kind::first:
        return nodes(at.first, at.count);
    }
  }

  void nodes(std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) node(first + i);
  }

  void bits(const BitList& list) {
    total_bits_ += sizeof list + list.columns * sizeof(BitColumn);
    for (const BitColumn& each : image_.bit_columns.span().subspan(list.first_column, list.columns))
      total_bits_ += std::size_t{image_.domains[each.attribute].atoms()} * list.words() *
                     sizeof(std::uint64_t);
    for (std::uint32_t i = 0; i < list.postings; ++i) posting(list.first_posting + i);
  }

  void posting(std::uint32_t at) {
    if (!postings_.add(at)) return;
    const Posting& of = image_.postings[at];
    if (of.tests == 1) return test(of.first_test);
    for (std::uint32_t i = 0; i < of.tests; ++i) {
      sequences_.add(of.first_test + i);
      test(image_.sequences[of.first_test + i]);
    }
  }

  void test(std::uint32_t at) {
    if (!tests_.add(at)) return;
    const AtomTest& of = image_.tests[at];
    if (of.kind == AtomTest::Kind::set && of.values == 1) return;  // the value itself
    for (std::uint32_t i = 0; i < of.values; ++i) values_.add(of.first_value + i);
  }

  const Image& image_;
  Seen<Node> nodes_;
  Seen<Posting> postings_;
  Seen<AtomTest> tests_;
  Seen<std::uint32_t> sequences_;
  Seen<std::uint32_t> values_;
  std::size_t total_bits_ = 0;
};

}  // namespace

std::size_t Image::hot_bytes() const {
  return Footprint(*this).run();
}

std::size_t Image::bytes() const {
  std::size_t total = nodes.bytes() + postings.bytes() + bit_lists.bytes() + bit_columns.bytes() +
                      passing_columns.bytes() + passing.bytes() + bits.bytes() + tests.bytes() +
                      sequences.bytes() + values.bytes() + rules.bytes() + outcomes.bytes() +
                      overrides.bytes() + texts.bytes();
  for (const Domain& domain : domains) {
    total += domain.table.bytes() + domain.patterns.bytes() + domain.hit_ends.bytes() +
             domain.hits.bytes() + domain.bounds.bytes();
  }
  return total;
}

}  // namespace copse::engine
