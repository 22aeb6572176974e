// How HTTP/2 ended something is reported with its code, and never as the other side's fault.
#include "inspect/diagnosis/diagnosis.h"
#include "inspect/diagnosis/experiments.h"
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

namespace {

// A check whose server agreed on h2 and then did so; its HTTP/1.1 was tried.
Diagnosis agreed_and(Http2Seen seen, tls::ProbeAnswer::Kind http1 = tls::ProbeAnswer::Kind::accepted) {
    Attempt attempt;
    attempt.host = "api.example.com";
    attempt.check = true;
    attempt.http2 = std::move(seen);
    if (attempt.http2->end != Http2Seen::End::works) {
        CHECK(experiments_for(attempt) == std::vector<Trial>{Trial::http_1_1});
        Experiment tried;
        tried.trial = Trial::http_1_1;
        tried.answer.kind = http1;
        if (http1 == tls::ProbeAnswer::Kind::accepted) tried.status = "HTTP/1.1 200 OK";
        attempt.experiments = {std::move(tried)};
    }
    CHECK(experiments_for(attempt).empty());
    return explain(attempt);
}

}  // namespace

TEST_CASE("a server that agreed on h2 and speaks it gets no remark and no experiment") {
    const Diagnosis diagnosis = agreed_and({.settings = true, .first_bytes = "", .text = ""});
    CHECK(diagnosis.http2_remark.empty());
    CHECK(diagnosis.experiments.empty());
}

TEST_CASE("what a server did after it agreed on h2 is said, with what its HTTP/1.1 did") {
    using End = Http2Seen::End;
    const auto remark = [](Http2Seen seen) { return agreed_and(std::move(seen)).http2_remark; };
    CHECK(remark({.end = End::not_http2, .first_bytes = "220 mail.test ESMTP\r\n", .text = ""})
              .contains("sent what is no HTTP/2, which begins with SETTINGS (RFC 9113 §3.4): 220 mail.test ESMTP"));
    CHECK(remark({.end = End::not_http2, .settings = true, .first_bytes = "", .code = 1, .text = ""})
              .contains("broke a rule of HTTP/2 after its SETTINGS: PROTOCOL_ERROR."));
    CHECK(remark({.end = End::goaway, .settings = true, .first_bytes = "", .code = 0x1234, .text = ""})
              .contains("ended the connection at once: GOAWAY with error 0x1234."));
    CHECK(remark({.end = End::closed, .first_bytes = "", .text = ""}).contains("ended the connection without a byte."));
    CHECK(remark({.end = End::closed, .settings = true, .first_bytes = "", .text = ""})
              .contains("ended the connection after its SETTINGS."));
    const Http2Seen silent{.end = End::silent, .first_bytes = "", .text = "", .seconds = 10};
    CHECK(remark(silent).contains(
        "sent no SETTINGS within 10 s (RFC 9113 §3.4). Its HTTP/1.1 (tried) answers: HTTP/1.1 200 OK. "));
    CHECK(agreed_and(silent, tls::ProbeAnswer::Kind::reset)
              .http2_remark.contains("Its HTTP/1.1 (tried) does not answer either: reset."));
    CHECK(agreed_and(silent).outcome == Outcome::ok);
}

namespace {

// Offered http/1.1, the server agreed to nothing and did not answer in it; its HTTP/2 was tried.
Diagnosis unanswered_http1(std::optional<Experiment> tried, std::string first_bytes = "", bool outside_tunnel = true) {
    Attempt attempt;
    attempt.outside_tunnel = outside_tunnel;
    attempt.alpn = {"http/1.1"};
    attempt.host = "api.example.com";
    attempt.method = "POST";
    attempt.path = "/v1";
    attempt.request_sent = true;
    HttpFailure failure;
    failure.kind = first_bytes.empty() ? HttpFailure::Kind::closed : HttpFailure::Kind::not_http;
    failure.first_bytes = std::move(first_bytes);
    failure.perhaps_http2 = true;
    attempt.failure = std::move(failure);
    CHECK(experiments_for(attempt) == std::vector<Trial>{Trial::http_2});
    if (tried) attempt.experiments = {*std::move(tried)};
    CHECK(experiments_for(attempt).empty() == !attempt.experiments.empty());
    return explain(attempt);
}

Experiment http2_tried(tls::ProbeAnswer::Kind kind, std::string status = "") {
    Experiment tried;
    tried.trial = Trial::http_2;
    tried.answer.kind = kind;
    tried.status = std::move(status);
    return tried;
}

}  // namespace

