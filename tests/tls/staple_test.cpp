#include <algorithm>

#include "handmade_server.h"
#include "tls/certificate_message.h"
#include "tls/reader.h"
#include "wire.h"

using namespace tls_test;
using tls::FailureKind;
using tls::Progress;
using tls::Session;
using tls::Version;

namespace {

using Staples = std::vector<certs::ByteVector>;
using Messages = std::vector<certs::ByteVector>;

const certs::ByteVector announced = from_hex("00050000");
const certs::ByteVector announcing_hello = server_hello(0x0303, 0xc02b, announced);
const certs::ByteVector certificate = certificate_message({leaf()});
const certs::ByteVector key_exchange = key_exchange_signed_by_nobody();
const certs::ByteVector certificate_request = message(13, from_hex("01400002"
                                                                   "0403"
                                                                   "0000"));
const certs::ByteVector hello_done = message(14, {});

// Not an OCSP response at all; no library would take it for one.
certs::ByteVector garbage(std::size_t size = 300) {
    certs::ByteVector bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + (i >> 8));
    return bytes;
}

certs::ByteVector status_message(certs::Bytes response) { return message(22, certificate_status(response)); }

// TLS 1.3's Certificate, with one certificate for each of these extensions.
certs::ByteVector certificate_1_3(const std::vector<certs::ByteVector>& extensions) {
    certs::ByteVector list;
    for (const certs::ByteVector& of_one : extensions) {
        put_vector(list, 3, leaf());
        put_vector(list, 2, of_one);
    }
    certs::ByteVector body = {0};
    put_vector(body, 3, list);
    return message(11, body);
}
certs::ByteVector status_extension(certs::Bytes response) {
    certs::ByteVector extension = {0, 5};
    put_vector(extension, 2, certificate_status(response));
    return extension;
}
const certs::ByteVector encrypted_extensions = message(8, from_hex("0000"));
const certs::ByteVector request_1_3 = message(13, from_hex("00"
                                                           "0008"
                                                           "000d0004"
                                                           "00020403"));
const certs::ByteVector verify_by_nobody = message(15, from_hex("0403"
                                                                "0008"
                                                                "3006020101020101"));

// A client session that remembers what its judge saw.
struct Watched {
    Staples staples;
    Session session;

    explicit Watched(Version highest, bool ask = true, certs::Verdict verdict = accepted())
        : session(Session::client(tls::ClientContext(Version::tls_1_2, highest), [&] {
              tls::ClientParameters wanted = parameters(verdict);
              wanted.ask_for_staple = ask;
              wanted.judge = [this, verdict](std::span<const certs::Bytes> chain, certs::Bytes staple) {
                  CHECK(chain.size() == 1);
                  staples.emplace_back(staple.begin(), staple.end());
                  return verdict;
              };
              return wanted;
          }())) {
        REQUIRE(session.handshake() == Progress::want_input);
    }
    Watched(const Watched&) = delete;

    Progress take(certs::Bytes wire, std::size_t portion = 1'000'000) {
        Progress progress = Progress::want_input;
        for (std::size_t at = 0; at < wire.size() && progress == Progress::want_input; at += portion) {
            session.feed(wire.subspan(at, std::min(portion, wire.size() - at)));
            progress = session.handshake();
            CHECK(session.unread() == 0);
        }
        return progress;
    }
    FailureKind failure() const { return session.failure().value().kind; }
};

// Each message in pieces of so many bytes. A message's header is never cut: the library treats that
// as an error.
std::vector<certs::Bytes> pieces(const Messages& messages, std::size_t size) {
    std::vector<certs::Bytes> all;
    for (const certs::Bytes one : messages) {
        for (std::size_t at = 0; at < one.size(); at += size)
            all.push_back(one.subspan(at, std::min(size, one.size() - at)));
    }
    return all;
}
certs::ByteVector in_records(const Messages& messages, std::size_t size = 16'384) {
    certs::ByteVector wire;
    for (const certs::Bytes piece : pieces(messages, size)) {
        const certs::ByteVector one = record(22, 0x0303, piece);
        wire.insert(wire.end(), one.begin(), one.end());
    }
    return wire;
}
certs::ByteVector in_records(HandmadeServer& server, const Messages& messages, std::size_t size = 16'000) {
    certs::ByteVector wire = server.hello();
    for (const certs::Bytes piece : pieces(messages, size)) {
        const certs::ByteVector one = server.encrypted(piece);
        wire.insert(wire.end(), one.begin(), one.end());
    }
    return wire;
}

