#include "adapters/payload.hpp"

#include <array>
#include <cassert>
#include <cstdint>
#include <limits>

#include <zlib.h>

namespace copse::adapters {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr int gzip_window = 15 + 16;  // zlib: the largest window, in gzip's wrapping
constexpr int memory_level = 8;       // zlib's default

std::string encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) {
      return i + k < bytes.size()
                 ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i + k]))
                 : 0U;
    };
    const std::uint32_t group = byte(0) << 16U | byte(1) << 8U | byte(2);
    out += alphabet[group >> 18U];
    out += alphabet[(group >> 12U) & 0x3FU];
    out += i + 1 < bytes.size() ? alphabet[(group >> 6U) & 0x3FU] : '=';
    out += i + 2 < bytes.size() ? alphabet[group & 0x3FU] : '=';
  }
  return out;
}

std::string hex(unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::string two{digits[byte >> 4U], digits[byte & 0xFU]};
  return byte < 16 ? two.substr(1) : two;
}

std::expected<std::string, std::string> decode(std::string_view text) {
  const std::string_view original = text;
  while (text.ends_with('=') && original.size() - text.size() < 2) text.remove_suffix(1);
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) {
      return std::unexpected("Illegal base64 character " + hex(static_cast<unsigned char>(c)));
    }
    group = (group << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFFFU;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(static_cast<unsigned char>((group >> bits) & 0xFFU));
    }
  }
  if (text.size() % 4 == 1)
    return std::unexpected(std::string("Last unit does not have enough valid bits"));
  if (text.size() != original.size() && original.size() % 4 != 0) {
    return std::unexpected(std::string("Input byte array has wrong 4-byte ending unit"));
  }
  return out;
}

std::expected<std::string, std::string> gunzip(std::string_view bytes) {
  if (bytes.size() < 2) return std::unexpected(std::string("Unexpected end of ZLIB input stream"));
  if (!bytes.starts_with("\x1f\x8b")) return std::unexpected(std::string("Not in GZIP format"));
  z_stream stream{};
  if (inflateInit2(&stream, gzip_window) != Z_OK)
    return std::unexpected(std::string("out of memory"));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::array<char, 16384> block{};
  int status = Z_OK;
  while (status == Z_OK && out.size() <= unpacked_limit) {
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = static_cast<uInt>(block.size());
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(block.data(), block.size() - stream.avail_out);
    if (status == Z_OK && stream.avail_in == 0 && stream.avail_out != 0) status = Z_BUF_ERROR;
  }
  inflateEnd(&stream);
  if (out.size() > unpacked_limit) {
    return std::unexpected("the payload unpacks to more than " + std::to_string(unpacked_limit) +
                           " bytes");
  }
  if (status == Z_STREAM_END) return out;
  if (status == Z_BUF_ERROR) {
    return std::unexpected(std::string("Unexpected end of ZLIB input stream"));
  }
  return std::unexpected(std::string("the payload is damaged"));
}

}  // namespace

std::string gzip(std::string_view text) {
  assert(text.size() <= std::numeric_limits<uInt>::max());
  z_stream stream{};
  const int opened = deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window,
                                  memory_level, Z_DEFAULT_STRATEGY);
  assert(opened == Z_OK);
  if (opened != Z_OK) return {};
  std::string out(deflateBound(&stream, text.size()), '\0');
  // zlib's interface is not const; it does not write to its input.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string pack_payload(std::string_view text) {
  return encode(gzip(text));
}

std::expected<std::string, std::string> unpack_payload(std::string_view base64) {
  const auto bytes = decode(base64);
  if (!bytes) return std::unexpected(bytes.error());
  return gunzip(*bytes);
}

}  // namespace copse::adapters
