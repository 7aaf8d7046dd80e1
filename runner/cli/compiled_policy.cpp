#include "runner/cli/compiled_policy.hpp"

#include "runner/cli/whole_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace copse::runner::cli {
namespace {

std::unexpected<engine::Diagnostics> refused(const std::string& path, std::string title,
                                             std::string help) {
  engine::Diagnostic said;
  said.code = "C0009";
  said.title = std::move(title);
  said.place = engine::whole_file(path);
  said.help = std::move(help);
  return std::unexpected(engine::Diagnostics{std::move(said)});
}

// A line each, `key value`.
std::string to_text(const CompiledAbout& about) {
  return "copse " + about.copse + "\npolicy " + about.policy + "\nwhat " + about.what +
         "\nrelease " + about.release + "\ntemplates " + about.templates + "\nlanguage " +
         (about.is_in_language ? "yes" : "no") + "\n";
}

CompiledAbout about_of(std::string_view text) {
  CompiledAbout about;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::string_view key = line.substr(0, blank);
    const std::string_view value = line.substr(std::min(blank + 1, line.size()));
    if (key == "copse") about.copse = value;
    if (key == "policy") about.policy = value;
    if (key == "what") about.what = value;
    if (key == "release") about.release = value;
    if (key == "templates") about.templates = value;
    if (key == "language") about.is_in_language = value == "yes";
  }
  return about;
}

class OpenFile {
 public:
  // WHY without waiting: a pipe, which is no image, would wait for somebody who writes to it.
  explicit OpenFile(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}

  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

// The whole file, when it is an image by its first bytes.
std::expected<std::optional<engine::Block>, std::string> mapped(const std::string& path) {
  const OpenFile file(path);
  struct stat found{};
  std::array<char, engine::image_magic_size> beginning{};
  if (path == "-" || file.get() < 0 || ::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode))
    return std::nullopt;
  const ssize_t read = ::pread(file.get(), beginning.data(), beginning.size(), 0);
  if (read < 0 || !engine::is_image({beginning.data(), static_cast<std::size_t>(read)}))
    return std::nullopt;
  const auto size = static_cast<std::size_t>(found.st_size);
  // WHY populate: all of it is summed up at once, and one call is cheaper than a fault a page.
  void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file.get(), 0);
  if (memory == MAP_FAILED) return std::unexpected(std::string(std::strerror(errno)));
  std::shared_ptr<const void> owner(memory, [size](void* at) { ::munmap(at, size); });
  const auto* first = static_cast<const std::byte*>(memory);
  return engine::Block{std::move(owner), {first, size}};
}

}  // namespace

std::expected<std::optional<CompiledPolicy>, engine::Diagnostics> map_compiled_policy(
    const std::string& path) {
  auto block = mapped(path);
  if (!block) return refused(path, "the compiled policy cannot be read: " + block.error(), "");
  if (!*block) return std::nullopt;
  auto read = engine::unpack(std::move(**block));
  if (!read)
    return refused(path, "the compiled policy cannot be used: " + read.error(),
                   "compile it again with this copse: copse compile POLICY -o FILE");
  CompiledAbout about = about_of(read->about);
  return CompiledPolicy{std::move(read->image), std::move(about)};
}

std::expected<std::size_t, engine::Diagnostics> write_compiled_policy(const std::string& path,
                                                                      const engine::Image& image,
                                                                      const CompiledAbout& about) {
  if (std::filesystem::is_regular_file(path) && std::filesystem::file_size(path) > 0) {
    const auto there = mapped(path);
    if (!there || !*there)
      return refused(path, "here is a file that is no compiled policy", "give -o another name");
  }
  const engine::Block block = engine::pack(image, to_text(about));
  const auto written = replace_file(path, block.bytes);
  if (!written)
    return refused(path, "the compiled policy cannot be written: " + written.error(),
                   "check the rights of file and folder, and the room on the disk");
  return block.bytes.size();
}

}  // namespace copse::runner::cli
