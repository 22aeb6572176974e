// The trust anchors in force, as a value made from files' contents; finds anchors by subject name and key identifier.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "certs/certificate.h"

namespace certs {

// A trust file that cannot be used: which one, where, why ("cannot be opened: Permission denied").
struct TrustError {
    std::string file;
    std::size_t line = 0;  // 1-based; 0 when it is about the whole file
    std::string reason;
};

class TrustStore {
public:
    // Adds every certificate of a PEM bundle, a single DER file, or (not recursively) a directory of them.
    // A file without a certificate, or with one that cannot be parsed, is an error; duplicates are ignored.
    std::expected<void, TrustError> add_file(const std::filesystem::path& path);

    // The system's store: $SSL_CERT_FILE and $SSL_CERT_DIR, else the bundle that Debian, Fedora, Alpine … keep.
    // A certificate in it that we cannot parse is skipped and counted, as every client does.
    static std::expected<TrustStore, TrustError> system();

    void add(Certificate certificate);
    std::size_t size() const;
    bool contains(const Certificate& certificate) const;
    // Where the anchors came from, for the report: "/etc/ssl/certs/ca-certificates.crt", two or more joined by ", ".
    const std::string& source() const;
};

}  // namespace certs
