#pragma once
// What reading Druid's configuration objects has in common: texts as Jackson coerces them, lists of
// texts, members with suggestions for misspelt ones, and diagnostics with places. Private to
// grammar.

#include "engine/diagnostic.hpp"
#include "engine/json_scanner.hpp"
#include "grammar/dynamic_configuration.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::grammar {

/// Reading has stopped; the reader's diagnostics say why.
struct Stop {};

template <typename T>
using Or = std::expected<T, Stop>;

class DruidReader {
 public:
  /// `source` outlives the reader.
  explicit DruidReader(const engine::Source& source, Json known = Json::unknown)
      : source_(source), places_(source), json_(source.text), known_(known) {}

  engine::Diagnostics take() { return std::move(found_); }

 protected:
  using Kind = engine::JsonScanner::Kind;

  /// True when the source is one JSON object; the reading then stands before it.
  [[nodiscard]] bool begin();

  std::unexpected<Stop> stop(std::string code, std::string title, engine::Span span,
                             std::string label, std::string help = {});
  void warn(std::string code, std::string title, engine::Span span, std::string label,
            std::string help = {});
  /// The value that comes next is of the wrong kind.
  std::unexpected<Stop> wrong(std::string_view what, std::string_view wanted);

  /// A text as Jackson takes one: numbers and booleans are written out, null is absent.
  Or<std::optional<std::string>> text(std::string_view what);
  /// A set of texts in the order in which they are written; null is absent.
  Or<std::optional<Texts>> texts(const std::string& what);

  /// Warns of a member that Druid does not know, and passes over its value.
  void unknown(const std::string& name, engine::Span span,
               const std::vector<std::string_view>& known, std::string_view where);

  engine::JsonScanner& json() { return json_; }

 private:
  void say(engine::Severity severity, std::string code, std::string title, engine::Span span,
           std::string label, std::string help);

  const engine::Source& source_;
  engine::Locator places_;
  engine::JsonScanner json_;
  Json known_;
  engine::Diagnostics found_;
};

/// "did you mean", or which there are.
[[nodiscard]] std::string suggest(std::string_view word,
                                  const std::vector<std::string_view>& known);

template <typename T>
std::expected<Reading<T>, engine::Diagnostics> finish(DruidReader& reader, Or<T> read) {
  if (read) return Reading<T>{std::move(*read), reader.take()};
  return std::unexpected(reader.take());
}

}  // namespace copse::grammar
