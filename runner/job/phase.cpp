#include "runner/job/phase.hpp"

namespace copse::runner::job {

std::string_view name(Phase phase) {
  switch (phase) {
    case Phase::fresh:
      return "fresh";
    case Phase::creating:
      return "creating";
    case Phase::looking:
      return "looking";
    case Phase::pausing:
      return "pausing";
    case Phase::waiting:
      return "waiting";
    case Phase::running:
      return "running";
    case Phase::ending:
      return "ending";
    case Phase::settling:
      return "settling";
    case Phase::stopping:
      return "stopping";
    case Phase::held:
      return "held";
    case Phase::removing:
      return "removing";
    case Phase::done:
      return "done";
  }
  return "";
}

}  // namespace copse::runner::job
