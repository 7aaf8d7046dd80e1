// Which patterns a text matches. The oracle: each pattern by itself.
#include "engine/patterns.hpp"

#include "engine/analysis/region.hpp"
#include "engine/glob.hpp"
#include "tests/engine/naive.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include <catch2/catch.hpp>

using namespace copse::engine;

namespace {

// Over few letters, so that patterns meet.
class Texts {
 public:
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  std::string text() { return of("abc"); }

  std::string glob() { return of("abcabc*?"); }

 private:
  std::string of(std::string_view letters) {
    std::string made;
    for (std::uint32_t i = below(7); i > 0; --i)
      made += letters[below(static_cast<std::uint32_t>(letters.size()))];
    return made;
  }

  std::mt19937 random_{5};
};

std::vector<PatternId> expected(const std::vector<Pattern>& patterns, const std::string& text) {
  std::vector<PatternId> all;
  for (std::uint32_t i = 0; i < patterns.size(); ++i) {
    if (copse::tests::naive_match(patterns[i], text)) all.push_back(PatternId{i});
  }
  return all;
}

std::string fault(Pattern::Kind kind, const std::string& text) {
  return pattern_fault({kind, text}).value_or("");
}

}  // namespace

TEST_CASE("the index finds what each pattern by itself would", "[patterns]") {
  Texts random;
  for (int round = 0; round < 300; ++round) {
    std::set<Pattern> distinct;
    for (int i = 0; i < 40; ++i) distinct.insert({Pattern::Kind::glob, random.glob()});
    if (round % 3 == 0) {
      for (const char* regex : {"a[bc]+", ".*b", "c.?c.*", "(ab|ba)*", "a|b|c"})
        distinct.insert({Pattern::Kind::regex, regex});
    }
    const std::vector<Pattern> patterns(distinct.begin(), distinct.end());
    const PatternIndex index = PatternIndex::build(patterns);
    for (int i = 0; i < 50; ++i) {
      const std::string text = random.text();
      if (index.matching(text) != expected(patterns, text)) FAIL(round << " " << text);
    }
  }
}

// A regex hangs under a literal that every match has: which one, RE2 is asked.
TEST_CASE("regexes hang under literals that they cannot do without", "[patterns]") {
  const std::vector<std::string> pieces{"abc", "bca",    "(abc)?", "(abc|bca)", "[ab]",    ".*",
                                        "b+",  "(cab)+", "aBc",    "[aA]bc",    "\\x61bc", "a{3}"};
  Texts random;
  for (int round = 0; round < 100; ++round) {
    std::set<Pattern> distinct;
    for (int i = 0; i < 30; ++i) {
      std::string regex;
      for (std::uint32_t n = 1 + random.below(4); n > 0; --n)
        regex += pieces[random.below(static_cast<std::uint32_t>(pieces.size()))];
      distinct.insert({Pattern::Kind::regex, regex});
    }
    const std::vector<Pattern> patterns(distinct.begin(), distinct.end());
    const PatternIndex index = PatternIndex::build(patterns);
    for (int i = 0; i < 100; ++i) {
      std::string text = random.text() + random.text();
      if (i % 4 == 0) text += random.below(2) == 0 ? "aBc" : "ABC";
      if (index.matching(text) != expected(patterns, text)) FAIL(round << " " << text);
    }
  }
}

