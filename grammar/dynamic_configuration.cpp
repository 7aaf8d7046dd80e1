#include "grammar/dynamic_configuration.hpp"

#include "grammar/druid_reader.hpp"

#include <charconv>
#include <limits>
#include <utility>

namespace copse::grammar {
namespace {

using engine::Behaviour;
using engine::Span;

class ConfigurationReader : public DruidReader {
 public:
  ConfigurationReader(const engine::Source& source, engine::Release release, Json json)
      : DruidReader(source, json), release_(release) {}

  Or<DynamicConfiguration> configuration() {
    if (!begin()) return std::unexpected(Stop{});
    const Span whole = json().span();
    DynamicConfiguration made;
    std::string name;
    Span span;
    json().enter();
    while (json().next_member(name, span)) {
      if (!member(name, span, made)) return std::unexpected(Stop{});
    }
    if (!made.strategy && !engine::has(release_, Behaviour::absent_strategy_is_by_type)) {
      return stop("P0202", "this Druid release needs a `podTemplateSelectStrategy`", whole,
                  "null or missing here",
                  R"(add "podTemplateSelectStrategy": {"type": "default"})");
    }
    return made;
  }

  Or<DynamicConfiguration> bare_strategy() {
    if (!begin()) return std::unexpected(Stop{});
    auto read = strategy();
    if (!read) return std::unexpected(Stop{});
    return DynamicConfiguration{.strategy = std::move(*read), .capacity = {}};
  }

 private:
  bool member(const std::string& name, Span span, DynamicConfiguration& made) {
    if (name == "type") return outer_type();
    if (name == "podTemplateSelectStrategy") return strategy_member(made);
    if (name == "capacity" && engine::has(release_, Behaviour::capacity_is_dynamic))
      return capacity(made);
    if (name == "capacity") {
      warn("P0203", "this Druid release has no member `capacity`", span, "Druid ignores it",
           "set druid.indexer.runner.capacity");
      json().skip();
    } else {
      unknown(name, span, {"type", "podTemplateSelectStrategy", "capacity"},
              "the dynamic configuration");
    }
    return true;
  }

  bool outer_type() {
    const Span span = json().span();
    if (json().kind() == Kind::null ||
        (json().kind() == Kind::text && json().text() == "default")) {
      if (json().kind() == Kind::null) json().skip();
      return true;
    }
    warn("P0204", "a dynamic configuration has only the type `default`", span,
         "Druid takes it for `default`");
    return true;
  }

  bool capacity(DynamicConfiguration& made) {
    const Span span = json().span();
    if (json().kind() == Kind::null) {
      json().skip();
      return true;
    }
    double number = std::numeric_limits<double>::infinity();
    if (json().kind() == Kind::number) {
      const std::string_view digits = json().scalar();
      std::from_chars(digits.data(), digits.data() + digits.size(), number);
    }
    if (!(number >= std::numeric_limits<std::int32_t>::min() &&
          number <= std::numeric_limits<std::int32_t>::max())) {
      (void)stop("P0201", "`capacity` must be a whole number from 0 to 2147483647", span,
                 "Druid cannot read this");
      return false;
    }
    made.capacity = static_cast<std::int32_t>(number);
    if (number < 0) {
      warn("P0205", "a negative `capacity`", span, "Druid stores it and then fails to apply it",
           "0 stops new tasks");
    }
    return true;
  }

  bool strategy_member(DynamicConfiguration& made) {
    if (json().kind() == Kind::null) {
      json().skip();
      return true;
    }
    if (json().kind() != Kind::object) {
      (void)wrong("`podTemplateSelectStrategy`", "an object");
      return false;
    }
    auto read = strategy();
    if (read) made.strategy = std::move(*read);
    return read.has_value();
  }

  // The member `type` decides how the others are read, wherever it stands: a first look for it,
  // which mostly ends at once.
  struct TypeMember {
    std::optional<std::string> name;
    Span span;
    bool has_selectors = false;  // where there is no name
  };

  TypeMember find_type() {
    const std::size_t begin = json().mark();
    TypeMember found{.name = {}, .span = json().span()};
    std::string name;
    Span span;
    json().enter();
    while (json().next_member(name, span)) {
      found.has_selectors = found.has_selectors || name == "selectors";
      if (name != "type" || json().kind() != Kind::text) {
        json().skip();
        continue;
      }
      found.span = json().span();
      found.name = json().text();
      break;
    }
    json().rewind(begin);
    return found;
  }

