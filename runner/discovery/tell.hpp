#pragma once
// What a machine has to say to whoever asked for the announcement: the actions that end in News.

#include <string>

namespace copse::runner::discovery::tell {

struct Announced {
  bool operator==(const Announced&) const = default;
};

struct Lost {
  std::string why;
  bool operator==(const Lost&) const = default;
};

/// Nothing announces us any more, or that could not be reached in time.
struct Withdrawn {
  bool operator==(const Withdrawn&) const = default;
};

struct Leader {
  std::string url;
  bool operator==(const Leader&) const = default;
};

struct Trouble {
  std::string text;
  bool operator==(const Trouble&) const = default;
};

}  // namespace copse::runner::discovery::tell
