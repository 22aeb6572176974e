"""A server that leaves out an issuer is refused, and told which certificate it should have sent, when that can be found: by the
URL in its own certificate, or because another server sent it before."""
import os
import stat

from harness import Case, main, servers

JSON = {"Accept": "application/json"}
ISSUER = {"aia": ["http://ca.test/ca.crt"]}


class MissingIntermediate(Case):
    def ask(self, proxy, host="good.test"):
        """The report of a request that is refused."""
        response = self.client(proxy).get(f"https://{host}/secret", host=host, **JSON)
        self.assertEqual(response.status, 502, response.text)
        return response.json

    def site(self, documents):
        return self.started(servers.Site(documents))

    def explained(self, leaf, documents, *options):
        """The report about a server with this leaf, with the issuer's site, which must not get the client's request."""
        server, site = self.tls_server(leaf), self.site(documents)
        report = self.ask(self.proxy(*options, hosts={"good.test:443": server, "ca.test:80": site}))
        self.assertEqual(server.received, b"", "the request left for a server that was not verified")
        return report, site

    def origins(self, report):
        return [certificate["from"] for certificate in report["chain"]]

    def test_an_issuer_that_the_certificate_names_is_fetched_to_explain_and_not_to_accept(self):
        leaf = self.pki.leaf("good.test", chain=[], **ISSUER)
        server, site = self.tls_server(leaf), self.site({"/ca.crt": leaf.file("intermediate.der")})
        proxy = self.proxy("--workers", "1", hosts={"good.test:443": server, "ca.test:80": site})
        done = self.curl(proxy, "https://good.test/secret?token=1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"missing_intermediate", done.stdout)
        report = self.ask(proxy)
        self.assertEqual(report["code"], "missing_intermediate")
        self.assertEqual(self.origins(report), ["served", "aia", "trust store"])
        self.assertEqual(report["fixed_chain"].encode(), leaf.file("leaf.pem") + leaf.file("intermediate.pem"))
        self.assertEqual(server.received, b"", "the request left for a server that was not verified")
        self.assertEqual(len(site.asked), 1, "a client that tries again costs another fetch")
        asked = site.asked[0].decode()
        self.assertTrue(asked.startswith("GET /ca.crt HTTP/1.1\r\nHost: ca.test\r\nUser-Agent: whytls/"), asked)
        self.assertNotIn("good.test", asked)
        self.assertNotIn("token", asked)

    def test_it_may_come_as_pem_too(self):
        leaf = self.pki.leaf("good.test", chain=[], **ISSUER)
        report, _ = self.explained(leaf, {"/ca.crt": leaf.file("intermediate.pem")})
        self.assertEqual(report["code"], "missing_intermediate")

    def test_the_issuers_issuer_is_fetched_too(self):
        leaf = self.pki.leaf("good.test", chain=[], issuer="lower", intermediate={"path_length": 1}, **ISSUER,
                             before=[{"name": "lower", "kind": "intermediate", "issuer": "intermediate", "aia": ["http://ca.test/upper.crt"]}])
        report, site = self.explained(leaf, {"/ca.crt": leaf.file("lower.der"), "/upper.crt": leaf.file("intermediate.der")})
        self.assertEqual(report["code"], "missing_intermediate")
        self.assertEqual(self.origins(report), ["served", "aia", "aia", "trust store"])
        self.assertEqual(len(site.asked), 2)

    def test_what_comes_instead_of_an_issuer_explains_nothing(self):
        leaf = self.pki.leaf("good.test", chain=[], **ISSUER)
        other = self.pki.leaf("other.test")
        for documents in ({}, {"/ca.crt": b"<!doctype html>"}, {"/ca.crt": other.file("intermediate.der")}, {"/ca.crt": b""}):
            report, site = self.explained(leaf, documents)
            self.assertEqual(report["code"], "unknown_issuer")
            self.assertEqual(self.origins(report), ["served"])
            self.assertEqual(len(site.asked), 1)

    def test_why_an_issuer_was_looked_for_in_vain_is_told_and_that_the_rest_is_not_known(self):
        leaf = self.pki.leaf("good.test", chain=[], **ISSUER)
        other = self.pki.leaf("other.test")
        issuer = {"/ca.crt": leaf.file("intermediate.der")}
        unknown = "; so whether the server leaves out an intermediate is not known."
        for site, options, words in ((servers.Server(lambda connection: connection.recv(1 << 16) and connection.recv(1)), (), f"ca.crt did not give it in time{unknown}"),
                                     (servers.Server(lambda connection: None), (), f"ca.crt could not be asked for it: no connection came about, or it broke off{unknown}"),
                                     (servers.Site(issuer), ("--aia", "off"), f"ca.crt was not asked for it (--aia off){unknown}"),
                                     (servers.Site({}), (), "ca.crt was asked for it and gave no certificate."),
                                     (servers.Site({"/ca.crt": other.file("intermediate.der")}), (), "gave a certificate with which no path leads")):
            with self.subTest(words):
                report = self.ask(self.proxy(*options, hosts={"good.test:443": self.tls_server(leaf), "ca.test:80": self.started(site)}))
                self.assertEqual(report["code"], "unknown_issuer")
                self.assertIn(words, report["detail"])

    def test_with_aia_off_nothing_is_fetched_and_nothing_kept(self):
        leaf = self.pki.leaf("good.test", chain=[], **ISSUER)
        report, site = self.explained(leaf, {"/ca.crt": leaf.file("intermediate.der")}, "--aia", "off")
        self.assertEqual(report["code"], "unknown_issuer")
        self.assertEqual((site.asked, site.connections), ([], 0))

    def test_nothing_is_fetched_for_a_host_that_is_let_through(self):
        leaf = self.pki.leaf("good.test", chain=[], **ISSUER)
        server, site = self.tls_server(leaf), self.site({"/ca.crt": leaf.file("intermediate.der")})
        proxy = self.proxy("--insecure=good.test", hosts={"good.test:443": server, "ca.test:80": site})
        response = self.client(proxy).get("https://good.test/", host="good.test")
        self.assertEqual((response.status, site.connections), (200, 0))

    def test_an_issuer_that_another_server_sent_is_known_also_to_the_next_run(self):
        complete = self.pki.leaf("good.test", more=[{"name": "second", "issuer": "intermediate", "host": "second.test", "chain": []}])
        hosts = {"good.test:443": self.tls_server(complete), "second.test:443": self.tls_server(complete.sibling("second"))}
        proxy = self.proxy(hosts=hosts)
        self.assertEqual(self.ask(proxy, "second.test")["code"], "unknown_issuer")
        self.assertEqual(self.client(proxy).get("https://good.test/", host="good.test").status, 200)
        report = self.ask(proxy, "second.test")
        self.assertEqual(report["code"], "missing_intermediate")
        self.assertEqual(self.origins(report), ["served", "seen before", "trust store"])
        self.assertEqual(hosts["second.test:443"].received, b"")

        proxy.stop()
        kept = os.path.join(os.path.dirname(proxy.ca_dir), "whytls-intermediates.pem")
        with open(kept, "rb") as file:
            self.assertEqual(file.read(), complete.file("intermediate.pem"))
        self.assertEqual(stat.S_IMODE(os.stat(kept).st_mode), 0o600)
        again = self.proxy("--ca-dir", proxy.ca_dir + "/", hosts=hosts)
        self.assertEqual(self.ask(again, "second.test")["code"], "missing_intermediate")
        without = self.proxy("--ca-dir", proxy.ca_dir, "--aia", "off", hosts=hosts)
        self.assertEqual(self.ask(without, "second.test")["code"], "unknown_issuer")

    def test_a_namesake_that_was_seen_before_does_not_stand_in_the_way_of_the_issuer(self):
        other = self.pki.leaf("other.test")
        leaf = self.pki.leaf("good.test", chain=[], **ISSUER)
        proxy = self.proxy(hosts={"other.test:443": self.tls_server(other), "good.test:443": self.tls_server(leaf),
                                  "ca.test:80": self.site({"/ca.crt": leaf.file("intermediate.der")})})
        self.assertEqual(self.client(proxy).get("https://other.test/", host="other.test").status, 200)
        report = self.ask(proxy)
        self.assertEqual((report["code"], self.origins(report)), ("missing_intermediate", ["served", "aia", "trust store"]))

    def test_a_damaged_file_of_intermediates_is_told_once_and_left_alone(self):
        directory = os.path.join(self.directory, "home")
        os.mkdir(directory)
        kept = os.path.join(directory, "whytls-intermediates.pem")
        with open(kept, "w", encoding="ascii") as file:
            file.write("damaged\n")
        proxy = self.proxy("--ca-dir", os.path.join(directory, "ca"), hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"))})
        self.assertEqual(self.client(proxy).get("https://good.test/", host="good.test").status, 200)
        proxy.stop()
        self.assertEqual(proxy.stderr.text.count(kept), 1, proxy.stderr.text)
        with open(kept, encoding="ascii") as file:
            self.assertEqual(file.read(), "damaged\n")


if __name__ == "__main__":
    main()
