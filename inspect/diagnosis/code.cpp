#include "inspect/diagnosis/code.h"

namespace inspect::diagnosis {

std::string_view name(Code code) {
    switch (code) {
        case Code::none: return "";
        case Code::dns_not_found: return "dns_not_found";
        case Code::dns_failed: return "dns_failed";
        case Code::connection_refused: return "connection_refused";
        case Code::connection_timeout: return "connection_timeout";
        case Code::network_unreachable: return "network_unreachable";
        case Code::upstream_proxy_refused: return "upstream_proxy_refused";
        case Code::proxy_loop: return "proxy_loop";
        case Code::not_tls: return "not_tls";
        case Code::connection_closed: return "connection_closed";
        case Code::starttls_failed: return "starttls_failed";
        case Code::handshake_timeout: return "handshake_timeout";
        case Code::protocol_version: return "protocol_version";
        case Code::no_shared_cipher: return "no_shared_cipher";
        case Code::sni_unrecognized: return "sni_unrecognized";
        case Code::client_certificate_required: return "client_certificate_required";
        case Code::client_certificate_rejected: return "client_certificate_rejected";
        case Code::no_shared_alpn: return "no_shared_alpn";
        case Code::tls_alert: return "tls_alert";
        case Code::tls_protocol_error: return "tls_protocol_error";
        case Code::handshake_signature: return "handshake_signature";
        case Code::no_certificate: return "no_certificate";
        case Code::weak_dh: return "weak_dh";
        case Code::clock_skew: return "clock_skew";
        case Code::inspected_by_middlebox: return "inspected_by_middlebox";
        case Code::ct_missing: return "ct_missing";
        case Code::old_protocol: return "old_protocol";
        case Code::no_secure_renegotiation: return "no_secure_renegotiation";
        case Code::client_untrusted_ca: return "client_untrusted_ca";
        case Code::client_pinned: return "client_pinned";
        case Code::client_closed: return "client_closed";
        case Code::client_protocol_version: return "client_protocol_version";
        case Code::client_no_shared_cipher: return "client_no_shared_cipher";
        case Code::client_not_tls: return "client_not_tls";
        case Code::upstream_http_error: return "upstream_http_error";
        case Code::upstream_closed: return "upstream_closed";
        case Code::upstream_timeout: return "upstream_timeout";
        case Code::request_rejected: return "request_rejected";
        case Code::cross_site_request: return "cross_site_request";
        case Code::proxy_authentication_required: return "proxy_authentication_required";
        default: return certs::name(static_cast<certs::Code>(static_cast<int>(code) - number_of(certs::Code{})));
    }
}

std::optional<Code> code_named(std::string_view wanted) {
    for (int code = 1; code <= static_cast<int>(last_code); ++code)
        if (name(static_cast<Code>(code)) == wanted) return static_cast<Code>(code);
    return std::nullopt;
}

}  // namespace inspect::diagnosis
