// Databases, directories, mail and message brokers, and what they ask of TLS in their own words.
#include "inspect/diagnosis/known/messages/messages.h"

namespace inspect::diagnosis::messages {

namespace {

constexpr std::string_view postgres = "PostgreSQL", mysql = "MySQL, MariaDB", oracle = "Oracle", mongo = "MongoDB",
                           ldap = "OpenLDAP", postfix = "Postfix", smtp = "mail programs", kafka = "librdkafka (Kafka)";

constexpr std::string_view server_wants_tls =
    "The server takes only encrypted connections, and the client opened one without TLS: turn it on in the client "
    "(PostgreSQL sslmode=require or better verify-full, MySQL --ssl-mode=VERIFY_IDENTITY, LDAP -ZZ or ldaps://, SMTP STARTTLS). No TLS was "
    "tried.";

constexpr auto databases_table = std::to_array<KnownMessage>({
    // PostgreSQL (libpq)
    {"server certificate for \"…\" does not match host name \"{host}\"", postgres, any_name},
    {"server certificate for … does not match host name {host}", postgres, any_name},
    {"server does not support SSL, but SSL was required", postgres, {Code::starttls_failed}},
    {"received invalid response to SSL negotiation", postgres, {Code::starttls_failed, Code::not_tls}},
    {"SSL error: certificate verify failed", postgres, no_path},
    {"SSL error: unsupported protocol", postgres, {Code::protocol_version, Code::old_protocol}},
    {"SSL error: wrong version number", postgres, {Code::not_tls, Code::protocol_version}},
    {"SSL error: tlsv1 alert unknown ca", postgres, {Code::client_certificate_rejected}},
    {"SSL error: sslv3 alert handshake failure", postgres, handshake_failure},
    {"SSL connection has been closed unexpectedly", postgres, {Code::upstream_closed}},
    {"SSL SYSCALL error: EOF detected", postgres, closed_late},
    {"SSL SYSCALL error: Connection reset by peer", postgres, closed_late},
    {"could not accept SSL connection: EOF detected", postgres, {Code::client_closed}},
    {"could not accept SSL connection: … alert unknown ca", postgres, {Code::client_untrusted_ca}},
    {"could not accept SSL connection: … alert bad certificate", postgres, {Code::client_untrusted_ca}},
    {"could not accept SSL connection: … unsupported protocol", postgres, {Code::client_protocol_version}},
    {"could not accept SSL connection: … certificate verify failed", postgres, {Code::client_certificate_rejected}},
    {"connection requires a valid client certificate", postgres, {Code::client_certificate_required}},
    {"certificate authentication failed for user", postgres, {Code::client_certificate_rejected}},
    {"established without ALPN protocol negotiation extension", postgres, {Code::no_shared_alpn}},
    {"no pg_hba.conf entry for host … no encryption", postgres, none, telling, server_wants_tls},
    {"no pg_hba.conf entry for host … SSL off", postgres, none, telling, server_wants_tls},

    // MySQL, MariaDB
    {"ERROR 2026 (HY000)", mysql, any_certificate, vague},
    {"SSL connection error: protocol version mismatch", mysql, {Code::protocol_version}},
    {"SSL connection error: … unsupported protocol", mysql, {Code::protocol_version}},
    {"SSL connection error: … certificate verify failed", mysql, no_path},
    {"SSL is required, but the server does not support it", mysql, {Code::starttls_failed}},
    {"SSL is required but the server doesn't support it", mysql, {Code::starttls_failed}},
    {"Validation of SSL server certificate failed", mysql, any_name},
    {"Failed to verify the server certificate",
     mysql,
     {Code::hostname_mismatch, Code::missing_intermediate, Code::untrusted_root, Code::self_signed}},
    {"Certificate verification failure: The certificate is NOT trusted", mysql, any_certificate, vague},
    {"Connections using insecure transport are prohibited", mysql, none, telling, server_wants_tls},

    // Oracle
    {"ORA-29024", oracle, no_path},
    {"ORA-28791", oracle, any_certificate},
    {"ORA-29003", oracle, any_name},
    {"ORA-24263", oracle, any_name},
    {"ORA-28868", oracle, no_path},
    {"ORA-28860", oracle, any_handshake},
    {"ORA-28862", oracle, any_handshake},
    {"ORA-28864", oracle, {Code::connection_closed}},
    {"ORA-28865", oracle, {Code::connection_closed}},
    {"ORA-28857", oracle, any_handshake, vague},
    {"ORA-28759", oracle, none, telling,
     "Oracle could not open its wallet: the path (file:/… of a directory), or the rights of the user that the database runs as. Nothing was "
     "said of the server."},
    {"ORA-29106", oracle, none, telling,
     "Oracle could not read its wallet: another password, or a damaged file. Nothing was said of the server."},

    // MongoDB, Kafka, directories
    {"The server certificate does not match the host name", mongo, any_name},
    {"SSL peer certificate validation failed", mongo, any_certificate, vague},
    {"no SSL certificate provided by peer", mongo, {Code::client_certificate_required}},
    {"SSL handshake received but server is started without SSL support", mongo, {Code::not_tls}},
    {"The server is configured to only allow SSL connections", mongo, {Code::client_not_tls}},
    {"broker certificate could not be verified", kafka, no_path},
    {"might be caused by incorrect security.protocol configuration", kafka, {Code::not_tls, Code::client_not_tls}},
    {"TLS: hostname does not match CN in peer certificate", ldap, any_name},
    {"TLS: hostname does not match name in peer certificate", ldap, any_name},
    {"ldap_start_tls: Protocol error", ldap, {Code::starttls_failed}},
    {"ldap_start_tls: Connect error", ldap, any_certificate, vague},
    {"Confidentiality required (13)", ldap, none, telling, server_wants_tls},
    {"TLS confidentiality required", ldap, none, telling, server_wants_tls},

    // Mail
    {"STARTTLS extension not supported by server", smtp, {Code::starttls_failed}},
    {"TLS is required, but was not offered by host", postfix, {Code::starttls_failed}},
    {"TLS not available due to local problem", postfix, {Code::starttls_failed}},
    {"TLS not available due to temporary reason", smtp, {Code::starttls_failed}},
    {"certificate verification failed for … untrusted issuer",
     postfix,
     {Code::untrusted_root, Code::missing_intermediate, Code::inspected_by_middlebox}},
    {"Server certificate not trusted", postfix, no_path},
    {"Server certificate not verified",
     postfix,
     {Code::hostname_mismatch, Code::missing_intermediate, Code::untrusted_root}},
    {"Cannot start TLS: handshake failure", postfix, any_handshake, vague},
    {"lost connection after STARTTLS", postfix, {Code::client_closed, Code::client_untrusted_ca}},
    {"Must issue a STARTTLS command first", smtp, none, telling, server_wants_tls},

    // Package managers that have words of their own
    {"The certificate is NOT trusted", gnutls, any_certificate, vague},
    {"Could not handshake: Error in the certificate verification", "apt", any_certificate, vague},
    {"Failed to validate the SSL certificate for {host}", "Ansible", any_certificate, vague},
    {"TLS key negotiation failed to occur within", "OpenVPN", {Code::handshake_timeout, Code::connection_timeout}},
    {"TLS Error: TLS handshake failed", "OpenVPN", any_handshake, vague},
    {"A TLS error occurred", "mosquitto", any_handshake, vague},
});

}  // namespace

std::span<const KnownMessage> of_databases() { return databases_table; }

}  // namespace inspect::diagnosis::messages
