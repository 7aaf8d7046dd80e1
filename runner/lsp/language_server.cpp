#include "runner/lsp/language_server.hpp"

#include "engine/diagnostic.hpp"
#include "runner/lsp/text_position.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <boost/json.hpp>

namespace copse::runner::lsp {
namespace {

namespace json = boost::json;

constexpr int method_not_found = -32601;
constexpr int parse_error = -32700;
constexpr int invalid_request = -32600;
constexpr int not_initialized = -32002;

std::string text_at(const json::value& value, std::string_view pointer) {
  boost::system::error_code fault;
  const json::value* found = value.find_pointer(pointer, fault);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::uint32_t number_at(const json::value& value, std::string_view pointer) {
  boost::system::error_code fault;
  const json::value* found = value.find_pointer(pointer, fault);
  if (found == nullptr || !found->is_int64()) return 0;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(found->get_int64(), 0, INT32_MAX));
}

Position position_at(const json::value& value, const std::string& pointer) {
  return {number_at(value, pointer + "/line"), number_at(value, pointer + "/character")};
}

json::object position(Position at) {
  return {{"line", at.line}, {"character", at.character}};
}

json::object range(const Lines& lines, engine::Span span) {
  return {{"start", position(lines.position(span.begin))},
          {"end", position(lines.position(span.end))}};
}

int severity(engine::Severity severity) {
  switch (severity) {
    case engine::Severity::error:
      return 1;
    case engine::Severity::warning:
      return 2;
    case engine::Severity::note:
      break;
  }
  return 3;
}

// CompletionItemKind: keyword, variable, enum, module, event, file, value.
int kind_number(Proposal::Kind kind) {
  switch (kind) {
    case Proposal::Kind::keyword:
      return 14;
    case Proposal::Kind::attribute:
      return 6;
    case Proposal::Kind::list:
      return 13;
    case Proposal::Kind::profile:
      return 9;
    case Proposal::Kind::rule:
      return 23;
    case Proposal::Kind::template_key:
      return 17;
    case Proposal::Kind::value:
      break;
  }
  return 12;
}

// The bytes that a diagnostic underlines.
engine::Span span_of(const Lines& lines, const engine::Place& place) {
  const std::uint32_t width = std::max(place.underline_length, 1U);
  return {lines.byte_of(place.line, place.column), lines.byte_of(place.line, place.column + width)};
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

}  // namespace

std::optional<std::string> path_of(std::string_view uri) {
  constexpr std::string_view scheme = "file://";
  if (!uri.starts_with(scheme)) return std::nullopt;
  uri.remove_prefix(scheme.size());
  std::string path;
  for (std::size_t at = 0; at < uri.size(); ++at) {
    if (uri[at] == '%' && at + 2 < uri.size() && is_hex(uri[at + 1]) && is_hex(uri[at + 2])) {
      path += static_cast<char>(std::stoi(std::string(uri.substr(at + 1, 2)), nullptr, 16));
      at += 2;
    } else {
      path += uri[at];
    }
  }
  return path;
}

std::string uri_of(std::string_view path) {
  constexpr std::string_view plain = "/-_.~";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri = "file://";
  for (const char c : path) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || plain.find(c) != std::string_view::npos;
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain) {
      uri += c;
    } else {
      uri += '%';
      uri += digits[byte >> 4U];
      uri += digits[byte & 0xFU];
    }
  }
  return uri;
}

// One message.
class LanguageServer::Turn {
 public:
  Turn(LanguageServer& server, const json::object& message)
      : server_(server), message_(message), whole_(message) {}

  std::vector<std::string> run() {
    const std::string method = text_at(whole_, "/method");
    const bool is_response = message_.contains("result") || message_.contains("error");
    if (method == "exit") {
      server_.state_ = server_.state_ == State::shut_down ? State::ended : State::aborted;
    } else if (message_.contains("id") && (!method.empty() || !is_response)) {
      request(method);
    } else if (server_.state_ == State::running) {
      notice(method);
    }
    return std::move(out_);
  }

 private:
  using State = LanguageServer::State;

  static json::object capabilities() {
    return {{"capabilities",
             {{"textDocumentSync", {{"openClose", true}, {"change", 1}, {"save", true}}},
              {"hoverProvider", true},
              {"completionProvider", {{"triggerCharacters", {" ", "\"", "."}}}},
              {"definitionProvider", true},
              {"documentFormattingProvider", true},
              {"codeActionProvider", {{"codeActionKinds", {"quickfix"}}}}}},
            {"serverInfo", {{"name", "copse"}, {"version", COPSE_VERSION}}}};
  }

