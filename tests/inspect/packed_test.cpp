#include "inspect/flow/packed.h"

#include <string>

#include "inspect/report/flow_document.h"
#include "tests/support/catch.h"

using namespace inspect;

namespace {

http::WebSocketSummary conversation() {
    http::WebSocketSummary made;
    made.client.text = 3;
    made.server.bytes = 99;
    made.closed_by = http::WebSocketPeer::server;
    made.close = {.code = 1001, .reason = "going"};
    made.broken = true;
    return made;
}

Flow flow() {
    return {.id = "7-2",
            .client = "127.0.0.1:50000",
            .method = "POST",
            .url = "https://api.example.com/a?token=x",
            .time = {1'796'000'000},
            .host = "api.example.com",
            .port = 443,
            .reached = true,
            .parent = "proxy.example:3128",
            .protocol = "h2",
            .server_protocol = "http/1.1",
            .status = 502,
            .page = true,
            .request_bytes = 11,
            .response_bytes = 12,
            .first_byte_ms = 1.5,
            .total_ms = 2.5,
            .code = diagnosis::Code::expired,
            .let_through = diagnosis::Code::hostname_mismatch,
            .stopped = true,
            .idle_seconds = 60.0,
            .repeated = true,
            .no_close_notify = true,
            .remark = "a remark that is longer than what a string holds by itself",
            .mended = {http::Mend::line_feeds, http::Mend::folded_field},
            .websocket = conversation()};
}

Record full(std::size_t content) {
    Record made;
    made.kind = Record::Kind::upstream_handshake;
    made.number = 17;
    made.complete = made.replayed = made.imported = true;
    made.began_ms = 1234.5;
    made.unix_ms = 1'796'000'000'123;
    made.flow = flow();
    made.program = "curl";
    made.request = {.method = "POST", .target = "/a?token=x", .version = {1, 0}, .fields = {}};
    made.request->fields.add("X-Empty", "");
    made.request->fields.add("accept", "*/*");
    made.response = {.status = 502, .reason = "Bad Gateway", .version = {1, 1}, .fields = {}};
    made.response->fields.add("Via", "1.1 one");
    made.response->fields.add("Via", "1.1 two");
    made.request_trailers.add("Sum", "1");
    made.response_trailers.add("Sum", "2");
    made.request_content = {.bytes = std::string("a\0b", 3), .size = 5, .whole = false};
    made.response_content = {.bytes = std::string(content, 'x'), .size = content, .whole = true};
    made.messages = {{true, "text", 3.5, 4, "ping", true}, {false, "binary", 4.5, 0, "", false}};
    made.messages_left_out = 9;
    made.client =
        std::make_shared<const ClientLeg>(ClientLeg{.version = "TLSv1.3", .cipher = "", .alpn = "", .sni = "a"});
    made.server = std::make_shared<const ServerLeg>();
    made.own = std::make_shared<const diagnosis::Diagnosis>();
    return made;
}

bool is_same(const KeptMessage& a, const KeptMessage& b) {
    return a.from_client == b.from_client && a.kind == b.kind && a.at_ms == b.at_ms && a.size == b.size &&
           a.payload == b.payload && a.compressed == b.compressed;
}

void check_same_head(const Record& a, const Record& b) {
    CHECK(a.kind == b.kind);
    CHECK(a.number == b.number);
    CHECK(a.imported == b.imported);
    CHECK(a.began_ms == b.began_ms);
    CHECK(a.unix_ms == b.unix_ms);
    CHECK(a.request->version == b.request->version);
    CHECK(a.request->fields == b.request->fields);
    CHECK(a.response->reason == b.response->reason);
    CHECK(a.response->fields == b.response->fields);
    CHECK(a.request_content.size == b.request_content.size);
    CHECK(a.request_content.whole == b.request_content.whole);
    CHECK(a.flow.idle_seconds == b.flow.idle_seconds);
    CHECK(a.flow.page == b.flow.page);
    CHECK(a.flow.mended == b.flow.mended);
    CHECK(a.flow.websocket->close == b.flow.websocket->close);
    CHECK(a.flow.websocket->server == b.flow.websocket->server);
    CHECK(a.client == b.client);
    CHECK(a.server == b.server);
    CHECK(a.own == b.own);
    CHECK(report::row_json(a, {}) == report::row_json(b, {}));
}

}  // namespace

TEST_CASE("a packed record gives back what was packed, whether its contents are small or large") {
    for (const std::size_t content : {0, 10, 100'000}) {
        const Record before = full(content);
        const Record after = PackedRecord(full(content)).record();
        Record shared = after;  // what flows share was made twice
        shared.client = before.client, shared.server = before.server, shared.own = before.own;
        check_same_head(shared, before);
        CHECK(after.client->sni == "a");
        CHECK(after.request_content.bytes == before.request_content.bytes);
        CHECK(after.response_content.bytes == before.response_content.bytes);
        CHECK(std::ranges::equal(after.messages, before.messages, is_same));
        CHECK(report::document_json(shared, {}) == report::document_json(before, {}));
    }
}

TEST_CASE("a packed record without members that may be absent has none of them") {
    Record before;
    before.number = 1;
    const Record after = PackedRecord(std::move(before)).record();
    CHECK(!after.request);
    CHECK(!after.response);
    CHECK(!after.flow.websocket);
    CHECK(!after.flow.idle_seconds);
    CHECK(after.messages.empty());
    CHECK(after.server == nullptr);
}

TEST_CASE("a record without contents says how large they are") {
    for (const std::size_t content : {10, 100'000}) {
        const Record row = PackedRecord(full(content)).without_contents();
        CHECK(row.response_content.bytes.empty());
        CHECK(row.response_content.size == content);
        CHECK(row.response_content.whole);
        CHECK(row.messages.empty());
        CHECK(row.messages_left_out == 9);
    }
}

TEST_CASE("a packed record whose contents are dropped takes less, and says that they are not whole") {
    for (const std::size_t content : {10, 100'000}) {
        PackedRecord packed{full(content)};
        const PackedRecord copy = packed;
        packed.drop_contents();
        const Record after = packed.record();
        CHECK(packed.size() + content < copy.size());
        CHECK(after.response_content.bytes.empty());
        CHECK_FALSE(after.response_content.whole);
        CHECK(after.messages.empty());
        CHECK(after.messages_left_out == 11);
        CHECK(after.flow.url == flow().url);
        CHECK(copy.record().response_content.bytes.size() == content);
    }
}

TEST_CASE("contents that never were stay whole when contents are dropped") {
    Record made;
    made.response_content = {.bytes = "x", .size = 1, .whole = true};
    PackedRecord packed(std::move(made));
    packed.drop_contents();
    CHECK(packed.record().request_content.whole);
    CHECK_FALSE(packed.record().response_content.whole);
}
