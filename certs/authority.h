// The local CA and the leaves that it mints. In certs, only this part reads and writes files,
// because their modes, their atomicity and their lock are part of what a CA is.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "certs/bytes.h"
#include "certs/certificate.h"
#include "certs/private_key.h"
#include "certs/time.h"

namespace certs {

// Why a CA directory cannot be used: the file or directory at fault, and the reason ("Permission
// denied", "the key does not belong to the certificate").
struct AuthorityError {
    std::string file;
    std::string reason;
};

// A leaf and its key, DER, ready for a TLS server. `chain` is what the server sends: leaf first,
// then the CA's certificate if the client may lack it (a user's own intermediate CA), never a root.
struct MintedLeaf {
    std::vector<ByteVector> chain;
    ByteVector key;  // SEC 1 ECPrivateKey
    Time not_after;
};

// What can be read from a CA directory without its key.
struct AuthorityRecord {
    std::optional<Certificate> current;  // absent when there is no ca.pem
    std::vector<Certificate> previous;   // rotated away, the newest first
};

// Reads DIR/ca.pem and DIR/ca-previous.pem. Changes nothing and creates nothing.
std::expected<AuthorityRecord, AuthorityError> read_authority_record(const std::filesystem::path& directory);

// Whether whytls has made this CA, as far as its name says.
bool made_by_whytls(const Certificate& authority);

// Immutable once opened, so that threads may share it.
class Authority {
public:
    // Opens DIR/ca.pem and DIR/ca-key.pem, or makes both (EC P-256, ten years from two days before
    // `now`): directory 0700, key 0600, written to a temporary file and renamed, under a lock that
    // two processes respect. A user's own CA (RSA, P-256, P-384, P-521, Ed25519; PKCS#8, SEC 1 or
    // PKCS#1) is read and never changed; certificates after it in ca.pem are its issuers. Errors:
    // one file without the other, a key of another certificate, a certificate that may not issue at
    // `now`.
    static std::expected<Authority, AuthorityError> open(const std::filesystem::path& directory, Time now);

    // A new one whose key is only in memory: no file is read or written. `directory` is where its
    // certificate will be found, for directory().
    static Authority temporary(const std::filesystem::path& directory, Time now);

    // Replaces a CA that whytls made by a new one and opens the new one. Both files change or
    // neither, even if the process dies in between. The old certificate goes to
    // DIR/ca-previous.pem, which keeps the last few. Errors: a user's own CA, no CA.
    static std::expected<Authority, AuthorityError> rotate(const std::filesystem::path& directory, Time now);

    const Certificate& certificate() const { return certificate_; }
    const std::filesystem::path& directory() const { return directory_; }
    bool created() const { return created_; }  // whether this call made it

    // A leaf for `host` (a DNS name, A-labels; or an IP address, without brackets): SAN,
    // serverAuth, AKI equal to the CA's SKI, a random 128-bit serial, valid from two days before
    // `now` for at most 197 days and never beyond the CA itself. All leaves of one Authority share
    // one P-256 key, made when it is opened.
    MintedLeaf mint(std::string_view host, Time now) const;

    // A leaf for one's own server and for the names that server_name() gives, at least one: as
    // mint() makes it but with this key, valid until `until` at most, and with a subject that says
    // that it was issued (O=whytls ca issue), so that a server of one's own can be told from a
    // proxy.
    MintedLeaf issue(std::span<const std::string> names, const PrivateKey& key, Time now, Time until) const;

    // The SubjectPublicKeyInfo of mint()'s key (RFC 5280 §4.1.2.7), DER.
    ByteVector leaf_public_key_info() const;

private:
    struct LeafPlan;
    MintedLeaf sign(const LeafPlan& plan, const PrivateKey& key) const;
    Authority(std::filesystem::path directory, Certificate certificate, PrivateKey key, std::vector<ByteVector> issuers,
              bool created);

    std::filesystem::path directory_;
    Certificate certificate_;
    PrivateKey key_;
    PrivateKey leaf_key_;
    std::vector<ByteVector> chain_;  // what follows the leaf
    bool created_;
};

}  // namespace certs
