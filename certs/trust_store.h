// The trust anchors in force, as a value made from files' contents; finds anchors by subject name.
// Knows nothing of what a path needs beyond that.
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "certs/certificate.h"

namespace certs {

// A trust file that cannot be used: which one, where, why ("cannot be read: Permission denied").
struct TrustError {
    std::string file;
    std::size_t line = 0;  // 1-based; 0 when it is about the whole file
    std::string reason;
};

// How much of an anchor's certificate is judged. In RFC 5280 §6.1.1(d) an anchor is a name and a
// key. Most clients judge more, so that a root that expired, or says that it is not a CA, is not an
// anchor.
struct AnchorRules {
    bool dates = true;
    // Basic constraints, key usage, EKU, name constraints, policies, critical extensions: those
    // that are present.
    bool constraints = true;
    bool certificate = true;  // a version 3 one must say that it is a CA's, as an intermediate must
};

// The system's bundles of anchors, below "/": of Debian and its kin, Fedora and RHEL (new, then
// old), openSUSE, Alpine and FreeBSD.
inline constexpr auto system_bundles = std::to_array<std::string_view>(
    {"etc/ssl/certs/ca-certificates.crt", "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
     "etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/ca-bundle.pem", "etc/ssl/cert.pem"});

class TrustStore {
public:
    // Adds every certificate of a PEM bundle, a single DER file, or (not recursively) a directory
    // of them; of OpenSSL's "TRUSTED CERTIFICATE" those that are trusted for TLS servers. A file or
    // a directory without a certificate, or with one that cannot be parsed, is an error; duplicates
    // are ignored. In a directory, files without a certificate are skipped.
    std::expected<void, TrustError> add_file(const std::filesystem::path& path);

    // The system's store: $SSL_CERT_FILE and $SSL_CERT_DIR, else the bundle or the directory that
    // Debian, Fedora, Alpine … keep below `root`. A certificate in it that we cannot parse is
    // skipped and counted, as every client does.
    static std::expected<TrustStore, TrustError> system(const std::filesystem::path& root = "/");

    void add(Certificate certificate);
    std::size_t size() const { return anchors_.size(); }
    std::size_t skipped() const { return skipped_; }  // certificates of the system's store that could not be parsed
    bool contains(const Certificate& certificate) const;
    // Whether it is an anchor of the system's store, not one given beside or instead of it.
    bool is_of_system(const Certificate& certificate) const;
    // Anchors added from here on are the user's own, beside the public ones already there.
    void begin_own() { own_ = anchors_.size(); }
    bool is_own(const Certificate& certificate) const;
    // Every anchor of that subject, by DistinguishedName's equality. The views live until the next
    // add.
    std::vector<const Certificate*> find(const DistinguishedName& subject) const;
    std::span<const Certificate> anchors() const { return anchors_; }
    // Where the anchors came from, for the report: "/etc/ssl/certs/ca-certificates.crt", two or
    // more joined by ", ".
    const std::string& source() const { return source_; }

private:
    static std::expected<TrustStore, TrustError> read_system(const std::filesystem::path& root);
    // Each returns how many certificates it found, including those already present.
    std::expected<std::size_t, TrustError> read_file(const std::filesystem::path& path, bool lenient);
    std::expected<std::size_t, TrustError> read_directory(const std::filesystem::path& path, bool lenient);
    std::expected<void, TrustError> read(const std::filesystem::path& path, bool lenient);
    std::optional<std::size_t> position(const Certificate& certificate) const;
    void name_source(const std::filesystem::path& path);

    std::vector<Certificate> anchors_;
    std::unordered_multimap<std::string, std::size_t> by_subject_;  // canonical name -> index
    std::size_t of_system_ = 0;                                     // the first of anchors_
    std::optional<std::size_t> own_;                                // where the user's own begin
    std::size_t skipped_ = 0;
    std::string source_;
};

}  // namespace certs
