"""The client's side: one that does not trust the CA, hangs up, or speaks something else; and the page that helps it."""
import os
import socket
import ssl

from harness import Case, Client, main, servers
from processes import run


class Clients(Case):
    def setUp(self):
        super().setUp()
        self.running = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"))})

    def logged(self, event):
        self.running.stop()
        return [line for line in self.running.log() if line["event"] == event]

    def test_a_client_that_does_not_trust_the_ca_is_told_on_stderr_and_in_the_log_how_to(self):
        done = self.curl(self.running, "https://good.test/", trusting=False)
        self.assertEqual(done.returncode, 60, done.stderr)
        self.running.stderr.wait_for("client_untrusted_ca")
        lines = self.logged("client_handshake")
        self.assertEqual(len(lines), 1, lines)
        self.assertEqual((lines[0]["code"], lines[0]["sni"]), ("client_untrusted_ca", "good.test"))
        self.assertTrue(lines[0]["client"].startswith("127.0.0.1:"))
        self.assertTrue(lines[0]["fix"])

    def test_the_same_client_and_host_are_told_on_stderr_once_in_ten_seconds(self):
        for _ in range(5):
            self.assertEqual(self.curl(self.running, "https://good.test/", trusting=False).returncode, 60)
        self.running.stderr.wait_for("client_untrusted_ca")
        self.running.stop()
        self.assertEqual(self.running.stderr.text.count("[client_untrusted_ca]"), 1)

    def test_a_client_that_hangs_up_in_the_handshake_is_reported(self):
        client = self.client(self.running).connect("good.test:443")
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        hello = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="good.test")
        with self.assertRaises(ssl.SSLWantReadError):
            hello.do_handshake()
        client.send(outgoing.read())
        client.socket.recv(1)  # the proxy's answer has begun
        client.close()
        self.running.stderr.wait_for("client_closed")
        self.assertEqual([line["code"] for line in self.logged("client_handshake")], ["client_closed"])

    def test_a_client_of_an_old_protocol_is_reported(self):
        done = run("curl", "-sS", "--proxy", self.running.url, "--cacert", self.running.ca_file, "--tls-max", "1.1", "--ciphers",
                   "DEFAULT@SECLEVEL=0", "https://good.test/")
        self.assertEqual(done.returncode, 35, done.stderr)
        self.running.stderr.wait_for("client_protocol_version")
        self.assertEqual([line["code"] for line in self.logged("client_handshake")], ["client_protocol_version"])

    def test_openssl_s_client_completes_the_handshake_through_the_proxy(self):
        done = run("openssl", "s_client", "-proxy", f"127.0.0.1:{self.running.port}", "-connect", "good.test:443", "-servername", "good.test",
                   "-CAfile", self.running.ca_file, "-verify_return_error", "-verify_hostname", "good.test", "-brief")
        self.assertIn("Verification: OK", done.stdout + done.stderr)

    def test_a_request_that_is_not_http_gets_400_and_is_logged(self):
        for sent in (b"hello there\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                     b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", b"GET / HTTP/3.7\r\n\r\n"):
            with self.subTest(sent):
                client = self.client(self.running)
                client.send(sent)
                response = client.receive()
                self.assertEqual(response.status, 400)
                self.assertIn('details="request_rejected"', response["Proxy-Status"])
                self.assert_ended(client)
        lines = self.logged("request")
        self.assertEqual([(line["status"], line["code"]) for line in lines], [(400, "request_rejected")] * 5)

    def test_what_begins_like_tls_and_is_none_gets_400_too(self):
        client = self.client(self.running)
        client.send(b"\x16\x03\x01\x00\x05hello")
        response = client.receive()
        self.assertEqual(response.status, 400)
        self.assertIn('details="client_not_tls"', response["Proxy-Status"])
        self.assert_ended(client)

    def test_a_request_that_smuggles_inside_a_tunnel_gets_400_and_nothing_of_it_passes(self):
        server = self.tls_server(self.pki.leaf("other.test"))
        proxy = self.proxy(hosts={"other.test:443": server})
        client = self.tls_client(proxy, "other.test")
        client.send(b"POST / HTTP/1.1\r\nHost: other.test\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n")
        self.assertEqual(client.receive().status, 400)
        self.assert_ended(client)
        self.assertEqual(server.received, b"")

    def test_a_head_without_end_is_refused_and_not_kept(self):
        client = self.client(self.running)
        with self.assertRaises((AssertionError, OSError, EOFError)):
            client.send(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
            for _ in range(2000):
                client.send(b"x" * 65536)
            self.assertNotEqual(client.receive().status, 431)
        self.assertLess(self.running.peak_memory(), (400 if os.environ.get("WHYTLS_SANITIZE") else 64) << 20)

    def test_a_connect_without_a_port_gets_400(self):
        for target in ("good.test", "good.test:0", "https://good.test/", "good.test:99999", "u@good.test:443"):
            with self.subTest(target):
                self.assertEqual(self.client(self.running).request(f"CONNECT {target} HTTP/1.1\nHost: good.test").status, 400)

    def test_many_clients_that_come_and_go_at_once_leave_the_proxy_well(self):
        clients = [socket.create_connection(("127.0.0.1", self.running.port)) for _ in range(200)]
        for number, client in enumerate(clients):
            if number % 3 == 0:
                client.sendall(b"CONNECT good.test:443 HTTP/1.1\r\nHost: good.test:443\r\n\r\n")
            if number % 3 == 1:
                client.sendall(b"GET http://good")
            if number % 2:
                servers.reset(client)
            else:
                client.close()
        self.assertEqual(self.tls_client(self.running, "good.test").get("/").body, b"hello")

    def test_the_proxys_own_page_is_there_through_the_proxy_and_on_the_listener(self):
        self.assertIn("whytls is running", self.curl_body(self.running, "https://why.tls/").decode())
        through = self.curl_body(self.running, "http://why.tls/").decode()
        direct = run("curl", "-sS", self.running.url + "/").stdout
        for page in (through, direct):
            self.assertIn("ca.pem", page)
            self.assertIn(f"127.0.0.1:{self.running.port}", page)
            for client in ("curl", "Postman", "Node", "Python", "Java"):
                self.assertIn(client, page)
        html = self.curl(self.running, "-H", "Accept: text/html", "http://why.tls/").stdout.decode()
        self.assertTrue(html.lstrip().lower().startswith("<!doctype html>"), html[:100])
        self.assertEqual(html.count("<script"), 1)

    def test_the_ca_to_download_is_the_one_in_the_directory(self):
        with open(self.running.ca_file, "rb") as file:
            certificate = file.read()
        self.assertEqual(self.curl_body(self.running, "http://why.tls/ca.pem"), certificate)
        self.assertEqual(self.client(self.running).get("/ca.pem", host="localhost").body, certificate)
        der = self.curl_body(self.running, "http://why.tls/ca.der")
        self.assertEqual(ssl.DER_cert_to_PEM_cert(der).split(), certificate.decode().split())

    def test_the_own_page_is_the_listeners_under_its_own_names_only(self):
        port = self.running.port
        for path in ("/", "/ca.pem", "/ca.der", "/proxy.pac", "/nothing"):
            for host in (f"evil.example:{port}", "127.0.0.1.evil.example", "localhost.evil.example", f"0.0.0.0:{port}", "why.tls.evil.example", "whytls"):
                for accept in ("*/*", "text/html"):
                    with self.subTest(path=path, host=host, accept=accept):
                        response = self.client(self.running).get(path, host=host, Accept=accept)
                        self.assertEqual(response.status, 421)
                        self.assertIn(f"http://127.0.0.1:{port}/", response.text)
                        self.assertNotIn("BEGIN CERTIFICATE", response.text)
                        self.assertNotIn(self.running.ca_dir, response.text)
            for host in (f"127.0.0.1:{port}", f"LOCALHOST:{port}", "localhost.", f"[::1]:{port}", "why.tls", "why.tls."):
                with self.subTest(path=path, host=host):
                    response = self.client(self.running).get(path, host=host)
                    self.assertEqual(response.status, 404 if path == "/nothing" else 200)
                    self.assertEqual(response["X-Content-Type-Options"], "nosniff")
                    self.assertEqual(response["Cross-Origin-Resource-Policy"], "same-origin")
        named = self.proxy("--allow-origin", "http://vm:8080")
        self.assertEqual(self.client(named).get("/", host="vm").status, 200)

    def test_what_the_own_page_does_not_have_is_not_found(self):
        client = Client(self.running)
        self.addCleanup(client.close)
        self.assertEqual(client.get("http://why.tls/nothing").status, 404)
        self.assertEqual(client.request("DELETE http://why.tls/ HTTP/1.1\nHost: why.tls").status, 405)
        self.assertEqual(client.get("http://why.tls/").status, 200)


if __name__ == "__main__":
    main()
