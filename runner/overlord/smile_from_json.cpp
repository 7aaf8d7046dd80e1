#include "engine/json_fault.hpp"
#include "runner/overlord/smile.hpp"
#include "runner/overlord/smile_number.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>
#include <utility>

#include <boost/json/basic_parser_impl.hpp>

namespace copse::runner::overlord {
namespace {

namespace json = boost::json;

// Digits of a number that are worth a look: more never fit into smile_number_limit bytes.
constexpr std::size_t digits_limit = smile_number_limit * 5 / 2;

// Writes what Boost's parser meets, in the order of the document. The names are Boost's.
class Scribe {
 public:
  using Fault = json::error_code;

  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = max_object_size;
  static constexpr std::size_t max_key_size = max_object_size;
  static constexpr std::size_t max_string_size = max_object_size;

  static bool on_document_begin(Fault& /*fault*/) { return true; }

  static bool on_document_end(Fault& /*fault*/) { return true; }

  bool on_object_begin(Fault& /*fault*/) { return wrote(out_.begin_object()); }

  bool on_object_end(std::size_t /*size*/, Fault& /*fault*/) { return wrote(out_.end_object()); }

  bool on_array_begin(Fault& /*fault*/) { return wrote(out_.begin_array()); }

  bool on_array_end(std::size_t /*size*/, Fault& /*fault*/) { return wrote(out_.end_array()); }

  bool on_key_part(json::string_view part, std::size_t /*size*/, Fault& /*fault*/) {
    text_ += part;
    return true;
  }

  bool on_key(json::string_view part, std::size_t /*size*/, Fault& /*fault*/) {
    text_ += part;
    out_.key(text_);
    text_.clear();
    return true;
  }

  bool on_string_part(json::string_view part, std::size_t /*size*/, Fault& /*fault*/) {
    text_ += part;
    return true;
  }

  bool on_string(json::string_view part, std::size_t /*size*/, Fault& /*fault*/) {
    text_ += part;
    out_.text(text_);
    text_.clear();
    return true;
  }

  // Only a text in pieces has numbers in parts.
  static bool on_number_part(json::string_view /*part*/, Fault& /*fault*/) { return true; }

  bool on_int64(std::int64_t value, json::string_view /*text*/, Fault& /*fault*/) {
    return wrote(out_.number(value));
  }

  bool on_uint64(std::uint64_t /*value*/, json::string_view text, Fault& /*fault*/) {
    return wrote(out_.big_integer(text));
  }

  // WHY not `rough`: Boost's double may be a neighbour of the nearest one.
  bool on_double(double rough, json::string_view text, Fault& fault) {
    if (text.find_first_of(".eE") == json::string_view::npos) return integer(text, fault);
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec == std::errc::result_out_of_range) {
      if (std::abs(rough) > 1) return refuse(fault, "a number is too large for a double");
      value = std::copysign(0.0, rough);
    }
    return wrote(out_.number(value));
  }

  bool on_bool(bool value, Fault& /*fault*/) { return wrote(out_.boolean(value)); }

  bool on_null(Fault& /*fault*/) { return wrote(out_.null()); }

  static bool on_comment_part(json::string_view /*part*/, Fault& /*fault*/) { return true; }

  static bool on_comment(json::string_view /*part*/, Fault& /*fault*/) { return true; }

  [[nodiscard]] std::string take() { return out_.take(); }

  /// What this, not the parser, found wrong.
  [[nodiscard]] std::string_view refused() const { return refused_; }

 private:
  static bool wrote(const SmileWriter& /*out*/) { return true; }

  bool refuse(Fault& fault, std::string_view why) {
    refused_ = why;
    fault = json::error::syntax;
    return false;
  }

  bool integer(std::string_view decimal, Fault& fault) {
    if (decimal.size() > digits_limit || twos_complement_of(decimal).size() > smile_number_limit)
      return refuse(fault, "a number has too many digits");
    return wrote(out_.big_integer(decimal));
  }

  SmileWriter out_;
  std::string text_;
  std::string_view refused_;
};

}  // namespace

std::expected<std::string, SmileFault> json_to_smile(std::string_view text) {
  json::parse_options options;
  options.max_depth = engine::json_depth_limit;
  json::basic_parser<Scribe> parser(options);
  json::error_code fault;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), fault);
  if (!fault && read < text.size()) fault = json::error::extra_data;
  if (fault) {
    const std::string_view refused = parser.handler().refused();
    return std::unexpected(
        SmileFault{read, refused.empty() ? fault.message() : std::string(refused)});
  }
  return parser.handler().take();
}

}  // namespace copse::runner::overlord
