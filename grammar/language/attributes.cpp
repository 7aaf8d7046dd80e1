#include "grammar/language/attributes.hpp"

#include <algorithm>
#include <array>

namespace copse::grammar::language {
namespace {

struct BuiltIn {
  std::string_view name;
  Type type;
  bool may_be_absent;
};

constexpr std::array built_ins{
    BuiltIn{"type", Type::text, false},        BuiltIn{"id", Type::text, false},
    BuiltIn{"groupId", Type::text, false},     BuiltIn{"dataSource", Type::text, true},
    BuiltIn{"supervisorId", Type::text, true}, BuiltIn{"priority", Type::integer, false},
    BuiltIn{"attempt", Type::integer, false},  BuiltIn{"requiredCapacity", Type::integer, false},
    BuiltIn{"payload", Type::quantity, false}};

struct TypeName {
  std::string_view name;
  Type type;
  std::string_view in_words;
};

constexpr std::array types{TypeName{"text", Type::text, "a text"},
                           TypeName{"integer", Type::integer, "an integer"},
                           TypeName{"decimal", Type::decimal, "a number"},
                           TypeName{"boolean", Type::boolean, "true or false"},
                           TypeName{"duration", Type::duration, "a duration"},
                           TypeName{"quantity", Type::quantity, "a quantity"},
                           TypeName{"interval", Type::interval, "an interval"}};

const TypeName* row(Type type) {
  const auto* at = std::find_if(types.begin(), types.end(),
                                [&](const TypeName& each) { return each.type == type; });
  return at == types.end() ? nullptr : at;
}

engine::Attribute attribute_of(const BuiltIn& built_in) {
  if (built_in.name == "dataSource") return engine::data_source_attribute();
  if (built_in.name == "groupId") return engine::group_id_attribute();
  if (built_in.name == "priority") return engine::priority_attribute();
  if (built_in.name == "requiredCapacity") return engine::required_capacity_attribute();
  engine::Attribute made;
  made.name = built_in.name;
  made.type = value_type(built_in.type);
  if (built_in.name == "attempt") {
    made.origin = engine::Origin::attempt;
  } else if (built_in.name == "payload") {
    made.origin = engine::Origin::size;
  } else {
    made.path = {made.name};
  }
  return made;
}

// `span.count` and `span.length` of a declared interval.
std::optional<Asked> interval_part(const std::string& name, const std::vector<std::string>& path,
                                   const Declared& declared) {
  if (path.size() != 2) return std::nullopt;
  const auto found = declared.find(path[0]);
  if (found == declared.end() || found->second.first != Type::interval) return std::nullopt;
  const bool is_count = path[1] == "count";
  if (!is_count && path[1] != "length") return std::nullopt;
  return Asked{engine::Attribute{.name = name,
                                 .path = found->second.second,
                                 .type = is_count ? engine::ValueType::interval_count
                                                  : engine::ValueType::interval_length},
               is_count ? Type::integer : Type::duration, true};
}

}  // namespace

std::optional<Type> type_named(std::string_view name) {
  const auto* at = std::find_if(types.begin(), types.end(),
                                [&](const TypeName& each) { return each.name == name; });
  return at == types.end() ? std::nullopt : std::optional(at->type);
}

std::string_view name(Type type) {
  const TypeName* at = row(type);
  return at == nullptr ? "any" : at->name;
}

std::string_view in_words(Type type) {
  const TypeName* at = row(type);
  return at == nullptr ? "anything" : at->in_words;
}

engine::ValueType value_type(Type type) {
  switch (type) {
    case Type::text:
      return engine::ValueType::text;
    case Type::integer:
      return engine::ValueType::integer;
    case Type::decimal:
      return engine::ValueType::decimal;
    case Type::boolean:
      return engine::ValueType::boolean;
    case Type::duration:
      return engine::ValueType::duration;
    case Type::quantity:
      return engine::ValueType::quantity;
    case Type::interval:
      return engine::ValueType::interval_count;
    case Type::any:
      break;
  }
  return engine::ValueType::any;
}

std::vector<std::string> path_segments(const engine::Source& source, Span path) {
  std::vector<std::string> all;
  const std::string_view text = spelled(source, path);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '"') {
      const std::size_t end = std::min(text.find('.', at), text.size());
      all.emplace_back(text.substr(at, end - at));
      at = end;
      continue;
    }
    std::size_t end = at + 1;
    while (text[end] != '"') end += text[end] == '\\' ? 2U : 1U;
    all.push_back(
        literal_text(source, {LiteralKind::text, {path.begin + at, path.begin + end + 1}}));
    at = end + 1;
  }
  return all;
}

