#include "engine/json_fault.hpp"
#include "engine/json_writer.hpp"
#include "runner/kube/base64.hpp"
#include "runner/overlord/smile.hpp"
#include "runner/overlord/smile_number.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <limits>
#include <utility>

#include <simdjson.h>

namespace copse::runner::overlord {
namespace {

constexpr std::string_view smile_mark = ":)\n";
constexpr std::size_t header_size = 4;
constexpr unsigned shares_names = 1;
constexpr unsigned shares_values = 2;
constexpr std::size_t table_limit = 1024;      // entries; then the table begins anew
constexpr std::size_t shared_size_limit = 64;  // bytes of a value that is kept
constexpr unsigned end_of_text = 0xFC;
constexpr unsigned end_of_object = 0xFB;
constexpr unsigned end_of_array = 0xF9;
constexpr unsigned end_of_content = 0xFF;

// Texts that a later token may refer to.
class Shared {
 public:
  void add(std::string_view text) {
    if (texts_.size() == table_limit) texts_.clear();
    texts_.push_back(text);
  }

  [[nodiscard]] const std::string_view* find(std::size_t index) const {
    return index < texts_.size() ? &texts_[index] : nullptr;
  }

 private:
  std::vector<std::string_view> texts_;
};

class Reader {
 public:
  explicit Reader(std::string_view in)
      : in_(in), limit_(std::min(smile_json_limit, smile_growth_limit * in.size())) {}

  std::expected<std::string, SmileFault> run() {
    if (header()) {
      value();
      while (ok_ && !open_.empty()) {
        if (open_.back() == Scope::object) {
          member();
        } else if (peek() == end_of_array) {
          take();
          out_.end_array();
          open_.pop_back();
        } else {
          value();
        }
        if (out_.size() > limit_) fail("the document becomes too much JSON");
      }
      if (ok_ && at_ < in_.size() && peek() == end_of_content) take();
      if (ok_ && at_ < in_.size()) fail("there are bytes after the end of the document");
    }
    if (!ok_) return std::unexpected(std::move(fault_));
    return out_.take();
  }

 private:
  enum class Scope : std::uint8_t { object, array };

  void fail(std::string_view text) {
    if (!ok_) return;
    ok_ = false;
    fault_ = {std::min(at_, in_.size()), std::string(text)};
  }

  [[nodiscard]] unsigned peek() const {
    return at_ < in_.size() ? static_cast<unsigned char>(in_[at_]) : end_of_content;
  }

  unsigned take() {
    if (at_ >= in_.size()) {
      fail("the document is cut off");
      return 0;
    }
    return static_cast<unsigned char>(in_[at_++]);
  }

  std::string_view take(std::uint64_t size) {
    if (size > in_.size() - at_) {
      fail("the document is cut off");
      return {};
    }
    const std::string_view bytes = in_.substr(at_, static_cast<std::size_t>(size));
    at_ += bytes.size();
    return bytes;
  }

  bool header() {
    if (!in_.starts_with(smile_mark) || in_.size() < header_size) {
      fail(in_.empty()                      ? "the document is empty"
           : in_[0] == '{' || in_[0] == '[' ? "this is JSON, not Smile"
                                            : "there is no Smile header");
      return false;
    }
    at_ = smile_mark.size();
    flags_ = take();
    if (flags_ >> 4U != 0) fail("a version of Smile that is not known");
    return ok_;
  }

  // Groups of seven bits; the last has bit 7 set and holds six.
  std::uint64_t variable() {
    std::uint64_t value = 0;
    for (;;) {
      const unsigned next = take();
      if (!ok_) return 0;
      const bool is_last = (next & 0x80U) != 0;
      const unsigned width = is_last ? 6 : 7;
      if (value > std::numeric_limits<std::uint64_t>::max() >> width) {
        fail("a number has more than 64 bits");
        return 0;
      }
      value = value << width | (next & (is_last ? 0x3FU : 0x7FU));
      if (is_last) return value;
    }
  }

  std::string_view checked(std::string_view text) {
    if (ok_ && !simdjson::validate_utf8(text.data(), text.size())) fail("a text is not UTF-8");
    return text;
  }

  std::string_view long_text() {
    const std::size_t end =
        in_.find(static_cast<char>(static_cast<unsigned char>(end_of_text)), at_);
    if (end == std::string_view::npos) {
      fail("a long text has no end");
      return {};
    }
    const std::string_view text = in_.substr(at_, end - at_);
    at_ = end + 1;
    return checked(text);
  }

