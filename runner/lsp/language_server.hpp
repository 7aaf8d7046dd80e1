#pragma once
// The language server: one message in, messages out (LSP 3.17, JSON-RPC 2.0). It keeps the texts
// that the editor has open and knows nothing of pipes; what folders hold it asks its owner.

#include "runner/lsp/policy_view.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::lsp {

/// Path of a `file://` URI, percent-decoded; nothing of another scheme.
[[nodiscard]] std::optional<std::string> path_of(std::string_view uri);

/// A `file://` URI.
[[nodiscard]] std::string uri_of(std::string_view path);

/// What is asked about folders of templates.
struct TemplateFolders {
  /// The keys of the templates in a folder, or what is wrong with it.
  std::function<TemplateKeys(const std::string& folder)> list;
  /// The file that holds a template; nothing when there is none.
  std::function<std::optional<std::string>(const std::string& folder, const std::string& key)> file;
};

class LanguageServer {
 public:
  explicit LanguageServer(TemplateFolders folders) : folders_(std::move(folders)) {}

  /// What is to be sent because of `message`: answers and notifications, each a JSON text.
  [[nodiscard]] std::vector<std::string> handle(std::string_view message);

  /// True once the editor said `exit`.
  [[nodiscard]] bool is_over() const { return state_ == State::ended || state_ == State::aborted; }

  /// 0 when `shutdown` came before `exit`.
  [[nodiscard]] int exit_code() const { return state_ == State::ended ? 0 : 1; }

 private:
  class Turn;

  enum class State : std::uint8_t {
    fresh,      ///< `initialize` is awaited
    running,    ///< from `initialize` to `shutdown`
    shut_down,  ///< `exit` is awaited
    ended,
    aborted  ///< `exit` came without `shutdown`
  };

  TemplateFolders folders_;
  std::map<std::string, std::unique_ptr<PolicyView>, std::less<>> open_;  // by URI
  State state_ = State::fresh;
};

}  // namespace copse::runner::lsp
