#include "engine/json_fault.hpp"
#include "runner/overlord/smile.hpp"

#include <boost/json.hpp>

namespace copse::runner::overlord {
namespace {

namespace json = boost::json;

// Recursion is bounded by the parser's limit.
void write(SmileWriter& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::object:
      out.begin_object();
      for (const auto& [name, member] : value.get_object()) {
        out.key(name);
        write(out, member);
      }
      out.end_object();
      break;
    case json::kind::array:
      out.begin_array();
      for (const json::value& element : value.get_array()) write(out, element);
      out.end_array();
      break;
    case json::kind::string:
      out.text(value.get_string());
      break;
    case json::kind::bool_:
      out.boolean(value.get_bool());
      break;
    case json::kind::int64:
      out.number(value.get_int64());
      break;
    case json::kind::uint64:
      out.big_integer(std::to_string(value.get_uint64()));
      break;
    case json::kind::double_:
      out.number(value.get_double());
      break;
    case json::kind::null:
      out.null();
      break;
  }
}

}  // namespace

std::expected<std::string, SmileFault> json_to_smile(std::string_view text) {
  json::parse_options options;
  options.max_depth = engine::json_depth_limit;
  json::error_code fault;
  json::parser parser({}, options);
  const std::size_t read = parser.write_some(text, fault);
  if (!fault && read < text.size()) fault = json::error::extra_data;
  if (fault) return std::unexpected(SmileFault{read, fault.message()});
  SmileWriter out;
  write(out, parser.release());
  return out.take();
}

}  // namespace copse::runner::overlord
