#include "certs/trust_store.h"

#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <optional>
#include <utility>

#include "certs/pem.h"
#include "tests/support/catch.h"
#include "tests/support/forge.h"

using namespace tests;

namespace {

class Files {
public:
    Files() {
        std::string pattern = (std::filesystem::temp_directory_path() / "whytls-trust-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
        directory_ = pattern;
    }
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;
    ~Files() {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    std::filesystem::path write(const char* name, std::string_view text) const {
        std::ofstream(directory_ / name, std::ios::binary) << text;
        return directory_ / name;
    }
    const std::filesystem::path& directory() const { return directory_; }

private:
    std::filesystem::path directory_;
};

std::string complaint(const std::filesystem::path& path) {
    certs::TrustStore store;
    const auto added = store.add_file(path);
    return added ? "" : fmt::format("{}: {}", added.error().line, added.error().reason);
}

}  // namespace

TEST_CASE("a bundle, a DER file and a directory are read, duplicates once") {
    const Files files;
    const Forged a = Forge::root("A").self_signed(), b = Forge::root("B").self_signed();
    certs::TrustStore store;
    REQUIRE(store.add_file(files.write("bundle.pem", "# roots\n" + a.pem() + b.pem() + a.pem())));
    CHECK(store.size() == 2);
    REQUIRE(store.add_file(files.write("a.der", certs::as_text(a.der))));
    CHECK(store.size() == 2);
    files.write("notes.txt", "nothing");
    certs::TrustStore from_directory;
    REQUIRE(from_directory.add_file(files.directory()));
    CHECK(from_directory.size() == 2);
    CHECK(from_directory.contains(a.certificate()));
    CHECK(store.source() ==
          (files.directory() / "bundle.pem").string() + ", " + (files.directory() / "a.der").string());
}

TEST_CASE("anchors are found by subject, several of one name in the order added") {
    certs::TrustStore store;
    const Forged first = Forge::root("Same").self_signed(), second = Forge::root("Same").self_signed();
    store.add(first.certificate());
    store.add(Forge::root("Other").self_signed().certificate());
    store.add(second.certificate());
    const auto found = store.find(first.certificate().subject());
    REQUIRE(found.size() == 2);
    CHECK(*found[0] == first.certificate());
    CHECK(*found[1] == second.certificate());
    CHECK_FALSE(store.contains(Forge::root("Same").self_signed().certificate()));
}

TEST_CASE("a trust file that cannot be used is told with its line and reason") {
    const Files files;
    CHECK(complaint(files.directory() / "absent.pem") == "0: cannot be read: No such file or directory");
    CHECK(complaint(files.write("empty.pem", "")) == "0: holds no certificate");
    CHECK(complaint(files.write("key.pem", certs::write_pem("PRIVATE KEY", certs::ByteVector{1, 2, 3}))) ==
          "0: holds no certificate");
    CHECK(complaint(files.write("cut.pem", "\n-----BEGIN CERTIFICATE-----\nMAMC")) ==
          "2: the block that begins here does not end");
    const std::string bad =
        Forge::root("A").self_signed().pem() + certs::write_pem("CERTIFICATE", certs::ByteVector{0x30, 0x00});
    CHECK(complaint(files.write("bad.pem", bad))
              .ends_with("holds a certificate that cannot be parsed: tbsCertificate at byte 2: a value is missing"));
}

namespace {

// Sets $SSL_CERT_FILE and $SSL_CERT_DIR for a test and restores their old values.
class Environment {
public:
    Environment(const std::filesystem::path& file, const std::string& directories) {
        set("SSL_CERT_FILE", file.c_str());
        set("SSL_CERT_DIR", directories.c_str());
    }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    ~Environment() {
        for (const auto& [name, value] : kept_) value ? setenv(name, value->c_str(), 1) : unsetenv(name);
    }

private:
    void set(const char* name, const char* value) {
        const char* const before = std::getenv(name);
        kept_.emplace_back(name, before == nullptr ? std::nullopt : std::optional<std::string>(before));
        *value == 0 ? unsetenv(name) : setenv(name, value, 1);
    }
    std::vector<std::pair<const char*, std::optional<std::string>>> kept_;
};

std::string pem_of(const char* label, const certs::ByteVector& content) { return certs::write_pem(label, content); }
const certs::ByteVector nonsense{0x30, 0x00};

}  // namespace

TEST_CASE("the system's store is read from SSL_CERT_FILE, what cannot be parsed in it counted") {
    const Files files;
    const std::string good = Forge::root("A").self_signed().pem(), more = Forge::root("B").self_signed().pem();
    const auto bundle = files.write(
        "system.pem",
        good + pem_of("CERTIFICATE", nonsense) +
            "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nMAMC\n" + more);
    const Environment environment(bundle, "");
    const auto store = certs::TrustStore::system();
    REQUIRE(store);
    CHECK(store->size() == 2);
    CHECK(store->skipped() == 3);
    CHECK(store->source() == bundle.string());
}

TEST_CASE("SSL_CERT_DIR is a list of directories; one without a certificate is told") {
    const Files one, two, none;
    one.write("a.pem", Forge::root("A").self_signed().pem());
    two.write("b.pem", Forge::root("B").self_signed().pem());
    {
        const Environment environment("", one.directory().string() + ":" + two.directory().string());
        const auto store = certs::TrustStore::system();
        REQUIRE(store);
        CHECK(store->size() == 2);
    }
    const Environment environment("", one.directory().string() + ":" + none.directory().string());
    const auto store = certs::TrustStore::system();
    REQUIRE_FALSE(store);
    CHECK(store.error().file == none.directory().string());
    CHECK(store.error().reason == "holds no certificate");
}

TEST_CASE("a system's store of which nothing can be used is an error that names it") {
    const Files files;
    for (const std::string& text :
         {std::string(), pem_of("CERTIFICATE", nonsense), std::string("-----BEGIN CERTIFICATE-----\n")}) {
        const Environment environment(files.write("system.pem", text), "");
        const auto store = certs::TrustStore::system();
        REQUIRE_FALSE(store);
        CHECK(store.error().file == (files.directory() / "system.pem").string());
    }
}

TEST_CASE("the store of each system is found where it keeps it") {
    const Environment environment("", "");
    const std::string root = Forge::root("A").self_signed().pem();
    for (const char* const place :
         {"etc/ssl/certs/ca-certificates.crt", "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
          "etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/ca-bundle.pem", "etc/ssl/cert.pem", "etc/ssl/certs/a.pem"}) {
        CAPTURE(place);
        const Files files;
        std::filesystem::create_directories((files.directory() / place).parent_path());
        std::filesystem::create_directories(files.directory() / "etc/ssl/certs");
        files.write(place, root);
        const auto store = certs::TrustStore::system(files.directory());
        REQUIRE(store);
        CHECK(store->size() == 1);
    }
    const Files files;
    std::filesystem::create_directories(files.directory() / "etc/ssl/certs");
    const auto store = certs::TrustStore::system(files.directory());
    REQUIRE_FALSE(store);
    CHECK(store.error().reason.contains("is ca-certificates installed?"));
}

TEST_CASE("line ends, a byte order mark and text around the blocks do not matter") {
    const Files files;
    std::string text = "\xEF\xBB\xBF" + Forge::root("A").self_signed().pem() + "\n0 a comment\n" +
                       Forge::root("B").self_signed().pem();
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.replace(at, 1, "\r\n");
    certs::TrustStore store;
    REQUIRE(store.add_file(files.write("windows.pem", text)));
    CHECK(store.size() == 2);
    CHECK(complaint(files.write("zero.pem", "0 begins like DER\n" + Forge::root("A").self_signed().pem())).empty());
}

TEST_CASE("an expired root is loaded: that it expired is for the verdict to say") {
    const Files files;
    CHECK(complaint(
              files.write("old.pem", Forge::root("Old").dates(days_later(-900), days_later(-800)).self_signed().pem()))
              .empty());
}

TEST_CASE("of OpenSSL's trusted certificates those are anchors that are trusted for servers") {
    const Files files;
    const Forged root = Forge::root("A").self_signed();
    const auto purposes = [](const char* oid) { return certs::der_sequence({certs::der_oid(oid)}); };
    const auto judged = [&](const certs::ByteVector& words) {
        return complaint(
            files.write("trusted.pem", pem_of("TRUSTED CERTIFICATE", certs::der_concatenation({root.der, words}))));
    };
    const char *const server = "1.3.6.1.5.5.7.3.1", *const mail = "1.3.6.1.5.5.7.3.4";
    CHECK(judged({}).empty());
    CHECK(judged(certs::der_sequence({})).empty());
    CHECK(judged(certs::der_sequence({purposes(server)})).empty());
    CHECK(judged(certs::der_sequence({purposes(mail)})) == "0: holds no certificate");
    CHECK(judged(certs::der_sequence({certs::der_context(0, certs::der_oid(mail))})).empty());
    CHECK(judged(certs::der_sequence({certs::der_context(0, certs::der_oid(server))})) == "0: holds no certificate");
    CHECK(judged({0x30, 0x05}).starts_with("1: holds a certificate that cannot be parsed"));
}

TEST_CASE("a directory is read with its links and without what holds no certificate") {
    const Files files;
    const auto real = files.write("root.pem", Forge::root("A").self_signed().pem());
    std::filesystem::create_symlink(real, files.directory() / "0123abcd.0");
    std::filesystem::create_symlink(files.directory() / "gone.pem", files.directory() / "4567abcd.0");
    std::filesystem::create_directory(files.directory() / "java");
    files.write("README", "0 certificates are explained here");
    files.write("list.r0", pem_of("X509 CRL", nonsense));
    certs::TrustStore store;
    REQUIRE(store.add_file(files.directory()));
    CHECK(store.size() == 1);
    const auto bad = files.write("z.pem", "\n" + pem_of("CERTIFICATE", nonsense));
    const auto added = store.add_file(files.directory());
    REQUIRE_FALSE(added);
    CHECK(added.error().file == bad.string());
    CHECK(added.error().line == 2);
    const Files empty;
    CHECK(complaint(empty.directory()) == "0: holds no certificate");
    store = {};
    REQUIRE(store.add_file(real));
    CHECK_FALSE(store.add_file(empty.directory()));
}

TEST_CASE("150 roots load in a small part of a second") {
    const Files files;
    std::string bundle;
    for (int i = 0; i < 150; ++i)
        bundle += Forge::root(fmt::format("Root {}", i)).key(KeyType::p256).self_signed().pem();
    const auto path = files.write("bundle.pem", bundle);
    certs::TrustStore store;
    const std::clock_t start = std::clock();
    REQUIRE(store.add_file(path));
    // The aim is 30 ms, with room for sanitizers and for a busy machine.
    CHECK(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC < 0.3);
    CHECK(store.size() == 150);
}
