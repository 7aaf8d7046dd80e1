#include "tests/real/node_logs.hpp"

#include "runner/sandbox/certificates.hpp"
#include "runner/sandbox/target.hpp"
#include "tests/real/node_pods.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

namespace copse::tests::real {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace sandbox = runner::sandbox;
using asio::ip::tcp;
using sandbox::Moment;

namespace {

// What a request wants of a log, and how far it has got.
struct Wish {
  std::string ns, pod, container;
  bool follow = false;
  bool timestamps = false;
  std::optional<std::uint64_t> tail_lines, limit_bytes;
  std::optional<Moment> since;
  std::optional<std::size_t> lines_seen;  // absent: nothing was read yet
  std::uint64_t bytes_sent = 0;
};

std::optional<Wish> read_wish(std::string_view request_target) {
  const sandbox::Target target = sandbox::parse_target(request_target);
  std::vector<std::string> words;
  for (std::size_t at = 1; at <= target.path.size();) {
    const std::size_t end = std::min(target.path.find('/', at), target.path.size());
    words.push_back(target.path.substr(at, end - at));
    at = end + 1;
  }
  if (words.size() != 4 || words[0] != "containerLogs") return std::nullopt;
  Wish wish;
  wish.ns = words[1];
  wish.pod = words[2];
  wish.container = words[3];
  wish.follow = target.flag("follow");
  wish.timestamps = target.flag("timestamps");
  wish.tail_lines = target.number("tailLines");
  wish.limit_bytes = target.number("limitBytes");
  wish.since = sandbox::parse_timestamp(target.get("sinceTime"));
  if (const auto seconds = target.number("sinceSeconds"))
    wish.since = now() - std::chrono::seconds(*seconds);
  return wish;
}

// The kubelet's words for containers that wait for their image; for other reasons it gives the
// reason.
std::string_view words_for(std::string_view waiting_reason) {
  if (waiting_reason == "ErrImagePull") return "image can't be pulled";
  if (waiting_reason == "ImagePullBackOff") return "trying and failing to pull image";
  return waiting_reason;
}

// What has been printed and was not sent yet.
std::string pull(Wish& wish, const sandbox::PodMachine& machine) {
  const auto lines = machine.log(now());
  if (!wish.lines_seen) {
    // Only the first container prints.
    const bool prints = wish.container == machine.facts().containers.front().name;
    const std::uint64_t wanted = prints ? wish.tail_lines.value_or(lines.size()) : 0;
    wish.lines_seen = lines.size() - std::min<std::uint64_t>(wanted, lines.size());
  }
  std::string out;
  for (; *wish.lines_seen < lines.size(); ++*wish.lines_seen) {
    const sandbox::LogLine& line = lines[*wish.lines_seen];
    if (wish.since && line.at < *wish.since) continue;
    if (wish.timestamps) out += sandbox::micro_timestamp(line.at) + " ";
    out.append(line.text).append(1, '\n');
  }
  if (wish.limit_bytes) out.resize(std::min(out.size(), *wish.limit_bytes - wish.bytes_sent));
  wish.bytes_sent += out.size();
  return out;
}

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, asio::ssl::context& context, const FindPod& find)
      : stream_(std::move(socket), context), timer_(stream_.get_executor()), find_(find) {}

