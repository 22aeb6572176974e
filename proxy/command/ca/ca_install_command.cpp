#include "proxy/command/ca/ca_install_command.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "certs/authority.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/print/escape.h"
#include "proxy/ca/trust_install.h"
#include "proxy/io/child.h"
#include "proxy/io/clock.h"
#include "proxy/log/log_writer.h"
#include "proxy/settings/key_file.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace fs = std::filesystem;

namespace {

using inspect::diagnosis::shell_word;

constexpr std::array browsers{"chromium",       "chromium-browser", "google-chrome", "google-chrome-stable",
                              "microsoft-edge", "brave-browser"};

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

void add_nss_databases(std::vector<TrustPlace>& places) {
    const std::string home = environment("HOME");
    if (!home.starts_with('/')) return;
    for (const fs::path& each : find_nss_databases(home)) places.emplace_back(NssDatabase{each});
    if (std::ranges::none_of(browsers, [](const char* name) { return find_program(name).has_value(); })) return;
    if (const auto missing = missing_nss_database(home)) places.emplace_back(NssDatabase{*missing, false});
}

std::optional<JavaStore> find_java() {
    if (const std::string home = environment("JAVA_HOME"); home.starts_with('/')) return find_java_store(home);
    const auto program = find_program("keytool");
    if (!program) return std::nullopt;
    std::error_code failed;
    const fs::path file = fs::canonical(*program, failed);  // the file in /usr/bin is a link into the JDK
    return failed ? std::nullopt : find_java_store(file.parent_path().parent_path());
}

std::vector<TrustPlace> find_places(const TrustKinds& kinds) {
    std::vector<TrustPlace> places;
    if (kinds.system) {
        if (const auto store = find_system_store("/")) places.emplace_back(*store);
    }
    if (kinds.nss) add_nss_databases(places);
    if (kinds.java) {
        if (const auto store = find_java()) places.emplace_back(*store);
    }
    return places;
}

std::string command_line(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + shell_word(word);
    return text;
}

// The lines that are printed, and the names of the commands in them.
class Account {
public:
    Account(const char* verb, fs::path ca_dir) : verb_(verb), ca_dir_(std::move(ca_dir)) {}

    void tell(std::string_view what, const TrustPlace& place, std::string_view more = "") const {
        fmt::print("{:<14} {}{}\n", what, describe(place), more);
    }
    void tell(const TrustPlace& place, const Hindrance& hindrance) {
        complete_ = false;
        tell("could not", place, ": " + inspect::report::for_terminal(hindrance.why));
        const std::string command = way_out(place, hindrance);
        if (!command.empty()) fmt::print("{:<14} {}\n", "", command);
    }
    int exit_code() const { return complete_ ? 0 : 1; }

private:
    std::string way_out(const TrustPlace& place, const Hindrance& hindrance) const {
        if (hindrance.kind == Hindrance::Kind::other) return command_line(hindrance.command);
        const bool root = hindrance.kind == Hindrance::Kind::needs_root;
        std::error_code failed;
        const fs::path self = fs::read_symlink("/proc/self/exe", failed);
        std::vector<std::string> words;
        if (root) words.emplace_back("sudo");
        // sudo drops the variable, and root may have another keytool.
        if (const auto* java = std::get_if<JavaStore>(&place); java != nullptr && root)
            words.insert(words.end(), {"env", "JAVA_HOME=" + java->keytool.parent_path().parent_path().string()});
        const char* kind = std::array{"system", "nss", "java"}.at(place.index());
        words.insert(words.end(),
                     {failed ? "whytls" : self.string(), "ca", verb_, "--ca-dir", ca_dir_.string(), "--only", kind});
        return (root ? "" : "as that user: ") + command_line(words);
    }

