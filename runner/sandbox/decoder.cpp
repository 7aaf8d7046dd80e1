#include "runner/sandbox/decoder.hpp"

#include "adapters/kubernetes_fields.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <unordered_set>

#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;
using adapters::Field;
using adapters::FieldKind;
using adapters::FieldShape;
using adapters::TypeId;
using Fault = json::error_code;

/// What the table says of a value. Not `known`: nothing, anything may be in it.
struct Expected {
  bool known = false;
  FieldShape shape = FieldShape::one;
  FieldKind kind = FieldKind::any;
  TypeId type{};

  [[nodiscard]] bool is_struct() const {
    return known && shape == FieldShape::one && kind == FieldKind::object;
  }

  /// What is expected of the items of a list or the values of a map.
  [[nodiscard]] Expected item() const { return {known, FieldShape::one, kind, type}; }
};

Expected expected_of(const Field& field) {
  return {true, field.shape, field.kind, field.type};
}

/// Fields of the largest type in the table (PodSpec has 41).
constexpr std::size_t most_fields = 64;

/// Deeper than a usual Job.
constexpr std::size_t usual_depth = 16;
/// Room for the values that are under way: as much as json::parse takes.
constexpr std::size_t scratch_bytes = 4096;

/// One object or array that is open.
struct Frame {
  enum class Form : unsigned char { free, structure, map, list };
  Form form = Form::free;
  bool is_array = false;
  Expected inner;                              ///< of items and of values of a map
  TypeId type{};                               ///< of a structure
  std::size_t size = 0;                        ///< members that were kept
  std::size_t items = 0;                       ///< of an array
  std::string key;                             ///< the member that is being read
  std::bitset<most_fields> seen;               ///< fields of a structure
  std::unordered_set<std::string> seen_names;  ///< of anything else
};

/// The root of a kind that is not in the table: metadata is the same in all of them.
bool is_metadata_of_root(std::size_t depth, std::string_view key) {
  return depth == 1 && key == "metadata";
}

/// Builds the document from the parser's events (the Handler of Boost.JSON's basic_parser).
class Decoder {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  Decoder(std::string_view kind, std::vector<std::string>& faults)
      : knows_kind_{!kind.empty()}, faults_{faults} {
    frames_.reserve(usual_depth);
    if (const auto type = adapters::find_type(kind))
      next_ = {true, FieldShape::one, FieldKind::object, *type};
  }

  void reset(json::storage_ptr storage) { stack_.reset(std::move(storage)); }

  json::value release() { return stack_.release(); }

  bool on_document_begin(Fault&) { return true; }

  bool on_document_end(Fault&) { return true; }

  bool on_object_begin(Fault&) { return open(false); }

  bool on_object_end(std::size_t, Fault&) {
    if (leaves_skipped()) return true;
    stack_.push_object(close());
    return ended();
  }

  bool on_array_begin(Fault&) { return open(true); }

  bool on_array_end(std::size_t, Fault&) {
    if (leaves_skipped()) return true;
    stack_.push_array(close());
    return ended();
  }

  bool on_key_part(json::string_view part, std::size_t, Fault&) {
    if (skipped_ == 0) text_.append(part.data(), part.size());
    return true;
  }

  bool on_key(json::string_view rest, std::size_t, Fault&) {
    if (skipped_ > 0) return true;
    Frame& here = frames_[depth_ - 1];
    here.key = text_;
    here.key.append(rest.data(), rest.size());
    text_.clear();
    meet(here);
    if (!drops_next_) stack_.push_key(json::string_view{here.key.data(), here.key.size()});
    return true;
  }

  bool on_string_part(json::string_view part, std::size_t, Fault&) {
    if (keeps()) stack_.push_chars(part);
    return true;
  }

  bool on_string(json::string_view rest, std::size_t, Fault&) {
    return scalar([&] { stack_.push_string(rest); });
  }

  bool on_number_part(json::string_view, Fault&) { return true; }

  bool on_int64(std::int64_t value, json::string_view, Fault&) {
    return scalar([&] { stack_.push_int64(value); });
  }

  bool on_uint64(std::uint64_t value, json::string_view, Fault&) {
    return scalar([&] { stack_.push_uint64(value); });
  }

  bool on_double(double value, json::string_view, Fault&) {
    return scalar([&] { stack_.push_double(value); });
  }

  bool on_bool(bool value, Fault&) {
    return scalar([&] { stack_.push_bool(value); });
  }

  bool on_null(Fault&) {
    return scalar([&] { stack_.push_null(); });
  }

  bool on_comment_part(json::string_view, Fault&) { return true; }

  bool on_comment(json::string_view, Fault&) { return true; }

 private:
  [[nodiscard]] bool keeps() const { return skipped_ == 0 && !drops_next_; }

  template <typename Push>
  bool scalar(Push push) {
    if (skipped_ > 0) return true;
    if (drops_next_) {
      drops_next_ = false;
      return true;
    }
    push();
    return ended();
  }

