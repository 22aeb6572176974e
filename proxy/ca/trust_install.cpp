#include "proxy/ca/trust_install.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "certs/bytes.h"
#include "certs/certificate_file.h"
#include "certs/file.h"
#include "certs/pem.h"
#include "inspect/report/print/escape.h"
#include "proxy/io/child.h"

namespace proxy {

namespace fs = std::filesystem;

namespace {

using Kind = Hindrance::Kind;
using Done = std::expected<void, Hindrance>;

std::unexpected<Hindrance> hindered(std::string why, Kind kind = Kind::other) {
    return std::unexpected(Hindrance{kind, std::move(why), {}});
}

std::unexpected<Hindrance> system_error(const fs::path& path) {
    return hindered(fmt::format("{}: {}", path.string(), std::generic_category().message(errno)));
}

bool holds(std::string_view text, const certs::Certificate& ca) {
    const std::vector<certs::Certificate> found = certs::read_certificates(certs::as_bytes(text));
    return std::ranges::find(found, ca) != found.end();
}

// The output of a program that must succeed.
std::expected<std::string, Hindrance> run(const std::vector<std::string>& arguments, std::string_view input = {}) {
    const std::expected<ChildResult, std::string> child = run_child(arguments, input);
    const std::string name = fs::path(arguments.front()).filename().string();
    if (!child) return hindered(fmt::format("{} {}", name, child.error()));
    if (child->exit_code != 0) return hindered(fmt::format("{}: {}", name, child->last_words()));
    return child->output;
}

// Whether the entry with our name there is ours; false when there is none, an error when it is
// another's.
std::expected<bool, Hindrance> is_ours(std::string_view entry, const certs::Certificate& ca) {
    if (!entry.contains("-----BEGIN ")) return false;
    if (!holds(entry, ca)) return hindered(fmt::format("another certificate has the name {} there", trust_label(ca)));
    return true;
}

// ---- the system's store

fs::path file_in(const SystemStore& store, const certs::Certificate& ca) {
    return store.anchors / (trust_label(ca) + ".crt");
}

std::expected<bool, Hindrance> contains(const SystemStore& store, const certs::Certificate& ca) {
    const fs::path path = file_in(store, ca);
    const std::expected<std::string, int> text = certs::read_file(path.string(), 1 << 20);
    if (!text && text.error() == ENOENT) return false;
    if (!text) return hindered(fmt::format("{} {}", path.string(), certs::reading_problem(text.error())));
    if (!holds(*text, ca)) return hindered(fmt::format("{} is another certificate", path.string()));
    return true;
}

bool writable(const fs::path& path) { return access(path.c_str(), W_OK) == 0; }

Done add(const SystemStore& store, const certs::Certificate& ca) {
    if (!writable(store.anchors)) return hindered("needs root", Kind::needs_root);
    const fs::path path = file_in(store, ca);
    certs::FileDraft file(path.string(), certs::to_pem(ca.der()), 0644);
    if (!file.complete() || !file.publish()) return system_error(path);
    const auto refreshed = run(store.refresh);
    if (refreshed) return {};
    unlink(path.c_str());
    [[maybe_unused]] const auto undone = run(store.rebuild);
    return std::unexpected(refreshed.error());
}

Done remove(const SystemStore& store, const certs::Certificate& ca) {
    if (!writable(store.anchors)) return hindered("needs root", Kind::needs_root);
    const fs::path path = file_in(store, ca);
    if (unlink(path.c_str()) != 0) return system_error(path);
    if (const auto rebuilt = run(store.rebuild); !rebuilt) return std::unexpected(rebuilt.error());
    return {};
}

// ---- NSS

std::string nickname(const certs::Certificate& ca) {
    std::string name = trust_label(ca);
    std::ranges::replace(name, '-', ' ');
    return name;
}

// certutil with a database, ready for more arguments.
std::expected<std::vector<std::string>, Hindrance> certutil(const NssDatabase& database) {
    const auto program = find_program("certutil");
    if (!program)
        return hindered(
            "certutil is not installed: it is in the package libnss3-tools (Debian, Ubuntu), nss-tools (Fedora, Alpine), nss (Arch)");
    return std::vector<std::string>{program->string(), "-d", "sql:" + database.directory.string()};
}

std::vector<std::string> operator+(std::vector<std::string> words, std::vector<std::string> more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

std::expected<bool, Hindrance> contains(const NssDatabase& database, const certs::Certificate& ca) {
    if (!database.exists) return false;
    const auto tool = certutil(database);
    if (!tool) return std::unexpected(tool.error());
    const auto entry = run_child(*tool + std::vector<std::string>{"-L", "-n", nickname(ca), "-a"});
    if (!entry) return hindered("certutil " + entry.error());
    return is_ours(entry->exit_code == 0 ? entry->output : "", ca);
}

// Files of root's in a user's folder would lock the user out.
Done check_owner(fs::path path) {
    struct stat status{};
    while (stat(path.c_str(), &status) != 0) {
        if (errno != ENOENT || !path.has_relative_path()) return system_error(path);
        path = path.parent_path();
    }
    if (status.st_uid != geteuid()) return hindered("belongs to another user", Kind::other_user);
    return {};
}

Done create(const NssDatabase& database, const std::vector<std::string>& tool) {
    std::error_code error;
    fs::create_directories(database.directory, error);
    if (error) return hindered(fmt::format("{}: {}", database.directory.string(), error.message()));
    fs::permissions(database.directory, fs::perms::owner_all, error);
    if (const auto made = run(tool + std::vector<std::string>{"-N", "--empty-password"}); !made)
        return std::unexpected(made.error());
    return {};
}

Done add(const NssDatabase& database, const certs::Certificate& ca) {
    if (Done owned = check_owner(database.directory); !owned) return owned;
    const auto tool = certutil(database);
    if (!tool) return std::unexpected(tool.error());
    if (!database.exists) {
        if (Done made = create(database, *tool); !made) return made;
    }
    const std::vector<std::string> arguments =
        *tool + std::vector<std::string>{"-A", "-t", "C,,", "-n", nickname(ca), "-a"};
    auto added = run(arguments, certs::to_pem(ca.der()));
    if (added) return {};
    // Without the database's password the certificate is stored, but its trust is not.
    [[maybe_unused]] const auto undone = run_child(*tool + std::vector<std::string>{"-D", "-n", nickname(ca)});
    added.error().command = arguments;
    return std::unexpected(added.error());
}

Done remove(const NssDatabase& database, const certs::Certificate& ca) {
    if (Done owned = check_owner(database.directory); !owned) return owned;
    const auto tool = certutil(database);
    if (!tool) return std::unexpected(tool.error());
    if (const auto gone = run(*tool + std::vector<std::string>{"-D", "-n", nickname(ca)}); !gone)
        return std::unexpected(gone.error());
    return {};
}

// ---- Java

// Debian copies the content of the system's store into Java's under the second name, and leaves it
// there.
std::array<std::string, 2> aliases(const certs::Certificate& ca) {
    return {trust_label(ca), fmt::format("debian:{}.pem", trust_label(ca))};
}

std::vector<std::string> keytool(const JavaStore& store, const char* what, const std::string& alias) {
    // "changeit" is the password that every JDK ships with: it protects nothing.
    return {store.keytool.string(), what,       "-keystore", store.cacerts.string(),
            "-storepass",           "changeit", "-alias",    alias};
}

std::expected<bool, Hindrance> contains(const JavaStore& store, const certs::Certificate& ca,
                                        const std::string& alias) {
    const auto entry = run_child(keytool(store, "-exportcert", alias) + std::vector<std::string>{"-rfc"});
    if (!entry) return hindered("keytool " + entry.error());
    return is_ours(entry->exit_code == 0 ? entry->output : "", ca);
}

std::expected<bool, Hindrance> contains(const JavaStore& store, const certs::Certificate& ca) {
    for (const std::string& alias : aliases(ca)) {
        const auto there = contains(store, ca, alias);
        if (!there || *there) return there;
    }
    return false;
}

Done add(const JavaStore& store, const certs::Certificate& ca) {
    if (!writable(store.cacerts)) return hindered("needs root", Kind::needs_root);
    const auto added = run(keytool(store, "-importcert", trust_label(ca)) + std::vector<std::string>{"-noprompt"},
                           certs::to_pem(ca.der()));
    if (!added) return std::unexpected(added.error());
    return {};
}

Done remove(const JavaStore& store, const certs::Certificate& ca) {
    if (!writable(store.cacerts)) return hindered("needs root", Kind::needs_root);
    for (const std::string& alias : aliases(ca)) {
        if (!contains(store, ca, alias).value_or(false)) continue;
        if (const auto gone = run(keytool(store, "-delete", alias)); !gone) return std::unexpected(gone.error());
    }
    return {};
}

struct Describe {
    std::string operator()(const SystemStore& store) const {
        return fmt::format("the system's store, {}", store.anchors.string());
    }
    std::string operator()(const NssDatabase& database) const {
        const bool firefox = database.directory.string().contains("/firefox/");
        return fmt::format("{}, {}", firefox ? "Firefox" : "Chromium, Chrome and other users of NSS",
                           database.directory.string());
    }
    std::string operator()(const JavaStore& store) const { return fmt::format("Java, {}", store.cacerts.string()); }
};

}  // namespace

std::string trust_label(const certs::Certificate& ca) { return "whytls-" + certs::hex(ca.sha256()).substr(0, 8); }

std::string describe(const TrustPlace& place) { return inspect::report::for_terminal(std::visit(Describe{}, place)); }

std::expected<bool, Hindrance> is_installed(const TrustPlace& place, const certs::Certificate& ca) {
    return std::visit([&](const auto& each) { return contains(each, ca); }, place);
}

std::expected<void, Hindrance> install(const TrustPlace& place, const certs::Certificate& ca) {
    return std::visit([&](const auto& each) { return add(each, ca); }, place);
}

std::expected<void, Hindrance> uninstall(const TrustPlace& place, const certs::Certificate& ca) {
    return std::visit([&](const auto& each) { return remove(each, ca); }, place);
}

}  // namespace proxy
