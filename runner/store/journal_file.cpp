#include "runner/store/journal_file.hpp"

#include "runner/store/format.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace copse::runner::store {
namespace {

std::expected<Contents, Failure> read_contents(int file, std::uint64_t size,
                                               const std::string& path) {
  const auto bytes = read_bytes(file, size);
  if (!bytes) return std::unexpected(from_errno(path, "read it", bytes.error()));
  return decode_journal(*bytes, path);
}

Ledger fold(std::vector<Record> records) {
  Ledger ledger;
  for (Record& record : records) ledger.apply(std::move(record));
  return ledger;
}

}  // namespace

std::expected<void, Failure> make_folder(const std::string& folder) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(folder, error);
  if (error) return std::unexpected(from_errno(folder, "make this folder", error.value()));
  if (!std::filesystem::is_directory(folder, error))
    return std::unexpected(from_errno(folder, "use this as a folder", ENOTDIR));
  if (!made) return {};
  // The names of new folders are durable, too. As far as it goes: a parent may not be readable.
  std::filesystem::path path = std::filesystem::absolute(folder, error);
  while (path.has_relative_path()) {
    path = path.parent_path();
    if (const auto parent = open_path(path.string(), O_RDONLY | O_DIRECTORY))
      ::fsync(parent->number());
  }
  return {};
}

JournalFile::JournalFile(const std::string& folder, Disk disk)
    : path_((std::filesystem::path(folder) / "journal").string()),
      draft_path_(path_ + ".new"),
      disk_(std::move(disk)) {}

std::expected<OpenedFile, Failure> JournalFile::open(const std::string& folder, Disk disk) {
  JournalFile journal(folder, std::move(disk));
  auto place = open_path(folder, O_RDONLY | O_DIRECTORY);
  if (!place) return std::unexpected(from_errno(folder, "open this folder", place.error()));
  journal.folder_ = std::move(*place);
  ::unlink(journal.draft_path_.c_str());  // of a rewrite that a crash interrupted

  auto file = open_path(journal.path_, O_RDWR);
  if (!file && file.error() == ENOENT) {
    const auto made = journal.replace(header());
    if (!made) return std::unexpected(made.error());
    return OpenedFile{std::move(journal), Ledger(), {}};
  }
  if (!file) return std::unexpected(from_errno(journal.path_, "open it for writing", file.error()));
  journal.file_ = std::move(*file);
  const auto size = size_of(journal.file_.number());
  if (!size) return std::unexpected(from_errno(journal.path_, "read its size", size.error()));
  auto contents = read_contents(journal.file_.number(), *size, journal.path_);
  if (!contents) return std::unexpected(contents.error());
  journal.size_ = contents->end;
  // What is appended must be what the first line says.
  journal.must_rewrite_ = contents->version < format_version;

  std::vector<std::string> notes;
  if (contents->torn_bytes != 0) {
    const int error = journal.disk_.truncate(journal.file_.number(), contents->end);
    if (error != 0)
      return std::unexpected(from_errno(journal.path_, "cut off its torn end", error));
    notes.push_back(journal.path_ + ": cut off " + std::to_string(contents->torn_bytes) +
                    " bytes at the end, of records that were being written when copse was "
                    "stopped; nobody had been told that they are kept");
  }
  // WHY: the process before us may have died before a sync, so neither what was just read nor the
  // name that it was read under need be on the disk yet, and we act on both.
  for (const int each : {journal.file_.number(), journal.folder_.number()}) {
    const int error = journal.disk_.sync(each);
    if (error != 0) return std::unexpected(from_errno(journal.path_, "sync it", error));
  }
  return OpenedFile{std::move(journal), fold(std::move(contents->records)), std::move(notes)};
}

std::expected<void, Failure> JournalFile::write_all(int file, std::string_view bytes,
                                                    std::uint64_t offset, const std::string& path) {
  while (!bytes.empty()) {
    const auto written = disk_.write(file, bytes, offset);
    if (!written) return std::unexpected(from_errno(path, "write", written.error()));
    bytes.remove_prefix(*written);
    offset += *written;
  }
  return {};
}

std::expected<void, Failure> JournalFile::append(std::string_view batch) {
  if (must_rewrite_) {
    const auto rewritten = rewrite();
    if (!rewritten) return rewritten;
  }
  const auto written = write_all(file_.number(), batch, size_, path_);
  if (!written) {
    if (disk_.truncate(file_.number(), size_) != 0) must_rewrite_ = true;
    return written;
  }
  const int error = disk_.sync_data(file_.number());
  if (error != 0) {
    must_rewrite_ = true;
    [[maybe_unused]] const int cut = disk_.truncate(file_.number(), size_);
    return std::unexpected(from_errno(path_, "sync it", error));
  }
  size_ += batch.size();
  return {};
}

std::expected<void, Failure> JournalFile::rewrite() {
  auto contents = read_contents(file_.number(), size_, path_);
  if (!contents) return std::unexpected(contents.error());
  if (contents->end != size_) return std::unexpected(from_errno(path_, "read it again", EIO));
  const std::vector<Record> records = fold(std::move(contents->records)).snapshot();
  return replace(encode_journal(records));
}

std::expected<void, Failure> JournalFile::replace(std::string_view bytes) {
  auto draft = open_path(draft_path_, O_RDWR | O_CREAT | O_TRUNC);
  if (!draft) return std::unexpected(from_errno(draft_path_, "make it", draft.error()));
  auto done = write_all(draft->number(), bytes, 0, draft_path_);
  if (done) {
    int error = disk_.sync(draft->number());
    if (error != 0) done = std::unexpected(from_errno(draft_path_, "sync it", error));
    if (error == 0 && (error = disk_.rename(draft_path_, path_)) != 0)
      done = std::unexpected(from_errno(draft_path_, "rename it to `journal`", error));
  }
  if (!done) {
    ::unlink(draft_path_.c_str());
    return done;
  }
  // From here on the name means the new file, whatever comes.
  file_ = std::move(*draft);
  size_ = bytes.size();
  const int error = disk_.sync(folder_.number());
  // A crash could bring the old file back: nothing may be promised before the folder is durable.
  must_rewrite_ = error != 0;
  if (error != 0) return std::unexpected(from_errno(path_, "make its new name durable", error));
  return {};
}

}  // namespace copse::runner::store
