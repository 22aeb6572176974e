#include "tls/certificate_request.h"

#include <fmt/format.h>

#include <algorithm>

#include "certs/certificate.h"
#include "certs/name.h"
#include "tls/reader.h"

namespace tls {

namespace {

constexpr std::uint32_t extension_signature_algorithms = 13, extension_certificate_authorities = 47;
constexpr std::size_t listed_signatures_most = 64;

std::vector<std::uint16_t> read_signatures(certs::Bytes list) {
    std::vector<std::uint16_t> schemes;
    Reader reader(list);
    while (!reader.at_end() && schemes.size() < listed_signatures_most)
        schemes.push_back(static_cast<std::uint16_t>(reader.number(2)));
    return schemes;
}

// The issuers of the chain's certificates, as comparable names.
std::vector<std::string> issuers_of(std::span<const certs::ByteVector> chain) {
    std::vector<std::string> issuers;
    for (const certs::ByteVector& der : chain) {
        if (const auto certificate = certs::Certificate::parse(der))
            issuers.push_back(certificate->issuer().canonical());
    }
    return issuers;
}

bool read_authorities(certs::Bytes list, std::span<const certs::ByteVector> offered, CertificateRequest& request) {
    const std::vector<std::string> issuers = issuers_of(offered);
    Reader reader(list);
    while (!reader.at_end()) {
        const certs::Bytes der = reader.vector(2);
        if (!reader.good()) return false;
        ++request.authorities_total;
        const auto name = certs::directory_name({certs::GeneralNameKind::directory, der});
        if (!name) continue;
        if (request.authorities.size() < listed_authorities_most) request.authorities.push_back(name->rfc4514());
        if (std::ranges::find(issuers, name->canonical()) != issuers.end()) request.names_issuer = true;
    }
    return true;
}

}  // namespace

std::optional<CertificateRequest> read_certificate_request(certs::Bytes body, bool tls_1_3,
                                                           std::span<const certs::ByteVector> offered) {
    CertificateRequest request;
    Reader reader(body);
    reader.vector(1);  // certificate_types, or certificate_request_context
    if (!tls_1_3) {
        request.signatures = read_signatures(reader.vector(2));
        const certs::Bytes names = reader.vector(2);
        if (!reader.good() || !read_authorities(names, offered, request)) return std::nullopt;
        return request;
    }
    Reader extensions(reader.vector(2));
    while (!extensions.at_end()) {
        const std::uint32_t type = extensions.number(2);
        Reader content(extensions.vector(2));
        if (type == extension_signature_algorithms) request.signatures = read_signatures(content.vector(2));
        if (type == extension_certificate_authorities && !read_authorities(content.vector(2), offered, request))
            return std::nullopt;
    }
    if (!reader.good() || !extensions.good()) return std::nullopt;
    return request;
}

std::string signature_scheme_name(std::uint16_t scheme) {
    switch (scheme) {
        case 0x0401: return "rsa_pkcs1_sha256";
        case 0x0501: return "rsa_pkcs1_sha384";
        case 0x0601: return "rsa_pkcs1_sha512";
        case 0x0403: return "ecdsa_secp256r1_sha256";
        case 0x0503: return "ecdsa_secp384r1_sha384";
        case 0x0603: return "ecdsa_secp521r1_sha512";
        case 0x0804: return "rsa_pss_rsae_sha256";
        case 0x0805: return "rsa_pss_rsae_sha384";
        case 0x0806: return "rsa_pss_rsae_sha512";
        case 0x0807: return "ed25519";
        case 0x0808: return "ed448";
        case 0x0809: return "rsa_pss_pss_sha256";
        case 0x080a: return "rsa_pss_pss_sha384";
        case 0x080b: return "rsa_pss_pss_sha512";
        case 0x0201: return "rsa_pkcs1_sha1";
        case 0x0203: return "ecdsa_sha1";
        default: return fmt::format("{:#06x}", scheme);
    }
}

}  // namespace tls
