#pragma once
// Policies that can be read and mean little, by the thousand, the same in every run.

#include <initializer_list>
#include <random>
#include <string>

namespace copse::tests {

/// How many random texts a case reads of `usual`: fewer under the address sanitizer, whose
/// bookkeeping of stacks slows down with each error that is thrown.
[[nodiscard]] constexpr int random_texts(int usual) {
#if defined(__SANITIZE_ADDRESS__)
  return usual / 40;
#else
  return usual;
#endif
}

enum class Comments : bool { none, anywhere };

class RandomPolicies {
 public:
  RandomPolicies(unsigned seed, Comments comments) : random_(seed), comments_(comments) {}

  [[nodiscard]] std::string next();

 private:
  std::string one_of(std::initializer_list<const char*> all);
  std::string gap();
  std::string separator();
  std::string leaf();
  std::string condition(int depth);
  std::string block();
  std::string statement();

  std::mt19937 random_;
  Comments comments_;
};

}  // namespace copse::tests
