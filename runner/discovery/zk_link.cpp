// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it inlines `post`.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/discovery/zk_link.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <future>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
// The multi-threaded flavour of the header.
#define THREADED
#include <zookeeper/zookeeper.h>

namespace copse::runner::discovery::zk {
namespace {

namespace asio = boost::asio;

// Host names are looked up when a connection is sought. The library's default is a look-up each
// time its socket is ready.
constexpr int no_routine_lookups = -1;

Code code_of(int result) {
  switch (result) {
    case ZOK:
      return Code::done;
    case ZNODEEXISTS:
      return Code::exists;
    case ZNONODE:
      return Code::missing;
    case ZCONNECTIONLOSS:
    case ZOPERATIONTIMEOUT:
    case ZSESSIONEXPIRED:
    case ZSESSIONMOVED:
    case ZINVALIDSTATE:
    case ZCLOSING:
      return Code::lost;
    default:
      return Code::refused;
  }
}

}  // namespace

// Lives as long as its thread (`desk`), which may outlive the Link by a farewell or a look-up.
struct Link::Core : std::enable_shared_from_this<Core> {
  // What the library's callbacks are given: which handle they speak of.
  struct Handle {
    Core* core;
    std::uint64_t generation;
    zhandle_t* zookeeper = nullptr;
  };

  Core(asio::io_context& loop, const ZooKeeperOptions& chosen, LinkHandlers told)
      : options(chosen), io(&loop), handlers(std::move(told)), guard(desk.get_executor()) {}

  const ZooKeeperOptions options;

  // The io_context, told of events by any thread.
  std::mutex mutex;
  asio::io_context* io;  // null: nobody listens

  // The io_context's thread.
  LinkHandlers handlers;
  std::uint64_t generation = 0;  // of the newest handle; of others nothing is heard
  bool is_closed = false;

