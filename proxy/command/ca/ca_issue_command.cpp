#include "proxy/command/ca/ca_issue_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>

#include "certs/crypto.h"
#include "certs/file.h"
#include "certs/pem.h"
#include "certs/verify.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/print/escape.h"
#include "proxy/command/ca/ca_install_command.h"
#include "proxy/io/clock.h"
#include "proxy/log/log_writer.h"
#include "proxy/settings/ca_directory.h"
#include "proxy/settings/key_file.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_of_ours = 1 << 20;

StartError trouble_with(const fs::path& file, std::string_view reason) {
    return StartError(fmt::format("{}: {}", inspect::report::for_terminal(file.string()), reason));
}

StartError system_trouble(const fs::path& file) { return trouble_with(file, std::generic_category().message(errno)); }

// The directory for the files, made when it is missing, and its lock: two processes that issue the
// same names must not mix their files.
class OutDirectory {
public:
    explicit OutDirectory(const fs::path& path) {
        std::error_code failed;
        fs::create_directories(path, failed);
        if (failed) throw trouble_with(path, failed.message());
        lock_ = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (lock_ < 0) throw system_trouble(path);
        while (flock(lock_, LOCK_EX) != 0 && errno == EINTR) {}
    }
    ~OutDirectory() { close(lock_); }
    OutDirectory(const OutDirectory&) = delete;
    OutDirectory& operator=(const OutDirectory&) = delete;

private:
    int lock_ = -1;
};

struct Files {
    fs::path certificate, key;
};

// Where a write to that file goes: a symbolic link stays one.
fs::path behind_links(const fs::path& file) {
    std::error_code failed;
    if (!fs::is_symlink(file, failed)) return file;
    const fs::path target = fs::canonical(file, failed);
    if (failed)
        throw trouble_with(
            file, fmt::format("is a symbolic link that leads to no file ({}): make that file, or remove the link",
                              failed.message()));
    return target;
}

// As mkcert calls them: "_wildcard.example.test+2.pem" is for three names. A long one is cut: a
// file's name has 255 bytes, also while it is written.
Files files_for(const IssueOrder& order) {
    std::string stem = inspect::diagnosis::replaced(order.names.front(), "*", "_wildcard");
    std::ranges::replace(stem, ':', '_');
    constexpr std::size_t longest = 200;
    if (stem.size() > longest) stem.resize(longest);
    if (order.names.size() > 1) stem += fmt::format("+{}", order.names.size() - 1);
    return {order.out / (stem + ".pem"), order.out / (stem + "-key.pem")};
}

// nullopt when there is no such file. What is no regular file is never opened: a pipe would wait.
std::optional<std::string> content_of(const fs::path& file) {
    struct stat status{};
    if (stat(file.c_str(), &status) != 0) {
        if (errno == ENOENT) return std::nullopt;
        throw system_trouble(file);
    }
    if (!S_ISREG(status.st_mode)) throw trouble_with(file, "is no regular file");
    auto text = certs::read_file(file, largest_of_ours);
    if (!text) throw trouble_with(file, certs::reading_problem(text.error()));
    return *std::move(text);
}

// The first certificate of a file that is as write() makes it: certificates, and nothing that
// someone has added. nullopt for any other file.
std::optional<certs::Certificate> first_certificate(std::string_view text) {
    std::optional<certs::Certificate> first;
    std::string as_written;
    certs::PemReader reader(text);
    for (auto block = reader.next(); block && *block; block = reader.next()) {
        if (!certs::is_certificate(**block)) return std::nullopt;
        as_written += certs::to_pem((*block)->content);
        if (auto certificate = certs::Certificate::parse((*block)->content); certificate && !first)
            first = *std::move(certificate);
    }
    return as_written == text ? first : std::nullopt;
}

