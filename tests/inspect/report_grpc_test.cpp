#include "inspect/report/grpc.h"

#include "certs/pem.h"
#include "inspect/report/print/escape.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::report;
using inspect::diagnosis::explain;

namespace {

std::string percent_decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        result += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
        i += 2;
    }
    return result;
}

}  // namespace

TEST_CASE("a gRPC request is known by its content type, whatever its messages are encoded in") {
    CHECK(grpc_form("application/grpc") == GrpcForm::trailers_only);
    CHECK(grpc_form("application/grpc+proto") == GrpcForm::trailers_only);
    CHECK(grpc_form("Application/gRPC; charset=utf-8") == GrpcForm::trailers_only);
    CHECK(grpc_form("application/grpc-web") == GrpcForm::web);
    CHECK(grpc_form("application/grpc-web+json ; a=b") == GrpcForm::web);
    CHECK(grpc_form("application/grpc-web-text+proto") == GrpcForm::web_text);
    for (const std::string_view other :
         {"", "application/json", "application/grpcx", "application/grpc-web-texts", "text/grpc"})
        CHECK_FALSE(grpc_form(other));
}

TEST_CASE("a gRPC client gets status 14 in the head, and title and fix as its message") {
    const GrpcAnswer answer = grpc(explain(tests::cloudfront()), GrpcForm::trailers_only);
    CHECK(answer.content_type == "application/grpc");
    CHECK(answer.status == "14");
    CHECK(answer.body.empty());
    CHECK(answer.message.starts_with(
        "The certificate is genuine, but it is for *.cloudfront.net and cloudfront.net, not for api.example.com "
        "[hostname_mismatch] On the server: Add the host api.example.com"));
}

TEST_CASE("a gRPC client gets the whole report as far as its metadata has room") {
    const auto diagnosis = explain(tests::cloudfront());
    for (const Detail detail : {Detail::full, Detail::brief}) {
        const GrpcAnswer answer = grpc(diagnosis, GrpcForm::trailers_only, detail);
        CHECK(answer.message.size() + answer.report.size() <= 7000);
        certs::ByteVector text;
        REQUIRE(certs::decode_base64(answer.report, text));
        CHECK(certs::as_text(text).contains("\"code\":\"hostname_mismatch\""));
    }
    CHECK(grpc(diagnosis, GrpcForm::web).report.empty());
}

TEST_CASE("what is not printable ASCII, and the percent sign, is percent-encoded in the message") {
    auto diagnosis = explain(tests::cloudfront());
    diagnosis.title = "caf\xC3\xA9 100% \n";
    diagnosis.problems.front().fixes.clear();
    const std::string message = grpc_message(diagnosis);
    CHECK(message == "caf%C3%A9 100%25 %EF%BF%BD [hostname_mismatch]");
    CHECK(percent_decoded(message) == "caf\xC3\xA9 100% \xEF\xBF\xBD [hostname_mismatch]");
}

TEST_CASE("gRPC-Web gets the trailers as a frame of the body, in base64 for its text form") {
    const auto diagnosis = explain(tests::cloudfront());
    const GrpcAnswer web = grpc(diagnosis, GrpcForm::web);
    CHECK(web.content_type == "application/grpc-web");
    CHECK(web.status.empty());
    REQUIRE(web.body.size() > 5);
    CHECK(web.body[0] == '\x80');
    std::size_t size = 0;
    for (std::size_t i = 1; i < 5; ++i) size = size << 8 | static_cast<unsigned char>(web.body[i]);
    CHECK(size == web.body.size() - 5);
    CHECK(web.body.substr(5) == "grpc-status:14\r\ngrpc-message:" + grpc_message(diagnosis) + "\r\n");

    const GrpcAnswer text = grpc(diagnosis, GrpcForm::web_text);
    CHECK(text.content_type == "application/grpc-web-text");
    certs::ByteVector decoded;
    REQUIRE(certs::decode_base64(text.body, decoded));
    CHECK(certs::as_text(decoded) == web.body);
}

TEST_CASE("--detail holds for gRPC too: brief has no fix, off has nothing of the cause") {
    const auto diagnosis = explain(tests::cloudfront());
    CHECK(grpc_message(diagnosis, Detail::brief) == "The certificate is not for this host [hostname_mismatch]");
    CHECK(grpc_message(diagnosis, Detail::off) == "Bad Gateway");
}

TEST_CASE("every code's message is a field value of at most 4,096 bytes") {
    for (const auto& one : tests::all_cases()) {
        const std::string message = grpc_message(explain(one.attempt));
        INFO(one.code << ": " << message);
        CHECK(message.size() <= 4096);
        CHECK(std::ranges::all_of(message, [](char c) { return c >= 0x20 && c < 0x7F; }));
    }
}
