#include "grammar/json_form/layout.hpp"

#include "engine/json_writer.hpp"
#include "engine/source.hpp"

namespace copse::grammar::json_form {
namespace {

constexpr std::size_t too_wide = 1'000'000;
constexpr std::size_t step = 2;

}  // namespace

Json Json::raw(std::string text) {
  Json made;
  made.width_ = text.find('\n') == std::string::npos ? engine::code_points(text) : too_wide;
  made.text_ = std::move(text);
  return made;
}

Json Json::text(std::string_view text) {
  return raw(engine::quoted(text));
}

Json Json::list() {
  Json made;
  made.kind_ = Kind::list;
  made.width_ = std::string_view("[]").size();
  return made;
}

Json Json::object() {
  Json made = list();
  made.kind_ = Kind::object;
  return made;
}

Json& Json::add(Json item) {
  width_ += item.width_ + (is_empty() ? 0 : std::string_view(", ").size());
  parts_.emplace_back("", std::move(item));
  return *this;
}

Json& Json::add(std::string_view name, Json value) {
  std::string key = engine::quoted(name) + ": ";
  width_ += engine::code_points(key);
  add(std::move(value));
  parts_.back().first = std::move(key);
  return *this;
}

std::string Json::laid_out() const {
  std::string text;
  write(text, 0, 0);
  return text + "\n";
}

void Json::write_flat(std::string& to) const {
  if (kind_ == Kind::raw) {
    to += text_;
    return;
  }
  to += kind_ == Kind::list ? '[' : '{';
  for (const auto& part : parts_) {
    if (&part != &parts_.front()) to += ", ";
    to += part.first;
    part.second.write_flat(to);
  }
  to += kind_ == Kind::list ? ']' : '}';
}

// `column`: where on its line the value begins. A comma may follow it.
void Json::write(std::string& to, std::size_t margin, std::size_t column) const {
  if (is_empty() || column + width_ < json_width) return write_flat(to);
  const std::size_t inner = margin + step;
  to += kind_ == Kind::list ? "[\n" : "{\n";
  for (const auto& part : parts_) {
    to += std::string(inner, ' ') + part.first;
    part.second.write(to, inner, inner + engine::code_points(part.first));
    to += &part == &parts_.back() ? "\n" : ",\n";
  }
  to += std::string(margin, ' ') + (kind_ == Kind::list ? ']' : '}');
}

}  // namespace copse::grammar::json_form
