#include "runner/cli/serve_settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <unistd.h>

namespace copse::runner::cli {
namespace {

using engine::Diagnostic;
using engine::Property;
using engine::Severity;

// All of copse's own. Those that another verb or a later version reads are known, too.
constexpr std::array<std::string_view, 32> own_properties{"copse.host",
                                                          "copse.port",
                                                          "copse.bind",
                                                          "copse.tls.certificate",
                                                          "copse.tls.key",
                                                          "copse.tls.clientCa",
                                                          "copse.auth.worker",
                                                          "copse.auth.worker.user",
                                                          "copse.auth.worker.password",
                                                          "copse.auth.admin",
                                                          "copse.auth.metrics",
                                                          "copse.cluster",
                                                          "copse.namespaces",
                                                          "copse.overlord.pod",
                                                          "copse.overlord.url",
                                                          "copse.overlord.auth.user",
                                                          "copse.overlord.auth.password",
                                                          "copse.overlord.auth.token",
                                                          "copse.overlord.tls.ca",
                                                          "copse.overlord.tls.certificate",
                                                          "copse.overlord.tls.key",
                                                          "copse.druid.version",
                                                          "copse.discovery.type",
                                                          "copse.policy",
                                                          "copse.state",
                                                          "copse.store",
                                                          "copse.worker.capacity",
                                                          "copse.worker.category",
                                                          "copse.worker.version",
                                                          "copse.policy.strict",
                                                          "copse.runnerStrategy.publish",
                                                          "copse.log.format"};

bool is_loopback(std::string_view host) {
  return host == "localhost" || host.starts_with("127.") || host == "::1";
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view part = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

class Reader {
 public:
  Reader(const engine::Properties& properties, const Surroundings& surroundings)
      : properties_(properties), surroundings_(surroundings) {}

  ServeReading run() {
    names();
    node();
    listening();
    worker_auth();
    overlord();
    discovery();
    others();
    if (engine::has_errors(diagnostics_))
      return {std::nullopt, std::move(diagnostics_), std::move(settings_)};
    return {settings_, std::move(diagnostics_), settings_};
  }

 private:
  std::string text(std::string_view key, std::string fallback = {}) const {
    const auto value = properties_.value(key);
    return value ? std::string(*value) : std::move(fallback);
  }

  void report(Severity severity, std::string code, std::string title, std::string help,
              std::string_view key = {}) {
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.code = std::move(code);
    diagnostic.title = std::move(title);
    diagnostic.help = std::move(help);
    if (const Property* property = properties_.find(key)) diagnostic.place = property->place;
    diagnostics_.push_back(std::move(diagnostic));
  }

  void bad_value(std::string_view key, std::string allowed) {
    report(Severity::error, "C0601", "`" + std::string(key) + "` cannot be `" + text(key) + "`",
           "allowed is " + allowed, key);
  }

  std::uint32_t number(std::string_view key, std::uint32_t fallback, std::uint32_t least,
                       std::uint32_t most) {
    const auto value = properties_.value(key);
    if (!value) return fallback;
    std::uint32_t found = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), found);
    if (error == std::errc{} && end == value->data() + value->size() && found >= least &&
        found <= most)
      return found;
    bad_value(key, std::to_string(least) + " to " + std::to_string(most));
    return fallback;
  }

  bool flag(std::string_view key, bool fallback) {
    const auto value = properties_.value(key);
    if (!value) return fallback;
    if (*value != "true" && *value != "false") bad_value(key, "`true` or `false`");
    return *value == "true";
  }

  void names() {
    for (const Property* property : properties_.with_prefix("copse.")) {
      if (std::find(own_properties.begin(), own_properties.end(), property->key) !=
          own_properties.end())
        continue;
      const auto near =
          engine::nearest(property->key, {own_properties.begin(), own_properties.end()});
      report(Severity::warning, "C0603", "no property is called `" + property->key + "`",
             near.empty() ? "see the table of properties in runner/cli/README.md"
                          : "did you mean `" + std::string(near) + "`?",
             property->key);
    }
  }

  void node() {
    overlord::WorkerNode& node = settings_.node;
    node.host = text("copse.host", surroundings_.host_name);
    if (node.host.empty() || node.host.find_first_of(":/ ") != std::string::npos)
      bad_value("copse.host",
                "a host name or an IPv4 address, by which every Overlord reaches copse");
    node.port = static_cast<std::uint16_t>(number("copse.port", 8091, 1, 65535));
    node.category = text("copse.worker.category", "copse");
    node.version = text("copse.worker.version", "0");
    if (properties_.find("copse.worker.capacity") != nullptr) {
      node.capacity = number("copse.worker.capacity", 1, 1, worker_capacity_limit);
    } else {
      // Druid's default is no bound at all; its own errors are told by whoever reads the settings.
      std::uint32_t capacity = worker_capacity_limit;
      const std::string given = text("druid.indexer.runner.capacity");
      std::from_chars(given.data(), given.data() + given.size(), capacity);
      node.capacity = std::clamp(capacity, 1U, worker_capacity_limit);
    }
  }

