#include "engine/table.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using copse::engine::Atom;
using copse::engine::AtomTable;
using copse::engine::first_listed_atom;

namespace {

// Texts of any length that share beginnings and ends, so that only a whole comparison tells them
// apart.
std::string draw(std::mt19937& random) {
  std::string text(random() % 40, 'a');
  if (!text.empty()) text[random() % text.size()] = static_cast<char>('a' + random() % 3);
  if (text.size() > 9) text[9] = static_cast<char>('a' + random() % 26);
  return text;
}

}  // namespace

TEST_CASE("a table finds its own texts and no other, as a map does", "[engine]") {
  std::mt19937 random(7);
  for (const std::size_t size : {0U, 1U, 2U, 3U, 17U, 300U, 1000U}) {
    std::map<std::string, Atom> oracle;
    std::vector<std::string> texts;
    while (texts.size() < size) {
      const std::string text = draw(random);
      const Atom next{first_listed_atom + static_cast<std::uint32_t>(texts.size())};
      if (oracle.emplace(text, next).second) texts.push_back(text);
    }
    const AtomTable table = AtomTable::build(texts);
    CHECK(table.atoms() == first_listed_atom + size);
    for (const auto& [text, atom] : oracle) {
      REQUIRE(table.find(text) == atom);
      REQUIRE(table.text(atom) == text);
    }
    for (int i = 0; i < 20'000; ++i) {
      const std::string text = draw(random);
      const auto at = oracle.find(text);
      REQUIRE(table.find(text) == (at == oracle.end() ? Atom::other : at->second));
    }
  }
}

TEST_CASE("a table that is numbered as its texts lie guesses them all", "[engine]") {
  std::mt19937 random(8);
  for (const std::size_t size : {1U, 2U, 63U, 64U, 65U, 1000U}) {
    std::set<std::string> drawn;
    while (drawn.size() < size) drawn.insert(draw(random));
    drawn.insert("\xFF");  // stands in no slot
    std::vector<std::string_view> texts(drawn.begin(), drawn.end());
    std::vector<std::uint32_t> order;
    const AtomTable table = AtomTable::build_as_placed(texts, order);
    REQUIRE(table.can_guess());
    CHECK(table.fault().empty());
    CHECK(std::set(order.begin(), order.end()).size() == texts.size());
    REQUIRE(order.size() == texts.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) {
      const Atom atom{first_listed_atom + i};
      CHECK(table.text(atom) == texts[order[i]]);
      if (texts[order[i]] == "\xFF") continue;
      std::string room(texts[order[i]]);
      room.append(copse::engine::text_padding, '\0');
      const std::string_view padded = std::string_view(room).substr(0, texts[order[i]].size());
      CHECK(table.find_padded(padded) == atom);
      CHECK(table.guess(copse::engine::TextHead::of_padded(padded), padded) == atom);
    }
  }
  CHECK_FALSE(AtomTable::build(std::vector<std::string>{"a"}).can_guess());
}

namespace {

// Turns one bit of the ranks round.
struct Damage {
  std::size_t bit;

  template <class T>
  void value(T&) {}

  template <class T>
  void column(std::string_view name, copse::engine::Column<T>& column) {
    if (name != "table: ranks" || column.empty()) return;
    column.edit([&](std::vector<T>& all) {
      auto* const bytes = reinterpret_cast<unsigned char*>(all.data());
      bytes[bit / 8] ^= static_cast<unsigned char>(1U << (bit % 8));
    });
  }
};

}  // namespace

TEST_CASE("ranks that are not those of the slots are found", "[engine]") {
  std::vector<std::string> owned;
  for (int i = 0; i < 100; ++i) owned.push_back("text " + std::to_string(i));
  const std::vector<std::string_view> texts(owned.begin(), owned.end());
  std::vector<std::uint32_t> order;
  const AtomTable good = AtomTable::build_as_placed(texts, order);
  REQUIRE(good.fault().empty());
  for (std::size_t bit = 0; bit < 2 * 128; ++bit) {
    AtomTable bad = good;
    Damage damage{bit};
    AtomTable::parts(bad, damage);
    CHECK(bad.fault() == "ranks of other slots");
  }
}

