// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it is inlined.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/doctor/here.hpp"

#include "runner/doctor/waiting.hpp"
#include "runner/http/server.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fcntl.h>
#include <unistd.h>

namespace copse::runner::doctor {
namespace {

namespace fs = std::filesystem;
using boost::asio::ip::tcp;

// The reason why no file can be written there; empty: one was.
std::string write_fault(const fs::path& folder) {
  const std::string path = (folder / (".copse-doctor-" + std::to_string(::getpid()))).string();
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return std::generic_category().message(errno);
  const bool is_written = ::write(file, "x", 1) == 1;
  std::string fault = is_written ? "" : std::generic_category().message(errno);
  ::close(file);
  ::unlink(path.c_str());
  return fault;
}

// One that is meant: an Overlord beside us.
bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

bool are_loopback(const std::vector<std::string>& addresses) {
  return std::all_of(addresses.begin(), addresses.end(),
                     [](const std::string& each) { return is_loopback(each); });
}

std::string said_of(const FolderFacts& facts) {
  switch (facts.state) {
    case FolderState::writable:
      return "`" + facts.path + "` can be written";
    case FolderState::missing:
      return "the folder `" + facts.path + "` does not exist";
    case FolderState::no_folder:
      return "`" + facts.path + "` is no folder";
    case FolderState::not_writable:
      return "nothing can be written into `" + facts.path + "`: " + facts.why;
  }
  return {};
}

}  // namespace

AddressFacts examine_address(boost::asio::io_context& io, std::string host,
                             const http::Options& listening) {
  AddressFacts facts;
  facts.host = std::move(host);
  facts.port = listening.port;

  struct Found {
    std::vector<std::string> addresses;
    std::string fault;
  };

  tcp::resolver resolver(io);
  auto found = answer_to<Found>(io, resolve_deadline, [&](auto told) {
    resolver.async_resolve(facts.host, "", [told](const auto& fault, const auto& results) {
      Found one;
      if (fault) one.fault = fault.message();
      for (const auto& each : results) {
        std::string address = each.endpoint().address().to_string();
        if (std::find(one.addresses.begin(), one.addresses.end(), address) == one.addresses.end())
          one.addresses.push_back(std::move(address));
      }
      told(std::move(one));
    });
  });
  if (found) {
    facts.addresses = std::move(found->addresses);
    facts.unresolved = std::move(found->fault);
  }
  const auto server = http::Server::listen(io, listening, [](const auto&, auto) {});
  if (!server) facts.cannot_listen = server.error().text;
  return facts;
}

Rows judge_address(const AddressFacts& facts) {
  Row name{"own name", Verdict::ok, {}};
  if (!facts.addresses || !facts.unresolved.empty()) {
    name.verdict = Verdict::error;
    name.found = "`" + facts.host + "` leads nowhere: " +
                 (facts.addresses ? facts.unresolved : std::string("no answer in time"));
    name.remedy =
        "set copse.host to a name or address by which every Overlord reaches copse, and "
        "which stays the same over restarts";
  } else {
    name.found = facts.host == listed(*facts.addresses)
                     ? facts.host
                     : "`" + facts.host + "` is " + listed(*facts.addresses);
  }
  if (name.verdict == Verdict::ok && !is_loopback(facts.host) && are_loopback(*facts.addresses)) {
    name.verdict = Verdict::warning;
    name.found += ": an Overlord on another host would look for copse on its own";
    name.remedy = "set copse.host to what leads here from everywhere";
  }
  Row port{"own port", Verdict::ok, std::to_string(facts.port) + " is free"};
  if (!facts.cannot_listen.empty()) {
    port.verdict = Verdict::error;
    port.found = facts.cannot_listen;
    port.remedy =
        "if a copse serves there already, all is well; else change copse.port or "
        "copse.bind";
  }
  return {name, port};
}

FolderFacts examine_folder(const std::string& path) {
  FolderFacts facts{path, FolderState::writable, {}, false};
  std::error_code fault;
  const fs::file_status status = fs::status(path, fault);
  if (status.type() == fs::file_type::not_found) {
    facts.state = FolderState::missing;
    fs::path parent = fs::absolute(path, fault);
    while (parent.has_relative_path() && !fs::exists(parent, fault)) parent = parent.parent_path();
    facts.can_be_made = fs::is_directory(parent, fault) && write_fault(parent).empty();
    return facts;
  }
  if (status.type() != fs::file_type::directory) {
    facts.state = fault ? FolderState::not_writable : FolderState::no_folder;
    facts.why = fault ? fault.message() : "";
    return facts;
  }
  facts.why = write_fault(path);
  if (!facts.why.empty()) facts.state = FolderState::not_writable;
  return facts;
}

Row judge_store(const FolderFacts& facts) {
  Row row{"task-log store", Verdict::ok, said_of(facts)};
  if (facts.state == FolderState::writable) {
    row.remedy =
        "whether Overlord and peons share it shows the first task's log: "
        "GET /druid/indexer/v1/task/ID/log after its end";
    return row;
  }
  row.verdict = Verdict::error;
  row.remedy = facts.state == FolderState::not_writable
                   ? "let copse's user write there, as the Overlord's and the peons' must"
                   : "mount the volume that the Overlord and the peons share, or correct "
                     "druid.indexer.logs.directory";
  return row;
}

Row judge_state(const FolderFacts& facts) {
  Row row{"state", Verdict::ok, said_of(facts)};
  if (facts.state == FolderState::writable) return row;
  if (facts.state == FolderState::missing && facts.can_be_made) {
    row.found += " yet, and can be made";
    return row;
  }
  if (facts.state == FolderState::missing) row.found += " and cannot be made";
  row.verdict = Verdict::error;
  row.remedy =
      "set copse.state to a folder on a disk that outlives restarts, and let copse's user "
      "write there";
  return row;
}

}  // namespace copse::runner::doctor
