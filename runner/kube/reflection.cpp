#include "runner/kube/reflection.hpp"

#include "runner/kube/query.hpp"
#include "runner/kube/splitter.hpp"
#include "runner/kube/watch_event.hpp"

#include <optional>
#include <random>
#include <utility>
#include <variant>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace copse::runner::kube {

namespace asio = boost::asio;

class Reflection::Base {
 public:
  Base() = default;
  Base(const Base&) = delete;
  Base& operator=(const Base&) = delete;
  virtual ~Base() = default;

  // Nothing is called back afterwards.
  virtual void stop() = 0;
  [[nodiscard]] virtual const Reflector& reflector() const = 0;
};

template <class View>
class Reflection::Driver final : public Base,
                                 public std::enable_shared_from_this<Reflection::Driver<View>> {
 public:
  static std::shared_ptr<Base> started(Transport& transport, Collection collection, Sink<View> sink,
                                       const ReflectorTimes& times) {
    auto driver =
        std::make_shared<Driver>(transport, std::move(collection), std::move(sink), times);
    driver->start();
    return driver;
  }

  Driver(Transport& transport, Collection collection, Sink<View> sink, const ReflectorTimes& times)
      : transport_(transport),
        collection_(std::move(collection)),
        sink_(std::move(sink)),
        timer_(transport.io()),
        chance_(std::random_device{}()),
        reflector_(times, collection_.memory) {}

  void stop() override {
    timer_.cancel();
    for (std::optional<RequestId>* request : {&list_, &watch_, &probe_}) {
      if (*request) transport_.cancel(**request);
    }
  }

  const Reflector& reflector() const override { return reflector_; }

 private:
  Transport& transport_;
  Collection collection_;
  Sink<View> sink_;
  asio::steady_timer timer_;
  std::minstd_rand chance_;
  Reflector reflector_;
  Parser parser_;
  std::optional<RequestId> list_;
  std::optional<RequestId> watch_;
  std::optional<RequestId> probe_;
  ListSplitter items_;
  LineSplitter lines_;
  bool watch_opened_ = false;

  void start() {
    asio::post(transport_.io(), [weak = this->weak_from_this()] {
      if (const auto self = weak.lock()) self->take(event::Start{}, nullptr);
    });
  }

  // One step; `view` is the object of the event at hand.
  void take(const ReflectorEvent& event, const View* view) {
    const Moment moment{std::chrono::steady_clock::now(),
                        std::uniform_real_distribution<>()(chance_)};
    for (const ReflectorAction& action : reflector_.step(event, moment)) {
      std::visit([&](const auto& a) { perform(a, view); }, action);
    }
  }

  void trouble(const Failure& failure) {
    if (sink_.trouble) sink_.trouble(failure);
  }

  Query query(const std::string& field_selector) const {
    Query query(collection_.path);
    query.add("labelSelector", collection_.label_selector).add("fieldSelector", field_selector);
    return query;
  }

  Query list_query() const {
    return query(collection_.list_field_selector.empty() ? collection_.field_selector
                                                         : collection_.list_field_selector);
  }

  void perform(const action::Deliver&, const View* view) { sink_.upsert(*view); }

  void perform(const action::DeliverRemoval&, const View* view) {
    if (sink_.removed) sink_.removed(*view);
  }

  void perform(const action::Vanished& gone, const View*) {
    if (sink_.vanished) sink_.vanished(gone.uid);
  }

  void perform(const action::Synced&, const View*) {
    if (sink_.synced) sink_.synced();
  }

  void perform(const action::SetTimer& set, const View*) {
    timer_.expires_at(set.at);
    timer_.async_wait([weak = this->weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (!error && self) self->take(event::TimerFired{}, nullptr);
    });
  }

  void perform(const action::SendList& list, const View*) {
    items_ = ListSplitter();
    Query path = list_query();
    path.add("resourceVersion", list.version).add("continue", list.continue_token);
    if (list.limit != 0) path.add("limit", list.limit);
    StreamHandlers handlers;
    handlers.chunk = [this](std::string_view bytes) {
      if (!list_) return;
      const bool fine =
          items_.feed(bytes, [this](std::string_view item) { return take_item(item); });
      if (!fine && list_) fail_list("an item of the list cannot be read");
    };
    handlers.closed = [this](std::optional<Failure> failure) { end_list(failure); };
    list_ = transport_.fetch({Verb::list, std::move(path.text), {}}, std::move(handlers));
  }

  bool take_item(std::string_view item) {
    const auto view = parser_.template object<View>(item);
    if (!view) return false;
    take(event::ItemSeen{view->meta.uid, view->meta.resource_version}, &*view);
    return true;
  }

  void fail_list(const std::string& cause) {
    transport_.cancel(*std::exchange(list_, {}));
    trouble(local_failure(FailureKind::malformed, "listing `" + collection_.path + "` at " +
                                                      transport_.server() + ": " + cause +
                                                      "; is this a Kubernetes API server?"));
    take(event::ListFailed{FailureKind::malformed}, nullptr);
  }

  void end_list(const std::optional<Failure>& failure) {
    if (failure) {
      list_.reset();
      trouble(*failure);
      return take(event::ListFailed{failure->kind, failure->retry_after}, nullptr);
    }
    const auto envelope = items_.finish();
    if (!envelope) return fail_list(envelope.error());
    list_.reset();
    take(event::PageEnded{envelope->version, envelope->continue_token}, nullptr);
  }

  void perform(const action::OpenWatch& open, const View*) {
    lines_ = LineSplitter();
    watch_opened_ = false;
    Query path = query(collection_.field_selector);
    path.add("watch", 1).add("allowWatchBookmarks", "true").add("resourceVersion", open.version);
    path.add("timeoutSeconds", static_cast<std::uint64_t>(open.timeout.count()));
    StreamHandlers handlers;
    handlers.opened = [this] {
      watch_opened_ = true;
      take(event::WatchOpened{}, nullptr);
    };
    handlers.chunk = [this](std::string_view bytes) {
      if (!watch_) return;
      const bool fine =
          lines_.feed(bytes, [this](std::string_view line) { return take_line(line); });
      if (!fine && watch_) garbled("a line longer than any object");
    };
    handlers.closed = [this](std::optional<Failure> failure) { end_watch(failure); };
    watch_ = transport_.open({Verb::watch, std::move(path.text), {}}, std::move(handlers),
                             open.timeout + watch_overstay);
  }

  // False once the watch is closed: what follows is of no interest.
  bool take_line(std::string_view line) {
    const auto parsed = parser_.template event<View>(line);
    if (!parsed) {
      garbled(parsed.error().text);
      return false;
    }
    if (parsed->type == EventType::error) {
      const Failure failure = failure_of(parsed->status, "the watch of `" + collection_.path + "`");
      trouble(failure);
      take(event::WatchError{failure.kind, failure.retry_after}, nullptr);
    } else {
      const ObjectMeta& meta = parsed->object.meta;
      take(event::Changed{parsed->type, meta.uid, meta.resource_version}, &parsed->object);
    }
    return watch_.has_value();
  }

  void garbled(const std::string& cause) {
    trouble(local_failure(FailureKind::malformed, "watching `" + collection_.path + "` at " +
                                                      transport_.server() + ": " + cause +
                                                      "; the watch is opened anew"));
    take(event::WatchGarbled{}, nullptr);
  }

  void end_watch(const std::optional<Failure>& failure) {
    watch_.reset();
    if (watch_opened_) return take(event::WatchEnded{}, nullptr);
    const Failure unknown =
        failure ? *failure : local_failure(FailureKind::interrupted, "the watch ended at once");
    trouble(unknown);
    take(event::WatchRefused{unknown.kind, unknown.retry_after}, nullptr);
  }

  void perform(const action::CloseWatch&, const View*) {
    if (watch_) transport_.cancel(*std::exchange(watch_, {}));
  }

  void perform(const action::SendProbe&, const View*) {
    Query path = list_query();
    path.add("limit", 1);
    if (probe_) transport_.cancel(*probe_);
    probe_ = transport_.send(
        {Verb::probe, std::move(path.text), {}}, [this](std::expected<Answer, Failure> answer) {
          probe_.reset();
          ListSplitter list;
          if (!answer) {
            trouble(answer.error());
            return take(event::ProbeFailed{}, nullptr);
          }
          const bool fine = list.feed(answer->body, [](std::string_view) { return true; });
          const auto envelope = fine ? list.finish() : std::unexpected(std::string());
          if (!envelope) return take(event::ProbeFailed{}, nullptr);
          take(event::ProbeAnswered{envelope->version}, nullptr);
        });
  }
};

Reflection::Reflection(Transport& transport, Collection collection, Sink<JobView> sink,
                       const ReflectorTimes& times)
    : driver_(Driver<JobView>::started(transport, std::move(collection), std::move(sink), times)) {}

Reflection::Reflection(Transport& transport, Collection collection, Sink<PodView> sink,
                       const ReflectorTimes& times)
    : driver_(Driver<PodView>::started(transport, std::move(collection), std::move(sink), times)) {}

Reflection::Reflection(Transport& transport, Collection collection, Sink<EventView> sink,
                       const ReflectorTimes& times)
    : driver_(
          Driver<EventView>::started(transport, std::move(collection), std::move(sink), times)) {}

Reflection::~Reflection() {
  driver_->stop();
}

const Reflector& Reflection::reflector() const {
  return driver_->reflector();
}

}  // namespace copse::runner::kube
