#pragma once
// What each rule of the grammar makes of what it has found. Private to parse.cpp.
//
// A statement is built up in the File's vectors; when it turns out to be damaged they are cut back
// to where they were.

#include "grammar/language/parse.hpp"
#include "grammar/language/rules.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace copse::grammar::language {

/// Why a statement cannot be read. `offset`: where.
struct Fault {
  std::string code;
  std::string title;
  std::string help;
  std::size_t offset = 0;
};

class Builder {
 public:
  Builder(File& file, const char* begin) : file_(file), begin_(begin) { start(); }

  /// A statement begins.
  void start() {
    sizes_ = {file_.expressions.size(), file_.children.size(), file_.operands.size(),
              file_.literals.size(),    file_.settings.size(), file_.words.size()};
    stack_.clear();
    pending_.clear();
    has_operand_ = false;
    test_ = {};
    condition_.reset();
  }

  /// The statement under way is damaged.
  void drop() {
    file_.expressions.resize(sizes_[0]);
    file_.children.resize(sizes_[1]);
    file_.operands.resize(sizes_[2]);
    file_.literals.resize(sizes_[3]);
    file_.settings.resize(sizes_[4]);
    file_.words.resize(sizes_[5]);
    start();
  }

  template <class Input>
  [[nodiscard]] Span span(const Input& in) const {
    return {offset(in.begin()), offset(in.end())};
  }

  [[nodiscard]] std::uint64_t offset(const char* at) const {
    return static_cast<std::uint64_t>(at - begin_);
  }

  // ---- words and literals ----

  void comment(Span span) {
    // Gaps are tried more than once.
    if (file_.comments.empty() || file_.comments.back().begin < span.begin)
      file_.comments.push_back(span);
  }

  void literal(LiteralKind kind, Span span) { literal_ = {kind, span}; }

  void pend() { pending_.push_back(literal_); }

  void pend(LiteralKind kind, Span span) { pending_.push_back({kind, span}); }

  void word(Span span) { word_ = span; }

  void push_word(Span span) { file_.words.push_back(span); }

  // ---- operands ----

  void operand_path(Span span) { operand_ = {span, false, std::nullopt, span}; }

  void operand_question() { operand_.may_be_absent = true; }

  void operand_otherwise() {
    operand_.otherwise = static_cast<std::uint32_t>(file_.literals.size());
    file_.literals.push_back(literal_);
  }

  void operand_done(Span span) {
    operand_.span = span;
    has_operand_ = true;
  }

  // ---- conditions ----

  void rest(Expression::Kind kind) { rest_ = kind; }

  void comparison(std::string_view spelled) {
    comparison_ = spelled == "=="   ? Comparison::equal
                  : spelled == "!=" ? Comparison::unequal
                  : spelled == "<=" ? Comparison::at_most
                  : spelled == ">=" ? Comparison::at_least
                  : spelled == "<"  ? Comparison::less
                                    : Comparison::more;
  }

  void in_list() { rest_ = Expression::Kind::in_list; }

  void in_named(Span span) {
    rest_ = Expression::Kind::in_named;
    word_ = span;
  }

  void question(Span span) { expression(rest_, span); }

  void expression(Expression::Kind kind, Span span) {
    Expression made;
    made.kind = kind;
    made.comparison = comparison_;
    made.has_operand = std::exchange(has_operand_, false);
    if (made.has_operand) {
      made.operand = static_cast<std::uint32_t>(file_.operands.size());
      file_.operands.push_back(operand_);
    }
    std::tie(made.first, made.count) = take_pending();
    made.word = word_;
    made.span = span;
    push(made);
  }

  [[nodiscard]] std::size_t mark() const { return stack_.size(); }

  void back_to(std::size_t mark) { stack_.resize(mark); }

  // What was pushed since `mark` becomes one; a single one stays what it is.
  void combine(Expression::Kind kind, std::size_t mark, Span span) {
    if (stack_.size() == mark + 1 && kind != Expression::Kind::negation) return;
    Expression made;
    made.kind = kind;
    made.first = static_cast<std::uint32_t>(file_.children.size());
    made.count = static_cast<std::uint32_t>(stack_.size() - mark);
    made.span = span;
    file_.children.insert(file_.children.end(), stack_.begin() + static_cast<std::ptrdiff_t>(mark),
                          stack_.end());
    stack_.resize(mark);
    push(made);
  }

  void condition() { condition_ = stack_.back(); }

  // ---- outcomes ----

  void value_literal() {
    value_ = {Value::Kind::literal, static_cast<std::uint32_t>(file_.literals.size())};
    file_.literals.push_back(literal_);
  }

  void value_operand() {
    has_operand_ = false;
    value_ = {Value::Kind::operand, static_cast<std::uint32_t>(file_.operands.size())};
    file_.operands.push_back(operand_);
  }

  void setting_word(Span span, std::string_view spelled) {
    if (is_reserved(spelled)) refuse_reserved(spelled, span.begin);
    setting_ = {.keyword = span, .key = {}, .value = {}, .upper = {}, .span = span};
  }

