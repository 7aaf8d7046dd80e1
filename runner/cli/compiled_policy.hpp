#pragma once
// Compiled policies as files: written by `copse compile -o`, mapped where a policy is read.

#include "engine/diagnostic.hpp"
#include "engine/image_file.hpp"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>

namespace copse::runner::cli {

/// What a compiled policy says besides the image.
struct CompiledAbout {
  std::string copse;    ///< the version that compiled it
  std::string policy;   ///< as the policy calls itself; may be empty
  std::string what;     ///< what it was compiled from: `dynamic configuration`
  std::string release;  ///< whose semantics it has: `37`
  /// The folder that the policy names, seen from the compiled policy; empty: it names none.
  std::string templates = {};
  bool is_in_language = false;
};

struct CompiledPolicy {
  engine::Image image;
  CompiledAbout about;
};

/// The compiled policy of a file, mapped in place; nothing when the file is something else, or is
/// not there. Fails when it was cut or altered, or is of another format (C0011).
[[nodiscard]] std::expected<std::optional<CompiledPolicy>, engine::Diagnostics> map_compiled_policy(
    const std::string& path);

/// Writes a file anew, as a whole or not at all; its bytes. Fails with place and cause.
[[nodiscard]] std::expected<std::size_t, engine::Diagnostics> write_compiled_policy(
    const std::string& path, const engine::Image& image, const CompiledAbout& about);

}  // namespace copse::runner::cli
