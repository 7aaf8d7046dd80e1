#include "runner/bench/sync_loop.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace copse::runner::bench {

using Clock = std::chrono::steady_clock;

std::expected<Syncs, std::string> sync_all(const std::string& folder,
                                           const std::vector<std::string>& texts,
                                           std::size_t per_sync) {
  const std::string path = folder + "/bare";
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool is_well = file >= 0;
  Syncs done;
  const auto begin = Clock::now();
  for (std::size_t i = 0; is_well && i < texts.size(); i += per_sync) {
    const auto start = Clock::now();
    std::string batch;
    for (std::size_t j = i; j < std::min(texts.size(), i + per_sync); ++j) batch += texts[j];
    is_well = write(file, batch.data(), batch.size()) == static_cast<ssize_t>(batch.size()) &&
              fdatasync(file) == 0;
    done.took.push_back(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start));
  }
  done.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const std::string fault = is_well ? "" : path + ": " + std::strerror(errno);
  if (file >= 0) close(file);
  if (!is_well) return std::unexpected(fault);
  return done;
}

}  // namespace copse::runner::bench
