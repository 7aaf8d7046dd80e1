#pragma once
// Policies that can be read and mean little, by the thousand, the same in every run.

#include <initializer_list>
#include <random>
#include <string>

namespace copse::tests {

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
