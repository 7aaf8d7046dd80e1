#include "runner/kube/login.hpp"

#include <utility>

namespace copse::runner::kube {
namespace {

std::string trimmed(std::string text) {
  const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!text.empty() && blank(text.back())) text.pop_back();
  return text;
}

std::shared_ptr<const Certificate> shared(const std::optional<Certificate>& certificate) {
  return certificate ? std::make_shared<const Certificate>(*certificate) : nullptr;
}

}  // namespace

Login::Login(boost::asio::io_context& io, ClusterAccess access, LoginOptions options)
    : io_(io),
      access_(std::move(access)),
      options_(options),
      certificates_read_(std::chrono::steady_clock::now()) {
  badge_.server = access_.server;
  badge_.certificate = shared(access_.certificate);
  if (const auto* fixed = std::get_if<Secret>(&access_.token)) badge_.bearer = *fixed;
}

std::expected<bool, Failure> Login::refresh(Time now) {
  if (now - certificates_read_ >= options_.certificate_reread) {
    certificates_read_ = now;
    read_certificates();
  }
  if (const auto* file = std::get_if<TokenFile>(&access_.token)) {
    if (token_read_ && now - *token_read_ < options_.token_reread) return true;
    const auto text = read_small_file(file->path);
    if (text && !trimmed(*text).empty()) {
      token_read_ = now;
      wear(Secret(trimmed(*text)));
    } else if (badge_.bearer.empty()) {
      const std::string cause = text ? "is empty" : "cannot be read: " + text.error();
      return std::unexpected(
          local_failure(FailureKind::credentials, "token file `" + file->path + "` " + cause));
    }
    return true;
  }
  if (!std::holds_alternative<ExecPlugin>(access_.token)) return true;
  const bool is_expired = expires_ && std::chrono::system_clock::now() + expiry_leeway >= *expires_;
  // WHY the pause: by this clock it may have been born expired; then the server's answer decides.
  if (is_expired && now - obtained_ >= options_.plugin_pause) plugin_valid_ = false;
  return plugin_valid_;
}

void Login::obtain(Ready ready) {
  ready_ = std::move(ready);
  if (run_) return;
  run_ = std::make_unique<PluginRun>(
      io_, std::get<ExecPlugin>(access_.token), options_.plugin_deadline,
      [this](std::expected<ExecCredential, Failure> result) {
        // WHY: the run must not be destroyed inside its own callback's captures; moved out it dies
        // at the end.
        const auto finished = std::move(run_);
        Ready then = std::move(ready_);
        if (!result) return then(std::unexpected(std::move(result.error())));
        plugin_valid_ = true;
        obtained_ = std::chrono::steady_clock::now();
        expires_ = result->expires;
        if (result->certificate &&
            (!badge_.certificate || *badge_.certificate != *result->certificate)) {
          badge_.certificate = shared(result->certificate);
          ++badge_.generation;
        }
        wear(std::move(result->token));
        then({});
      });
}

bool Login::rejected(std::uint64_t generation, Time now) {
  if (generation != badge_.generation) return true;
  suspect(now);
  token_read_.reset();
  if (std::holds_alternative<ExecPlugin>(access_.token)) {
    if (refused_ && now - *refused_ < options_.plugin_pause) return false;
    refused_ = now;
    plugin_valid_ = false;
    return true;
  }
  return std::holds_alternative<TokenFile>(access_.token) || access_.certificate_files.has_value();
}

void Login::suspect(Time now) {
  certificates_read_ = now - options_.certificate_reread;
}

void Login::read_certificates() {
  if (access_.authority_file) {
    auto pem = read_small_file(*access_.authority_file);
    if (pem && !pem->empty() && *pem != badge_.server.authority_pem) {
      badge_.server.authority_pem = std::move(*pem);
      ++badge_.generation;
    }
  }
  if (!access_.certificate_files) return;
  auto chain = read_small_file(access_.certificate_files->chain_path);
  auto key = read_small_file(access_.certificate_files->key_path);
  if (!chain || !key || chain->empty() || key->empty()) return;
  Certificate certificate{std::move(*chain), Secret(std::move(*key))};
  if (badge_.certificate && *badge_.certificate == certificate) return;
  badge_.certificate = std::make_shared<const Certificate>(std::move(certificate));
  ++badge_.generation;
}

void Login::wear(Secret bearer) {
  if (bearer == badge_.bearer) return;
  badge_.bearer = std::move(bearer);
  ++badge_.generation;
}

}  // namespace copse::runner::kube
