#pragma once
// One libcurl multi handle driven by the io_context: sockets are waited for by Asio, transfers
// happen on the loop's thread, and no thread is added.
//
// It knows nothing of Kubernetes and decides nothing: transfers go in, finished transfers come out.
// Each loop has its own connections; whoever wants several HTTP/2 connections side by side has
// several loops (libcurl fills one connection before it opens another). All calls come from the
// thread that runs the io_context. Handles are `CURL*` behind `void*`, so that libcurl stays out of
// headers.
//
// INVARIANT: `add` and `remove` are never called while `is_inside()`: libcurl forbids it.

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace copse::runner::http {

class CurlLoop {
 public:
  /// Called for each transfer that ended, after it has been removed from the loop. May add and
  /// remove transfers, and may destroy the loop.
  using Finished = std::move_only_function<void(void* easy, int curl_code)>;

  /// At most `connections` to one host at a time; transfers beyond what they carry wait inside
  /// libcurl.
  CurlLoop(boost::asio::io_context& io, long connections, Finished finished);

  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  /// Closes the connections. Transfers must have been removed; nothing is called back.
  ~CurlLoop();

  /// Hands a prepared transfer over; it starts with the next `kick`. False when libcurl refuses it.
  [[nodiscard]] bool add(void* easy);

  /// Starts what was added since.
  void kick();

  /// Stops a transfer; `finished` will not be called for it.
  void remove(void* easy);

  /// True while libcurl is running and may be calling a transfer's callbacks.
  [[nodiscard]] bool is_inside() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace copse::runner::http
