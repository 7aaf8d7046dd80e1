#pragma once
// What an editor asks about one policy: what is wrong, what stands here, what could stand here,
// where it is declared. Positions are bytes. Pure: the folder of templates is listed by who calls.

#include "engine/diagnostic.hpp"
#include "grammar/language/parse.hpp"
#include "runner/lsp/place.hpp"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::lsp {

/// The templates that exist beside the policy, or why it is not known which: nothing is said when
/// the policy names no folder.
using TemplateKeys = std::expected<std::vector<std::string>, engine::Diagnostics>;

/// Something that may be written at a place.
struct Proposal {
  enum class Kind : std::uint8_t { keyword, attribute, list, profile, rule, template_key, value };
  Kind kind = Kind::keyword;
  std::string text;
  std::string detail;
};

struct Completion {
  engine::Span typed;  ///< what a proposal takes the place of
  std::vector<Proposal> proposals;
};

struct Hover {
  engine::Span span;
  std::string text;  ///< Markdown
};

class PolicyView {
 public:
  PolicyView(std::string name, std::string text);

  [[nodiscard]] const engine::Source& source() const { return source_; }

  /// The folder that `templates from` names; empty: none.
  [[nodiscard]] std::string templates_folder() const;

  /// Faults, or when there are none what lint finds.
  [[nodiscard]] engine::Diagnostics diagnostics(const TemplateKeys& templates) const;

  [[nodiscard]] std::optional<Hover> hover(std::size_t at) const;

  [[nodiscard]] Completion completion(std::size_t at, const TemplateKeys& templates) const;

  /// Where the list, profile, attribute or rule that is named at that place is declared.
  [[nodiscard]] std::optional<engine::Span> definition(std::size_t at) const;

  /// The template that is named at that place.
  [[nodiscard]] std::optional<std::string> template_at(std::size_t at) const;

  /// The policy as `fmt` writes it; nothing while it has faults.
  [[nodiscard]] std::optional<std::string> formatted() const;

 private:
  struct Declaration {
    engine::Span name;
    engine::Span statement;
  };

  [[nodiscard]] const grammar::language::Literal* folder() const;
  [[nodiscard]] engine::Diagnostics about_folder(engine::Diagnostics said) const;
  [[nodiscard]] std::string name_at(const Here& here) const;
  [[nodiscard]] std::optional<engine::Span> declared_by(
      const grammar::language::Statement& statement, const Here& here, std::string_view name) const;
  [[nodiscard]] std::optional<Declaration> declaration(const Here& here) const;

  engine::Source source_;
  grammar::language::Parsing parsing_;
};

}  // namespace copse::runner::lsp
