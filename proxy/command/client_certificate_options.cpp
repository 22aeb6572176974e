#include "proxy/command/client_certificate_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <optional>

#include "certs/certificate.h"
#include "certs/credentials.h"
#include "certs/file.h"
#include "certs/iterations.h"
#include "certs/oid.h"
#include "inspect/diagnosis/wording.h"
#include "proxy/io/clock.h"
#include "proxy/settings/key_file.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

// A value of --client-cert or --client-key.
struct HostFile {
    std::string host = "*", file;
};

// A host name has no '/', so a path that contains a '=' can be written as ./PATH.
HostFile parse_host_file(const std::string& text, std::string_view option) {
    HostFile parsed;
    const auto equals = text.find('=');
    const bool has_host = equals != std::string::npos && !text.substr(0, equals).contains('/');
    parsed.file = has_host ? text.substr(equals + 1) : text;
    if (has_host) parsed.host = text.substr(0, equals);
    if (parsed.file.empty() || parsed.host.empty())
        throw UsageError(fmt::format("{} takes [HOST=]FILE, not '{}'", option, text));
    try {
        (void)HostPattern(parsed.host);
    } catch (const UsageError& error) { throw UsageError(fmt::format("{} {}: {}", option, text, error.what())); }
    return parsed;
}

std::string read(std::string_view option, const std::string& file) {
    auto text = certs::read_file(file);
    if (!text) throw UsageError(fmt::format("{} {}: {}", option, file, certs::reading_problem(text.error())));
    return *std::move(text);
}

std::optional<std::string> read_password(const std::string& text) {
    constexpr const char* option = "--client-key-password";
    if (text.empty()) return std::nullopt;
    if (text.starts_with("env:")) {
        const char* value = std::getenv(text.c_str() + 4);
        if (value == nullptr)
            throw UsageError(fmt::format("{} {}: there is no such environment variable", option, text));
        return value;
    }
    if (!text.starts_with("file:")) return text;
    const std::string content = read(option, text.substr(5));
    return content.substr(0, content.find_first_of("\r\n"));
}

std::string problem(certs::CredentialsError error, const std::string& file) {
    const bool pkcs12 = file.ends_with(".p12") || file.ends_with(".pfx");
    switch (error) {
        case certs::CredentialsError::nothing: return "holds neither a certificate nor a private key (PEM or PKCS #12)";
        case certs::CredentialsError::locked:
            return pkcs12 ? "is locked: add --client-key-password"
                          : "holds an encrypted key: add --client-key-password, or take the encryption off with "
                            "`openssl pkey -in KEY.pem -out OPEN.pem`";
        case certs::CredentialsError::old_encryption:
            return fmt::format(
                "its private key is encrypted in an old way (Proc-Type: 4,ENCRYPTED) that cannot be read here: convert it with "
                "`openssl pkey -in {} -out NEW.pem`",
                inspect::diagnosis::shell_word(file));
        case certs::CredentialsError::wrong_password: return "--client-key-password does not open it";
        case certs::CredentialsError::unsupported_key:
            return "its private key is damaged, or neither RSA, Ed25519 nor EC over P-256, P-384 or P-521";
        case certs::CredentialsError::unsupported_pkcs12:
            return "is no PKCS #12 that can be read here (older programs protect it with 3DES or RC2): convert it with "
                   "`openssl pkcs12 -legacy -nodes -in FILE.p12 -out FILE.pem`";
        case certs::CredentialsError::too_many_iterations:
            return fmt::format(
                "opening it takes more than {} rounds of hashing the password, the most that is done here; "
                "if you trust it, convert it with `openssl {}`",
                certs::most_iterations,
                pkcs12 ? "pkcs12 -nodes -in FILE.p12 -out FILE.pem" : "pkey -in KEY.pem -out OPEN.pem");
    }
    return "";
}

certs::Credentials load(std::string_view option, const std::string& file, const std::optional<std::string>& password) {
    auto found = certs::read_credentials(read(option, file), password);
    if (!found) throw UsageError(fmt::format("{} {}: {}", option, file, problem(found.error(), file)));
    return *std::move(found);
}

// Whether a client may use it as its certificate (RFC 5280 §4.2.1.12).
bool is_for_clients(const certs::Certificate& certificate) {
    const auto& usage = certificate.extensions().extended_key_usage;
    return !usage || std::ranges::any_of(*usage, [](const certs::Oid& purpose) {
        return purpose == certs::oid::client_auth || purpose == certs::oid::any_purpose;
    });
}

std::vector<std::string> purposes_of(const certs::Certificate& certificate) {
    std::vector<std::string> names;
    for (const certs::Oid& purpose : certificate.extensions().extended_key_usage.value_or(std::vector<certs::Oid>()))
        names.push_back(certs::printable_name(purpose));
    return names;
}

