#include "engine/task.hpp"

#include "engine/facts.hpp"
#include "engine/json_fault.hpp"

#include <utility>
#include <vector>

#include <simdjson.h>

namespace copse::engine {
namespace {

namespace od = simdjson::ondemand;

class Complaint {
 public:
  Complaint(const Source& source, std::uint32_t first_line)
      : source_(source), first_line_(first_line) {}

  std::unexpected<Diagnostics> operator()(std::string code, std::string title, Span span,
                                          std::string label, std::string help) const {
    Diagnostic diagnostic;
    diagnostic.code = std::move(code);
    diagnostic.title = std::move(title);
    diagnostic.place = locate(source_, span);
    diagnostic.place.line += first_line_ - 1;
    diagnostic.label = std::move(label);
    diagnostic.help = std::move(help);
    return std::unexpected(Diagnostics{std::move(diagnostic)});
  }

 private:
  const Source& source_;
  std::uint32_t first_line_;
};

std::string padded(std::string_view text) {
  std::string copy;
  copy.reserve(text.size() + document_padding);
  copy.assign(text);
  return copy;
}

// The payload of an envelope, or the text itself.
std::string unwrap(std::string text, std::optional<std::int64_t>& duration) {
  od::parser parser;
  od::document document;
  od::object object;
  const simdjson::padded_string_view view(text.data(), text.size(), text.capacity());
  if (parser.iterate(view).get(document) || document.get_object().get(object)) return text;
  std::string_view ignored;
  if (object.find_field_unordered("type").error() == simdjson::SUCCESS) return text;
  if (object.find_field_unordered("task").get_string().get(ignored)) return text;
  std::int64_t millis = 0;
  if (!object.find_field_unordered("duration").get_int64().get(millis) && millis >= 0)
    duration = millis;
  od::object payload;
  if (object.find_field_unordered("payload").get_object().get(payload)) return text;
  std::string_view raw;
  if (payload.raw_json().get(raw)) return text;
  return padded(raw);
}

std::size_t first_visible(std::string_view text) {
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  return at == std::string_view::npos ? 0 : at;
}

std::string word_for(Fact::State state) {
  return state == Fact::State::absent ? "is missing or null" : "is not a text";
}

}  // namespace

std::expected<Task, Diagnostics> read_task(const Source& source, std::uint32_t first_line) {
  const Complaint complain(source, first_line);
  const std::size_t begin = first_visible(source.text);
  const Span first{begin, begin + 1};
  if (source.text.size() > task_size_limit) {
    return complain(
        "I0104", "a task of " + std::to_string(source.text.size()) + " bytes is too large", first,
        "at most " + std::to_string(task_size_limit) + " bytes are read", "is this a task file?");
  }
  if (const auto fault = find_json_fault(source.text)) {
    return complain("I0101", fault->title, {fault->begin, fault->end},
                    "this is not JSON from here on", fault->help);
  }
  Task task;
  task.document = unwrap(padded(source.text), task.duration_ms);
  FactReader reader({type_attribute(), Attribute{"id", {"id"}}, Attribute{"groupId", {"groupId"}},
                     data_source_attribute()});
  const auto facts = reader.read(task.document);
  if (!facts) {
    return complain("I0102", "a task must be a JSON object", first, std::string(facts.error()),
                    "give the task as the Overlord's API or a supervisor shows it");
  }
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    if ((*facts)[i].state() == Fact::State::text && !(*facts)[i].text().empty()) continue;
    const std::string member = i == 0 ? "type" : "id";
    return complain(
        "I0103", "the task has no `" + member + "`", first,
        "`" + member + "` " + word_for((*facts)[i].state()),
        i == 0 ? "every Druid task names its type, e.g. \"type\": \"index_parallel\""
               : "the Overlord gives an id when a task is submitted; for a dry run add one, "
                 "e.g. \"id\": \"test_1\"");
  }
  task.type = (*facts)[0].text();
  task.id = (*facts)[1].text();
  task.group_id =
      (*facts)[2].state() == Fact::State::text ? std::string((*facts)[2].text()) : task.id;
  if ((*facts)[3].state() == Fact::State::text) task.data_source = (*facts)[3].text();
  task.origin = source.name;
  return task;
}

}  // namespace copse::engine
