// The codes (docs/contract.md): one for each thing that can be wrong. What is fixed about each is
// in catalog.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "certs/verdict.h"

namespace inspect::diagnosis {

enum class Code : std::uint8_t {
    none,  // nothing is wrong
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
    hostname_mismatch,
    no_subject_alt_name,
    expired,
    not_yet_valid,
    self_signed,
    untrusted_root,
    missing_intermediate,
    unknown_issuer,
    bad_signature,
    weak_signature,
    weak_key,
    not_a_ca,
    issuer_key_usage,
    path_length,
    name_constraint,
    wrong_purpose,
    unknown_critical_extension,
    certificate_policy,
    path_too_complex,
    malformed_certificate,
    revoked,
    revocation_unavailable,
    must_staple_missing,
    expires_soon,
    validity_too_long,
    chain_order,
    extra_certificates,
    root_served,
    clock_skew,
    inspected_by_middlebox,
    ct_missing,
    old_protocol,
    no_secure_renegotiation,
    profile_violation,
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

// As users and scripts know it, "hostname_mismatch"; "" for none.
std::string_view name(Code code);

// nullopt for a name that no code has.
std::optional<Code> code_named(std::string_view name);

// Each of the verifier's codes is one of these.
Code code_of(certs::Code code);

}  // namespace inspect::diagnosis
