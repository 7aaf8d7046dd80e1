#include "grammar/language/format.hpp"

#include <algorithm>
#include <utility>

namespace copse::grammar::language {
namespace {

constexpr std::string_view indent = "  ";

std::size_t columns(std::string_view text) {
  return engine::code_points(text);
}

// How tightly a condition holds together; what is looser stands in parentheses.
int tightness(const Expression& of) {
  switch (of.kind) {
    case Expression::Kind::any_of:
      return 0;
    case Expression::Kind::all_of:
      return 1;
    case Expression::Kind::negation:
      return 2;
    default:
      return 3;
  }
}

// The parts of a statement as words, without lines.
class Words {
 public:
  Words(const engine::Source& source, const File& file) : source_(source), file_(file) {}

  [[nodiscard]] std::string of(Span span) const { return std::string(spelled(source_, span)); }

  [[nodiscard]] std::string literal(std::uint32_t index) const {
    return of(file_.literals[index].span);
  }

  [[nodiscard]] std::string operand(std::uint32_t index) const {
    const Operand& each = file_.operands[index];
    return of(each.name) + (each.may_be_absent ? "?" : "") +
           (each.otherwise ? " else " + literal(*each.otherwise) : "");
  }

  [[nodiscard]] std::string value(const Value& each) const {
    return each.kind == Value::Kind::literal ? literal(each.index) : operand(each.index);
  }

  [[nodiscard]] std::string setting(const Setting& each) const {
    const std::string word = of(each.keyword);
    std::string text = word;
    if (each.key.kind != Value::Kind::none) text += " " + value(each.key);
    if (each.value.kind != Value::Kind::none) text += " = " + value(each.value);
    if (each.upper.kind != Value::Kind::none)
      text += (word == "tolerate" ? ": " : "..") + value(each.upper);
    return text;
  }

  [[nodiscard]] std::string listed(std::uint32_t first, std::uint32_t count,
                                   std::string_view between = ", ") const {
    std::string text;
    for (std::uint32_t i = first; i < first + count; ++i)
      text += (i == first ? "" : std::string(between)) + literal(i);
    return text;
  }

  [[nodiscard]] std::string condition(ExpressionId id) const {
    using Kind = Expression::Kind;
    const Expression& each = file_[id];
    switch (each.kind) {
      case Kind::any_of:
        return joined(each, " or ");
      case Kind::all_of:
        return joined(each, " and ");
      case Kind::negation:
        return "not " + within(each, file_.children[each.first]);
      case Kind::compare:
        return operand(each.operand) + " " + std::string(sign(each.comparison)) + " " +
               literal(each.first);
      case Kind::in_list:
        return operand(each.operand) + " in [" + listed(each.first, each.count) + "]";
      case Kind::in_named:
        return operand(each.operand) + " in " + of(each.word);
      case Kind::like:
        return operand(each.operand) + " like " + literal(each.first);
      case Kind::present:
        return "has " + operand(each.operand);
      case Kind::canary:
        return "canary(" + listed(each.first, each.count) +
               (each.has_operand ? ", " + operand(each.operand) : "") + ")";
      case Kind::within:
        return "within " + literal(each.first) + ".." + literal(each.first + 1) +
               (each.count > 2 ? " " + literal(each.first + 2) : "");
      case Kind::on_days:
        return "on " + days(each.word) + (each.count > 0 ? " " + literal(each.first) : "");
      case Kind::constant:
        return literal(each.first);
    }
    return "";
  }

  // One of the parts of `parent`, in parentheses where it needs them.
  [[nodiscard]] std::string within(const Expression& parent, ExpressionId part) const {
    const bool loose = parent.kind == Expression::Kind::negation
                           ? tightness(file_[part]) < 2
                           : tightness(file_[part]) <= tightness(parent);
    return loose ? "(" + condition(part) + ")" : condition(part);
  }

 private:
  static std::string_view sign(Comparison comparison) {
    constexpr std::string_view signs[] = {"==", "!=", "<", "<=", ">", ">="};
    return signs[static_cast<std::size_t>(comparison)];
  }

  [[nodiscard]] std::string joined(const Expression& of, std::string_view between) const {
    std::string text;
    for (std::uint32_t i = of.first; i < of.first + of.count; ++i)
      text += (i == of.first ? "" : std::string(between)) + within(of, file_.children[i]);
    return text;
  }

  // `sat, sun`, however it was spaced.
  [[nodiscard]] std::string days(Span span) const {
    std::string text;
    for (const char c : spelled(source_, span)) {
      if (c == ',') text += ", ";
      if (c >= 'a' && c <= 'z') text += c;
    }
    return text;
  }

