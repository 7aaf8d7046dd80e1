#include "runner/sandbox/table.hpp"

#include "runner/sandbox/json_text.hpp"
#include "runner/sandbox/table_cells.hpp"

#include <array>

#include <boost/json.hpp>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;

struct Column {
  std::string_view name;
  std::string_view type = "string";
  int priority = 0;  ///< 1: only with `-o wide`
  std::string_view format{};
};

constexpr Column name_column{"Name", "string", 0, "name"};

constexpr std::array job_columns{name_column,
                                 Column{"Status"},
                                 Column{"Completions"},
                                 Column{"Duration"},
                                 Column{"Age"},
                                 Column{"Containers", "string", 1},
                                 Column{"Images", "string", 1},
                                 Column{"Selector", "string", 1}};
constexpr std::array pod_columns{name_column,
                                 Column{"Ready"},
                                 Column{"Status"},
                                 Column{"Restarts"},
                                 Column{"Age"},
                                 Column{"IP", "string", 1},
                                 Column{"Node", "string", 1},
                                 Column{"Nominated Node", "string", 1},
                                 Column{"Readiness Gates", "string", 1}};
constexpr std::array node_columns{name_column,
                                  Column{"Status"},
                                  Column{"Roles"},
                                  Column{"Age"},
                                  Column{"Version"},
                                  Column{"Internal-IP", "string", 1},
                                  Column{"External-IP", "string", 1},
                                  Column{"OS-Image", "string", 1},
                                  Column{"Kernel-Version", "string", 1},
                                  Column{"Container-Runtime", "string", 1}};
constexpr std::array event_columns{Column{"Last Seen"},
                                   Column{"Type"},
                                   Column{"Reason"},
                                   Column{"Object"},
                                   Column{"Subobject", "string", 1},
                                   Column{"Source", "string", 1},
                                   Column{"Message"},
                                   Column{"First Seen", "string", 1},
                                   Column{"Count", "string", 1},
                                   Column{"Name", "string", 1, "name"}};
constexpr std::array namespace_columns{name_column, Column{"Status"}, Column{"Age"}};
constexpr std::array configmap_columns{name_column, Column{"Data"}, Column{"Age"}};

std::span<const Column> columns_of(Resource resource) {
  switch (resource) {
    case Resource::jobs:
      return job_columns;
    case Resource::pods:
      return pod_columns;
    case Resource::nodes:
      return node_columns;
    case Resource::events:
      return event_columns;
    case Resource::namespaces:
      return namespace_columns;
    case Resource::configmaps:
      return configmap_columns;
  }
  return {};
}

std::size_t entries_at(const json::object& document, std::string_view name) {
  const json::value* value = document.if_contains(name);
  return value != nullptr && value->is_object() ? value->get_object().size() : 0;
}

Cells cells_of(const Object& object, Moment now) {
  const json::object document = document_of(object);
  const std::string age = quoted(human_duration(now - object.created));
  switch (object.resource) {
    case Resource::jobs:
      return job_cells(object, document, now);
    case Resource::pods:
      return pod_cells(object, document, now);
    case Resource::nodes:
      return node_cells(object, document, now);
    case Resource::events:
      return event_cells(object, document, now);
    case Resource::namespaces:
      return {quoted(object.name), quoted(text_at(document, "status.phase")), age};
    case Resource::configmaps:
      return {quoted(object.name),
              std::to_string(entries_at(document, "data") + entries_at(document, "binaryData")),
              age};
  }
  return {};
}

void append_columns(std::string& out, Resource resource) {
  out += '[';
  for (const Column& column : columns_of(resource)) {
    if (out.back() != '[') out += ',';
    ObjectText text{out};
    text.text("name", column.name);
    text.text("type", column.type);
    text.text("format", column.format);
    text.text("description", "");
    text.number("priority", column.priority);
    text.close();
  }
  out += ']';
}

void append_row(std::string& out, const Object& object, TableForm form, Moment now) {
  ObjectText row{out};
  row.key("cells");
  out += '[';
  bool first = true;
  for (const std::string& cell : cells_of(object, now)) {
    if (!first) out += ',';
    first = false;
    out += cell;
  }
  out += ']';
  if (form == TableForm::metadata) {
    row.key("object");
    append_partial(out, object);
  } else if (form == TableForm::object) {
    row.key("object");
    append_object(out, object, Head::full);
  }
  row.close();
}

}  // namespace

std::optional<TableForm> table_form(std::string_view accept, std::string_view include_object) {
  if (accept.substr(0, accept.find(',')).find("as=Table") == std::string_view::npos)
    return std::nullopt;
  if (include_object == "Object") return TableForm::object;
  if (include_object == "None") return TableForm::none;
  return TableForm::metadata;
}

void append_table(std::string& out, Resource resource, std::span<const ObjectPtr> objects,
                  TableForm form, Moment now, std::string_view list_metadata, Columns columns) {
  ObjectText table{out};
  table.text("kind", "Table");
  table.text("apiVersion", "meta.k8s.io/v1");
  table.key("metadata");
  if (!list_metadata.empty()) {
    out += list_metadata;
  } else {
    ObjectText metadata{out};
    metadata.text("resourceVersion",
                  std::to_string(static_cast<std::uint64_t>(objects.front()->rv)));
    metadata.close();
  }
  table.key("columnDefinitions");
  if (columns == Columns::all) {
    append_columns(out, resource);
  } else {
    out += "null";
  }
  table.key("rows");
  out += '[';
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (i > 0) out += ',';
    append_row(out, *objects[i], form, now);
  }
  out += ']';
  table.close();
}

}  // namespace copse::runner::sandbox
