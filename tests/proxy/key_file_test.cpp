// Who can access the CA's directory.
#include "proxy/settings/key_file.h"

#include <filesystem>
#include <fstream>

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace fs = std::filesystem;
using proxy::directory_warning;

namespace {

struct Tree {
    tests::TemporaryDirectory root;
    fs::path above = root / "above", ca = above / "ca";
    Tree() { fs::create_directories(ca); }
    std::string warned(const fs::path& opened, fs::perms more) const {
        fs::permissions(opened, fs::perms::owner_all | more);
        const auto warning = directory_warning(ca);
        fs::permissions(opened, fs::perms::owner_all);
        return warning.value_or("");
    }
};

}  // namespace

TEST_CASE(
    "a CA directory that others can write to is warned of, and one above it, which lets them put another in its place") {
    const Tree tree;
    fs::permissions(tree.above, fs::perms::owner_all);
    CHECK(tree.warned(tree.ca, {}).empty());
    for (const fs::path& opened : {tree.ca, tree.above}) {
        const std::string warning = tree.warned(opened, fs::perms::others_write);
        CHECK(warning.starts_with("warning: " + opened.string() + ": this directory can be written to by others"));
        CHECK(tree.warned(opened, fs::perms::others_read | fs::perms::others_exec).empty());
    }
    CHECK(tree.warned(tree.above, fs::perms::others_write | fs::perms::sticky_bit).empty());
    CHECK_FALSE(tree.warned(tree.ca, fs::perms::others_write | fs::perms::sticky_bit).empty());
}

TEST_CASE("a link to a CA directory is as open as what it leads to") {
    const Tree tree;
    fs::create_directory_symlink(tree.ca, tree.root / "link");
    fs::permissions(tree.ca, fs::perms::owner_all | fs::perms::others_write);
    CHECK(directory_warning(tree.root / "link"));
    CHECK_FALSE(directory_warning(tree.root / "missing"));
}
