#include "certs/trust_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "certs/file.h"
#include "certs/pem.h"

namespace certs {

namespace {

namespace fs = std::filesystem;

std::string describe(const ParseError& error) {
    return fmt::format("holds a certificate that cannot be parsed: {} at byte {}: {}", error.field, error.offset, error.reason);
}

}  // namespace

void TrustStore::add(Certificate certificate) {
    if (contains(certificate)) return;
    by_subject_.emplace(certificate.subject().canonical(), anchors_.size());
    anchors_.push_back(std::move(certificate));
}

std::vector<const Certificate*> TrustStore::find(const DistinguishedName& subject) const {
    std::vector<const Certificate*> found;
    const auto [begin, end] = by_subject_.equal_range(subject.canonical());
    for (auto entry = begin; entry != end; ++entry) found.push_back(&anchors_[entry->second]);
    // In the order added, so that the answer does not depend on the hash.
    std::ranges::sort(found);
    return found;
}

bool TrustStore::contains(const Certificate& certificate) const {
    const auto [begin, end] = by_subject_.equal_range(certificate.subject().canonical());
    return std::any_of(begin, end, [&](const auto& entry) { return anchors_[entry.second] == certificate; });
}

void TrustStore::name_source(const fs::path& path) {
    if (!source_.empty()) source_ += ", ";
    source_ += path.string();
}

std::expected<void, TrustError> TrustStore::read_file(const fs::path& path, bool lenient, bool must_have_one) {
    const auto text = file_contents(path);
    if (!text) return std::unexpected(TrustError{path.string(), 0, text.error()});
    const auto add_certificate = [&](Bytes der, std::size_t line) -> std::expected<void, TrustError> {
        auto certificate = Certificate::parse(der);
        if (certificate)
            add(*std::move(certificate));
        else if (lenient)
            ++skipped_;
        else
            return std::unexpected(TrustError{path.string(), line, describe(certificate.error())});
        return {};
    };
    // A DER certificate begins with a SEQUENCE, a byte that no PEM file begins with ("0" would be explanatory text).
    if (text->starts_with('\x30') && !text->contains("-----BEGIN ")) return add_certificate(as_bytes(*text), 0);

    const auto blocks = read_pem(*text);
    if (!blocks && lenient) return {};
    if (!blocks) return std::unexpected(TrustError{path.string(), blocks.error().line, std::string(blocks.error().reason)});
    std::size_t count = 0;
    for (const PemBlock& block : *blocks) {
        if (!is_certificate(block)) continue;
        ++count;
        if (const auto added = add_certificate(block.content, block.line); !added) return added;
    }
    if (count == 0 && must_have_one) return std::unexpected(TrustError{path.string(), 0, "holds no certificate"});
    return {};
}

std::expected<void, TrustError> TrustStore::read_directory(const fs::path& path, bool lenient) {
    std::error_code error;
    std::vector<fs::path> files;
    for (auto entry = fs::directory_iterator(path, error); !error && entry != fs::directory_iterator(); entry.increment(error)) {
        std::error_code ignored;
        if (entry->is_regular_file(ignored)) files.push_back(entry->path());
    }
    if (error) return std::unexpected(TrustError{path.string(), 0, "cannot be listed: " + error.message()});
    std::ranges::sort(files);
    const std::size_t before = anchors_.size();
    for (const fs::path& file : files) {
        if (const auto added = read_file(file, lenient, false); !added) return added;
    }
    if (anchors_.size() == before && before == 0) return std::unexpected(TrustError{path.string(), 0, "holds no certificate"});
    return {};
}

std::expected<void, TrustError> TrustStore::read(const fs::path& path, bool lenient) {
    std::error_code error;
    auto result = fs::is_directory(path, error) ? read_directory(path, lenient) : read_file(path, lenient, true);
    if (result) name_source(path);
    return result;
}

std::expected<void, TrustError> TrustStore::add_file(const fs::path& path) { return read(path, false); }

std::expected<TrustStore, TrustError> TrustStore::system() {
    TrustStore store;
    const char* const file = std::getenv("SSL_CERT_FILE");
    const char* const directories = std::getenv("SSL_CERT_DIR");
    bool asked = false;
    if (file != nullptr && *file != 0) {
        asked = true;
        if (auto added = store.read(file, true); !added) return std::unexpected(added.error());
    }
    std::string_view rest = directories == nullptr ? "" : directories;
    while (!rest.empty()) {  // a list, as OpenSSL reads it
        asked = true;
        const std::size_t end = std::min(rest.find(':'), rest.size());
        if (end > 0) {
            if (auto added = store.read(rest.substr(0, end), true); !added) return std::unexpected(added.error());
        }
        rest.remove_prefix(std::min(rest.size(), end + 1));
    }
    if (asked) return store;

    // Debian and its kin, Fedora and RHEL (new, then old), openSUSE, Alpine and FreeBSD.
    constexpr const char* bundles[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                                       "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};
    for (const char* const bundle : bundles) {
        std::error_code error;
        if (!fs::is_regular_file(bundle, error)) continue;
        if (auto added = store.read(bundle, true); !added) return std::unexpected(added.error());
        return store;
    }
    return std::unexpected(TrustError{bundles[0], 0, "is not there, nor another system's bundle of roots (is ca-certificates installed?)"});
}

}  // namespace certs