  void listening() {
    http::Options& http = settings_.http;
    http.address = text("copse.bind", is_loopback(settings_.node.host) ? "127.0.0.1" : "0.0.0.0");
    http.port = settings_.node.port;
    const std::string certificate = text("copse.tls.certificate");
    const std::string key = text("copse.tls.key");
    if (certificate.empty() != key.empty()) {
      report(Severity::error, "C0602",
             "copse.tls.certificate and copse.tls.key belong together, and one is missing",
             "give both, or none for plain HTTP",
             certificate.empty() ? "copse.tls.key" : "copse.tls.certificate");
    }
    if (certificate.empty()) return;
    settings_.node.tls = true;
    http.tls.emplace();
    http.tls->certificate.path = certificate;
    http.tls->key.path = key;
    if (const std::string authority = text("copse.tls.clientCa"); !authority.empty()) {
      http.tls->client_authority = http::PemFile{authority, "copse.tls.clientCa"};
      http.tls->clients = http::ClientCertificates::asked;
    }
    settings_.self.authority_file = certificate;
    settings_.self.certificate_file = certificate;
    settings_.self.key_file = key;
  }

  void worker_auth() {
    using Kind = service::WorkerAuth::Kind;
    service::WorkerAuth& auth = settings_.worker_auth;
    const std::string kind = text("copse.auth.worker");
    if (kind.empty()) {
      if (is_loopback(settings_.http.address)) return;
      return report(Severity::error, "C0602",
                    "copse.auth.worker is not set, and copse would listen beyond this host",
                    "say who may hand tasks over: `none` (anybody who reaches the port, as a Druid "
                    "without security), `basic` or `certificate`");
    }
    if (kind == "none") return;
    if (kind == "basic") {
      auth = {Kind::basic, text("copse.auth.worker.user"), text("copse.auth.worker.password")};
      if (!auth.user.empty() && !auth.password.empty()) return;
      return report(Severity::error, "C0602",
                    "copse.auth.worker is `basic`, and user or password is missing",
                    "set copse.auth.worker.user and copse.auth.worker.password to the Overlord's "
                    "druid.escalator.internalClientUsername and …Password",
                    "copse.auth.worker");
    }
    if (kind != "certificate")
      return bad_value("copse.auth.worker", "`none`, `basic` or `certificate`");
    auth.kind = Kind::certificate;
    if (!settings_.http.tls || !settings_.http.tls->client_authority) {
      report(Severity::error, "C0602",
             "copse.auth.worker is `certificate`, and nobody is named who vouches for clients",
             "set copse.tls.certificate, copse.tls.key and copse.tls.clientCa",
             "copse.auth.worker");
    }
  }

  void overlord() {
    settings_.overlord.credentials = {text("copse.overlord.auth.user"),
                                      text("copse.overlord.auth.password"),
                                      text("copse.overlord.auth.token")};
    settings_.overlord.authority_file = text("copse.overlord.tls.ca");
    settings_.overlord.certificate_file = text("copse.overlord.tls.certificate");
    settings_.overlord.key_file = text("copse.overlord.tls.key");
    for (std::string& url : split(text("copse.overlord.url"))) {
      if (overlord::origin_of(url).empty())
        bad_value("copse.overlord.url", "URLs such as `http://overlord:8090`, joined by commas");
      settings_.overlord_urls.push_back(std::move(url));
    }
  }

  void discovery() {
    auto read = discovery::read_discovery(properties_, surroundings_.environment);
    if (!read) {
      diagnostics_.insert(diagnostics_.end(), read.error().begin(), read.error().end());
      return;
    }
    settings_.discovery = std::move(*read);
    if (!std::holds_alternative<discovery::NoDiscovery>(settings_.discovery) ||
        !settings_.overlord_urls.empty())
      return;
    report(Severity::error, "C0602", "without discovery copse has to be told where the Overlord is",
           "set copse.overlord.url", "copse.discovery.type");
  }

  void others() {
    settings_.cluster = text("copse.cluster");
    settings_.policy = text("copse.policy");
    settings_.state = text("copse.state", settings_.state);
    settings_.is_strict = flag("copse.policy.strict", false);
    settings_.publish_runner_strategy = flag("copse.runnerStrategy.publish", false);
    const std::string store = text("druid.indexer.logs.type", "file");
    if (store != "file") {
      report(Severity::error, "C0604",
             "the task-log store `" + store + "` is not read or written by this version",
             "set druid.indexer.logs.type to `file` and druid.indexer.logs.directory to a folder "
             "that copse, the Overlord and the peons share",
             "druid.indexer.logs.type");
    }
    settings_.log_directory = text("druid.indexer.logs.directory", "log");
  }

  const engine::Properties& properties_;
  const Surroundings& surroundings_;
  ServeSettings settings_;
  engine::Diagnostics diagnostics_;
};

}  // namespace

Surroundings surroundings_of_process() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return {name.data(), [](const std::string& variable) {
            const char* value = std::getenv(variable.c_str());
            return std::string(value == nullptr ? "" : value);
          }};
}

ServeReading read_serve_settings(const engine::Properties& properties,
                                 const Surroundings& surroundings) {
  return Reader(properties, surroundings).run();
}

engine::Properties environment_properties(const char* const* environment) {
  engine::Properties found;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const std::string_view entry(*environment);
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = entry.substr(0, equals);
    if (!name.starts_with("druid_") && !name.starts_with("copse_")) continue;
    std::string key;
    for (std::size_t i = 0; i < name.size(); ++i) {
      const bool is_pair = name[i] == '_' && i + 1 < name.size() && name[i + 1] == '_';
      key += is_pair ? '_' : name[i] == '_' ? '.' : name[i];
      if (is_pair) ++i;
    }
    found.set({std::move(key), std::string(entry.substr(equals + 1)),
               engine::whole_file("environment variable " + std::string(name))});
  }
  return found;
}

}  // namespace copse::runner::cli
