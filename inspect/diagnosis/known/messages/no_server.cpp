// What is no server's fault: other protocols, a program's own files and options, and checks that
// have nothing to do with TLS.
#include "inspect/diagnosis/known/messages/messages.h"

namespace inspect::diagnosis::messages {

namespace {

constexpr std::string_view ssh = "SSH", browser = "the browser", gpg = "GnuPG, apt";

constexpr std::string_view not_tls_but_ssh =
    "This is SSH, not TLS: no certificate and no CA is involved, and whytls has nothing to do with it. ssh -v HOST shows each step; git can "
    "use https:// in place of ssh.";
constexpr std::string_view not_tls_but_openpgp =
    "This is a signature of OpenPGP (of a repository's files or of a message), not TLS: no certificate of a server is involved.";
constexpr std::string_view own_pair =
    "A certificate and a private key that were given to the program (its own, for a server or for client authentication) do not belong "
    "together: openssl x509 -noout -pubkey -in cert.pem and openssl pkey -pubout -in key.pem must print the same. The first certificate of "
    "the file is the one that counts. Nothing was said of the other side.";
constexpr std::string_view own_file =
    "The program could not read a certificate or key file that it was given: the path, the format (PEM begins with -----BEGIN; DER and PKCS#12 "
    "have to be converted with openssl x509, pkey or pkcs12), or the password. Nothing was said of the other side.";
constexpr std::string_view own_store =
    "The program has no trusted CA certificates of its own, or could not read them: install ca-certificates, or name the right file "
    "(curl --cacert, SSL_CERT_FILE, REQUESTS_CA_BUNDLE, javax.net.ssl.trustStore). Nothing was said of the server.";
constexpr std::string_view node_extra =
    "Node could not read the file that NODE_EXTRA_CA_CERTS names, and goes on without it: the path, the rights, or no certificate in PEM in "
    "it. Nothing was said of the server.";
constexpr std::string_view no_upgrade =
    "The server, or a proxy before it, answered the WebSocket's opening request with another status than 101: often a reverse proxy that "
    "does not pass on Upgrade and Connection (nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header "
    "Connection upgrade;).";
constexpr std::string_view curl_store =
    "curl could not read its own CA certificates (--cacert, --capath, CURL_CA_BUNDLE): the path, the rights, or no certificate in the file. "
    "Nothing was said of the server.";
constexpr std::string_view own_ciphers =
    "The program's own list of cipher suites or of TLS versions leaves nothing that its library can offer. Nothing was said of the server.";
constexpr std::string_view proxy_url =
    "The proxy is spoken to in TLS and answers in plain text: the proxy's own URL begins with https:// and should begin with http:// "
    "(HTTPS_PROXY=http://HOST:PORT; https:// in the target's URL stays).";
constexpr std::string_view not_the_connection =
    "The browser's own rules for pages refused this; the connection and the certificate have nothing to do with it, unless the server's "
    "answer could not be read because it failed: whytls check tells.";
constexpr std::string_view http_status =
    "The server answered with an HTTP error: the connection, TLS and the certificate were in order. The answer's body says more.";

constexpr auto no_server_table = std::to_array<KnownMessage>({
    {"Ignoring extra certs from", node, none, telling, node_extra},
    {"Error during WebSocket handshake: Unexpected response code: 400", chrome, none, telling, no_upgrade},
    {"Unexpected server response: 400", node, none, telling, no_upgrade},
    {"Connection header did not include 'upgrade'", "WebSocket servers", none, telling, no_upgrade},

    // SSH
    {"Host key verification failed", ssh, none, telling, not_tls_but_ssh},
    {"REMOTE HOST IDENTIFICATION HAS CHANGED", ssh, none, telling, not_tls_but_ssh},
    {"kex_exchange_identification", ssh, none, telling, not_tls_but_ssh},
    {"kex_exchange_identification: read: Connection reset by peer", ssh, none, telling, not_tls_but_ssh},
    {"ssh_exchange_identification", ssh, none, telling, not_tls_but_ssh},
    {"ssh_exchange_identification: read: Connection reset by peer", ssh, none, telling, not_tls_but_ssh},
    {"ssh: connect to host {host} port … Connection refused", ssh, none, telling, not_tls_but_ssh},
    {"ssh: connect to host {host} port … Connection timed out", ssh, none, telling, not_tls_but_ssh},
    {"ssh: connect to host {host} port … No route to host", ssh, none, telling, not_tls_but_ssh},
    {"ssh: connect to host {host} port", ssh, none, telling, not_tls_but_ssh},
    {"ssh: Could not resolve hostname {host} … Name or service not known", ssh, none, telling, not_tls_but_ssh},
    {"ssh: Could not resolve hostname {host} … Temporary failure in name resolution", ssh, none, telling,
     not_tls_but_ssh},
    {"ssh: Could not resolve hostname", ssh, none, telling, not_tls_but_ssh},
    {"Permission denied (publickey", ssh, none, telling, not_tls_but_ssh},
    {"no matching key exchange method found", ssh, none, telling, not_tls_but_ssh},
    {"no matching host key type found", ssh, none, telling, not_tls_but_ssh},
    {"no matching cipher found. Their offer", ssh, none, telling, not_tls_but_ssh},
    {"The authenticity of host … can't be established", ssh, none, telling, not_tls_but_ssh},
    {"ssh: handshake failed", ssh, none, telling, not_tls_but_ssh},
    {"knownhosts: key mismatch", ssh, none, telling, not_tls_but_ssh},
    {"knownhosts: key is unknown", ssh, none, telling, not_tls_but_ssh},
    {"Error reading SSH protocol banner", ssh, none, telling, not_tls_but_ssh},
    {"JSchException", ssh, none, telling, not_tls_but_ssh},
    {"Too many authentication failures", ssh, none, telling, not_tls_but_ssh},
    {"Net::SSH::HostKeyMismatch", ssh, none, telling, not_tls_but_ssh},

    // OpenPGP
    {"gpg: BAD signature from", gpg, none, telling, not_tls_but_openpgp},
    {"gpg: Can't check signature", gpg, none, telling, not_tls_but_openpgp},
    {"the public key is not available: NO_PUBKEY", gpg, none, telling, not_tls_but_openpgp},
    {"The following signatures couldn't be verified", gpg, none, telling, not_tls_but_openpgp},
    {"The following signatures were invalid", gpg, none, telling, not_tls_but_openpgp},

    // Own files
    {"key values mismatch", openssl, none, telling, own_pair},
    {"private key does not match public key", go, none, telling, own_pair},
    {"The certificate and the given key do not match", gnutls, none, telling, own_pair},
    {"PEM routines … no start line", openssl, none, telling, own_file},
    {"PEM_NO_START_LINE", node, none, telling, own_file},
    {"failed to find any PEM data", go, none, telling, own_file},
    {"NO_CERTIFICATE_OR_CRL_FOUND", python, none, telling, own_file},
    {"mac verify failure", openssl, none, telling, own_file},
    {"keystore password was incorrect", java, none, telling, own_file},
    {"Keystore was tampered with, or password was incorrect", java, none, telling, own_file},
    {"could not load private key file", "PostgreSQL", none, telling, own_file},
    {"has group or world access; permissions should be", "PostgreSQL", none, telling, own_file},
    {"root certificate file … does not exist", "PostgreSQL", none, telling, own_store},
    {"the trustAnchors parameter must be non-empty", java, none, telling, own_store},
    {"No system certificates available", "apt", none, telling, own_store},
    {"Could not find a suitable TLS CA certificate bundle", python, none, telling, own_store},
    {"error setting certificate verify locations", curl, none, telling, curl_store},
    {"error setting certificate file", curl, none, telling, curl_store},
    {"error adding trust anchors from file", curl, none, telling, curl_store},
    {"failed loading cafile stream", "PHP", none, telling, own_store},
    {"without knowing which Certificate Authorities to trust", "Perl", none, telling, own_store},
    {"no native root CA certificates found", rustls, none, telling, own_store},
    {"SSL - No CA Chain is set, but required to operate", "Mbed TLS", none, telling, own_store},
    {"SSL module is not available", python, none, telling,
     "This Python was built without its ssl module. Nothing was said of the server."},
    {"no ciphers available", openssl, none, telling, own_ciphers},
    {"No or insufficient priorities were set", gnutls, none, telling, own_ciphers},
    {"no supported versions satisfy MinVersion and MaxVersion", go, none, telling, own_ciphers},
    {"ERR_TLS_INVALID_PROTOCOL_VERSION", node, none, telling, own_ciphers},
    {"digital envelope routines::unsupported", node, none, telling,
     "This is no TLS: a program, mostly webpack 4, asks OpenSSL 3 for an old hash (MD4). Update it, or "
     "NODE_OPTIONS=--openssl-legacy-provider."},
    {"ERR_OSSL_EVP_UNSUPPORTED", node, none, telling,
     "This is no TLS: a program, mostly webpack 4, asks OpenSSL 3 for an old hash (MD4). Update it, or "
     "NODE_OPTIONS=--openssl-legacy-provider."},

    // URLs and proxies
    {"Your proxy appears to only use HTTP and not HTTPS", python, none, telling, proxy_url},
    {"proxyconnect tcp: tls: first record does not look like a TLS handshake", go, none, telling, proxy_url},
    {"unsupported protocol scheme", go, none, telling,
     "The URL does not begin with http:// or https://. Nothing was asked."},
    {"Protocol … not supported or disabled in libcurl", curl, none, telling,
     "This curl does not know the URL's scheme. Nothing was asked."},
    {"Protocol \"http:\" not supported. Expected \"https:\"", node, none, telling,
     "The program's agent is for https:// and the URL begins with http://. Nothing was asked."},

    // Pages
    {"has been blocked by CORS policy", browser, none, telling, not_the_connection},
    {"Cross-Origin Request Blocked", browser, none, telling, not_the_connection},
    {"Mixed Content: The page at", browser, none, telling, not_the_connection},
    {"ERR_BLOCKED_BY_CLIENT", browser, none, telling,
     "An extension of the browser, mostly an ad blocker, stopped the request. It is no TLS."},
    {"ERR_TOO_MANY_REDIRECTS", browser, none, telling, http_status},
    {"The requested URL returned error", curl, none, telling, http_status},
    {"Request failed with status code", "axios", none, telling, http_status},
    {"urllib.error.HTTPError", python, none, telling, http_status},
    {"application data after close notify", python, none, telling,
     "The peer sent data after it had closed its side of TLS; asyncio complains of it when a connection ends. Nothing of an answer is "
     "lost."},

    // The exit codes of curl's manual that speak of curl's own side
    {"curl: (1)", curl, none, vague, "This curl does not know the URL's scheme. Nothing was asked."},
    {"curl: (3)", curl, none, vague, "The URL is not written as one. Nothing was asked."},
    {"curl: (22)", curl, none, vague, http_status},
    {"curl: (23)", curl, none, vague,
     "curl could not write what it received (disk full, or the program that reads it is gone)."},
    {"curl: (47)", curl, none, vague,
     "The server redirects in a circle (--max-redirs). TLS and the certificate were in order."},
    {"curl: (58)", curl, none, vague,
     "curl could not use its own client certificate or key (--cert, --key): the path, the format, the password, or they do not belong together. "
     "Nothing was said of the server."},
    {"curl: (59)", curl, none, vague,
     "curl does not know the cipher suites that it was given (--ciphers, --tls13-ciphers). Nothing was said of the server."},
    {"curl: (66)", curl, none, vague,
     "curl's TLS library could not start the engine that it was given (--engine). Nothing was said of the server."},
    {"curl: (77)", curl, none, vague, curl_store},
    {"curl: (82)", curl, none, vague,
     "curl could not read the revocation list that it was given (--crlfile): the path or the format, which is PEM. Nothing was said of the "
     "server."},
    {"curl: (83)", curl, none, vague,
     "The issuer of the server's certificate is not the one that the program demands (CURLOPT_ISSUERCERT, which curl itself has no option "
     "for)."},
});

}  // namespace

std::span<const KnownMessage> of_no_server() { return no_server_table; }

}  // namespace inspect::diagnosis::messages