  void request(std::string_view method) {
    if (method.empty()) return refuse(invalid_request, "the message names no method");
    if (server_.state_ == State::shut_down)
      return refuse(invalid_request, "after `shutdown` only `exit` is wanted");
    if (method == "initialize") return initialize();
    if (server_.state_ == State::fresh)
      return refuse(not_initialized, "`initialize` has to come first");
    if (method == "shutdown") {
      server_.state_ = State::shut_down;
      return answer(nullptr);
    }
    const PolicyView* view = find_view();
    if (view == nullptr && method.starts_with("textDocument/")) return answer(nullptr);
    if (method == "textDocument/hover") return hover(*view);
    if (method == "textDocument/completion") return completion(*view);
    if (method == "textDocument/definition") return definition(*view);
    if (method == "textDocument/formatting") return formatting(*view);
    if (method == "textDocument/codeAction") return code_action(*view);
    refuse(method_not_found, "copse does not know `" + std::string(method) + "`");
  }

  void initialize() {
    if (server_.state_ != State::fresh)
      return refuse(invalid_request, "`initialize` is asked once");
    server_.state_ = State::running;
    answer(capabilities());
  }

  // ---- what is told ----

  void notice(std::string_view method) {
    if (method == "textDocument/didOpen") {
      take(text_at(whole_, "/params/textDocument/text"));
    } else if (method == "textDocument/didChange") {
      change();
    } else if (method == "textDocument/didSave") {
      if (find_view() != nullptr) publish();
    } else if (method == "textDocument/didClose") {
      server_.open_.erase(uri());
      notify("textDocument/publishDiagnostics", {{"uri", uri()}, {"diagnostics", json::array()}});
    }
  }

  // Each change is of the text that the one before it made: all of it, or a range.
  void change() {
    const PolicyView* view = find_view();
    boost::system::error_code fault;
    const json::value* changes = whole_.find_pointer("/params/contentChanges", fault);
    if (view == nullptr || changes == nullptr || !changes->is_array()) return;
    if (changes->get_array().empty()) return;
    std::string text = view->source().text;
    for (const json::value& each : changes->get_array()) {
      std::string written = text_at(each, "/text");
      if (each.find_pointer("/range", fault) == nullptr) {
        text = std::move(written);
        continue;
      }
      const Lines lines(text);
      const std::size_t begin = lines.byte(position_at(each, "/range/start"));
      const std::size_t end = lines.byte(position_at(each, "/range/end"));
      text.replace(begin, std::max(begin, end) - begin, written);
    }
    take(std::move(text));
  }

  void take(std::string text) {
    const auto path = path_of(uri());
    server_.open_[uri()] = std::make_unique<PolicyView>(path.value_or(uri()), std::move(text));
    publish();
  }

  void publish() {
    const PolicyView& view = *find_view();
    const Lines lines(view.source().text);
    json::array all;
    for (const engine::Diagnostic& each : view.diagnostics(templates(view))) {
      std::string message = each.title;
      if (!each.label.empty()) message += ": " + each.label;
      for (const std::string& note : each.notes) message += "\n" + note;
      if (!each.help.empty()) message += "\n" + each.help;
      json::object shown{{"range", range(lines, span_of(lines, each.place))},
                         {"severity", severity(each.severity)},
                         {"code", each.code},
                         {"source", "copse"},
                         {"message", message}};
      if (each.cause) {
        shown["relatedInformation"] = json::array{json::object{
            {"location", json::object{{"uri", uri()},
                                      {"range", range(lines, span_of(lines, each.cause->place))}}},
            {"message", each.cause->label}}};
      }
      all.push_back(std::move(shown));
    }
    notify("textDocument/publishDiagnostics", {{"uri", uri()}, {"diagnostics", std::move(all)}});
  }

  // ---- what is asked ----

  void hover(const PolicyView& view) {
    const Lines lines(view.source().text);
    const auto found = view.hover(asked(lines));
    if (!found) return answer(nullptr);
    answer({{"contents", {{"kind", "markdown"}, {"value", found->text}}},
            {"range", range(lines, found->span)}});
  }

  void completion(const PolicyView& view) {
    json::array items;
    const Lines lines(view.source().text);
    const Completion found = view.completion(asked(lines), templates(view));
    const json::object typed = range(lines, found.typed);
    for (const Proposal& each : found.proposals) {
      items.push_back(json::object{{"label", each.text},
                                   {"kind", kind_number(each.kind)},
                                   {"detail", each.detail},
                                   {"textEdit", {{"range", typed}, {"newText", each.text}}}});
    }
    answer(std::move(items));
  }