void warn(const certs::Certificate& certificate, const HostFile& from, const std::string& key_file,
          Settings& settings) {
    const certs::Time at = io::now();
    const auto add = [&](const std::string& file, std::string_view what) {
        settings.warnings.push_back(fmt::format("warning: {}: {}", file, what));
    };
    if (certificate.not_after() < at) add(from.file, "this client certificate has expired: servers will refuse it");
    if (at < certificate.not_before())
        add(from.file, "this client certificate is not valid yet: servers will refuse it");
    if (!is_for_clients(certificate))
        add(from.file, "this certificate's purposes (EKU) do not include clientAuth: servers may refuse it");
    if (auto readable = key_file_warning(key_file)) settings.warnings.push_back(*std::move(readable));
}

ClientCertificate client_certificate(const HostFile& from, const HostFile* key_from,
                                     const std::optional<std::string>& password, Settings& settings) {
    certs::Credentials own = load("--client-cert", from.file, password);
    if (own.certificates.empty()) throw UsageError(fmt::format("--client-cert {}: holds no certificate", from.file));
    if (key_from != nullptr) {
        own.key = load("--client-key", key_from->file, password).key;
        if (!own.key) throw UsageError(fmt::format("--client-key {}: holds no private key", key_from->file));
    }
    if (!own.key)
        throw UsageError(
            fmt::format("--client-cert {}: holds no private key, and no --client-key gives one", from.file));
    const auto leaf = certs::Certificate::parse(own.certificates.front());
    if (!leaf) throw UsageError(fmt::format("--client-cert {}: its first certificate cannot be read", from.file));
    const std::string& key_file = key_from != nullptr ? key_from->file : from.file;
    if (!certs::belongs_to(*own.key, own.certificates.front()))
        throw UsageError(fmt::format("--client-key {}: the key does not belong to the first certificate in {}",
                                     key_file, from.file));
    warn(*leaf, from, key_file, settings);
    return {HostPattern(from.host),
            {own.certificates, own.key->der()},
            {.description = certs::describe(*leaf),
             .file = from.file,
             .certificates = own.certificates.size(),
             .purposes = purposes_of(*leaf),
             .for_clients = is_for_clients(*leaf)}};
}

}  // namespace

void ClientCertificateOptions::add_to(CLI::App& app) {
    app.add_option(
           "--client-cert", certificates_,
           "show this certificate to servers that ask for one, once they are verified: PEM, leaf first, or PKCS #12; HOST (a name, "
           "*.example.com) limits it; may be given again")
        ->type_name("[HOST=]FILE")
        ->allow_extra_args(false);
    app.add_option("--client-key", keys_, "its private key, unless the same file holds it; may be given again")
        ->type_name("[HOST=]FILE")
        ->allow_extra_args(false);
    app.add_option("--client-key-password", password_,
                   "what opens an encrypted key or PKCS #12: itself, env:NAME or file:PATH")
        ->type_name("PASS")
        ->take_last();
}

void ClientCertificateOptions::settle(Settings& settings) const {
    std::vector<HostFile> certificates, keys;
    for (const std::string& text : certificates_) certificates.push_back(parse_host_file(text, "--client-cert"));
    for (const std::string& text : keys_) keys.push_back(parse_host_file(text, "--client-key"));
    const auto for_host = [](const std::vector<HostFile>& files, const HostFile& other) {
        const auto found = std::ranges::find(files, other.host, &HostFile::host);
        return found == files.end() ? nullptr : &*found;
    };
    const auto place = [](const HostFile& file) { return file.host == "*" ? std::string("every host") : file.host; };
    for (const HostFile& key : keys)
        if (for_host(certificates, key) == nullptr)
            throw UsageError(
                fmt::format("--client-key {}: no --client-cert for {} goes with it", key.file, place(key)));
    for (const HostFile& file : certificates) {
        if (for_host(certificates, file) != &file)
            throw UsageError(fmt::format("--client-cert is given twice for {}", place(file)));
    }
    // The narrowest pattern counts: a name, the longest domain, any host.
    std::ranges::sort(certificates, [](const HostFile& a, const HostFile& b) {
        const bool wide_a = a.host.starts_with('*'), wide_b = b.host.starts_with('*');
        return wide_a != wide_b ? wide_b : a.host.size() > b.host.size();
    });
    const std::optional<std::string> password = read_password(password_);
    for (const HostFile& file : certificates)
        settings.client_certificates.push_back(client_certificate(file, for_host(keys, file), password, settings));
}

void warn_of_withheld(Settings& settings) {
    for (const ClientCertificate& own : settings.client_certificates) {
        const std::string beginning = fmt::format("warning: {}: this client certificate is", own.shown.file);
        for (const HostPattern& exempt : settings.insecure) {
            if (!exempt.matches(own.hosts.text()) && !own.hosts.matches(exempt.text())) continue;
            settings.warnings.push_back(fmt::format("{} not shown to {}: with --insecure nothing proves who that is",
                                                    beginning, exempt.text() == "*" ? "any server" : exempt.text()));
        }
    }
}

}  // namespace proxy
