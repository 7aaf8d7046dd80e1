#include "tests/fuzz/decisions.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace copse::tests {

FuzzPlan plan() {
  FuzzPlan out;
  for (const std::string& document : task_documents())
    out.seeds.push_back({"task " + std::to_string(out.seeds.size()), document});
  out.seeds.push_back(
      {"escapes",
       R"({"ty\u0070e":"n\u006fop","id":"\ud83d\ude00","context":{"t\u0061gs":{"team":"l\u0061b"}},"type":"second"})"});
  out.seeds.push_back(
      {"numbers",
       R"({"type":"x","id":"y","context":{"priority":1e2,"share":0.25,"flag":true,"size":"17Gi","taskLockTimeout":660000},"spec":{"ioConfig":{"interval":["2026-01-01/P1D","2026-01-02/2026-02-01"]},"tuningConfig":{"maxRowsPerSegment":99999999999999999999}}})"});
  out.seeds.push_back(
      {"envelope", R"({"task":"a","payload":{"type":"noop","id":"a"},"duration":3})"});
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += R"({"context":[)";
  out.seeds.push_back({"deep", deep});
  out.tokens = {"{",
                "}",
                "[",
                "]",
                ":",
                ",",
                "\"",
                "\\",
                "\\u0061",
                "\\ud800",
                "null",
                "true",
                "false",
                "-",
                "1e999",
                "0.1",
                "99999999999999999999",
                "\"type\"",
                "\"context\":",
                "\"tags\":{",
                "\"priority\":",
                std::string(1, 0),
                "\xff",
                "\xc3\xa9",
                " ",
                "\n",
                "\"dataSource\":",
                "\"16Gi\"",
                "\"PT1M\"",
                "\"2026-01-01/P1D\""};
  return out;
}

}  // namespace copse::tests
