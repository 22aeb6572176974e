"""The other doors of a forward listener: SOCKS 5 on the same port, a password, a browser's auto-configuration."""
import os
import select
import socket
import struct
import time

from harness import Case, main, servers
from over_http2 import over_http2
from processes import run


class WaysIn(Case):
    def curl_by(self, *arguments):
        return run("curl", "--silent", "--show-error", "--max-time", 20, *arguments)

    def good(self, name="good.test"):
        return self.tls_server(self.pki.leaf(name))


class Socks(WaysIn):
    def test_curl_reaches_a_server_by_name_through_socks_and_its_request_is_logged(self):
        proxy = self.proxy(hosts={"good.test:443": self.good()})
        done = self.curl_by("--cacert", proxy.ca_file, "-x", f"socks5h://127.0.0.1:{proxy.port}", "https://good.test/a")
        self.assertEqual((done.returncode, done.stdout), (0, "hello"), done.stderr)
        proxy.stop()
        self.assertEqual([line["url"] for line in proxy.log() if line["event"] == "request"], ["https://good.test/a"])

    def test_curl_reaches_a_server_by_address_through_socks_and_its_name_is_the_sni(self):
        proxy = self.proxy(hosts={"*:443": self.good()})
        done = self.curl_by("--cacert", proxy.ca_file, "-x", f"socks5://127.0.0.1:{proxy.port}", "--resolve", "good.test:443:192.0.2.7",
                            "https://good.test/")
        self.assertEqual((done.returncode, done.stdout), (0, "hello"), done.stderr)

    def test_the_proxys_own_page_is_there_in_a_tunnel_that_speaks_no_tls(self):
        proxy = self.proxy()
        for way in (("-p", "-x", proxy.url), ("--socks5-hostname", f"127.0.0.1:{proxy.port}")):
            with self.subTest(way):
                done = self.curl_by(*way, "http://why.tls/ca.pem")
                with open(proxy.ca_file) as file:
                    self.assertEqual(done.stdout, file.read(), done.stderr)

    def test_a_failure_is_explained_through_socks_as_well(self):
        proxy = self.proxy(hosts={"good.test:443": self.good("wrong.test")})
        done = self.curl_by("-i", "--cacert", proxy.ca_file, "-x", f"socks5h://127.0.0.1:{proxy.port}", "https://good.test/")
        self.assertIn('details="hostname_mismatch"', done.stdout)

    def test_an_untouched_host_that_refuses_is_told_in_the_reply(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            proxy = self.proxy("--passthrough", "*", hosts={"gone.test:443": unused.getsockname()[1]})
            done = self.curl_by("-x", f"socks5h://127.0.0.1:{proxy.port}", "https://gone.test/")
        self.assertEqual(done.returncode, 97)
        self.assertIn("(5)", done.stderr)  # RFC 1928 §6: connection refused

    def said(self, proxy, *messages):
        """What the proxy answers to each message, until it ends the connection."""
        answers = []
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=20) as connection:
            for message in messages:
                connection.sendall(message)
                answers.append(connection.recv(64))
                if not answers[-1]:
                    break
        return answers

    def test_what_is_no_connect_or_no_socks_is_refused(self):
        proxy = self.proxy()
        bind = b"\x05\x02\x00\x01" + socket.inet_aton("192.0.2.7") + struct.pack("!H", 80)
        self.assertEqual(self.said(proxy, b"\x05\x01\x00", bind)[1][:2], b"\x05\x07")
        self.assertEqual(self.said(proxy, b"\x05\x01\x01"), [b"\x05\xff"])
        self.assertEqual(self.said(proxy, b"\x05\x01\x00", b"GET / HTTP/1.1\r\n\r\n")[1], b"")
        proxy.stderr.wait_for("was not passed on")


