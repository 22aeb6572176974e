// What certificate authorities and the programs that ask them say when no certificate is issued: no
// connection has failed yet.
#include "inspect/diagnosis/known/messages/messages.h"

namespace inspect::diagnosis::messages {

namespace {

constexpr std::string_view acme_ca = "a CA that speaks ACME (Let's Encrypt and others)", certbot = "certbot",
                           manager = "cert-manager", google = "Google Cloud", caddy = "Caddy";

constexpr std::string_view caa =
    "A CAA record of the domain, or of one above it, names other CAs than this one, so that it may not issue (RFC 8659). See the records with "
    "dig CAA DOMAIN, and add the CA's name there (Let's Encrypt: 0 issue \"letsencrypt.org\"; Amazon: \"amazon.com\"; Google: "
    "\"pki.goog\").";
constexpr std::string_view limited =
    "The CA's limit on the number of certificates or of failed attempts is reached (RFC 8555 §6.6): nothing is wrong with the server. The "
    "message says until when; try with the CA's staging server meanwhile.";
constexpr std::string_view unauthorised =
    "The CA asked the domain for the proof of control (challenge) and was given another answer: mostly DNS leads to another server (the AAAA "
    "record too), or that server answers /.well-known/acme-challenge/ with its own page (RFC 8555 §8).";
constexpr std::string_view unreachable =
    "The CA could not connect to the domain for the proof of control (challenge): port 80 has to be open to all the world for HTTP-01, port "
    "443 for TLS-ALPN-01, over IPv6 too where there is an AAAA record (RFC 8555 §8).";
constexpr std::string_view dns_of_ca =
    "The CA could not look the domain up in DNS: there is no record of that name yet, or the zone's name servers or their DNSSEC "
    "signatures are broken (RFC 8555 §8). Compare with a public resolver: dig +short DOMAIN @1.1.1.1.";
constexpr std::string_view tls_of_ca =
    "The CA could not agree on TLS with the domain while it looked for the proof of control (TLS-ALPN-01, RFC 8737): port 443 has to be "
    "answered by the ACME client itself.";
constexpr std::string_view rejected_name =
    "The CA does not issue for that name at all: it is no public name, or its policy forbids it (RFC 8555 §6.7).";
constexpr std::string_view bad_request =
    "The CA does not take the certificate request: its names must be those of the order, its key strong enough and not used before as an "
    "account's (RFC 8555 §7.4).";
constexpr std::string_view account =
    "The CA does not know the ACME account, or wants more of it (RFC 8555 §7.3): register anew, with the external account's key where the CA "
    "asks for one.";
constexpr std::string_view still_issuing =
    "The certificate is still being issued. Until then the server shows its default one, which clients refuse.";

constexpr auto issuers_table = std::to_array<KnownMessage>({
    // RFC 8555 §6.7
    {"urn:ietf:params:acme:error:caa", acme_ca, none, telling, caa},
    {"CAA record for {host} prevents issuance", acme_ca, none, telling, caa},
    {"urn:ietf:params:acme:error:rateLimited", acme_ca, none, telling, limited},
    {"too many certificates already issued", acme_ca, none, telling, limited},
    {"too many certificates … already issued", acme_ca, none, telling, limited},
    {"too many failed authorizations", acme_ca, none, telling, limited},
    {"too many new orders recently", acme_ca, none, telling, limited},
    {"too many registrations for this IP", acme_ca, none, telling, limited},
    {"urn:ietf:params:acme:error:unauthorized", acme_ca, none, telling, unauthorised},
    {"urn:ietf:params:acme:error:incorrectResponse", acme_ca, none, telling, unauthorised},
    {"Invalid response from … acme-challenge", acme_ca, none, telling, unauthorised},
    {"urn:ietf:params:acme:error:connection", acme_ca, none, telling, unreachable},
    {"Timeout during connect (likely firewall problem)", acme_ca, none, telling, unreachable},
    {"urn:ietf:params:acme:error:dns", acme_ca, none, telling, dns_of_ca},
    {"DNS problem: NXDOMAIN looking up", acme_ca, none, telling, dns_of_ca},
    {"DNS problem: SERVFAIL looking up", acme_ca, none, telling, dns_of_ca},
    {"urn:ietf:params:acme:error:tls", acme_ca, none, telling, tls_of_ca},
    {"Cannot negotiate ALPN protocol \"acme-tls/1\"", acme_ca, none, telling, tls_of_ca},
    {"urn:ietf:params:acme:error:rejectedIdentifier", acme_ca, none, telling, rejected_name},
    {"does not end with a valid public suffix", acme_ca, none, telling, rejected_name},
    {"urn:ietf:params:acme:error:badCSR", acme_ca, none, telling, bad_request},
    {"urn:ietf:params:acme:error:badPublicKey", acme_ca, none, telling, bad_request},
    {"urn:ietf:params:acme:error:accountDoesNotExist", acme_ca, none, telling, account},
    {"urn:ietf:params:acme:error:externalAccountRequired", acme_ca, none, telling, account},
    {"urn:ietf:params:acme:error:userActionRequired", acme_ca, none, telling, account},
    {"urn:ietf:params:acme:error:badNonce", acme_ca, none, telling,
     "A number that guards against replay was used up (RFC 8555 §6.5); clients ask again by themselves, so that this alone is no failure."},
    {"urn:ietf:params:acme:error:serverInternal", acme_ca, none, telling,
     "The CA itself has a fault (RFC 8555 §6.7): try again later, and look at its status page."},
    {"Certbot failed to authenticate some domains", certbot, none, vague, unauthorised},
    {"Some challenges have failed", certbot, none, vague, unauthorised},
    {"could not get certificate from issuer", caddy, none, vague,
     "Caddy could not have a certificate issued; the lines around it say what the CA's answer was. Until then handshakes for the host fail "
     "with the alert internal_error."},

    // In a Kubernetes cluster
    {"Issuing certificate as Secret does not exist", manager, none, telling,
     "cert-manager has just begun, and this is no error. The certificate is still being issued: the Challenge that belongs to it (kubectl "
     "describe challenge -A) says what it waits for; until then the ingress shows its default certificate."},
    {"Waiting for HTTP-01 challenge propagation", manager, none, telling,
     "cert-manager asks itself for the proof of control first, and does not get it: the domain leads elsewhere in DNS, or the cluster cannot "
     "reach its own load balancer from inside. The CA was not asked yet."},
    {"Waiting for DNS-01 challenge propagation", manager, none, telling,
     "cert-manager has made the TXT record _acme-challenge and does not see it in DNS yet: wait, or check that the zone is the one that is "
     "delegated. The CA was not asked yet."},

    // Managed certificates of clouds
    {"CAA_ERROR", acm, none, telling, caa},
    {"failed validation due to a Certificate Authority Authentication (CAA) error", acm, none, telling, caa},
    {"FAILED_NOT_VISIBLE", google, none, telling,
     "The managed certificate is not issued because the domain does not lead to the load balancer: its A and AAAA records must be the "
     "addresses of the forwarding rule that uses the certificate, and no others, with HTTPS on port 443. It can take an hour after DNS is "
     "right."},
    {"FailedNotVisible", google, none, telling,
     "The managed certificate is not issued because the domain does not lead to the load balancer: its A and AAAA records must be the "
     "addresses of the Ingress, and no others. It can take an hour after DNS is right."},
    {"FAILED_CAA_FORBIDDEN", google, none, telling, caa},
    {"FAILED_CAA_CHECKING", google, none, telling,
     "The domain's CAA records could not be looked up (RFC 8659): the zone's name servers gave no usable answer for that type. Ask them: dig "
     "CAA DOMAIN."},
    {"FAILED_RATE_LIMITED", google, none, telling, limited},
    {"PROVISIONING_FAILED_PERMANENTLY", google, none, telling,
     "The managed certificate will not be issued any more: mend the domain's DNS first, then make a new certificate resource."},
    {"domainStatus … PROVISIONING", google, none, telling, still_issuing},
    {"managed status PROVISIONING", google, none, telling, still_issuing},
    {"Certificate Status: Provisioning", google, none, telling, still_issuing},
});

}  // namespace

std::span<const KnownMessage> of_issuers() { return issuers_table; }

}  // namespace inspect::diagnosis::messages
