#include "certs/authority.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

#include "certs/authority_files.h"
#include "certs/der_writer.h"
#include "certs/oid.h"
#include "certs/pem.h"

namespace certs {
namespace {

// Clocks differ: a leaf must be valid at once on a client whose clock is behind.
constexpr std::int64_t back_dating = 2 * day;
// Below the limit of 200 days that CA/Browser Forum ballot SC-081 sets from 2026-03-15. Clients may
// come to enforce it.
constexpr std::int64_t leaf_lifetime = 197 * day;
constexpr std::int64_t authority_lifetime = 3'652 * day;
// RFC 5280 appendix A.1, ub-common-name.
constexpr std::size_t longest_common_name = 64;

constexpr OidConstant organization{"2.5.4.10"};
constexpr std::string_view authority_organization = "whytls", authority_common_name = "whytls local CA";
constexpr std::string_view issued_organization = "whytls ca issue";
// Of the CAs that were rotated away: they may still be installed somewhere.
constexpr std::size_t most_previous = 4;

constexpr unsigned digital_signature = 0, key_cert_sign = 5, crl_sign = 6;
constexpr unsigned san_dns = 2, san_address = 7;

ByteVector attribute(Oid type, std::string_view text) {
    const ByteVector pair = der_sequence({der_oid(type), der_text(TextTag::utf8, text)});
    return der_set_of(std::array{pair});
}

ByteVector extension(Oid type, bool critical, Bytes value) {
    return der_sequence({der_oid(type), critical ? der_boolean(true) : ByteVector{}, der_octet_string(value)});
}

ByteVector key_usage(std::initializer_list<unsigned> bits) {
    return extension(oid::key_usage, true, der_named_bits(std::span(bits.begin(), bits.size())));
}

// CA/Browser Forum BR §7.1 requires 64 bits from a CSPRNG. This is twice that, so that two machines
// never choose the same serial.
ByteVector random_serial() {
    std::array<std::uint8_t, 16> bytes;
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw std::runtime_error("no randomness");
    return der_unsigned(bytes);
}

struct Plan {
    Bytes issuer, subject;
    Time not_before, not_after;
    Bytes public_key_info;
    Bytes extensions;  // concatenated
};

// RFC 5280 §4.1.
ByteVector sign_certificate(const Plan& plan, const PrivateKey& key) {
    const SignatureAlgorithm algorithm = key.preferred_signature();
    const ByteVector identifier = algorithm_identifier(algorithm);
    const ByteVector tbs =
        der_sequence({der_context(0, der_integer(2)), random_serial(), identifier, plan.issuer,
                      der_sequence({der_time(plan.not_before), der_time(plan.not_after)}), plan.subject,
                      plan.public_key_info, der_context(3, der_sequence({plan.extensions}))});
    return der_sequence({tbs, identifier, der_bit_string(key.sign(algorithm, tbs))});
}

std::string user_name() {
    std::array<char, 1'024> buffer;
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
        return found->pw_name;
    return fmt::format("{}", geteuid());
}

std::string machine_name() {
    std::array<char, 256> buffer{};
    return gethostname(buffer.data(), buffer.size() - 1) == 0 ? buffer.data() : "localhost";
}

// Part of the key identifier distinguishes two CAs of one user: NSS and some verifiers go by the
// name.
ByteVector authority_name(Bytes key_identifier) {
    const std::string own = fmt::format("{} {}", authority_common_name, hex(key_identifier.first(4)));
    std::string text = fmt::format("{} ({}@{})", own, user_name(), machine_name());
    if (text.size() > longest_common_name) text = own;
    const std::array attributes{attribute(organization, authority_organization), attribute(oid::common_name, text)};
    return der_sequence_of(attributes);
}

ByteVector authority_certificate(const PrivateKey& key, Time now) {
    const ByteVector name = authority_name(key.key_identifier());
    const Time not_before{now.seconds - back_dating};
    const ByteVector extensions =
        der_concatenation({extension(oid::basic_constraints, true, der_sequence({der_boolean(true), der_integer(0)})),
                           key_usage({key_cert_sign, crl_sign}),
                           extension(oid::subject_key_identifier, false, der_octet_string(key.key_identifier()))});
    return sign_certificate(
        {name, name, not_before, {not_before.seconds + authority_lifetime}, key.public_key_info(), extensions}, key);
}

ByteVector minted_subject(std::string_view host) {
    const bool fits = host.size() <= longest_common_name;
    return der_sequence({fits ? attribute(oid::common_name, host) : attribute(organization, "whytls")});
}

ByteVector issued_subject(std::string_view name) {
    const bool fits = name.size() <= longest_common_name;
    return der_sequence(
        {attribute(organization, issued_organization), fits ? attribute(oid::common_name, name) : ByteVector{}});
}

// RFC 5280 §4.2.1.6.
ByteVector general_name(std::string_view host) {
    const std::string text(host);
    std::array<std::uint8_t, 16> address{};
    if (inet_pton(AF_INET, text.c_str(), address.data()) == 1)
        return der_context_primitive(san_address, Bytes(address).first(4));
    if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return der_context_primitive(san_address, address);
    return der_context_primitive(san_dns, as_bytes(host));
}

ByteVector leaf_extensions(std::span<const std::string> names, Bytes issuer_key) {
    std::vector<ByteVector> general_names;
    for (const std::string& name : names) general_names.push_back(general_name(name));
    const ByteVector aki = der_sequence({der_context_primitive(0, issuer_key)});
    return der_concatenation({extension(oid::basic_constraints, true, der_sequence({})), key_usage({digital_signature}),
                              extension(oid::extended_key_usage, false, der_sequence({der_oid(oid::server_auth)})),
                              issuer_key.empty() ? ByteVector{} : extension(oid::authority_key_identifier, false, aki),
                              extension(oid::subject_alt_name, false, der_sequence_of(general_names))});
}

AuthorityTexts new_authority(Time now) {
    const PrivateKey key = PrivateKey::generate(PrivateKeyKind::ec_p256);
    return {to_pem(authority_certificate(key, now)), key.pem()};
}

// What ca.pem contains: the CA, then the issuers that clients may lack.
struct CertificateFile {
    Certificate authority;
    std::vector<ByteVector> issuers;
};

std::expected<CertificateFile, std::string> only_certificates(std::string_view text) {
    std::vector<ByteVector> ders;
    if (text.contains("-----BEGIN ")) {
        std::expected<std::vector<PemBlock>, PemError> blocks = read_pem(text);
        if (!blocks)
            return std::unexpected(
                fmt::format("is not PEM: {} in line {}", blocks.error().reason, blocks.error().line));
        for (PemBlock& block : *blocks) {
            if (block.label == "CERTIFICATE") ders.push_back(std::move(block.content));
        }
    } else if (!text.empty()) {
        const Bytes der = as_bytes(text);
        ders.emplace_back(der.begin(), der.end());
    }
    if (ders.empty()) return std::unexpected("holds no certificate");

    std::vector<Certificate> parsed;
    for (const ByteVector& der : ders) {
        std::expected<Certificate, ParseError> certificate = Certificate::parse(der);
        if (!certificate)
            return std::unexpected(fmt::format("holds a malformed certificate: {}: {}", certificate.error().field,
                                               certificate.error().reason));
        parsed.push_back(std::move(*certificate));
    }
    CertificateFile file{parsed.front(), {}};
    for (std::size_t at = 1; at < parsed.size(); ++at) {
        if (!parsed[at].is_self_issued()) file.issuers.push_back(std::move(ders[at]));
    }
    return file;
}

std::optional<std::string> why_not_an_issuer(const Certificate& certificate, Time now) {
    if (!certificate.is_ca()) return "the certificate is not a CA's (RFC 5280 §4.2.1.9: basicConstraints cA)";
    const std::optional<KeyUsage>& usage = certificate.extensions().key_usage;
    if (usage && !usage->has(KeyUsageBit::key_cert_sign))
        return "the certificate may not sign others (RFC 5280 §4.2.1.3: keyCertSign)";
    const std::string clock = fmt::format("and this machine's clock says {}", readable(now));
    if (certificate.not_after() < now)
        return fmt::format("the certificate expired at {}, {}; if the clock is right, whytls ca rotate makes a new one",
                           readable(certificate.not_after()), clock);
    if (now < certificate.not_before())
        return fmt::format(
            "the certificate is not valid before {}, {}: set the clock (sudo timedatectl set-ntp true; date -u), or if it is right, make a new "
            "CA (whytls ca rotate)",
            readable(certificate.not_before()), clock);
    return std::nullopt;
}

std::string_view reason(KeyError error) {
    switch (error) {
        case KeyError::not_a_key: return "holds no private key";
        case KeyError::encrypted: return "the key is encrypted: remove its pass phrase";
        case KeyError::unsupported: return "the key is damaged, or not RSA, P-256, P-384, P-521 or Ed25519";
    }
    std::unreachable();
}

bool belongs_to(const PrivateKey& key, const Certificate& certificate) {
    const KeyKind kind = certificate.public_key().kind;
    const bool same_kind = kind == KeyKind::rsa       ? key.kind() == PrivateKeyKind::rsa
                           : kind == KeyKind::ed25519 ? key.kind() == PrivateKeyKind::ed25519
                                                      : kind == KeyKind::ec;
    return same_kind && std::ranges::equal(certificate.public_key().key, key.public_bits());
}

}  // namespace

bool made_by_whytls(const Certificate& authority) {
    const std::vector<NameAttribute>& attributes = authority.subject().attributes();
    return authority.is_self_issued() && attributes.size() == 2 && attributes[0].type == organization &&
           attributes[0].text() == authority_organization && attributes[1].type == oid::common_name &&
           attributes[1].text().starts_with(authority_common_name);
}

std::expected<Authority, AuthorityError> Authority::open(const std::filesystem::path& directory, Time now) {
    std::expected<AuthorityFiles, AuthorityError> files = AuthorityFiles::open(directory);
    if (!files) return std::unexpected(files.error());
    const std::string certificate_file = files->certificate_path(), key_file = files->key_path();

    std::expected<std::optional<AuthorityTexts>, AuthorityError> texts = files->read();
    if (!texts) return std::unexpected(texts.error());
    const bool create = !texts->has_value();
    if (create) {
        AuthorityTexts made = new_authority(now);
        if (std::expected<void, AuthorityError> written = files->write(made); !written)
            return std::unexpected(written.error());
        *texts = std::move(made);
    }

    std::expected<CertificateFile, std::string> certificates = only_certificates((*texts)->certificate);
    if (!certificates) return std::unexpected(AuthorityError{certificate_file, certificates.error()});
    if (const auto why = why_not_an_issuer(certificates->authority, now))
        return std::unexpected(AuthorityError{certificate_file, *why});
    std::expected<PrivateKey, KeyError> key = PrivateKey::parse(as_bytes((*texts)->key));
    if (!key) return std::unexpected(AuthorityError{key_file, std::string(reason(key.error()))});
    if (!belongs_to(*key, certificates->authority)) {
        return std::unexpected(AuthorityError{key_file, "the key does not belong to the certificate in ca.pem"});
    }
    return Authority(directory, std::move(certificates->authority), std::move(*key), std::move(certificates->issuers),
                     create);
}

Authority Authority::temporary(const std::filesystem::path& directory, Time now) {
    PrivateKey key = PrivateKey::generate(PrivateKeyKind::ec_p256);
    std::expected<Certificate, ParseError> certificate = Certificate::parse(authority_certificate(key, now));
    if (!certificate) throw std::runtime_error("bug: a new CA cannot be read");
    return {directory, std::move(*certificate), std::move(key), {}, true};
}

std::expected<Authority, AuthorityError> Authority::rotate(const std::filesystem::path& directory, Time now) {
    {
        std::expected<AuthorityFiles, AuthorityError> files = AuthorityFiles::open(directory);
        if (!files) return std::unexpected(files.error());
        const std::expected<AuthorityRecord, AuthorityError> record = read_authority_record(directory);
        if (!record) return std::unexpected(record.error());
        if (!record->current)
            return std::unexpected(AuthorityError{files->certificate_path(), "is missing: there is no CA to replace"});
        if (!made_by_whytls(*record->current))
            return std::unexpected(
                AuthorityError{files->certificate_path(), "is a CA that whytls has not made: replace it yourself"});
        std::string previous = to_pem(record->current->der());
        for (std::size_t at = 0; at < std::min(record->previous.size(), most_previous - 1); ++at)
            previous += to_pem(record->previous[at].der());
        if (auto replaced = files->replace(new_authority(now), previous); !replaced)
            return std::unexpected(replaced.error());
    }
    return open(directory, now);
}

Authority::Authority(std::filesystem::path directory, Certificate certificate, PrivateKey key,
                     std::vector<ByteVector> issuers, bool created)
    : directory_(std::move(directory)),
      certificate_(std::move(certificate)),
      key_(std::move(key)),
      leaf_key_(PrivateKey::generate(PrivateKeyKind::ec_p256)),
      created_(created) {
    if (!certificate_.is_self_issued()) chain_.emplace_back(certificate_.der().begin(), certificate_.der().end());
    std::ranges::move(issuers, std::back_inserter(chain_));
}

ByteVector Authority::leaf_public_key_info() const { return leaf_key_.public_key_info(); }

struct Authority::LeafPlan {
    ByteVector subject;
    std::span<const std::string> names;
    Time not_before, not_after;  // as wished for
};

MintedLeaf Authority::sign(const LeafPlan& plan, const PrivateKey& key) const {
    const Time not_before = std::max(plan.not_before, certificate_.not_before());
    const Time not_after = std::min(plan.not_after, certificate_.not_after());
    const ByteVector leaf =
        sign_certificate({certificate_.subject_der(), plan.subject, not_before, not_after, key.public_key_info(),
                          leaf_extensions(plan.names, certificate_.subject_key_identifier())},
                         key_);
    MintedLeaf minted{{leaf}, key.der(), not_after};
    minted.chain.insert(minted.chain.end(), chain_.begin(), chain_.end());
    return minted;
}

MintedLeaf Authority::mint(std::string_view host, Time now) const {
    const std::array names{std::string(host)};
    const Time from{now.seconds - back_dating};
    return sign({minted_subject(host), names, from, {from.seconds + leaf_lifetime}}, leaf_key_);
}

MintedLeaf Authority::issue(std::span<const std::string> names, const PrivateKey& key, Time now, Time until) const {
    return sign({issued_subject(names.front()), names, {now.seconds - back_dating}, until}, key);
}

}  // namespace certs
