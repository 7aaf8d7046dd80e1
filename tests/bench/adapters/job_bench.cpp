// What building a Job costs: time and allocations, as a table. Not part of the tests.
//
//     ninja -C build/release tests/bench/adapters/job_bench &&
//     build/release/tests/bench/adapters/job_bench

#include "adapters/job.hpp"
#include "adapters/job_name.hpp"
#include "adapters/payload.hpp"
#include "adapters/readback.hpp"
#include "adapters/yaml.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <new>
#include <sstream>

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

namespace {

using namespace copse::adapters;

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

template <typename Work>
void measure(const char* what, std::size_t bytes, Work work) {
  using clock = std::chrono::steady_clock;
  for (int i = 0; i < 20; ++i) work();
  const std::size_t before = allocations;
  work();
  const std::size_t each = allocations - before;
  std::size_t rounds = 0;
  const auto begin = clock::now();
  while (clock::now() - begin < std::chrono::milliseconds(400)) {
    work();
    ++rounds;
  }
  const double us = std::chrono::duration<double, std::micro>(clock::now() - begin).count();
  std::printf("%-44s %8zu bytes %10.2f us %8zu allocations\n", what, bytes,
              us / static_cast<double>(rounds), each);
}

std::string task_of(std::size_t bytes) {
  std::string columns;
  for (int i = 0; columns.size() < bytes; ++i) {
    columns += (i == 0 ? "" : ",") + std::string(R"({"type":"string","name":"column_)") +
               std::to_string(i) + "\"}";
  }
  return R"({"type":"index_parallel","id":"index_parallel_wiki_aeifmefd","groupId":"g","dataSource":"wiki","context":{},)"
         R"("spec":{"dimensions":[)" +
         columns + "]}}";
}

}  // namespace

int main() {
  const std::string text = read(COPSE_BENCH_TEMPLATE);
  const auto reading = read_pod_template({"example1.yaml", text});
  if (!reading.pod_template) return 1;
  Settings settings;
  settings.namespace_name = "druid";
  const Additions none;

  measure("job_name", 44,
          [] { (void)job_name("", "index_parallel_wiki_aeifmefd_2026-01-01T00:0"); });
  measure("read a template (Druid's first example)", text.size(), [&] {
    (void)read_pod_template({"t", text});
  });
  for (const std::size_t size : {500U, 5'000U, 50'000U, 500'000U}) {
    const std::string document = task_of(size);
    const auto header = read_task_header({"task", document}).value();
    const TaskTraits traits = traits_of(header.type);
    const JobRequest request{document,
                             header,
                             traits,
                             *reading.pod_template,
                             "base",
                             settings,
                             copse::engine::newest_release,
                             none};
    const std::string json = build_job(request)->json;
    measure("task header", document.size(), [&] { (void)read_task_header({"task", document}); });
    measure("  pack the payload (gzip, base64)", document.size(),
            [&] { (void)pack_payload(document); });
    measure("  build the Job (payload included)", document.size(),
            [&] { (void)build_job(request); });
    measure("  read the task back from the Job", json.size(),
            [&] { (void)read_task(json, [](std::string_view) { return std::nullopt; }); });
    measure("  render the Job as YAML", json.size(), [&] { (void)json_to_yaml(json); });
  }
}