class Password(WaysIn):
    def proxy_with(self, server):
        return self.proxy("--proxy-auth", "me:s3:cret", hosts={"good.test:443": server, "plain.test:80": server})

    def test_without_the_password_nothing_is_reached_by_any_way(self):
        server = self.good()
        proxy = self.proxy_with(server)
        for arguments in (["-x", proxy.url, "https://good.test/"], ["-x", proxy.url, "http://plain.test/"], [f"{proxy.url}/https://good.test/"],
                          ["-x", f"http://me:wrong@127.0.0.1:{proxy.port}", "http://plain.test/"]):
            with self.subTest(arguments):
                said = self.curl_by("-i", "-H", "Accept: text/plain", "--noproxy", "" if "-x" in arguments else "*", *arguments)
                self.assertIn("HTTP/1.1 407", said.stdout)
                self.assertIn('Proxy-Authenticate: Basic realm="whytls"', said.stdout)
                self.assertNotIn("s3", said.stdout)
        for user in ("me:wrong@", ""):
            done = self.curl_by("-x", f"socks5h://{user}127.0.0.1:{proxy.port}", "https://good.test/")
            self.assertEqual(done.returncode, 97, done.stderr)
        self.assertEqual(server.connections, 0)

    def test_with_the_password_all_is_as_without_one_and_the_server_does_not_learn_it(self):
        server = self.good()
        proxy = self.proxy_with(server)
        url = f"http://me:s3%3Acret@127.0.0.1:{proxy.port}"
        done = self.curl_by("--cacert", proxy.ca_file, "-x", url, "https://good.test/")
        self.assertEqual((done.returncode, done.stdout), (0, "hello"), done.stderr)
        done = self.curl_by("--cacert", proxy.ca_file, "-x", url.replace("http:", "socks5h:"), "https://good.test/")
        self.assertEqual((done.returncode, done.stdout), (0, "hello"), done.stderr)
        self.assertNotIn(b"uthorization", server.received)

    def test_a_client_may_try_again_on_the_same_connection(self):
        proxy = self.proxy_with(self.good())
        client = self.client(proxy)
        refused = client.request("CONNECT good.test:443 HTTP/1.1\nHost: good.test:443")
        self.assertEqual(refused.status, 407)
        client.send(b"CONNECT good.test:443 HTTP/1.1\r\nHost: good.test:443\r\nProxy-Authorization: basic bWU6czM6Y3JldA==\r\n\r\n")
        self.assertEqual(client.receive("CONNECT").status, 200)
        self.assertEqual(client.start_tls("good.test").get("/", "good.test").body, b"hello")

    def test_a_wrong_password_is_told_once_a_minute_and_a_missing_one_not_at_all(self):
        proxy = self.proxy_with(self.good())
        client = self.client(proxy)
        self.assertEqual(client.get("http://plain.test/").status, 407)
        for _ in range(3):
            self.assertEqual(client.get("http://plain.test/", Proxy_Authorization="Basic bWU6Z3Vlc3M=").status, 407)
        proxy.stop()
        self.assertEqual(proxy.stderr.text.count("[proxy_authentication_required]"), 1, proxy.stderr.text)

    def test_java_is_told_how_to_send_the_password_when_it_leaves_without_one_and_not_when_it_comes_back_with_it(self):
        connect = "CONNECT good.test:443 HTTP/1.1\r\nHost: good.test:443\r\nUser-Agent: Java/17.0.9\r\n"
        comes_back, leaves = self.proxy_with(self.good()), self.proxy_with(self.good())
        asked = [self.client(each) for each in (comes_back, leaves)]
        for client in asked:
            client.send(f"{connect}\r\n".encode())
            self.assertEqual(client.receive("CONNECT").status, 407)
        again = self.client(comes_back)  # Java does so over another connection
        again.send(f"{connect}Proxy-Authorization: Basic bWU6czM6Y3JldA==\r\n\r\n".encode())
        self.assertEqual(again.receive("CONNECT").status, 200)
        for client in asked:
            client.socket.close()
        leaves.stderr.wait_for(r"Java sends no password for tunnels by itself.*disabledSchemes= ")
        # What would have been said was said before that: both waited equally long, and this one closed first.
        self.assertNotIn("Java", comes_back.stderr.text)

    WRONG = b"GET http://plain.test/ HTTP/1.1\r\nHost: plain.test\r\nProxy-Authorization: Basic bWU6Z3Vlc3M=\r\n\r\n"
    RIGHT = WRONG.replace(b"bWU6Z3Vlc3M=", b"bWU6czM6Y3JldA==")

    def guess(self, proxy, times):
        client = self.client(proxy)
        for _ in range(times):
            client.send(self.WRONG)
            self.assertEqual(client.receive().status, 407)

    def test_after_a_few_wrong_passwords_the_right_one_waits_for_its_turn_too(self):
        proxy = self.proxy("--proxy-auth", "me:s3:cret", hosts={"plain.test:80": self.server(servers.answering(servers.ok()))})
        began = time.monotonic()
        self.guess(proxy, 3)
        client = self.client(proxy)
        client.send(self.RIGHT)
        self.assertEqual(client.receive().status, 200)
        self.assertGreater(time.monotonic() - began, 0.9)
        client.send(self.RIGHT)
        self.guess(proxy, 1)
        self.assertEqual(client.receive().status, 200, "who gave it on this connection waits no more")

    def test_wrong_passwords_over_many_connections_queue_up_or_are_not_looked_at(self):
        proxy = self.proxy_with(self.good())
        self.guess(proxy, 3)
        waiting = [self.client(proxy) for _ in range(40)]
        for client in waiting:
            client.send(self.WRONG)
        refused = []
        while len(refused) < 30:
            ready, _, _ = select.select([client.socket for client in waiting], [], [], 20)
            self.assertTrue(ready, f"{len(refused)} of 40 were refused at once")
            for client in [each for each in waiting if each.socket in ready]:
                waiting.remove(client)
                refused.append(client.receive())
        looked_at = [response for response in refused if response.status == 407]
        self.assertLess(len(looked_at), 5, "one a second")
        self.assertEqual({response["Retry-After"] for response in refused if response.status == 429}, {"10"})
        self.assertEqual(self.client(proxy).get("http://why.tls/").status, 200, "who gives no password does not wait")

    def test_the_password_is_in_no_log_and_no_message(self):
        proxy = self.proxy_with(self.good())
        self.curl_by("-x", f"http://me:guess@127.0.0.1:{proxy.port}", "https://good.test/")
        proxy.stop()
        with open(proxy.log_file, encoding="utf-8") as log:
            said = log.read() + proxy.stderr.text
        for secret in ("s3:cret", "guess", "bWU6"):
            self.assertNotIn(secret, said)


