#include "runner/cli/task_input.hpp"

#include "engine/json_fault.hpp"
#include "engine/json_scanner.hpp"
#include "runner/overlord/task_list.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace copse::runner::cli {
namespace {

namespace fs = std::filesystem;

using Visit = std::function<void(std::expected<engine::Task, engine::Diagnostics>)>;

std::unexpected<engine::Diagnostics> unreadable(const std::string& path, std::string title,
                                                std::string help = {}) {
  engine::Diagnostic diagnostic;
  diagnostic.code = "I0001";
  diagnostic.title = std::move(title);
  diagnostic.place = engine::whole_file(path);
  diagnostic.help = std::move(help);
  return std::unexpected(engine::Diagnostics{std::move(diagnostic)});
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  ~Descriptor() {
    if (fd_ > 0) ::close(fd_);
  }

  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

std::expected<std::string, std::string> read_all(int fd) {
  std::string text;
  std::string buffer(1U << 20U, '\0');
  for (;;) {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(std::string(std::strerror(errno)));
    if (n == 0) return text;
    text.append(buffer, 0, static_cast<std::size_t>(n));
    if (text.size() > input_size_limit)
      return std::unexpected("it is larger than " + std::to_string(input_size_limit) + " bytes");
  }
}

std::expected<std::string, std::string> gunzip(const std::string& packed) {
  z_stream stream{};
  // 15 + 16: gzip and nothing else.
  if (inflateInit2(&stream, 15 + 16) != Z_OK)
    return std::unexpected(std::string("zlib cannot start"));
  stream.next_in =
      reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // NOLINT: zlib reads only
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  std::string buffer(1U << 18U, '\0');
  int state = Z_OK;
  while (state == Z_OK && text.size() <= input_size_limit) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    state = inflate(&stream, Z_NO_FLUSH);
    text.append(buffer, 0, buffer.size() - stream.avail_out);
    // Several members one after another are one text.
    if (state == Z_STREAM_END && stream.avail_in > 0) state = inflateReset(&stream);
  }
  inflateEnd(&stream);
  if (state == Z_STREAM_END) return text;
  if (state == Z_OK)
    return std::unexpected("it unpacks to more than " + std::to_string(input_size_limit) +
                           " bytes");
  return std::unexpected(std::string("its gzip data is damaged or cut off"));
}

std::uint32_t line_of(std::string_view text, std::size_t at) {
  return static_cast<std::uint32_t>(
             std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')) +
         1;
}

void read_array(const engine::Source& source, const Visit& visit) {
  engine::JsonScanner json(source.text);
  json.enter();
  std::size_t number = 0;
  while (json.next_element()) {
    const std::size_t begin = json.mark();
    json.skip();
    const std::string_view text = std::string_view(source.text).substr(begin, json.mark() - begin);
    auto task = engine::read_task({source.name, std::string(text)}, line_of(source.text, begin));
    if (task) task->origin += "[" + std::to_string(number) + "]";
    ++number;
    visit(std::move(task));
  }
}

void read_lines(const engine::Source& source, const Visit& visit) {
  std::uint32_t number = 0;
  for (std::size_t at = 0; at < source.text.size();) {
    const std::size_t end = std::min(source.text.find('\n', at), source.text.size());
    ++number;
    const std::string_view line = std::string_view(source.text).substr(at, end - at);
    at = end + 1;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto task = engine::read_task({source.name, std::string(line)}, number);
    if (task) task->origin += ":" + std::to_string(number);
    visit(std::move(task));
  }
}

// One document, an array, or one document a line: the text itself tells.
void read_text(const engine::Source& source, const Visit& visit) {
  const std::size_t first = source.text.find_first_not_of(" \t\r\n");
  const bool one_document = !engine::find_json_fault(source.text);
  if (one_document && first != std::string::npos && source.text[first] == '[')
    return read_array(source, visit);
  const std::string_view first_line =
      first == std::string::npos
          ? ""
          : std::string_view(source.text).substr(first, source.text.find('\n', first) - first);
  const bool lines = !one_document && source.text.find('\n', first) < source.text.size() - 1 &&
                     first_line.starts_with('{') &&
                     (!engine::find_json_fault(first_line) || first_line.ends_with('}'));
  if (lines) return read_lines(source, visit);
  visit(engine::read_task(source));
}

bool is_task_file(const fs::path& path) {
  std::string name = path.filename().string();
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  return name.ends_with(".json") || name.ends_with(".ndjson") || name.ends_with(".jsonl");
}

void read_file(const std::string& path, const Visit& visit) {
  const auto source = read_source(path);
  if (source) {
    read_text(*source, visit);
  } else {
    visit(std::unexpected(source.error()));
  }
}

void read_folder(const std::string& folder, const Visit& visit) {
  std::error_code error;
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_regular_file(error) && is_task_file(entry.path()))
      files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    visit(unreadable(folder, error ? error.message() : "the folder holds no tasks",
                     "tasks are files named *.json, *.ndjson or *.jsonl, also with .gz"));
  }
  for (const std::string& file : files) read_file(file, visit);
}

