#include "inspect/diagnosis/known/providers.h"

#include <algorithm>
#include <array>

#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

using Kind = Provider::Kind;
using Where = Provider::Where;

constexpr std::string_view ask_for_root =
    "Install that product's root certificate where your programs look for it (ask your IT department for the file), or have this host "
    "exempted from inspection.";
constexpr std::string_view other_proxy =
    "Turn the other proxy off, or give whytls its root certificate with --add-trust.";

constexpr Provider service(std::string_view title, std::string_view pattern, std::string_view fix,
                           std::string_view command = "") {
    return {title, Kind::service, Where::name, pattern, Actor::server, fix, command};
}
constexpr Provider placeholder(std::string_view title, Where where, std::string_view pattern, std::string_view fix,
                               std::string_view command = "") {
    return {title, Kind::default_certificate, where, pattern, Actor::server, fix, command};
}
constexpr Provider inspection(std::string_view title, std::string_view pattern) {
    return {title, Kind::inspection, Where::issuer, pattern, Actor::network, ask_for_root, ""};
}
constexpr Provider proxy(std::string_view title, std::string_view pattern) {
    return {title, Kind::debugging_proxy, Where::issuer, pattern, Actor::client, other_proxy, ""};
}

constexpr auto rows = std::to_array<Provider>({
    service(
        "Amazon CloudFront", "*.cloudfront.net",
        "Add the host {host} to the distribution's Alternate Domain Names (CNAMEs) and attach a certificate that covers it (in ACM, "
        "region us-east-1).",
        "aws cloudfront list-distributions --query 'DistributionList.Items[].[Id,DomainName,Aliases.Items]' --output json"),
    service(
        "Amazon API Gateway", "*.execute-api.amazonaws.com",
        "Make a custom domain name for {host} in API Gateway, with a certificate from ACM, and map it to the API's stage.",
        "aws apigateway get-domain-names"),
    service(
        "Amazon S3", "*.s3.amazonaws.com",
        "S3's certificate covers one label before s3.amazonaws.com: use a bucket name without dots or a path-style URL, and put "
        "CloudFront before the bucket for a name of your own."),
    service(
        "AWS Elastic Load Balancing", "*.elb.amazonaws.com",
        "Ask for a name of your own that points at the load balancer, and add a certificate for {host} to its HTTPS listener.",
        "aws elbv2 describe-listeners --load-balancer-arn ARN"),
    service("AWS Amplify", "*.amplifyapp.com",
            "Add {host} under the app's Custom domains in Amplify and wait until its certificate is issued."),
    service("AWS App Runner", "*.awsapprunner.com",
            "Link the custom domain {host} to the App Runner service and add the validation records that it shows."),
    service(
        "Heroku", "*.herokuapp.com",
        "Add the domain to the app, turn on Automated Certificate Management, and point DNS at the ….herokudns.com target that Heroku "
        "shows, not at herokuapp.com.",
        "heroku domains:add {host} && heroku certs:auto:enable"),
    service(
        "GitHub Pages", "*.github.io",
        "Set {host} as the custom domain in the repository's Settings > Pages, and wait until Enforce HTTPS can be ticked."),
    service(
        "GitHub Pages", "*.github.com",
        "Set {host} as the custom domain in the repository's Settings > Pages, and wait until Enforce HTTPS can be ticked."),
    service(
        "GitLab Pages", "*.gitlab.io",
        "Add {host} under Deploy > Pages in the GitLab project, verify it, and switch on its automatic certificate."),
    service("Netlify", "*.netlify.app",
            "Add {host} under the site's Domain management on Netlify, then provision its certificate there.",
            "netlify domains:list"),
    service("Netlify", "*.netlify.com",
            "Add {host} under the site's Domain management on Netlify, then provision its certificate there."),
    service("Vercel", "*.vercel.app",
            "Add the domain {host} to the project on Vercel and set the DNS record that it shows.",
            "vercel domains add {host}"),
    service("Vercel", "no-sni.vercel-infra.com",
            "Add the domain {host} to the project on Vercel, and check that the client sends the host name (SNI).",
            "vercel domains add {host}"),
    service("Azure App Service", "*.azurewebsites.net",
            "Add {host} as a custom domain of the web app and bind a certificate to it (TLS/SSL settings).",
            "az webapp config hostname add --hostname {host} --webapp-name APP --resource-group GROUP"),
    service(
        "Azure Front Door", "*.azurefd.net",
        "Add {host} as a custom domain of the Front Door profile, enable HTTPS for it, and associate it with the route."),
    service("Azure CDN", "*.azureedge.net",
            "Add {host} as a custom domain of the CDN endpoint and enable custom domain HTTPS for it."),
    service(
        "Azure Cloud Services", "*.cloudapp.azure.com",
        "Install a certificate for {host} on the server; the name under cloudapp.azure.com is only the machine's own."),
    service("Azure Blob Storage", "*.blob.core.windows.net",
            "Put Azure Front Door or a CDN before the storage account: it cannot serve HTTPS for a name of your own."),
    service("Google App Engine", "*.appspot.com",
            "Map the custom domain {host} to the app and wait for its managed certificate.",
            "gcloud app domain-mappings create {host}"),
    service("Google Cloud Run", "*.run.app",
            "Map {host} to the Cloud Run service, or put a load balancer with a certificate for it in front.",
            "gcloud beta run domain-mappings create --service SERVICE --domain {host}"),
    service(
        "Firebase Hosting", "*.web.app",
        "Add {host} as a custom domain under Hosting in the Firebase console and wait until its certificate is active."),
    service(
        "Firebase Hosting", "*.firebaseapp.com",
        "Add {host} as a custom domain under Hosting in the Firebase console and wait until its certificate is active."),
    placeholder(
        "Google (a client without SNI)", Where::subject, "invalid2.invalid",
        "Send the host name in the ClientHello (SNI): Google's servers show this certificate to clients that send none."),
    service(
        "Fastly", "*.fastly.net",
        "Add {host} to the Fastly service's domains and to a TLS subscription, and point DNS at the name that the subscription shows."),
    service(
        "Fastly", "*.freetls.fastly.net",
        "Add {host} to the Fastly service's domains and to a TLS subscription, and point DNS at the name that the subscription shows."),
    service("Akamai", "*.akamaized.net",
            "Add {host} to an Akamai property and to the certificate enrolment of its edge hostname."),
    service("Akamai", "a248.e.akamai.net",
            "Add {host} to an Akamai property, and point DNS at an edge hostname whose certificate covers it."),
    service("Cloudflare Pages", "*.pages.dev",
            "Add {host} under the Pages project's Custom domains in the Cloudflare dashboard."),
    service("Cloudflare Workers", "*.workers.dev",
            "Add {host} as a custom domain of the Worker (Settings > Domains & Routes)."),
    {"Cloudflare origin CA", Kind::local_ca, Where::issuer, "CloudFlare Origin", Actor::server,
     "Turn the Cloudflare proxy on for {host} (the orange cloud): an origin CA certificate is trusted only by Cloudflare; for direct "
     "access install a public certificate.",
     ""},
    placeholder(
        "Cloudflare", Where::name, "sni.cloudflaressl.com",
        "Check in the Cloudflare dashboard that Universal SSL is active for {host}; names more than one level below the zone need "
        "an advanced certificate."),
    placeholder(
        "Cloudflare", Where::name, "*.cloudflaressl.com",
        "Check in the Cloudflare dashboard that Universal SSL is active for {host}; names more than one level below the zone need "
        "an advanced certificate."),
    service("Render", "*.onrender.com", "Add {host} under the service's Custom Domains on Render and verify it."),
    service("Fly.io", "*.fly.dev", "Ask Fly.io for a certificate for the host.", "fly certs add {host}"),
    service("Railway", "*.up.railway.app",
            "Add {host} as a custom domain of the service on Railway and set the CNAME that it shows."),
    service("Railway", "*.railway.internal",
            "Add {host} as a custom domain of the service on Railway and set the CNAME that it shows."),
    service("Read the Docs", "*.readthedocs.io", "Add {host} under the project's Domains on Read the Docs."),
    service("WordPress.com", "*.wordpress.com",
            "Add the domain {host} to the site on WordPress.com and wait for its certificate."),
    service("Shopify", "*.myshopify.com", "Connect the domain {host} in the shop's Settings > Domains."),
    service("Squarespace", "*.squarespace.com",
            "Connect the domain {host} in the site's Domains panel and wait for its certificate."),
    service("Zendesk", "*.zendesk.com", "Set {host} as the host mapping in Zendesk and enable hosted SSL."),
    service("Surge", "*.surge.sh", "Publish to {host} and provision its certificate.", "surge encrypt {host}"),
    service("DigitalOcean App Platform", "*.ondigitalocean.app",
            "Add {host} under the app's Settings > Domains on DigitalOcean."),
    service("Deno Deploy", "*.deno.dev",
            "Add {host} under the project's Domains on Deno Deploy and provision its certificate."),
    service("ngrok", "*.ngrok.io",
            "Reserve {host} as a custom domain in the ngrok dashboard and start the tunnel with it.",
            "ngrok http --url=https://{host} PORT"),
    service("ngrok", "*.ngrok-free.app",
            "Reserve {host} as a custom domain in the ngrok dashboard and start the tunnel with it.",
            "ngrok http --url=https://{host} PORT"),
    // A public CA: each of its certificates is one site's.
    {"cPanel", Kind::service, Where::issuer, "CN=cPanel\\, Inc.", Actor::server,
     "Run AutoSSL for {host} in cPanel (SSL/TLS Status), and check that the domain points at this server.", ""},

    placeholder(
        "the Kubernetes ingress controller's placeholder", Where::own_name,
        "Kubernetes Ingress Controller Fake Certificate",
        "Give the Ingress a tls: entry for {host} whose secretName is a TLS secret in the Ingress's own namespace, with a "
        "certificate that covers the host.",
        "kubectl get ingress -A -o custom-columns=NS:.metadata.namespace,NAME:.metadata.name,TLS:.spec.tls && kubectl describe "
        "ingress NAME"),
    placeholder(
        "Traefik's default certificate", Where::own_name, "TRAEFIK DEFAULT CERT",
        "Give the router for {host} a tls section with a certResolver (or a certificate), and check Traefik's log for an ACME error."),
    placeholder(
        "Plesk's default certificate", Where::own_name, "Plesk",
        "Issue a certificate for {host} in Plesk (SSL/TLS Certificates > Install) and select it in the site's Hosting Settings.",
        "plesk bin extension --exec letsencrypt cli.php -d {host} -m ADDRESS"),
    placeholder("a distribution's self-made certificate", Where::subject, "O=SomeOrganization",
                "Set the server's certificate for {host}: it still serves the one made when it was installed.",
                "sudo certbot --nginx -d {host}"),
    placeholder("Debian's snakeoil certificate", Where::subject, "ssl-cert-snakeoil",
                "Set the server's certificate for {host}: it still serves the one made when it was installed.",
                "sudo certbot --nginx -d {host}"),
    placeholder(
        "Synology's default certificate", Where::issuer_name, "Synology Inc. CA",
        "Add a certificate for {host} under Control Panel > Security > Certificate and assign it to the service."),
    placeholder(
        "Caddy's local CA", Where::issuer, "Caddy Local Authority",
        "Caddy issues from its local CA for names that are not public: use a public name, or let the client trust Caddy's root.",
        "caddy trust"),

    {"mkcert", Kind::local_ca, Where::issuer, "mkcert", Actor::client,
     "Trust the mkcert root of the machine that made the certificate.",
     "whytls proxy --add-trust \"$(mkcert -CAROOT)/rootCA.pem\""},
    {"Let's Encrypt staging", Kind::local_ca, Where::issuer, "(STAGING)", Actor::server,
     "Issue the certificate again from Let's Encrypt's production server: staging certificates are for tests and trusted by no client.",
     "sudo certbot certonly --force-renewal -d {host}"},
    {"Let's Encrypt staging", Kind::local_ca, Where::issuer, "Fake LE", Actor::server,
     "Issue the certificate again from Let's Encrypt's production server: staging certificates are for tests and trusted by no client.",
     "sudo certbot certonly --force-renewal -d {host}"},
    {"minikube", Kind::local_ca, Where::issuer, "minikubeCA", Actor::client,
     "Trust minikube's CA, which is in your home directory.", "whytls proxy --add-trust ~/.minikube/ca.crt"},
    {"a Kubernetes cluster's CA", Kind::local_ca, Where::issuer_name, "kubernetes", Actor::client,
     "Trust the cluster's CA: it stands in the kubeconfig as certificate-authority-data.",
     "kubectl config view --raw --minify -o jsonpath='{.clusters[0].cluster.certificate-authority-data}' | base64 -d >cluster-ca.pem && "
     "whytls proxy --add-trust cluster-ca.pem"},

    inspection("Zscaler", "Zscaler"),
    inspection("Netskope", "goskope"),
    inspection("Netskope", "Netskope"),
    inspection("Fortinet FortiGate", "Fortinet"),
    inspection("Fortinet FortiGate", "FortiGate"),
    inspection("Palo Alto Networks", "Palo Alto"),
    inspection("Cisco Umbrella", "Cisco Umbrella"),
    inspection("Cisco Secure Web Appliance", "Cisco Secure Web Appliance"),
    inspection("iboss", "iboss"),
    inspection("Trend Micro", "Trend Micro"),
    inspection("Smoothwall", "Smoothwall"),
    inspection("Securly", "Securly"),
    inspection("Lightspeed", "Lightspeed"),
    inspection("Untangle", "Untangle"),
    inspection("Menlo Security", "Menlo Security"),
    inspection("Sophos", "Sophos"),
    inspection("Check Point", "Check Point"),
    inspection("Blue Coat / Symantec", "Blue Coat"),
    inspection("Forcepoint", "Forcepoint"),
    inspection("McAfee Web Gateway", "McAfee Web Gateway"),
    inspection("Barracuda", "Barracuda"),
    inspection("WatchGuard", "WatchGuard"),
    inspection("SonicWall", "SonicWall"),
    inspection("Cloudflare Gateway", "Gateway CA - Cloudflare"),
    inspection("Kaspersky", "Kaspersky"),
    inspection("Avast", "Avast"),
    inspection("AVG", "AVG Web/Mail Shield"),
    inspection("ESET", "ESET SSL Filter"),
    inspection("Bitdefender", "Bitdefender"),
    inspection("AdGuard", "Adguard"),
    inspection("Squid", "Squid"),

    proxy("mitmproxy", "mitmproxy"),
    proxy("Charles", "Charles Proxy"),
    proxy("Fiddler", "DO_NOT_TRUST"),
    proxy("Fiddler Everywhere", "Fiddler Root Certificate Authority"),
    proxy("Burp Suite", "PortSwigger"),
    proxy("HTTP Toolkit", "HTTP Toolkit"),
    proxy("Proxyman", "Proxyman"),
    proxy("OWASP ZAP", "OWASP Zed Attack Proxy"),
    // A server of someone's own: the row below is for what answers in a server's place.
    {"whytls ca issue", Kind::local_ca, Where::subject, "O=whytls ca issue", Actor::client,
     "Trust the local CA that issued it. Where that was on this machine, `whytls ca install` does so for every program, and this for whytls "
     "alone; where it was on another, run the first part there and bring the file here.",
     "whytls ca export >whytls-ca.pem && whytls proxy --add-trust whytls-ca.pem"},
    {"whytls", Kind::whytls, Where::issuer, "whytls local CA", Actor::client, other_proxy, ""},
});

