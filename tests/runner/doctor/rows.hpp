#pragma once
// Rows as tests look at them.

#include "runner/doctor/row.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

namespace copse::tests {

inline runner::doctor::Row row_of(const runner::doctor::Rows& rows, std::string_view check) {
  const auto at =
      std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.check == check; });
  INFO("the row " << check);
  REQUIRE(at != rows.end());
  return *at;
}

inline bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace copse::tests
