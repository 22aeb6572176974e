#include "certs/crl.h"

#include <chrono>

#include "tests/support/catch.h"
#include "tests/support/forge_crl.h"

using namespace certs;
using namespace tests;

namespace {

const Forged& issuer() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}
std::string complaint(const ByteVector& der) {
    const auto list = Crl::parse(der);
    return list ? "" : std::string(list.error().field) + ": " + std::string(list.error().reason);
}
ByteVector serial(std::uint8_t number) { return {number}; }

}  // namespace

TEST_CASE("a list tells what it says and finds its entries") {
    const auto list = Crl::parse(ListForge{{{5, 1}, {9, std::nullopt}}}.signed_by(issuer()), "http://ca.example/crl");
    REQUIRE(list);
    CHECK(list->issuer() == issuer().certificate().subject());
    CHECK(list->this_update() == days_later(-1));
    CHECK(list->next_update() == days_later(6));
    CHECK(list->has_number());
    CHECK_FALSE(list->has_unknown_critical());
    CHECK(list->source() == "http://ca.example/crl");
    REQUIRE(list->find(serial(5)));
    CHECK(list->find(serial(5))->reason == "keyCompromise");
    CHECK(list->find(serial(9))->reason.empty());
    CHECK(list->find(serial(9))->at == days_later(-2));
    CHECK_FALSE(list->find(serial(6)));
    CHECK_FALSE(list->find({}));
}

TEST_CASE("a serial number is found whole, not by its first or its last bytes") {
    const auto list = Crl::parse(ListForge{{{0x0102}, {0x05}}}.signed_by(issuer()));
    CHECK(list->find(ByteVector{1, 2}));
    for (const ByteVector& other :
         {ByteVector{1}, ByteVector{2}, ByteVector{0, 5}, ByteVector{5, 0}, ByteVector{1, 2, 0}})
        CHECK_FALSE(list->find(other));
}

TEST_CASE("an empty list and one without a next update parse") {
    CHECK(complaint(ListForge{}.signed_by(issuer())).empty());
    ListForge endless;
    endless.next_update.reset();
    CHECK_FALSE(Crl::parse(endless.signed_by(issuer()))->next_update());
}

TEST_CASE("critical extensions that are not understood are remembered, the number's among them") {
    ListForge unknown;
    unknown.extensions = {{"1.2.3.4", true, {0x05, 0x00}}};
    CHECK(Crl::parse(unknown.signed_by(issuer()))->has_unknown_critical());
    ListForge number;
    number.extensions = {{"2.5.29.20", true, der_integer(1)}};
    CHECK(Crl::parse(number.signed_by(issuer()))->has_unknown_critical());
}

TEST_CASE("malformed lists are refused with the field") {
    ByteVector list = ListForge{{{5, 1}}}.signed_by(issuer());
    list.push_back(0);
    CHECK(complaint(list) == "certificateList: nothing more was expected here");
    ListForge twice;
    twice.extensions.push_back(twice.extensions.front());
    CHECK(complaint(twice.signed_by(issuer())) == "tbsCertList.crlExtensions: an extension that appears twice");
    CHECK(complaint({0x30, 0x00}) == "certificateList: a value is missing");
}

TEST_CASE("a list of twenty megabytes is read in well under a second") {
    const ByteVector entry = der_sequence({der_unsigned(ByteVector(16, 0x5A)), der_time(days_later(-2))});
    ByteVector entries;
    while (entries.size() < 20'000'000) entries.insert(entries.end(), entry.begin(), entry.end());
    const ByteVector identifier = algorithm_identifier(SignatureAlgorithm::ecdsa_sha256);
    const ByteVector tbs = der_sequence(
        {der_integer(1), identifier, issuer().subject, der_time(days_later(-1)), der_element(0x30, entries)});
    const ByteVector whole = der_sequence({tbs, identifier, der_bit_string(ByteVector(70, 1))});
    const auto started = std::chrono::steady_clock::now();
    const auto list = Crl::parse(whole);
    REQUIRE(list);
    CHECK_FALSE(list->find(serial(1)));
    CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(10));  // generous: sanitizers, busy machine
}
