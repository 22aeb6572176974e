"""What is spoken inside an intercepted tunnel and is not HTTP passes as bytes, once the server has verified."""
import contextlib

from harness import Case, main, servers
from over_http2 import over_http2


def offering(*protocols):
    return lambda context: context.set_alpn_protocols(list(protocols))


def shouting(connection):
    with contextlib.suppress(OSError):
        while data := connection.recv(65536):
            connection.sendall(data.upper())


def greeting(connection):
    connection.sendall(b"* OK ready\r\n")
    shouting(connection)


class InnerProtocols(Case):
    def tunnel(self, handler, configure=None, client=None, name="good.test", proxy=None):
        server = self.tls_server(self.pki.leaf(name), handler, configure)
        self.running = self.proxy(hosts={"good.test:443": server})
        return self.client(self.running).connect("good.test:443").start_tls("good.test", configure=client)

    def test_a_client_that_speaks_first(self):
        client = self.tunnel(shouting)
        for sent in (b"\x10\x0e\x00\x04MQTT\x04", b"ping\r\n", b"\x00\xff\r\n\r\n"):
            client.send(sent)
            self.assertEqual(client.exactly(len(sent)), sent.upper())
        client.close()
        self.running.stop()
        events = [(line["event"], line.get("verdict")) for line in self.running.log()]
        self.assertIn(("upstream_handshake", "ok"), events)

    def test_a_server_that_speaks_first(self):
        client = self.tunnel(greeting)
        self.assertEqual(client.until(b"\n"), b"* OK ready\r\n")
        client.send(b"a1 noop\r\n")
        self.assertEqual(client.until(b"\n"), b"A1 NOOP\r\n")

    def test_an_alpn_without_any_http_reaches_the_server_and_decides(self):
        for protocol in ("imap", "mqtt", "foo/1"):
            with self.subTest(protocol):
                client = self.tunnel(shouting, offering(protocol), offering(protocol))
                self.assertEqual(client.socket.selected_alpn_protocol(), protocol)
                client.send(b"get / http/1.1\r\n\r\n")  # whatever it looks like
                self.assertEqual(client.until(b"\r\n\r\n"), b"GET / HTTP/1.1\r\n\r\n")

    def test_http_behind_an_alpn_that_was_not_agreed_is_still_http(self):
        client = self.tunnel(servers.answering(servers.ok()), client=offering("imap"))
        self.assertEqual(client.get("/", "good.test").body, b"hello")

    def test_a_server_that_does_not_verify_gets_nothing_and_the_client_is_closed(self):
        client = self.tunnel(shouting, name="other.test")
        client.send(b"\x10\x0e\x00\x04MQTT\x04")
        self.assertEqual(client.until_close(), b"")
        self.running.stderr.wait_for("good.test: what the client speaks is not HTTP")


class LastIntermediary(Case):
    def site(self):
        """A client in a tunnel, one at the listener, and the heads that their server gets, in lower case."""
        heads = []

        def handler(connection):
            requests = servers.Requests(connection)
            while head := requests.head():
                heads.append(head.decode().lower())
                connection.sendall(servers.ok())

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)})
        return self.tls_client(proxy, "good.test"), self.client(proxy), heads

    def test_max_forwards_is_counted_down_and_answered_at_zero(self):
        client, _, heads = self.site()
        self.assertEqual(client.request("OPTIONS * HTTP/1.1\nHost: good.test\nMax-Forwards: 0").status, 200)
        trace = client.request("TRACE /x HTTP/1.1\nHost: good.test\nCookie: secret\nMax-Forwards: 0")
        echo = "trace /x http/1.1\r\nhost: good.test\r\nmax-forwards: 0\r\n\r\n"
        self.assertEqual((trace["Content-Type"], trace.text.lower()), ("message/http", echo))
        self.assertEqual(heads, [])
        self.assertEqual(client.request("OPTIONS * HTTP/1.1\nHost: good.test\nMax-Forwards: 3").body, b"hello")
        self.assertEqual(client.get("/", "good.test", Max_Forwards="0").body, b"hello")
        self.assertEqual(heads, ["options * http/1.1\r\nhost: good.test\r\nmax-forwards: 2\r\n\r\n",
                                 "get / http/1.1\r\nhost: good.test\r\nmax-forwards: 0\r\n\r\n"])

    def test_options_for_a_whole_server_goes_on_as_an_asterisk(self):
        _, client, heads = self.site()
        self.assertEqual(client.request("OPTIONS https://good.test HTTP/1.1\nHost: good.test").body, b"hello")
        self.assertEqual(heads, ["options * http/1.1\r\nhost: good.test\r\n\r\n"])


LastIntermediaryOverHttp2 = over_http2(LastIntermediary)


class Endings(Case):
    def test_an_expectation_that_the_server_refuses_ends_without_the_body(self):
        server = self.tls_server(self.pki.leaf("good.test"), servers.answering(b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"))
        client = self.tls_client(self.proxy(hosts={"good.test:443": server}), "good.test")
        client.send(b"POST / HTTP/1.1\r\nHost: good.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        self.assertEqual(client.receive().status, 417)

    def test_close_is_said_by_either_side_for_its_own_connection_alone(self):
        server = self.server(servers.answering(servers.ok(fields=b"Connection: close\r\n")))
        client = self.client(self.proxy(hosts={"good.test:80": server}))
        for _ in range(2):
            response = client.get("http://good.test/", "good.test")
            self.assertEqual((response.body, response["Connection"]), (b"hello", None))
        self.assertEqual(server.connections, 2)
        response = client.get("http://good.test/", "good.test", Connection="close")
        self.assertEqual((response.body, response["Connection"]), (b"hello", "close"))
        self.assert_ended(client)


class OldClients(Case):
    def test_a_http_1_0_client_gets_no_chunks(self):
        body = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n5;x\r\nabcde\r\n3\r\nfgh\r\n0\r\nX: y\r\n\r\n"
        client = self.client(self.proxy(hosts={"good.test:80": self.server(servers.answering(body))}))
        client.send(b"GET http://good.test/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        self.assertEqual(client.until_close(), b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcdefgh")

    def test_trailers_that_the_limit_allows_are_left_out_however_long(self):
        trailers = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 1000) for number in range(100))
        body = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n" + trailers + b"\r\n"
        client = self.client(self.proxy("--max-header", "1M", hosts={"good.test:80": self.server(servers.answering(body))}))
        client.send(b"GET http://good.test/ HTTP/1.0\r\n\r\n")
        self.assertEqual(client.until_close(), b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde")


if __name__ == "__main__":
    main()
