#include "adapters/yaml.hpp"

#include "adapters/document.hpp"
#include "adapters/json_text.hpp"
#include "engine/number.hpp"

#include <algorithm>
#include <array>

namespace copse::adapters {
namespace {

constexpr std::size_t indent_width = 2;

// Plain words that some reader takes for something else than text (YAML 1.1 has many).
constexpr std::array reserved{"true", "false", "yes", "no", "on", "off", "null", "y", "n"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_reserved(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::find(reserved.begin(), reserved.end(), lower) != reserved.end();
}

bool is_plain_inside(char c) {
  return is_letter(c) || is_digit(c) ||
         std::string_view("_-./:@%+=,()' ").find(c) != std::string_view::npos;
}

// True when the text needs no quotes anywhere.
bool is_plain(std::string_view text) {
  if (text.empty() || is_reserved(text)) return false;
  if (is_digit(text.front())) return engine::is_quantity(text) && is_letter(text.back());
  if (!is_letter(text.front()) && text.front() != '/' && text.front() != '_') return false;
  if (text.back() == ' ' || text.back() == ':') return false;
  if (text.find(": ") != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), is_plain_inside);
}

// True when a block (`|`) can hold it: several lines, nothing invisible, no blank at the start.
bool is_block(std::string_view text) {
  const auto hidden = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20U && c != '\n' && c != '\t') || c == 0x7F;
  };
  const bool fits = std::none_of(text.begin(), text.end(), hidden);
  const std::size_t first = text.find('\n');
  return fits && first != std::string_view::npos && first > 0 && text.front() != ' ' &&
         text.front() != '\t' && text.find("\xC2\x85") == std::string_view::npos &&
         text.find("\xE2\x80\xA8") == std::string_view::npos &&
         text.find("\xE2\x80\xA9") == std::string_view::npos &&
         text.find("\xEF\xBB\xBF") == std::string_view::npos;
}

std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : json_string(text)) {
    if (c == 0x7F) {
      out += "\\x7f";
    } else {
      out += c;
    }
  }
  return out;
}

std::string word(std::string_view text) {
  return is_plain(text) ? std::string(text) : quoted(text);
}

class Renderer {
 public:
  explicit Renderer(const Document& document) : document_(document) {}

  std::string run() {
    const Node& root = document_.nodes.front();
    if (is_open(root)) {
      frames_.push_back({&root, 0, 0, false});
    } else {
      scalar(root, 0);
    }
    while (!frames_.empty()) step();
    return std::move(out_);
  }

 private:
  struct Frame {
    const Node* node;
    std::size_t next;
    std::size_t indent;  // of the lines of its members
    bool continues;      // its first member stands on the line that is begun
  };

  static bool is_open(const Node& node) {
    return (node.kind == NodeKind::list || node.kind == NodeKind::map) && !node.members.empty();
  }

  void step() {
    Frame& frame = frames_.back();
    if (frame.next == frame.node->members.size()) {
      frames_.pop_back();
      return;
    }
    const bool on_begun_line = frame.continues && frame.next == 0;
    if (!on_begun_line) out_.append(frame.indent, ' ');
    const Member& member = frame.node->members[frame.next++];
    const Node& value = document_[member.value];
    const std::size_t indent = frame.indent;
    const bool in_list = frame.node->kind == NodeKind::list;
    out_ += in_list ? "-" : word(member.key) + ":";
    if (!is_open(value)) {
      out_ += ' ';
      scalar(value, indent);
    } else if (in_list) {
      out_ += ' ';
      frames_.push_back({&value, 0, indent + indent_width, true});
    } else {
      out_ += '\n';
      frames_.push_back(
          {&value, 0, value.kind == NodeKind::list ? indent : indent + indent_width, false});
    }
  }

  void scalar(const Node& node, std::size_t indent) {
    switch (node.kind) {
      case NodeKind::list:
        out_ += "[]";
        break;
      case NodeKind::map:
        out_ += "{}";
        break;
      case NodeKind::null:
      case NodeKind::boolean:
      case NodeKind::integer:
      case NodeKind::real:
        out_ += node.text;
        break;
      case NodeKind::text:
        if (is_block(node.text)) return block(node.text, indent + indent_width);
        out_ += word(node.text);
        break;
    }
    out_ += '\n';
  }

  void block(std::string_view text, std::size_t indent) {
    const std::size_t last = text.find_last_not_of('\n');
    const std::size_t breaks = text.size() - (last + 1);
    out_ += breaks == 0 ? "|-\n" : breaks == 1 ? "|\n" : "|+\n";
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      if (end > 0) out_.append(indent, ' ');
      out_ += text.substr(0, end);
      out_ += '\n';
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  const Document& document_;
  std::vector<Frame> frames_;
  std::string out_;
};

}  // namespace

std::expected<std::string, std::string> json_to_yaml(std::string_view json) {
  const DocumentReading reading = read_json_document({"", std::string(json)}, yaml_depth_limit);
  if (!reading.document) return std::unexpected(reading.diagnostics.front().title);
  return Renderer(*reading.document).run();
}

}  // namespace copse::adapters
