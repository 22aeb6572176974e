// fuzz-seeds DIRECTORY [SUITES]: writes DIRECTORY/TARGET/NAME, what the fuzz targets of
// certificates start from: forged chains, lists and names, and the chains and lists of the
// conformance suites in the folder SUITES, if there are any.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "certs/pem.h"
#include "tests/support/forge.h"
#include "tests/support/forge_crl.h"

namespace {

namespace fs = std::filesystem;
using certs::ByteVector;
using namespace tests;

class Seeds {
public:
    explicit Seeds(fs::path directory) : directory_(std::move(directory)) {}

    void write(const char* target, std::string_view name, certs::Bytes content) const {
        // A larger one teaches a fuzzer nothing and slows it down.
        constexpr std::size_t largest = 32'768;
        if (content.empty() || content.size() > largest) return;
        fs::create_directories(directory_ / target);
        std::ofstream(directory_ / target / name, std::ios::binary) << certs::as_text(content);
    }
    // One certificate after the other, the anchor last.
    void chain(std::string_view name, const std::vector<ByteVector>& certificates) const {
        ByteVector joined;
        for (const ByteVector& certificate : certificates)
            joined.insert(joined.end(), certificate.begin(), certificate.end());
        write("certificate", name, joined);
    }

private:
    fs::path directory_;
};

void forge_chains(const Seeds& seeds) {
    for (const KeyType type : {KeyType::p256, KeyType::p384, KeyType::rsa1024, KeyType::rsa2048, KeyType::ed25519}) {
        const Forged root = Forge::root("Root").key(type).self_signed();
        const Forged ca = Forge::intermediate("CA").key(type).signed_by(root);
        seeds.chain(fmt::format("chain-{}", static_cast<int>(type)),
                    {Forge::leaf("www.example.com").key(type).signed_by(ca).der, ca.der, root.der});
    }
    const Forged root = Forge::root("Root").self_signed();
    const Forged rsa = Forge::root("RSA").key(KeyType::rsa2048).self_signed();
    const Forged bound = Forge::intermediate("CA")
                             .name_constraints({dns("example.com"), ip("10.0.0.0/8"), email("example.com"),
                                                uri("example.com"), directory(common_name("www"))},
                                               {dns("bad.example.com"), ip("2001:db8::/32")})
                             .policies({"1.2.3", "1.2.4"})
                             .policy_mappings({{"1.2.3", "1.2.5"}})
                             .policy_constraints(1, 2)
                             .inhibit_any_policy(1)
                             .crl_url({"http://ca.test/a.crl"})
                             .issuing_certificate_url({"http://ca.test/a.der"}, {"http://ca.test/ocsp"})
                             .signed_by(root);
    const Forge leaf = Forge::leaf("www.example.com");
    Forge rich = leaf;
    rich.names({dns("www.example.com"), dns("*.example.com"), ip("10.1.2.3"), ip("2001:db8::1"), email("a@example.com"),
                uri("https://example.com/a"), directory(common_name("www")), registered_id("1.2.3")})
        .must_staple()
        .policies({"1.2.5"});
    seeds.chain("constraints", {rich.signed_by(bound).der, bound.der, root.der});
    seeds.chain("pss", {Forge(leaf).signature(certs::SignatureAlgorithm::rsa_pss_sha256).signed_by(rsa).der, rsa.der});
    seeds.chain("lone", {leaf.self_signed().der});
    const Forged cross = Forge::intermediate("CA").key(bound.key).signed_by(rsa);
    seeds.chain("cross", {leaf.signed_by(bound).der, cross.der, bound.der, root.der, rsa.der});
    seeds.write("der", "certificate", rich.signed_by(bound).der);
    seeds.write("der", "pem", certs::as_bytes(root.pem()));
}

void forge_lists(const Seeds& seeds) {
    const Forged ca = Forge::root("CA").self_signed();
    seeds.write("crl", "empty", ListForge{}.signed_by(ca));
    ListForge entries;
    entries.revoked = {{1, std::nullopt}, {2, 1}, {3, 8}};
    seeds.write("crl", "entries", entries.signed_by(ca));
    const ByteVector where = certs::der_context(0, certs::der_context(0, uri("http://ca.test/a.crl")));
    const std::uint8_t yes = 0xFF;
    entries.extensions.push_back(
        {"2.5.29.28", true, certs::der_sequence({where, certs::der_context_primitive(1, {&yes, 1})})});
    seeds.write("crl", "point", entries.signed_by(ca));
}

void write_choices(const Seeds& seeds) {
    constexpr std::string_view names[] = {"www.example.com\n*.example.com\nexample.com",
                                          "www.example.com.\nwww.example.com\n.example.com",
                                          "10.0.0.1\n10.0.0.1\n10.0.0.1",
                                          "[2001:db8::1%eth0]\n*.com\ncom",
                                          "b\xC3\xBC"
                                          "cher.example\nxn--bcher-kva.example\n",
                                          "a.b.c.d\na*.b.c.d\nb.c.d",
                                          "example.com\nexampel.com\nexample.org"};
    for (const std::string_view text : names)
        seeds.write("name", fmt::format("{}", &text - names), certs::as_bytes(text));
    // Leaf, anchors, host, time, count and numbers of intermediates, no damage; tests/fuzz/path.cpp
    // has the meaning.
    const std::vector<ByteVector> paths{
        {0, 1, 0, 0, 1, 0, 0},           {1, 15, 0, 0, 2, 6, 0, 0},        {2, 3, 0, 0, 4, 18, 6, 1, 0, 0, 1, 2, 3},
        {3, 8, 0, 0, 3, 6, 5, 12, 0},    {4, 2, 2, 0, 2, 0, 1, 0},         {5, 1, 0, 0, 1, 0, 0},
        {7, 1, 0, 0, 3, 16, 6, 0, 0},    {10, 1, 0, 0, 2, 13, 19, 0},      {13, 8, 4, 0, 3, 5, 3, 4, 0},
        {1, 2, 0, 2, 4, 8, 9, 1, 12, 0}, {1, 1, 0, 0, 2, 6, 0, 1, 1, 0, 9}};
    for (std::size_t i = 0; i < paths.size(); ++i) seeds.write("path", fmt::to_string(i), paths[i]);
}

std::vector<ByteVector> blocks(const nlohmann::json& pem) {
    std::vector<ByteVector> result;
    if (!pem.is_string()) return result;
    if (auto read = certs::read_pem(pem.get<std::string>())) {
        for (certs::PemBlock& block : *read) result.push_back(std::move(block.content));
    }
    return result;
}

void read_suite(const Seeds& seeds, const fs::path& path) {
    const nlohmann::json suite = nlohmann::json::parse(std::ifstream(path), nullptr, false);
    if (!suite.is_object() || !suite.contains("testcases")) return;
    std::size_t number = 0;
    for (const nlohmann::json& test : suite["testcases"]) {
        const std::string name = fmt::format("{}-{}", path.stem().string(), number++);
        std::vector<ByteVector> chain = blocks(test.value("peer_certificate", nlohmann::json()));
        for (const char* const member : {"untrusted_intermediates", "trusted_certs"}) {
            for (const nlohmann::json& pem : test.value(member, nlohmann::json::array())) {
                for (ByteVector& der : blocks(pem)) chain.push_back(std::move(der));
            }
        }
        seeds.chain(name, chain);
        for (const nlohmann::json& pem : test.value("crls", nlohmann::json::array())) {
            for (const ByteVector& der : blocks(pem)) {
                ByteVector joined;
                for (const ByteVector& certificate : chain)
                    joined.insert(joined.end(), certificate.begin(), certificate.end());
                joined.insert(joined.end(), der.begin(), der.end());
                seeds.write("crl", name, joined);
            }
        }
    }
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 2) {
        fmt::print(stderr, "fuzz-seeds DIRECTORY [SUITES]\n");
        return 2;
    }
    const Seeds seeds(arguments[1]);
    forge_chains(seeds);
    forge_lists(seeds);
    write_choices(seeds);
    std::error_code absent;
    if (count > 2) {
        for (const auto& entry : fs::directory_iterator(arguments[2], absent)) {
            const std::string name = entry.path().filename().string();
            if (name.ends_with(".json") && (name.starts_with("limbo") || name.starts_with("extra")))
                read_suite(seeds, entry.path());
        }
    }
    return 0;
}
