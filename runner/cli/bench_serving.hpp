#pragma once
// The part of `copse bench` that asks a serving copse: the demo's policy, tasks and templates.

#include "engine/diagnostic.hpp"
#include "engine/json_writer.hpp"
#include "runner/bench/serving.hpp"

#include <expected>
#include <string>

namespace copse::runner::cli {

/// With so many digits behind the point.
[[nodiscard]] std::string fixed(double value, int decimals);

[[nodiscard]] std::expected<bench::ServingTable, std::string> measure_serving();

void print_serving(const bench::ServingTable& table, engine::Colour colour);
void write_serving(const bench::ServingTable& table, engine::JsonWriter& out);

}  // namespace copse::runner::cli