  void setting_key() { setting_.key = value_; }

  void setting_text(Span span) {
    setting_.key = {Value::Kind::literal, static_cast<std::uint32_t>(file_.literals.size())};
    file_.literals.push_back({LiteralKind::text, span});
  }

  void setting_value() { setting_.value = value_; }

  void setting_upper() { setting_.upper = value_; }

  void setting_effect(Span span) {
    setting_.upper = {Value::Kind::operand, static_cast<std::uint32_t>(file_.operands.size())};
    file_.operands.push_back({span, false, std::nullopt, span});
  }

  void setting(Span span) {
    setting_.span = span;
    if (file_.settings.size() > block_.first &&
        separator_needed(file_.settings.back().span.end, span.begin)) {
      throw Fault{"P0501", "`;` or a new line is missing between two outcomes", "",
                  static_cast<std::size_t>(span.begin)};
    }
    file_.settings.push_back(setting_);
  }

  void block_begin(Span span) {
    block_ = {static_cast<std::uint32_t>(file_.settings.size()), 0, span};
  }

  void block_end(Span span) {
    block_.count = static_cast<std::uint32_t>(file_.settings.size()) - block_.first;
    block_.span.end = span.end;
  }

  // ---- statements ----

  void statement_name(Span span) { name_ = {LiteralKind::text, span}; }

  void bare_name(Span span) { bare_name_ = span; }

  void type_name(Span span) { type_name_ = span; }

  void task_word(Span span) { refuse_twice("task", test_.task != Span{}, span); }

  void now_word(Span span) { refuse_twice("now", test_.now.has_value(), span); }

  void canary_word(Span span) { refuse_twice("canary", test_.canary.has_value(), span); }

  void test_task(Span span) { test_.task = span; }

  void test_now(Span span) { test_.now = Literal{LiteralKind::text, span}; }

  void test_canary(Span span) { test_.canary = span; }

  void policy(Span span) { add(statement::PolicyName{name_}, span); }

  void templates(Span span) { add(statement::Templates{name_}, span); }

  void allow(Span span) {
    const auto first = static_cast<std::uint32_t>(sizes_[5]);
    add(statement::Allow{first, static_cast<std::uint32_t>(file_.words.size()) - first}, span);
  }

  void attribute_path(Span span) { word_ = span; }

  void attribute(Span span) { add(statement::Attribute{bare_name_, type_name_, word_}, span); }

  void list(Span span) {
    const auto [first, count] = take_pending();
    add(statement::List{bare_name_, first, count}, span);
  }

  void profile(Span span) { add(statement::Profile{bare_name_, block_}, span); }

  void rule(Span span) { add(statement::Rule{name_, condition_, block_}, span); }

  void default_rule(Span span) { add(statement::Default{block_}, span); }

  void test(Span span) {
    test_.name = name_;
    test_.expected = block_;
    add(test_, span);
  }

  static bool is_reserved(std::string_view word) {
    return word == "fallback" || word == "cluster" || word == "queue" || word == "include";
  }

  [[noreturn]] static void refuse_reserved(std::string_view word, std::uint64_t offset) {
    throw Fault{"P0504", "`" + std::string(word) + "` is reserved for later",
                "this release knows nothing of it; leave it out", static_cast<std::size_t>(offset)};
  }

 private:
  // A test has one of each: the last would hide the others.
  static void refuse_twice(std::string_view word, bool is_second, Span span) {
    if (!is_second) return;
    throw Fault{"P0528", "`" + std::string(word) + "` is said twice",
                "a test has one: leave one of them out", static_cast<std::size_t>(span.begin)};
  }

  void push(const Expression& made) {
    stack_.push_back(static_cast<ExpressionId>(file_.expressions.size()));
    file_.expressions.push_back(made);
  }

  std::pair<std::uint32_t, std::uint32_t> take_pending() {
    const auto first = static_cast<std::uint32_t>(file_.literals.size());
    file_.literals.insert(file_.literals.end(), pending_.begin(), pending_.end());
    const auto count = static_cast<std::uint32_t>(pending_.size());
    pending_.clear();
    return {first, count};
  }

  [[nodiscard]] bool separator_needed(std::uint64_t from, std::uint64_t to) const {
    const std::string_view between(begin_ + from, to - from);
    return between.find_first_of(";\n") == std::string_view::npos;
  }

  template <class What>
  void add(What what, Span span) {
    file_.statements.push_back({std::move(what), span});
  }

  File& file_;
  const char* begin_;
  std::array<std::size_t, 6> sizes_{};
  std::vector<ExpressionId> stack_;
  std::vector<Literal> pending_;
  Literal literal_;
  Operand operand_;
  bool has_operand_ = false;
  Expression::Kind rest_ = Expression::Kind::compare;
  Comparison comparison_ = Comparison::equal;
  Span word_;
  Value value_;
  Setting setting_;
  Block block_;
  Literal name_;
  Span bare_name_;
  Span type_name_;
  std::optional<ExpressionId> condition_;
  statement::Test test_;
};

}  // namespace copse::grammar::language