  void definition(const PolicyView& view) {
    const Lines lines(view.source().text);
    const std::size_t at = asked(lines);
    if (const auto key = view.template_at(at)) {
      const std::string folder = templates_folder(view);
      const auto file = folder.empty() ? std::nullopt : server_.folders_.file(folder, *key);
      if (!file) return answer(nullptr);
      const Position start{};
      return answer({{"uri", uri_of(*file)},
                     {"range", {{"start", position(start)}, {"end", position(start)}}}});
    }
    const auto found = view.definition(at);
    if (!found) return answer(nullptr);
    answer({{"uri", uri()}, {"range", range(lines, *found)}});
  }

  void formatting(const PolicyView& view) {
    const auto text = view.formatted();
    if (!text || *text == view.source().text) return answer(json::array());
    const Lines lines(view.source().text);
    answer(json::array{
        json::object{{"range", range(lines, {0, view.source().text.size()})}, {"newText", *text}}});
  }

  // The fixes of what is told about the range that the editor asks for.
  void code_action(const PolicyView& view) {
    const Lines lines(view.source().text);
    const std::size_t begin = byte_at(lines, "/params/range/start");
    const std::size_t end = byte_at(lines, "/params/range/end");
    json::array actions;
    for (const engine::Diagnostic& each : view.diagnostics(templates(view))) {
      const engine::Span span = span_of(lines, each.place);
      if (!each.fix || span.end < begin || span.begin > end) continue;
      const bool is_insertion = each.fix->span.begin == each.fix->span.end;
      json::object edit{{"range", range(lines, each.fix->span)}, {"newText", each.fix->text}};
      actions.push_back(json::object{
          {"title", each.fix->text.empty()
                        ? std::string("leave it out")
                        : (is_insertion ? "insert `" : "write `") + each.fix->text + "`"},
          {"kind", "quickfix"},
          {"edit", {{"changes", {{uri(), json::array{std::move(edit)}}}}}}});
    }
    answer(std::move(actions));
  }

  // ---- parts ----

  [[nodiscard]] std::string uri() const { return text_at(whole_, "/params/textDocument/uri"); }

  [[nodiscard]] const PolicyView* find_view() const {
    const auto at = server_.open_.find(uri());
    return at == server_.open_.end() ? nullptr : at->second.get();
  }

  [[nodiscard]] std::size_t byte_at(const Lines& lines, const std::string& pointer) const {
    return lines.byte(position_at(whole_, pointer));
  }

  [[nodiscard]] std::size_t asked(const Lines& lines) const {
    return byte_at(lines, "/params/position");
  }

  [[nodiscard]] std::string templates_folder(const PolicyView& view) const {
    const std::string folder = view.templates_folder();
    const auto path = path_of(uri());
    if (folder.empty() || !path) return {};
    return (std::filesystem::path(*path).parent_path() / folder).lexically_normal().string();
  }

  [[nodiscard]] TemplateKeys templates(const PolicyView& view) const {
    const std::string folder = templates_folder(view);
    return folder.empty() ? std::unexpected(engine::Diagnostics{}) : server_.folders_.list(folder);
  }

  void answer(json::value result) {
    send({{"jsonrpc", "2.0"}, {"id", message_.at("id")}, {"result", std::move(result)}});
  }

  void refuse(int code, const std::string& why) {
    send({{"jsonrpc", "2.0"},
          {"id", message_.at("id")},
          {"error", {{"code", code}, {"message", why}}}});
  }

  void notify(std::string_view method, json::object params) {
    send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
  }

  void send(const json::object& message) { out_.push_back(json::serialize(message)); }

  LanguageServer& server_;
  const json::object& message_;
  const json::value whole_;
  std::vector<std::string> out_;
};

std::vector<std::string> LanguageServer::handle(std::string_view message) {
  boost::system::error_code fault;
  const json::value read = json::parse(message, fault);
  const auto refuse = [](int code, std::string_view why) {
    return std::vector{json::serialize(json::object{
        {"jsonrpc", "2.0"}, {"id", nullptr}, {"error", {{"code", code}, {"message", why}}}})};
  };
  if (fault) return refuse(parse_error, "the message is not JSON");
  if (!read.is_object()) return refuse(invalid_request, "the message is no object");
  const bool needs_id =
      text_at(read, "/method") == "initialize" || text_at(read, "/method") == "shutdown";
  if (needs_id && !read.get_object().contains("id"))
    return refuse(invalid_request, "a request needs an id");
  return Turn(*this, read.get_object()).run();
}

}  // namespace copse::runner::lsp
