#pragma once
// JSON as people read it: what fits stands on one line, else each part on a line of its own.
// Private to the writer.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::grammar::json_form {

class Json {
 public:
  /// A value as it is written; it keeps its own lines.
  [[nodiscard]] static Json raw(std::string text);
  [[nodiscard]] static Json text(std::string_view text);
  [[nodiscard]] static Json list();
  [[nodiscard]] static Json object();

  Json& add(Json item);                          ///< to a list
  Json& add(std::string_view name, Json value);  ///< to an object

  [[nodiscard]] bool is_empty() const { return parts_.empty(); }

  /// The document, a newline at its end. Recursion is as deep as the value.
  [[nodiscard]] std::string laid_out() const;

 private:
  enum class Kind : unsigned char { raw, list, object };

  void write_flat(std::string& to) const;
  void write(std::string& to, std::size_t margin, std::size_t column) const;

  Kind kind_ = Kind::raw;
  std::string text_;                                 // of a raw one
  std::vector<std::pair<std::string, Json>> parts_;  // names as JSON, of an object
  std::size_t width_ = 0;                            // on one line
};

/// Columns of a line.
inline constexpr std::size_t json_width = 100;

}  // namespace copse::grammar::json_form
