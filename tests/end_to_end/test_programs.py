"""Programs that developers write, through the proxy: Node's http module with a proxy agent, its fetch, and Python's own clients."""
import hashlib
import http.client
import json
import os
import re
import ssl
import urllib.error
import urllib.request

from harness import Case, main, servers
from processes import PATIENCE, SOURCE, environment, run

PROXIED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients", "proxied.js")
MODULES = os.path.join(SOURCE, "build", "node", "node_modules")
PIECE = b"x" * 65536


def digesting(connection):
    """Answers each request with the SHA-256 of its body."""
    requests = servers.Requests(connection)
    while head := requests.head():
        body = chunked(requests) if b"chunked" in head else requests.body(int(re.search(rb"(?i)content-length: (\d+)", head)[1]))
        connection.sendall(servers.ok(hashlib.sha256(body).hexdigest().encode()))


def chunked(requests):
    body = b""
    while size := int(requests.until(b"\r\n").strip() or b"0", 16):  # nothing: the client hung up
        body += requests.body(size + 2)[:size]
    requests.until(b"\r\n")
    return body


def endless(connection):
    """An answer that goes on for as long as somebody reads it."""
    servers.Requests(connection).head()
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + PIECE + b"\r\n")


class Programs(Case):
    def setUp(self):
        super().setUp()
        self.good = self.tls_server(self.pki.leaf("good.test"))
        self.wrong = self.tls_server(self.pki.leaf("other.test"))
        self.running = self.proxy(hosts={
            "good.test:443": self.good, "wrong.test:443": self.wrong, "plain.test:80": self.server(servers.answering(servers.ok(b"plain"))),
            "digest.test:443": self.tls_server(self.pki.leaf("digest.test"), digesting),
            "endless.test:443": self.tls_server(self.pki.leaf("endless.test"), endless)})

    def node(self, story):
        done = run("node", PROXIED, story, self.running.url, self.running.ca_file, env=environment() | {"NODE_PATH": MODULES})
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def tunnelled(self, host):
        """Python's http.client in a tunnel through the proxy."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.running.port, timeout=PATIENCE,
                                                 context=ssl.create_default_context(cafile=self.running.ca_file))
        connection.set_tunnel(host)
        self.addCleanup(connection.close)
        return connection

    def opener(self):
        proxies = urllib.request.ProxyHandler({"http": self.running.url, "https": self.running.url})
        return urllib.request.build_opener(proxies, urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=self.running.ca_file)))

    def requests(self):
        self.running.stop()
        return [line for line in self.running.log() if line["event"] == "request"]


class Node(Programs):
    def test_an_agent_that_keeps_its_tunnel_uses_it_again(self):
        self.assertEqual(self.node("kept_alive"), [False, True, True, True, True])
        self.assertEqual(self.good.connections, 1)

    def test_a_stream_is_uploaded_in_chunks(self):
        self.assertTrue(self.node("upload"))

    def test_a_failing_host_gives_a_body_to_read_and_leaves_the_tunnel_in_use(self):
        said = self.node("failing")
        self.assertEqual(said["status"], 502)
        self.assertIn('details="hostname_mismatch"', said["said"])
        self.assertIn("other.test", said["text"])
        self.assertLessEqual(max(map(len, said["text"].splitlines())), 100)
        self.assertEqual(said["report"]["code"], "hostname_mismatch")
        self.assertTrue(said["reused"])
        self.assertEqual(self.wrong.received, b"")

    def test_who_hangs_up_in_an_answer_disturbs_nobody_else(self):
        self.assertEqual(self.node("aborted"), {"cut": "ECONNRESET", "after": 200})

    def test_who_hangs_up_in_an_upload_disturbs_nobody_else(self):
        self.assertEqual(self.node("upload_aborted"), {"cut": "AbortError", "after": 200})

    def test_the_proxy_may_be_asked_for_an_https_url_without_a_tunnel(self):
        self.assertEqual(self.node("absolute_form"), "hello")

    def test_fetch_works_with_undicis_proxy_agent(self):
        self.assertEqual(self.node("fetch"), {"good": "hello", "plain": "plain", "many": "hello" * 20, "uploaded": True,
                                              "failed": [502, "hostname_mismatch"]})


class Python(Programs):
    def test_http_client_asks_again_and_again_in_one_tunnel(self):
        connection = self.tunnelled("good.test")
        for _ in range(5):
            connection.request("GET", "/")
            self.assertEqual(connection.getresponse().read(), b"hello")
        self.assertEqual(self.good.connections, 1)
        self.assertEqual([line["status"] for line in self.requests()], [200] * 5)

    def test_http_client_uploads_what_an_iterator_gives(self):
        connection = self.tunnelled("digest.test")
        for body in (iter([PIECE] * 64), PIECE * 64):
            connection.request("POST", "/", body=body, headers={"Content-Type": "application/octet-stream"})
            self.assertEqual(connection.getresponse().read().decode(), hashlib.sha256(PIECE * 64).hexdigest())

    def test_http_client_reads_why_a_host_fails_and_asks_again_in_the_same_tunnel(self):
        connection = self.tunnelled("wrong.test")
        for _ in range(2):
            connection.request("POST", "/", body=b"secret", headers={"Accept": "application/json"})
            response = connection.getresponse()
            self.assertEqual((response.status, json.load(response)["code"]), (502, "hostname_mismatch"))
        self.assertEqual(self.wrong.received, b"")

    def test_http_client_that_hangs_up_in_an_answer_is_logged_and_the_server_is_left(self):
        connection = self.tunnelled("endless.test")
        connection.request("GET", "/")
        self.assertEqual(connection.getresponse().read(10), b"x" * 10)
        connection.close()
        self.assertEqual(len(self.requests()), 1)

    def test_urllib_reads_http_and_https_and_the_reason_of_a_failure(self):
        opener = self.opener()
        self.assertEqual(opener.open("https://good.test/", timeout=PATIENCE).read(), b"hello")
        self.assertEqual(opener.open("http://plain.test/", timeout=PATIENCE).read(), b"plain")
        with self.assertRaises(urllib.error.HTTPError) as raised:
            opener.open("https://wrong.test/", timeout=PATIENCE)
        with raised.exception as answer:
            self.assertEqual(answer.code, 502)
            self.assertIn("other.test", answer.read().decode())

    def test_a_program_that_knows_nothing_of_it_is_led_by_its_environment(self):
        program = "import urllib.request; print(urllib.request.urlopen('https://good.test/').read().decode())"
        done = run("python3", "-c", program, env=environment() | {"https_proxy": self.running.url, "SSL_CERT_FILE": self.running.ca_file})
        self.assertEqual((done.returncode, done.stdout), (0, "hello\n"), done.stderr)


if __name__ == "__main__":
    main()
