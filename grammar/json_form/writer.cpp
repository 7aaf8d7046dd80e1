#include "grammar/json_form/writer.hpp"

#include "grammar/json_form/form.hpp"
#include "grammar/json_form/parts.hpp"
#include "grammar/language/format.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace copse::grammar::json_form {
namespace {

using engine::Span;
using language::Block;
using language::Statement;

namespace statement = language::statement;

// Where a statement's block is, within which the JSON has places for comments.
std::optional<Block> block_of(const Statement& of) {
  if (const auto* rule = std::get_if<statement::Rule>(&of.is)) return rule->block;
  if (const auto* last = std::get_if<statement::Default>(&of.is)) return last->block;
  if (const auto* profile = std::get_if<statement::Profile>(&of.is)) return profile->block;
  return std::nullopt;
}

// Up to where in a statement a comment has no place.
std::uint64_t head_end(const Statement& of) {
  const auto block = block_of(of);
  return block ? block->span.begin : of.span.end;
}

class Writer {
 public:
  Writer(const engine::Source& source, const language::File& file)
      : source_(source), file_(file), parts_(source, file) {}

  std::string run() {
    Json all = Json::list();
    std::uint64_t after = 0;
    for (const Statement& each : file_.statements) {
      after = comments_before(each.span.begin, after, all);
      blank_line(after, each.span.begin, all);
      keeps_lines_ = !has_comment_before(head_end(each));
      if (!keeps_lines_) comments_before(each.span.end, each.span.end, all);
      Json made = std::visit([this](const auto& is) { return object(is); }, each.is);
      after = trailing_comment(each.span.end, source_.text.size(), made);
      all.add(std::move(made));
    }
    comments_before(source_.text.size(), after, all);
    Json document = Json::object();
    document.add("copse", Json::raw(std::to_string(version)));
    document.add("statements", std::move(all));
    return document.laid_out();
  }

 private:
  // ---- lines ----

  [[nodiscard]] bool has_comment_before(std::uint64_t end) const {
    return next_ < file_.comments.size() && file_.comments[next_].begin < end;
  }

  [[nodiscard]] Json comment() {
    std::string_view text = parts_.spelled(file_.comments[next_++]);
    text = text.substr(0, text.find_last_not_of(" \t\r") + 1);
    return Json::text(text);
  }

  [[nodiscard]] bool is_on_another_line(std::uint64_t from, std::uint64_t to) const {
    return parts_.spelled({from, to}).find('\n') != std::string_view::npos;
  }

  void blank_line(std::uint64_t from, std::uint64_t to, Json& lines) const {
    if (from >= to || lines.is_empty()) return;
    const std::string_view gap = parts_.spelled({from, to});
    if (std::count(gap.begin(), gap.end(), '\n') > 1) lines.add(Json::text(""));
  }

  std::uint64_t comments_before(std::uint64_t end, std::uint64_t after, Json& lines) {
    while (has_comment_before(end)) {
      const Span span = file_.comments[next_];
      blank_line(after, span.begin, lines);
      lines.add(comment());
      after = std::max(after, span.end);
    }
    return after;
  }

  // A comment on the line on which something ends, before `limit`.
  std::uint64_t trailing_comment(std::uint64_t end, std::uint64_t limit, Json& of) {
    if (!has_comment_before(limit)) return end;
    const Span span = file_.comments[next_];
    if (span.begin < end || is_on_another_line(end, span.begin)) return end;
    of.add("comment", comment());
    return span.end;
  }

  // ---- statements ----

  [[nodiscard]] Json text(Span span) const { return Json::text(parts_.spelled(span)); }

  Json outcomes(const Block& block) {
    Json all = Json::list();
    std::uint64_t after = block.span.begin + 1;
    for (std::uint32_t i = block.first; i < block.first + block.count; ++i) {
      const language::Setting& each = file_.settings[i];
      after = comments_before(each.span.begin, after, all);
      if (keeps_lines_) blank_line(after, each.span.begin, all);
      Json made = parts_.outcome(each);
      after = keeps_lines_ ? trailing_comment(each.span.end, block.span.end, made) : each.span.end;
      all.add(std::move(made));
    }
    if (keeps_lines_) comments_before(block.span.end, after, all);
    return all;
  }

  Json object(const statement::PolicyName& is) {
    return std::move(Json::object().add("policy", parts_.literal(is.name)));
  }

  Json object(const statement::Templates& is) {
    return std::move(Json::object().add("templates", parts_.literal(is.folder)));
  }

  Json object(const statement::Allow& is) {
    Json fields = Json::list();
    for (std::uint32_t i = is.first; i < is.first + is.count; ++i) fields.add(text(file_.words[i]));
    return std::move(Json::object().add("allow", std::move(fields)));
  }

  Json object(const statement::Attribute& is) {
    Json made = Json::object();
    made.add("attribute", text(is.name)).add("type", text(is.type)).add("path", text(is.path));
    return made;
  }

  Json object(const statement::List& is) {
    Json made = Json::object();
    made.add("list", text(is.name)).add("items", parts_.literals(is.first, is.count));
    return made;
  }

  Json object(const statement::Profile& is) {
    Json made = Json::object();
    made.add("profile", text(is.name)).add("outcomes", outcomes(is.block));
    return made;
  }

  Json object(const statement::Rule& is) {
    Json made = Json::object();
    made.add("rule", parts_.literal(is.name));
    if (is.when) made.add("when", parts_.condition(*is.when));
    made.add("outcomes", outcomes(is.block));
    return made;
  }

  Json object(const statement::Default& is) {
    return std::move(Json::object().add("default", outcomes(is.block)));
  }

  Json object(const statement::Test& is) {
    Json made = Json::object();
    made.add("test", parts_.literal(is.name));
    if (is.task != Span{}) made.add("task", Json::raw(std::string(parts_.spelled(is.task))));
    if (is.now) made.add("now", parts_.literal(*is.now));
    if (is.canary)
      made.add("canary", Json::raw(parts_.spelled(*is.canary) == "on" ? "true" : "false"));
    if (is.expected.count == 0) return made;
    Json expected = Json::list();
    for (std::uint32_t i = is.expected.first; i < is.expected.first + is.expected.count; ++i)
      expected.add(parts_.outcome(file_.settings[i]));
    made.add("expect", std::move(expected));
    return made;
  }

  const engine::Source& source_;
  const language::File& file_;
  Parts parts_;
  std::size_t next_ = 0;     // comment
  bool keeps_lines_ = true;  // the statement's comments have places
};

engine::Diagnostics notes(const engine::Source& source, const language::File& file) {
  engine::Diagnostics all;
  engine::Locator places(source);
  auto next = file.comments.begin();
  for (const Statement& each : file.statements) {
    next = std::find_if(next, file.comments.end(),
                        [&](Span span) { return span.begin >= each.span.begin; });
    if (next == file.comments.end()) break;
    if (next->begin >= head_end(each)) continue;
    engine::Diagnostic& note = all.emplace_back();
    note.severity = engine::Severity::note;
    note.code = "P0561";
    note.title = "comments within this statement stand before it in JSON";
    note.place = places.place(*next);
  }
  return all;
}

}  // namespace

Written write(const engine::Source& source, const language::File& file) {
  const engine::Source formatted{source.name, language::format(source, file)};
  const language::Parsing again = language::parse(formatted);
  return {Writer(formatted, again.file).run(), notes(source, file)};
}

}  // namespace copse::grammar::json_form
