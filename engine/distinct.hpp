#pragma once
// Numbers for values by first use, the same for equal ones. Private to the compiler.

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace copse::engine {

template <class T, class Hash = std::hash<T>>
class Distinct {
 public:
  /// The value's number, and whether it is new.
  std::pair<std::uint32_t, bool> add(const T& value) {
    const auto [at, is_new] =
        numbers_.try_emplace(value, static_cast<std::uint32_t>(values_.size()));
    if (is_new) values_.push_back(value);
    return {at->second, is_new};
  }

  [[nodiscard]] const std::vector<T>& values() const { return values_; }

 private:
  std::vector<T> values_;
  std::unordered_map<T, std::uint32_t, Hash> numbers_;
};

/// A part of a column that holds each run of numbers once.
class Runs {
 public:
  /// Where `run` stands; `append` is called with one that is new.
  template <class Append>
  std::uint32_t add(const std::vector<std::uint32_t>& run, std::size_t end, Append append) {
    const std::u32string key(run.begin(), run.end());
    const auto [at, is_new] = places_.try_emplace(key, static_cast<std::uint32_t>(end));
    if (is_new) append(run);
    return at->second;
  }

 private:
  std::unordered_map<std::u32string, std::uint32_t> places_;
};

}  // namespace copse::engine
