#include "runner/http/responder.hpp"

#include "runner/http/connection.hpp"

#include <exception>
#include <utility>

#include <boost/asio/post.hpp>

namespace copse::runner::http {

Responder::Responder(std::weak_ptr<Connection> connection, std::uint64_t exchange)
    : connection_{std::move(connection)}, exchange_{exchange} {}

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this != &other) {
    abandon();
    connection_ = std::exchange(other.connection_, {});
    exchange_ = other.exchange_;
  }
  return *this;
}

Responder::~Responder() {
  abandon();
}

void Responder::abandon() noexcept {
  const auto connection = std::exchange(connection_, {}).lock();
  if (connection == nullptr) return;
  try {
    connection->abandon(exchange_);
  } catch (const std::exception&) {
    connection->close();
  }
}

void Responder::send(Response response) {
  if (const auto connection = connection_.lock()) connection->send(exchange_, std::move(response));
}

void Responder::begin(Response response) {
  if (const auto connection = connection_.lock()) connection->begin(exchange_, std::move(response));
}

void Responder::write(std::string_view chunk, Callback done) {
  if (const auto connection = connection_.lock())
    connection->write(exchange_, chunk, std::move(done));
}

void Responder::end() {
  if (const auto connection = connection_.lock()) connection->end(exchange_);
}

void Responder::on_gone(Callback callback) {
  if (const auto connection = connection_.lock())
    connection->on_gone(exchange_, std::move(callback));
}

bool Responder::is_open() const {
  const auto connection = connection_.lock();
  return connection != nullptr && connection->is_open(exchange_);
}

}  // namespace copse::runner::http
