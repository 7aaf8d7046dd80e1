// copse name: the Job name of a task id; needs no policy.
#include "adapters/job_name.hpp"
#include "adapters/json_text.hpp"
#include "engine/json_writer.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/task_input.hpp"
#include "runner/cli/verbs.hpp"

#include <algorithm>
#include <cstdio>

namespace copse::runner::cli {
namespace {

void print(const Arguments& arguments, const std::string& task_id) {
  const std::string job = adapters::job_name(arguments.prefix, task_id);
  if (arguments.format == Format::text) {
    std::puts(job.c_str());
  } else {
    engine::JsonWriter out;
    out.begin_object().member("task", task_id).member("job", job).key("labels").begin_object();
    out.member("druid.task.id", adapters::task_id_label(task_id)).end_object().end_object();
    std::puts(out.take().c_str());
  }
  if (!adapters::is_valid_job_name(job)) {
    std::fprintf(stderr,
                 "`%s`: Kubernetes refuses this name; give a --prefix with a letter or digit\n",
                 job.c_str());
  }
}

}  // namespace

int name(const Arguments& arguments) {
  if (!arguments.druid.empty() && !engine::parse_release(arguments.druid)) {
    std::fprintf(stderr, "`%s` is no Druid release: give 33, 37 or 39\n", arguments.druid.c_str());
    return exit_usage;
  }
  if (const auto given = engine::parse_release(arguments.druid);
      given && !engine::is_verified(*given)) {
    std::fprintf(stderr, "note: Druid %s was not compared: 33, 37 and 39 were\n",
                 arguments.druid.c_str());
  }
  int exit_code = exit_fine;
  for (const std::string& input : arguments.inputs) {
    if (input != "-") {
      print(arguments, input);
      continue;
    }
    const auto source = read_source(input);
    if (!source) {
      show(source.error(), arguments.format == Format::json);
      return exit_unreadable;
    }
    for (std::size_t at = 0; at < source->text.size();) {
      const std::size_t end = std::min(source->text.find('\n', at), source->text.size());
      std::string line = source->text.substr(at, end - at);
      at = end + 1;
      if (line.ends_with('\r')) line.pop_back();
      if (line.empty()) continue;
      if (!line.starts_with('"')) {
        print(arguments, line);
      } else if (const auto id = adapters::read_json_string(line)) {
        print(arguments, *id);
      } else {
        std::fprintf(stderr, "`%s` is not a JSON text\n", line.c_str());
        exit_code = exit_unreadable;
      }
    }
  }
  return exit_code;
}

}  // namespace copse::runner::cli