// The CA, and those that it has replaced.
std::vector<certs::Certificate> own_cas(const certs::Authority& authority) {
    std::vector<certs::Certificate> all{authority.certificate()};
    if (auto record = certs::read_authority_record(authority.directory()))
        std::ranges::move(record->previous, std::back_inserter(all));
    return all;
}

bool is_issued_by(const certs::Certificate& certificate, const certs::Certificate& ca) {
    return certificate.issuer() == ca.subject() &&
           certs::verify_signature(ca.public_key(), certificate.signature_algorithm(), certificate.tbs(),
                                   certificate.signature()) == certs::SignatureResult::good;
}

std::set<std::string> names_of(const certs::Certificate& certificate) {
    std::set<std::string> names;
    for (const certs::GeneralName& name : certificate.subject_alt_names())
        names.insert(name.kind == certs::GeneralNameKind::address ? certs::address_text(name.value)
                                                                  : std::string(certs::as_text(name.value)));
    return names;
}

std::string joined(const auto& names) {
    return inspect::report::for_terminal(fmt::format("{}", fmt::join(names, ", ")));
}

// What is there already and may be replaced: the key of a certificate of this CA for the same
// names; nullopt when there is nothing, or no key. Refuses any other file.
std::optional<certs::PrivateKey> key_to_keep(const Files& files, const IssueOrder& order,
                                             const certs::Authority& authority, bool& renewing) {
    constexpr std::string_view way_round = "it stays as it is: move it away, or choose another directory with --out";
    const auto certificate_text = content_of(files.certificate), key_text = content_of(files.key);
    renewing = certificate_text.has_value();
    if (!certificate_text) {
        if (key_text) throw trouble_with(files.key, fmt::format("is there without its certificate; {}", way_round));
        return std::nullopt;
    }
    const auto before = first_certificate(*certificate_text);
    const bool own = before && std::ranges::any_of(own_cas(authority), [&](const certs::Certificate& ca) {
                         return is_issued_by(*before, ca);
                     });
    if (!own)
        throw trouble_with(
            files.certificate,
            fmt::format("is there already, and is not just a certificate of this CA with its chain; {}", way_round));
    if (names_of(*before) != std::set(order.names.begin(), order.names.end()))
        throw trouble_with(files.certificate, fmt::format("is there already, for other names ({}); {}",
                                                          joined(names_of(*before)), way_round));
    if (!key_text) return std::nullopt;
    auto key = certs::PrivateKey::parse(certs::as_bytes(*key_text));
    if (!key || !std::ranges::equal(key->public_key_info(), before->public_key().der))
        throw trouble_with(files.key, fmt::format("is there already and no key of {}; {}",
                                                  files.certificate.filename().string(), way_round));
    return *std::move(key);
}

// A user's own CA may have constraints that the leaf breaks: then no client would accept it.
void check_that_clients_accept(const certs::MintedLeaf& leaf, const IssueOrder& order,
                               const certs::Authority& authority, certs::Time now) {
    certs::TrustStore trust;
    trust.add(authority.certificate());
    const std::vector<certs::Bytes> served(leaf.chain.begin(), leaf.chain.end());
    for (const std::string& name : order.names) {
        const std::string host = name.starts_with('*') ? "any" + name.substr(1) : name;
        const certs::Verdict verdict = certs::verify({.served = served, .trust = trust, .host = host, .at = now});
        if (verdict.accepted()) continue;
        const std::string_view code = verdict.problems.empty() ? "" : certs::name(verdict.problems.front().code);
        throw trouble_with(
            authority.directory() / "ca.pem",
            fmt::format("no client would accept its certificate for {}: {} (whytls explain {})", name, code, code));
    }
}

