#include "runner/overlord_sandbox/overlord_sandbox.hpp"

#include "engine/json_writer.hpp"
#include "runner/http/server.hpp"
#include "runner/http/target.hpp"
#include "runner/kube/base64.hpp"
#include "runner/overlord_sandbox/alarm.hpp"
#include "runner/overlord_sandbox/answers.hpp"
#include "runner/overlord_sandbox/api.hpp"
#include "runner/overlord_sandbox/leadership.hpp"
#include "runner/overlord_sandbox/task_queue.hpp"
#include "runner/overlord_sandbox/witness.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace copse::runner::overlord_sandbox {
namespace {

constexpr std::string_view sandbox_path = "/sandbox/";
constexpr std::string_view facts_path = "/sandbox/facts";
constexpr std::string_view is_leader_path = "/druid/indexer/v1/isLeader";

// An answer that is held back.
struct Late {
  Late(boost::asio::io_context& io, http::Responder to) : responder(std::move(to)), alarm(io) {}

  http::Responder responder;
  Alarm alarm;
  std::string method, target, body, content_type;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string remote;
};

std::string druid_status(const std::string& version) {
  engine::JsonWriter out;
  out.begin_object().member("version", version).key("modules").begin_array().end_array();
  out.key("memory").begin_object();
  for (const char* of : {"maxMemory", "totalMemory", "freeMemory", "usedMemory", "directMemory"})
    out.key(of).number(0);
  return out.end_object().end_object().take();
}

}  // namespace

struct OverlordSandbox::Core {
  Core(boost::asio::io_context& loop, Metadata& store, Options given)
      : io(loop), metadata(store), options(std::move(given)), witness(store) {}

  boost::asio::io_context& io;
  Metadata& metadata;
  Options options;
  Misbehaviour misbehaviour;
  Witness witness;
  Time start = std::chrono::steady_clock::now();
  std::map<std::string, overlord::WorkerNode> workers;  // that are discovered
  std::optional<std::string> leader;  // another one's URL; empty: nobody leads; nothing: this one
  bool is_up = false;
  std::map<std::uint64_t, Late> late;
  std::uint64_t next_late = 0;
  std::unique_ptr<Leadership> leadership;
  std::unique_ptr<http::Server> server;

  std::expected<void, http::Failure> listen() {
    auto listening = http::Server::listen(
        io, {.address = options.address, .port = options.port},
        [this](const http::Request& request, http::Responder to) { hold(request, std::move(to)); });
    if (!listening) return std::unexpected(std::move(listening.error()));
    server = std::move(*listening);
    options.port = server->port();
    is_up = true;
    begin_to_lead();
    return {};
  }

  std::string url() const {
    return "http://" + options.address + ":" + std::to_string(options.port);
  }

  // What was in memory is lost, if anything was.
  void begin_to_lead() {
    leadership.reset();
    witness.interrupted();
    if (!is_up || leader) return;
    std::vector<overlord::WorkerNode> known;
    for (const auto& [host, worker] : workers) known.push_back(worker);
    leadership =
        std::make_unique<Leadership>(Surroundings{io, metadata, witness, options, misbehaviour},
                                     known, [this] { begin_to_lead(); });
  }

  void go_down() {
    is_up = false;
    late.clear();
    leadership.reset();
    server.reset();
  }

  void hold(const http::Request& request, http::Responder responder) {
    if (misbehaviour.answer_after.count() <= 0) return serve(request, std::move(responder));
    const std::uint64_t number = next_late++;
    Late& held = late.try_emplace(number, io, std::move(responder)).first->second;
    held.method = request.method;
    held.target = request.target;
    held.body = request.body;
    held.content_type = request.content_type;
    held.remote = request.remote;
    for (const http::Header& header : request.headers)
      held.headers.emplace_back(header.name, header.value);
    held.alarm.set(std::chrono::steady_clock::now() + misbehaviour.answer_after,
                   [this, number] { serve_late(number); });
  }

  void serve_late(std::uint64_t number) {
    auto over = late.extract(number);
    Late& held = over.mapped();
    std::vector<http::Header> headers;
    for (const auto& [name, value] : held.headers) headers.push_back({name, value});
    const http::TargetParts parts = http::split_target(held.target);
    const http::Request request{.method = held.method,
                                .target = held.target,
                                .path = parts.path,
                                .query = parts.query,
                                .body = held.body,
                                .content_type = held.content_type,
                                .accept = http::find_header(headers, "Accept"),
                                .authorization = http::find_header(headers, "Authorization"),
                                .client_certificate = {},
                                .remote = held.remote,
                                .headers = headers};
    serve(request, std::move(held.responder));
  }

