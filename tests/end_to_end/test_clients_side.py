"""Why a client would not go on with us: who it is, whether it trusts us elsewhere, and the fix that is for it."""
import select
import shutil
import socket
import sys
import time
import unittest

from harness import Case, main
from processes import PATIENCE, environment, run

PYTHON = """
import socket, ssl, sys
tunnel = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
tunnel.sendall(b"CONNECT a.test:443 HTTP/1.1\\r\\nHost: a.test:443\\r\\n\\r\\n")
tunnel.recv(4096)
ssl.create_default_context(cafile=sys.argv[2]).wrap_socket(tunnel, server_hostname="a.test")
"""
NODE = """
const net = require('net'), tls = require('tls');
const socket = net.connect(+process.argv[1], '127.0.0.1', () => socket.write('CONNECT a.test:443 HTTP/1.1\\r\\nHost: a.test:443\\r\\n\\r\\n'));
socket.once('data', () => tls.connect({socket, servername: 'a.test'}).on('error', error => { console.log(error.code); process.exit(1); }));
"""


NODE_ENDS = """
const net = require('net'), tls = require('tls');
const socket = net.connect(+process.argv[1], '127.0.0.1', () => socket.write('CONNECT a.test:443 HTTP/1.1\\r\\nHost: a.test:443\\r\\n\\r\\n'));
socket.once('data', () => {
    const client = tls.connect({socket, servername: 'a.test', ca: require('fs').readFileSync(process.argv[2]), maxVersion: process.argv[3]}, () => client.end());
    client.on('error', error => { console.log(error.code); process.exit(1); });
});
"""


