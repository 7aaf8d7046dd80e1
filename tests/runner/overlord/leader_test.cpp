#include "runner/overlord/leader.hpp"

#include <catch2/catch.hpp>

using namespace copse::runner::overlord;

TEST_CASE("a redirect leads to the leader, who is asked first from then on", "[overlord]") {
  Leader leader({"http://a:8090/", "http://b:8090"});
  CHECK(leader.current() == "http://a:8090");
  CHECK(leader.redirected("http://b:8090/druid/indexer/v1/taskStatus?x=1"));
  CHECK(leader.current() == "http://b:8090");
  leader.answered();
  CHECK(leader.current() == "http://b:8090");
}

TEST_CASE("when the leader fails the list is asked, round and round", "[overlord]") {
  Leader leader({"http://a:8090", "http://b:8090"});
  CHECK(leader.redirected("http://c:8090/"));
  leader.failed();
  CHECK(leader.current() == "http://a:8090");
  leader.failed();
  CHECK(leader.current() == "http://b:8090");
  leader.failed();
  CHECK(leader.current() == "http://a:8090");
}

TEST_CASE("redirects that go round in a circle, or nowhere, are a failure", "[overlord]") {
  Leader leader({"http://a:8090", "http://b:8090"});
  CHECK_FALSE(leader.redirected("http://a:8090/"));
  CHECK(leader.current() == "http://b:8090");
  CHECK(leader.redirected("http://x:1/"));
  CHECK(leader.redirected("http://y:1/"));
  CHECK(leader.redirected("http://x:1/"));
  CHECK_FALSE(leader.redirected("http://y:1/"));
  CHECK(leader.current() == "http://b:8090");
  for (const char* nowhere : {"", "/druid", "ftp://a:1/", "http://", "http:///x"})
    CHECK_FALSE(leader.redirected(nowhere));
}

TEST_CASE("without addresses nobody is asked until somebody is found", "[overlord]") {
  Leader leader({});
  CHECK(leader.current().empty());
  leader.failed();
  leader.found("https://a:8290");
  CHECK(leader.current() == "https://a:8290");
}

TEST_CASE(
    "an address that was found elsewhere is asked first, and again when the others have failed",
    "[overlord]") {
  Leader leader({"http://a:8090"});
  leader.found("http://z:8090");
  CHECK(leader.current() == "http://z:8090");
  leader.failed();
  CHECK(leader.current() == "http://a:8090");
  leader.failed();
  CHECK(leader.current() == "http://z:8090");
}

TEST_CASE("the only address that is known is asked for ever", "[overlord]") {
  Leader leader({});
  leader.found("http://z:8090");
  leader.failed();
  CHECK(leader.current() == "http://z:8090");
  CHECK(leader.redirected("http://y:8090/"));
  leader.failed();
  CHECK(leader.current() == "http://z:8090");
}

TEST_CASE("an origin has neither user nor path", "[overlord]") {
  CHECK(origin_of("https://me:secret@host:8290/druid?x#y") == "https://host:8290");
  CHECK(origin_of("http://[::1]:8090") == "http://[::1]:8090");
  CHECK(origin_of("host:8090").empty());
}
