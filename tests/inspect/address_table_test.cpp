#include "inspect/report/address_table.h"

#include "tests/support/catch.h"

using inspect::diagnosis::Diagnosis;
using inspect::diagnosis::Outcome;
using inspect::report::AddressTable;

namespace {

Diagnosis found(const char* leaf, inspect::diagnosis::Code code = inspect::diagnosis::Code::none,
                const char* host = "api.test") {
    Diagnosis diagnosis;
    diagnosis.host = host;
    diagnosis.code = code;
    diagnosis.outcome = code == inspect::diagnosis::Code::none ? Outcome::ok : Outcome::failed;
    diagnosis.served = {leaf};
    diagnosis.chain.resize(1);
    diagnosis.handshake.emplace();
    diagnosis.handshake->version = "TLSv1.3";
    return diagnosis;
}

}  // namespace

TEST_CASE("an address whose outcome differs from most of a name's is the one that is named") {
    AddressTable table;
    table.add(found("aa"), "192.0.2.1");
    table.add(found("bb", inspect::diagnosis::Code::expired), "192.0.2.2");
    table.add(found("aa"), "192.0.2.3");
    CHECK(table.comparison() ==
          "\napi.test:443, 3 addresses, one is not as the others: 192.0.2.2: expired (the other 2: verifies)\n");
}

TEST_CASE("an address that verifies with another certificate is named too") {
    AddressTable table;
    for (const auto& [leaf, ip] : {std::pair{"aaaaaaaaaa", "::1"}, {"aaaaaaaaaa", "::2"}, {"bbbbbbbbbb", "::3"}})
        table.add(found(leaf), ip);
    CHECK_THAT(table.comparison(200),
               Catch::Contains("one is not as the others: ::3: shows the certificate bbbbbbbb…, which expires on"));
}

TEST_CASE("of two addresses that differ neither is called the odd one") {
    AddressTable table;
    table.add(found("aa"), "192.0.2.1");
    table.add(found("bb", inspect::diagnosis::Code::expired), "192.0.2.2");
    CHECK(table.comparison() == "\napi.test:443, 2 addresses, differ: 192.0.2.1: verifies and 192.0.2.2: expired\n");
}

TEST_CASE("addresses are compared with those of their own name only, and alike is said") {
    AddressTable table;
    CHECK(table.comparison().empty());
    for (const char* host : {"a.test", "b.test"})
        for (const char* ip : {"192.0.2.1", "192.0.2.2"})
            table.add(found(host, inspect::diagnosis::Code::none, host), ip);
    CHECK_THAT(table.comparison(),
               Catch::Contains("a.test:443, 2 addresses, all alike: each verifies, shows the certificate") &&
                   Catch::Contains("\nb.test:443, 2 addresses, all alike"));
}

namespace {

inspect::scan::Scan scanned(std::vector<std::uint16_t> suites, std::vector<std::uint16_t> groups = {0x001D}) {
    using namespace inspect::scan;
    Scan scan;
    scan.versions = {{.version = 0x0303, .supported = Known::yes, .last = {}, .suites = {}}};
    scan.versions[0].suites = {.found = std::move(suites), .order = Order::server, .complete = true, .last = {}};
    scan.groups_old.found = std::move(groups);
    return scan;
}

std::string compared(const std::vector<inspect::scan::Scan>& scans) {
    AddressTable table;
    for (std::size_t i = 0; i < scans.size(); ++i)
        table.add(found("aa"), "192.0.2." + std::to_string(i + 1), &scans[i]);
    return table.comparison(1000);
}

}  // namespace

TEST_CASE("addresses that were scanned are compared by what was found there, not by how much") {
    const auto usual = scanned({0xC02F, 0xC030});
    CHECK(
        compared({usual, usual, scanned({0xC02F, 0x002F})}) ==
        "\napi.test:443, 3 addresses, one is not as the others: 192.0.2.3: found only there "
        "TLS_RSA_WITH_AES_128_CBC_SHA in TLSv1.2, not found there TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 in TLSv1.2\n");
    CHECK(compared({usual, scanned({0xC02F, 0xC030}, {0x001D, 0x0017})}) ==
          "\napi.test:443, 2 addresses, one is not as 192.0.2.1: 192.0.2.2: found only there group secp256r1 up to "
          "TLSv1.2\n");
    CHECK_THAT(compared({usual, usual}),
               Catch::Contains("all alike") && Catch::Contains("supports TLSv1.2 (2 cipher suites)"));
}

TEST_CASE("addresses whose scans differ only in the order of suites are told apart by it") {
    CHECK_THAT(
        compared({scanned({0xC02F, 0xC030}), scanned({0xC02F, 0xC030}), scanned({0xC030, 0xC02F})}),
        Catch::Contains("one is not as the others: 192.0.2.3: chooses TLSv1.2 in the order "
                        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 (the other 2:"));
}