  // As Druid's filters stand before its resources: who asks, who leads, then what is asked.
  void serve(const http::Request& request, http::Responder responder) {
    const std::string_view path = request.path;
    if (path == facts_path)
      return responder.send(json_answer(200, to_json(witness.facts(), start)));
    if (path.starts_with(sandbox_path) && options.control && options.control(request, responder))
      return;
    if (path == "/status/health") return responder.send(json_answer(200, "true"));
    if (path != is_leader_path && !may_enter(request.authorization)) {
      http::Response refused = error_answer(401, "Unauthorized");
      refused.headers.emplace_back("WWW-Authenticate", "Basic realm=\"druid\"");
      return responder.send(std::move(refused));
    }
    if (path == "/status") return responder.send(json_answer(200, druid_status(options.version)));
    if (!path.starts_with(api_path)) return responder.send(error_answer(404, "nothing is here"));
    if (path == is_leader_path) return responder.send(is_leader());
    if (path == "/druid/indexer/v1/leader")
      return responder.send(text_answer(200, leader.value_or(url())));
    if (leader && !leader->empty()) {
      http::Response redirect = empty_answer(307);
      redirect.headers.emplace_back("Location", *leader + std::string(request.target));
      return responder.send(std::move(redirect));
    }
    if (!leadership || !leadership->is_ready()) return responder.send(empty_answer(503));
    serve_api({request, std::move(responder), *leadership, metadata, options});
  }

  http::Response is_leader() const {
    const bool leads = leadership && leadership->is_ready();
    return json_answer(leads ? 200 : 404, leads ? R"({"leader":true})" : R"({"leader":false})");
  }

  bool may_enter(std::string_view authorization) const {
    if (!options.users) return true;
    const std::string word = options.users->user + ":" + options.users->password;
    return authorization == "Basic " + kube::encode_base64(word);
  }
};

std::expected<std::unique_ptr<OverlordSandbox>, http::Failure> OverlordSandbox::listen(
    boost::asio::io_context& io, Metadata& metadata, Options options) {
  auto core = std::make_unique<Core>(io, metadata, std::move(options));
  if (auto listening = core->listen(); !listening)
    return std::unexpected(std::move(listening.error()));
  return std::unique_ptr<OverlordSandbox>(new OverlordSandbox(std::move(core)));
}

OverlordSandbox::OverlordSandbox(std::unique_ptr<Core> core) : core_(std::move(core)) {}

OverlordSandbox::~OverlordSandbox() {
  core_->go_down();
}

std::uint16_t OverlordSandbox::port() const {
  return core_->options.port;
}

std::string OverlordSandbox::url() const {
  return core_->url();
}

void OverlordSandbox::add_worker(overlord::WorkerNode worker) {
  if (core_->leadership) core_->leadership->add_worker(worker);
  core_->workers.try_emplace(worker.host_port(), std::move(worker));
}

void OverlordSandbox::remove_worker(const std::string& host_port) {
  core_->workers.erase(host_port);
  if (core_->leadership) core_->leadership->remove_worker(host_port);
}

std::expected<std::string, std::string> OverlordSandbox::submit(std::string_view task) {
  if (!is_ready()) return std::unexpected("this Overlord does not lead");
  auto id = core_->leadership->submit(task);
  if (!id) return std::unexpected(std::move(id.error().text));
  return std::move(*id);
}

void OverlordSandbox::kill(const std::string& task_id) {
  if (is_ready()) core_->leadership->kill(task_id);
}

std::optional<TaskReport> OverlordSandbox::task(const std::string& task_id) const {
  if (core_->leadership) return report_of(core_->metadata, core_->leadership->runner(), task_id);
  const TaskRunner nobody(core_->metadata, core_->options);
  return report_of(core_->metadata, nobody, task_id);
}

const Facts& OverlordSandbox::facts() const {
  return core_->witness.facts();
}

bool OverlordSandbox::is_ready() const {
  return core_->leadership && core_->leadership->is_ready();
}

void OverlordSandbox::restart() {
  core_->begin_to_lead();
}

void OverlordSandbox::go_down() {
  core_->go_down();
}

std::expected<void, http::Failure> OverlordSandbox::come_up() {
  return core_->is_up ? std::expected<void, http::Failure>() : core_->listen();
}

void OverlordSandbox::lead() {
  core_->leader.reset();
  core_->begin_to_lead();
}

void OverlordSandbox::follow(std::string url) {
  core_->leader = std::move(url);
  core_->begin_to_lead();
}

void OverlordSandbox::lose_leader() {
  follow("");
}

void OverlordSandbox::misbehave(Misbehaviour misbehaviour) {
  core_->misbehaviour = std::move(misbehaviour);
  if (core_->leadership) core_->leadership->set_pollers();
}

}  // namespace copse::runner::overlord_sandbox
