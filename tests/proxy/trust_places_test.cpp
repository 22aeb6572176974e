#include "proxy/ca/trust_places.h"

#include <cstdlib>
#include <fstream>
#include <initializer_list>

#include "tests/support/catch.h"

namespace fs = std::filesystem;

namespace {

struct ScratchRoot {
    fs::path path;
    ScratchRoot() {
        std::string name = (fs::temp_directory_path() / "whytls places XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~ScratchRoot() { fs::remove_all(path); }
    ScratchRoot(const ScratchRoot&) = delete;
    ScratchRoot& operator=(const ScratchRoot&) = delete;

    void file(const char* name) const {
        fs::create_directories((path / name).parent_path());
        std::ofstream(path / name) << "x";
    }
};

}  // namespace

TEST_CASE("each distribution's store is known by its anchor directory and its program") {
    struct Case {
        const char* anchors;
        const char* program;
        std::vector<std::string> refresh;
    };
    for (const Case& each : std::initializer_list<Case>{
             {"usr/local/share/ca-certificates", "usr/sbin/update-ca-certificates", {"update-ca-certificates"}},
             {"etc/pki/ca-trust/source/anchors", "usr/bin/update-ca-trust", {"update-ca-trust", "extract"}},
             {"etc/ca-certificates/trust-source/anchors", "usr/bin/trust", {"trust", "extract-compat"}},
             {"etc/pki/trust/anchors", "usr/sbin/update-ca-certificates", {"update-ca-certificates"}}}) {
        INFO(each.anchors);
        const ScratchRoot root;
        fs::create_directories(root.path / each.anchors);
        CHECK_FALSE(proxy::find_system_store(root.path));
        root.file(each.program);
        const auto store = proxy::find_system_store(root.path);
        REQUIRE(store);
        CHECK(store->anchors == root.path / each.anchors);
        std::vector<std::string> refresh = each.refresh;
        refresh.front() = (root.path / each.program).string();
        CHECK(store->refresh == refresh);
        if (store->anchors == root.path / "usr/local/share/ca-certificates") refresh.emplace_back("--fresh");
        CHECK(store->rebuild == refresh);
    }
}

TEST_CASE("NSS databases are found in the user's own place and in each profile, never through a link") {
    const ScratchRoot home;
    CHECK(proxy::find_nss_databases(home.path).empty());
    home.file(".pki/nssdb/cert9.db");
    home.file(".mozilla/firefox/a b.default/cert9.db");
    home.file(".mozilla/firefox/Crash Reports/other");
    fs::create_directory_symlink(home.path / ".pki/nssdb", home.path / ".mozilla/firefox/link");
    CHECK(proxy::find_nss_databases(home.path) ==
          std::vector<fs::path>{home.path / ".mozilla/firefox/a b.default", home.path / ".pki/nssdb"});
}

TEST_CASE("the database that Chromium would read is missing only when neither of its places has one") {
    const ScratchRoot home;
    CHECK(proxy::missing_nss_database(home.path) == home.path / ".pki/nssdb");
    home.file(".local/share/pki/nssdb/cert9.db");
    CHECK_FALSE(proxy::missing_nss_database(home.path));
}

TEST_CASE("Java's store is known by its keytool and its cacerts, a level deeper in Java 8") {
    const ScratchRoot java;
    CHECK_FALSE(proxy::find_java_store(java.path));
    java.file("jre/bin/keytool");
    CHECK_FALSE(proxy::find_java_store(java.path));
    java.file("jre/lib/security/cacerts");
    CHECK(proxy::find_java_store(java.path)->cacerts == java.path / "jre/lib/security/cacerts");
    java.file("bin/keytool");
    java.file("lib/security/cacerts");
    CHECK(proxy::find_java_store(java.path)->cacerts == java.path / "lib/security/cacerts");
}