  bool open(bool is_array) {
    if (!keeps()) {
      drops_next_ = false;
      ++skipped_;
      return true;
    }
    // Frames are used again, so that their texts keep their memory.
    if (depth_ == frames_.size()) frames_.emplace_back();
    Frame& frame = frames_[depth_++];
    frame.is_array = is_array;
    frame.form = form_of(is_array);
    frame.inner = next_.item();
    frame.type = next_.type;
    frame.size = frame.items = 0;
    frame.seen.reset();
    frame.seen_names.clear();
    if (is_array) next_ = frame.form == Frame::Form::list ? frame.inner : Expected{};
    return true;
  }

  [[nodiscard]] Frame::Form form_of(bool is_array) const {
    if (!next_.known) return Frame::Form::free;
    if (is_array) {
      return next_.shape == FieldShape::list ? Frame::Form::list : Frame::Form::free;
    }
    if (next_.shape == FieldShape::map) return Frame::Form::map;
    return next_.is_struct() ? Frame::Form::structure : Frame::Form::free;
  }

  [[nodiscard]] bool leaves_skipped() {
    if (skipped_ == 0) return false;
    --skipped_;
    return true;
  }

  /// Leaves a frame; how many values it holds.
  std::size_t close() { return frames_[--depth_].size; }

  /// A value is complete: its frame counts it, and an array expects another.
  bool ended() {
    if (depth_ == 0) return true;
    Frame& frame = frames_[depth_ - 1];
    ++frame.size;
    ++frame.items;
    if (frame.is_array) next_ = frame.form == Frame::Form::list ? frame.inner : Expected{};
    return true;
  }

  /// A member begins: is it known, was it there before, what comes now?
  void meet(Frame& frame) {
    next_ = {};
    bool is_new = true;
    if (frame.form == Frame::Form::structure) {
      const Field* field = adapters::find_field(frame.type, frame.key);
      if (field == nullptr) {
        note("unknown");
        drops_next_ = true;
        return;
      }
      const auto index =
          static_cast<std::size_t>(field - adapters::fields(frame.type).data()) % most_fields;
      is_new = !frame.seen.test(index);
      frame.seen.set(index);
      next_ = expected_of(*field);
    } else {
      is_new = frame.seen_names.insert(frame.key).second;
      if (frame.form == Frame::Form::map) next_ = frame.inner;
      if (frame.form == Frame::Form::free && knows_kind_ && is_metadata_of_root(depth_, frame.key))
        next_ = {true, FieldShape::one, FieldKind::object, adapters::type_named("ObjectMeta")};
    }
    if (!is_new) note("duplicate");
  }

  void note(std::string_view what) {
    std::string path;
    for (std::size_t i = 0; i < depth_; ++i) {
      if (frames_[i].is_array) {
        path += fmt::format("[{}]", frames_[i].items);
      } else {
        if (!path.empty()) path += '.';
        path += frames_[i].key;
      }
    }
    std::string fault = fmt::format("{} field \"{}\"", what, path);
    const bool fresh = std::find(faults_.begin(), faults_.end(), fault) == faults_.end();
    if (fresh && faults_.size() < fault_limit) faults_.push_back(std::move(fault));
  }

  bool knows_kind_;
  std::vector<std::string>& faults_;
  std::array<unsigned char, scratch_bytes> scratch_;
  json::value_stack stack_{{}, scratch_.data(), scratch_.size()};
  std::vector<Frame> frames_;
  std::size_t depth_ = 0;    ///< frames in use
  Expected next_;            ///< of the value that comes
  std::string text_;         ///< first parts of a key
  std::size_t skipped_ = 0;  ///< open objects and arrays within a field that is left out
  bool drops_next_ = false;
};

using Parser = json::basic_parser<Decoder>;

json::parse_options options_of() {
  json::parse_options options;
  options.max_depth = json_depth;
  return options;
}

/// Runs the parser over all of `text`.
json::error_code read(Parser& parser, std::string_view text) {
  Fault fault;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), fault);
  if (!fault && used < text.size()) fault = json::error::extra_data;
  return fault;
}

}  // namespace

std::expected<json::object, Refusal> decode_document(std::string_view body, std::string_view kind,
                                                     DocumentArena& arena,
                                                     std::vector<std::string>& faults) {
  Parser parser{options_of(), kind, faults};
  parser.handler().reset(storage_of(arena));
  if (const Fault fault = read(parser, body))
    return std::unexpected{unreadable_document(fault.message())};
  json::value value = parser.handler().release();
  if (!value.is_object()) return std::unexpected{unreadable_document({})};
  return std::move(value.get_object());
}

std::vector<std::string> find_field_faults(std::string_view text, std::string_view kind) {
  std::vector<std::string> faults;
  Parser parser{options_of(), kind, faults};
  parser.handler().reset(json::make_shared_resource<json::monotonic_resource>());
  if (read(parser, text)) faults.clear();
  return faults;
}

}  // namespace copse::runner::sandbox