// Names that a host's aliases lead to and that no certificate contains.
struct Alias {
    std::string_view pattern, title;  // of the row that has the fix
};
constexpr auto aliases = std::to_array<Alias>({
    {"*.herokudns.com", "Heroku"},
    {"*.herokussl.com", "Heroku"},
    {"*.netlifyglobalcdn.com", "Netlify"},
    {"*.vercel-dns.com", "Vercel"},
    {"*.now.sh", "Vercel"},
    {"*.t-msedge.net", "Azure Front Door"},
    {"*.edgekey.net", "Akamai"},
    {"*.edgesuite.net", "Akamai"},
    {"*.akamaiedge.net", "Akamai"},
    {"*.akamai.net", "Akamai"},
    {"*.cdn.cloudflare.net", "Cloudflare"},
    {"*.fly.io", "Fly.io"},
});

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool same(char a, char b) { return lower(a) == lower(b); }

bool name_fits(std::string_view name, std::string_view pattern) {
    if (std::ranges::equal(name, pattern, same)) return true;
    if (!pattern.starts_with("*.")) return false;
    const std::string_view tail = pattern.substr(1);
    return name.size() > tail.size() && std::ranges::equal(name.substr(name.size() - tail.size()), tail, same);
}

// AWS puts the region into its names: "*.execute-api.eu-west-1.amazonaws.com",
// "*.s3-eu-west-1.amazonaws.com".
std::string without_region(std::string_view name) {
    constexpr std::string_view amazon = ".amazonaws.com";
    if (!name.ends_with(amazon)) return std::string(name);
    const std::string_view rest = name.substr(0, name.size() - amazon.size());
    const auto dot = rest.rfind('.');
    if (dot != std::string_view::npos && rest.substr(dot).starts_with(".s3-"))
        return std::string(rest.substr(0, dot)).append(".s3").append(amazon);
    if (dot == std::string_view::npos || rest.find('-', dot) == std::string_view::npos ||
        rest.substr(dot + 1) == "execute-api")
        return std::string(name);
    return std::string(rest.substr(0, dot)) + std::string(amazon);
}