  void run() {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [self = shared_from_this()](const auto& error) {
                              if (!error) self->read();
                            });
  }

  // It waits for more to be printed.
  [[nodiscard]] bool is_following() const { return following_; }

  // More may have been printed.
  void look() {
    if (following_ && !writing_) send_more();
  }

 private:
  void read() {
    http::async_read(stream_, buffer_, request_,
                     [self = shared_from_this()](const auto& error, auto) {
                       if (!error) self->serve();
                     });
  }

  void serve() {
    const auto target = request_.target();
    auto wish = read_wish({target.data(), target.size()});
    const sandbox::PodMachine* machine = wish ? find_(wish->ns, wish->pod) : nullptr;
    if (machine == nullptr) return refuse(404, "pod does not exist");
    if (!machine->has_log()) {
      return refuse(400,
                    fmt::format("container \"{}\" in pod \"{}\" is waiting to start: {}",
                                wish->container, wish->pod, words_for(machine->waiting_reason())));
    }
    wish_ = std::move(*wish);
    following_ = true;
    write(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n"
        "Connection: close\r\n\r\n");
  }

  void refuse(int status, const std::string& text) {
    write(
        fmt::format("HTTP/1.1 {} refused\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n"
                    "Connection: close\r\n\r\n{}",
                    status, text.size(), text));
  }

  void send_more() {
    const sandbox::PodMachine* machine = find_(wish_.ns, wish_.pod);
    const std::string text = machine == nullptr ? std::string() : pull(wish_, *machine);
    const bool is_full = wish_.limit_bytes && wish_.bytes_sent == *wish_.limit_bytes;
    if (machine == nullptr || machine->ended() || !wish_.follow || is_full) following_ = false;
    std::string out = text.empty() ? "" : fmt::format("{:x}\r\n{}\r\n", text.size(), text);
    if (!following_) out += "0\r\n\r\n";
    if (!out.empty()) return write(std::move(out));
    const auto next = machine == nullptr ? std::nullopt : machine->next_line(now());
    if (!next) return;
    timer_.expires_after(*next - now());
    timer_.async_wait([weak = weak_from_this()](const auto& error) {
      const auto self = weak.lock();
      if (self && !error) self->look();
    });
  }

  void write(std::string text) {
    writing_ = true;
    output_ = std::move(text);
    asio::async_write(stream_, asio::buffer(output_),
                      [self = shared_from_this()](const auto& error, auto) {
                        self->writing_ = false;
                        if (error) return;
                        if (self->following_) return self->send_more();
                        self->stream_.async_shutdown([self](const auto&) {});
                      });
  }

  asio::ssl::stream<tcp::socket> stream_;
  asio::steady_timer timer_;
  const FindPod& find_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  std::string output_;
  Wish wish_;
  bool following_ = false;
  bool writing_ = false;
};

}  // namespace

struct NodeLogs::Core : std::enable_shared_from_this<Core> {
  Core(asio::io_context& io, FindPod finder) : find(std::move(finder)), acceptor(io) {}

  FindPod find;
  tcp::acceptor acceptor;
  asio::ssl::context context{asio::ssl::context::tls_server};
  std::vector<std::shared_ptr<Session>> sessions;

  void accept() {
    acceptor.async_accept([self = shared_from_this()](const auto& error, tcp::socket socket) {
      if (error) return;
      // One that only we hold and that follows nothing has nothing under way.
      std::erase_if(self->sessions,
                    [](const auto& one) { return one.use_count() == 1 && !one->is_following(); });
      self->sessions.push_back(
          std::make_shared<Session>(std::move(socket), self->context, self->find));
      self->sessions.back()->run();
      self->accept();
    });
  }
};

std::expected<NodeLogs, std::string> NodeLogs::listen(asio::io_context& io, FindPod find) {
  const auto certificates = sandbox::make_certificates();
  if (!certificates) return std::unexpected(certificates.error().text);
  auto core = std::make_shared<Core>(io, std::move(find));
  try {
    core->context.use_certificate_chain(asio::buffer(certificates->server_certificate));
    core->context.use_private_key(asio::buffer(certificates->server_key), asio::ssl::context::pem);
    core->acceptor.open(tcp::v4());
    core->acceptor.bind({asio::ip::address_v4::loopback(), 0});
    core->acceptor.listen();
  } catch (const std::exception& error) {
    return std::unexpected(std::string(error.what()));
  }
  core->accept();
  return NodeLogs(std::move(core));
}

std::uint16_t NodeLogs::port() const {
  return core_->acceptor.local_endpoint().port();
}

void NodeLogs::look() {
  for (std::size_t i = 0; i < core_->sessions.size(); ++i) core_->sessions[i]->look();
}

}  // namespace copse::tests::real
