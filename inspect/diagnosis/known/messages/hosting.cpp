// What hosting services, content delivery networks and load balancers say of certificates: those of
// their clients, their own, and those of the servers behind them.
#include "inspect/diagnosis/known/messages/messages.h"

namespace inspect::diagnosis::messages {

namespace {

constexpr std::string_view cloudflare = "Cloudflare", cloudfront = "Amazon CloudFront", gateway = "Amazon API Gateway",
                           iam = "AWS IAM", balancer = "AWS Elastic Load Balancing", heroku = "Heroku",
                           front_door = "Azure Front Door", app_gateway = "Azure Application Gateway",
                           vercel = "Vercel", netlify = "Netlify", ingress = "ingress-nginx (Kubernetes)",
                           traefik = "Traefik";

// The server that such a service fetches from. A client of the service sees only the service's
// certificate.
constexpr std::string_view origin =
    "That is between the service and the server behind it (the origin), not between client and service: check the origin by itself, at its "
    "own address: whytls check ORIGIN --servername HOST.";
constexpr std::string_view full_strict =
    "That is between Cloudflare and the server behind it (the origin): with the mode Full (strict) the origin's certificate must be valid "
    "for the host, in date and from a public CA or Cloudflare's origin CA. Check it at its own address: whytls check ORIGIN --servername "
    "HOST.";
constexpr std::string_view not_covered =
    "The names of the certificate that is attached do not cover the host that is to be added: have one issued that lists it (or a wildcard "
    "one label above), and attach that.";
constexpr std::string_view region =
    "CloudFront takes certificates of the region us-east-1 only: the one that was named is elsewhere, has expired, or was imported without "
    "its intermediates. Request or import it there.";
constexpr std::string_view import_chain =
    "An import takes three parts apart: the certificate alone, its private key, and as the chain each issuer after the one it has issued, "
    "without the server's own.";
constexpr std::string_view ingress_default =
    "The ingress shows its default certificate because it has none for the name that was asked for: the secret that the tls: entry names is "
    "missing in the Ingress's own namespace or not of the type kubernetes.io/tls, the entry's hosts do not list the name, or the client sent "
    "none (SNI). kubectl describe ingress NAME, and the controller's log, say which.";
constexpr std::string_view traefik_default =
    "Traefik shows its default certificate because it has none for the name that was asked for: give the router a tls section with a "
    "certResolver or a certificate, and look for an ACME error in its log.";
constexpr std::string_view caddy_local =
    "Caddy issues from its own local CA for names that are not public, such as localhost and addresses. Use a public name, or let the client "
    "trust Caddy's root: caddy trust.";
constexpr std::string_view app_gateway_root =
    "The backend's certificate does not lead to the root that the gateway's backend setting trusts: let the backend send its intermediates, "
    "and upload the root that is above them.";

constexpr Codes origin_certificate{Code::self_signed,          Code::expired,        Code::hostname_mismatch,
                                   Code::missing_intermediate, Code::untrusted_root, Code::revoked};
constexpr Codes origin_handshake{Code::no_shared_cipher, Code::sni_unrecognized, Code::protocol_version,
                                 Code::connection_closed};
constexpr Codes default_shown{Code::self_signed, Code::hostname_mismatch};

constexpr auto hosting_table = std::to_array<KnownMessage>({
    // Cloudflare's own codes, of the connection to the origin
    {"Error 521", cloudflare, {Code::connection_refused}, telling, origin},
    {"521: Web server is down", cloudflare, {Code::connection_refused}, telling, origin},
    {"521 Web server is down", cloudflare, {Code::connection_refused}, telling, origin},
    {"Error 522", cloudflare, {Code::connection_timeout}, telling, origin},
    {"522: Connection timed out", cloudflare, {Code::connection_timeout}, telling, origin},
    {"Error 523", cloudflare, {Code::network_unreachable, Code::dns_not_found}, telling, origin},
    {"523: Origin is unreachable", cloudflare, {Code::network_unreachable, Code::dns_not_found}, telling, origin},
    {"524: A timeout occurred", cloudflare, {Code::upstream_timeout}, telling, origin},
    {"Error 525", cloudflare, origin_handshake, telling, origin},
    {"525: SSL handshake failed", cloudflare, origin_handshake, telling, origin},
    {"525 SSL handshake failed", cloudflare, origin_handshake, telling, origin},
    {"Error 526", cloudflare, origin_certificate, telling, full_strict},
    {"526: Invalid SSL certificate", cloudflare, origin_certificate, telling, full_strict},
    {"Error 1016: Origin DNS error", cloudflare, {Code::dns_not_found}, telling, origin},

    // nginx's own codes, of the client; Cloudflare uses them too
    {"495 SSL Certificate Error", nginx, {Code::client_certificate_rejected}},
    {"Error 495", nginx, {Code::client_certificate_rejected}, vague},
    {"496 SSL Certificate Required", nginx, {Code::client_certificate_required}},
    {"Error 496", nginx, {Code::client_certificate_required}, vague},
    {"497 HTTP Request Sent to HTTPS Port", nginx, {Code::client_not_tls}},

    // Amazon
    {"The certificate that is attached to your distribution doesn't cover the alternate domain name",
     cloudfront,
     {Code::hostname_mismatch},
     telling,
     not_covered},
    {"you must attach a trusted certificate that validates your authorization to use the domain name",
     cloudfront,
     {Code::hostname_mismatch},
     telling,
     not_covered},
    {"The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain",
     cloudfront, none, telling, region},
    {"InvalidViewerCertificate", cloudfront, {Code::hostname_mismatch}, vague, not_covered},
    {"CloudFront wasn't able to connect to the origin",
     cloudfront,
     {Code::hostname_mismatch, Code::expired, Code::self_signed, Code::missing_intermediate, Code::no_shared_cipher,
      Code::connection_refused},
     telling,
     origin},
    {"CloudFront attempted to establish a connection with the origin",
     cloudfront,
     {Code::connection_closed, Code::connection_refused},
     telling,
     origin},
    {"The domain name to be created is not covered by the provided certificate",
     gateway,
     {Code::hostname_mismatch},
     telling,
     not_covered},
    {"does not match the certificate subject provided by the peer",
     gateway,
     {Code::hostname_mismatch},
     telling,
     origin},
    {"Could not validate the certificate with the certificate chain",
     acm,
     {Code::chain_order, Code::unknown_issuer},
     telling,
     import_chain},
    {"Provided certificate is not a valid self signed", acm, {Code::missing_intermediate}, telling, import_chain},
    {"The certificate field contains more than one certificate", acm, none, telling, import_chain},
    {"Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate",
     iam,
     {Code::chain_order, Code::unknown_issuer},
     telling,
     import_chain},
    {"MalformedCertificate: Unable to parse certificate", iam, {Code::malformed_certificate}},
    {"must have a fully-qualified domain name, a supported signature, and a supported key size",
     balancer,
     {Code::no_subject_alt_name, Code::weak_signature, Code::weak_key}},

    // Heroku, Vercel, Netlify
    {"CDN not returning HTTP challenge", heroku, none, telling,
     "Heroku could not have the certificate issued: the domain leads to a CDN or a redirect that does not pass the challenge on. Point its "
     "DNS at the ….herokudns.com target that heroku domains shows."},
    {"ROUTER_EXTERNAL_TARGET_HANDSHAKE_ERROR", vercel, origin_certificate, telling, origin},
    {"ROUTER_EXTERNAL_TARGET_CONNECTION_ERROR",
     vercel,
     {Code::connection_refused, Code::connection_timeout},
     telling,
     origin},
    {"Code: DNS_HOSTNAME_NOT_FOUND", vercel, {Code::dns_not_found}, telling, origin},
    {"SniCertificate::CertificateInvalidError", netlify, none, telling,
     "Netlify could not have the certificate issued: DNS does not lead the domain there yet, another zone for it stands at Netlify DNS, or a "
     "CAA record forbids Let's Encrypt."},
    {"SniCertificate::CertificateValidationError", netlify, none, telling,
     "Netlify could not have the certificate issued: DNS does not lead the domain there yet, another zone for it stands at Netlify DNS, or a "
     "CAA record forbids Let's Encrypt."},

    // Azure
    {"CertificateNameCheckFailed", front_door, {Code::hostname_mismatch}, telling, origin},
    {"OriginConnectionRefused", front_door, {Code::connection_refused}, telling, origin},
    {"SSLInvalidRootCA",
     front_door,
     {Code::untrusted_root, Code::missing_intermediate, Code::self_signed},
     telling,
     origin},
    {"SSLInvalidCipher", front_door, {Code::no_shared_cipher}, telling, origin},
    {"Backend server certificate is not whitelisted with Application Gateway",
     app_gateway,
     {Code::untrusted_root},
     telling,
     app_gateway_root},
    {"The root certificate of the server certificate used by the backend doesn't match the trusted root certificate",
     app_gateway,
     {Code::untrusted_root, Code::missing_intermediate},
     telling,
     app_gateway_root},
    {"The Intermediate certificate is missing from the backend server chain",
     app_gateway,
     {Code::missing_intermediate},
     telling,
     origin},
    {"The Leaf certificate is missing from the backend server chain",
     app_gateway,
     {Code::chain_order},
     telling,
     origin},
    {"Backend certificate is invalid. Current date is not within the \"Valid from\" and \"Valid to\" date range",
     app_gateway, any_date, telling, origin},
    {"The Common Name of the leaf certificate presented by the backend server does not match",
     app_gateway,
     {Code::hostname_mismatch},
     telling,
     origin},

    // Default certificates of ingress controllers
    {"Kubernetes Ingress Controller Fake Certificate", ingress, default_shown, telling, ingress_default},
    {"Error getting SSL certificate", ingress, default_shown, telling, ingress_default},
    {"Unexpected error validating SSL certificate", ingress, {Code::hostname_mismatch}, telling, ingress_default},
    {"TRAEFIK DEFAULT CERT", traefik, default_shown, telling, traefik_default},
    {"Serving default certificate for request", traefik, default_shown, telling, traefik_default},
    {"Caddy Local Authority", "Caddy", {Code::untrusted_root, Code::unknown_issuer}, telling, caddy_local},
});

}  // namespace

std::span<const KnownMessage> of_hosting() { return hosting_table; }

}  // namespace inspect::diagnosis::messages
