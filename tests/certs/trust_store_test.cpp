#include "certs/trust_store.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

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
    CHECK(store.source() == (files.directory() / "bundle.pem").string() + ", " + (files.directory() / "a.der").string());
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
    CHECK(complaint(files.directory() / "absent.pem") == "0: cannot be opened: No such file or directory");
    CHECK(complaint(files.write("empty.pem", "")) == "0: holds no certificate");
    CHECK(complaint(files.write("key.pem", certs::write_pem("PRIVATE KEY", certs::ByteVector{1, 2, 3}))) == "0: holds no certificate");
    CHECK(complaint(files.write("cut.pem", "\n-----BEGIN CERTIFICATE-----\nMAMC")) == "2: the block that begins here does not end");
    const std::string bad = Forge::root("A").self_signed().pem() + certs::write_pem("CERTIFICATE", certs::ByteVector{0x30, 0x00});
    CHECK(complaint(files.write("bad.pem", bad))
              .ends_with("holds a certificate that cannot be parsed: tbsCertificate at byte 2: a value is missing"));
}

TEST_CASE("the system's store is read from SSL_CERT_FILE, what cannot be parsed in it counted") {
    const Files files;
    const auto bundle =
        files.write("system.pem", Forge::root("A").self_signed().pem() + certs::write_pem("CERTIFICATE", certs::ByteVector{0x30, 0x00}));
    // The machine's own setting may name a directory, which would be read too.
    const char* const directory = std::getenv("SSL_CERT_DIR");
    const std::string kept = directory == nullptr ? "" : directory;
    unsetenv("SSL_CERT_DIR");
    setenv("SSL_CERT_FILE", bundle.c_str(), 1);
    const auto store = certs::TrustStore::system();
    unsetenv("SSL_CERT_FILE");
    if (!kept.empty()) setenv("SSL_CERT_DIR", kept.c_str(), 1);
    REQUIRE(store);
    CHECK(store->size() == 1);
    CHECK(store->skipped() == 1);
    CHECK(store->source() == bundle.string());
}
