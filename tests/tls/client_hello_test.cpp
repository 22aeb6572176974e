#include "tls/client_hello.h"

#include "wire.h"

using namespace tls_test;
using tls::Peek;

namespace {

void put_extension(certs::ByteVector& extensions, std::uint16_t type, certs::Bytes body) {
    extensions.insert(extensions.end(), {static_cast<std::uint8_t>(type >> 8), static_cast<std::uint8_t>(type & 0xff)});
    put_vector(extensions, 2, body);
}

certs::ByteVector server_name(std::string_view host) {
    certs::ByteVector list = {0}, body;
    put_vector(list, 2, certs::as_bytes(host));
    put_vector(body, 2, list);
    return body;
}

certs::ByteVector hello_message(certs::Bytes extensions) {
    certs::ByteVector body = {3, 3};
    body.insert(body.end(), 32, 0x11);
    body.push_back(0);
    put_vector(body, 2, from_hex("0a0a13011302"));
    put_vector(body, 1, from_hex("00"));
    put_vector(body, 2, extensions);
    return message(1, body);
}

certs::ByteVector usual_hello() {
    certs::ByteVector extensions;
    put_extension(extensions, 0, server_name("www.example.org"));
    put_extension(extensions, 10, from_hex("0006dada001d0017"));
    put_extension(extensions, 16, from_hex("000c02683208687474702f312e31"));
    put_extension(extensions, 43, from_hex("06eaea03040303"));
    put_extension(extensions, 0x1a1a, {});
    return hello_message(extensions);
}

void require_usual(const tls::PeekResult& result) {
    REQUIRE(result.state == Peek::complete);
    CHECK(result.hello.sni == "www.example.org");
    CHECK(result.hello.alpn == std::vector<std::string>{"h2", "http/1.1"});
    CHECK(result.hello.version == 0x0304);
    CHECK(result.hello.ciphers == std::vector<std::uint16_t>{0x0a0a, 0x1301, 0x1302});
    CHECK(result.hello.groups == std::vector<std::uint16_t>{0xdada, 0x001d, 0x0017});
}

}  // namespace

TEST_CASE("a ClientHello is understood with names, protocols, versions, ciphers and groups") {
    require_usual(tls::peek_client_hello(record(22, 0x0301, usual_hello())));
}

TEST_CASE("a ClientHello is complete with its last byte and not before, and what follows does not matter") {
    certs::ByteVector wire = record(22, 0x0301, usual_hello());
    for (std::size_t size = 0; size < wire.size(); ++size) {
        REQUIRE(tls::peek_client_hello(certs::Bytes(wire).first(size)).state == Peek::need_more);
    }
    for (const std::uint8_t byte : {0, 22, 255}) {
        certs::ByteVector longer = wire;
        longer.insert(longer.end(), 70'000, byte);
        require_usual(tls::peek_client_hello(longer));
    }
}

TEST_CASE("a ClientHello may be split into records anywhere") {
    const certs::ByteVector hello = usual_hello();
    for (std::size_t cut = 1; cut < hello.size(); ++cut) {
        certs::ByteVector wire = record(22, 0x0301, certs::Bytes(hello).first(cut));
        const certs::ByteVector rest = record(22, 0x0301, certs::Bytes(hello).subspan(cut));
        wire.insert(wire.end(), rest.begin(), rest.end());
        require_usual(tls::peek_client_hello(wire));
    }
    certs::ByteVector wire;
    for (const std::uint8_t byte : hello) {
        const certs::ByteVector one = record(22, 0x0301, {&byte, 1});
        wire.insert(wire.end(), one.begin(), one.end());
    }
    require_usual(tls::peek_client_hello(wire));
}

TEST_CASE("the first byte that rules out a ClientHello decides") {
    const certs::ByteVector wire = record(22, 0x0301, usual_hello());
    struct Wrong {
        std::size_t at;
        std::uint8_t byte;
    };
    const Wrong wrongs[] = {{0, 'G'}, {0, 21}, {0, 23}, {0, 0x80}, {1, 2}, {1, 4}, {2, 5}, {3, 0x41}, {5, 2}, {6, 1}};
    for (const Wrong& wrong : wrongs) {
        certs::ByteVector changed = wire;
        changed[wrong.at] = wrong.byte;
        INFO("byte " << wrong.at);
        CHECK(tls::peek_client_hello(certs::Bytes(changed).first(wrong.at)).state == Peek::need_more);
        CHECK(tls::peek_client_hello(certs::Bytes(changed).first(wrong.at + 1)).state == Peek::not_tls);
        CHECK(tls::peek_client_hello(changed).state == Peek::not_tls);
    }
    CHECK(tls::peek_client_hello(from_hex("1603010000")).state == Peek::not_tls);
    CHECK(tls::peek_client_hello(from_hex("1603014001")).state == Peek::not_tls);
}

TEST_CASE("a complete ClientHello whose lengths disagree is not TLS") {
    const certs::ByteVector hello = usual_hello();
    const auto state = [](certs::ByteVector message) {
        return tls::peek_client_hello(record(22, 0x0301, message)).state;
    };
    REQUIRE(state(hello) == Peek::complete);
    for (const std::size_t at : {std::size_t{38}, std::size_t{40}, std::size_t{47}, std::size_t{50}}) {
        certs::ByteVector changed = hello;
        changed[at] += 1;
        INFO("byte " << at);
        CHECK(state(changed) == Peek::not_tls);
    }
    certs::ByteVector twice;
    put_extension(twice, 0, server_name("a.example"));
    put_extension(twice, 0, server_name("b.example"));
    CHECK(state(hello_message(twice)) == Peek::not_tls);
    certs::ByteVector empty_name;
    put_extension(empty_name, 16, from_hex("000100"));
    CHECK(state(hello_message(empty_name)) == Peek::not_tls);
}

TEST_CASE("a ClientHello without extensions offers its legacy version") {
    certs::ByteVector body = {3, 1};
    body.insert(body.end(), 32, 0x11);
    body.push_back(0);
    put_vector(body, 2, from_hex("002f"));
    put_vector(body, 1, from_hex("00"));
    const tls::PeekResult result = tls::peek_client_hello(record(22, 0x0301, message(1, body)));
    REQUIRE(result.state == Peek::complete);
    CHECK(result.hello.version == 0x0301);
    CHECK(result.hello.sni.empty());
}

TEST_CASE("no more than 64 KiB are looked at") {
    certs::ByteVector wire;
    const certs::ByteVector begin = record(22, 0x0301, from_hex("0100ffff"));
    wire.insert(wire.end(), begin.begin(), begin.end());
    const std::uint8_t filler = 7;
    while (wire.size() < 65'536) {
        const certs::ByteVector one = record(22, 0x0301, {&filler, 1});
        wire.insert(wire.end(), one.begin(), one.end());
    }
    CHECK(tls::peek_client_hello(certs::Bytes(wire).first(65'535)).state == Peek::need_more);
    CHECK(tls::peek_client_hello(certs::Bytes(wire).first(65'536)).state == Peek::not_tls);
}