class TlsToTheProxy(WaysIn):
    """curl --proxy https://…: the proxy itself has a minted certificate."""

    def by_tls(self, proxy, *arguments):
        return self.curl_by("-x", f"https://127.0.0.1:{proxy.port}", "--proxy-cacert", proxy.ca_file, "--cacert", proxy.ca_file, *arguments)

    def test_https_goes_through_it_tls_within_tls(self):
        page = os.urandom(3_000_000)
        server = self.started(servers.Nginx(os.path.join(self.directory, "nginx"), "client_max_body_size 9m; location / { } location /up { return 200 up; }",
                                            self.pki.leaf("good.test")))
        proxy = self.proxy(hosts={"good.test:443": server})
        sent, got = os.path.join(server.directory, "page"), os.path.join(self.directory, "got")
        with open(sent, "wb") as file:
            file.write(page)
        done = self.by_tls(proxy, "--data-binary", f"@{sent}", "https://good.test/up")
        self.assertEqual((done.returncode, done.stdout), (0, "up"), done.stderr)
        done = self.by_tls(proxy, "-o", got, "https://good.test/page")
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(got, "rb") as file:
            self.assertEqual(file.read(), page)

    def test_plain_http_and_a_failure_go_through_it(self):
        plain = self.server(servers.answering(servers.ok(b"plain")))
        proxy = self.proxy(hosts={"plain.test:80": plain, "bad.test:443": self.good("wrong.test")})
        self.assertEqual(self.by_tls(proxy, "http://plain.test/").stdout, "plain")
        self.assertIn('details="hostname_mismatch"', self.by_tls(proxy, "-i", "https://bad.test/").stdout)

    def test_an_untouched_tunnel_goes_through_it(self):
        proxy = self.proxy("--passthrough", "*", hosts={"good.test:443": self.good()})
        done = self.curl_by("-x", f"https://localhost:{proxy.port}", "--proxy-cacert", proxy.ca_file, "--cacert", self.pki.trust, "https://good.test/")
        self.assertEqual((done.returncode, done.stdout), (0, "hello"), done.stderr)

    def test_a_client_that_does_not_trust_it_is_told(self):
        proxy = self.proxy()
        self.assertEqual(self.curl_by("-x", f"https://127.0.0.1:{proxy.port}", "http://plain.test/").returncode, 60)
        proxy.stderr.wait_for("does not trust the local CA")


