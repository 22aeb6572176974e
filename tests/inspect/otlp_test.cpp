#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "inspect/content/coding.h"
#include "inspect/content/gzip.h"
#include "inspect/content/protobuf.h"
#include "inspect/content/protobuf_writer.h"
#include "inspect/otlp/export_request.h"
#include "inspect/otlp/trace_context.h"
#include "inspect/otlp/translator.h"
#include "tests/inspect/har_records.h"
#include "tests/support/catch.h"

using namespace inspect;
using namespace inspect::otlp;

namespace {

constexpr std::string_view parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

std::string shown(const TraceParent& from) {
    return fmt::format("{} {} {}", certs::hex(from.context.trace), certs::hex(from.context.span), from.flags);
}

std::string parsed(std::string_view value) {
    const auto found = parse_trace_parent(value);
    return found ? shown(*found) : "none";
}

std::string text_of(const Attributes& list, std::string_view key) {
    const auto found = std::ranges::find(list, key, &Attribute::key);
    if (found == list.end()) return "absent";
    if (const auto* text = std::get_if<std::string>(&found->value)) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&found->value)) return std::to_string(*number);
    return std::get<bool>(found->value) ? "true" : "false";
}

Translator translator() { return {"seed", report::Secrets{{"token"}, false}}; }

Record named(Record record, const std::string& connection) {
    auto server = std::make_shared<ServerLeg>(*record.server);
    server->connection = connection;
    record.server = server;
    return record;
}

std::string protobuf(const content::ProtobufWriter& writer) {
    return content::protobuf_text(content::read_protobuf(certs::as_bytes(writer.text())).fields);
}

}  // namespace

TEST_CASE("a traceparent names a trace and a span; what is malformed names none (W3C Trace Context §3.2.2)") {
    const std::string ids = "0af7651916cd43dd8448eb211c80319c b7ad6b7169203331 ";
    CHECK(parsed(parent) == ids + "1");
    CHECK(parsed("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00") == ids + "0");
    CHECK(parsed("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what the future will be like") == ids + "1");
    for (const char* wrong : {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                              "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                              "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                              "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.",
                              "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                              "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                              "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                              "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                              "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01"}) {
        CAPTURE(wrong);
        CHECK(parsed(wrong) == "none");
    }
}

TEST_CASE("of several traceparents none is followed; several tracestates are one") {
    http::Fields fields;
    CHECK_FALSE(trace_parent_of(fields));
    fields.add("Traceparent", parent);
    fields.add("tracestate", "a=1");
    fields.add("tracestate", "b=2");
    REQUIRE(trace_parent_of(fields));
    CHECK(trace_parent_of(fields)->state == "a=1,b=2");
    fields.add("tracestate", std::string(600, 'x'));
    CHECK(trace_parent_of(fields)->state.empty());
    fields.add("traceparent", parent);
    CHECK_FALSE(trace_parent_of(fields));
}

TEST_CASE("a request is a span of kind SERVER, and the handshake that it needed one of kind CLIENT below it") {
    Translator made = translator();
    const Told told = made.tell(tests::answered());
    REQUIRE(told.spans.size() == 2);
    const Span &handshake = told.spans[0], &request = told.spans[1];
    CHECK(request.kind == SpanKind::server);
    CHECK(request.name == "GET");
    CHECK_FALSE(request.parent);
    CHECK_FALSE(request.failed);
    CHECK(request.end - request.start == 75'500'000);
    CHECK(text_of(request.attributes, "url.full") == "https://api.example.com/v1?a=1&token=***");
    CHECK(text_of(request.attributes, "url.query") == "a=1&token=***");
    CHECK(text_of(request.attributes, "network.protocol.version") == "2");
    CHECK(text_of(request.attributes, "tls.protocol.version") == "1.3");
    CHECK(text_of(request.attributes, "error.type") == "absent");
    CHECK(handshake.kind == SpanKind::client);
    CHECK(handshake.parent == request.context.span);
    CHECK(handshake.context.trace == request.context.trace);
    CHECK(handshake.start - request.start ==
          13'750'000);  // opened after 2 ms, then 1.5 ms of DNS and 10.25 ms to connect
    CHECK(handshake.end - handshake.start == 20'000'000);
    CHECK(text_of(handshake.attributes, "network.peer.address") == "2001:db8::1");
    CHECK(text_of(handshake.attributes, "network.peer.port") == "443");
    CHECK(text_of(handshake.attributes, "tls.established") == "true");
}

