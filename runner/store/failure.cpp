#include "runner/store/failure.hpp"

#include <cerrno>
#include <system_error>

namespace copse::runner::store {
namespace {

struct Meaning {
  Failure::Kind kind;
  std::string_view remedy;
  bool may_retry;
};

Meaning meaning(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return {Failure::Kind::full,
              "free some space there; tasks are taken again as soon as a write succeeds", true};
    case EROFS:
    case EACCES:
    case EPERM:
      return {Failure::Kind::forbidden,
              "make it writable for copse's user, or name another folder in `copse.state`", false};
    case ENOTDIR:
    case EEXIST:
    case EISDIR:
    case ENOENT:
    case ENAMETOOLONG:
    case ELOOP:
      return {Failure::Kind::no_folder, "name a folder in `copse.state`", false};
    default:
      return {Failure::Kind::disk, "look into the system's log for what this disk says", true};
  }
}

}  // namespace

Failure from_errno(std::string_view place, std::string_view doing, int error) {
  const Meaning found = meaning(error);
  std::string text = std::string(place) + ": cannot " + std::string(doing) + ": " +
                     std::generic_category().message(error) + "; " + std::string(found.remedy);
  return {found.kind, std::move(text), found.may_retry};
}

}  // namespace copse::runner::store
