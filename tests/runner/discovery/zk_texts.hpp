#pragma once
// Actions of the machines as texts, so that a story reads as one.

#include "runner/discovery/zk_latch.hpp"
#include "runner/discovery/zk_session.hpp"

#include <string>
#include <variant>
#include <vector>

namespace copse::tests {

namespace discovery = copse::runner::discovery;
namespace zk = discovery::zk;
namespace tell = discovery::tell;

struct ActionText {
  std::string operator()(const zk::action::Open&) const { return "open"; }

  std::string operator()(const zk::action::Close&) const { return "close"; }

  std::string operator()(const zk::action::Create& create) const {
    return "create " + create.path +
           (create.kind == zk::Kind::ephemeral ? " = " + create.document : "");
  }

  std::string operator()(const zk::action::Look& look) const { return "look " + look.path; }

  std::string operator()(const zk::action::Remove& remove) const { return "remove " + remove.path; }

  std::string operator()(const zk::action::List& list) const { return "list " + list.path; }

  std::string operator()(const zk::action::Await& wait) const { return "await " + wait.path; }

  std::string operator()(const zk::action::Read& read) const { return "read " + read.path; }

  std::string operator()(const tell::Announced&) const { return "announced"; }

  std::string operator()(const tell::Lost& lost) const { return "lost: " + lost.why; }

  std::string operator()(const tell::Withdrawn&) const { return "withdrawn"; }

  std::string operator()(const tell::Leader& leader) const { return "leader " + leader.url; }

  std::string operator()(const tell::Trouble& trouble) const { return "trouble: " + trouble.text; }
};

using Texts = std::vector<std::string>;

template <class Actions>
Texts texts(const Actions& actions) {
  Texts out;
  for (const auto& action : actions) out.push_back(std::visit(ActionText{}, action));
  return out;
}

}  // namespace copse::tests
