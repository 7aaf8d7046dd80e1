#include "runner/store/journal.hpp"

#include "runner/store/format.hpp"
#include "runner/store/journal_file.hpp"
#include "runner/store/lock.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace copse::runner::store {

class Journal::Writer {
 public:
  Writer(Descriptor lock, JournalFile file, const Ledger& ledger, const Settings& settings)
      : lock_(std::move(lock)),
        file_(std::move(file)),
        folder_(settings.folder),
        compaction_minimum_(settings.compaction_minimum),
        gather_time_(settings.gather_time) {
    for (const Record& record : ledger.snapshot()) tally_.apply(record);
    show(0);
    thread_ = std::thread([this] { run(); });
  }

  ~Writer() {
    {
      const std::lock_guard guard(mutex_);
      stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void append(Record record, Done done, Urgency urgency);

  Figures figures() const {
    const std::lock_guard guard(mutex_);
    return figures_;
  }

 private:
  struct Queue {
    std::vector<Record> records;
    std::vector<Done> dones;
    std::size_t bytes = 0;
    bool is_urgent = false;
    std::chrono::steady_clock::time_point due{};  // written then at the latest
  };

  void run();
  void write(Queue batch);
  void compact();
  void show(std::size_t written);

  // The writer thread's own.
  Descriptor lock_;
  JournalFile file_;
  const std::string folder_;
  const std::uint64_t compaction_minimum_;
  const std::chrono::milliseconds gather_time_;
  std::uint64_t compact_above_ = 0;  ///< size of the file below which a failed one is not repeated
  Tally tally_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Queue queue_;        // L: mutex_
  bool stop_ = false;  // L: mutex_
  Figures figures_;    // L: mutex_

  std::thread thread_;
};

void Journal::Writer::append(Record record, Done done, Urgency urgency) {
  const std::size_t size = encoded_size(record);
  if (size > record_size_limit) {
    done(std::unexpected(Failure{Failure::Kind::too_large,
                                 folder_ + ": the record of task `" + task_id(record) + "` has " +
                                     std::to_string(size) + " bytes, and at most " +
                                     std::to_string(record_size_limit) +
                                     " are kept; make the task's document smaller",
                                 false}));
    return;
  }
  {
    const std::lock_guard guard(mutex_);
    if (queue_.records.size() < queue_record_limit && queue_.bytes + size <= queue_size_limit) {
      const bool is_first = queue_.records.empty();
      if (is_first) queue_.due = std::chrono::steady_clock::now() + gather_time_;
      queue_.bytes += size;
      queue_.records.push_back(std::move(record));
      queue_.dones.push_back(std::move(done));
      const bool gets_urgent = urgency == Urgency::now && !std::exchange(queue_.is_urgent, true);
      if (is_first || gets_urgent) wake_.notify_one();
      return;
    }
  }
  done(std::unexpected(Failure{
      Failure::Kind::overloaded,
      folder_ + ": the disk does not keep up: too many records wait to be written; try again "
                "later, and put `copse.state` on a faster disk if this stays",
      true}));
}

void Journal::Writer::run() {
  while (true) {
    Queue batch;
    {
      std::unique_lock guard(mutex_);
      wake_.wait(guard, [this] { return stop_ || !queue_.records.empty(); });
      if (queue_.records.empty()) return;
      wake_.wait_until(guard, queue_.due, [this] { return stop_ || queue_.is_urgent; });
      std::swap(batch, queue_);
    }
    write(std::move(batch));
    compact();
  }
}

void Journal::Writer::write(Queue batch) {
  std::string bytes;
  bytes.reserve(batch.bytes + batch_overhead);
  encode_batch(batch.records, bytes);
  const auto result = file_.append(bytes);
  if (result) {
    for (const Record& record : batch.records) tally_.apply(record);
    show(batch.records.size());
  }
  for (Done& done : batch.dones) done(result);
}

void Journal::Writer::compact() {
  if (file_.size() < compact_above_ ||
      !compaction_is_due(file_.size(), tally_.live_bytes(), compaction_minimum_))
    return;
  const auto result = file_.rewrite();
  // The old file goes on; a rewrite that failed would probably fail again at once.
  compact_above_ = result ? 0 : file_.size() + compaction_minimum_;
  const std::lock_guard guard(mutex_);
  figures_.file_bytes = file_.size();
  if (result) ++figures_.compactions;
  figures_.compaction_failure = result ? "" : result.error().text;
}

void Journal::Writer::show(std::size_t written) {
  const std::lock_guard guard(mutex_);
  figures_.file_bytes = file_.size();
  figures_.live_bytes = tally_.live_bytes();
  figures_.tasks = tally_.tasks();
  if (written != 0) ++figures_.batches;
  figures_.records += written;
}

std::expected<Opened, Failure> Journal::open(Settings settings) {
  const auto made = make_folder(settings.folder);
  if (!made) return std::unexpected(made.error());
  auto lock = lock_folder(settings.folder);
  if (!lock) return std::unexpected(lock.error());
  auto file = JournalFile::open(settings.folder, std::move(settings.disk));
  if (!file) return std::unexpected(file.error());
  auto writer =
      std::make_unique<Writer>(std::move(*lock), std::move(file->file), file->ledger, settings);
  return Opened{Journal(std::move(writer)), std::move(file->ledger).take(), std::move(file->notes)};
}

Journal::Journal(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}

Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;
Journal::~Journal() = default;

void Journal::append(Record record, Done done, Urgency urgency) {
  writer_->append(std::move(record), std::move(done), urgency);
}

Figures Journal::figures() const {
  return writer_->figures();
}

}  // namespace copse::runner::store
