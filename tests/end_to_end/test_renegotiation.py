"""RFC 5746: servers and clients that insist on it, and those that do not know it."""
import json
import subprocess

from harness import Case, main, servers
from processes import PATIENCE, WHYTLS, environment, run

TLS_1_2 = "NORMAL:-VERS-ALL:+VERS-TLS1.2"


class Renegotiation(Case):
    def server(self, priority):
        return self.started(servers.GnutlsServer(self.pki.leaf("good.test"), "--priority", f"{TLS_1_2}:{priority}"))

    def asked(self, server):
        client = self.client(self.proxy(hosts={"good.test:443": server}))
        return client.get("https://good.test/", host="good.test").status

    def checked(self, server):
        done = subprocess.run([WHYTLS, "check", "--json", "--trust", self.pki.trust, "--resolve", f"good.test:443:127.0.0.1:{server.port}", "good.test"],
                              capture_output=True, text=True, env=environment() | {"XDG_DATA_HOME": self.directory}, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_a_server_that_insists_on_it_is_reached(self):
        server = self.server("%SAFE_RENEGOTIATION")
        self.assertEqual(self.asked(server), 200)
        self.assertNotIn("no_secure_renegotiation", str(self.checked(server)))

    def test_a_server_that_does_not_know_it_is_reached_too_and_told_as_one_that_openssl_3_refuses(self):
        server = self.server("%DISABLE_SAFE_RENEGOTIATION")
        self.assertEqual(self.asked(server), 200)
        report = self.checked(server)
        self.assertIn("no_secure_renegotiation", str(report))
        refused = run("curl", "-sS", "--cacert", self.pki.trust, "--resolve", f"good.test:{server.port}:127.0.0.1", f"https://good.test:{server.port}/")
        self.assertIn("unsafe legacy renegotiation disabled", refused.stderr)
        said = run(WHYTLS, "explain", "--error", refused.stderr)
        self.assertIn("RFC 5746", said.stdout)

    def test_a_client_that_insists_on_it_is_served(self):
        """OpenSSL 3 does, and says so."""
        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"))})
        said = run("openssl", "s_client", "-tls1_2", "-proxy", f"127.0.0.1:{proxy.port}", "-connect", "good.test:443", "-CAfile", proxy.ca_file)
        self.assertIn("Secure Renegotiation IS supported", said.stdout)


if __name__ == "__main__":
    main()