void read_overlord(const Arguments& arguments, const TaskVisitor& visit) {
  const auto failed = [&](const overlord::AskFailure& failure, int exit_code) {
    engine::Diagnostic diagnostic;
    diagnostic.code = "I0002";
    diagnostic.title = failure.title;
    diagnostic.help = failure.help;
    visit(std::unexpected(InputFault{{std::move(diagnostic)}, exit_code}));
  };
  const auto read = overlord::read_tasks(
      {arguments.overlord, arguments.task_state, arguments.max_tasks},
      [&](const overlord::ListedTask& listed, auto document) {
        if (!document) return failed(document.error(), exit_unreadable);
        auto task = engine::read_task({"Overlord's " + listed.id, std::move(*document)});
        if (task && listed.duration_ms) task->duration_ms = listed.duration_ms;
        if (task) return visit(std::move(*task));
        visit(std::unexpected(InputFault{std::move(task.error())}));
      });
  if (!read) failed(read.error(), exit_world);
}

}  // namespace

std::expected<engine::Source, engine::Diagnostics> read_source(const std::string& path,
                                                               Accepts accepts) {
  const bool standard_input = path == "-";
  const std::string name = standard_input ? "<stdin>" : path;
  const bool is_followed = accepts == Accepts::regular_files;
  // WHY without waiting: opening a pipe waits for somebody who writes to it, perhaps for ever.
  const int how = O_RDONLY | O_CLOEXEC | (is_followed ? O_NONBLOCK : 0);
  const Descriptor file(standard_input ? 0 : ::open(path.c_str(), how));
  if (file.get() < 0)
    return unreadable(name, "cannot be opened: " + std::string(std::strerror(errno)));
  struct stat found{};
  const bool is_known = is_followed && ::fstat(file.get(), &found) == 0;
  if (is_known && !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode))
    return unreadable(name, "cannot be read: it is no regular file");
  auto text = read_all(file.get());
  if (text && text->starts_with("\x1F\x8B")) text = gunzip(*text);
  if (!text) return unreadable(name, "cannot be read: " + text.error());
  return engine::Source{name, std::move(*text)};
}

void read_tasks(const Arguments& arguments, const TaskVisitor& visit) {
  const Visit of_files = [&](auto task) {
    if (task) return visit(std::move(*task));
    visit(std::unexpected(InputFault{std::move(task.error())}));
  };
  for (const std::string& input : arguments.inputs) {
    std::error_code error;
    const bool is_folder = input != "-" && fs::is_directory(input, error);
    is_folder ? read_folder(input, of_files) : read_file(input, of_files);
  }
  if (!arguments.overlord.empty()) read_overlord(arguments, visit);
}

}  // namespace copse::runner::cli