TEST_CASE("a server that speaks HTTP/2 and closed on HTTP/1.1 is not blamed: that whytls chose HTTP/1.1 is") {
    using Kind = tls::ProbeAnswer::Kind;
    const Diagnosis diagnosis = unanswered_http1(http2_tried(Kind::accepted, "SETTINGS"));
    CHECK(diagnosis.code == Code::upstream_closed);
    CHECK(diagnosis.title.contains("speaks HTTP/2 (tried); to this request over HTTP/1.1 it gave no answer"));
    CHECK(problem_in(diagnosis).our_limit);
    CHECK(problem_in(diagnosis).proof == Proof::likely);
    CHECK(problem_in(diagnosis).detail.contains("not sent again: it cannot be known whether the server acted on it"));
    CHECK(problem_in(diagnosis).fixes.front().actor == Actor::client);
    CHECK(problem_in(diagnosis).fixes.front().command.ends_with("--http2"));
    CHECK(value_of(diagnosis, "its HTTP/2 (tried)") == "answers: SETTINGS");
    CHECK(diagnosis.elsewhere.empty());
}

TEST_CASE("a server that answered HTTP/1.1 with SETTINGS is told of as one of HTTP/2") {
    const Diagnosis diagnosis = unanswered_http1(http2_tried(tls::ProbeAnswer::Kind::accepted, "SETTINGS"),
                                                 std::string("\0\0\0\4\0\0\0\0\0", 9));
    CHECK(diagnosis.code == Code::upstream_http_error);
    CHECK(diagnosis.title.contains("over HTTP/1.1 it answered in HTTP/2"));
    CHECK(problem_in(diagnosis).detail.contains("in chunks, or was more than 1 MiB"));
}

TEST_CASE("a client that offered HTTP/1.1 only to a server of HTTP/2 is told of its offer, which is no limit of ours") {
    const Diagnosis diagnosis = unanswered_http1(http2_tried(tls::ProbeAnswer::Kind::accepted, "SETTINGS"), "", false);
    CHECK(diagnosis.title.contains("speaks HTTP/2 (tried); to this request over HTTP/1.1 it gave no answer"));
    CHECK_FALSE(problem_in(diagnosis).our_limit);
    CHECK(problem_in(diagnosis).detail.contains("The client offered http/1.1, and so did whytls;"));
    CHECK(problem_in(diagnosis).fixes.front().text.contains("offer h2"));
    CHECK(value_of(diagnosis, "protocols offered (ALPN)") == "http/1.1");
}

TEST_CASE("HTTP/2 in answer to HTTP/1.1 is our limit without TLS, and the server's doing where it agreed otherwise") {
    Attempt attempt;
    attempt.host = "grpc.example.com";
    attempt.port = 50051;
    attempt.request_sent = true;
    HttpFailure failure;
    failure.kind = HttpFailure::Kind::not_http;
    failure.first_bytes = std::string("\0\0\0\4\0\0\0\0\0", 9);
    attempt.failure = failure;
    attempt.tls = false;
    const Diagnosis plain = explain(attempt);
    CHECK(plain.code == Code::upstream_http_error);
    CHECK(plain.title.contains("grpc.example.com:50051 answered in HTTP/2 to a request in HTTP/1.1"));
    CHECK(problem_in(plain).our_limit);
    CHECK(problem_in(plain).fixes.front().command.ends_with("--http2-prior-knowledge"));
    attempt.tls = true;
    attempt.handshake.emplace().alpn = "http/1.1";
    const Diagnosis agreed = explain(attempt);
    CHECK_FALSE(problem_in(agreed).our_limit);
    CHECK(value_of(agreed, "agreed on (ALPN)") == "http/1.1");
    CHECK(problem_in(agreed).fixes.front().actor == Actor::server);
}

TEST_CASE("a server that does not speak HTTP/2 either is told of as before, with what was tried") {
    using Kind = tls::ProbeAnswer::Kind;
    for (const auto& [kind, words] : {std::pair(Kind::alert, "alert "), std::pair(Kind::closed, "closed"),
                                      std::pair(Kind::accepted, "agreed to no protocol")}) {
        const Diagnosis diagnosis = unanswered_http1(http2_tried(kind));
        CHECK(diagnosis.title.contains("closed the connection before its response was complete"));
        CHECK_FALSE(problem_in(diagnosis).our_limit);
        CHECK(value_of(diagnosis, "its HTTP/2 (tried)").starts_with("does not answer either: " + std::string(words)));
    }
}

TEST_CASE("where HTTP/2 could not be tried, that it may be all that the server takes is said as a guess") {
    const Diagnosis diagnosis = unanswered_http1(std::nullopt);
    CHECK(problem_in(diagnosis).detail.contains("a server that takes HTTP/2 only may do so"));
    CHECK(problem_in(diagnosis).fixes.back().command.ends_with("--http2"));
}
