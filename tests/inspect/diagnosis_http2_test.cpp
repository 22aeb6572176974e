// How HTTP/2 ended something is reported with its code, and never as the other side's fault.
#include "inspect/diagnosis/diagnosis.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;

namespace {

Diagnosis ended(Http2Ending ending, std::optional<BodySeen> body = {}) {
    Attempt attempt;
    attempt.host = "api.example.com";
    attempt.method = "GET";
    attempt.path = "/v1";
    HttpFailure failure;
    const bool breach = ending.by == Http2Ending::By::breach;
    failure.kind = breach ? HttpFailure::Kind::not_http : HttpFailure::Kind::closed;
    failure.http2 = std::move(ending);
    failure.body = body;
    attempt.failure = std::move(failure);
    return explain(attempt);
}

const Problem& problem_in(const Diagnosis& diagnosis) { return diagnosis.problems.front(); }

std::string value_of(const Diagnosis& diagnosis, std::string_view label) {
    for (const EvidenceRow& each : problem_in(diagnosis).evidence)
        if (each.label == label) return each.value;
    return "";
}

}  // namespace

TEST_CASE("a stream that the server resets is reported with the code of its RST_STREAM") {
    const Diagnosis diagnosis = ended({Http2Ending::By::reset, 0x2, ""});
    CHECK(diagnosis.code == Code::upstream_http_error);
    CHECK(diagnosis.title.contains("api.example.com"));
    CHECK(diagnosis.title.contains("reset the request: INTERNAL_ERROR (HTTP/2)"));
    CHECK(value_of(diagnosis, "HTTP/2 error") == "INTERNAL_ERROR (0x2), by RST_STREAM");
    CHECK(problem_in(diagnosis).detail.contains("before its response"));
    CHECK(problem_in(ended({Http2Ending::By::reset, 0x2, ""}, BodySeen{.bytes = 7})).detail.contains("in the middle"));
}

TEST_CASE("a connection that the server ends is reported with the code and the words of its GOAWAY") {
    const Diagnosis diagnosis = ended({Http2Ending::By::goaway, 0xb, "too many \x1b[31m pings"});
    CHECK(diagnosis.title.contains("ended the connection: ENHANCE_YOUR_CALM (HTTP/2)"));
    CHECK(value_of(diagnosis, "the server's words (GOAWAY)").contains("too many"));
    CHECK(problem_in(diagnosis).fixes.front().actor == Actor::client);
}

TEST_CASE("a server that wants HTTP/1.1 is not blamed: its client is told to use that") {
    const Fix fix = problem_in(ended({Http2Ending::By::reset, 0xd, ""})).fixes.front();
    CHECK(fix.actor == Actor::client);
    CHECK(fix.command.ends_with("--http1.1"));
}

TEST_CASE("what breaks HTTP/2 is named, and a number that RFC 9113 does not define is shown as it is") {
    CHECK(ended({Http2Ending::By::breach, 0x1, "content_length"})
              .title.contains("broke a rule of HTTP/2: content_length"));
    CHECK(ended({Http2Ending::By::reset, 0x1234, ""}).title.contains("error 0x1234"));
}

TEST_CASE("a client that breaks HTTP/2 is reported with what it broke") {
    Attempt attempt;
    RequestRejected rejected;
    rejected.http2 = {Http2Ending::By::breach, 0x9, "a header block that cannot be decompressed"};
    attempt.failure = std::move(rejected);
    const Diagnosis diagnosis = explain(attempt);
    CHECK(diagnosis.code == Code::request_rejected);
    CHECK(diagnosis.title.contains("the client broke a rule of HTTP/2: a header block"));
    CHECK(value_of(diagnosis, "HTTP/2 error").starts_with("COMPRESSION_ERROR (0x9)"));
}