class ClientsSide(Case):
    def setUp(self):
        super().setUp()
        server = self.tls_server(self.pki.leaf("a.test", "b.test"))
        self.running = self.proxy(hosts={"a.test:443": server, "b.test:443": server})

    def failures(self):
        self.running.stop()
        return [line for line in self.running.log() if line["event"] == "client_handshake" and line["verdict"] == "failed"]

    def only(self, code):
        lines = self.failures()
        self.assertEqual([line["code"] for line in lines], [code], lines)
        return lines[0]

    def test_curl_is_told_its_own_fix_by_its_user_agent(self):
        self.assertEqual(self.curl(self.running, "https://a.test/", trusting=False).returncode, 60)
        line = self.only("client_untrusted_ca")
        self.assertIn("CURL_CA_BUNDLE=", line["command"])

    def test_git_is_told_its_own_fix_by_its_user_agent(self):
        done = run("git", "ls-remote", "https://a.test/x.git", env=environment() | {"https_proxy": self.running.url, "HOME": self.directory})
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("GIT_SSL_CAINFO=", self.failures()[0]["command"])

    def test_a_python_program_is_told_apart_from_a_browser_by_its_hello(self):
        done = run(sys.executable, "-c", PYTHON, self.running.port, self.pki.trust)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(self.only("client_untrusted_ca")["command"], "CURL_CA_BUNDLE|SSL_CERT_FILE|NODE_EXTRA_CA_CERTS")

    @unittest.skipUnless(shutil.which("node"), "node is not installed")
    def test_node_hangs_up_without_an_alert_and_is_told_its_own_fix(self):
        self.assertEqual(run("node", "-e", NODE, self.running.port).returncode, 1)
        self.assertIn("NODE_EXTRA_CA_CERTS=", self.only("client_closed")["command"])

    def test_a_client_that_trusts_us_elsewhere_pins_this_host(self):
        self.assertEqual(self.curl_body(self.running, "https://b.test/"), b"hello")
        self.assertEqual(self.curl(self.running, "https://a.test/", trusting=False).returncode, 60)
        line = self.only("client_pinned")
        self.assertEqual(line["host"], "a.test")
        self.assertIn("--passthrough a.test", line["command"])
        self.assertIn("likely pins a.test", line["title"])

    def test_a_client_that_trusted_us_for_this_host_alone_does_not_pin_it(self):
        self.assertEqual(self.curl_body(self.running, "https://a.test/"), b"hello")
        self.assertEqual(self.curl(self.running, "https://a.test/", trusting=False).returncode, 60)
        self.only("client_untrusted_ca")

    def test_a_client_that_took_this_host_and_others_before_does_not_pin_it(self):
        for host in ("a.test", "b.test"):
            self.assertEqual(self.curl_body(self.running, f"https://{host}/"), b"hello")
        self.assertEqual(self.curl(self.running, "https://a.test/", trusting=False).returncode, 60)
        self.only("client_untrusted_ca")

    def handshakes(self, count):
        """So many of them; each is written when its client has left."""
        deadline = time.monotonic() + PATIENCE
        while sum(line["event"] == "client_handshake" for line in self.running.log()) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        self.running.stop()
        return [line for line in self.running.log() if line["event"] == "client_handshake"]

    def in_tunnel(self, host):
        """A port whose connections are led through the proxy to that host, for a client that knows no proxies."""
        def lead(connection):
            tunnel = self.client(self.running).connect(f"{host}:443").socket
            while True:
                for one, other in ((connection, tunnel), (tunnel, connection)):
                    if one not in select.select([connection, tunnel], [], [], PATIENCE)[0]:
                        continue
                    data = one.recv(65536)
                    if not data:
                        other.shutdown(socket.SHUT_WR)
                        return
                    other.sendall(data)

        return self.server(lead).port

    def unused(self, lines):
        self.assertEqual({(line["verdict"], line["title"]) for line in lines}, {("ok", "The client closed right after the handshake, without a request")})
        self.assertNotIn("client_", self.running.stderr.text)
        self.assertNotIn("failed handshake", self.running.stderr.text)

    def test_a_client_that_only_shakes_hands_has_refused_nothing(self):
        """As a health check does; it verifies in the handshake, and would have sent an alert."""
        self.tls_client(self.running, "a.test").close()
        self.tls_client(self.running, "b.test").close()
        lines = self.handshakes(2)
        self.assertEqual(len(lines), 2)
        self.unused(lines)

    def test_s_client_without_input_has_refused_nothing_in_either_version(self):
        for version, host in (("-tls1_2", "a.test"), ("-tls1_3", "b.test")):
            run("openssl", "s_client", "-proxy", f"127.0.0.1:{self.running.port}", "-connect", f"{host}:443", "-servername", host, version)
        self.unused(self.handshakes(2))

    @unittest.skipUnless(shutil.which("node"), "node is not installed")
    def test_node_that_trusts_us_and_ends_its_connection_has_refused_nothing(self):
        for version in ("TLSv1.2", "TLSv1.3"):
            self.assertEqual(run("node", "-e", NODE_ENDS, self.running.port, self.running.ca_file, version).returncode, 0)
        self.unused(self.handshakes(2))

    def test_gnutls_cli_without_input_has_refused_nothing(self):
        """It speaks no CONNECT: the tunnel is made for it, byte by byte."""
        port = self.in_tunnel("a.test")
        done = run("gnutls-cli", "--x509cafile", self.running.ca_file, "--verify-hostname", "a.test", "--sni-hostname", "a.test", "-p", port, "127.0.0.1")
        self.assertIn("Handshake was completed", done.stdout)
        self.unused(self.handshakes(1))

    def test_gnutls_cli_that_distrusts_says_so_by_an_alert(self):
        port = self.in_tunnel("a.test")
        self.assertNotEqual(run("gnutls-cli", "--verify-hostname", "a.test", "--sni-hostname", "a.test", "-p", port, "127.0.0.1").returncode, 0)
        self.running.stderr.wait_for("client_untrusted_ca")
        self.assertIn("alert bad_certificate", self.only("client_untrusted_ca")["title"])

    def test_wget_and_git_on_gnutls_close_after_the_handshake_when_they_distrust(self):
        for command in (["wget", "-q", "-O-", "https://a.test/"], ["git", "ls-remote", "https://b.test/x.git"]):
            done = run(*command, env=environment() | {"https_proxy": self.running.url, "HOME": self.directory})
            self.assertNotEqual(done.returncode, 0)
        lines = [line for line in self.handshakes(2) if line["verdict"] == "failed"]
        self.assertEqual([line["code"] for line in lines], ["client_untrusted_ca"] * 2)

    def test_a_client_that_keeps_closing_and_never_sends_a_request_likely_distrusts_and_names_no_program(self):
        for _ in range(3):
            self.tls_client(self.running, "a.test").close()
        self.running.stderr.wait_for("client_untrusted_ca")
        *unused, line = self.handshakes(3)
        self.assertEqual(len(unused), 2)
        self.assertIn("losed right after the handshake for a.test, without a request: the client likely distrusts", line["title"])
        self.assertNotIn("NODE_EXTRA_CA_CERTS", self.running.stderr.text)

    def test_a_client_that_sent_requests_may_close_others_unused(self):
        client = self.tls_client(self.running, "a.test")
        self.assertEqual(client.get("/").body, b"hello")
        for _ in range(4):
            self.tls_client(self.running, "a.test").close()
        client.close()
        self.assertEqual(self.failures(), [])

    @unittest.skipUnless(shutil.which("node"), "node is not installed")
    def test_node_is_known_by_its_hello_and_closes_when_it_distrusts(self):
        self.assertEqual(run("node", "-e", NODE.replace("servername: 'a.test'", "servername: 'a.test', maxVersion: 'TLSv1.2'"), self.running.port).returncode, 1)
        self.running.stderr.wait_for("client_untrusted_ca")
        line = self.only("client_untrusted_ca")
        self.assertIn("likely distrusts", line["title"])
        self.assertIn("NODE_EXTRA_CA_CERTS=", line["command"])

    def test_a_client_that_sent_a_request_has_refused_nothing(self):
        client = self.tls_client(self.running, "a.test")
        self.assertEqual(client.get("/").body, b"hello")
        client.close()
        self.assertEqual(self.failures(), [])

    def test_an_old_protocol_and_odd_ciphers_are_told_apart(self):
        run("openssl", "s_client", "-proxy", f"127.0.0.1:{self.running.port}", "-connect", "a.test:443", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
        run("openssl", "s_client", "-proxy", f"127.0.0.1:{self.running.port}", "-connect", "b.test:443", "-tls1_2", "-cipher", "AES128-SHA")
        self.assertEqual([line["code"] for line in self.failures()], ["client_protocol_version", "client_no_shared_cipher"])


if __name__ == "__main__":
    main()
