"""`whytls explain`: codes, and the causes of what other programs print, by messages as they are met in terminals, logs and issues."""
import json
import subprocess

from harness import Case, main
from processes import PATIENCE, WHYTLS, environment

# (the text, the first cause, the host that is found in it)
MESSAGES = [
    ("curl: (60) SSL certificate problem: unable to get local issuer certificate\nMore details here: https://curl.se/docs/sslcerts.html", "missing_intermediate", None),
    ("curl: (60) SSL certificate problem: self signed certificate in certificate chain", "untrusted_root", None),
    ("curl: (60) SSL certificate problem: self-signed certificate", "self_signed", None),
    ("curl: (60) SSL certificate problem: certificate has expired", "expired", None),
    ("curl: (60) SSL: no alternative certificate subject name matches target host name 'api.example.com'", "hostname_mismatch", "api.example.com"),
    ("curl: (60) SSL: no alternative certificate subject name matches target hostname 'api.example.com'", "hostname_mismatch", "api.example.com"),
    ("curl: (35) error:1408F10B:SSL routines:ssl3_get_record:wrong version number", "not_tls", None),
    ("curl: (35) TLS connect error: error:0A00010B:SSL routines::wrong version number", "not_tls", None),
    ("curl: (35) error:0A000410:SSL routines::sslv3 alert handshake failure", "no_shared_cipher", None),
    ("curl: (35) OpenSSL SSL_connect: Connection reset by peer in connection to api.example.com:443", "connection_closed", "api.example.com:443"),
    ("curl: (35) OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to api.example.com:443", "connection_closed", "api.example.com:443"),
    ("curl: (6) Could not resolve host: api.example.com", "dns_not_found", "api.example.com"),
    ("curl: (7) Failed to connect to api.example.com port 443 after 12 ms: Couldn't connect to server", "connection_refused", "api.example.com"),
    ("curl: (56) CONNECT tunnel failed, response 407", "upstream_proxy_refused", None),
    ("curl: (52) Empty reply from server", "upstream_closed", None),
    ("fatal: unable to access 'https://git.example.com/r.git/': SSL certificate problem: unable to get local issuer certificate", "missing_intermediate", "git.example.com"),
    ("fatal: unable to access 'https://git.example.com/': server certificate verification failed. CAfile: none CRLfile: none", "missing_intermediate", "git.example.com"),
    ("Error: unable to verify the first certificate", "missing_intermediate", None),
    ("Error: unable to verify the first certificate\n    at TLSSocket.onConnectSecure (node:_tls_wrap:1540:34)\n  code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'\n", "missing_intermediate", None),
    ("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "missing_intermediate", None),
    ("npm ERR! code SELF_SIGNED_CERT_IN_CHAIN", "untrusted_root", None),
    ("npm error code UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "missing_intermediate", None),
    ("DEPTH_ZERO_SELF_SIGNED_CERT", "self_signed", None),
    ("{ Error: Hostname/IP doesn't match certificate's altnames: \"Host: api.example.com. is not in the cert's altnames: DNS:*.github.com\"", "hostname_mismatch", None),
    ("Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: api.example.com. is not in the cert's altnames: DNS:*.cloudfront.net",
     "hostname_mismatch", "api.example.com"),
    ("Error: Hostname/IP does not match certificate's altnames: Host: a.example.com. is not cert's CN: b.example.com", "no_subject_alt_name", "a.example.com"),
    ("Error: write EPROTO 140:error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:../../third_party/boringssl", "not_tls", None),
    ("Error: write EPROTO 281:error:10000410:SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE", "no_shared_cipher", None),
    ("Error: Client network socket disconnected before secure TLS connection was established", "connection_closed", None),
    ("Error: getaddrinfo ENOTFOUND api.example.com", "dns_not_found", "api.example.com"),
    ("Error: getaddrinfo EAI_AGAIN api.example.com", "dns_failed", "api.example.com"),
    ("Error: connect ECONNREFUSED 192.0.2.1:443", "connection_refused", "192.0.2.1:443"),
    ("Error: socket hang up", "upstream_closed", None),
    ("Error: tunneling socket could not be established, cause=connect", "upstream_proxy_refused", None),
    ("Error: certificate has expired\n code: 'CERT_HAS_EXPIRED'", "expired", None),
    ("requests.exceptions.SSLError: HTTPSConnectionPool(host='api.example.com', port=443): Max retries exceeded (Caused by SSLError(SSLCertVerificationError(1, "
     "'[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1007)')))", "missing_intermediate", "api.example.com"),
    ("ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not valid for 'api.example.com'. (_ssl.c:1006)",
     "hostname_mismatch", "api.example.com"),
    ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate is not yet valid (_ssl.c:1006)", "not_yet_valid", None),
    ("ssl.SSLError: [SSL: DH_KEY_TOO_SMALL] dh key too small (_ssl.c:997)", "weak_dh", None),
    ("ssl.SSLError: [SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version (_ssl.c:1006)", "protocol_version", None),
    ("urllib.error.URLError: <urlopen error [Errno -2] Name or service not known>", "dns_not_found", None),
    ("javax.net.ssl.SSLHandshakeException: sun.security.validator.ValidatorException: PKIX path building failed: "
     "sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target\n\tat sun.security.ssl.Alerts", "missing_intermediate", None),
    ("Caused by: java.security.cert.CertificateException: No subject alternative DNS name matching api.example.com found.", "hostname_mismatch", "api.example.com"),
    ("java.security.cert.CertificateException: No subject alternative names present", "no_subject_alt_name", None),
    ("javax.net.ssl.SSLHandshakeException: PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed\nCaused by: "
     "java.security.cert.CertificateExpiredException: NotAfter: Sat Nov 21 06:50:52 UTC 2026", "expired", None),
    ("javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure", "no_shared_cipher", None),
    ("javax.net.ssl.SSLException: Unrecognized SSL message, plaintext connection?", "not_tls", None),
    ("java.security.cert.CertPathValidatorException: Trust anchor for certification path not found.", "missing_intermediate", None),
    ("javax.net.ssl.SSLPeerUnverifiedException: Hostname api.example.com not verified:", "hostname_mismatch", "api.example.com"),
    ("Get \"https://api.example.com/v1\": tls: failed to verify certificate: x509: certificate signed by unknown authority", "missing_intermediate", "api.example.com"),
    ("x509: certificate is valid for ingress.local, not api.example.com", "hostname_mismatch", "api.example.com"),
    ("x509: cannot validate certificate for 192.0.2.7 because it doesn't contain any IP SANs", "hostname_mismatch", "192.0.2.7"),
    ("x509: certificate relies on legacy Common Name field, use SANs or temporarily enable Common Name matching", "no_subject_alt_name", None),
    ("x509: certificate has expired or is not yet valid: current time 2026-11-24T06:51:02Z is after 2026-11-21T06:50:52Z", "expired", None),
    ("http: server gave HTTP response to HTTPS client", "not_tls", None),
    ("remote error: tls: handshake failure", "no_shared_cipher", None),
    ("remote error: tls: bad certificate", "client_certificate_rejected", None),
    ("net/http: TLS handshake timeout", "handshake_timeout", None),
    ("NET::ERR_CERT_AUTHORITY_INVALID", "untrusted_root", None),
    ("NET::ERR_CERT_COMMON_NAME_INVALID", "hostname_mismatch", None),
    ("net::ERR_CERT_DATE_INVALID", "expired", None),
    ("ERR_SSL_VERSION_OR_CIPHER_MISMATCH", "protocol_version", None),
    ("This site can’t provide a secure connection. api.example.com sent an invalid response. ERR_SSL_PROTOCOL_ERROR", "not_tls", None),
    ("Error code: SEC_ERROR_UNKNOWN_ISSUER", "missing_intermediate", None),
    ("MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT", "self_signed", None),
    ("SSL_ERROR_RX_RECORD_TOO_LONG", "not_tls", None),
    ("SSL_ERROR_BAD_CERT_DOMAIN", "hostname_mismatch", None),
    ("SSL_ERROR_NO_CYPHER_OVERLAP", "no_shared_cipher", None),
    ("invalid peer certificate: UnknownIssuer", "missing_intermediate", None),
    ("error:0A000086:SSL routines::certificate verify failed", "missing_intermediate", None),
    ("SSL peer certificate or SSH remote key was not OK", "missing_intermediate", None),
    ("400 The plain HTTP request was sent to HTTPS port", "client_not_tls", None),
    ("error:0A00018A:SSL routines::dh key too small", "weak_dh", None),
    ("error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0", "client_certificate_required", None),
    ("ERROR: The certificate of ‘api.example.com’ is not trusted.\nERROR: The certificate of ‘api.example.com’ doesn't have a known issuer.",
     "missing_intermediate", "api.example.com"),
    ("ERROR: The certificate of ‘api.example.com’ is not trusted.\nERROR: The certificate of ‘api.example.com’ has expired.\nThe certificate has expired",
     "expired", "api.example.com"),
    ("ERROR: The certificate of ‘localhost’ is not yet activated.", "not_yet_valid", None),
    ("The certificate's owner does not match hostname ‘api.example.com’", "hostname_mismatch", "api.example.com"),
    ("error:0A000415:SSL routines::sslv3 alert certificate expired, errno 0", "client_certificate_rejected", None),
    ("ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED", "client_certificate_rejected", None),
    ("error:0A000412:SSL routines::ssl/tls alert bad certificate", "client_certificate_rejected", None),
    ("remote error: tls: expired certificate", "client_certificate_rejected", None),
    ("javax.net.ssl.SSLHandshakeException: Received fatal alert: certificate_expired", "client_certificate_rejected", None),
    ("javax.net.ssl.SSLHandshakeException: Received fatal alert: unknown_ca", "client_certificate_rejected", None),
    ("[SSL: TLSV1_ALERT_ACCESS_DENIED] tlsv1 alert access denied", "client_certificate_rejected", None),
    ("GnuTLS: received alert [40]: Handshake failed", "no_shared_cipher", None),
    ("wget: unable to resolve host address ‘nothing.invalid’", "dns_not_found", "nothing.invalid"),
    ("- Status: The certificate is NOT trusted. The certificate chain uses insecure algorithm. ", "weak_signature", None),
    ("- Status: The certificate is NOT trusted. The name in the certificate does not match the expected. ", "hostname_mismatch", None),
    ("error:0A00014D:SSL routines::legacy sigalg disallowed or unsupported", "no_shared_cipher", None),
    ("80", "upstream_closed", None),
    ("60", "missing_intermediate", None),
    ("35", "no_shared_cipher", None),
    ("51", "hostname_mismatch", None),
    ("curl: (60)", "missing_intermediate", None),
    ("curl: (35)", "no_shared_cipher", None),
    ("EPROTO", "no_shared_cipher", None),
    ("TypeError: fetch failed", "missing_intermediate", None),
    ("TypeError: fetch failed\n    at node:internal/deps/undici/undici:12345:11\n  [cause]: Error: certificate has expired\n    code: 'CERT_HAS_EXPIRED'", "expired", None),
    ("ssl.SSLCertVerificationError", "missing_intermediate", None),
    ("tls: failed to verify certificate: x509: something new", "missing_intermediate", None),
]


class Explain(Case):
    def explain(self, code, *arguments, text=None):
        done = subprocess.run([WHYTLS, "explain", *arguments], input=text or "", capture_output=True, text=True, env=environment(), timeout=PATIENCE)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def codes(self):
        return [line.split()[0] for line in self.explain(0, "--list").stdout.splitlines() if not line.startswith(" ")]

    def test_messages_lead_to_their_likeliest_cause(self):
        self.assertGreaterEqual(len(MESSAGES), 60)
        for text, cause, host in MESSAGES:
            with self.subTest(text):
                found = json.loads(self.explain(0, "--json", "--error", text).stdout)
                self.assertEqual(found["causes"][0]["code"], cause)
                self.assertEqual(found.get("host"), host)
                asks = cause in ("upstream_closed", "upstream_http_error", "upstream_timeout")  # it shows only when something is asked for
                self.assertEqual(found["command"], "whytls check " + (f"https://{host or 'HOST'}/PATH" if asks else host or "HOST"))

    def test_a_message_of_several_causes_lists_them_with_one_line_each(self):
        said = self.explain(0, "--error", MESSAGES[0][0]).stdout
        for number, code in enumerate(("missing_intermediate", "untrusted_root", "unknown_issuer", "inspected_by_middlebox", "client_untrusted_ca"), 1):
            self.assertRegex(said, rf"(?m)^  {number}\. {code} ")
        self.assertIn("whytls check HOST", said)

    def test_by_whose_key_a_certificate_is_signed_is_not_said_where_openssl_went_by_the_names(self):
        for text in ("error 18 at 0 depth lookup: self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT", "curl: (60) SSL certificate problem: "
                     "self signed certificate"):
            with self.subTest(text):
                said = " ".join(self.explain(0, "--error", text).stdout.split())
                self.assertNotIn("signed itself", said)
                self.assertIn("bears its own name as its issuer's", said)
                self.assertIn("whose own name is another than the certificate's", said)

    def test_what_curl_says_of_its_own_files_is_no_fault_of_a_servers(self):
        for text, said in (("58", "--cert"), ("59", "--ciphers"), ("66", "--engine"), ("82", "--crlfile"), ("83", "issuer"),
                           ("curl: (77) error setting certificate file: /nonexistent", "--cacert")):
            with self.subTest(text):
                shown = self.explain(0, "--error", text).stdout
                self.assertIn(said, shown)
                self.assertRegex(shown, r'^"(curl: \(\d\d\)|error setting certificate file)", says curl\.\n')
                found = json.loads(self.explain(0, "--json", "--error", text).stdout)
                self.assertEqual(found["causes"], [])
                self.assertIn(said, found["note"])

    def test_two_errors_in_a_log_are_both_explained(self):
        log = "curl: (6) Could not resolve host: a.example.com\n…\nERROR: The certificate of ‘b.example.com’ has expired.\n"
        said = self.explain(0, "--error", "-", text=log).stdout
        for expected in ("2 different errors", "1. dns_not_found ", "1. expired ", "whytls check a.example.com", "whytls check b.example.com"):
            self.assertIn(expected, said)
        found = json.loads(self.explain(0, "--json", "--error", "-", text=log).stdout)
        self.assertEqual({found["causes"][0]["code"], found["others"][0]["causes"][0]["code"]}, {"dns_not_found", "expired"})

    def test_each_of_many_errors_in_a_log_is_explained(self):
        lines = ("curl: (60) SSL certificate problem: certificate has expired", "curl: (6) Could not resolve host: a.example.com",
                 "curl: (7) Failed to connect to b.example.com port 443: Connection refused",
                 "curl: (60) SSL: no alternative certificate subject name matches target host name 'c.example.com'",
                 "curl: (28) Connection timed out after 3000 milliseconds")
        found = json.loads(self.explain(0, "--json", "--error", "-", text="\n".join(lines)).stdout)
        codes = [one["causes"][0]["code"] for one in [found, *found["others"]]]
        self.assertEqual(set(codes), {"expired", "dns_not_found", "connection_refused", "hostname_mismatch", "connection_timeout"})
        others = [one["message"] for one in found["others"]]
        self.assertEqual(others, sorted(others, key="\n".join(lines).index))

    def test_the_standard_input_is_read(self):
        found = json.loads(self.explain(0, "--json", "--error", "-", text="\n".join(["noise"] * 100 + [MESSAGES[3][0]])).stdout)
        self.assertEqual(found["causes"][0]["code"], "expired")
        self.assertIn("expired", self.explain(0, "-", text=MESSAGES[3][0]).stdout)

    def test_a_message_that_is_not_known_says_so_and_how_to_see(self):
        done = self.explain(1, "--error", "the printer at https://printer.example.com/ is on fire")
        self.assertIn("not known", done.stdout)
        self.assertIn("whytls check printer.example.com", done.stdout)
        self.assertEqual(json.loads(self.explain(1, "--json", "--error", "fire").stdout)["causes"], [])
        self.assertEqual(json.loads(self.explain(1, "--json", "--error", "").stdout)["causes"], [])

    def test_every_code_is_explained_within_100_columns(self):
        codes = self.codes()
        self.assertGreater(len(codes), 55)
        for code in codes:
            with self.subTest(code):
                said = self.explain(0, code).stdout
                self.assertIn("What to do", said)
                self.assertIn(code, said)
                self.assertLessEqual(max(map(len, said.splitlines())), 100)
                report = json.loads(self.explain(0, code, "--json").stdout)
                self.assertEqual(report["code"], code)
                self.assertTrue(report["title"] and report["explanation"] and report["fixes"])

    def test_the_list_as_json_is_one_object_a_line(self):
        self.assertEqual([json.loads(line)["code"] for line in self.explain(0, "--list", "--json").stdout.splitlines()], self.codes())

    def test_an_unknown_code_is_a_usage_error_that_names_those_near_to_it(self):
        self.assertIn("near to it: hostname_mismatch", self.explain(2, "hostname_missmatch").stderr)
        self.assertIn("untrusted_root", self.explain(2, "root").stderr)
        self.assertIn("--list", self.explain(2, "xyzzyxyzzy").stderr)
        self.assertIn("hostname_mismatch", self.explain(0, "Hostname-Mismatch").stdout)

    def test_a_message_where_a_code_belongs_is_taken_for_one(self):
        said = self.explain(0, "unable to verify the first certificate").stdout
        self.assertEqual(said, self.explain(0, "--error", "unable to verify the first certificate").stdout)
        self.assertEqual(json.loads(self.explain(0, "--json", "UNABLE_TO_VERIFY_LEAF_SIGNATURE").stdout)["causes"][0]["code"], "missing_intermediate")
        self.assertIn("not known", self.explain(1, "the printer is on fire").stdout)

    def test_exactly_one_thing_is_asked(self):
        for arguments in ((), ("--list", "expired"), ("expired", "revoked"), ("--list", "--error", "x")):
            self.assertIn("explain takes one CODE", self.explain(2, *arguments).stderr)

    def test_what_a_hostile_text_says_reaches_no_terminal(self):
        said = self.explain(0, "--error", "\x1b]0;x\x07certificate \x1b[31m has expired\u202e")
        self.assertNotRegex(said.stdout, "[\x1b\x07\u202e]")


if __name__ == "__main__":
    main()
