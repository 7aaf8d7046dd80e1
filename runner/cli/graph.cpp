// copse graph: a policy as a picture, for Graphviz or Mermaid.
#include "engine/graph.hpp"

#include "engine/analysis/whole.hpp"
#include "runner/cli/basis.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/verbs.hpp"

#include <cstdio>

namespace copse::runner::cli {

int graph(const Arguments& arguments) {
  const bool as_json = arguments.format == Format::json;
  const auto basis = load_basis(arguments, Purpose::decide);
  if (!basis) {
    show(basis.error().said, as_json);
    return basis.error().exit_code;
  }
  // Runner and template in one picture, as the policy is written.
  engine::PolicySet whole;
  whole.placement = engine::analysis::whole(basis->policies);
  const auto image = engine::compile(whole, basis->template_names);
  if (!image) {
    show(image.error(), as_json);
    return exit_unreadable;
  }
  const engine::Graph drawn = arguments.as_built ? engine::graph_of_nodes(*image, image->placement)
                                                 : engine::graph_of_rules(*image, image->placement);
  if (as_json) {
    std::puts(to_json(drawn).c_str());
    return exit_fine;
  }
  std::fputs((arguments.target == "mermaid" ? to_mermaid(drawn) : to_dot(drawn)).c_str(), stdout);
  return exit_fine;
}

}  // namespace copse::runner::cli
