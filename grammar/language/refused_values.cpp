#include "grammar/language/refused_values.hpp"

#include "engine/diagnostic.hpp"
#include "engine/number.hpp"
#include "grammar/language/fault_place.hpp"
#include "grammar/language/units.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace copse::grammar::language {
namespace {

using engine::Field;
using engine::Override;
using Part = RefusedValue::Part;

constexpr std::array<std::string_view, 3> effects{"NoSchedule", "PreferNoSchedule", "NoExecute"};

bool is_sound(const Override& made) {
  return !engine::fault_of(made);
}

Override with(Override made, std::string Override::* part, std::string text) {
  made.*part = std::move(text);
  return made;
}

Override amount(const Override& of, const std::string& text) {
  return with(with(of, &Override::value, text), &Override::upper, text);
}

RefusedValue refused_amount(const Override& made, bool is_range) {
  const bool is_lower = !is_sound(amount(made, made.value));
  if (!is_lower && is_sound(amount(made, made.upper)))
    return {Part::range, "", "the request stands first: `" + made.upper + ".." + made.value + "`"};
  const std::string& text = is_lower || !is_range ? made.value : made.upper;
  RefusedValue told{is_lower ? Part::key : Part::upper, quantity_meant(text), ""};
  if (!told.meant.empty() && is_sound(amount(made, told.meant))) return told;
  told.meant.clear();
  const auto number = engine::parse_quantity(text);
  const bool has_unit = !text.empty() && !digits.contains(text.back());
  if (!number || *number <= engine::Number{}) return told;
  if (made.field == Field::cpu) {
    const std::string cores = text.substr(0, text.find_first_not_of("0123456789."));
    if (has_unit) told.help = "cores have no such unit: write `" + cores + "`";
  } else if (!has_unit) {
    told.help = "write the unit: `" + text + "Gi` or `" + text + "Mi`";
  }
  return told;
}

RefusedValue refused_duration(const Override& made) {
  const std::string meant = duration_meant(made.value);
  if (!meant.empty() && is_sound(with(made, &Override::value, meant)))
    return {Part::key, meant, ""};
  const bool is_number =
      !made.value.empty() && made.value.find_first_not_of(digits) == std::string::npos;
  return {Part::key, "",
          is_number ? "write the unit: `" + made.value + "s`, `" + made.value + "m` or `" +
                          made.value + "h`"
                    : ""};
}

// Of a name that Kubernetes takes in lower case only.
RefusedValue refused_name(const Override& made) {
  const std::string small = lower(made.value);
  const bool is_all = is_sound(with(made, &Override::value, small));
  return {Part::key, is_all ? small : "", ""};
}

RefusedValue refused_label(const Override& made) {
  if (!is_sound(with(made, &Override::value, ""))) return {Part::key, "", ""};
  std::string text = made.value;
  std::replace_if(
      text.begin(), text.end(), [](char c) { return !is_name_character(c) && c != '.'; }, '_');
  const bool is_help = is_sound(with(made, &Override::value, text));
  return {Part::value, "", is_help ? "such as `\"" + text + "\"`" : ""};
}

RefusedValue refused_toleration(const Override& made) {
  if (!is_sound(with(made, &Override::upper, "")))
    return refused_label(with(made, &Override::upper, ""));
  std::vector<std::string> small;
  for (const std::string_view each : effects) small.push_back(lower(each));
  const std::string_view near =
      engine::nearest(lower(made.upper), std::vector<std::string_view>(small.begin(), small.end()));
  const auto at = std::find(small.begin(), small.end(), near);
  return {
      Part::upper,
      at == small.end() ? "" : std::string(effects[static_cast<std::size_t>(at - small.begin())]),
      ""};
}

}  // namespace

RefusedValue refused_value(const Override& made, bool is_range) {
  switch (made.field) {
    case Field::cpu:
    case Field::memory:
    case Field::storage:
      return refused_amount(made, is_range);
    case Field::label:
    case Field::node:
      return refused_label(made);
    case Field::tolerate:
      return refused_toleration(made);
    case Field::deadline:
    case Field::grace:
      return refused_duration(made);
    case Field::priority_class:
    case Field::namespace_name:
      return refused_name(made);
    case Field::annotation:
    case Field::env:
    case Field::java_opts:
      break;
  }
  return {};
}

}  // namespace copse::grammar::language
