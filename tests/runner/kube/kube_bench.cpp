// Figures of the client: microseconds a watch event, and creates a second through the transport
// beside a bare libcurl loop with as many connections against the same server. `kube_bench [URL
// CA-FILE]`: another server than its own.
//
// Not a test: nothing is asserted. Both creates are of one thread; the server of its own has
// another.

#include "runner/http/curl_loop.hpp"
#include "runner/kube/cluster.hpp"
#include "runner/kube/reflector.hpp"
#include "runner/kube/watch_event.hpp"
#include "tests/runner/kube/cluster_fake.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <curl/curl.h>
#include <sys/resource.h>

using namespace copse::runner::kube;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int creates = 20'000;
constexpr int in_flight = 16;
const std::string jobs_at = "/apis/batch/v1/namespaces/druid/jobs";

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int threads_now() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
  }
  return 0;
}

// A Job event of the size that a server sends: managedFields, template, defaults.
std::string typical_event(int number) {
  std::string fields;
  for (int i = 0; i < 25; ++i)
    fields += R"("f:field)" + std::to_string(i) + R"(":{".":{},"f:type":{}},)";
  copse::tests::FakeJob job{"index-parallel-" + std::to_string(number),
                            "0a1b2c3d-4e5f-4678-9abc-def012345678",
                            static_cast<std::uint64_t>(number),
                            R"({"active":1,"startTime":"2026-11-24T12:00:00Z"})", false};
  std::string object = copse::tests::ClusterFake::document(job);
  object.insert(object.find(R"("spec")"),
                R"("managedFields":[{"manager":"copse","fieldsV1":{)" + fields + R"("x":{}}}],)");
  return R"({"type":"MODIFIED","object":)" + object + "}";
}

void measure_parsing() {
  std::string line = typical_event(4711);
  const std::size_t size = line.size();
  line.append(answer_padding, ' ');
  Parser parser;
  Reflector reflector;
  const Moment moment{Clock::now(), 0.5};
  static_cast<void>(reflector.step(event::Start{}, moment));
  static_cast<void>(reflector.step(event::PageEnded{"1", {}}, moment));
  static_cast<void>(reflector.step(event::WatchOpened{}, moment));
  constexpr int events = 200'000;
  const double cpu = cpu_seconds();
  std::size_t actions = 0;
  for (int i = 0; i < events; ++i) {
    const auto read = parser.event<JobView>({line.data(), size});
    actions += reflector
                   .step(event::Changed{read->type,
                                        {1, static_cast<std::uint64_t>(i % 1000)},
                                        std::to_string(i + 2)},
                         moment)
                   .size();
  }
  std::printf("parse + reflect one event of %zu bytes: %.2f us CPU (%zu delivered)\n", size,
              (cpu_seconds() - cpu) / events * 1e6, actions);
}

const std::string body =
    R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"x"},"spec":{"template":")" +
    std::string(2000, 'x') + R"("}})";

void measure_transport(boost::asio::io_context& io, const ClusterAccess& access) {
  Transport transport(io, access);
  int done = 0;
  int good = 0;
  const auto run = [&](int count) {
    done = 0;
    for (int i = 0; i < count; ++i) {
      transport.send({Verb::create, jobs_at, body}, [&](auto answer) {
        ++done;
        good += answer ? 1 : 0;
      });
    }
    while (done < count) {
      io.restart();
      io.run_one();
    }
  };
  run(1000);
  good = 0;
  const auto start = Clock::now();
  const double cpu = cpu_seconds();
  for (int batch = 0; batch < creates / 10'000; ++batch) run(10'000);
  std::printf(
      "through the transport: %.0f creates/s, %.1f us CPU each, %d of %d good, %lu connections, %d "
      "threads\n",
      creates / seconds_since(start), (cpu_seconds() - cpu) / creates * 1e6, good, creates,
      static_cast<unsigned long>(transport.counters().connections), threads_now());
}

struct Bare {
  CURL* easy = curl_easy_init();

  ~Bare() { curl_easy_cleanup(easy); }
};

std::size_t swallow(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

// As many connections and requests in flight, and nothing else: no queue, window, classification or
// JSON.
void measure_bare(boost::asio::io_context& io, const ClusterAccess& access) {
  int left = creates;
  int done = 0;
  std::vector<std::unique_ptr<copse::runner::http::CurlLoop>> loops;
  std::vector<copse::runner::http::CurlLoop*> idle;
  const int lanes = 4;
  for (int lane = 0; lane < lanes; ++lane) {
    loops.push_back(nullptr);
    loops.back() =
        std::make_unique<copse::runner::http::CurlLoop>(io, 4, [&, lane](void* easy, int) {
          ++done;
          if (left-- > 0) {
            static_cast<void>(loops[static_cast<std::size_t>(lane)]->add(easy));
          }
        });
  }
  curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
  std::vector<Bare> handles(in_flight);
  std::size_t next = 0;
  const auto start = Clock::now();
  const double cpu = cpu_seconds();
  for (Bare& bare : handles) {
    curl_easy_setopt(bare.easy, CURLOPT_URL, (access.server.url + jobs_at).c_str());
    curl_easy_setopt(bare.easy, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(bare.easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(bare.easy, CURLOPT_WRITEFUNCTION, &swallow);
    curl_easy_setopt(bare.easy, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(bare.easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    curl_easy_setopt(bare.easy, CURLOPT_NOPROXY, "*");
    curl_blob authority{const_cast<char*>(access.server.authority_pem.data()),
                        access.server.authority_pem.size(), CURL_BLOB_COPY};
    if (!access.server.authority_pem.empty())
      curl_easy_setopt(bare.easy, CURLOPT_CAINFO_BLOB, &authority);
    --left;
    static_cast<void>(loops[next++ % lanes]->add(bare.easy));
  }
  while (done < creates) {
    io.restart();
    io.run_one();
  }
  std::printf("bare loop:             %.0f creates/s, %.1f us CPU each\n",
              creates / seconds_since(start), (cpu_seconds() - cpu) / creates * 1e6);
  loops.clear();
  curl_slist_free_all(headers);
}

}  // namespace

int main(int argc, char** argv) {
  measure_parsing();
  ClusterAccess access;
  boost::asio::io_context server_io;
  copse::tests::HttpFake server(server_io, [](const auto&, const auto& wire) {
    wire->answer(201, R"({"kind":"Job","metadata":{"name":"x"}})");
  });
  access.server.url = server.url();
  if (argc > 2) {
    access.server.url = argv[1];
    access.server.authority_pem = read_small_file(argv[2]).value_or("");
  }
  std::atomic<bool> stop = false;
  std::thread thread([&] {
    while (!stop) server_io.run_for(std::chrono::milliseconds(50));
  });
  boost::asio::io_context io;
  for (int round = 0; round < 3; ++round) {
    measure_bare(io, access);
    measure_transport(io, access);
  }
  stop = true;
  thread.join();
}