bool name_of(const Provider& row, std::string_view name) {
    return row.where == Where::name && (name_fits(name, row.pattern) || name_fits(without_region(name), row.pattern));
}

// Whether an RFC 4514 name has exactly that CN.
bool has_common_name(std::string_view distinguished_name, std::string_view name) {
    const std::string wanted = "CN=" + std::string(name);
    for (std::size_t at = 0; (at = distinguished_name.find(wanted, at)) != std::string_view::npos; ++at) {
        const std::string_view rest = distinguished_name.substr(at + wanted.size());
        const bool begins = at == 0 || ((distinguished_name[at - 1] == ',' || distinguished_name[at - 1] == '+') &&
                                        (at == 1 || distinguished_name[at - 2] != '\\'));
        if (begins && (rest.empty() || rest.front() == ',' || rest.front() == '+')) return true;
    }
    return false;
}

bool fits(const Provider& row, const certs::Description& leaf) {
    switch (row.where) {
        case Where::subject: return mentions(leaf.subject, row.pattern);
        case Where::issuer: return mentions(leaf.issuer, row.pattern);
        case Where::issuer_name: return has_common_name(leaf.issuer, row.pattern);
        case Where::own_name: return leaf.issuer == leaf.subject && has_common_name(leaf.subject, row.pattern);
        case Where::name:
            return std::ranges::any_of(leaf.names, [&](std::string_view name) {
                return name.starts_with("DNS:") && name_of(row, name.substr(4));
            });
    }
    return false;
}

}  // namespace