  const engine::Source& source_;
  const File& file_;
};

class Formatter {
 public:
  Formatter(const engine::Source& source, const File& file)
      : source_(source), file_(file), words_(source, file) {}

  std::string take() {
    std::uint64_t after = source_.text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    for (const Statement& each : file_.statements) {
      after = comments_before(each.span.begin, after, "");
      blank_line(after, each.span.begin);
      out_ += text(each);
      after = trailing_comment(each.span.end);
      out_ += '\n';
    }
    comments_before(source_.text.size(), after, "");
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string comment(std::size_t index) const {
    std::string text = words_.of(file_.comments[index]);
    text.erase(text.find_last_not_of(" \t\r") + 1);
    return text;
  }

  [[nodiscard]] std::string_view between(std::uint64_t from, std::uint64_t to) const {
    return std::string_view(source_.text).substr(from, to - from);
  }

  // Comments that lie before `end`, each on a line of its own; gives back where the last ended.
  std::uint64_t comments_before(std::uint64_t end, std::uint64_t after, std::string_view margin) {
    while (next_ < file_.comments.size() && file_.comments[next_].begin < end) {
      blank_line(after, file_.comments[next_].begin);
      out_ += std::string(margin) + comment(next_) + "\n";
      after = file_.comments[next_++].end;
    }
    return after;
  }

  // Where the author left at least one, except at the very top.
  void blank_line(std::uint64_t from, std::uint64_t to) {
    const std::string_view gap = between(from, to);
    if (!out_.empty() && std::count(gap.begin(), gap.end(), '\n') > 1) out_ += '\n';
  }

  // A comment behind `end` on the same line; gives back where it, or `end`, is.
  std::uint64_t trailing_comment(std::uint64_t end) {
    if (next_ >= file_.comments.size()) return end;
    const Span span = file_.comments[next_];
    if (span.begin < end || between(end, span.begin).find('\n') != std::string_view::npos)
      return end;
    out_ += "  " + comment(next_++);
    return span.end;
  }

  [[nodiscard]] bool has_comment(std::uint64_t begin, std::uint64_t end) const {
    return next_ < file_.comments.size() && file_.comments[next_].begin < end &&
           file_.comments[next_].begin >= begin;
  }

  // A statement as it stands, but for white space at the ends of lines.
  std::string as_written(Span span) {
    while (has_comment(span.begin, span.end)) ++next_;
    std::string text;
    for (const char c : spelled(source_, span)) {
      if (c == '\n') text.erase(text.find_last_not_of(" \t\r") + 1);
      text += c;
    }
    return text;
  }

  std::string text(const Statement& of) {
    struct Each {
      Formatter& self;
      Span span;

      std::string operator()(const statement::PolicyName& s) const {
        return self.plain("policy " + self.words_.of(s.name.span), span);
      }

      std::string operator()(const statement::Templates& s) const {
        return self.plain("templates from " + self.words_.of(s.folder.span), span);
      }

      std::string operator()(const statement::Allow& s) const {
        std::string text = "allow override ";
        for (std::uint32_t i = s.first; i < s.first + s.count; ++i)
          text += (i == s.first ? "" : ", ") + self.words_.of(self.file_.words[i]);
        return self.plain(text, span);
      }

      std::string operator()(const statement::Attribute& s) const {
        return self.plain("attribute " + self.words_.of(s.name) + ": " + self.words_.of(s.type) +
                              " = " + self.words_.of(s.path),
                          span);
      }

      std::string operator()(const statement::List& s) const { return self.list(s, span); }

      std::string operator()(const statement::Profile& s) const {
        return self.with_block("profile " + self.words_.of(s.name), {}, s.block, span);
      }

      std::string operator()(const statement::Rule& s) const {
        return self.with_block("rule " + self.words_.of(s.name.span), s.when, s.block, span);
      }

      std::string operator()(const statement::Default& s) const {
        return self.with_block("default", {}, s.block, span);
      }

      std::string operator()(const statement::Test& s) const { return self.test(s, span); }
    };

    return std::visit(Each{*this, of.span}, of.is);
  }

  std::string plain(std::string text, Span span) {
    return has_comment(span.begin, span.end) ? as_written(span) : std::move(text);
  }

  std::string list(const statement::List& of, Span span) {
    if (has_comment(span.begin, span.end)) return as_written(span);
    const std::string head = "list " + words_.of(of.name) + " = [";
    std::string text = head + words_.listed(of.first, of.count) + "]";
    if (columns(text) <= line_width) return text;
    return head + filled(of.first, of.count, indent) + "\n]";
  }

  // Items behind commas, as many on a line as fit.
  [[nodiscard]] std::string filled(std::uint32_t first, std::uint32_t count,
                                   std::string_view margin) const {
    std::string text;
    std::string line(margin);
    for (std::uint32_t i = first; i < first + count; ++i) {
      const std::string item = words_.literal(i) + ",";
      if (line.size() > margin.size() && columns(line) + 1 + columns(item) > line_width)
        text += "\n" + std::exchange(line, std::string(margin));
      line += (line.size() > margin.size() ? " " : "") + item;
    }
    return text + "\n" + line;
  }

  // On one line when it fits; else the head, one or more lines of outcomes, and the brace.
  std::string with_block(const std::string& name, std::optional<ExpressionId> when,
                         const Block& block, Span span) {
    if (has_comment(span.begin, block.span.begin)) return as_written(span);
    const std::string condition = when ? " when " + words_.condition(*when) : "";
    if (!has_comment(block.span.begin, block.span.end)) {
      const std::string inner = settings(block);
      const std::string line = name + condition + (inner.empty() ? " {}" : " { " + inner + " }");
      if (columns(line) <= line_width) return line;
    }
    std::string text = name + condition + " {";
    if (columns(text) > line_width && when) text = name + " " + broken(*when) + "\n{";
    return text + "\n" + lines_of(block) + "}";
  }

  [[nodiscard]] std::string settings(const Block& block) const {
    std::string text;
    for (std::uint32_t i = block.first; i < block.first + block.count; ++i)
      text += (i == block.first ? "" : "; ") + words_.setting(file_.settings[i]);
    return text;
  }

  // Together when they fit, else each on a line of its own; comments where they were.
  std::string lines_of(const Block& block) {
    const std::string whole = std::string(indent) + settings(block);
    if (!has_comment(block.span.begin, block.span.end) && columns(whole) <= line_width)
      return block.count == 0 ? "" : whole + "\n";
    const std::string before = std::exchange(out_, "");
    std::uint64_t after = block.span.begin + 1;
    for (std::uint32_t i = block.first; i < block.first + block.count; ++i) {
      const Setting& each = file_.settings[i];
      after = comments_before(each.span.begin, after, indent);
      blank_line(after, each.span.begin);
      out_ += std::string(indent) + words_.setting(each);
      after = trailing_comment(each.span.end);
      out_ += '\n';
    }
    comments_before(block.span.end, after, indent);
    return std::exchange(out_, before);
  }

  // `when` with each part of the outermost `and` or `or` on a line of its own.
  [[nodiscard]] std::string broken(ExpressionId id) const {
    const Expression& whole = file_[id];
    const bool is_any = whole.kind == Expression::Kind::any_of;
    if (whole.kind == Expression::Kind::in_list) {
      return "when " + words_.operand(whole.operand) + " in [" +
             filled(whole.first, whole.count, "    ") + "\n  ]";
    }
    if (!is_any && whole.kind != Expression::Kind::all_of) return "when " + words_.condition(id);
    std::string text = "when ";
    for (std::uint32_t i = whole.first; i < whole.first + whole.count; ++i) {
      if (i != whole.first) text += is_any ? "\n    or " : "\n    and ";
      text += words_.within(whole, file_.children[i]);
    }
    return text;
  }

  std::string test(const statement::Test& of, Span span) {
    if (has_comment(span.begin, span.end)) return as_written(span);
    const std::string margin(indent);
    std::string text = "test " + words_.of(of.name.span) + " {\n";
    if (of.task != Span{}) text += margin + "task " + words_.of(of.task) + "\n";
    if (of.now) text += margin + "now " + words_.of(of.now->span) + "\n";
    if (of.canary) text += margin + "canary " + words_.of(*of.canary) + "\n";
    if (of.expected.count > 0) {
      const std::string whole = margin + "expect " + settings(of.expected);
      if (columns(whole) <= line_width) {
        text += whole + "\n";
      } else {
        for (std::uint32_t i = of.expected.first; i < of.expected.first + of.expected.count; ++i)
          text += margin + "expect " + words_.setting(file_.settings[i]) + "\n";
      }
    }
    return text + "}";
  }

  const engine::Source& source_;
  const File& file_;
  Words words_;
  std::string out_;
  std::size_t next_ = 0;  // comment
};

}  // namespace

std::string format(const engine::Source& source, const File& file) {
  return Formatter(source, file).take();
}

}  // namespace copse::grammar::language