  // The desk's thread: all calls of the library are made there.
  asio::io_context desk{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  std::unique_ptr<Handle> handle;
  std::promise<void> ended;

  using Told = std::variant<Event, LatchEvent>;

  void tell(std::uint64_t of, Told told) {
    const std::lock_guard lock(mutex);
    if (io == nullptr) return;
    asio::post(*io, [core = shared_from_this(), of, told = std::move(told)] {
      if (core->is_closed || core->generation != of) return;
      if (const auto* event = std::get_if<Event>(&told)) return core->handlers.session(*event);
      core->handlers.latch(std::get<LatchEvent>(told));
    });
  }

  // From here on: the desk.

  void open(std::uint64_t number) {
    close();
    handle = std::make_unique<Handle>(Handle{this, number});
    zoo_set_debug_level(static_cast<ZooLogLevel>(0));  // it would write to standard error
    errno = 0;
    handle->zookeeper =
        zookeeper_init(options.servers.c_str(), &on_session,
                       static_cast<int>(options.session.count()), nullptr, handle.get(), 0);
    if (handle->zookeeper == nullptr) {
      const std::string cause = errno == ENOENT ? "no address is known" : std::strerror(errno);
      handle.reset();
      return tell(number, Event(event::Ended{"ZooKeeper at `" + options.servers +
                                             "` cannot be connected to: " + cause +
                                             "; check druid.zk.service.host"}));
    }
    zoo_set_servers_resolution_delay(handle->zookeeper, no_routine_lookups);
    if (options.user.empty()) return;
    const std::string word = options.user + ":" + options.password.reveal();
    zoo_add_auth(handle->zookeeper, options.auth_scheme.c_str(), word.data(),
                 static_cast<int>(word.size()), nullptr, nullptr);
  }

  void close() {
    if (!handle) return;
    zookeeper_close(handle->zookeeper);  // joins the library's threads: no callback comes after it
    handle.reset();
  }

  void perform(const action::Create& create) {
    const ACL_vector* acl = options.acl ? &ZOO_CREATOR_ALL_ACL : &ZOO_OPEN_ACL_UNSAFE;
    const int flags = create.kind == Kind::ephemeral ? ZOO_EPHEMERAL : ZOO_PERSISTENT;
    answer_failure(zoo_acreate(handle->zookeeper, create.path.c_str(), create.document.data(),
                               static_cast<int>(create.document.size()), acl, flags, &on_created,
                               handle.get()));
  }

  void perform(const action::Look& look) {
    answer_failure(zoo_awexists(handle->zookeeper, look.path.c_str(), &on_changed, handle.get(),
                                &on_looked, handle.get()));
  }

  void perform(const action::Remove& remove) {
    constexpr int any_version = -1;
    answer_failure(zoo_adelete(handle->zookeeper, remove.path.c_str(), any_version, &on_removed,
                               handle.get()));
  }

  void perform(const action::List& list) {
    const int result = zoo_awget_children(handle->zookeeper, list.path.c_str(), &on_line_changed,
                                          handle.get(), &on_listed, handle.get());
    if (result != ZOK)
      tell(handle->generation, LatchEvent(event::Listed{code_of(result), {}, zerror(result)}));
  }

  void perform(const action::Await& wait) {
    const int result = zoo_awexists(handle->zookeeper, wait.path.c_str(), &on_line_changed,
                                    handle.get(), &on_awaited, handle.get());
    if (result != ZOK)
      tell(handle->generation, LatchEvent(event::Awaited{code_of(result), zerror(result)}));
  }

  void perform(const action::Read& read) {
    const int result =
        zoo_awget(handle->zookeeper, read.path.c_str(), nullptr, nullptr, &on_read, handle.get());
    if (result != ZOK)
      tell(handle->generation, LatchEvent(event::Read{code_of(result), {}, zerror(result)}));
  }

  // A request that the library did not even take: no callback will come.
  void answer_failure(int result) {
    if (result != ZOK) tell(handle->generation, answer(result));
  }

  static Event answer(int result, std::int64_t owner = 0) {
    return event::Answered{code_of(result), owner, zerror(result)};
  }

  // From here on: threads of the library.

  static const Handle& of(const void* data) { return *static_cast<const Handle*>(data); }

  static void tell(const void* data, Told told) {
    of(data).core->tell(of(data).generation, std::move(told));
  }

  static void on_session(zhandle_t* zookeeper, int type, int state, const char*, void* data) {
    if (type != ZOO_SESSION_EVENT) return;
    if (state == ZOO_CONNECTED_STATE) {
      return tell(data, Event(event::Connected{zoo_client_id(zookeeper)->client_id,
                                               milliseconds(zoo_recv_timeout(zookeeper))}));
    }
    if (state == ZOO_EXPIRED_SESSION_STATE)
      return tell(data, Event(event::Ended{"ZooKeeper has ended the session", true}));
    if (state == ZOO_AUTH_FAILED_STATE)
      return tell(data, Event(event::Ended{"ZooKeeper refuses druid.zk.service.user and pwd"}));
    tell(data, Event(event::Disconnected{}));
  }

  // Session events come to every watcher; only the first is to hear them.
  static void on_changed(zhandle_t*, int type, int, const char*, void* data) {
    if (type != ZOO_SESSION_EVENT) tell(data, Event(event::Changed{}));
  }

  static void on_line_changed(zhandle_t*, int type, int, const char*, void* data) {
    if (type != ZOO_SESSION_EVENT) tell(data, LatchEvent(event::LineChanged{}));
  }

  static void on_created(int result, const char*, const void* data) { tell(data, answer(result)); }

  static void on_removed(int result, const void* data) { tell(data, answer(result)); }

  static void on_looked(int result, const Stat* stat, const void* data) {
    tell(data, answer(result, result == ZOK ? stat->ephemeralOwner : 0));
  }

  static void on_listed(int result, const String_vector* names, const void* data) {
    event::Listed list{code_of(result), {}, zerror(result)};
    if (result == ZOK) list.names.assign(names->data, names->data + names->count);
    tell(data, LatchEvent(std::move(list)));
  }

  static void on_awaited(int result, const Stat*, const void* data) {
    tell(data, LatchEvent(event::Awaited{code_of(result), zerror(result)}));
  }

  static void on_read(int result, const char* value, int length, const Stat*, const void* data) {
    event::Read read{code_of(result), {}, zerror(result)};
    if (result == ZOK && length > 0) read.data.assign(value, static_cast<std::size_t>(length));
    tell(data, LatchEvent(std::move(read)));
  }

  // Has the desk do it for the newest handle.
  template <class Request>
  static void send(Core& core, const Request& request) {
    asio::post(core.desk, [self = core.shared_from_this(), of = core.generation, request] {
      if (self->handle && self->handle->generation == of) self->perform(request);
    });
  }
};

Link::Link(asio::io_context& io, const ZooKeeperOptions& options, LinkHandlers handlers)
    : core_(std::make_shared<Core>(io, options, std::move(handlers))) {
  thread_ = std::thread([core = core_] {
    core->desk.run();
    core->close();
    core->ended.set_value();
  });
}

Link::~Link() {
  core_->is_closed = true;
  {
    const std::lock_guard lock(core_->mutex);
    core_->io = nullptr;
  }
  auto ended = core_->ended.get_future();
  core_->guard.reset();
  if (ended.wait_for(farewell_patience) == std::future_status::ready) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

void Link::perform(const action::Open&) {
  asio::post(core_->desk, [core = core_, of = ++core_->generation] { core->open(of); });
}

void Link::perform(const action::Close&) {
  ++core_->generation;
  asio::post(core_->desk, [core = core_] { core->close(); });
}

void Link::perform(const action::Create& create) {
  Core::send(*core_, create);
}

void Link::perform(const action::Look& look) {
  Core::send(*core_, look);
}

void Link::perform(const action::Remove& remove) {
  Core::send(*core_, remove);
}

void Link::perform(const action::List& list) {
  Core::send(*core_, list);
}

void Link::perform(const action::Await& wait) {
  Core::send(*core_, wait);
}

void Link::perform(const action::Read& read) {
  Core::send(*core_, read);
}

}  // namespace copse::runner::discovery::zk
