// copse test: the tests that policies carry, and which rules they reach.
#include "engine/json_writer.hpp"
#include "engine/utf8.hpp"
#include "runner/cli/policy_suite.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/verbs.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

namespace copse::runner::cli {
namespace {

namespace fs = std::filesystem;

// By its name; JSON that ends otherwise may be anything.
bool is_policy(const fs::path& path) {
  return path.extension() == ".copse" || path.string().ends_with(".copse.json");
}

std::vector<std::string> files_of(const std::vector<std::string>& inputs) {
  std::vector<std::string> files;
  for (const std::string& input : inputs) {
    std::error_code error;
    if (input == "-" || !fs::is_directory(input, error)) {
      files.push_back(input);
      continue;
    }
    std::set<std::string> found;
    for (const auto& each : fs::recursive_directory_iterator(input, error)) {
      if (is_policy(each.path())) found.insert(each.path().string());
    }
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

// Text of an attribute or element of XML; what is no UTF-8 is shown as such.
std::string in_xml(std::string_view text) {
  constexpr std::string_view unknown = "\xEF\xBF\xBD";  // U+FFFD
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = engine::utf8_length(text, at);
    if (length != 1) {
      out += length == 0 ? unknown : text.substr(at, length);
      at += std::max<std::size_t>(length, 1);
      continue;
    }
    switch (const char c = text[at++]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 && c != '\n' ? ' ' : c;
    }
  }
  return out;
}

std::string as_percent(double value) {
  const int whole = static_cast<int>(value);  // never rounded up to 100
  return std::to_string(whole) + " %";
}

class Testing {
 public:
  explicit Testing(const Arguments& arguments)
      : arguments_(arguments),
        colour_(is_terminal(STDOUT_FILENO) ? engine::Colour::on : engine::Colour::off) {}

  int run() {
    const std::vector<std::string> files = files_of(arguments_.inputs);
    if (files.empty()) {
      std::fprintf(stderr, "there is no policy (`.copse`) in what was given\n");
      raise(exit_unreadable);
    }
    for (const std::string& file : files) {
      auto suite = run_suite(file);
      if (!suite) {
        if (arguments_.format == Format::text) show(suite.error(), false);
        suites_.push_back(
            {.file = file, .unreadable = std::move(suite.error()), .verdicts = {}, .reached = {}});
        raise(exit_unreadable);
        continue;
      }
      judge(*suite);
      suites_.push_back(std::move(*suite));
    }
    print();
    return exit_code_;
  }

 private:
  void raise(int code) { exit_code_ = std::max(exit_code_, code); }

  // A suite that asserts nothing has not passed.
  void judge(const Suite& suite) {
    if (suite.failed() > 0 || suite.verdicts.empty()) raise(exit_failed_tests);
    if (suite.coverage() < arguments_.least_coverage) raise(exit_coverage);
  }

  void print() const {
    if (arguments_.format == Format::json) return print_json();
    if (arguments_.format == Format::junit) return print_junit();
    std::size_t passed = 0;
    std::size_t failed = 0;
    bool is_any = false;
    for (const Suite& suite : suites_) {
      if (!suite.unreadable.empty()) continue;
      is_any = true;
      print(suite);
      failed += suite.failed();
      passed += suite.verdicts.size() - suite.failed();
    }
    if (is_any) std::printf("%zu passed, %zu failed\n", passed, failed);
  }

  void print(const Suite& suite) const {
    for (const TestVerdict& each : suite.verdicts) show(each.faults, false);
    const bool is_well = suite.failed() == 0 && !suite.verdicts.empty();
    std::printf("%s %s: %s, %s of its rules reached%s\n",
                paint(is_well ? Hue::good : Hue::bad, is_well ? "ok" : "FAILED", colour_).c_str(),
                suite.file.c_str(), counted(suite.verdicts.size(), "test").c_str(),
                as_percent(suite.coverage()).c_str(),
                suite.verdicts.empty() ? "; nothing was tested" : "");
    if (!arguments_.coverage && suite.coverage() >= arguments_.least_coverage) return;
    Table table({"RULE", "TESTS"});
    table.right(1);
    for (const auto& [rule, count] : suite.reached)
      table.add({rule, count == 0 ? paint(Hue::warn, "none", colour_) : std::to_string(count)});
    std::printf("%s", table.text(colour_).c_str());
  }

  void print_json() const {
    engine::JsonWriter out;
    out.begin_object().key("ok").boolean(exit_code_ == exit_fine).key("suites").begin_array();
    for (const Suite& suite : suites_) {
      out.begin_object().member("file", suite.file);
      if (!suite.unreadable.empty()) {
        out.key("diagnostics").begin_array();
        for (const engine::Diagnostic& fault : suite.unreadable) out.raw(to_json(fault));
        out.end_array().end_object();
        continue;
      }
      out.key("tests").begin_array();
      for (const TestVerdict& each : suite.verdicts) {
        out.begin_object().member("name", each.name).key("passed").boolean(each.faults.empty());
        out.key("diagnostics").begin_array();
        for (const engine::Diagnostic& fault : each.faults) out.raw(to_json(fault));
        out.end_array().end_object();
      }
      out.end_array().key("coverage").decimal(suite.coverage());
      out.key("leastCoverage").decimal(arguments_.least_coverage).key("rules").begin_object();
      for (const auto& [rule, count] : suite.reached)
        out.key(rule).number(static_cast<std::int64_t>(count));
      out.end_object().end_object();
    }
    out.end_array().end_object();
    std::puts(out.take().c_str());
  }

  void print_junit() const {
    std::puts("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>");
    for (const Suite& suite : suites_) {
      const std::string name = in_xml(suite.file);
      if (!suite.unreadable.empty()) {
        std::printf("  <testsuite name=\"%s\" tests=\"1\" failures=\"0\" errors=\"1\">\n",
                    name.c_str());
        std::puts("    <testcase name=\"the policy can be read\">");
        for (const engine::Diagnostic& fault : suite.unreadable)
          tell("error", fault.title, engine::render(fault));
        std::puts("    </testcase>\n  </testsuite>");
        continue;
      }
      // What fails a suite is a failed case of it: nothing tested, too little reached.
      const bool is_empty = suite.verdicts.empty();
      const bool is_low = suite.coverage() < arguments_.least_coverage;
      const std::size_t more = (is_empty ? 1U : 0U) + (is_low ? 1U : 0U);
      std::printf("  <testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n",
                  name.c_str(), suite.verdicts.size() + more, suite.failed() + more);
      for (const TestVerdict& each : suite.verdicts) {
        std::printf("    <testcase name=\"%s\">", in_xml(each.name).c_str());
        if (!each.faults.empty()) std::puts("");
        for (const engine::Diagnostic& fault : each.faults)
          tell("failure", fault.title + (fault.label.empty() ? "" : ": " + fault.label),
               engine::render(fault));
        std::puts(each.faults.empty() ? "</testcase>" : "    </testcase>");
      }
      if (is_empty) fail("a test", "nothing was tested", "add `test \"…\" { … }` to the policy");
      if (is_low)
        fail("coverage",
             as_percent(suite.coverage()) + " of its rules reached, of which " +
                 as_percent(arguments_.least_coverage) + " have to be",
             unreached(suite));
      std::puts("  </testsuite>");
    }
    std::puts("</testsuites>");
  }

  static void tell(const char* element, const std::string& message, const std::string& text) {
    std::printf("      <%s message=\"%s\">%s</%s>\n", element, in_xml(message).c_str(),
                in_xml(text).c_str(), element);
  }

  static void fail(const char* name, const std::string& message, const std::string& text) {
    std::printf("    <testcase name=\"%s\">\n", name);
    tell("failure", message, text);
    std::puts("    </testcase>");
  }

  static std::string unreached(const Suite& suite) {
    std::string names;
    for (const auto& [rule, count] : suite.reached) {
      if (count == 0) names += (names.empty() ? "" : ", ") + rule;
    }
    return "no test reaches: " + names;
  }

  const Arguments& arguments_;
  engine::Colour colour_;
  std::vector<Suite> suites_;
  int exit_code_ = exit_fine;
};

}  // namespace

int test(const Arguments& arguments) {
  return Testing(arguments).run();
}

}  // namespace copse::runner::cli