class AutoConfiguration(WaysIn):
    def test_a_browser_learns_the_proxy_by_the_address_it_asked(self):
        proxy = self.proxy()
        done = self.curl_by("-i", "--noproxy", "*", f"{proxy.url}/proxy.pac")
        self.assertIn("application/x-ns-proxy-autoconfig", done.stdout)
        self.assertIn(f'return "PROXY 127.0.0.1:{proxy.port}";', done.stdout)
        self.assertEqual(self.curl_body(proxy, "http://why.tls/proxy.pac").decode().split("\n")[0], "function FindProxyForURL(url, host) {")

    def test_the_page_and_the_settings_name_the_listener_as_the_client_does(self):
        proxy = self.proxy("--allow-origin", "http://vm.test")
        for path in ("", "proxy.pac"):
            said = self.curl_by("--noproxy", "*", "-H", f"Host: vm.test:{proxy.port}", f"{proxy.url}/{path}").stdout
            self.assertIn(f"vm.test:{proxy.port}", said)
            self.assertNotIn(f"http://127.0.0.1:{proxy.port}", said)

    def test_node_can_run_it(self):
        proxy = self.proxy()
        script = os.path.join(self.directory, "pac.js")
        with open(script, "wb") as file:
            file.write(self.curl_body(proxy, "http://why.tls/proxy.pac"))
            file.write(b'\nconsole.log(FindProxyForURL("https://a.test/x", "a.test"), FindProxyForURL("http://127.0.0.1:%d/", "127.0.0.1"));\n' % proxy.port)
        self.assertEqual(run("node", script).stdout, f"PROXY 127.0.0.1:{proxy.port} DIRECT\n")


# Not over HTTP/2: tunnels without TLS, and bytes of SOCKS.
SocksOverHttp2 = over_http2(Socks, "test_an_untouched_host_that_refuses_is_told_in_the_reply", "test_the_proxys_own_page_is_there_in_a_tunnel_that_speaks_no_tls",
                            "test_what_is_no_connect_or_no_socks_is_refused")
# Not over HTTP/2: a CONNECT before its tunnel, and bytes of HTTP/1.1.
PasswordOverHttp2 = over_http2(
    Password, "test_a_client_may_try_again_on_the_same_connection", "test_after_a_few_wrong_passwords_the_right_one_waits_for_its_turn_too",
    "test_java_is_told_how_to_send_the_password_when_it_leaves_without_one_and_not_when_it_comes_back_with_it",
    "test_wrong_passwords_over_many_connections_queue_up_or_are_not_looked_at")


if __name__ == "__main__":
    main()