bool asks_for_staple(certs::Bytes client_hello) {
    tls::Reader reader(client_hello.subspan(5 + 4 + 2 + 32));
    reader.vector(1);
    reader.vector(2);
    reader.vector(1);
    tls::Reader extensions(reader.vector(2));
    while (!extensions.at_end()) {
        const std::uint32_t type = extensions.number(2);
        const certs::Bytes body = extensions.vector(2);
        if (type == 5) return certs::hex(body) == "0100000000";  // RFC 6066 §8: ocsp, no responders, no extensions
    }
    return false;
}

// One record that is an alert; in TLS 1.3 two bytes, their type and a tag.
void check_only_an_alert(Session& session, Version version) {
    const certs::ByteVector sent = taken(session);
    const std::size_t length = version == Version::tls_1_2 ? 2 : 2 + 1 + 16;
    REQUIRE(sent.size() == 5 + length);
    CHECK(sent[0] == (version == Version::tls_1_2 ? 21 : 23));
    if (version == Version::tls_1_2) CHECK(sent[6] == 42);
    CHECK(session.failure().value().alert_sent == 42);
}

}  // namespace

TEST_CASE("a client asks for a staple unless it is told not to") {
    REQUIRE(tls::can_ask_for_staple());
    const Version highest = GENERATE(Version::tls_1_2, Version::tls_1_3);
    Watched asking(highest), silent(highest, false);
    CHECK(asks_for_staple(taken(asking.session)));
    CHECK_FALSE(asks_for_staple(taken(silent.session)));
}

