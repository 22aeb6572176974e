"""What --revocation asks for decides: a certificate that a staple, a responder or a list says is revoked costs the server the
request, and silence counts as the option says."""
from harness import Case, main, servers

JSON = {"Accept": "application/json"}
SOURCES = {"ocsp": {"ocsp": ["http://ca.test/ocsp"]}, "crl": {"crl": ["http://ca.test/list.crl"]}}
NEVER = "491231235959Z"


class RevocationAsked(Case):
    def leaf(self, *sources, more=(), **members):
        for source in sources:
            members |= SOURCES[source]
        return self.pki.leaf("good.test", serial=7, more=more, **members)

    def response(self, **members):
        return {"name": "answer", "ocsp_for": "leaf", **members}

    def list(self, **members):
        return {"name": "list", "crl_of": "intermediate", **members}

    def ask(self, proxy):
        client = self.client(proxy)
        response = client.get("https://good.test/secret", host="good.test", **JSON)
        client.close()
        return response

    def between(self, server, ca=None, *options):
        """A proxy between us and this server, whose CA's site is `ca`; nobody listens there without one."""
        ca = ca or self.started(servers.ClosedPort())
        return self.proxy(*options, hosts={"good.test:443": server, "ca.test:80": ca})

    def passes(self, server, ca, *options):
        response = self.ask(self.between(server, ca, *options))
        self.assertEqual((response.status, response["Proxy-Status"]), (200, None), response.text)

    def refused(self, code, server, ca, *options):
        """The report of a request that does not reach the server."""
        response = self.ask(self.between(server, ca, *options))
        self.assertEqual(response.status, 502, response.text)
        self.assertEqual(response.json["code"], code, response.text)
        self.assertEqual(response["Proxy-Status"], f'whytls; error=tls_certificate_error; details="{code}"')
        self.assertEqual(response.json["nothing_sent"], True)
        if hasattr(server, "received"):
            self.assertEqual(server.received, b"", "the request left for a server that was not verified")
        return response.json

    def test_openssls_responder_decides(self):
        leaf = self.leaf("ocsp")
        server = self.tls_server(leaf)
        entry = f"\t{NEVER}\t{{}}\t07\tunknown\t/CN=good.test\n"
        revoked = self.started(servers.OpensslResponder(leaf.made, "intermediate", "R" + entry.format("260101000000Z,keyCompromise")))
        report = self.refused("revoked", server, revoked, "--revocation", "soft")
        evidence = report["problems"][0]["evidence"]
        self.assertEqual((evidence["reason"], evidence["told_by"]), ("keyCompromise", "http://ca.test/ocsp"))
        good = self.started(servers.OpensslResponder(leaf.made, "intermediate", "V" + entry.format("")))
        self.passes(server, good, "--revocation", "hard")

    def test_a_responder_is_posted_one_request_and_its_answer_kept(self):
        leaf = self.leaf("ocsp", more=[self.response()])
        server, site = self.tls_server(leaf), self.started(servers.Site({"/ocsp": leaf.file("answer.ors")}))
        proxy = self.between(server, site, "--revocation", "hard", "--workers", "1")
        for _ in range(2):
            self.assertEqual(self.ask(proxy).status, 200)
        self.assertEqual(server.handshakes, 2)
        self.assertEqual(len(site.asked), 1)
        self.assertRegex(site.asked[0], rb"^POST /ocsp HTTP/1\.1\r\nHost: ca\.test\r\n")
        self.assertIn(b"\r\nContent-Type: application/ocsp-request\r\n", site.asked[0])

    def test_a_responder_that_does_not_answer_matters_only_when_hard(self):
        leaf = self.leaf("ocsp")
        server = self.tls_server(leaf)
        self.passes(server, None, "--revocation", "soft")
        self.passes(server, None)
        self.refused("revocation_unavailable", self.tls_server(leaf), None, "--revocation", "hard")

    def test_an_answer_that_cannot_be_used_is_none_and_the_list_is_asked_next(self):
        for broken in ({"broken_signature": True}, {"this_update": -9, "next_update": -2}, {"serial": 8}, {"response_status": "tryLater"}):
            with self.subTest(str(broken)):
                leaf = self.leaf("ocsp", "crl", more=[self.response(**broken), self.list(revoked=[99])])
                server, site = self.tls_server(leaf), self.started(servers.Site({"/ocsp": leaf.file("answer.ors")}))
                self.passes(server, site, "--revocation", "soft")
                server = self.tls_server(leaf)
                self.refused("revocation_unavailable", server, site, "--revocation", "hard")
                site.documents["/list.crl"] = leaf.file("list.crl")
                self.passes(server, site, "--revocation", "hard")

    def test_a_list_decides(self):
        leaf = self.leaf("crl", more=[self.list(revoked=["leaf"], reason="superseded")])
        server, site = self.tls_server(leaf), self.started(servers.Site({"/list.crl": leaf.file("list.crl")}))
        report = self.refused("revoked", server, site, "--revocation", "soft")
        self.assertEqual(report["problems"][0]["evidence"]["reason"], "superseded")
        self.assertEqual(len(site.asked), 1)
        self.passes(server, site, "--revocation", "staple")

    def test_what_one_loop_learnt_holds_for_all(self):
        leaf = self.leaf("crl", more=[self.list(revoked=["leaf"])])
        server, site = self.tls_server(leaf), self.started(servers.Site({"/list.crl": leaf.file("list.crl")}))
        proxy = self.between(server, site, "--revocation", "soft", "--workers", "4")
        self.assertEqual(self.ask(proxy).json["code"], "revoked")
        site.documents.clear()
        self.assertEqual({self.ask(proxy).status for _ in range(12)}, {502})
        self.assertEqual(server.received, b"")

    def test_a_certificate_that_names_neither_passes_when_hard(self):
        self.passes(self.tls_server(self.leaf()), None, "--revocation", "hard")

    def test_an_intermediates_revocation_counts(self):
        leaf = self.pki.leaf("good.test", intermediate=SOURCES["crl"], more=[{"name": "list", "crl_of": "root", "revoked": ["intermediate"]}])
        server, site = self.tls_server(leaf), self.started(servers.Site({"/list.crl": leaf.file("list.crl")}))
        report = self.refused("revoked", server, site, "--revocation", "soft")
        self.assertEqual(report["problems"][0]["depth"], 1)

    def test_a_revoked_certificate_that_is_let_through_keeps_its_mark(self):
        leaf = self.leaf("crl", more=[self.list(revoked=["leaf"])])
        server, site = self.tls_server(leaf), self.started(servers.Site({"/list.crl": leaf.file("list.crl")}))
        response = self.ask(self.between(server, site, "--revocation", "soft", "--insecure"))
        self.assertEqual(response.status, 200)
        self.assertIn('details="revoked"', response["Proxy-Status"])

    def stapling(self, leaf, name="answer.ors"):
        return self.started(servers.OpensslServer(leaf, "-status_file", f"{leaf.made}/{name}"))

    def test_a_staple_decides_by_default(self):
        leaf = self.leaf(more=[self.response(status="revoked", reason="keyCompromise"), self.response(name="good")])
        report = self.refused("revoked", self.stapling(leaf), None)
        self.assertEqual(report["tls"]["staple"], "revoked")
        self.assertEqual(report["problems"][0]["evidence"]["told_by"], "stapled response")
        self.passes(self.stapling(leaf), None, "--revocation", "off")
        self.passes(self.stapling(leaf, "good.ors"), None)
        self.passes(self.stapling(leaf, "good.ors"), None, "--tls-max", "1.2", "--revocation", "hard")

    def test_a_good_staple_spares_the_responder(self):
        leaf = self.leaf("ocsp", more=[self.response()])
        site = self.started(servers.Site({}))
        self.passes(self.stapling(leaf), site, "--revocation", "hard")
        self.assertEqual(site.connections, 0)

    def test_the_log_tells_what_was_stapled(self):
        for name, members in (("good", {}), ("unknown", {"status": "unknown"}), ("tryLater", {"response_status": "tryLater"}),
                              ("unusable", {"broken_signature": True})):
            with self.subTest(name):
                leaf = self.leaf(more=[self.response(**members)])
                proxy = self.between(self.stapling(leaf))
                self.assertEqual(self.ask(proxy).status, 200)
                proxy.stop()
                handshake = next(line for line in proxy.log() if line["event"] == "upstream_handshake")
                self.assertEqual(handshake["tls"]["staple"], name)

    def test_a_promised_staple_that_does_not_come_is_a_failure_unless_revocation_is_off(self):
        leaf = self.leaf(must_staple=True, more=[self.response()])
        self.refused("must_staple_missing", self.tls_server(leaf), None)
        self.passes(self.tls_server(leaf), None, "--revocation", "off")
        self.passes(self.stapling(leaf), None)


if __name__ == "__main__":
    main()