bool is_built_in(std::string_view name) {
  return std::any_of(built_ins.begin(), built_ins.end(),
                     [&](const BuiltIn& each) { return each.name == name; });
}

std::optional<Asked> ask(const engine::Source& source, Span span, const Declared& declared,
                         Complaints& complaints) {
  const std::string name(spelled(source, span));
  std::vector<std::string> path = path_segments(source, span);
  if (path.size() == 2 && path[0] == "tags")
    return Asked{engine::tag_attribute(path[1]), Type::text, true};
  if (path.size() > 1 && path[0] == "context")
    return Asked{engine::Attribute{.name = name, .path = path, .type = engine::ValueType::any},
                 Type::any, true};
  if (const auto found = declared.find(name); found != declared.end()) {
    const auto& [type, where] = found->second;
    return Asked{engine::Attribute{.name = name, .path = where, .type = value_type(type)}, type,
                 true};
  }
  if (auto part = interval_part(name, path, declared)) return part;
  const auto* built_in = std::find_if(built_ins.begin(), built_ins.end(),
                                      [&](const BuiltIn& each) { return each.name == name; });
  if (built_in != built_ins.end())
    return Asked{attribute_of(*built_in), built_in->type, built_in->may_be_absent,
                 built_in->name == "dataSource"};
  std::vector<std::string_view> known;
  for (const BuiltIn& each : built_ins) known.push_back(each.name);
  for (const auto& [each, ignored] : declared) known.push_back(each);
  // `context.priorty` and `tag.team` are near something, too.
  const std::string_view root =
      path.size() > 1 ? engine::nearest(path[0], std::vector<std::string_view>{"context", "tags"})
                      : std::string_view{};
  // A tag's name is one segment, whatever stands in it.
  const bool is_tag = root == "tags" && path.size() > 2;
  const bool is_bare = name.find('"') == std::string::npos;
  const std::string meant =
      is_tag         ? is_bare ? "tags.\"" + name.substr(path[0].size() + 1) + "\"" : ""
      : root.empty() ? std::string(engine::nearest(path.back(), known))
                     : std::string(root) + name.substr(std::min(name.find('.'), name.size()));
  const std::string_view near = meant;
  const std::string help =
      is_tag ? meant.empty() ? "a tag has one name: `tags.\"a.b\"`"
                             : "a tag has one name: did you mean `" + meant + "`?"
      : name == "now"
          ? "the clock is asked by `within 22:00..06:00 \"Europe/Berlin\"` and `on sat, sun`"
      : name == "tags" || path[0] == "tag" ? "tags are `tags.NAME`"
      : name == "context"                  ? "its keys are `context.NAME`"
      : !near.empty()                      ? "did you mean `" + std::string(near) + "`?"
                      : "declare it: attribute " + path.back() + ": text = " + name +
                            ", or another type: integer, duration, quantity, …";
  engine::Diagnostic& said = complaints.say("P0520", span, "unknown attribute `" + name + "`", help,
                                            "not in what a Druid task has");
  // In the JSON form the quotes of a tag would end the name of the attribute.
  if (!is_tag || !source.original) complaints.suggest(said, span, near);
  return std::nullopt;
}

}  // namespace copse::grammar::language