TEST_CASE(
    "a staple reaches the judge once in TLS 1.2, whatever it holds and however it is cut, and the handshake goes on") {
    const certs::ByteVector staple = garbage();
    const Messages cut = {announcing_hello, certificate, status_message(staple), key_exchange, hello_done};
    const Messages flight = GENERATE(false, true) ? Messages{together(cut)} : cut;
    for (const std::size_t size : {std::size_t{5}, std::size_t{100}, std::size_t{16'384}}) {
        if (flight.size() == 1 && size < 16'384) continue;
        for (const std::size_t portion : {std::size_t{1}, std::size_t{13}, std::size_t{500}, std::size_t{1'000'000}}) {
            Watched client(Version::tls_1_2);
            REQUIRE(client.take(in_records(flight, size), portion) == Progress::failed);
            CHECK((client.staples == Staples{staple}));
            CHECK(client.failure() == FailureKind::handshake_signature);  // what comes after the CertificateStatus
            CHECK(client.session.handshake_info().stapled);
        }
    }
}

TEST_CASE(
    "a staple reaches the judge once in TLS 1.3, whatever it holds and however it is cut, and the handshake goes on") {
    const certs::ByteVector staple = garbage();
    const Messages cut = {encrypted_extensions, certificate_1_3({status_extension(staple)}), verify_by_nobody};
    const Messages flight = GENERATE(false, true) ? Messages{together(cut)} : cut;
    for (const std::size_t size : {std::size_t{5}, std::size_t{100}, std::size_t{16'000}}) {
        if (flight.size() == 1 && size < 16'000) continue;
        for (const std::size_t portion : {std::size_t{1}, std::size_t{13}, std::size_t{500}, std::size_t{1'000'000}}) {
            Watched client(Version::tls_1_3);
            HandmadeServer server(taken(client.session));
            REQUIRE(client.take(in_records(server, flight, size), portion) == Progress::failed);
            CHECK((client.staples == Staples{staple}));
            CHECK(client.failure() == FailureKind::handshake_signature);
            CHECK(client.session.handshake_info().stapled);
        }
    }
}

TEST_CASE("without a staple the judge gets no bytes") {
    SECTION("TLS 1.2, none announced") {
        Watched client(Version::tls_1_2);
        client.take(
            record(22, 0x0303, together({server_hello(0x0303, 0xc02b), certificate, key_exchange, hello_done})));
        CHECK((client.staples == Staples{certs::ByteVector{}}));
        CHECK(client.failure() == FailureKind::handshake_signature);
        CHECK_FALSE(client.session.handshake_info().stapled);
    }
    SECTION("TLS 1.2, announced and not sent") {
        Watched client(Version::tls_1_2);
        client.take(in_records({announcing_hello, certificate, key_exchange, hello_done},
                               GENERATE(std::size_t{9}, std::size_t{16'384})));
        CHECK((client.staples == Staples{certs::ByteVector{}}));
        CHECK(client.failure() == FailureKind::handshake_signature);
    }
    SECTION("TLS 1.3") {
        Watched client(Version::tls_1_3);
        HandmadeServer server(taken(client.session));
        client.take(in_records(server, {encrypted_extensions, certificate_1_3({{}}), verify_by_nobody}));
        CHECK((client.staples == Staples{certs::ByteVector{}}));
        CHECK(client.failure() == FailureKind::handshake_signature);
    }
    SECTION("from a server of the library's") {
        Watched client(GENERATE(Version::tls_1_2, Version::tls_1_3));
        Session server = Session::server(p256_identity(), {});
        shake_hands(client.session, server, GENERATE(std::size_t{1}, std::size_t{100'000}));
        REQUIRE(client.session.handshake() == Progress::done);
        CHECK((client.staples == Staples{certs::ByteVector{}}));
        CHECK_FALSE(client.session.handshake_info().stapled);
    }
}

TEST_CASE("a staple of an intermediate is not taken for the leaf's") {
    Staples staples;
    tls::ClientParameters wanted = parameters(accepted());
    wanted.judge = [&](std::span<const certs::Bytes> chain, certs::Bytes staple) {
        CHECK(chain.size() == 2);
        staples.emplace_back(staple.begin(), staple.end());
        return accepted();
    };
    const tls::ClientContext context;
    Session client = Session::client(context, wanted);
    client.handshake();
    HandmadeServer server(taken(client));
    const certs::ByteVector own = GENERATE(certs::ByteVector{}, garbage(40));
    const certs::ByteVector extensions = own.empty() ? own : status_extension(own);
    const certs::ByteVector wire = in_records(
        server, {encrypted_extensions, certificate_1_3({extensions, status_extension(garbage(50))}), verify_by_nobody});
    client.feed(wire);
    REQUIRE(client.handshake() == Progress::failed);
    CHECK((staples == Staples{own}));
}

TEST_CASE("a staple that was not asked for, or not announced, is a protocol error") {
    const certs::ByteVector staple = garbage();
    SECTION("TLS 1.2, not announced") {
        Watched client(Version::tls_1_2, GENERATE(true, false));
        client.take(record(
            22, 0x0303,
            together({server_hello(0x0303, 0xc02b), certificate, status_message(staple), key_exchange, hello_done})));
        CHECK(client.failure() == FailureKind::protocol_error);
        CHECK((client.staples == Staples{certs::ByteVector{}}));
    }
    SECTION("TLS 1.2, announced though not asked for") {
        Watched client(Version::tls_1_2, false);
        client.take(record(
            22, 0x0303, together({announcing_hello, certificate, status_message(staple), key_exchange, hello_done})));
        CHECK(client.failure() == FailureKind::protocol_error);
        CHECK_FALSE(client.session.handshake_info().stapled);
    }
    SECTION("TLS 1.3") {
        Watched client(Version::tls_1_3, false);
        HandmadeServer server(taken(client.session));
        client.take(in_records(server, {encrypted_extensions, certificate_1_3({status_extension(staple)})}));
        CHECK(client.failure() == FailureKind::protocol_error);
        CHECK_FALSE(client.session.handshake_info().stapled);
    }
    SECTION("TLS 1.2, sent twice") {
        Watched client(Version::tls_1_2);
        client.take(record(
            22, 0x0303, together({announcing_hello, certificate, status_message(staple), status_message(garbage(9))})));
        CHECK(client.failure() == FailureKind::protocol_error);
        CHECK((client.staples == Staples{staple}));
    }
}

TEST_CASE("nothing is sent before the staple is known, and a refusal then is an alert and no client certificate") {
    SECTION("TLS 1.2") {
        Watched client(Version::tls_1_2, true, refused());
        taken(client.session);
        const certs::ByteVector staple = garbage(20'000);
        const certs::ByteVector status = status_message(staple);
        CHECK(client.take(record(22, 0x0303, together({announcing_hello, certificate}))) == Progress::want_input);
        CHECK(client.take(record(22, 0x0303, certs::Bytes(status).first(status.size() - 1))) == Progress::want_input);
        CHECK(client.staples.empty());
        CHECK(client.session.output().empty());
        const certs::ByteVector rest = together({{status.back()}, key_exchange, certificate_request, hello_done});
        CHECK(client.take(record(22, 0x0303, rest)) == Progress::failed);
        CHECK((client.staples == Staples{staple}));
        CHECK(client.failure() == FailureKind::certificate);
        check_only_an_alert(client.session, Version::tls_1_2);
    }
    SECTION("TLS 1.3") {
        Watched client(Version::tls_1_3, true, refused());
        HandmadeServer server(taken(client.session));
        const certs::ByteVector staple = garbage(20'000);
        const certs::ByteVector flight = together(
            {encrypted_extensions, request_1_3, certificate_1_3({status_extension(staple)}), verify_by_nobody});
        CHECK(client.take(together({server.hello(), server.encrypted(certs::Bytes(flight).first(15'000))})) ==
              Progress::want_input);
        CHECK(client.session.output().empty());
        CHECK(client.take(server.encrypted(certs::Bytes(flight).subspan(15'000))) == Progress::failed);
        CHECK((client.staples == Staples{staple}));
        CHECK(client.failure() == FailureKind::certificate);
        check_only_an_alert(client.session, Version::tls_1_3);
    }
}

TEST_CASE("a server that ends while its staple is awaited is judged without one") {
    Watched client(Version::tls_1_2, true, GENERATE(accepted(), refused()));
    const certs::ByteVector status = status_message(garbage());
    client.take(record(22, 0x0303, together({announcing_hello, certificate, {status.begin(), status.begin() + 100}})));
    CHECK(client.staples.empty());
    client.session.feed_end_of_file(false);
    REQUIRE(client.session.handshake() == Progress::failed);
    CHECK((client.staples == Staples{certs::ByteVector{}}));
    CHECK(client.failure() ==
          (client.session.take_verdict()->accepted() ? FailureKind::closed : FailureKind::certificate));
}

TEST_CASE("an alert instead of the announced staple is heard") {
    Watched client(Version::tls_1_2);
    client.take(together({record(22, 0x0303, together({announcing_hello, certificate})), from_hex("15030300020250")}));
    CHECK(client.failure() == FailureKind::alert);
    CHECK(client.session.failure()->alert_received == 80);
}

TEST_CASE("a staple of a megabyte is taken, a longer one and an endless wait are not") {
    SECTION("as large as the library's messages may be") {
        const certs::ByteVector staple = garbage(1'048'576 - 4);
        Watched client(Version::tls_1_2);
        client.take(in_records({announcing_hello, certificate, status_message(staple), key_exchange, hello_done}));
        CHECK((client.staples == Staples{staple}));
        CHECK(client.failure() == FailureKind::handshake_signature);
    }
    SECTION("announced longer than that") {
        Watched client(Version::tls_1_2);
        CHECK(client.take(record(22, 0x0303, together({announcing_hello, certificate, from_hex("16ffffff")}))) ==
              Progress::failed);
        CHECK((client.staples == Staples{certs::ByteVector{}}));
        CHECK(client.failure() == FailureKind::protocol_error);
    }
    SECTION("in records of one byte each") {
        Watched client(Version::tls_1_2);
        const certs::ByteVector status = status_message(garbage(1'000'000));
        client.take(
            record(22, 0x0303, together({announcing_hello, certificate, {status.begin(), status.begin() + 4}})));
        std::size_t gone = 4;
        while (client.staples.empty() && gone < status.size()) {
            client.take(in_records({{status.begin() + static_cast<std::ptrdiff_t>(gone),
                                     status.begin() + static_cast<std::ptrdiff_t>(gone + 996)}},
                                   1));
            gone += 996;
        }
        CHECK(gone * 6 < 1'200'000);
        CHECK((client.staples == Staples{certs::ByteVector{}}));
    }
}

TEST_CASE("a CertificateStatus is read as far as its lengths agree") {
    const auto response = [](std::string_view hex) {
        const certs::ByteVector bytes = from_hex(hex);
        return certs::hex(tls::ocsp_response_in(bytes));
    };
    CHECK(response("01000002abcd") == "abcd");
    CHECK(response("01000000").empty());
    CHECK(response("02000002abcd").empty());  // RFC 6961's ocsp_multi
    CHECK(response("01000003abcd").empty());
    CHECK(response("01000001abcd").empty());
    CHECK(response("0100").empty());
    CHECK(response("").empty());

    const auto status = [](std::string_view hex) {
        const certs::ByteVector bytes = from_hex(hex);
        return certs::hex(tls::certificate_status_in(bytes));
    };
    CHECK(status("00"
                 "00000c"
                 "000001aa"
                 "0006"
                 "0005"
                 "0002"
                 "abcd") == "abcd");
    CHECK(status("00"
                 "000010"
                 "000001aa"
                 "000a"
                 "0012"
                 "0000"
                 "0005"
                 "0002"
                 "abcd") == "abcd");
    CHECK(status("00"
                 "00000c"
                 "000001aa"
                 "0006"
                 "0005"
                 "0003"
                 "abcd")
              .empty());
    CHECK(status("00"
                 "000006"
                 "000001aa"
                 "0000")
              .empty());
    CHECK(status("00"
                 "000000")
              .empty());
    CHECK(status("").empty());
}
