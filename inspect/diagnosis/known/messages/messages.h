// The parts of the table of known messages (causes.h), one file a family, and the names and lists of causes that many rows share.
#pragma once

#include <span>
#include <string_view>

#include "inspect/diagnosis/known/causes.h"

namespace inspect::diagnosis::messages {

std::span<const KnownMessage> of_certificates();     // who vouches for them, their names and dates
std::span<const KnownMessage> of_certificate_use();  // what they may be and do, their keys, signatures and revocation
std::span<const KnownMessage> of_handshakes();       // versions, suites, alerts, client certificates
std::span<const KnownMessage> of_connections();      // reaching the server, and what came to an early end
std::span<const KnownMessage> of_platforms();        // Windows and .NET, Apple, Android
std::span<const KnownMessage> of_languages();        // Erlang, PHP, Ruby, Perl, Haskell, embedded TLS libraries
std::span<const KnownMessage> of_servers();          // what servers and proxies write into their logs, of clients and of upstreams
std::span<const KnownMessage> of_hosting();          // hosting services, content delivery networks, load balancers, ingress controllers
std::span<const KnownMessage> of_issuers();          // certificate authorities and the programs that ask them, when nothing is issued
std::span<const KnownMessage> of_databases();        // databases, directories, mail, package managers
std::span<const KnownMessage> of_no_server();        // what is no fault of a server's, or no TLS at all
std::span<const KnownMessage> of_anything();         // vague ones, which count only where nothing telling is

using Codes = KnownMessage::Codes;
inline constexpr auto telling = KnownMessage::Weight::telling, vague = KnownMessage::Weight::vague;

inline constexpr std::string_view openssl = "OpenSSL (curl, Node, Python and others)", node = "Node, Postman", java = "Java", go = "Go",
                                  rustls = "rustls", chrome = "Chrome, Electron", firefox = "Firefox", curl = "curl", python = "Python",
                                  windows = "Windows", apple = "macOS, iOS", gnutls = "GnuTLS (wget, git, apt)", wget = "wget",
                                  dotnet = ".NET", nginx = "nginx", acm = "AWS Certificate Manager", android = "Android",
                                  okhttp = "OkHttp (Android, Java)", several = "several programs";

// No issuer that the program trusts was found, and it says no more than that.
inline constexpr Codes no_path{"missing_intermediate", "untrusted_root",         "unknown_issuer",
                               "self_signed",          "inspected_by_middlebox", "client_untrusted_ca"};
// … and the program has another message for a certificate that signs itself.
inline constexpr Codes no_issuer{"missing_intermediate", "untrusted_root", "unknown_issuer", "inspected_by_middlebox",
                                 "client_untrusted_ca"};
inline constexpr Codes no_first_issuer{"missing_intermediate", "unknown_issuer", "inspected_by_middlebox", "client_untrusted_ca"};
// The chain is there, and ends in a root that the program does not have.
inline constexpr Codes strange_root{"untrusted_root", "self_signed", "inspected_by_middlebox", "client_untrusted_ca"};
inline constexpr Codes root_in_chain{"untrusted_root", "inspected_by_middlebox", "client_untrusted_ca"};
inline constexpr Codes any_name{"hostname_mismatch", "no_subject_alt_name"};
inline constexpr Codes too_early{"not_yet_valid", "clock_skew"};
inline constexpr Codes any_date{"expired", "not_yet_valid", "clock_skew"};
inline constexpr Codes any_certificate{"missing_intermediate", "untrusted_root", "expired",
                                       "hostname_mismatch",    "self_signed",    "client_untrusted_ca"};
inline constexpr Codes handshake_failure{"no_shared_cipher", "client_certificate_required", "protocol_version", "sni_unrecognized"};
inline constexpr Codes any_handshake{"no_shared_cipher", "protocol_version", "not_tls", "connection_closed"};
inline constexpr Codes refused_client{"client_certificate_rejected", "client_untrusted_ca"};
inline constexpr Codes refused_server{"client_untrusted_ca", "client_certificate_rejected"};
inline constexpr Codes closed_early{"connection_closed", "upstream_closed"};
inline constexpr Codes closed_late{"upstream_closed", "connection_closed", "client_certificate_required"};
inline constexpr Codes closed_unanswered{"upstream_closed", "client_certificate_required"};
inline constexpr Codes no_connection{"connection_timeout", "handshake_timeout"};
inline constexpr Codes broken_record{"tls_protocol_error", "tls_alert"};
inline constexpr Codes odd_alert{"tls_alert", "tls_protocol_error"};
inline constexpr Codes none{};

}  // namespace inspect::diagnosis::messages
