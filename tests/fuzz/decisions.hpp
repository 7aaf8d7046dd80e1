#pragma once
// What must hold of every image, whatever it was made of: it decides any task as a scan of its
// rules does, one after the other.

#include "engine/image.hpp"

#include <string>
#include <vector>

namespace copse::tests {

/// Tasks that ask for all there is: every type of value, absence, and what is ill-typed.
[[nodiscard]] const std::vector<std::string>& task_documents();

/// Throws Broken where the tree and the scan do not agree on one of `documents`.
void promise_decisions(const engine::Image& image, const std::vector<std::string>& documents);

/// Decides and explains all of `documents`: to see that it ends, and reads nothing that is not
/// there.
void decide_all(const engine::Image& image, const std::vector<std::string>& documents);

/// Throws Broken with `what` unless it holds.
void promise(bool holds, const std::string& what);

}  // namespace copse::tests