  Or<Strategy> strategy() {
    const TypeMember found = find_type();
    if (found.name == "selectorBased") return selector_based();
    json().skip();
    if (!found.name && found.has_selectors) {
      warn("P0204", "the strategy has `selectors` but no `type`", found.span,
           "Druid takes it for `default`: by task type", R"(add "type": "selectorBased")");
    } else if (found.name && found.name != "default" && found.name != "taskType") {
      warn("P0204", "there is no strategy `" + *found.name + "`", found.span,
           "Druid takes it for `default`: by task type",
           suggest(*found.name, {"default", "selectorBased"}));
    }
    return ByTaskType{};
  }

  Or<Strategy> selector_based() {
    const Span whole = json().span();
    std::optional<SelectorBased> made;
    std::string name;
    Span span;
    json().enter();
    while (json().next_member(name, span)) {
      if (name == "type" || json().kind() == Kind::null) {
        json().skip();
      } else if (name != "selectors") {
        unknown(name, span, {"type", "selectors"}, "a `selectorBased` strategy");
      } else if (json().kind() != Kind::array) {
        return wrong("`selectors`", "a list");
      } else {
        made = SelectorBased{};
        json().enter();
        while (json().next_element()) {
          if (!selector(*made)) return std::unexpected(Stop{});
        }
      }
    }
    if (made) return std::move(*made);
    return stop("P0202", "a `selectorBased` strategy needs `selectors`", whole,
                "null or missing here", "an empty list [] is valid: every task gets `base`");
  }

  bool selector(SelectorBased& made) {
    const std::string where = "selectors[" + std::to_string(made.selectors.size()) + "]";
    Selector selector;
    selector.span = json().span();
    if (json().kind() == Kind::null) {
      warn("P0202", where + " is null", selector.span, "Druid fails each task that gets this far",
           "remove it");
      json().skip();
      selector.is_null = true;
      made.selectors.push_back(std::move(selector));
      return true;
    }
    if (json().kind() != Kind::object) {
      (void)wrong(where, "an object");
      return false;
    }
    std::string name;
    Span span;
    json().enter();
    while (json().next_member(name, span)) {
      if (!selector_member(where, name, span, selector)) return false;
    }
    made.selectors.push_back(std::move(selector));
    return true;
  }

  bool selector_member(const std::string& where, const std::string& name, Span span,
                       Selector& selector) {
    if (name == "context.tags") return tags(where, selector);
    if (name == "selectionKey") {
      auto read = text("`selectionKey`");
      if (read) selector.selection_key = std::move(*read);
      return read.has_value();
    }
    if (name == "type" || name == "dataSource") {
      auto read = texts("`" + name + "`");
      if (read) (name == "type" ? selector.types : selector.data_sources) = std::move(*read);
      return read.has_value();
    }
    unknown(name, span, {"selectionKey", "context.tags", "type", "dataSource"}, where);
    return true;
  }

  bool tags(const std::string& where, Selector& selector) {
    if (json().kind() == Kind::null) {
      json().skip();
      selector.tags.reset();
      return true;
    }
    if (json().kind() != Kind::object) {
      (void)wrong("`context.tags`", "an object");
      return false;
    }
    std::vector<TagCondition> conditions;
    std::string tag;
    Span span;
    json().enter();
    while (json().next_member(tag, span)) {
      const Span value = json().span();
      auto read = texts("tag `" + tag + "`");
      if (!read) return false;
      if (!*read) {
        warn("P0202", "tag `" + tag + "` of " + where + " is null", value,
             "Druid fails each task that has this tag and gets this far",
             "list its values, or remove the tag");
      } else if ((*read)->empty()) {
        warn("P0208", "tag `" + tag + "` of " + where + " lists nothing", value,
             "the selector never matches", "list its values, or remove the tag");
      }
      std::erase_if(conditions, [&](const TagCondition& c) { return c.tag == tag; });
      conditions.push_back({tag, std::move(*read)});
    }
    selector.tags = std::move(conditions);
    return true;
  }

  engine::Release release_;
};

}  // namespace

std::expected<Reading<DynamicConfiguration>, engine::Diagnostics> read_dynamic_configuration(
    const engine::Source& source, engine::Release release, Json json) {
  ConfigurationReader reader(source, release, json);
  return finish(reader, reader.configuration());
}

std::expected<Reading<DynamicConfiguration>, engine::Diagnostics> read_strategy(
    const engine::Source& source, engine::Release release, Json json) {
  ConfigurationReader reader(source, release, json);
  return finish(reader, reader.bare_strategy());
}

}  // namespace copse::grammar
