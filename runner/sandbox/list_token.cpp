#include "runner/sandbox/list_token.hpp"

#include "runner/sandbox/document.hpp"
#include "runner/sandbox/json_text.hpp"

#include <boost/json.hpp>

namespace copse::runner::sandbox {
namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string to_base64(std::string_view bytes) {
  std::string out;
  unsigned value = 0, bits = 0;
  for (const char c : bytes) {
    value = (value << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) out += digits[(value >> (bits - 6)) & 63];
  }
  if (bits > 0) out += digits[(value << (6 - bits)) & 63];
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string out;
  unsigned value = 0, bits = 0;
  for (const char c : text) {
    const std::size_t digit = digits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = (value << 6) | static_cast<unsigned>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>((value >> bits) & 255);
    }
  }
  return out;
}

}  // namespace

std::string list_token(const ListPlace& place) {
  std::string text;
  ObjectText object{text};
  object.text("v", "meta.k8s.io/v1");
  object.number("rv", static_cast<std::int64_t>(place.rv));
  object.text("start", place.after);
  object.close();
  return to_base64(text);
}

std::optional<ListPlace> read_list_token(std::string_view token) {
  const auto text = from_base64(token);
  if (!text) return std::nullopt;
  const auto object = parse_document(*text);
  if (!object) return std::nullopt;
  const std::int64_t rv = number_at(*object, "rv", -1);
  if (rv < 0) return std::nullopt;
  return ListPlace{Rv{static_cast<std::uint64_t>(rv)}, std::string{text_at(*object, "start")}};
}

void append_list_metadata(std::string& out, const Page& page, Rv rv, bool narrowed) {
  ObjectText metadata{out};
  metadata.text("resourceVersion", std::to_string(static_cast<std::uint64_t>(rv)));
  if (page.more) {
    metadata.text("continue", list_token({rv, page.last_key}));
    if (!narrowed) metadata.number("remainingItemCount", static_cast<std::int64_t>(page.remaining));
  }
  metadata.close();
}

}  // namespace copse::runner::sandbox
