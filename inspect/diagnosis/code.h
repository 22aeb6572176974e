// The codes (docs/contract.md): one for each thing that can be wrong. What is fixed about each is
// in catalog.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "certs/verdict.h"

namespace inspect::diagnosis {

// The number of one of the verifier's codes among all.
constexpr std::uint8_t number_of(certs::Code code) { return static_cast<std::uint8_t>(static_cast<int>(code) + 1); }

enum class Code : std::uint8_t {
    none = 0,  // nothing is wrong
    // The verifier's (certs/verdict.h), which names them; that each is here is checked below.
    hostname_mismatch = number_of(certs::Code::hostname_mismatch),
    no_subject_alt_name = number_of(certs::Code::no_subject_alt_name),
    expired = number_of(certs::Code::expired),
    not_yet_valid = number_of(certs::Code::not_yet_valid),
    self_signed = number_of(certs::Code::self_signed),
    untrusted_root = number_of(certs::Code::untrusted_root),
    missing_intermediate = number_of(certs::Code::missing_intermediate),
    unknown_issuer = number_of(certs::Code::unknown_issuer),
    bad_signature = number_of(certs::Code::bad_signature),
    weak_signature = number_of(certs::Code::weak_signature),
    weak_key = number_of(certs::Code::weak_key),
    not_a_ca = number_of(certs::Code::not_a_ca),
    issuer_key_usage = number_of(certs::Code::issuer_key_usage),
    path_length = number_of(certs::Code::path_length),
    name_constraint = number_of(certs::Code::name_constraint),
    wrong_purpose = number_of(certs::Code::wrong_purpose),
    unknown_critical_extension = number_of(certs::Code::unknown_critical_extension),
    certificate_policy = number_of(certs::Code::certificate_policy),
    path_too_complex = number_of(certs::Code::path_too_complex),
    malformed_certificate = number_of(certs::Code::malformed_certificate),
    revoked = number_of(certs::Code::revoked),
    revocation_unavailable = number_of(certs::Code::revocation_unavailable),
    must_staple_missing = number_of(certs::Code::must_staple_missing),
    expires_soon = number_of(certs::Code::expires_soon),
    validity_too_long = number_of(certs::Code::validity_too_long),
    chain_order = number_of(certs::Code::chain_order),
    extra_certificates = number_of(certs::Code::extra_certificates),
    root_served = number_of(certs::Code::root_served),
    profile_violation = number_of(certs::Code::profile_violation),
    // What no chain shows by itself:
    dns_not_found,
    dns_failed,
    connection_refused,
    connection_timeout,
    network_unreachable,
    upstream_proxy_refused,
    proxy_loop,
    not_tls,
    connection_closed,
    starttls_failed,
    handshake_timeout,
    protocol_version,
    no_shared_cipher,
    sni_unrecognized,
    client_certificate_required,
    client_certificate_rejected,
    no_shared_alpn,
    tls_alert,
    tls_protocol_error,
    handshake_signature,
    no_certificate,
    weak_dh,
    clock_skew,
    inspected_by_middlebox,
    ct_missing,
    old_protocol,
    no_secure_renegotiation,
    client_untrusted_ca,
    client_pinned,
    client_closed,
    client_protocol_version,
    client_no_shared_cipher,
    client_not_tls,
    upstream_http_error,
    upstream_closed,
    upstream_timeout,
    request_rejected,
    cross_site_request,
    proxy_authentication_required,
};

constexpr Code last_code = Code::proxy_authentication_required;
static_assert(static_cast<int>(Code::dns_not_found) == number_of(certs::last_code) + 1);

// As users and scripts know it, "hostname_mismatch"; "" for none.
std::string_view name(Code code);

// nullopt for a name that no code has.
std::optional<Code> code_named(std::string_view name);

constexpr Code code_of(certs::Code code) { return static_cast<Code>(number_of(code)); }

}  // namespace inspect::diagnosis
