#include "certs/credentials.h"

#include "certs/der_writer.h"
#include "certs/file.h"
#include "certs/iterations.h"
#include "certs/pem.h"
#include "tests/support/catch.h"
#include "tests/support/forge.h"

using namespace certs;
using namespace tests;

namespace {

using Error = CredentialsError;

// A file that openssl wrote, with the password "password" where it is encrypted; each has the same
// certificate and key.
std::string written(const std::string& name) {
    return read_file(WHYTLS_SOURCE_DIR "/tests/fuzz/seeds/credentials/" + name).value();
}

std::expected<Credentials, Error> read(const std::string& name, std::optional<std::string> password = "password") {
    return read_credentials(written(name), password);
}
std::optional<Error> refused(std::string_view file, const std::optional<std::string>& password = "password") {
    const auto found = read_credentials(file, password);
    return found ? std::nullopt : std::optional(found.error());
}
bool is_pair(const std::expected<Credentials, Error>& found) {
    return found && found->key && found->certificates.size() == 1 &&
           belongs_to(*found->key, found->certificates.front());
}

// An EncryptedPrivateKeyInfo: RFC 8018 §A.4 with PBKDF2, and what it encrypts.
ByteVector locked_key(std::int64_t iterations) {
    const ByteVector salt = der_octet_string(as_bytes("saltsalt"));
    const ByteVector derivation =
        der_sequence({der_oid("1.2.840.113549.1.5.12"), der_sequence({salt, der_integer(iterations)})});
    const ByteVector cipher =
        der_sequence({der_oid("2.16.840.1.101.3.4.1.42"), der_octet_string(as_bytes("0123456789abcdef"))});
    const ByteVector algorithm = der_sequence({der_oid("1.2.840.113549.1.5.13"), der_sequence({derivation, cipher})});
    return der_sequence({algorithm, der_octet_string(as_bytes("0123456789abcdef"))});
}

ByteVector content(Oid type, const ByteVector& value) { return der_sequence({der_oid(type), der_context(0, value)}); }

// RFC 7292 §4: a PFX of these encrypted keys.
std::string pkcs12(const std::vector<ByteVector>& keys, std::int64_t mac_iterations) {
    std::vector<ByteVector> bags;
    for (const ByteVector& key : keys) bags.push_back(content(oid::shrouded_key_bag, key));
    const ByteVector safe = der_sequence({content(oid::data, der_octet_string(der_sequence_of(bags)))});
    const ByteVector digest = der_sequence({der_sequence({der_oid(oid::sha256), der_null()}),
                                            der_octet_string(as_bytes("0123456789abcdef0123456789abcdef"))});
    const ByteVector mac = der_sequence({digest, der_octet_string(as_bytes("saltsalt")), der_integer(mac_iterations)});
    return std::string(as_text(der_sequence({der_integer(3), content(oid::data, der_octet_string(safe)), mac})));
}

}  // namespace

TEST_CASE("a certificate and its key are read from PEM in any order") {
    CHECK(is_pair(read("both.pem")));
    CHECK(is_pair(read_credentials(written("key_pkcs8.pem") + written("cert.pem"), std::nullopt)));
    CHECK(is_pair(read_credentials(written("cert.pem") + written("key_locked.pem"), "password")));
}

TEST_CASE("a certificate and its key are read from PKCS #12, with a MAC and without, with any number of iterations") {
    for (const char* name : {"both.p12", "iterations_2048.p12", "no_iterations.p12", "no_mac.p12"}) {
        INFO(name);
        CHECK(is_pair(read(name)));
    }
    CHECK(is_pair(read("empty_password.p12", std::nullopt)));
    CHECK(is_pair(read("empty_password.p12", "")));
}

TEST_CASE("a key or a certificate alone is read as what it is") {
    const auto key = read("key_pkcs8.pem");
    CHECK((key && key->key && key->certificates.empty()));
    const auto certificate = read("cert.pem");
    CHECK((certificate && !certificate->key && certificate->certificates.size() == 1));
}

TEST_CASE("what is locked says so without a password, and says that another one is wrong") {
    CHECK(refused(written("key_locked.pem"), std::nullopt) == Error::locked);
    CHECK(refused(written("key_locked.pem"), "other") == Error::wrong_password);
    CHECK(refused(written("both.p12"), std::nullopt) == Error::locked);
    CHECK(refused(written("both.p12"), "other") == Error::wrong_password);
    CHECK(refused(written("key_traditional.pem")) == Error::old_encryption);
}

TEST_CASE("what is neither, what is cut off and what older programs protect is told apart") {
    CHECK(refused("hello") == Error::nothing);
    CHECK(refused("") == Error::nothing);
    CHECK(refused(written("both.pem").substr(0, 300)) == Error::nothing);
    CHECK(refused(written("both.p12").substr(0, 500)) == Error::unsupported_pkcs12);
    CHECK(refused(written("legacy.p12")) == Error::unsupported_pkcs12);
    CHECK(refused(write_pem("PRIVATE KEY", der_sequence({der_integer(0)}))) == Error::unsupported_key);
}

TEST_CASE("a key belongs to the certificate of its public half alone") {
    const Forged one = Forge::root("one").self_signed(), other = Forge::root("other").self_signed();
    CHECK(belongs_to(one.key, one.der));
    CHECK_FALSE(belongs_to(one.key, other.der));
    CHECK_FALSE(belongs_to(one.key, as_bytes("no certificate")));
}

TEST_CASE("a file that would take minutes of hashing is refused before any of it is done") {
    constexpr std::int64_t most = most_iterations;
    CHECK(refused(pkcs12({locked_key(most)}, 1)) == Error::too_many_iterations);
    CHECK(refused(pkcs12({}, most + 1)) == Error::too_many_iterations);
    CHECK(refused(pkcs12({}, std::int64_t{1} << 40)) == Error::too_many_iterations);
    CHECK(refused(pkcs12(std::vector<ByteVector>(100, locked_key(most / 50)), 1)) == Error::too_many_iterations);
    CHECK(refused(write_pem("ENCRYPTED PRIVATE KEY", locked_key(most + 1))) == Error::too_many_iterations);
}

TEST_CASE("the iterations of all parts are counted, those of a key in an encrypted part too") {
    CHECK(iterations_of_key(locked_key(7)) == 7);
    CHECK(iterations_of_pkcs12(as_bytes(pkcs12({locked_key(7), locked_key(8)}, 100)), "") == 115);
    CHECK(iterations_of_pkcs12(as_bytes(written("both.p12")), "password") == 300);
    CHECK(iterations_of_pkcs12(as_bytes(written("no_mac.p12")), "password") == 10);
    CHECK(iterations_of_pkcs12(as_bytes(written("no_iterations.p12")), "password") == 3);
}

TEST_CASE("counts that are no counts make no file") {
    CHECK(iterations_of_key(locked_key(-1)) == std::nullopt);
    CHECK(iterations_of_key(locked_key(0)) == std::nullopt);
    CHECK(iterations_of_key(as_bytes("hello")) == std::nullopt);
    CHECK(iterations_of_pkcs12(as_bytes("0\x82"), "") == std::nullopt);
}
