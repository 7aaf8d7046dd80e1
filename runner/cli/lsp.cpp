// copse lsp: the language server on standard input and output (LSP 3.17, base protocol).
#include "adapters/template_set.hpp"
#include "runner/cli/verbs.hpp"
#include "runner/lsp/language_server.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace copse::runner::cli {
namespace {

// Bytes of one message: a policy of 100 MB, escaped.
constexpr std::size_t message_limit = std::size_t{256} << 20U;

std::optional<std::string> read_line() {
  std::string line;
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c == '\n') {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      return line;
    }
    line += static_cast<char>(c);
  }
  return std::nullopt;
}

// Names of headers are written in capitals or without. `name` is without.
bool begins_with(std::string_view line, std::string_view name) {
  return line.size() >= name.size() &&
         std::equal(name.begin(), name.end(), line.begin(), [](char wanted, char written) {
           return wanted == (written >= 'A' && written <= 'Z' ? written | 0x20 : written);
         });
}

// The next message; nothing at the end of input, or when it is no message any more.
std::optional<std::string> read_message() {
  std::size_t length = 0;
  for (;;) {
    const auto line = read_line();
    if (!line) return std::nullopt;
    if (line->empty()) break;
    constexpr std::string_view header = "content-length:";
    if (!begins_with(*line, header)) continue;
    const std::size_t digits = line->find_first_not_of(" \t", header.size());
    if (digits == std::string::npos) return std::nullopt;
    std::from_chars(line->data() + digits, line->data() + line->size(), length);
  }
  if (length == 0 || length > message_limit) return std::nullopt;
  std::string message(length, '\0');
  if (std::fread(message.data(), 1, length, stdin) != length) return std::nullopt;
  return message;
}

lsp::TemplateKeys list_templates(const std::string& folder) {
  auto origins = adapters::template_origins_in(folder);
  if (!origins) return std::unexpected(std::move(origins.error()));
  std::vector<std::string> keys;
  for (const adapters::TemplateOrigin& each : *origins) keys.push_back(each.key);
  return keys;
}

std::optional<std::string> template_file(const std::string& folder, const std::string& key) {
  if (key.empty() || key.find('/') != std::string::npos) return std::nullopt;
  for (const std::string_view ending : {".yaml", ".yml", ".json"}) {
    const std::filesystem::path file = std::filesystem::path(folder) / (key + std::string(ending));
    if (std::error_code none; std::filesystem::is_regular_file(file, none)) return file.string();
  }
  return std::nullopt;
}

}  // namespace

int language_server(const Arguments&) {
  lsp::LanguageServer server({list_templates, template_file});
  while (!server.is_over()) {
    const auto message = read_message();
    if (!message) return exit_unreadable;
    for (const std::string& said : server.handle(*message)) {
      std::printf("Content-Length: %zu\r\n\r\n", said.size());
      std::fwrite(said.data(), 1, said.size(), stdout);
      std::fflush(stdout);
    }
  }
  return server.exit_code();
}

}  // namespace copse::runner::cli
