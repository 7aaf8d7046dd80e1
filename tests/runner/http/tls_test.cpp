// HTTPS: certificates from files, client certificates, reload.

#include "tests/runner/http/world.hpp"
#include "tests/runner/kube/certificates.hpp"
#include "tests/runner/kube/folder.hpp"

#include <filesystem>
#include <fstream>

using namespace copse::tests;

