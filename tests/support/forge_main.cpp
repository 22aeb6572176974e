// whytls-forge DIRECTORY < certificates.json: right and wrong certificates, OCSP responses and
// lists as files, for the end-to-end tests. Writes for each
//
//     NAME.pem          the certificate
//     NAME-key.pem      its private key, mode 0600
//     NAME-chain.pem    for a leaf: itself, then the certificates that "chain" lists; without
//                       "chain", its issuers up to but not including the self-signed one
//     NAME.der          the certificate as DER
//
// The input is an array of objects, issuers before those they issue. Everything but "name" has a
// default.
//
//     "name"             the files' stem, and what "issuer" refers to
//     "kind"             "root", "intermediate" or "leaf" (the default): sets the defaults of what
//                        follows
//     "issuer"           "self" (the default of a root), or another's name; without one, a leaf or
//                        an intermediate is self-signed
//     "host"             for a leaf, its CN and its only SAN (default: the name)
//     "subject"          "text" for a CN (default: the host, or the name), or
//                        [["CN","text"],["O","text"],...]; [] is the empty name
//     "issuer_name"      the same, to state an issuer that is not the signer
//     "serial"           a number, or the INTEGER's contents in hexadecimal ("00ff…")
//     "not_before", "not_after"   days from now (fractions and negatives allowed), or
//                        "2026-01-31T12:00:00Z". Defaults: a root -1825 and 1825, an intermediate
//                        -730 and 1095, a leaf -30 and 60
//     "version"          1, 2 or 3
//     "key"              "p256" (the default), "p384", "p521", "rsa1024", "rsa2048", "rsa3072",
//                        "ed25519"
//     "key_of"           another's name: share its key
//     "names"            SANs: ["DNS:*.example.com", "IP:::1", "email:...", "URI:...",
//                        "dirName:CN text"]; [] for none
//     "ca"               true or false for basicConstraints cA, null for no basicConstraints
//     "path_length"      a number, with "ca": true
//     "key_usage"        ["digitalSignature", "keyCertSign", ...] (RFC 5280 names), null for none
//     "extended_key_usage"  ["serverAuth", "clientAuth", ..., or dotted], null for none
//     "subject_key_identifier", "authority_key_identifier"  hexadecimal, null for none
//     "aia"              ["http://.../ca.der"]  where the issuer can be fetched
//     "ocsp"             ["http://..."]         its responder
//     "crl"              ["http://.../ca.crl"]
//     "permitted", "excluded"   name constraints, as "names" spells them, with "IP:10.0.0.0/8"
//     "policies"         ["1.2.3.4"]
//     "require_explicit_policy"  a number
//     "must_staple"      true
//     "extensions"       [{"oid": "1.2.3.4", "critical": true, "value": "0500"}]  value in
//                        hexadecimal: what the OCTET STRING holds
//     "duplicate"        ["2.5.29.17"]  extensions to repeat
//     "without"          ["2.5.29.17"]  extensions to leave out
//     "signature"        "ecdsa_sha256", "rsa_sha1", "rsa_md5", "rsa_pss_sha256", "ed25519", ...:
//                        what the signer's key can do
//     "outer_signature"  the same words: what is written beside the signature, whatever made it
//     "signed_with"      another's name: signed with that key instead of the issuer's
//     "broken_signature" true
//     "truncate"         a number of bytes to cut off the end of the DER
//     "chain"            ["intermediate", ...] for NAME-chain.pem, in that order, whatever issued
//                        it
//
// An object with "ocsp_for" is an OCSP response about that certificate instead, written to NAME.ors
// (RFC 6960 appendix C.2); the times are days from now, or RFC 3339, as above.
// {"name": "leaf-revoked", "ocsp_for": "leaf", "status": "revoked", "reason": "keyCompromise"}
//
//     "issuer"           who issued it, if not as its own object says; signs, too
//     "status"           "good" (the default), "revoked", "unknown"
//     "reason"           "keyCompromise" and so on (RFC 5280 §5.3.1), of a revoked one
//     "revoked_at", "this_update", "next_update"   -2, -1 and 6; "next_update": null for none
//     "response_status"  "tryLater", "unauthorized" and so on: a response that says nothing else
//     "responder"        another's name: signs instead of the issuer, its certificate enclosed
//     "responder_by_key", "id_by_sha256"   true
//     "serial"           a number: about another certificate
//     "extensions"       as above, of the whole response
//     "broken_signature" true
//
// An object with "crl_of" is that CA's revocation list, written to NAME.crl (DER): {"name":
// "ca-list", "crl_of": "ca", "revoked": ["leaf"]}
//
//     "revoked"          names of certificates, or serial numbers
//     "reason", "revoked_at", "this_update", "next_update", "extensions", "broken_signature"
//                        as above; the reason is of every entry
//
// An unknown member, a wrong value or an unknown name: one line on stderr, exit 2.
//
// Without an argument it reads an object a line, {"directory": "…", "certificates": […]}, and
// answers each with a line: empty, or what is wrong. To start takes longer than to make a few.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/support/forge_spec.h"