// Both are complete before either is there. The certificate first: a run that ends in between
// leaves a certificate without its key, which the next run renews. Of a key without a certificate
// no one knows whose it is.
void write(const Files& at, const certs::MintedLeaf& leaf, const certs::PrivateKey* new_key) {
    const Files files{behind_links(at.certificate), behind_links(at.key)};
    std::string chain;
    for (const certs::ByteVector& der : leaf.chain) chain += certs::to_pem(der);
    certs::FileDraft certificate(files.certificate.string(), chain, 0644);
    if (!certificate.complete()) throw system_trouble(files.certificate);
    std::optional<certs::FileDraft> key;
    if (new_key != nullptr) key.emplace(files.key.string(), new_key->pem(), 0600);
    if (key && !key->complete()) throw system_trouble(files.key);
    if (!certificate.publish()) throw system_trouble(files.certificate);
    if (key && !key->publish()) throw system_trouble(files.key);
}

// nginx takes a value with blanks in quotes.
std::string nginx_value(const fs::path& path) {
    const std::string text = path.string();
    return text.find_first_of(" \t;{}'\"\\#") == std::string::npos
               ? text
               : fmt::format("\"{}\"", inspect::diagnosis::replaced(inspect::diagnosis::replaced(text, "\\", "\\\\"),
                                                                    "\"", "\\\""));
}

// Only of places that can be asked.
void tell_of_trust(const CaCommand& command, const certs::Authority& authority) {
    if (!authority.certificate().is_self_issued()) {
        fmt::print("\nClients must trust the root that this intermediate CA comes from.\n");
        return;
    }
    const Installed installed = where_installed(authority.certificate());
    if (installed.in.empty())
        fmt::print("\nClients must trust the CA; on this machine:\n  {}\n", install_command(command.ca_dir));
    else if (!installed.not_in.empty())
        fmt::print("\nThe CA is not yet in {}:\n  {}\n", fmt::join(installed.not_in, "; nor in "),
                   install_command(command.ca_dir));
}

}  // namespace

int issue_certificate(const CaCommand& command) {
    const IssueOrder& order = command.order;
    const certs::Time now = io::now();
    const certs::Authority authority = open_or_make_ca(command.ca_dir);
    const OutDirectory directory(order.out);
    const Files files = files_for(order);
    bool renewing = false;
    const std::optional<certs::PrivateKey> kept = key_to_keep(files, order, authority, renewing);
    const certs::PrivateKey key = kept ? *kept : certs::PrivateKey::generate(certs::PrivateKeyKind::ec_p256);
    const certs::Time until{now.seconds + order.days * certs::day};
    const certs::MintedLeaf leaf = authority.issue(order.names, key, now, until);
    check_that_clients_accept(leaf, order, authority, now);
    write(files, leaf, kept ? nullptr : &key);

    if (const auto warning = key_file_warning(files.key)) say(*warning);
    const auto row = [](std::string_view label, std::string_view value) { fmt::print("{:<12} {}\n", label, value); };
    const auto shown = [](const fs::path& path) { return inspect::report::for_terminal(path.string(), 4096); };
    row("certificate", shown(files.certificate) + (renewing ? " (renewed)" : ""));
    row("private key", shown(files.key) + (kept ? " (as it was)" : renewing ? " (new)" : ""));
    row("covers", joined(order.names));
    for (const std::string& name : order.names)
        if (const std::string below = name.starts_with("*.") ? name.substr(2) : "";
            !below.empty() && std::ranges::find(order.names, below) == order.names.end())
            row("", fmt::format("({} does not cover {} itself)", name, below));
    row("valid until", certs::readable(leaf.not_after) + (leaf.not_after < until ? ", when the CA ends" : ""));
    fmt::print("\nIn nginx (and reload it):\n  ssl_certificate     {};\n  ssl_certificate_key {};\n",
               nginx_value(shown(files.certificate)), nginx_value(shown(files.key)));
    if (files.certificate.string().contains('$'))
        fmt::print(
            "(nginx takes $ for a variable, and nothing escapes it: choose a directory without one with --out.)\n");
    tell_of_trust(command, authority);
    return 0;
}

}  // namespace proxy
