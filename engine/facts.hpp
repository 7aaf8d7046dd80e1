#pragma once
// What a policy needs to know of one task, read from its JSON document once.
//
// Only the paths that the image demands are looked at, the walk stops when all are found, and
// nothing is copied but texts with escapes. Rules that make every document mean exactly one thing:
//  * a member that occurs twice counts where it stands first;
//  * null is absent; a value of another type than the attribute's is ill-typed: a number where a
//    text is asked for, `5.5` or `"5"` for an integer, a text that is no duration for a duration;
//  * where a path leads through something that is neither an object nor null, all below it is
//    ill-typed (`"tags": "gold"` makes every `tags.NAME` ill-typed, as Druid's Java fails its cast
//    there);
//  * `dataSource` that is not at the top level is taken from where submitted specs keep it, and is
//    `none` for a `noop` task;
//  * `groupId` that is absent or ill-typed is the id, `requiredCapacity` 1, and `priority` Druid's
//    default for the type: 75 for streaming, 50 for batch, 25 for compaction, else 0.

#include "engine/instant.hpp"
#include "engine/policy.hpp"
#include "engine/table.hpp"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace copse::engine {

/// One value of one task, in 32 bytes: two of them are a cache line. Of a text its beginning stands
/// in the fact, so that deciding about a short one reads nothing else of it.
class Fact {
 public:
  /// The first three are the atoms of what no test lists.
  enum class State : std::uint8_t {
    absent = std::to_underlying(Atom::absent),
    ill_typed = std::to_underlying(Atom::ill_typed),
    text = std::to_underlying(Atom::other),
    number,
    counted  ///< a canary's text, which is hashed when a rule asks
  };

  constexpr Fact() = default;

  [[nodiscard]] static Fact ill_typed() {
    Fact made;
    made.state_ = State::ill_typed;
    return made;
  }

  /// `text` is not copied; a document that holds it has less than 4 GiB, and from where the text
  /// begins text_padding bytes (text_head.hpp) can be read: look-ups do, however short it is.
  [[nodiscard]] static Fact of_padded(std::string_view text) {
    Fact made;
    made.head_ = TextHead::of_padded(text);
    made.text_ = text.data();
    made.more_ = static_cast<std::uint32_t>(text.size());
    made.state_ = State::text;
    return made;
  }

  /// Some text of which nothing counts but that it is there.
  [[nodiscard]] static Fact any_text() { return of_padded(any); }

  [[nodiscard]] static Fact of(Number number) {
    Fact made;
    made.whole_ = number.whole;
    made.more_ = number.nanos;
    made.state_ = State::number;
    return made;
  }

  /// The same for a canary.
  [[nodiscard]] static Fact counted(std::string_view text) {
    Fact made = of_padded(text);
    made.state_ = State::counted;
    return made;
  }

  [[nodiscard]] State state() const { return state_; }

  /// Of `text` and `counted`; else empty.
  [[nodiscard]] std::string_view text() const {
    return has_text() ? std::string_view{text_, more_} : std::string_view{};
  }

  /// Its atom: of `text`, and of `absent` and `ill_typed` without asking which of the three it is:
  /// that cannot be foreseen. Of nothing else.
  [[nodiscard, gnu::always_inline]] Atom atom_in(const AtomTable& table) const {
    return table.find(head_, {text_, more_}, Atom{std::to_underlying(state_)});
  }

  /// What atom_in() would say of a listed text: AtomTable::guess(). Of another fact anything.
  [[nodiscard, gnu::always_inline]] Atom guess_in(const AtomTable& table) const {
    return table.guess(head_, {text_, more_});
  }

  /// Of `number`; else zero.
  [[nodiscard]] Number number() const {
    return state_ == State::number ? Number{whole_, more_} : Number{};
  }

  bool operator==(const Fact& other) const {
    return state_ == other.state_ && text() == other.text() && number() == other.number();
  }

 private:
  [[nodiscard]] bool has_text() const { return state_ == State::text || state_ == State::counted; }

  static constexpr std::string_view any = {"any text\0and as many bytes behind it as look-ups read",
                                           8};

  TextHead head_;

  union {
    const char* text_ = any.data();
    std::int64_t whole_;
  };

  std::uint32_t more_ = any.size();  // bytes of the text, or billionths of the number
  State state_ = State::absent;
};

static_assert(sizeof(Fact) == 32);

/// Bytes that a document's buffer should own behind its text; else reading copies it first.
inline constexpr std::size_t document_padding = 64;

/// What decisions depend on besides the task.
struct Circumstances {
  std::optional<Instant> now = {};  ///< absent: all that asks the clock is absent
  std::optional<bool>
      canary;  ///< every canary takes the task, or none does; absent: as it is hashed
  std::uint32_t attempt = 1;
};

/// Reads the facts of one task after another; keeps its buffers, so that after the first few
/// documents nothing is allocated. Not for two threads at once.
class FactReader {
 public:
  /// Fact I of each answer belongs to `attributes[I]`.
  explicit FactReader(const std::vector<Attribute>& attributes);
  FactReader(FactReader&&) noexcept;
  FactReader& operator=(FactReader&&) noexcept;
  FactReader(const FactReader&) = delete;
  FactReader& operator=(const FactReader&) = delete;
  ~FactReader();

  /// The facts of `document`, valid until the next call and while the document lives. Fails with a
  /// cause when the part that was looked at is not JSON, or the document is not an object.
  [[nodiscard]] std::expected<std::span<const Fact>, std::string_view> read(
      const std::string& document, const Circumstances& circumstances = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace copse::engine
