#include "runner/service/log_answer.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <utility>

namespace copse::runner::service {
namespace {

constexpr const char* text_type = "text/plain; charset=utf-8";

// An answer on its way: each piece is read when the one before was taken.
struct Sending {
  std::ifstream file;
  std::uint64_t left;
  http::Responder responder;
};

void send_next(const std::shared_ptr<Sending>& sending) {
  std::string piece(std::min<std::uint64_t>(sending->left, log_piece_size), '\0');
  sending->file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
  piece.resize(static_cast<std::size_t>(std::max<std::streamsize>(sending->file.gcount(), 0)));
  sending->left -= piece.size();
  // A file that was cut meanwhile ends early.
  if (piece.empty() || sending->left == 0) {
    sending->responder.write(piece);
    return sending->responder.end();
  }
  sending->responder.write(piece, [sending] { send_next(sending); });
}

}  // namespace

std::uint64_t log_begin(std::uint64_t size, std::int64_t offset) {
  if (offset >= 0) {
    const auto begin = static_cast<std::uint64_t>(offset);
    return begin < size ? begin : 0;
  }
  const std::uint64_t tail = std::uint64_t{0} - static_cast<std::uint64_t>(offset);
  return tail < size ? size - tail : 0;
}

void send_log(const std::string& path, std::int64_t offset, const std::string& missing,
              http::Responder responder) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) {
    return responder.send({.status = 404, .content_type = text_type, .body = missing + "\n"});
  }
  const auto size = static_cast<std::uint64_t>(std::max<std::streamoff>(file.tellg(), 0));
  const std::uint64_t begin = log_begin(size, offset);
  file.seekg(static_cast<std::streamoff>(begin));
  responder.begin({.status = 200, .content_type = text_type});
  send_next(std::make_shared<Sending>(std::move(file), size - begin, std::move(responder)));
}

}  // namespace copse::runner::service
