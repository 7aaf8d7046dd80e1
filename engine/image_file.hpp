#pragma once
// An image as one block of bytes, in memory or on disk.
//
// Nothing in the block is a pointer, so that a file is used where it is mapped: a head, a directory
// of columns, and the columns, each at a multiple of 64 bytes. The head has a checksum of all that
// follows it. Equal policies give equal bytes.
//
// A block is for machines of this byte order and for this format only; what is anything else, or
// was cut or altered, is refused with a cause. `unpack` also verifies the image (image.hpp), so
// that no block, whoever made it, can send `evaluate` astray.

#include "engine/image.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace copse::engine {

/// Raised whenever the meaning of a block changes.
inline constexpr std::uint32_t image_format = 5;

/// Bytes at the start of a block by which `is_image` knows it.
inline constexpr std::size_t image_magic_size = 8;

/// True when a file that begins so was written by `pack`, in whatever format.
[[nodiscard]] bool is_image(std::string_view beginning);

/// Bytes that somebody keeps for as long as `owner` lives; aligned to 64.
struct Block {
  std::shared_ptr<const void> owner;
  std::span<const std::byte> bytes;
};

/// The image as a block. `about` is kept beside it as it is.
[[nodiscard]] Block pack(const Image& image, std::string_view about = {});

/// Writes size and checksum into the head of a block that is whole otherwise: the last step of
/// `pack`, and of whoever alters a block on purpose.
void sum_up(std::span<std::byte> block);

struct Unpacked {
  Image image;             ///< views the block
  std::string_view about;  ///< in the block
};

/// The image of a block, or what is wrong with it in words.
[[nodiscard]] std::expected<Unpacked, std::string> unpack(Block block);

/// The same image, all of it in one block of memory.
[[nodiscard]] Image in_one_block(const Image& image);

/// The parts of a block with their sizes, a line each.
[[nodiscard]] std::string parts_in_words(const Image& image);

}  // namespace copse::engine
