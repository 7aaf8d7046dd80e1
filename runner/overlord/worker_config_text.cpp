// The changes of a worker configuration in words and as JSON.
#include "engine/json_writer.hpp"
#include "engine/source.hpp"
#include "runner/overlord/worker_config.hpp"

#include <algorithm>

namespace copse::runner::overlord {
namespace {

using Kind = WorkerConfigChange::Kind;

std::string subject(const WorkerConfigChange& change) {
  switch (change.kind) {
    case Kind::category:
      return change.task_type;
    case Kind::data_source:
      return change.task_type + " of data source " + change.name;
    case Kind::supervisor:
      return change.task_type + " of supervisor " + change.name;
    case Kind::setting:
      return change.name;
  }
  return {};
}

std::string before_text(const WorkerConfigChange& change) {
  return change.before.value_or(change.kind == Kind::setting ? "not set" : "any worker");
}

std::string padded(std::string text, std::size_t width) {
  text.append(width - engine::code_points(text), ' ');
  return text;
}

}  // namespace

std::string to_text(const WorkerConfigChanges& changes) {
  std::size_t subjects = 0;
  std::size_t befores = 0;
  for (const WorkerConfigChange& change : changes) {
    subjects = std::max<std::size_t>(subjects, engine::code_points(subject(change)));
    befores = std::max<std::size_t>(befores, engine::code_points(before_text(change)));
  }
  std::string text;
  for (const WorkerConfigChange& change : changes) {
    text += padded(subject(change), subjects) + "  " + padded(before_text(change), befores) +
            " -> " + change.after.value_or("gone") + "\n";
  }
  return text;
}

std::string to_json(const WorkerConfigChanges& changes) {
  engine::JsonWriter out;
  const auto text_or_null = [&](std::string_view key, const std::optional<std::string>& value) {
    out.key(key);
    value ? out.text(*value) : out.null();
  };
  out.begin_array();
  for (const WorkerConfigChange& change : changes) {
    out.begin_object();
    if (change.kind == Kind::setting) out.member("setting", change.name);
    if (change.kind != Kind::setting) out.member("taskType", change.task_type);
    if (change.kind == Kind::data_source) out.member("dataSource", change.name);
    if (change.kind == Kind::supervisor) out.member("supervisorId", change.name);
    text_or_null("from", change.before);
    text_or_null("to", change.after);
    out.end_object();
  }
  return out.end_array().take();
}

}  // namespace copse::runner::overlord
