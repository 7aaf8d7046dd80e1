#include "runner/cli/repeated.hpp"

#include "engine/json_fault.hpp"
#include "engine/json_scanner.hpp"

#include <algorithm>
#include <optional>

namespace copse::runner::cli {
namespace {

bool stands_twice(engine::JsonScanner& in, std::span<const std::string> path) {
  if (path.empty() || in.kind() != engine::JsonScanner::Kind::object) return false;
  std::optional<std::size_t> first;
  bool is_again = false;
  std::string key;
  engine::Span place;
  in.enter();
  while (in.next_member(key, place)) {
    if (key == path.front()) {
      is_again = is_again || first.has_value();
      if (!first) first = in.mark();
    }
    in.skip();
  }
  if (is_again || !first) return is_again;
  in.rewind(*first);
  return stands_twice(in, path.subspan(1));
}

}  // namespace

std::vector<std::string> repeated(std::string_view document,
                                  std::span<const engine::Attribute> asked) {
  std::vector<std::string> names;
  if (engine::find_json_fault(document)) return names;
  for (const engine::Attribute& each : asked) {
    engine::JsonScanner in(document);
    if (stands_twice(in, each.path) && std::ranges::find(names, each.name) == names.end())
      names.push_back(each.name);
  }
  return names;
}

}  // namespace copse::runner::cli
