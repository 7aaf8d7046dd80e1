#pragma once
// What a policy may ask about a task: the names, their types, and where each is found.
//
// The schema is closed: those of a Druid task, tags, the context, and what the policy declares.

#include "engine/policy.hpp"
#include "grammar/language/complaints.hpp"
#include "grammar/language/syntax.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::grammar::language {

enum class Type : std::uint8_t {
  text,
  integer,
  decimal,
  boolean,
  duration,
  quantity,
  interval,
  any  ///< of the context: what it is compared with says the type
};

/// The type of that name, or nothing.
[[nodiscard]] std::optional<Type> type_named(std::string_view name);

[[nodiscard]] std::string_view name(Type type);

/// What a value of that type is, for a message: `a duration`.
[[nodiscard]] std::string_view in_words(Type type);

/// As which the engine reads it.
[[nodiscard]] engine::ValueType value_type(Type type);

/// `tags."a.b".c` as its members.
[[nodiscard]] std::vector<std::string> path_segments(const engine::Source& source, Span path);

/// Declared attributes: type and path by name.
using Declared = std::map<std::string, std::pair<Type, std::vector<std::string>>, std::less<>>;

/// What a name stands for.
struct Asked {
  engine::SharedAttribute attribute;
  Type type = Type::text;
  bool may_be_absent = false;
  bool is_usual = false;  ///< nearly every task has it: unsaid, absence is no match
};

/// True of `type`, `dataSource` and the other names that need no declaration.
[[nodiscard]] bool is_built_in(std::string_view name);

/// The attribute of that name; else P0520, with a suggestion, and nothing.
[[nodiscard]] std::optional<Asked> ask(const engine::Source& source, Span name,
                                       const Declared& declared, Complaints& complaints);

}  // namespace copse::grammar::language
