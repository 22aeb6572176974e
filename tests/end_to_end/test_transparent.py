"""whytls proxy --transparent: clients that know of no proxy, on another machine (a network namespace), whose gateway redirects them."""
import socket

import namespaces
from harness import Case, servers
from namespaces import Neighbour, must, rules

SERVER, SERVER6 = "203.0.113.10", "2001:db8::10"
# A gateway that takes its own connections for its clients'.
OUTGOING = """chain outgoing {
    type nat hook output priority -100
    tcp dport { 443, 80, 25, 3128 } redirect to :PORT
}"""


def at(place, kind=servers.TlsServer):
    return type(kind.__name__, (kind,), {"at": place})


class Transparent(Case):
    def setUp(self):
        super().setUp()
        self.neighbour = self.started(Neighbour())
        for address in (f"{SERVER}/32", f"{SERVER6}/128"):
            must("ip", "addr", "add", address, "dev", "lo")
            self.addCleanup(namespaces.run, "ip", "addr", "del", address, "dev", "lo")
        self.addCleanup(rules, "")

    def tls_at(self, name, address=SERVER, port=443, handler=None):
        return self.started(at((address, port))(self.pki.leaf(name), handler or servers.answering(servers.ok())))

    def gateway(self, *options, rule="redirect to", address="0.0.0.0", more=""):
        proxy = self.proxy("--transparent", f"{address}:0", "--allow-remote", "--detail", "full", *options)
        port = int(proxy.stderr.wait_for(r"^listening on \S+:(\d+), for connections that are redirected")[1])
        family = "ip6" if ":" in address else "ip"
        kind = "type filter hook prerouting priority mangle" if "tproxy" in rule else "type nat hook prerouting priority dstnat"
        rules(f"""
            table {family} gateway {{
                chain incoming {{
                    {kind};
                    iifname "near" meta l4proto tcp {rule} :{port} {"meta mark set 1 accept" if "tproxy" in rule else ""}
                }}
                {more.replace("PORT", str(port))}
            }}""")
        proxy.transparent = port
        return proxy

    def fetch(self, proxy, url, *options, address=SERVER, trusting=True):
        trust = ["--cacert", proxy.ca_file] if trusting else []
        pins = ["--connect-to", f"{url.split('/')[2].split(':')[0]}::{address}:"]
        return self.neighbour.run("curl", "-sS", "--max-time", 20, *pins, *trust, *options, url)

    def test_a_client_that_knows_of_no_proxy_is_intercepted_by_the_name_that_it_says(self):
        self.tls_at("good.test")
        proxy = self.gateway()
        done = self.fetch(proxy, "https://good.test/")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "hello", ""))
        proxy.stop()
        requests = [line for line in proxy.log() if line["event"] == "request"]
        self.assertEqual([(line["url"], line["status"], line["client"].split(":")[0]) for line in requests], [("https://good.test/", 200, "10.77.0.2")])

    def test_iptables_redirects_as_well(self):
        self.tls_at("good.test")
        proxy = self.gateway()
        rules("")
        must("iptables-legacy", "-t", "nat", "-A", "PREROUTING", "-i", "near", "-p", "tcp", "-j", "REDIRECT", "--to-ports", proxy.transparent)
        self.addCleanup(must, "iptables-legacy", "-t", "nat", "-F")
        self.assertEqual(self.fetch(proxy, "https://good.test/").stdout, "hello")

    def test_by_tproxy_nothing_is_translated(self):
        must("ip", "rule", "add", "fwmark", "1", "lookup", "100")
        self.addCleanup(must, "ip", "rule", "del", "fwmark", "1", "lookup", "100")
        must("ip", "route", "add", "local", "default", "dev", "lo", "table", "100")
        self.tls_at("good.test")
        proxy = self.gateway(rule="tproxy to")
        done = self.fetch(proxy, "https://good.test/")
        self.assertEqual((done.returncode, done.stdout), (0, "hello"), done.stderr)

    def test_the_address_is_the_clients_choice_and_the_name_is_what_is_verified(self):
        self.tls_at("other.test")
        proxy = self.gateway("--resolve", "good.test:443:127.0.0.1:1")
        done = self.fetch(proxy, "https://good.test/")
        self.assertIn("hostname_mismatch", done.stdout, done.stderr)
        self.assertIn(f"connected to {SERVER}:443", done.stdout)
        self.assertIn("asked for                 good.test", done.stdout)
        proxy.stderr.wait_for(r"^good\.test:443: .*\[hostname_mismatch\]$")

    def test_without_sni_the_address_is_verified(self):
        self.tls_at("good.test")
        proxy = self.gateway()
        done = self.neighbour.run("curl", "-sS", "--max-time", 20, "--cacert", proxy.ca_file, f"https://{SERVER}/")
        self.assertIn("hostname_mismatch", done.stdout, done.stderr)
        self.assertIn(f"asked for                 {SERVER}", done.stdout)

    def test_a_server_that_is_not_there_is_told_inside_tls(self):
        proxy = self.gateway()
        done = self.fetch(proxy, "https://good.test:8443/")
        self.assertIn("connection_refused", done.stdout, done.stderr)
        self.assertIn(f"{SERVER}:8443", done.stdout)

    def test_plain_http_goes_where_the_client_connected_and_host_names_it(self):
        asked = []

        def handler(connection):
            asked.append(servers.Requests(connection).head())
            connection.sendall(servers.ok())

        self.started(at((SERVER, 80), servers.Server)(handler))
        proxy = self.gateway()
        done = self.fetch(proxy, "http://plain.test/a")
        self.assertEqual((done.returncode, done.stdout), (0, "hello"), done.stderr)
        proxy.stop()
        self.assertIn("plain.test", str(asked))
        self.assertEqual([line["url"] for line in proxy.log() if line["event"] == "request"], ["http://plain.test/a"])

    def test_the_own_page_is_there_by_its_name(self):
        proxy = self.gateway()
        for scheme in ("http", "https"):
            said = self.fetch(proxy, f"{scheme}://why.tls/").stdout
            self.assertIn("curl -o whytls-ca.pem http://why.tls/ca.pem", said)
            self.assertNotIn(str(proxy.transparent), said)  # no one reaches that by itself
        self.assertIn("BEGIN CERTIFICATE", self.fetch(proxy, "http://why.tls/ca.pem").stdout)

    def test_ipv6(self):
        self.tls_at("good.test", SERVER6)
        proxy = self.gateway(address="[::]")
        done = self.fetch(proxy, "https://good.test/", address=f"[{SERVER6}]")
        self.assertEqual((done.returncode, done.stdout), (0, "hello"), done.stderr)

    def test_other_protocols_pass_as_bytes_whoever_speaks_first(self):
        def greeting(connection):
            connection.sendall(b"220 ready\r\n")
            connection.sendall(b"you said " + connection.recv(100))

        self.started(at((SERVER, 25), servers.Server)(greeting))
        self.gateway()
        script = f"import socket; s = socket.create_connection(('{SERVER}', 25), 20); a = s.recv(99); s.sendall(b'EHLO me'); print(a + s.recv(99))"
        done = self.neighbour.run("python3", "-c", script)
        self.assertIn("220 ready\\r\\nyou said EHLO me", done.stdout, done.stderr)

    def test_binary_messages_and_lines_like_requests_pass_as_bytes(self):
        def echo(connection):
            while received := connection.recv(100):
                connection.sendall(received)

        self.started(at((SERVER, 5432), servers.Server)(echo))
        self.gateway()
        # PostgreSQL's SSLRequest, memcached, Redis, NNTP, JDWP (which ends no line).
        for sent in (b"\x00\x00\x00\x08\x04\xd2\x16\x2f", b"get key\r\n", b"GET key\r\n", b"HEAD 1\r\n", b"JDWP-Handshake"):
            script = f"import socket; s = socket.create_connection(('{SERVER}', 5432), 20); s.sendall({sent!r}); print(s.recv(99) == {sent!r})"
            self.assertEqual(self.neighbour.run("python3", "-c", script).stdout, "True\n", sent)

    def test_a_host_that_is_passed_through_keeps_its_own_certificate(self):
        self.tls_at("good.test")
        proxy = self.gateway("--passthrough", "good.test")
        self.assertEqual(self.fetch(proxy, "https://good.test/", "--cacert", self.pki.trust, trusting=False).stdout, "hello")

    def test_a_client_that_does_not_trust_the_ca_is_told(self):
        self.tls_at("good.test")
        proxy = self.gateway()
        self.assertEqual(self.fetch(proxy, "https://good.test/", trusting=False).returncode, 60)
        proxy.stderr.wait_for(r"client 10\.77\.0\.2:\d+: .*good\.test.*\[client_untrusted_ca\]")

    def test_a_connection_that_was_not_redirected_is_refused_and_told_once(self):
        proxy = self.gateway()
        for _ in range(3):
            with self.assertRaises(ConnectionResetError), socket.create_connection(("127.0.0.1", proxy.transparent), 20) as direct:
                while direct.recv(1):
                    pass
        proxy.stop()
        self.assertEqual(proxy.stderr.text.count("connected to it directly"), 1, proxy.stderr.text)

    def test_the_own_connection_that_is_redirected_back_is_refused_and_the_way_out_is_told(self):
        server = self.tls_at("good.test")
        proxy = self.gateway(more=OUTGOING)
        done = self.fetch(proxy, "https://good.test/")
        self.assertIn("proxy_loop", done.stdout, done.stderr)
        self.assertIn("--uid-owner", done.stdout)
        proxy.stderr.wait_for(r"own connection to 203\.0\.113\.10:443 was redirected back to it: .*--uid-owner 0 -j RETURN \[proxy_loop\]")
        script = f"import socket; s = socket.create_connection(('{SERVER}', 25), 20); print(s.recv(99))"
        self.neighbour.run("python3", "-c", script)  # who waits for the server to speak goes in no circle either
        proxy.stop()
        self.assertEqual(proxy.stderr.text.count("was redirected back to it:"), 1)
        self.assertEqual(server.connections, 0)

    def test_a_circle_of_plain_http_is_told_as_one(self):
        proxy = self.gateway(more=OUTGOING)
        said = self.fetch(proxy, "http://plain.test/").stdout
        self.assertIn("proxy_loop", said)
        self.assertIn("--uid-owner", said)

    def test_a_circle_through_the_parent_proxy_ends(self):
        proxy = self.gateway("--upstream-proxy", f"http://{SERVER}:3128", more=OUTGOING)
        done = self.fetch(proxy, "https://good.test/")
        self.assertIn("proxy_loop", done.stdout, done.stderr)
        proxy.stop()
        self.assertEqual(proxy.stderr.text.count("was redirected back to it:"), 1, proxy.stderr.text)

    def test_the_exemption_that_is_told_works(self):
        self.tls_at("good.test")
        proxy = self.gateway(more=OUTGOING.replace("tcp", "meta skuid 0 return\ntcp"))
        self.assertEqual(self.fetch(proxy, "https://good.test/").stdout, "hello")


if __name__ == "__main__":
    namespaces.main()