// `.` is no end of line, and `*` of a glob is.
TEST_CASE("a regex of literals and dots is asked as a glob, and says what RE2 says", "[patterns]") {
  const std::vector<std::string> pieces{"a", "b", "ab", "\\.", "\\-", ".", ".*", ".+", "é", "\n"};
  const std::vector<std::string> texts{"a", "b", "ab", ".", "-", "é", "\n", "ba"};
  Texts random;
  const auto joined = [&](const std::vector<std::string>& all) {
    std::string made;
    for (std::uint32_t n = random.below(6); n > 0; --n)
      made += all[random.below(static_cast<std::uint32_t>(all.size()))];
    return made;
  };
  std::uint32_t hits = 0;
  for (int round = 0; round < 40; ++round) {
    std::set<Pattern> distinct;
    for (int i = 0; i < 40; ++i) {
      std::string regex = joined(pieces);
      if (i % 8 == 0) regex = "^" + regex;
      if (i % 8 < 2) regex += "$";
      distinct.insert({Pattern::Kind::regex, regex});
    }
    const std::vector<Pattern> patterns(distinct.begin(), distinct.end());
    const PatternIndex index = PatternIndex::build(patterns);
    for (int i = 0; i < 50; ++i) {
      const std::string text = joined(texts);
      const std::vector<PatternId> found = index.matching(text);
      hits += static_cast<std::uint32_t>(found.size());
      for (std::uint32_t id = 0; id < patterns.size(); ++id) {
        Test by_itself;
        by_itself.patterns = {patterns[id]};
        const bool is_found = std::binary_search(found.begin(), found.end(), PatternId{id});
        if (is_found != lists(by_itself, text)) FAIL(patterns[id].text << " and " << text);
      }
    }
  }
  CHECK(hits > 1'000);
}

TEST_CASE("a regex that does not look at case hangs under no literal", "[patterns]") {
  const PatternIndex index = PatternIndex::build(std::vector<Pattern>{
      {Pattern::Kind::regex, "(?i).*daily.*"}, {Pattern::Kind::regex, ".*DAILY"}});
  CHECK(index.matching("wiki-Daily") == std::vector{PatternId{0}});
  CHECK(index.matching("wiki-DAILY") == std::vector{PatternId{0}, PatternId{1}});
}

// Of a long literal only a part is compared before the pattern itself is asked.
TEST_CASE("a glob with a long literal is found by all of it", "[patterns]") {
  for (const std::size_t rare : {0U, 60U, 63U, 64U, 150U, 297U}) {
    std::string literal(300, 'a');
    literal.replace(rare, 3, "xyz");
    const PatternIndex index = PatternIndex::build(std::vector<Pattern>{
        {Pattern::Kind::glob, "*" + literal + "*"}, {Pattern::Kind::glob, "*aaa*"}});
    CHECK(index.matching("b" + literal + "b") == std::vector{PatternId{0}, PatternId{1}});
    std::string other = literal;
    other[rare == 299 ? 0 : 299] = 'c';
    CHECK(index.matching("b" + other + "b") == std::vector{PatternId{1}});
  }
}

TEST_CASE("with more regexes than are tried one by one the set answers", "[patterns]") {
  std::vector<Pattern> patterns;
  for (int i = 0; i < 200; ++i)
    patterns.push_back({Pattern::Kind::regex,  // either: no literal is in every match
                        ".*(_" + std::to_string(i) + "_|-" + std::to_string(i) + "-)[a-z]*"});
  const PatternIndex index = PatternIndex::build(patterns);
  CHECK(index.matching("x_7_abc") == std::vector{PatternId{7}});
  CHECK(index.matching("x_7_-3-abc") == std::vector{PatternId{3}});
  CHECK(index.matching("_19__18_") == std::vector{PatternId{18}});
  CHECK(index.matching("nothing").empty());
}

TEST_CASE("what is said of two globs holds for every text", "[patterns]") {
  using analysis::covers;
  using analysis::exclude;
  Texts random;
  std::set<Pattern> distinct;
  for (int i = 0; i < 150; ++i) distinct.insert({Pattern::Kind::glob, random.glob()});
  const std::vector<Pattern> patterns(distinct.begin(), distinct.end());
  const PatternIndex index = PatternIndex::build(patterns);
  std::size_t covering = 0;
  std::size_t excluding = 0;
  for (std::uint32_t a = 0; a < patterns.size(); ++a) {
    for (std::uint32_t b = 0; b < patterns.size(); ++b) {
      const bool covered = covers(index, PatternId{a}, PatternId{b});
      const bool apart = exclude(index, PatternId{a}, PatternId{b});
      covering += covered ? 1U : 0U;
      excluding += apart ? 1U : 0U;
      for (int i = 0; i < 20; ++i) {
        const std::string text = random.text();
        const bool in_a = glob_matches(patterns[a].text, text);
        const bool in_b = glob_matches(patterns[b].text, text);
        if ((covered && in_b && !in_a) || (apart && in_a && in_b))
          FAIL(patterns[a].text << " " << patterns[b].text << " " << text);
      }
    }
  }
  CHECK(covering > patterns.size() * 2);
  CHECK(excluding > patterns.size() * 2);
}

TEST_CASE("globs are characters of UTF-8, classes and escapes", "[patterns]") {
  CHECK(glob_matches("a?c",
                     "a\xC3\xBC"
                     "c"));
  CHECK_FALSE(glob_matches("a?c", "abbc"));
  CHECK(glob_matches("[a-f0-9]*", "deadbeef"));
  CHECK(glob_matches("[!a]x", "bx"));
  CHECK_FALSE(glob_matches("[!a]x", "ax"));
  CHECK(glob_matches("[]a]", "]"));
  CHECK(glob_matches("\\*\\?", "*?"));
  CHECK(glob_matches("*", ""));
  CHECK_FALSE(glob_matches("", "a"));
  // Time of glob times text, not exponential.
  CHECK_FALSE(glob_matches("*a*a*a*a*a*a*a*a*a*a*b", std::string(2000, 'a')));
}

TEST_CASE("a pattern that cannot be used says why", "[patterns]") {
  CHECK(fault(Pattern::Kind::glob, "a[bc") == "the class that begins with `[` has no `]`");
  CHECK(fault(Pattern::Kind::glob, "[z-a]") == "in the class `z-a` the first comes after the last");
  CHECK(fault(Pattern::Kind::glob, "a\\") == "a backslash at the end takes nothing as it is");
  CHECK(fault(Pattern::Kind::regex, "a(b") == "RE2 refuses it: missing ): a(b");
  CHECK(fault(Pattern::Kind::regex, "(?=a)") == "RE2 refuses it: invalid perl operator: (?=");
  CHECK(fault(Pattern::Kind::regex, "[a-z]{1000}[0-9]{1000}x{1000}.{1000}.{1000}.{1000}")
            .find("at most 10000 are taken") != std::string::npos);
  CHECK(fault(Pattern::Kind::regex, "v[0-9]+_.*").empty());
}