TEST_CASE("a connection's handshake is told once, and later requests link to it") {
    Translator made = translator();
    const Told first = made.tell(tests::answered()), second = made.tell(tests::posted());
    REQUIRE(second.spans.size() == 1);
    CHECK(second.spans[0].links == std::vector{first.spans[0].context});
    CHECK(second.spans[0].context.trace != first.spans[0].context.trace);
}

TEST_CASE("a client's traceparent is the request's parent, and its flags are kept") {
    Record record = tests::answered();
    record.request->fields.add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
    Translator made = translator();
    const Told told = made.tell(record);
    for (const Span& each : told.spans) {
        CHECK(certs::hex(each.context.trace) == "0af7651916cd43dd8448eb211c80319c");
        CHECK(each.flags == 0);
    }
    REQUIRE(told.spans[1].parent);
    CHECK(certs::hex(*told.spans[1].parent) == "b7ad6b7169203331");
    CHECK(told.spans[1].remote_parent);
    CHECK_FALSE(told.spans[0].remote_parent);
}

TEST_CASE("a failed handshake waits for the request that it failed, and is told without one only later") {
    Translator made = translator();
    CHECK(made.tell(named(tests::failed_handshake(), "9")).spans.empty());
    CHECK(made.holds_some());
    const Told told = made.tell(named(tests::failed(), "9"));
    CHECK_FALSE(made.holds_some());
    REQUIRE(told.spans.size() == 2);
    REQUIRE(told.logs.size() == 2);
    CHECK(told.spans[0].parent == told.spans[1].context.span);
    for (std::size_t at : {0, 1}) {
        CHECK(told.spans[at].failed);
        CHECK(text_of(told.spans[at].attributes, "error.type") == "hostname_mismatch");
        CHECK(told.logs[at].context == told.spans[at].context);
        CHECK(told.logs[at].severity == Severity::error);
        CHECK(told.logs[at].body.ends_with("[hostname_mismatch]"));
    }
    CHECK(told.spans[1].message == told.spans[0].message);

    CHECK(made.tell(named(tests::failed_handshake(), "10")).spans.empty());
    CHECK(made.settle(false).spans.empty());
    const Told late = made.settle(false);
    REQUIRE(late.spans.size() == 1);
    CHECK_FALSE(late.spans[0].parent);
    CHECK(late.logs.size() == 1);
    const Told after = made.tell(named(tests::failed(), "10"));
    REQUIRE(after.spans.size() == 1);
    CHECK(after.spans[0].links == std::vector{late.spans[0].context});

    CHECK(made.tell(named(tests::failed_handshake(), "11")).spans.empty());
    CHECK(made.settle(true).spans.size() == 1);
}

