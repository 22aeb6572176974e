// The messages of tests/data/messages, as programs printed them, and the cause that comes first; how a line is written stands in openssl.txt.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "inspect/diagnosis/causes.h"
#include "inspect/diagnosis/wording.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;

namespace {

struct Heard {
    std::string expected, text;
};

std::vector<Heard> heard_in(const std::filesystem::path& file) {
    std::vector<Heard> all;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        const auto bar = line.find(" | ");
        if (line.starts_with('#') || bar == std::string::npos) continue;
        std::string text = replaced(replaced(replaced(line.substr(bar + 3), "\\\\", "\x01"), "\\n", "\n"), "\\t", "\t");
        all.push_back({line.substr(0, bar), replaced(text, "\x01", "\\")});
    }
    return all;
}

std::vector<Heard> heard() {
    std::vector<Heard> all;
    for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path(WHYTLS_SOURCE_DIR) / "tests/data/messages"))
        std::ranges::move(heard_in(file.path()), std::back_inserter(all));
    return all;
}

std::string found(const Causes& causes) { return causes.codes.empty() ? "" : std::string(causes.codes.front()); }

}  // namespace

TEST_CASE("what real programs print leads to its likeliest cause, and what is no message of TLS to none") {
    const std::vector<Heard> all = heard();
    REQUIRE(all.size() > 400);
    for (const Heard& one : all) {
        const Causes causes = causes_of(one.text);
        INFO(one.text << "\n  recognised: " << causes.message << " (" << causes.program << ")\n  note: " << causes.note);
        if (one.expected == "-") {
            CHECK_FALSE(causes.recognised());
        } else if (one.expected.starts_with("note:")) {
            CHECK(found(causes).empty());
            CHECK(causes.note.contains(one.expected.substr(5)));
        } else {
            CHECK(found(causes) == one.expected);
        }
    }
}

TEST_CASE("a part of a message counts when it is a good half of it and not of common words only") {
    CHECK(found(causes_of("local issuer certificate")) == "missing_intermediate");
    CHECK(found(causes_of("wrong version")) == "not_tls");
    CHECK_FALSE(causes_of("certificate is not").recognised());
    CHECK_FALSE(causes_of("the name in").recognised());
}

TEST_CASE("rules that only some clients enforce are told with who does") {
    const Causes strict = causes_of("certificate verify failed: Missing Authority Key Identifier (_ssl.c:1032)");
    CHECK(found(strict) == "profile_violation");
    CHECK(strict.note.contains("Python 3.13"));
    CHECK(causes_of("x509: negative serial number").note.contains("Go 1.23"));
    const Causes underscore = causes_of("javax.net.ssl.SSLHandshakeException: Illegal given domain name: a_b.example.com");
    CHECK(found(underscore) == "profile_violation");
    CHECK(underscore.note.contains("underscore"));
    const Causes subject = causes_of(
        "javax.net.ssl.SSLHandshakeException: Failed to parse server certificates\nCaused by: "
        "java.security.cert.CertificateParsingException: X.509 Certificate is incomplete: SubjectAlternativeName extension MUST be marked "
        "critical when subject field is empty");
    CHECK(found(subject) == "profile_violation");
    CHECK(subject.note.contains("Java, and Python 3.13"));
    CHECK(causes_of("certificate verify failed: Subject empty and Subject Alt Name extension not critical").note == subject.note);
    CHECK(causes_of("SEC_ERROR_REUSED_ISSUER_AND_SERIAL").note.contains("Firefox"));
}

TEST_CASE("an error beside what is no server's fault is told with it") {
    const Causes both = causes_of("Host key verification failed.\ncurl: (60) SSL certificate problem: certificate has expired\n");
    REQUIRE(both.others.size() == 1);
    CHECK((both.note.empty() ? both.others.front() : both).note.contains("SSH"));
}
