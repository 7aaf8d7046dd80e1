#include "runner/doctor/row.hpp"

#include "engine/json_writer.hpp"

#include <algorithm>
#include <utility>

namespace copse::runner::doctor {
namespace {

int weight(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
    case Verdict::skipped:
      return 0;
    case Verdict::note:
      return 1;
    case Verdict::warning:
      return 2;
    case Verdict::error:
      return 3;
  }
  return 0;
}

}  // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::note:
      return "note";
    case Verdict::warning:
      return "warning";
    case Verdict::error:
      return "error";
    case Verdict::skipped:
      return "skipped";
  }
  return "";
}

Verdict graver(Verdict one, Verdict other) {
  return weight(other) > weight(one) ? other : one;
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  return text;
}

std::string to_json(const Row& row) {
  return engine::JsonWriter()
      .begin_object()
      .member("check", row.check)
      .member("verdict", name(row.verdict))
      .member("found", row.found)
      .member("remedy", row.remedy)
      .end_object()
      .take();
}

int exit_code(const Rows& rows) {
  if (std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.is_away; })) return 6;
  const bool is_well =
      std::all_of(rows.begin(), rows.end(), [](const Row& row) { return weight(row.verdict) < 2; });
  return is_well ? 0 : 1;
}

}  // namespace copse::runner::doctor
