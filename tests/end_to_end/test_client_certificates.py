"""Mutual TLS: the certificate that whytls shows, to whom, and what is said when a server does not want it."""
import json
import os
import ssl
import subprocess
from concurrent.futures import ThreadPoolExecutor

from harness import Case, main, servers
from over_http2 import over_http2
from processes import PATIENCE, WHYTLS, environment, run

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
CLIENT = {"extended_key_usage": ["1.3.6.1.5.5.7.3.2"]}


class ClientCertificates(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site = cls.pki.leaf("good.test")
        cls.own = cls.pki.leaf("client", trusted=False, root={"subject": "Client Root"}, intermediate={"subject": "Client CA"}, **CLIENT)
        cls.stranger = cls.pki.leaf("client", trusted=False, root={"subject": "Strange Root"}, intermediate={"subject": "Strange CA"}, **CLIENT)
        cls.root = os.path.join(cls.own.made, "root.pem")

    def demanding(self, version, mode=ssl.CERT_REQUIRED, trust=None):
        def configure(context):
            context.minimum_version = context.maximum_version = version
            context.verify_mode = mode
            context.load_verify_locations(trust or self.root)

        def handler(connection):
            der = connection.getpeercert(binary_form=True) if mode != ssl.CERT_NONE else None
            servers.answering(servers.ok(b"shown" if der else b"nothing"))(connection)

        return self.tls_server(self.site, handler, configure)

    def options(self, identity, host=""):
        return ["--client-cert", host + identity.chain, "--client-key", host + identity.key]

    def asked(self, server, *options):
        """A first request and what it was answered with, by whytls as gateway of TLS."""
        proxy = self.proxy(*options, hosts={"good.test:443": server})
        return self.client(proxy).request("GET https://good.test/ HTTP/1.1\nHost: good.test\nAccept: application/json")

    def check(self, code, server, *options):
        done = subprocess.run([WHYTLS, "check", "--json", "--trust", self.pki.trust, "--resolve", f"good.test:443:127.0.0.1:{server.port}",
                               *options, "good.test"], capture_output=True, text=True, env=environment() | {"XDG_DATA_HOME": self.directory}, timeout=PATIENCE)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_a_server_that_asks_gets_it_in_both_versions(self):
        for version in VERSIONS:
            with self.subTest(version.name):
                server = self.demanding(version)
                self.assertEqual(self.asked(server, *self.options(self.own)).body, b"shown")
                self.assertTrue(self.check(0, server, *self.options(self.own))["tls"]["client_certificate_sent"])

    def test_keys_of_every_kind_sign_for_servers_of_every_kind(self):
        """All at once: each waits a while for what the server may still say of the certificate."""
        def configured(own, version):
            def configure(context):
                context.minimum_version = context.maximum_version = version
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(os.path.join(own.made, "root.pem"))
            return configure

        cases = []
        sites = (self.site, self.pki.leaf("good.test", key="rsa2048"))
        for kind in ("p256", "p384", "p521", "rsa2048", "ed25519"):
            own = self.pki.leaf("client", trusted=False, root={"subject": "Client Root"}, key=kind, **CLIENT)
            cases += [(kind, own, version, self.tls_server(site, configure=configured(own, version))) for site in sites for version in VERSIONS]
        self.assertTrue(self.pki.trust)  # the file is written by whoever asks first
        with ThreadPoolExecutor(len(cases)) as pool:
            reports = [pool.submit(self.check, 0, server, *self.options(own)) for _, own, _, server in cases]
        for (kind, _, version, _), report in zip(cases, reports):
            with self.subTest(client=kind, version=version.name):
                self.assertTrue(report.result()["tls"]["client_certificate_sent"])

    def test_a_refusal_in_http_alone_is_passed_on_and_said_to_be_about_the_certificate(self):
        nginx = self.started(servers.Nginx(
            os.path.join(self.directory, "nginx"),
            f"ssl_verify_client on; ssl_client_certificate {self.root}; location / {{ return 200 shown; }}", self.site))
        proxy = self.proxy(hosts={"good.test:443": nginx})
        client = self.tls_client(proxy, "good.test")
        for _ in range(3):
            response = client.get("/")
            self.assertEqual(response.status, 400)
            self.assertIn("No required SSL certificate was sent", response.text)  # nginx's own words, as they came
            client = self.tls_client(proxy, "good.test")
        proxy.stop()
        said = proxy.stderr.text
        self.assertEqual(said.count("it asked for a client certificate, and none was sent"), 1, said)
        self.assertIn('it takes those from "Client Root"; give it one: --client-cert FILE --client-key FILE', said)
        remarks = [line.get("remark", "") for line in proxy.log() if line["event"] == "request"]
        self.assertEqual([remark.startswith("good.test:443 answered 400, perhaps because it asked") for remark in remarks], [True] * 3)

        content = self.proxy(*self.options(self.own), hosts={"good.test:443": nginx})
        self.assertEqual(self.tls_client(content, "good.test").get("/").text, "shown")
        content.stop()
        self.assertNotIn("client certificate", content.stderr.text)

    def test_a_page_that_refuses_the_certificate_is_said_to_be_about_the_one_that_was_sent(self):
        nginx = self.started(servers.Nginx(
            os.path.join(self.directory, "nginx"),
            f"ssl_verify_client on; ssl_client_certificate {self.root}; location / {{ return 200 shown; }}", self.site))
        proxy = self.proxy(*self.options(self.stranger), hosts={"good.test:443": nginx})
        response = self.tls_client(proxy, "good.test").get("/")
        self.assertEqual(response.status, 400)
        self.assertIn("The SSL certificate error", response.text)
        proxy.stop()
        remark = (f'good.test:443 answered 400, perhaps because it does not accept the client certificate that was sent: "client", issued by "Strange CA" '
                  f'({self.stranger.chain}); it takes those from "Client Root"')
        self.assertIn(remark, proxy.stderr.text)
        self.assertEqual([line.get("remark") for line in proxy.log() if line["event"] == "request"], [remark])

    def test_a_host_limits_it(self):
        server = self.demanding(ssl.TLSVersion.TLSv1_3)
        self.assertEqual(self.asked(server, *self.options(self.own, "*.test=")).body, b"shown")
        other = self.asked(server, *self.options(self.own, "other.test="))
        self.assertEqual(other.json["code"], "client_certificate_required")
        both = self.asked(server, *self.options(self.stranger, "*.test="), *self.options(self.own, "good.test="))
        self.assertEqual(both.body, b"shown")

    def test_a_certificate_that_is_refused_is_told_with_both_values(self):
        expired = self.pki.leaf("client", trusted=False, root={"subject": "Client Root"}, not_before=-90, not_after=-3, **CLIENT)
        server_own = self.pki.leaf("client", trusted=False, root={"subject": "Client Root"}, extended_key_usage=["1.3.6.1.5.5.7.3.1"])
        cases = (("stranger", self.stranger, self.root, "unknown_ca"), ("expired", expired, "", "expired 3 days ago"),
                 ("purpose", server_own, "", "not for clientAuth"))
        for name, identity, trust, words in cases:
            for version in VERSIONS:
                with self.subTest(name, version=version.name):
                    server = self.demanding(version, trust=trust or os.path.join(identity.made, "root.pem"))
                    answer = self.asked(server, *self.options(identity))
                    for report in (answer.json, self.check(1, server, *self.options(identity))):
                        self.assertEqual((report["code"], report["problems"][0]["proof"]), ("client_certificate_rejected", "observed"))
                        self.assertIn(words, report["title"])
                        evidence = report["problems"][0]["evidence"]
                        self.assertIn("CN=client", evidence["client_certificate"])
                        self.assertEqual(evidence["client_certificates_accepted_from"], "any CA: the server names none")

    def naming(self, version):
        """OpenSSL's server names the CAs that it trusts; Python's does not."""
        return self.started(servers.OpensslServer(self.site, version, "-Verify", "3", "-verify_return_error", "-CAfile", self.root))

    def test_without_one_the_names_asked_for_are_told_in_both_versions(self):
        for version in ("-tls1_2", "-tls1_3"):
            with self.subTest(version):
                report = self.check(1, self.naming(version), "--experiments", "off")
                self.assertEqual(report["code"], "client_certificate_required")
                self.assertEqual(report["problems"][0]["evidence"]["client_certificates_accepted_from"], ["CN=Client Root"])
                self.assertIn("--client-cert", str(report["problems"][0]["fixes"]))

    def test_a_server_that_closes_or_resets_behind_the_handshake_refused_it_perhaps(self):
        for end in (servers.saying(b""), servers.resetting):
            server = self.tls_server(self.site, end, lambda context: (setattr(context, "verify_mode", ssl.CERT_OPTIONAL),
                                                                      context.load_verify_locations(self.root)))
            report = self.asked(server, *self.options(self.own)).json
            self.assertEqual((report["code"], report["problems"][0]["proof"]), ("client_certificate_rejected", "likely"))

    def test_a_server_that_asked_in_vain_and_closes_at_the_first_request_perhaps_wants_one(self):
        def configure(context, version):
            context.minimum_version = context.maximum_version = version
            context.verify_mode = ssl.CERT_OPTIONAL
            context.load_verify_locations(self.root)

        for version in VERSIONS:
            for end in (servers.saying(b""), servers.resetting):
                with self.subTest(version=version.name):
                    server = self.tls_server(self.site, end, lambda context, version=version: configure(context, version))
                    problem = self.asked(server).json["problems"][0]
                    self.assertEqual((problem["code"], problem["proof"]), ("client_certificate_required", "likely"))

    def test_a_server_that_answered_before_does_not_refuse_it_by_closing(self):
        """Its connection was closed while idle: the request goes over a fresh one."""
        def once(connection):
            requests = servers.Requests(connection)
            requests.head()
            connection.sendall(servers.ok())
            requests.head()
            servers.reset(connection)

        server = self.tls_server(self.site, once, lambda context: (setattr(context, "verify_mode", ssl.CERT_OPTIONAL),
                                                                   context.load_verify_locations(self.root)))
        client = self.client(self.proxy(*self.options(self.own), hosts={"good.test:443": server}))
        post = "POST https://good.test/ HTTP/1.1\nHost: good.test\nAccept: application/json\nContent-Length: 1"
        for _ in range(3):
            self.assertEqual(client.request(post, b"x").status, 200)
        self.assertEqual(server.connections, 3)

    def test_insecure_never_shows_it(self):
        for version in VERSIONS:
            with self.subTest(version.name):
                server = self.demanding(version, ssl.CERT_OPTIONAL)
                self.assertEqual(self.asked(server, "--insecure", *self.options(self.own)).body, b"nothing")
                report = self.asked(self.demanding(version), "--insecure=good.test", *self.options(self.own)).json
                self.assertEqual(report["code"], "client_certificate_required")
                self.assertIn("--insecure", report["detail"])

    def test_where_revocation_is_asked_about_it_is_shown_in_a_second_handshake(self):
        for version in VERSIONS:
            for how in ("soft", "hard"):
                with self.subTest(version.name, how=how):
                    server = self.demanding(version)
                    self.assertEqual(self.asked(server, "--revocation", how, *self.options(self.own)).body, b"shown")
                    self.assertTrue(self.check(0, server, "--revocation", how, *self.options(self.own))["tls"]["client_certificate_sent"])

    def test_one_handshake_is_enough_where_the_server_asks_for_none_or_was_found_good_a_moment_ago(self):
        indifferent = self.demanding(ssl.TLSVersion.TLSv1_3, ssl.CERT_NONE)
        self.assertEqual(self.asked(indifferent, "--revocation", "soft", *self.options(self.own)).body, b"nothing")
        self.assertEqual(indifferent.handshakes, 1)
        server = self.demanding(ssl.TLSVersion.TLSv1_3)
        proxy = self.proxy("--revocation", "soft", "--workers", "1", *self.options(self.own), hosts={"good.test:443": server})
        for _ in range(3):
            client = self.client(proxy)
            self.assertEqual(client.request("GET https://good.test/ HTTP/1.1\nHost: good.test").body, b"shown")
            client.close()
        self.assertEqual(server.connections, 1 + 3)

    def test_a_revoked_server_never_sees_it(self):
        list_of = {"crl": ["http://ca.test/list.crl"]}
        site = self.pki.leaf("good.test", serial=7, more=[{"name": "list", "crl_of": "intermediate", "revoked": ["leaf"]}], **list_of)
        ca = self.started(servers.Site({"/list.crl": site.file("list.crl")}))
        for version in VERSIONS:
            for mode in (ssl.CERT_OPTIONAL, ssl.CERT_REQUIRED):
                with self.subTest(version.name, mode=mode):
                    shown = []

                    def configure(context, version=version, mode=mode, shown=shown):
                        context.minimum_version = context.maximum_version = version
                        context.verify_mode = mode
                        context.load_verify_locations(self.root)
                        context._msg_callback = lambda _, direction, *message: shown.append(message[-1]) if direction == "read" else None

                    server = self.tls_server(site, configure=configure)
                    proxy = self.proxy("--revocation", "soft", *self.options(self.own), hosts={"good.test:443": server, "ca.test:80": ca})
                    answer = self.client(proxy).request("GET https://good.test/ HTTP/1.1\nHost: good.test\nAccept: application/json")
                    self.assertEqual(answer.json["code"], "revoked")
                    server.stop()
                    self.assertTrue(shown, "nothing was recorded")
                    self.assertFalse(any(self.own.der in message for message in shown), "the certificate left")

    def test_servers_of_one_name_with_two_certificates_are_each_asked_about(self):
        other = self.pki.leaf("good.test")
        turn = []

        def alternate(context):
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.root)
            contexts = []
            for identity in (self.site, other):
                own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                own.load_cert_chain(identity.chain, identity.key)
                own.verify_mode = ssl.CERT_REQUIRED
                own.load_verify_locations(self.root)
                contexts.append(own)

            def choose(connection, _, __):
                turn.append(len(turn))
                connection.context = contexts[turn[-1] % 2]

            context.sni_callback = choose

        server = self.tls_server(self.site, servers.answering(servers.ok(b"shown")), alternate)
        self.assertEqual(self.asked(server, "--revocation", "soft", *self.options(self.own)).body, b"shown")
        self.assertEqual(len(turn), 3)  # the first without it; the other, which is refused and asked about; the first again

    def test_nginx_decides_by_http_and_its_answer_passes(self):
        block = f"ssl_client_certificate {self.root}; ssl_verify_client on; ssl_verify_depth 3; location / {{ return 200 'in'; }}"
        server = self.started(servers.Nginx(os.path.join(self.directory, "nginx"), block, self.site))
        self.assertEqual(self.asked(server, *self.options(self.own)).body, b"in")
        refused = self.asked(server, *self.options(self.stranger))
        self.assertEqual((refused.status, b"The SSL certificate error" in refused.body), (400, True))
        missing = self.asked(server)
        self.assertEqual((missing.status, b"No required SSL certificate was sent" in missing.body), (400, True))

    def test_one_from_another_ca_than_those_asked_for_is_sent_and_told_with_both_names(self):
        for version in ("-tls1_2", "-tls1_3"):
            with self.subTest(version):
                server = self.naming(version)
                report = self.check(1, server, *self.options(self.stranger))
                self.assertEqual(report["code"], "client_certificate_rejected")
                self.assertIn('is from "Strange CA", none of the CAs asked for', report["title"])
                evidence = report["problems"][0]["evidence"]
                self.assertEqual((evidence["issued_by"], evidence["client_certificates_accepted_from"]), ("CN=Strange CA", ["CN=Client Root"]))
                self.assertNotIn("code", self.check(0, server, *self.options(self.own)))

    def test_one_that_other_options_keep_from_every_server_is_told_at_the_start(self):
        for options, says in ((["--insecure=good.test"], "is not shown to good.test: with --insecure"), (["--insecure"], "is not shown to any server"),
                              (["--revocation", "soft"], None), (["--insecure=other.test"], None)):
            with self.subTest(options):
                proxy = self.proxy("--client-cert", f"good.test={self.own.chain}", "--client-key", f"good.test={self.own.key}", *options)
                proxy.stop()
                if says:
                    self.assertIn(f"warning: {self.own.chain}: this client certificate {says}", proxy.stderr.text)
                else:
                    self.assertNotIn("shown", proxy.stderr.text)

    # Files

    def test_one_file_may_hold_both_and_pkcs12_and_encrypted_keys_are_opened(self):
        server = self.demanding(ssl.TLSVersion.TLSv1_3)
        at = lambda name: os.path.join(self.directory, name)
        def openssl(*arguments):
            done = run("openssl", *arguments)
            self.assertEqual(done.returncode, 0, done.stderr)

        with open(at("both.pem"), "wb") as file:
            for part in (self.own.chain, self.own.key):
                with open(part, "rb") as source:
                    file.write(source.read())
        openssl("pkcs12", "-export", "-in", at("both.pem"), "-out", at("own.p12"), "-passout", "pass:secret")
        openssl("pkcs8", "-topk8", "-in", self.own.key, "-out", at("locked.pem"), "-passout", "pass:secret")
        with open(at("password"), "w", encoding="ascii") as file:
            file.write("secret\n")
        for options in (["--client-cert", at("both.pem")], ["--client-cert", at("own.p12"), "--client-key-password", "secret"],
                        ["--client-cert", self.own.chain, "--client-key", at("locked.pem"), "--client-key-password", f"file:{at('password')}"]):
            with self.subTest(options):
                self.assertEqual(self.asked(server, *options).body, b"shown")

        def refused(*options, says):
            done = run(WHYTLS, "check", *options, "good.test")
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            self.assertIn(says, done.stderr)

        chain, key = self.own.chain, self.own.key
        refused("--client-cert", "/nowhere", says="--client-cert /nowhere: cannot be read")
        refused("--client-cert", chain, says="no --client-key gives one")
        refused("--client-cert", key, says="holds no certificate")
        refused("--client-cert", chain, "--client-key", chain, says="holds no private key")
        refused("--client-cert", chain, "--client-key", self.stranger.key, says="does not belong to the first certificate")
        refused("--client-key", key, says="no --client-cert for every host")
        refused("--client-cert", f"a.test={chain}", "--client-key", f"b.test={key}", says="no --client-cert for b.test")
        refused("--client-cert", chain, "--client-key", at("locked.pem"), says="add --client-key-password")
        refused("--client-cert", chain, "--client-key", at("locked.pem"), "--client-key-password", "wrong", says="does not open it")
        openssl("ec", "-in", self.own.key, "-out", at("old.pem"), "-aes128", "-passout", "pass:secret")
        for password in ([], ["--client-key-password", "secret"]):
            refused("--client-cert", chain, "--client-key", at("old.pem"), *password, says=f"`openssl pkey -in {at('old.pem')} -out NEW.pem`")
        refused("--client-cert", at("own.p12"), says="is locked")
        refused("--client-cert", at("own.p12"), "--client-key-password", "wrong", says="does not open it")
        refused("--client-cert", at("own.p12"), "--client-key-password", "env:NO_SUCH_VARIABLE", says="no such environment variable")
        openssl("pkcs12", "-export", "-in", at("both.pem"), "-out", at("slow.p12"), "-passout", "pass:secret", "-iter", "100000")
        with open(at("slow.p12"), "r+b") as file:
            made = file.read().replace(b"\x02\x03" + (100_000).to_bytes(3, "big"), b"\x02\x03\x7f\xff\xff")
            file.seek(0)
            file.write(made)
        refused("--client-cert", at("slow.p12"), "--client-key-password", "secret", says="slow.p12: opening it takes more than 15000000 rounds")
        refused("--client-cert", "a b=x", says="is not a host name")
        refused("--client-cert", at("password"), says="neither a certificate nor a private key")


# Not over HTTP/2: nginx and OpenSSL's server speak HTTP/1.1 there, and a connection of HTTP/2 is not used once for each request.
ClientCertificatesOverHttp2 = over_http2(
    ClientCertificates, "test_a_page_that_refuses_the_certificate_is_said_to_be_about_the_one_that_was_sent",
    "test_a_refusal_in_http_alone_is_passed_on_and_said_to_be_about_the_certificate", "test_a_server_that_answered_before_does_not_refuse_it_by_closing",
    "test_servers_of_one_name_with_two_certificates_are_each_asked_about", "test_keys_of_every_kind_sign_for_servers_of_every_kind",
    "test_nginx_decides_by_http_and_its_answer_passes", "test_without_one_the_names_asked_for_are_told_in_both_versions")


if __name__ == "__main__":
    main()
