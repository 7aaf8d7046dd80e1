#pragma once
// The verbs of the `copse` program, one file each. Each returns the exit code.

#include "runner/cli/arguments.hpp"

#include <string>
#include <vector>

namespace copse::runner::cli {

int dry_run(const Arguments& arguments);
int explain(const Arguments& arguments);
int check(const Arguments& arguments);
int lint(const Arguments& arguments);
int diff(const Arguments& arguments);
int compile(const Arguments& arguments);
int graph(const Arguments& arguments);
int language_server(const Arguments& arguments);
int fmt(const Arguments& arguments);
int convert(const Arguments& arguments);
int test(const Arguments& arguments);
int name(const Arguments& arguments);
int run(const Arguments& arguments);
int demo(const Arguments& arguments);
int serve(const Arguments& arguments);
int drain(const Arguments& arguments);
int doctor(const Arguments& arguments);
int bench(const Arguments& arguments);
/// What `bench` can measure, in its order.
[[nodiscard]] std::vector<std::string> bench_parts();

}  // namespace copse::runner::cli