TEST_CASE("long texts that differ in any one byte are told apart", "[engine]") {
  for (const std::size_t size : {17U, 31U, 32U, 100U}) {
    std::vector<std::string> texts(size, std::string(size, 'a'));
    for (std::size_t i = 0; i < size; ++i) texts[i][i] = 'b';
    const AtomTable table = AtomTable::build(texts);
    for (std::uint32_t i = 0; i < size; ++i) {
      CHECK(table.find(texts[i]) == Atom{first_listed_atom + i});
      std::string other = texts[i];
      other[i] = 'c';
      CHECK(table.find(other) == Atom::other);
    }
  }
}

TEST_CASE("a table of a hundred thousand texts takes under 32 bytes a text beside them",
          "[engine]") {
  std::vector<std::string> texts;
  std::size_t characters = 0;
  for (int i = 0; i < 100'000; ++i) {
    texts.push_back("datasource_" + std::to_string(i));
    characters += texts.back().size();
  }
  const AtomTable table = AtomTable::build(texts);
  bool found_all = true;
  for (std::size_t i = 0; i < texts.size(); ++i)
    found_all &= std::to_underlying(table.find(texts[i])) == first_listed_atom + i;
  CHECK(found_all);
  CHECK(table.find("datasource_100000") == Atom::other);
  CHECK(table.bytes() - characters < 32 * texts.size());
}

TEST_CASE("a table tells a text from one that a slot cannot tell it from", "[table]") {
  // Slots hold 16 bytes, or the first and the last 16.
  const std::string sixteen(16, 'a');
  const std::string many(40, 'a');
  for (const auto& listed : std::vector<std::vector<std::string>>{
           {""},
           {sixteen},
           {"", sixteen},
           {std::string(32, 'a')},
           {many},
           {"", sixteen, std::string(31, 'a'), std::string(32, 'a'), std::string(33, 'a'), many},
           {std::string(1, '\0'), std::string(2, '\0'), std::string(16, '\0')}}) {
    const AtomTable table = AtomTable::build(listed);
    for (std::size_t size = 0; size <= 60; ++size) {
      for (const char letter : {'a', '\0', 'b'}) {
        const std::string text(size, letter);
        const auto at = std::find(listed.begin(), listed.end(), text);
        const auto expected =
            at == listed.end()
                ? Atom::other
                : Atom{first_listed_atom + static_cast<std::uint32_t>(at - listed.begin())};
        CHECK(table.find(text) == expected);
      }
    }
  }
}

TEST_CASE("a text that is no UTF-8 is listed, and takes no other one's place", "[table]") {
  // As the name of a template's file may be.
  const std::string odd = "a\xFF";
  for (const std::size_t size : {1U, 15U, 31U, 50U}) {
    const std::string same(size, 'a');
    const std::vector<std::string> listed{same, same + "\xFF", odd + odd, std::string(16, '\xFD'),
                                          "b"};
    const AtomTable table = AtomTable::build(listed);
    CHECK(table.fault().empty());
    CHECK(table.find(same) == Atom{first_listed_atom});
    CHECK(table.find("b") == Atom{first_listed_atom + 4});
    CHECK(table.text(Atom{first_listed_atom + 1}) == listed[1]);
    CHECK(table.find("c") == Atom::other);
  }
}

TEST_CASE("a long text is found only with all its bytes", "[table]") {
  for (std::size_t size = 17; size <= 80; ++size) {
    const std::string listed(size, 'a');
    const AtomTable table = AtomTable::build(std::vector{listed});
    CHECK(table.find(listed) == Atom{first_listed_atom});
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = listed;
      other[at] = 'b';
      if (table.find(other) != Atom::other) FAIL(size << " bytes, another one at " << at);
    }
  }
}
