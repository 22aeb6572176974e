"""whytls check --starttls with servers as they are in the world: OpenLDAP's, Prosody and Dovecot."""
import json
import tempfile

from harness import Case, main
from processes import WHYTLS, environment, run
from upgrading import Dovecot, Prosody, Slapd


class StartTlsServers(Case):
    def upgrading(self, kind, identity):
        return self.started(kind(tempfile.mkdtemp(dir=self.directory), identity))

    def check(self, protocol, port, host="mail.test", *options):
        done = run(WHYTLS, "check", f"{host}:{port}", "--starttls", protocol, "--trust", self.pki.trust, "--resolve",
                   f"{host}:{port}:127.0.0.1", "--json", *options, env=environment() | {"XDG_DATA_HOME": self.directory})
        return done.returncode, json.loads(done.stdout)

    def serves(self, protocol, port):
        code, report = self.check(protocol, port)
        self.assertEqual((code, report["verdict"]), (0, "ok"), report)
        self.assertEqual(report["tls"]["version"], "TLSv1.3")
        code, report = self.check(protocol, port, "mail.test", "--at", "2000-01-01T00:00:00Z")
        self.assertEqual((code, report["code"]), (1, "not_yet_valid"), report)

    def refuses(self, protocol, port, words, *options):
        code, report = self.check(protocol, port, "mail.test", *options)
        self.assertEqual((code, report["code"]), (1, "starttls_failed"), report)
        problem = report["problems"][0]
        self.assertIn(words, problem["evidence"]["the_server_said"])
        self.assertTrue(problem["fixes"])
        return problem

    def test_openldap_switches_to_tls_and_without_a_certificate_its_own_words_are_told(self):
        self.serves("ldap", self.upgrading(Slapd, self.pki.leaf("mail.test")).ports[0])
        problem = self.refuses("ldap", self.upgrading(Slapd, None).ports[0], "protocolError (2): ")
        self.assertIn("speaks LDAP but does not offer to switch to TLS", problem["title"])
        self.assertIn("port 636", json.dumps(problem["fixes"]))

    def test_prosody_switches_to_tls_for_clients_and_for_servers(self):
        server = self.upgrading(Prosody, self.pki.leaf("mail.test"))
        for protocol, port in zip(("xmpp", "xmpp-server"), server.ports):
            self.serves(protocol, port)
        problem = self.refuses("xmpp", server.ports[0], "host-unknown", "--servername", "other.test")
        self.assertIn("does not serve the XMPP domain other.test", problem["title"])
        self.assertIn("--servername", problem["fixes"][0]["text"])

    def test_prosody_without_a_certificate_offers_no_tls_and_what_it_offers_is_told(self):
        server = self.upgrading(Prosody, None)
        for protocol, port in zip(("xmpp", "xmpp-server"), server.ports):
            self.refuses(protocol, port, "No stream features")

    def test_dovecot_switches_to_tls_in_managesieve_and_lmtp_and_without_a_certificate_it_offers_none(self):
        server = self.upgrading(Dovecot, self.pki.leaf("mail.test"))
        for protocol, port in zip(("sieve", "lmtp"), server.ports):
            self.serves(protocol, port)
        server = self.upgrading(Dovecot, None)
        self.refuses("sieve", server.ports[0], "OK ")
        self.refuses("lmtp", server.ports[1], "250 ")

    def test_a_server_of_another_protocol_is_recognised(self):
        prosody, dovecot = self.upgrading(Prosody, None), self.upgrading(Dovecot, None)
        for protocol, port, title in (("ldap", prosody.ports[0], "XMPP, not LDAP"), ("smtp", dovecot.ports[0], "ManageSieve, not SMTP")):
            with self.subTest(title):
                code, report = self.check(protocol, port)
                self.assertEqual((code, report["code"]), (1, "starttls_failed"))
                self.assertIn(title, report["title"])


if __name__ == "__main__":
    main()
