#include "proxy/upstream/memory/intermediates.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "tests/support/catch.h"
#include "tests/support/forge.h"
#include "tests/support/temporary_directory.h"

using namespace proxy;
using namespace tests;

namespace {

const Forged& root() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}

certs::Path path_of(std::initializer_list<certs::Certificate> certificates, bool anchored = true) {
    certs::Path path;
    for (const certs::Certificate& each : certificates) path.certificates.push_back({each, certs::Provenance::served});
    path.anchored = anchored;
    return path;
}

struct Chain {
    Forged ca, leaf;
    explicit Chain(std::string_view name)
        : ca(Forge::intermediate(name).signed_by(root())), leaf(Forge::leaf("a.test").signed_by(ca)) {}
    certs::Path path(bool anchored = true) const {
        return path_of({leaf.certificate(), ca.certificate(), root().certificate()}, anchored);
    }
};

std::string read(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

std::vector<certs::Certificate> known_after_restart(const std::filesystem::path& file, const Forged& leaf) {
    return Intermediates(file).above(leaf.certificate());
}

}  // namespace

TEST_CASE("what stands between the leaf and the anchor of a path is remembered, also by the next run") {
    const TemporaryDirectory directory;
    const Chain chain("CA");
    const auto file = directory / "seen.pem";
    {
        Intermediates seen(file);
        seen.remember(chain.path());
        seen.remember(chain.path());
        CHECK(seen.above(chain.leaf.certificate()) == std::vector{chain.ca.certificate()});
        CHECK(seen.above(root().certificate()).empty());
        CHECK(seen.above(chain.ca.certificate()).empty());
    }
    CHECK(read(file) == chain.ca.pem());
    CHECK(known_after_restart(file, chain.leaf) == std::vector{chain.ca.certificate()});
    struct stat status{};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("where the file's directory does not exist, what is seen is remembered for this run and nothing is made") {
    const TemporaryDirectory directory;
    const Chain chain("CA");
    {
        Intermediates seen(directory / "none" / "seen.pem");
        CHECK(seen.count() == 0);
        seen.remember(chain.path());
        CHECK(seen.count() == 1);
        CHECK(seen.above(chain.leaf.certificate()) == std::vector{chain.ca.certificate()});
    }
    CHECK_FALSE(std::filesystem::exists(directory / "none"));
}

TEST_CASE("issuers of issuers are found too, and nothing of a path without an anchor is kept") {
    const TemporaryDirectory directory;
    const Forged upper = Forge::intermediate("Upper").basic_constraints(true, 1).signed_by(root());
    const Forged lower = Forge::intermediate("Lower").signed_by(upper);
    const Forged leaf = Forge::leaf("a.test").signed_by(lower);
    Intermediates seen(directory / "seen.pem");
    seen.remember(Chain("Other").path(false));
    seen.remember(path_of({leaf.certificate(), lower.certificate(), upper.certificate(), root().certificate()}));
    CHECK(seen.above(leaf.certificate()) == std::vector{lower.certificate(), upper.certificate()});
    CHECK(seen.above(Chain("Other").leaf.certificate()).empty());
}

TEST_CASE("the oldest intermediates go when there are more than 500") {
    const TemporaryDirectory directory;
    const auto file = directory / "seen.pem";
    const Chain first("First");
    {
        Intermediates seen(file);
        seen.remember(first.path());
        for (int i = 0; i < 500; ++i) {
            if (i == 499) CHECK(seen.above(first.leaf.certificate()).size() == 1);
            const Forged ca = Forge::intermediate("CA").signed_by(root());
            seen.remember(path_of({first.leaf.certificate(), ca.certificate(), root().certificate()}));
        }
        CHECK(seen.above(first.leaf.certificate()).empty());
    }
    const std::string text = read(file);
    std::size_t blocks = 0;
    for (std::size_t at = 0; (at = text.find("BEGIN", at)) != std::string::npos; ++at) ++blocks;
    CHECK(blocks == 500);
}

TEST_CASE("a damaged file is left as it is, and what is seen is remembered all the same") {
    const TemporaryDirectory directory;
    const Chain chain("CA");
    const auto file = directory / "seen.pem";
    for (const std::string& damage :
         {std::string("nothing of the kind\n"), chain.ca.pem() + "-----BEGIN CERTIFICATE-----\nAAAA\n",
          std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), std::string(3 << 20, '\n')}) {
        std::ofstream(file) << damage;
        {
            Intermediates seen(file);
            CHECK(seen.above(chain.leaf.certificate()).empty());
            seen.remember(chain.path());
            CHECK(seen.above(chain.leaf.certificate()).size() == 1);
        }
        CHECK(read(file) == damage);
    }
}

TEST_CASE("what is no regular file is not opened, for it might never end") {
    const TemporaryDirectory directory;
    const Chain chain("CA");
    const auto pipe = directory / "seen.pem";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    {
        Intermediates seen(pipe);  // opening a pipe without a writer would wait for one
        seen.remember(chain.path());
        CHECK(seen.above(chain.leaf.certificate()).size() == 1);
    }
    CHECK(std::filesystem::is_fifo(pipe));
}

TEST_CASE("without a file, or where none can be written, nothing breaks") {
    const TemporaryDirectory directory;
    const Chain chain("CA");
    {
        Intermediates none("");
        none.remember(chain.path());
        CHECK(none.above(chain.leaf.certificate()).empty());
    }
    {
        Intermediates nowhere(directory / "missing" / "seen.pem");
        nowhere.remember(chain.path());
        CHECK(nowhere.above(chain.leaf.certificate()).size() == 1);
    }
    CHECK_FALSE(std::filesystem::exists(directory / "missing"));
}

TEST_CASE("no file is made in another user's folder, where it would lock that user out") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can give a folder to another user");
        return;
    }
    constexpr uid_t nobody = 65534;
    const TemporaryDirectory directory;
    const Chain chain("CA");
    std::filesystem::create_directory(directory / "theirs");
    REQUIRE(::chown((directory / "theirs").c_str(), nobody, nobody) == 0);
    {
        Intermediates seen(directory / "theirs" / "seen.pem");
        seen.remember(chain.path());
        CHECK(seen.above(chain.leaf.certificate()).size() == 1);
    }
    CHECK(std::filesystem::is_empty(directory / "theirs"));
}