TEST_CASE("handshakes that wait for a request are bounded, and none of them is lost") {
    Translator made = translator();
    std::size_t spans = 0;
    for (int number = 0; number < 2'500; ++number)
        spans += made.tell(named(tests::failed_handshake(), std::to_string(number))).spans.size();
    CHECK(spans == 2'000);
    CHECK(made.settle(true).spans.size() == 500);
}

TEST_CASE("a client that refuses the handshake is a span of kind SERVER and a log record") {
    Record record = tests::refused_by_client();
    record.flow.code = diagnosis::Code::client_untrusted_ca;
    Translator made = translator();
    const Told told = made.tell(record);
    REQUIRE(told.spans.size() == 1);
    CHECK(told.spans[0].kind == SpanKind::server);
    CHECK(told.spans[0].failed);
    CHECK(told.spans[0].message == "The client does not trust whytls's CA");
    CHECK(text_of(told.spans[0].attributes, "error.type") == "client_untrusted_ca");
    REQUIRE(told.logs.size() == 1);
    CHECK(told.logs[0].event == "whytls.client_handshake");
}

TEST_CASE("a server's error is one of the span; a client's is not") {
    for (const auto& [status, type] : {std::pair{404, "absent"}, {500, "500"}, {599, "599"}}) {
        Record record = tests::answered();
        record.flow.status = status;
        Translator made = translator();
        const Span span = made.tell(record).spans[1];
        CHECK(span.failed == (status >= 500));
        CHECK(span.message.empty());
        CHECK(text_of(span.attributes, "error.type") == type);
    }
}

TEST_CASE("a URL has its parts, a path alone is one, and a tunnel's authority none") {
    for (const auto& [url, full, path, query] :
         {std::array{"http://a.test", "http://a.test", "/", "absent"},
          {"http://a.test?x", "http://a.test?x", "/", "x"},
          {"http://u:p@a.test:81/b?token=1&t=2", "http://***@a.test:81/b?token=***&t=2", "/b", "token=***&t=2"},
          {"/b?u=http://c.test/", "absent", "/b", "u=http://c.test/"},
          {"a.test:443", "absent", "absent", "absent"}}) {
        CAPTURE(url);
        Record record = tests::answered();
        record.flow.url = url;
        Translator made = translator();
        const Attributes list = made.tell(record).spans[1].attributes;
        CHECK(text_of(list, "url.full") == full);
        CHECK(text_of(list, "url.path") == path);
        CHECK(text_of(list, "url.query") == query);
    }
}

TEST_CASE("ids are those of the run: another seed has others") {
    Translator one("one", {}), other("other", {});
    const Told of_one = one.tell(tests::answered()), of_other = other.tell(tests::answered());
    CHECK_FALSE(of_one.spans[1].context == of_other.spans[1].context);
    CHECK_FALSE(of_one.spans[0].context.span == of_one.spans[1].context.span);
}

TEST_CASE("any record can be told, and what is told can be encoded") {
    Translator made = translator();
    std::vector<std::string> items;
    for (Record& record : tests::all_records()) {
        record.flow.url += std::string("\xff\0\n", 3) + std::string(100'000, 'x');
        record.flow.client = "no endpoint";
        const Told told = made.tell(record);
        for (const Span& each : told.spans) items.push_back(encoded(each));
        for (const LogRecord& each : told.logs) items.push_back(encoded(each));
    }
    (void)made.tell({});
    for (const std::string& each : items) {
        CHECK(content::read_protobuf(certs::as_bytes(each)).end == content::Protobuf::End::complete);
        CHECK(each.size() < 50'000);
    }
    const std::string request = export_request({{"service.name", "whytls"}}, "1.0", items);
    CHECK(content::read_protobuf(certs::as_bytes(request)).end == content::Protobuf::End::complete);
}

TEST_CASE("Protocol Buffers are written as its documentation has them") {
    // https://protobuf.dev/programming-guides/encoding/
    CHECK(content::ProtobufWriter().varint(1, 150).text() == "\x08\x96\x01");
    CHECK(content::ProtobufWriter().bytes(2, "testing").text() == "\x12\x07testing");
    CHECK(protobuf(content::ProtobufWriter()
                       .varint(16, UINT64_MAX)
                       .fixed32(3, 7)
                       .fixed64(4, 1)
                       .real(5, 1.5)
                       .message(6, content::ProtobufWriter().varint(1, 1))) ==
          "16: 18446744073709551615\n3: 0x00000007\n4: 0x0000000000000001\n5: 0x3ff8000000000000\n6 {\n  1: 1\n}\n");
}

TEST_CASE("what is coded with gzip is decoded to itself") {
    for (const std::string& text : {std::string(), std::string("hello"), std::string(3'000'000, 'x')}) {
        const auto decoded = content::decode("gzip", certs::as_bytes(content::gzip(text)), 4'000'000);
        CHECK(decoded.end == content::End::complete);
        CHECK((decoded.text == text));
    }
}

TEST_CASE("what a collector says beside its status is read as far as it can be") {
    const auto response = [](std::string_view bytes) { return read_export_response(certs::as_bytes(bytes)); };
    CHECK(response("") == ExportResponse{});
    const std::string partial =
        content::ProtobufWriter()
            .varint(9, 1)
            .message(1, content::ProtobufWriter().varint(1, 7).bytes(2, "message").fixed64(3, 1))
            .text();
    CHECK(response(partial) == ExportResponse{7, "message"});
    CHECK(response(partial.substr(0, partial.size() - 1)) == ExportResponse{});
    CHECK(response("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff") == ExportResponse{});
    CHECK(response(content::ProtobufWriter().message(1, content::ProtobufWriter().varint(1, UINT64_MAX)).text()) ==
          ExportResponse{});
    CHECK(read_status(certs::as_bytes(content::ProtobufWriter().varint(1, 3).bytes(2, "bad").text())) == "bad");
    CHECK(read_status({}).empty());
}