namespace {

using namespace tests;
using certs::ByteVector;
using Json = nlohmann::json;

void write(const std::filesystem::path& path, std::string_view text, mode_t mode) {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (file < 0 || ::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw std::invalid_argument("cannot write " + path.string());
    close(file);
}

void forge_all(const Json& specs, const std::filesystem::path& directory) {
    const certs::Time now{
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
    Pool pool;
    for (const Json& spec : specs) {
        const std::string name = spec.at("name").get<std::string>();
        try {
            if (spec.contains("ocsp_for") || spec.contains("crl_of")) {
                const bool is_list = spec.contains("crl_of");
                const ByteVector der = is_list ? forge_list(spec, pool, now) : forge_response(spec, pool, now);
                write(directory / (name + (is_list ? ".crl" : ".ors")), certs::as_text(der), 0644);
                continue;
            }
            const Made& one = pool.insert_or_assign(name, forge_certificate(spec, pool, now)).first->second;
            write(directory / (name + ".pem"), one.forged.pem(), 0644);
            write(directory / (name + ".der"), certs::as_text(one.forged.der), 0644);
            write(directory / (name + "-key.pem"), one.forged.key.pem(), 0600);
            if (spec.value("kind", "leaf") == "leaf")
                write(directory / (name + "-chain.pem"), chain_of(spec, name, pool), 0644);
        } catch (const std::exception& error) {
            throw std::invalid_argument(fmt::format("{}: {}", name, error.what()));
        }
    }
}

void forge_each_line() {
    for (std::string line; std::getline(std::cin, line);) {
        std::string wrong;
        try {
            const Json asked = Json::parse(line);
            forge_all(asked.at("certificates"), asked.at("directory").get<std::string>());
        } catch (const std::exception& error) { wrong = error.what(); }
        std::ranges::replace(wrong, '\n', ' ');
        fmt::print("{}\n", wrong);
        std::fflush(stdout);
    }
}

}  // namespace

int main(int argc, char* argv[]) {
    constexpr const char* usage = "usage: whytls-forge [DIRECTORY] < certificates.json\n";
    if (argc == 2 && std::string_view(argv[1]) == "--help") {
        fmt::print(
            "{}"
            "Makes right and wrong certificates for tests: for each object of the JSON array on the standard input NAME.pem,\n"
            "NAME.der, NAME-key.pem, and of a leaf NAME-chain.pem. For example:\n"
            "  echo '[{{\"name\": \"root\", \"kind\": \"root\"}}, {{\"name\": \"a.test\", \"issuer\": \"root\"}}]' | whytls-forge DIRECTORY\n"
            "All members stand at the top of tests/support/forge_main.cpp. Without DIRECTORY, each line is an object with\n"
            "\"directory\" and \"certificates\", and is answered by an empty line or by what is wrong.\n",
            usage);
        return 0;
    }
    if (argc > 2) {
        fmt::print(stderr, "{}", usage);
        return 2;
    }
    try {
        argc == 2 ? forge_all(Json::parse(std::cin), argv[1]) : forge_each_line();
    } catch (const std::exception& error) {
        fmt::print(stderr, "whytls-forge: {}\n", error.what());
        return 2;
    }
}
