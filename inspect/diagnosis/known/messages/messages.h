// The parts of the table of known messages (causes.h), one file for each family, and the names and
// lists of causes that many rows share.
#pragma once

#include <span>
#include <string_view>

#include "inspect/diagnosis/known/causes.h"

namespace inspect::diagnosis::messages {

std::span<const KnownMessage> of_certificates();     // who vouches for them, their names and dates
std::span<const KnownMessage> of_certificate_use();  // what they may be and do, their keys, signatures and revocation
std::span<const KnownMessage> of_handshakes();       // versions, suites, alerts, client certificates
std::span<const KnownMessage> of_connections();      // reaching the server, and what ended early
std::span<const KnownMessage> of_platforms();        // Windows and .NET, Apple, Android
std::span<const KnownMessage> of_languages();        // Erlang, PHP, Ruby, Perl, Haskell, embedded TLS libraries
std::span<const KnownMessage> of_servers();          // what servers and proxies log of clients and of upstreams
std::span<const KnownMessage> of_hosting();          // hosting services, CDNs, load balancers, ingress controllers
std::span<const KnownMessage> of_issuers();          // CAs and the programs that ask them, when nothing is issued
std::span<const KnownMessage> of_databases();        // databases, directories, mail, package managers
std::span<const KnownMessage> of_no_server();        // what is no fault of a server's, or no TLS at all
std::span<const KnownMessage> of_anything();         // vague ones, which count only where there is no telling one

using Codes = KnownMessage::Codes;
inline constexpr auto telling = KnownMessage::Weight::telling, vague = KnownMessage::Weight::vague;

inline constexpr std::string_view openssl = "OpenSSL (curl, Node, Python and others)", node = "Node, Postman",
                                  java = "Java", go = "Go", rustls = "rustls", chrome = "Chrome, Electron",
                                  firefox = "Firefox", curl = "curl", python = "Python", windows = "Windows",
                                  apple = "macOS, iOS", gnutls = "GnuTLS (wget, git, apt)", wget = "wget",
                                  dotnet = ".NET", nginx = "nginx", acm = "AWS Certificate Manager",
                                  android = "Android", okhttp = "OkHttp (Android, Java)", several = "several programs";

// No issuer that the program trusts was found, and the program says no more than that.
inline constexpr Codes no_path{Code::missing_intermediate, Code::untrusted_root,         Code::unknown_issuer,
                               Code::self_signed,          Code::inspected_by_middlebox, Code::client_untrusted_ca};
// The same, where the program has another message for a certificate that signs itself.
inline constexpr Codes no_issuer{Code::missing_intermediate, Code::untrusted_root, Code::unknown_issuer,
                                 Code::inspected_by_middlebox, Code::client_untrusted_ca};
inline constexpr Codes no_first_issuer{Code::missing_intermediate, Code::unknown_issuer, Code::inspected_by_middlebox,
                                       Code::client_untrusted_ca};
// The chain is there, but ends in a root that the program does not have.
inline constexpr Codes strange_root{Code::untrusted_root, Code::self_signed, Code::inspected_by_middlebox,
                                    Code::client_untrusted_ca};
inline constexpr Codes root_in_chain{Code::untrusted_root, Code::inspected_by_middlebox, Code::client_untrusted_ca};
inline constexpr Codes any_name{Code::hostname_mismatch, Code::no_subject_alt_name};
inline constexpr Codes too_early{Code::not_yet_valid, Code::clock_skew};
inline constexpr Codes any_date{Code::expired, Code::not_yet_valid, Code::clock_skew};
inline constexpr Codes any_certificate{Code::missing_intermediate, Code::untrusted_root, Code::expired,
                                       Code::hostname_mismatch,    Code::self_signed,    Code::client_untrusted_ca};
inline constexpr Codes handshake_failure{Code::no_shared_cipher, Code::client_certificate_required,
                                         Code::protocol_version, Code::sni_unrecognized};
inline constexpr Codes any_handshake{Code::no_shared_cipher, Code::protocol_version, Code::not_tls,
                                     Code::connection_closed};
inline constexpr Codes refused_client{Code::client_certificate_rejected, Code::client_untrusted_ca};
inline constexpr Codes refused_server{Code::client_untrusted_ca, Code::client_certificate_rejected};
inline constexpr Codes closed_early{Code::connection_closed, Code::upstream_closed};
inline constexpr Codes closed_late{Code::upstream_closed, Code::connection_closed, Code::client_certificate_required};
inline constexpr Codes closed_unanswered{Code::upstream_closed, Code::client_certificate_required};
inline constexpr Codes no_connection{Code::connection_timeout, Code::handshake_timeout};
inline constexpr Codes broken_record{Code::tls_protocol_error, Code::tls_alert};
inline constexpr Codes odd_alert{Code::tls_alert, Code::tls_protocol_error};
inline constexpr Codes none{};

}  // namespace inspect::diagnosis::messages
