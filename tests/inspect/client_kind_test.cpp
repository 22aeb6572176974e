#include "inspect/diagnosis/client_kind.h"

#include "tests/support/catch.h"

using namespace inspect::diagnosis;

TEST_CASE("a client is recognised by its User-Agent before its ClientHello") {
    tls::ClientHello grease;
    grease.ciphers = {0x1a1a, 0x1301, 0x1302, 0x1303};
    CHECK(recognise_client("curl/7.88.1", grease) == ClientKind::curl);
    CHECK(recognise_client("Wget/1.21.3", {}) == ClientKind::wget);
    CHECK(recognise_client("git/2.39.5", {}) == ClientKind::git);
    CHECK(recognise_client("PostmanRuntime/7.39.0", {}) == ClientKind::postman);
    CHECK(recognise_client("Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/130.0 Safari/537.36", {}) == ClientKind::chrome);
    CHECK(recognise_client("Dalvik/2.1.0 (Linux; U; Android 14)", {}) == ClientKind::android);
    CHECK(recognise_client("", grease) == ClientKind::chrome);
    CHECK(recognise_client("", {}) == ClientKind::unknown);
}

TEST_CASE("the order of the cipher suites tells OpenSSL, Firefox, Java and Go apart") {
    const auto of = [](std::vector<std::uint16_t> ciphers, std::vector<std::uint16_t> groups = {}) {
        tls::ClientHello hello;
        hello.ciphers = std::move(ciphers);
        hello.groups = std::move(groups);
        return recognise_client("", hello);
    };
    CHECK(of({0x1302, 0x1303, 0x1301, 0xc02c}) == ClientKind::openssl);
    CHECK(of({0x1301, 0x1303, 0x1302, 0xc02b}, {0x001d, 0x0100}) == ClientKind::firefox);
    CHECK(of({0x1302, 0x1301, 0x1303, 0xc02c}) == ClientKind::java);
    CHECK(of({0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0x1301, 0x1302, 0x1303}) == ClientKind::go);
    CHECK(of({0x1301}) == ClientKind::unknown);
}
