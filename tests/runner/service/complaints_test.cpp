#include "runner/service/complaints.hpp"

#include <catch2/catch.hpp>

using namespace copse::runner;
using namespace copse::runner::service;
using kube::FailureKind;
using kube::Verb;
using namespace std::chrono_literals;

namespace {

constexpr Complaints::Time start{1h};

}  // namespace

TEST_CASE("of many refusals for one reason one is told, and again when the reason lasts",
          "[runner]") {
  Complaints complaints;
  CHECK(complaints.is_news(Verb::create, FailureKind::forbidden, start));
  CHECK_FALSE(complaints.is_news(Verb::create, FailureKind::forbidden, start));
  CHECK_FALSE(
      complaints.is_news(Verb::create, FailureKind::forbidden, start + complaint_interval - 1ms));
  CHECK(complaints.is_news(Verb::create, FailureKind::forbidden, start + complaint_interval));
  CHECK_FALSE(
      complaints.is_news(Verb::create, FailureKind::forbidden, start + complaint_interval + 1ms));
}

TEST_CASE("another reason, and another kind of request, is told at once", "[runner]") {
  Complaints complaints;
  REQUIRE(complaints.is_news(Verb::create, FailureKind::forbidden, start));
  CHECK(complaints.is_news(Verb::create, FailureKind::quota, start));
  CHECK(complaints.is_news(Verb::remove, FailureKind::forbidden, start));
}
