// What servers and proxies write into their logs: about their clients, where the roles are
// reversed, and about the servers behind them.
#include "inspect/diagnosis/known/messages/messages.h"

namespace inspect::diagnosis::messages {

namespace {

constexpr std::string_view apache = "Apache httpd", haproxy = "HAProxy", go_server = "a Go server",
                           elastic = "Elasticsearch", squid = "Squid";

constexpr std::string_view misdirected =
    "The request names another host (Host) than the TLS handshake did (SNI), and the server's settings for the two differ: it answers 421 "
    "(RFC 9110 §15.5.20). A proxy before it has to send the same name in both (nginx: proxy_ssl_server_name on; proxy_ssl_name $host;); a "
    "browser may have used one connection for two hosts of one certificate. The certificate is not at fault.";

constexpr auto servers_table = std::to_array<KnownMessage>({
    // nginx
    {"The plain HTTP request was sent to HTTPS port", nginx, {Code::client_not_tls}},
    {"client sent plain HTTP request to HTTPS port", nginx, {Code::client_not_tls}},
    {"No required SSL certificate was sent", nginx, {Code::client_certificate_required}},
    {"client sent no required SSL certificate", nginx, {Code::client_certificate_required}},
    {"The SSL certificate error", nginx, {Code::client_certificate_rejected}},
    {"client SSL certificate verify error", nginx, {Code::client_certificate_rejected}},
    {"client SSL certificate verify error … while reading client request headers",
     nginx,
     {Code::client_certificate_rejected}},
    {"upstream SSL certificate does not match \"{host}\"", nginx, any_name},
    {"peer closed connection in SSL handshake … while SSL handshaking to upstream", nginx, {Code::connection_closed}},
    {"peer closed connection in SSL handshake … while SSL handshaking, client",
     nginx,
     {Code::client_closed, Code::client_untrusted_ca}},
    {"peer closed connection in SSL handshake", nginx, {Code::connection_closed, Code::client_closed}},
    {"unsupported protocol … while SSL handshaking, client", nginx, {Code::client_protocol_version}},
    {"no shared cipher … while SSL handshaking, client", nginx, {Code::client_no_shared_cipher}},
    {"version too low … while SSL handshaking, client", nginx, {Code::client_protocol_version}},
    {"alert bad certificate … while SSL handshaking, client", nginx, {Code::client_untrusted_ca}},
    {"alert unknown ca … while SSL handshaking, client", nginx, {Code::client_untrusted_ca}},
    {"alert certificate unknown … while SSL handshaking, client", nginx, {Code::client_untrusted_ca}},
    {"alert certificate expired … while SSL handshaking, client", nginx, {Code::client_untrusted_ca, Code::expired}},
    {"http request … while SSL handshaking, client", nginx, {Code::client_not_tls}},
    {"wrong version number … while SSL handshaking, client",
     nginx,
     {Code::client_not_tls, Code::client_protocol_version}},
    {"while SSL handshaking to upstream", nginx, handshake_failure, vague},

    // Apache httpd
    {"You're speaking plain HTTP to an SSL-enabled server port", apache, {Code::client_not_tls}},
    {"SSL handshake failed: HTTP spoken on HTTPS port", apache, {Code::client_not_tls}},
    {"does NOT include an ID which matches the server name", apache, any_name},
    {"Error during SSL Handshake with remote server", apache, any_certificate, vague},
    {"AH02039: Certificate Verification: Error (20): unable to get local issuer certificate",
     apache,
     {Code::client_certificate_rejected}},
    {"AH02039: Certificate Verification: Error", apache, {Code::client_certificate_rejected}},
    {"have no compatible SSL setup", apache, none, telling, misdirected},
    {"Misdirected Request", several, none, telling, misdirected},
    {"does not match the Server Name Indication (SNI) in use", apache, none, telling, misdirected},

    // HAProxy
    {"Layer6 invalid response … SSL handshake failure", haproxy, handshake_failure, vague},
    {"Layer6 invalid response … certificate verify failed", haproxy, any_certificate},
    {"Connection closed during SSL handshake", haproxy, {Code::client_closed, Code::client_untrusted_ca}},
    {"Timeout during SSL handshake", haproxy, {Code::handshake_timeout, Code::client_closed}},
    {"SSL handshake failure",
     haproxy,
     {Code::client_untrusted_ca, Code::client_closed, Code::client_protocol_version, Code::no_shared_cipher},
     vague},
    {"SSL client CA chain cannot be verified", haproxy, {Code::client_certificate_rejected}},
    {"SSL client certificate not trusted", haproxy, {Code::client_certificate_rejected}},

    // Servers written in Go (traefik, caddy, kube-apiserver, etcd)
    {"TLS handshake error from … remote error: tls: bad certificate", go_server, {Code::client_untrusted_ca}},
    {"TLS handshake error from … remote error: tls: unknown certificate", go_server, {Code::client_untrusted_ca}},
    {"TLS handshake error from … remote error: tls: unknown certificate authority",
     go_server,
     {Code::client_untrusted_ca}},
    {"rejected connection from … remote error: tls: bad certificate", "etcd", {Code::client_untrusted_ca}},
    {"TLS handshake error from … EOF", go_server, {Code::client_closed, Code::client_untrusted_ca}},
    {"TLS handshake error from … i/o timeout", go_server, {Code::client_closed}},
    {"TLS handshake error from … connection reset by peer", go_server, {Code::client_closed}},
    {"TLS handshake error from … first record does not look like a TLS handshake", go_server, {Code::client_not_tls}},
    {"TLS handshake error from … client offered only unsupported versions", go_server, {Code::client_protocol_version}},
    {"TLS handshake error from … no cipher suite supported by both client and server",
     go_server,
     {Code::client_no_shared_cipher}},
    {"TLS handshake error from … client didn't provide a certificate", go_server, {Code::client_certificate_required}},
    {"TLS handshake error from … certificate signed by unknown authority",
     go_server,
     {Code::client_certificate_rejected}},
    {"TLS handshake error from … certificate has expired or is not yet valid",
     go_server,
     {Code::client_certificate_rejected}},
    {"client offered only unsupported versions", go_server, {Code::client_protocol_version}},
    {"no cipher suite supported by both client and server", go_server, {Code::client_no_shared_cipher}},
    {"client sent an HTTP request to an HTTPS server", go_server, {Code::client_not_tls}},

    // Others
    {"received plaintext http traffic on an https channel", elastic, {Code::client_not_tls}},
    {"client did not trust this server's certificate", elastic, {Code::client_untrusted_ca}},
    {"failed to establish trust with server at", elastic, no_path},
    {"This combination of host and port requires TLS", "Tomcat, Spring Boot", {Code::client_not_tls}},
    {"SQUID_X509_V_ERR_DOMAIN_MISMATCH", squid, any_name},
    {"SQUID_ERR_SSL_HANDSHAKE", squid, any_handshake, vague},
    {"no OCSP responder URL in the certificate", nginx, none, telling,
     "nginx was told to staple (ssl_stapling on), and the certificate names no OCSP responder: Let's Encrypt's have none since 2025. Nothing is "
     "wrong with the connection; turn ssl_stapling off."},
    {"provided via SNI and hostname … provided via HTTP", apache, none, telling,
     "The name in the ClientHello (SNI) and the Host header differ, and Apache answers 421. A proxy in front has to send the name of the "
     "request as SNI (nginx: proxy_ssl_server_name on; proxy_ssl_name), or the client used a connection again for another host."},
});

}  // namespace

std::span<const KnownMessage> of_servers() { return servers_table; }

}  // namespace inspect::diagnosis::messages