std::span<const Provider> providers() { return rows; }

const Provider* recognise(const certs::Description& leaf) {
    const auto found = std::ranges::find_if(rows, [&](const Provider& row) { return fits(row, leaf); });
    return found == rows.end() ? nullptr : &*found;
}

const Provider* recognise_name(std::string_view canonical_name) {
    const auto alias =
        std::ranges::find_if(aliases, [&](const Alias& each) { return name_fits(canonical_name, each.pattern); });
    const auto found = std::ranges::find_if(rows, [&](const Provider& row) {
        return alias == aliases.end() ? name_of(row, canonical_name) : row.title == alias->title;
    });
    return found == rows.end() ? nullptr : &*found;
}

Fix fix_of(const Provider& provider, std::string_view host) {
    return {provider.actor, replaced(provider.fix, "{host}", shorten(host, 100)),
            replaced(provider.command, "{host}", shell_word(host))};
}

bool mends(const Provider& provider, Code code) {
    const bool name = code == Code::hostname_mismatch || code == Code::no_subject_alt_name;
    const bool trust = code == Code::self_signed || code == Code::untrusted_root || code == Code::unknown_issuer ||
                       code == Code::missing_intermediate;
    switch (provider.kind) {
        case Kind::service: return name || code == Code::sni_unrecognized;
        case Kind::default_certificate: return name || trust || code == Code::sni_unrecognized;
        case Kind::local_ca:
        case Kind::inspection:
        case Kind::debugging_proxy:
        case Kind::whytls: return trust;
    }
    return false;
}

}  // namespace inspect::diagnosis