    const char* verb_;
    fs::path ca_dir_;
    bool complete_ = true;
};

certs::AuthorityRecord record_of(const fs::path& directory) {
    auto record = certs::read_authority_record(directory);
    if (!record) throw StartError(fmt::format("CA: {}: {}", record.error().file, record.error().reason));
    return *std::move(record);
}

certs::Authority usable(std::expected<certs::Authority, certs::AuthorityError> authority) {
    if (!authority) throw StartError(fmt::format("CA: {}: {}", authority.error().file, authority.error().reason));
    return *std::move(authority);
}

// Whether it is not there (any more).
bool take_out(const TrustPlace& place, const certs::Certificate& ca, Account& account, bool& was_there) {
    const auto there = is_installed(place, ca);
    const auto done = !there   ? std::unexpected(there.error())
                      : *there ? uninstall(place, ca)
                               : std::expected<void, Hindrance>{};
    was_there = there.value_or(false);
    if (!done)
        account.tell(place, done.error());
    else if (was_there)
        account.tell("removed", place, fmt::format(" ({})", trust_label(ca)));
    return done.has_value();
}

bool take_out(const TrustPlace& place, const std::vector<certs::Certificate>& all, Account& account) {
    bool was_there = false;
    return std::ranges::all_of(
        all, [&](const certs::Certificate& each) { return take_out(place, each, account, was_there); });
}

void put_in(const TrustPlace& place, const certs::Certificate& ca, Account& account) {
    const auto there = is_installed(place, ca);
    const auto done = !there   ? std::unexpected(there.error())
                      : *there ? std::expected<void, Hindrance>{}
                               : install(place, ca);
    if (!done)
        account.tell(place, done.error());
    else
        account.tell(*there ? "already there" : "installed", place, fmt::format(" ({})", trust_label(ca)));
}

// Reports what no store can do.
void tell_of_others(const fs::path& ca_dir) {
    fmt::print(
        "\nPrograms that are running see it when they start again. Node reads none of these; for it, in your shell's profile:\n"
        "  export NODE_EXTRA_CA_CERTS={}\n",
        shell_word((ca_dir / "ca.pem").string()));
}

void tell_of_absent(const TrustKinds& kinds, const std::vector<TrustPlace>& places) {
    const std::array looked_for{kinds.system, kinds.nss, kinds.java};
    const std::array names{"a system's store as Debian, Fedora, Alpine, Arch or openSUSE have it",
                           "a browser's NSS database", "a JDK (JAVA_HOME, or keytool in PATH)"};
    for (std::size_t kind = 0; kind < names.size(); ++kind) {
        const bool found = std::ranges::any_of(places, [&](const TrustPlace& place) { return place.index() == kind; });
        if (looked_for[kind] && !found) fmt::print("{:<14} {}\n", "not found", names[kind]);
    }
}

}  // namespace

int install_ca(const CaCommand& command) {
    const certs::Authority authority = usable(certs::Authority::open(command.ca_dir, io::now()));
    for (const std::string& warning : ca_warnings(command.ca_dir)) say(warning);
    if (authority.created()) fmt::print("made a local CA in {}\n", command.ca_dir.string());
    if (!authority.certificate().is_self_issued())
        throw StartError(fmt::format("CA: {}: is an intermediate CA: install the root that it comes from",
                                     (command.ca_dir / "ca.pem").string()));
    const certs::AuthorityRecord record = record_of(command.ca_dir);
    Account account("install", command.ca_dir);
    const std::vector<TrustPlace> places = find_places(command.only);
    for (const TrustPlace& place : places) {
        if (take_out(place, record.previous, account)) put_in(place, authority.certificate(), account);
    }
    tell_of_absent(command.only, places);
    tell_of_others(command.ca_dir);
    return account.exit_code();
}

int uninstall_ca(const CaCommand& command) {
    const certs::AuthorityRecord record = record_of(command.ca_dir);
    if (!record.current)
        throw StartError(
            fmt::format("CA: {}: is missing: it tells what to remove", (command.ca_dir / "ca.pem").string()));
    Account account("uninstall", command.ca_dir);
    for (const TrustPlace& place : find_places(command.only)) {
        bool was_there = false;
        const bool gone = take_out(place, *record.current, account, was_there);
        if (gone && !was_there) account.tell("not there", place);
        if (gone) take_out(place, record.previous, account);
    }
    return account.exit_code();
}

int rotate_ca(const CaCommand& command) {
    struct stat status{};
    // A key of root's in a user's folder would lock the user out.
    if (stat(command.ca_dir.c_str(), &status) == 0 && status.st_uid != geteuid())
        throw StartError(
            fmt::format("CA: {} belongs to another user: rotate it as that user", command.ca_dir.string()));
    const certs::AuthorityRecord before = record_of(command.ca_dir);
    if (!before.current)
        throw StartError(
            fmt::format("CA: {}: is missing: there is no CA to replace", (command.ca_dir / "ca.pem").string()));
    std::vector<TrustPlace> places = find_places(command.only);
    std::erase_if(places,
                  [&](const TrustPlace& place) { return !is_installed(place, *before.current).value_or(true); });
    const certs::Authority authority = usable(certs::Authority::rotate(command.ca_dir, io::now()));
    fmt::print("{:<14} {} by {}\n", "replaced", trust_label(*before.current), trust_label(authority.certificate()));
    const certs::AuthorityRecord after = record_of(command.ca_dir);
    Account account("install", command.ca_dir);
    for (const TrustPlace& place : places) {
        if (take_out(place, after.previous, account)) put_in(place, authority.certificate(), account);
    }
    fmt::print(
        "\nA proxy that is running keeps the old one until it gets SIGHUP or is started again.\n"
        "Certificates of `whytls ca issue` are to be issued again: the same command renews them.\n");
    return account.exit_code();
}

Installed where_installed(const certs::Certificate& ca) {
    Installed installed;
    for (const TrustPlace& place : find_places({})) {
        if (const auto there = is_installed(place, ca))
            (*there ? installed.in : installed.not_in).push_back(describe(place));
    }
    return installed;
}

}  // namespace proxy
