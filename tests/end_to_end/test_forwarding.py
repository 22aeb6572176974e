"""What works must pass as if the proxy were not there."""
import contextlib
import hashlib
import os
import socket
import threading

from harness import Case, main, servers
from over_http2 import over_http2


class Forwarding(Case):
    def nginx(self, locations, names=("good.test",)):
        return self.started(servers.Nginx(os.path.join(self.directory, "nginx"), locations, self.pki.leaf(*names), http2=self.http2))

    def test_curl_gets_an_https_page_exactly_and_twice_on_one_connection(self):
        page = os.urandom(300_000)
        server = self.nginx("location / { }")
        with open(os.path.join(server.directory, "page"), "wb") as file:
            file.write(page)
        proxy = self.proxy(hosts={"good.test:443": server})
        done = self.curl(proxy, "-w", "%{stderr}%{http_code} %{num_connects}\n", "https://good.test/page", "https://good.test/page")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, page * 2)
        # The second transfer opened no connection of its own.
        self.assertEqual(done.stderr.decode().splitlines(), ["200 1", "200 0"])

    def test_curl_gets_a_plain_http_page_in_absolute_form(self):
        asked = []

        def handler(connection):
            requests = servers.Requests(connection)
            while head := requests.head():
                asked.append(head.decode())
                connection.sendall(servers.ok(b"plain"))

        server = self.server(handler)
        proxy = self.proxy(hosts={"plain.test:80": server})
        self.assertEqual(self.curl_body(proxy, "http://plain.test/a?b=c"), b"plain")
        self.assertTrue(asked[0].startswith("GET /a?b=c HTTP/1.1\r\n"), asked[0])
        self.assertIn("\r\nHost: plain.test\r\n", asked[0])

    def test_a_request_loses_what_is_for_the_proxy_alone_and_nothing_else(self):
        server = self.tls_server(self.pki.leaf("good.test"))
        proxy = self.proxy(hosts={"good.test:443": server})
        client = self.client(proxy)
        response = client.request("""GET https://good.test/x HTTP/1.1
Host: good.test
X-First: 1
Proxy-Connection: keep-alive
Proxy-Authorization: Basic c2VjcmV0
Connection: X-Second
X-Second: 2
TE: trailers
x-Third:  3
Accept-Encoding: br""")
        self.assertEqual((response.status, response.body), (200, b"hello"))
        self.assertEqual(server.received, b"GET /x HTTP/1.1\r\nHost: good.test\r\nX-First: 1\r\nx-Third: 3\r\nAccept-Encoding: br\r\n\r\n")

    def test_https_in_absolute_form_is_secured_by_the_proxy(self):
        server = self.tls_server(self.pki.leaf("good.test"))
        proxy = self.proxy(hosts={"good.test:8443": server})
        client = self.client(proxy)
        for _ in range(2):
            self.assertEqual(client.get("https://good.test:8443/", host="good.test:8443").body, b"hello")
        self.assertEqual(server.connections, 1)

    def test_one_connection_serves_several_hosts_in_absolute_form(self):
        one = self.server(servers.answering(servers.ok(b"one")))
        two = self.tls_server(self.pki.leaf("two.test"), servers.answering(servers.ok(b"two")))
        proxy = self.proxy(hosts={"one.test:80": one, "two.test:443": two})
        client = self.client(proxy)
        self.assertEqual([client.get("http://one.test/").body, client.get("https://two.test/").body, client.get("http://one.test/").body],
                         [b"one", b"two", b"one"])

    def test_pipelined_requests_are_answered_in_order(self):
        def handler(connection):
            requests = servers.Requests(connection)
            while head := requests.head():
                connection.sendall(servers.ok(head.split(b" ")[1]))

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)})
        client = self.tls_client(proxy, "good.test")
        client.send(b"".join(b"GET /%d HTTP/1.1\r\nHost: good.test\r\n\r\n" % number for number in range(20)))
        self.assertEqual([client.receive().body for _ in range(20)], [b"/%d" % number for number in range(20)])

    def test_chunks_pass_both_ways_with_their_trailers(self):
        bodies = []

        def handler(connection):
            requests = servers.Requests(connection)
            requests.head()
            bodies.append(requests.until(b"0\r\nA: b\r\n\r\n"))
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nC: d\r\n\r\n")

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)})
        client = self.tls_client(proxy, "good.test")
        client.send(b"POST / HTTP/1.1\r\nHost: good.test\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send(b"4;q\r\nwxyz\r\n0\r\nA: b\r\n\r\n")
        status, _, fields = client.receive_head()
        self.assertEqual((status, fields["transfer-encoding"]), (200, "chunked"))
        self.assertEqual(client.until(b"C: d\r\n\r\n"), b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nC: d\r\n\r\n")
        self.assertEqual(bodies, [b"4;q\r\nwxyz\r\n0\r\nA: b\r\n\r\n"])

    def test_curl_uploads_in_chunks_and_downloads_in_chunks(self):
        server = self.nginx("gzip on; gzip_types *; gzip_min_length 1; location / { }")
        page = b"0123456789" * 20_000
        path = os.path.join(server.directory, "page")
        with open(path, "wb") as file:
            file.write(page)
        proxy = self.proxy(hosts={"good.test:443": server})
        done = self.curl(proxy, "--compressed", "-D", "/dev/stderr", "https://good.test/page")
        self.assertEqual(done.stdout, page)
        self.assertIn(b"content-encoding: gzip" if self.http2 else b"transfer-encoding: chunked", done.stderr.lower())

    def test_a_client_that_expects_100_continue_gets_it_from_the_server(self):
        def handler(connection):
            requests = servers.Requests(connection)
            assert b"expect: 100-continue" in requests.head().lower()
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.sendall(servers.ok(requests.body(5)))

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)})
        client = self.tls_client(proxy, "good.test")
        client.send(b"POST / HTTP/1.1\r\nHost: good.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        self.assertEqual(client.receive_head()[0], 100)
        client.send(b"12345")
        self.assertEqual(client.receive().body, b"12345")

    def test_a_server_may_refuse_before_the_body_was_sent(self):
        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
            connection.shutdown(socket.SHUT_WR)
            servers.drain(connection)

        proxy = self.proxy(hosts={"good.test:80": self.server(handler)})
        client = self.client(proxy)
        client.send(b"POST http://good.test/ HTTP/1.1\r\nHost: good.test\r\nContent-Length: 500\r\nExpect: 100-continue\r\n\r\n")
        response = client.receive()
        self.assertEqual((response.status, response.body), (413, b"no"))

    def test_responses_without_a_body_leave_the_connection_in_order(self):
        answers = {b"HEAD": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"/204": b"HTTP/1.1 204 No Content\r\n\r\n",
                   b"/304": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\nETag: \"x\"\r\n\r\n", b"/200": servers.ok(b"body")}

        def handler(connection):
            requests = servers.Requests(connection)
            while head := requests.head():
                method, target = head.split(b" ")[:2]
                connection.sendall(answers[b"HEAD" if method == b"HEAD" else target])

        server = self.tls_server(self.pki.leaf("good.test"), handler)
        proxy = self.proxy(hosts={"good.test:443": server})
        client = self.tls_client(proxy, "good.test")
        head = client.request("HEAD /200 HTTP/1.1\nHost: good.test")
        self.assertEqual((head.status, head["Content-Length"]), (200, "1000"))
        self.assertEqual(client.get("/204", host="good.test").status, 204)
        self.assertEqual(client.get("/304", host="good.test").status, 304)
        self.assertEqual(client.get("/200", host="good.test").body, b"body")
        self.assertEqual(server.connections, 1)

    def test_interim_responses_reach_the_client_before_the_final_one(self):
        handler = servers.answering(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + servers.ok())
        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)})
        client = self.tls_client(proxy, "good.test")
        client.send(b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n")
        self.assertEqual(client.receive_head()[0], 103)
        self.assertEqual(client.receive().body, b"hello")

    def test_a_body_that_lasts_until_close_arrives_whole_and_closes(self):
        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 100_000)

        proxy = self.proxy(hosts={"good.test:80": self.server(handler)})
        client = self.client(proxy)
        response = client.get("http://good.test/")
        self.assertEqual(len(response.body), 100_000)

    def test_a_http_1_0_client_is_served_and_its_connection_closed(self):
        proxy = self.proxy(hosts={"good.test:80": self.server(servers.answering(servers.ok()))})
        client = self.client(proxy)
        client.send(b"GET http://good.test/ HTTP/1.0\r\n\r\n")
        self.assertEqual(client.receive().body, b"hello")
        self.assert_ended(client)

    def test_a_tunnel_that_is_not_tls_passes_untouched_when_the_client_speaks_first(self):
        def echo(connection):
            while data := connection.recv(65536):
                connection.sendall(data.upper())

        proxy = self.proxy(hosts={"echo.test:7": self.server(echo)})
        client = self.client(proxy).connect("echo.test:7")
        client.send(b"hello\n")
        self.assertEqual(client.exactly(6), b"HELLO\n")
        client.send(b"\x00\xff\r\n\r\n")
        self.assertEqual(client.exactly(6), b"\x00\xff\r\n\r\n")

    def test_a_tunnel_that_is_not_tls_passes_untouched_when_the_server_speaks_first(self):
        def ssh(connection):
            connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
            connection.sendall(connection.recv(100))

        proxy = self.proxy(hosts={"ssh.test:22": self.server(ssh)})
        client = self.client(proxy).connect("ssh.test:22")
        self.assertEqual(client.until(b"\n"), b"SSH-2.0-OpenSSH_9.2\r\n")
        client.send(b"SSH-2.0-mine\r\n")
        self.assertEqual(client.until(b"\n"), b"SSH-2.0-mine\r\n")
        self.assert_ended(client)

    def test_a_tunnel_passes_each_sides_end_on_by_itself(self):
        def handler(connection):
            received = b""
            while data := connection.recv(65536):
                received += data
            connection.sendall(hashlib.sha256(received).hexdigest().encode())

        sent = os.urandom(1_000_000)
        proxy = self.proxy(hosts={"half.test:9": self.server(handler)})
        client = self.client(proxy).connect("half.test:9")
        client.send(b"\n" + sent)
        client.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(client.until_close().decode(), hashlib.sha256(b"\n" + sent).hexdigest())

    def test_a_host_to_pass_through_keeps_its_own_certificate(self):
        server = self.tls_server(self.pki.leaf("pinned.test"))
        proxy = self.proxy("--passthrough", "*.test", hosts={"pinned.test:443": server})
        client = self.client(proxy).connect("pinned.test:443").start_tls("pinned.test", self.pki.trust)
        self.assertEqual(client.get("/").body, b"hello")

    def test_the_clients_sni_and_alpn_reach_the_server(self):
        seen = []

        def configure(context):
            context.set_alpn_protocols(["http/1.1"])
            context.sni_callback = lambda _, name, __: seen.append(name)

        def handler(connection):
            seen.append(connection.selected_alpn_protocol())
            servers.answering(servers.ok())(connection)

        server = self.tls_server(self.pki.leaf("good.test"), handler, configure)
        proxy = self.proxy(hosts={"good.test:443": server})
        client = self.client(proxy).connect("good.test:443")
        client.start_tls("good.test", configure=lambda context: context.set_alpn_protocols(["http/1.1"]))
        self.assertEqual(client.socket.selected_alpn_protocol(), "http/1.1")
        self.assertEqual(client.get("/").body, b"hello")
        self.assertEqual(seen, ["good.test", "http/1.1"])

    def test_the_minted_certificate_names_the_host_and_is_signed_by_the_ca(self):
        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"))})
        certificate = self.tls_client(proxy, "good.test").socket.getpeercert()
        self.assertEqual(certificate["subjectAltName"], (("DNS", "good.test"),))

    def test_a_server_is_verified_for_an_ip_address_too(self):
        proxy = self.proxy(hosts={"192.0.2.7:443": self.tls_server(self.pki.leaf("192.0.2.7"))})
        self.assertEqual(self.curl_body(proxy, "https://192.0.2.7/"), b"hello")

    def test_openssl_s_server_speaks_to_the_proxy_in_both_versions(self):
        identity = self.pki.leaf("good.test")
        old, new = (self.started(servers.OpensslServer(identity, version)) for version in ("-tls1_2", "-tls1_3"))
        proxy = self.proxy(hosts={"good.test:1": old, "good.test:2": new})
        self.assertIn(b"TLSv1.2", self.curl_body(proxy, "--http1.0", "https://good.test:1/"))
        self.assertIn(b"TLSv1.3", self.curl_body(proxy, "--http1.0", "https://good.test:2/"))

    def test_a_client_that_hangs_up_in_a_download_ends_the_servers_side(self):
        ended = threading.Event()

        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n")
            try:
                while True:
                    connection.sendall(b"x" * 65536)
            except OSError:
                ended.set()

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)})
        for leave in (lambda client: client.close(), lambda client: client.reset()):
            ended.clear()
            client = self.tls_client(proxy, "good.test")
            client.send(b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n")
            client.exactly(100_000)
            leave(client)
            self.assertTrue(ended.wait(30), "the server was left sending")

    def test_a_client_that_hangs_up_before_the_response_ends_the_servers_side(self):
        waiting, ended = threading.Event(), threading.Event()

        def handler(connection):
            servers.Requests(connection).head()
            waiting.set()
            with contextlib.suppress(OSError):
                connection.recv(1)
            ended.set()

        proxy = self.proxy(hosts={"good.test:80": self.server(handler)})
        client = self.client(proxy)
        client.send(b"GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\n\r\n")
        self.assertTrue(waiting.wait(30))
        client.reset()
        self.assertTrue(ended.wait(30), "the server was left waiting")

    def test_a_body_that_the_server_cuts_short_is_cut_short_for_the_client(self):
        cut = {b"/length": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 500,
               b"/chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n" + b"x" * 500 + b"\r\n"}

        def handler(connection):
            connection.sendall(cut[servers.Requests(connection).head().split(b" ")[1]])

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)})
        for target in ("/length", "/chunked"):
            with self.subTest(target):
                client = self.tls_client(proxy, "good.test")
                response = client.get(target)
                self.assertEqual((response.status, response.body, response.complete), (200, b"x" * 500, False))

    def test_a_server_that_closes_an_idle_connection_is_asked_again_on_a_new_one(self):
        closed = threading.Semaphore(0)

        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(servers.ok())
            connection.shutdown(socket.SHUT_RDWR)
            closed.release()

        server = self.server(handler)
        proxy = self.proxy(hosts={"good.test:80": server})
        client = self.client(proxy)
        for _ in range(3):
            self.assertEqual(client.get("http://good.test/").body, b"hello")
            self.assertTrue(closed.acquire(timeout=30))
        self.assertEqual(server.connections, 3)

    def test_a_response_that_trickles_arrives_as_it_comes(self):
        go = threading.Semaphore(0)

        def handler(connection):
            servers.Requests(connection).head()
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n":
                connection.sendall(bytes([byte]))
            for byte in b"abc":
                go.acquire(timeout=30)
                connection.sendall(bytes([byte]))

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)})
        client = self.tls_client(proxy, "good.test")
        client.send(b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n")
        self.assertEqual(client.receive_head()[0], 200)
        for byte in (b"a", b"b", b"c"):
            go.release()  # the next byte is sent only when the last one has arrived
            self.assertEqual(client.exactly(1), byte)

    def test_a_connection_that_switches_protocols_passes_both_ways(self):
        def handler(connection):
            head = servers.Requests(connection).head()
            assert b"Upgrade: websocket" in head and b"Connection: Upgrade" in head
            connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x02hi")
            while data := connection.recv(65536):
                connection.sendall(data)

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)})
        client = self.tls_client(proxy, "good.test")
        client.send(b"GET / HTTP/1.1\r\nHost: good.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        self.assertEqual(client.receive_head()[0], 101)
        self.assertEqual(client.exactly(4), b"\x81\x02hi")
        client.send(b"\x00GET / HTTP/1.1\r\n\r\n")
        self.assertEqual(client.exactly(19), b"\x00GET / HTTP/1.1\r\n\r\n")

    def test_an_offer_of_http2_in_the_clear_ends_here_for_its_settings_do(self):
        """As Java's HttpClient and curl --http2 make it (RFC 7540 section 3.2); a server that got half of it would answer 400."""
        heads = []

        def handler(connection):
            heads.append(servers.Requests(connection).head())
            connection.sendall(servers.ok())

        proxy = self.proxy(hosts={"plain.test:80": self.server(handler)})
        for target, host in (("http://plain.test/", "plain.test"), ("/http://plain.test/", f"127.0.0.1:{proxy.port}")):
            done = self.client(proxy).get(target, host, Connection="Upgrade, HTTP2-Settings", Upgrade="h2c", HTTP2_Settings="AAEAAEAAAAIAAAAB")
            self.assertEqual(done.status, 200)
            self.assertNotRegex(heads.pop(), rb"(?i)upgrade|settings")


# Not over HTTP/2: tunnels of what is no HTTP, a change of protocol, a choice of HTTP/1.1, its chunks as they were written and its connection's end. A body that
# is cut short has its test in test_http2_messages: a reset may overtake the content before it.
ForwardingOverHttp2 = over_http2(
    Forwarding, "test_a_body_that_the_server_cuts_short_is_cut_short_for_the_client", "test_a_connection_that_switches_protocols_passes_both_ways",
    "test_a_http_1_0_client_is_served_and_its_connection_closed", "test_a_request_loses_what_is_for_the_proxy_alone_and_nothing_else",
    "test_a_tunnel_passes_each_sides_end_on_by_itself", "test_a_tunnel_that_is_not_tls_passes_untouched_when_the_client_speaks_first",
    "test_a_tunnel_that_is_not_tls_passes_untouched_when_the_server_speaks_first", "test_an_offer_of_http2_in_the_clear_ends_here_for_its_settings_do",
    "test_chunks_pass_both_ways_with_their_trailers", "test_the_clients_sni_and_alpn_reach_the_server")


if __name__ == "__main__":
    main()
