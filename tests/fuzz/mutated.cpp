#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <random>

namespace copse::tests {
namespace {

// Bytes of one piece that is cut, repeated or put in.
constexpr std::size_t piece_limit = 64;

class Mutation {
 public:
  Mutation(const FuzzPlan& plan, std::string_view seed, std::string_view other,
           std::uint32_t number)
      : plan_(plan), out_(seed), other_(other), random_(number) {}

  std::string run() {
    for (std::size_t n = 1 + below(4); n > 0; --n) change();
    return out_;
  }

 private:
  // WHY not a distribution: the numbers of those differ from library to library.
  std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }

  // A place behind the bytes that are left alone; the end where there is none.
  std::size_t place() {
    const std::size_t kept = std::min(plan_.kept, out_.size());
    return kept + below(out_.size() - kept);
  }

  void set(std::size_t at, unsigned value) {
    if (at < out_.size()) out_[at] = static_cast<char>(static_cast<unsigned char>(value));
  }

  void change() {
    const std::size_t at = place();
    const std::size_t size = 1 + below(piece_limit);
    const std::string& token = plan_.tokens[below(plan_.tokens.size())];
    switch (below(9)) {
      case 0:
        if (at < out_.size()) set(at, static_cast<unsigned char>(out_[at]) ^ (1U << below(8)));
        break;
      case 1:
        set(at, static_cast<unsigned>(below(256)));
        break;
      case 2:
        out_.resize(at);
        break;
      case 3:
        out_.erase(at, size);
        break;
      case 4: {
        const std::string piece = out_.substr(at, size);
        for (std::size_t n = 1 + below(8); n > 0; --n) out_.insert(at, piece);
        break;
      }
      case 5:
        out_.insert(at, token);
        break;
      case 6:
        out_.replace(at, std::min(token.size(), out_.size() - at), token);
        break;
      case 7: {
        const std::size_t from = below(other_.size());
        out_.insert(at, other_.substr(from, size));
        break;
      }
      default:
        // The beginning of one, the end of the other.
        out_.resize(at);
        out_ += other_.substr(below(other_.size()));
    }
  }

  const FuzzPlan& plan_;
  std::string out_;
  std::string_view other_;
  std::mt19937 random_;
};

}  // namespace

std::string mutated(const FuzzPlan& plan, std::string_view seed, std::string_view other,
                    std::uint32_t number) {
  return Mutation(plan, seed, other, number).run();
}

}  // namespace copse::tests