  void member() {
    const unsigned token = take();
    if (!ok_) return;
    if (token == end_of_object) {
      out_.end_object();
      open_.pop_back();
      return;
    }
    out_.key(name(token));
    value();
  }

  std::string_view name(unsigned token) {
    if (token == 0x20) return {};
    if (token >= 0x30 && token <= 0x33) return known(names_, (token & 3U) << 8U | take());
    if (token >= 0x40 && token <= 0x7F) return known(names_, token & 0x3FU);
    std::string_view literal;
    if (token == 0x34) {
      literal = long_text();
    } else if (token >= 0x80 && token <= 0xBF) {
      literal = checked(take(token - 0x7F));
    } else if (token >= 0xC0 && token <= 0xF7) {
      literal = checked(take(token - 0xBE));
    } else {
      fail("a byte that begins no name");
    }
    if (ok_ && (flags_ & shares_names) != 0) names_.add(literal);
    return literal;
  }

  std::string_view known(const Shared& table, std::size_t index) {
    const std::string_view* text = table.find(index);
    if (text == nullptr) {
      fail("a reference to a text that was not there");
      return {};
    }
    return *text;
  }

  void begin(Scope scope) {
    if (open_.size() == engine::json_depth_limit) {
      fail("the document is nested too deeply");
      return;
    }
    open_.push_back(scope);
    scope == Scope::object ? out_.begin_object() : out_.begin_array();
  }

  void literal(std::uint64_t size) {
    const std::string_view text = checked(take(size));
    if (ok_ && size <= shared_size_limit && (flags_ & shares_values) != 0) values_.add(text);
    out_.text(text);
  }

  std::uint64_t seven_bits(unsigned groups) {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < groups; ++i) bits = bits << 7U | (take() & 0x7FU);
    return bits;
  }

  std::string packed(std::uint64_t size, std::uint64_t limit) {
    if (size > limit) {
      fail("a number or binary is longer than the document");
      return {};
    }
    return from_seven_bits(take(seven_bit_size(size)), static_cast<std::size_t>(size));
  }

  void big_number(std::int64_t scale) {
    if (scale != static_cast<std::int32_t>(scale)) fail("a number's scale has more than 32 bits");
    const std::string bytes = packed(variable(), smile_number_limit);
    if (ok_) out_.raw(decimal_of(bytes, scale));
  }

  void value() {
    const unsigned token = take();
    if (!ok_) return;
    if (token >= 0x40 && token <= 0x7F) return literal(token - 0x3F);
    if (token >= 0x80 && token <= 0xBF) return literal(token - 0x7E);
    if (token >= 0xC0 && token <= 0xDF) {
      out_.number(unzigzag(token & 0x1FU));
      return;
    }
    if (token >= 0x01 && token <= 0x1F) return reference(token - 1);
    if (token >= 0xEC && token <= 0xEF) return reference((token & 3U) << 8U | take());
    special(token);
  }

  void reference(std::size_t index) { out_.text(known(values_, index)); }

  void special(unsigned token) {
    switch (token) {
      case 0x20:
        out_.text({});
        break;
      case 0x21:
        out_.null();
        break;
      case 0x22:
      case 0x23:
        out_.boolean(token == 0x23);
        break;
      case 0x24:
      case 0x25:
        out_.number(unzigzag(variable()));
        break;
      case 0x26:
        big_number(0);
        break;
      case 0x28:
        out_.raw(json_of(std::bit_cast<float>(static_cast<std::uint32_t>(seven_bits(5)))));
        break;
      case 0x29:
        out_.raw(json_of(std::bit_cast<double>(seven_bits(10))));
        break;
      case 0x2A:
        big_number(unzigzag(variable()));
        break;
      case 0xE0:
      case 0xE4:
        out_.text(long_text());
        break;
      case 0xE8:
        out_.text(kube::encode_base64(packed(variable(), in_.size())));
        break;
      case 0xFD:
        out_.text(kube::encode_base64(take(variable())));
        break;
      case 0xF8:
        begin(Scope::array);
        break;
      case 0xFA:
        begin(Scope::object);
        break;
      default:
        --at_;
        fail("a byte that begins no value");
    }
  }

  std::string_view in_;
  std::size_t limit_;  // bytes of JSON
  std::size_t at_ = 0;
  unsigned flags_ = 0;
  bool ok_ = true;
  SmileFault fault_;
  engine::JsonWriter out_;
  std::vector<Scope> open_;
  Shared names_;
  Shared values_;
};

}  // namespace

std::expected<std::string, SmileFault> smile_to_json(std::string_view smile) {
  return Reader(smile).run();
}

}  // namespace copse::runner::overlord
