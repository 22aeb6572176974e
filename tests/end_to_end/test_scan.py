"""`whytls check --scan`: what a server supports is what its configuration says, and what testssl.sh finds in a hundred times the time."""
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import time

import servers
from apache import Apache
from harness import main
from processes import SOURCE, WHYTLS, run
from scanning import ScanCase, server_hello

VALIDATOR = os.path.join(SOURCE, "build", "node", "node_modules", ".bin", "html-validate")
NGINX = """
    ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on; ssl_ecdh_curve X25519:secp384r1; ssl_session_cache shared:scan:1m;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA;
"""
APACHE = """
    SSLProtocol -all +TLSv1.2
    SSLCipherSuite ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256
    SSLHonorCipherOrder off
    SSLSessionTickets off
"""
# All that OpenSSL of Debian 12 still has, old versions too.
WEAK = ["-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0", "-legacy_renegotiation", "-no_ticket"]


class Scan(ScanCase):
    def both_kinds(self, host):
        """An identity with an RSA key, and one of the same root with an ECDSA key."""
        identity = self.pki.leaf(host, key="rsa2048", more=[{"name": "other", "issuer": "intermediate", "subject": host, "names": ["DNS:" + host]}])
        return identity, identity.sibling("other")

    def nginx(self, directory):
        rsa, ecdsa = self.both_kinds("nginx.test")
        also = f"ssl_certificate {ecdsa.chain}; ssl_certificate_key {ecdsa.key};"
        return self.started(servers.Nginx(os.path.join(self.directory, directory), NGINX + also, identity=rsa, http2=True))

    def test_nginx_supports_what_its_configuration_says(self):
        scan = self.scan("nginx.test", self.nginx("nginx"))
        self.assertEqual(self.supported(scan), {
            "TLSv1.3": ["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"],
            "TLSv1.2": ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                        "TLS_RSA_WITH_AES_128_CBC_SHA"]})
        self.assertEqual([(each["version"], each["supported"], each.get("alert")) for each in scan["versions"][2:]],
                         [("TLSv1.1", "no", "protocol_version"), ("TLSv1", "no", "protocol_version"), ("SSLv3", "no", "handshake_failure")])
        self.assertEqual({each["suites"]["order"] for each in scan["versions"] if each["supported"] == "yes"}, {"server"})
        self.assertEqual(scan["groups"]["tls_1_3"]["found"], ["x25519", "secp384r1"])
        self.assertEqual(scan["groups"]["up_to_1_2"]["found"], ["x25519", "secp384r1"])
        self.assertEqual(scan["alpn"], {"found": ["h2", "http/1.1", "http/1.0", "http/0.9"], "complete": True})
        self.assertEqual({each["key"] for each in scan["certificates"]}, {"RSA 2048", "EC P-256"})
        self.assertEqual({each["stapled"] for each in scan["certificates"]}, {"no"})
        self.assertEqual(scan["resumption"], {"tls_1_3": "yes", "ticket": "yes", "session_id": "yes"})
        self.assertEqual((scan["secure_renegotiation"], scan["extended_master_secret"], scan["compression"]), ("yes", "yes", "no"))
        self.assertEqual(scan["without_sni"], {"answer": "same_certificate"})
        self.assertTrue(scan["complete"])
        self.assertLess(scan["ms"], 5000)
        self.assertEqual([each["reference"] for each in scan["remarks"] if "forward secrecy" in each["text"]], ["RFC 9325 §4.1"])

    def test_apache_lets_the_client_choose_and_resumes_no_ticket(self):
        apache = self.started(Apache(os.path.join(self.directory, "apache"), self.pki.leaf("apache.test", key="rsa2048"), APACHE))
        scan = self.scan("apache.test", apache)
        self.assertEqual({version: set(suites) for version, suites in self.supported(scan).items()}, {
            "TLSv1.2": {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"}})
        self.assertEqual(scan["versions"][1]["suites"]["order"], "client")
        self.assertEqual((scan["dh_bits"], scan["alpn"]["found"]), (2048, ["http/1.1"]))
        self.assertEqual((scan["resumption"]["tls_1_3"], scan["resumption"]["ticket"]), ("no", "no"))
        self.assertIn("RFC 9325 §3.1.1", [each["reference"] for each in scan["remarks"]])

    def test_all_old_suites_of_openssl_are_found_in_every_version(self):
        server = self.started(servers.OpensslServer(self.pki.leaf("old.test", key="rsa2048"), *WEAK))
        scan = self.scan("old.test", server)
        supported = self.supported(scan)
        self.assertEqual(list(supported), ["TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1"])
        for version, option in (("TLSv1.2", "-tls1_2"), ("TLSv1.1", "-tls1_1"), ("TLSv1", "-tls1")):
            listed = run("openssl", "ciphers", "-s", option, "-stdname", "-V", WEAK[1]).stdout
            wanted = {line.split(" - ")[1].strip() for line in listed.splitlines() if re.search(r"Kx=(ECDH|DH|RSA) +Au=(RSA|None) ", line)}
            self.assertEqual(set(supported[version]), wanted, version)
        self.assertEqual(scan["resumption"]["session_id"], "yes")
        references = {each["reference"] for each in scan["remarks"]}
        self.assertLessEqual({"RFC 8996", "RFC 9325 §4.1", "RFC 9155"}, references)

    def test_the_groups_of_a_server_with_an_ecdsa_key_alone_are_found_beside_its_own_curve(self):
        server = self.started(servers.OpensslServer(self.pki.leaf("ec.test"), "-tls1_2", "-curves", "P-256:X25519:P-521"))
        found = self.scan("ec.test", server)["groups"]["up_to_1_2"]
        self.assertEqual((set(found["found"]), found["complete"]), ({"secp256r1", "x25519", "secp521r1"}, True))

    def test_ssl_3_is_found_that_no_library_has_any_more(self):
        def handler(connection):
            hello = connection.recv(65536)
            suites = hello[46:46 + int.from_bytes(hello[44:46])]
            offered = {suites[at:at + 2] for at in range(0, len(suites), 2)}
            ours = [suite for suite in (b"\x00\x05", b"\x00\x0a") if suite in offered]
            connection.sendall(server_hello(ours[0], b"\x03\x00") if hello[9:11] == b"\x03\x00" and ours else servers.alert(40))
            servers.drain(connection)

        scan = self.scan("oldest.test", self.server(handler), "--experiments", "off", "--handshake-timeout", "0.5", code=1)
        self.assertEqual(self.supported(scan), {"SSLv3": ["TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"]})
        self.assertEqual([each["reference"] for each in scan["remarks"]][:4], ["RFC 7568", "RFC 9325 §3.1.1", "RFC 7465", "RFC 9325 §4.1"])

    def test_gnutls_supports_what_its_priorities_say(self):
        identity = self.pki.leaf("gnutls.test", key="rsa2048", key_usage=["digitalSignature", "keyEncipherment"])
        priority = "NONE:+VERS-TLS1.2:+VERS-TLS1.3:+ECDHE-RSA:+RSA:+AES-128-GCM:+AES-256-CBC:+AEAD:+SHA1:+SIGN-ALL:+GROUP-SECP256R1:+GROUP-X25519:+COMP-NULL"
        server = self.started(servers.GnutlsServer(identity, "--priority", priority))
        scan = self.scan("gnutls.test", server)
        self.assertEqual({version: set(suites) for version, suites in self.supported(scan).items()}, {
            "TLSv1.3": {"TLS_AES_128_GCM_SHA256"},
            "TLSv1.2": {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "TLS_RSA_WITH_AES_128_GCM_SHA256",
                        "TLS_RSA_WITH_AES_256_CBC_SHA"}})
        self.assertEqual(set(scan["groups"]["tls_1_3"]["found"]), {"secp256r1", "x25519"})
        self.assertEqual(scan["resumption"]["tls_1_3"], "yes")

    def test_testssl_finds_the_same_in_many_times_the_time(self):
        server = self.nginx("beside")
        start = time.monotonic()
        scan = self.scan("nginx.test", server)
        ours = time.monotonic() - start
        report = os.path.join(self.directory, "testssl.json")
        start = time.monotonic()
        done = run("testssl", "--quiet", "--color", "0", "--ip", "127.0.0.1", "--nodns", "none", "-p", "-E", "-f", "--jsonfile", report,
                   f"nginx.test:{server.port}", timeout=400)
        theirs = time.monotonic() - start
        with open(report, encoding="utf-8") as file:
            findings = {each["id"]: each["finding"] for each in json.load(file)}
        offered = {name: findings.get(name, done.stdout) for name in ("SSLv3", "TLS1", "TLS1_1", "TLS1_2", "TLS1_3")}
        self.assertEqual({name for name, finding in offered.items() if not finding.startswith("not offered")}, {"TLS1_2", "TLS1_3"}, offered)
        for version, theirs_of in (("TLSv1.2", "tls1_2"), ("TLSv1.3", "tls1_3")):
            suites = {finding.split()[-1] for name, finding in findings.items() if name.startswith(f"cipher-{theirs_of}_")}
            self.assertEqual(suites, set(self.supported(scan)[version]), version)
        curves = {"prime256v1": "secp256r1", "X25519": "x25519", "X448": "x448"}
        self.assertEqual({curves.get(each, each) for each in findings["PFS_ECDHE_curves"].split()}, set(scan["groups"]["up_to_1_2"]["found"]))
        print(f"testssl.sh (-p -E -f): {theirs:.1f} s; whytls check --scan (all): {ours:.2f} s")
        self.assertLess(ours * 10, theirs)

    def test_the_text_names_what_is_found_and_the_page_has_it_too(self):
        server = self.nginx("text")
        page = os.path.join(self.directory, "scan.html")
        said = self.check(0, "nginx.test", server, "--html", page).stdout
        self.assertRegex(said, r"\Aok   nginx\.test:443: TLSv1\.3, ")
        for part in (r"\nScan of nginx\.test:443, at 127\.0\.0\.1:\d+\n  \d+ connections in \d+\.\d\d s\n", r"\n  TLSv1\.1 +no \(alert protocol_version\)\n",
                     r"\n  TLSv1\.2 +TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\n", r"in the server's order", r"\n  ALPN +h2, http/1\.1, http/1\.0 and http/0\.9\n"):
            self.assertRegex(said, part)
        self.assertLessEqual(max(map(len, said.splitlines())), 100)
        with open(page, encoding="utf-8") as file:
            html = file.read()
        for part in ("<h1>Scan of nginx.test:443", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "<caption>Cipher suites</caption>", "default-src 'none'"):
            self.assertIn(part, html)
        done = run(VALIDATOR, "--config", os.path.join(SOURCE, "tests", "end_to_end", "html-validate.json"), page, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_verdict_stays_the_checks(self):
        page = os.path.join(self.directory, "bad.html")
        done = self.check(1, "good.test", self.tls_server(self.pki.leaf("other.test", key="rsa2048")), "--json", "--html", page)
        report = json.loads(done.stdout)
        self.assertEqual((report["code"], report["scan"]["complete"]), ("hostname_mismatch", True))
        with open(page, encoding="utf-8") as file:
            self.assertIn("hostname_mismatch", file.read())

        def plain(connection):
            """An SMTP server without STARTTLS."""
            connection.sendall(b"220 mail\r\n")
            connection.recv(512)
            connection.sendall(b"250 mail\r\n")
            servers.drain(connection)

        done = self.check(1, "mail.test", self.server(plain), "--json", "--starttls", "smtp", "--connect-to", "mail.test:25::443")
        self.assertNotIn("scan", json.loads(done.stdout))
        closed = self.started(servers.ClosedPort())
        self.assertNotIn("scan", json.loads(self.check(3, "gone.test", closed, "--json").stdout))

    def test_a_page_that_cannot_be_written_is_refused_before_anything_is_asked(self):
        for arguments, said in ((["--html", "scan.html"], "--html writes what --scan finds, and needs --scan"),
                                (["--scan", "--html", self.directory], f"--html takes a file to be written, and {self.directory} is none"),
                                (["--scan", "--html", f"{self.directory}/none/scan.html"], f"there is no directory {self.directory}/none")):
            done = run(WHYTLS, "check", *arguments, "good.test")
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(said, done.stderr)

    def test_a_name_that_the_server_does_not_know_is_refused_or_shown_another_certificate(self):
        known, other = self.pki.leaf("known.test"), self.pki.leaf("other.test")

        def strict(connection, name, context):
            return None if name else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

        def two(connection, name, context):
            if name == "known.test":
                connection.context = servers.tls_context(known)

        refusing = self.tls_server(known, configure=lambda context: setattr(context, "sni_callback", strict))
        self.assertEqual(self.scan("known.test", refusing)["without_sni"], {"answer": "refused", "alert": "unrecognized_name"})
        choosing = self.tls_server(other, configure=lambda context: setattr(context, "sni_callback", two))
        self.assertEqual(self.scan("known.test", choosing)["without_sni"]["answer"], "other_certificate")

    def test_tls_1_3_alone_shows_certificates_and_protocols_too(self):
        def configure(context):
            context.minimum_version = ssl.TLSVersion.TLSv1_3
            context.set_alpn_protocols(["http/1.1"])

        scan = self.scan("new.test", self.tls_server(self.pki.leaf("new.test", key="ed25519"), configure=configure))
        self.assertEqual(list(self.supported(scan)), ["TLSv1.3"])
        self.assertEqual(([each["key"] for each in scan["certificates"]], scan["alpn"]["found"]), (["Ed25519"], ["http/1.1"]))
        self.assertEqual(scan["without_sni"], {"answer": "same_certificate"})
        self.assertEqual(scan["resumption"]["tls_1_3"], "yes")

    def test_what_comes_before_tls_comes_before_each_hello(self):
        context = servers.tls_context(self.pki.leaf("db.test"))

        def handler(connection):
            """PostgreSQL's SSLRequest."""
            if connection.recv(8, socket.MSG_WAITALL)[4:] == b"\x04\xd2\x16\x2f":
                connection.sendall(b"S")
                with context.wrap_socket(connection, server_side=True) as secure:
                    secure.recv(1)

        server = self.server(handler)
        done = run(WHYTLS, "check", "--scan", "--json", "--starttls", "postgres", "--trust", self.pki.trust, "--connect-to",
                   f"db.test:5432:127.0.0.1:{server.port}", "db.test")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(list(self.supported(json.loads(done.stdout)["scan"])), ["TLSv1.3", "TLSv1.2"])

    def test_a_parent_proxy_leads_to_the_server(self):
        server = self.tls_server(self.pki.leaf("far.test", key="rsa2048"))
        parent = self.proxy("--passthrough", "*", hosts={"far.test:443": server})
        done = run(WHYTLS, "check", "--scan", "--json", "--trust", self.pki.trust, "--upstream-proxy", f"http://127.0.0.1:{parent.port}", "far.test")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        scan = json.loads(done.stdout)["scan"]
        self.assertEqual((list(self.supported(scan)), scan["address"], scan["complete"]), (["TLSv1.3", "TLSv1.2"], "", True))

    def test_a_staple_is_read_in_both_versions(self):
        for version in ("TLSv1.2", "TLSv1.3"):
            identity = self.pki.leaf("stapled.test", more=[{"name": "staple", "ocsp_for": "leaf", "status": "good"}])
            staple = os.path.join(identity.made, "staple.ors")
            nginx = self.started(servers.Nginx(os.path.join(self.directory, version), f"ssl_protocols {version}; ssl_stapling on; ssl_stapling_file {staple};",
                                               identity=identity))
            certificate, = self.scan("stapled.test", nginx)["certificates"]
            self.assertEqual((certificate["stapled"], certificate["staple"]["status"]), ("yes", "good"))

    def test_addresses_are_compared_by_what_they_support(self):
        identity = self.pki.leaf("pair.test")
        one = self.tls_server(identity)
        old = self.tls_server(identity, configure=lambda context: context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256"))
        said = self.check(0, "pair.test", [one, one, old], "--all-addresses").stdout
        said = said.replace("\n    ", " ")
        self.assertIn(f"pair.test:443, 3 addresses, one is not as the others: 127.0.0.1:{old.port}: not found there TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 in TLSv1.2", said)
        self.assertNotIn("found only there", said)

    def test_a_server_of_two_versions_shows_whether_it_refuses_a_fallback(self):
        server = self.started(servers.OpensslServer(self.pki.leaf("old.test", key="rsa2048"), "-no_ticket"))
        self.assertEqual(self.scan("old.test", server)["fallback_scsv"], "yes")

        def configure(context):
            context.maximum_version = ssl.TLSVersion.TLSv1_2

        scan = self.scan("old.test", self.tls_server(self.pki.leaf("old.test"), configure=configure))
        self.assertEqual((scan["fallback_scsv"], scan["heartbeat"]), ("unknown", "no"))

    def test_a_server_that_answers_the_heartbeat_extension_has_it(self):
        server = self.server(servers.saying(server_hello(b"\xc0\x2f", extensions=b"\x00\x0f\x00\x01\x01")))
        scan = self.scan("heart.test", server, "--experiments", "off", "--handshake-timeout", "0.5", code=1)
        self.assertEqual(scan["heartbeat"], "yes")

    def test_groups_that_the_curve_of_an_ecdsa_key_hides_are_not_known(self):
        server, page = self.tls_server(self.pki.leaf("ec.test")), os.path.join(self.directory, "hidden.html")
        report = json.loads(self.check(0, "ec.test", server, "--json", "--html", page).stdout)["scan"]
        groups = report["groups"]["up_to_1_2"]
        self.assertEqual((groups["found"], groups["order"], groups["complete"], report["complete"]), (["x25519", "secp256r1"], "server", False, False))
        self.assertIn("the curve of its ECDSA key", groups["unknown_because"])
        self.assertGreater(len(report["groups"]["tls_1_3"]["found"]), 2)
        with open(page, encoding="utf-8") as file:
            html = file.read()
        for shown in (html, self.check(0, "ec.test", server).stdout.replace("\n  ", " ")):
            self.assertIn("Not all could be found out: the server chose the curve of its ECDSA key", shown)
            self.assertRegex(shown, "there may be more: the server chose the curve of")

    def test_a_server_without_an_order_of_its_own_hides_no_group(self):
        def configure(context):
            context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE

        scan = self.scan("ec.test", self.tls_server(self.pki.leaf("ec.test"), configure=configure))
        groups = scan["groups"]["up_to_1_2"]
        self.assertEqual((set(groups["found"]), groups["order"], groups["complete"], scan["complete"]),
                         ({"x25519", "secp256r1", "x448", "secp384r1", "secp521r1"}, "client", True, True))

    def test_a_second_kind_of_key_shows_the_groups_that_the_first_would_hide(self):
        rsa, ecdsa = self.both_kinds("nginx.test")
        settings = f"ssl_protocols TLSv1.2; ssl_prefer_server_ciphers on; ssl_certificate {ecdsa.chain}; ssl_certificate_key {ecdsa.key};"
        server = self.started(servers.Nginx(os.path.join(self.directory, "hides"), settings + "ssl_ecdh_curve secp256r1:secp384r1;", identity=rsa))
        groups = self.scan("nginx.test", server)["groups"]["up_to_1_2"]
        self.assertEqual((groups["found"], groups["complete"]), (["secp256r1", "secp384r1"], True))

    def test_addresses_with_as_many_suites_are_compared_by_which_they_are_and_by_their_order(self):
        identity = self.pki.leaf("pair.test", key="rsa2048")

        def of(ciphers):
            return self.tls_server(identity, configure=lambda context: context.set_ciphers(ciphers))

        one, other, turned = (of(f"ECDHE-RSA-AES{pair}") for pair in ("128-GCM-SHA256:AES128-SHA", "128-GCM-SHA256:AES256-SHA", "128-GCM-SHA256:AES128-SHA"))
        said = self.check(0, "pair.test", [one, other, turned], "--all-addresses").stdout.replace("\n    ", " ")
        self.assertIn(f"one is not as the others: 127.0.0.1:{other.port}: found only there TLS_RSA_WITH_AES_256_CBC_SHA in TLSv1.2, "
                      "not found there TLS_RSA_WITH_AES_128_CBC_SHA in TLSv1.2", said)
        turned = of("AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256")
        said = self.check(0, "pair.test", [one, one, turned], "--all-addresses").stdout.replace("\n    ", " ")
        self.assertRegex(said, rf"one is not as the others: 127\.0\.0\.1:{turned.port}: chooses .*TLSv1\.2 in the order TLS_RSA_WITH_AES_128_CBC_SHA, "
                         r"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 \(the other 2: ")


if __name__ == "__main__":
    main()
