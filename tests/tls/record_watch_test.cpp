#include "tls/record_watch.h"

#include "tls/certificate_message.h"
#include "wire.h"

using namespace tls_test;
using tls::Milestone;

namespace {

certs::ByteVector flight_of_a_1_2_server() {
    certs::ByteVector messages = server_hello(0x0303, 0xc02b);
    for (const certs::ByteVector& more : {certificate_message({leaf()}), message(13, from_hex("0101000000"))}) {
        messages.insert(messages.end(), more.begin(), more.end());
    }
    return messages;
}

void require_seen(const tls::RecordWatch& watch) {
    CHECK(watch.reached() == Milestone::certificate_request);
    CHECK(watch.server_version() == 0x0303);
    CHECK(watch.server_cipher() == 0xc02b);
    const auto chain = tls::certificates_in(watch.certificate_message(), false);
    REQUIRE(chain);
    REQUIRE(chain->size() == 1);
    CHECK(certs::ByteVector(chain->front().begin(), chain->front().end()) == leaf());
}

}  // namespace

TEST_CASE("what a TLS 1.2 server says in the clear is seen however it comes") {
    const certs::ByteVector messages = flight_of_a_1_2_server();
    const certs::ByteVector wire = record(22, 0x0303, messages);
    tls::RecordWatch whole;
    whole.take(wire);
    require_seen(whole);
    tls::RecordWatch bytes;
    for (const std::uint8_t byte : wire) bytes.take({&byte, 1});
    require_seen(bytes);
    for (std::size_t cut = 1; cut < messages.size(); cut += 7) {
        tls::RecordWatch records;
        records.take(record(22, 0x0303, certs::Bytes(messages).first(cut)));
        records.take(record(22, 0x0303, certs::Bytes(messages).subspan(cut)));
        require_seen(records);
    }
}

TEST_CASE("the first byte that no TLS record begins with decides, and 512 bytes are kept") {
    tls::RecordWatch watch;
    watch.take(certs::as_bytes("S"));
    CHECK(watch.not_tls());
    watch.take(certs::as_bytes("SH-2.0-OpenSSH_9.2\r\n"));
    CHECK(watch.first_bytes() == "SSH-2.0-OpenSSH_9.2\r\n");
    watch.take(certs::ByteVector(10'000, 'x'));
    CHECK(watch.first_bytes().size() == 512);
}

TEST_CASE("bytes after a valid record are no evidence of another protocol") {
    tls::RecordWatch watch;
    watch.take(from_hex("15030300020170"));
    watch.take(certs::as_bytes("HTTP/1.1 400 Bad Request"));
    CHECK_FALSE(watch.not_tls());
    CHECK(watch.first_bytes().empty());
}

TEST_CASE("a fatal alert in the clear is seen, a warning is passed over") {
    tls::RecordWatch watch;
    watch.take(from_hex("15030300020170"));
    CHECK_FALSE(watch.plaintext_alert());
    watch.take(from_hex("15030100020246"));
    CHECK(watch.plaintext_alert() == 70);
}

TEST_CASE("an alert of two bytes is in the clear even where the rest is encrypted") {
    tls::RecordWatch watch;
    watch.take(record(22, 0x0301, message(1, {})));
    watch.take(record(20, 0x0303, from_hex("01")));
    watch.take(record(21, 0x0303, certs::ByteVector(19, 2)));
    CHECK_FALSE(watch.plaintext_alert());
    watch.take(from_hex("15030300020230"));
    CHECK(watch.plaintext_alert() == 48);
}

TEST_CASE("a HelloRetryRequest hides nothing, a TLS 1.3 ServerHello all that follows") {
    certs::ByteVector retry = {3, 3};
    for (const std::uint8_t byte : from_hex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"))
        retry.push_back(byte);
    for (const std::uint8_t byte : from_hex("00130100"
                                            "0006"
                                            "002b00020304"))
        retry.push_back(byte);
    certs::ByteVector hello = retry;
    hello[2] = 0;
    tls::RecordWatch watch;
    watch.take(record(22, 0x0303, message(2, retry)));
    watch.take(record(20, 0x0303, from_hex("01")));
    CHECK(watch.server_version() == 0x0304);
    tls::RecordWatch other;
    other.take(record(22, 0x0303, message(2, hello)));
    other.take(record(23, 0x0303, from_hex("aabbcc")));
    CHECK(certs::hex(other.encrypted_flight()) == "1703030003aabbcc");
    other.stop_keeping();
    CHECK(other.encrypted_flight().empty());
}

TEST_CASE("the first ServerHello chooses the version, another one does not take it back") {
    tls::RecordWatch watch;
    watch.take(record(22, 0x0303, server_hello(0x030b, 0x1301)));
    watch.take(record(22, 0x0303, server_hello(0x0303, 0xc02b)));
    CHECK(watch.server_version() == 0x030b);
}

TEST_CASE("no more than the limit is kept of an endless flight or message") {
    certs::ByteVector hello = {3, 3};
    hello.insert(hello.end(), 32, 1);
    for (const std::uint8_t byte : from_hex("00130100"
                                            "0006"
                                            "002b00020304"))
        hello.push_back(byte);
    tls::RecordWatch watch;
    watch.take(record(22, 0x0303, message(2, hello)));
    const certs::ByteVector filler = record(23, 0x0303, certs::ByteVector(16'384, 0));
    for (int i = 0; i < 100; ++i) {
        watch.take(filler);
        REQUIRE(watch.encrypted_flight().size() <= tls::RecordWatch::kept_most);
    }
    CHECK(watch.encrypted_flight().empty());
}

TEST_CASE("a Certificate message is read as far as its lengths agree") {
    const auto read = [](std::string_view hex, bool tls_1_3) { return tls::certificates_in(from_hex(hex), tls_1_3); };
    CHECK(read("000000", false)->empty());
    CHECK(read("00"
               "000000",
               true)
              ->empty());
    CHECK(read("000007"
               "000001aa"
               "000000",
               false)
              ->size() == 2);
    CHECK(read("00"
               "00000b"
               "000001aa"
               "0001ff"
               "000000"
               "0000",
               true)
              .has_value() == false);
    CHECK(read("00"
               "00000c"
               "000001aa"
               "0001ff"
               "000000"
               "0000",
               true)
              ->size() == 2);
    CHECK_FALSE(
        read("000008"
             "000001aa"
             "000000",
             false));
    CHECK_FALSE(
        read("000006"
             "000001aa"
             "000000",
             false));
    CHECK_FALSE(read("", false));
    std::string many;
    for (int i = 0; i < 200; ++i) many += "000001aa";
    CHECK(read("000320" + many, false)->size() == tls::listed_certificates_most);
}
