"""Servers that take HTTP/2 only, before clients of HTTP/1.1."""
import servers
from harness import main
from http2 import offering_h2, serving
from http2_case import Http2Case


class WithoutAlert(Http2Case):
    """Servers that take HTTP/2 only, but answer the offer of http/1.1 with no alert: no fault of theirs for a client of HTTP/1.1."""

    def test_their_answer_arrives_however_they_refuse_http1(self):
        def speaks_http2(connection):
            return serving(lambda stream: (stream.body(), stream.respond(body=b"got " + stream.body())))(connection)

        def begins(connection):
            if connection.selected_alpn_protocol() != "h2":
                connection.sendall(bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))  # SETTINGS
                return servers.drain(connection)
            return speaks_http2(connection)

        def closes(connection):
            return speaks_http2(connection) if connection.selected_alpn_protocol() == "h2" else connection.recv(65536) and None

        for handler, requests in ((speaks_http2, [("GET", b"")]), (begins, [("GET", b""), ("POST", b"some content")]),
                                  (closes, [("GET", b""), ("PUT", b"some content")])):
            proxy = self.proxy(hosts={"only.test:443": self.tls_server(self.pki.leaf("only.test"), handler, offering_h2())})
            for request, body in requests:
                with self.subTest(handler=handler.__name__, request=request):
                    client = self.client(proxy)
                    length = f"\nContent-Length: {len(body)}" if body else ""
                    for _ in range(2):
                        response = client.request(f"{request} /https://only.test/ HTTP/1.1\nHost: 127.0.0.1:{proxy.port}{length}", body)
                        self.assertEqual((response.status, response.body), (200, b"got " + body))
            self.assertEqual({line.get("code") for line in self.requests(proxy)}, {None})

    def test_a_post_that_a_server_may_have_processed_is_not_sent_again(self):
        """It takes HTTP/2, but may have spoken HTTP/1.1 too where nothing was agreed on."""
        seen = []

        def processes(connection):
            if connection.selected_alpn_protocol() == "h2":
                return serving(lambda stream: (seen.append(stream[":method"]), stream.respond()))(connection)
            return seen.append(servers.Requests(connection).head().split(b" ")[0].decode())

        proxy = self.proxy(hosts={"both.test:443": self.tls_server(self.pki.leaf("both.test"), processes, offering_h2())})
        response = self.client(proxy).request(f"POST /https://both.test/ HTTP/1.1\nHost: 127.0.0.1:{proxy.port}\nContent-Length: 1", b"x")
        self.assertEqual((response.status, seen), (502, ["POST"]))
        report = response.body.decode()
        self.assertIn("upstream_closed", report)
        self.assertIn("speaks HTTP/2 (tried)", report)
        self.assertIn("ALPN h2 only, and HTTP/2 without a request", report)
        self.assertIn("a limit of whytls and no fault of the server's", " ".join(report.split()))
        for _ in range(2):  # it is remembered, for other clients too
            response = self.client(proxy).request(f"POST /https://both.test/ HTTP/1.1\nHost: 127.0.0.1:{proxy.port}\nContent-Length: 1", b"x")
            self.assertEqual(response.status, 200)
        self.assertEqual(seen, ["POST"] * 3)

    def test_a_tunnels_client_of_http1_is_told_what_the_server_speaks_and_that_the_offer_was_its_own(self):
        def closes(connection):
            if connection.selected_alpn_protocol() == "h2":
                return serving(lambda stream: stream.respond())(connection)
            return connection.recv(65536) and None

        proxy = self.proxy(hosts={"quiet.test:443": self.tls_server(self.pki.leaf("quiet.test"), closes, offering_h2())})
        for configure, words in ((lambda context: context.set_alpn_protocols(["http/1.1"]), "The client offered http/1.1,"),
                                 (None, "The client offered no protocol (ALPN),")):
            with self.subTest(words):
                client = self.client(proxy).connect("quiet.test:443").start_tls("quiet.test", configure=configure)
                report = " ".join(client.get("/", "quiet.test").body.decode().split())
                self.assertIn("speaks HTTP/2 (tried)", report)
                self.assertIn(words, report)
                self.assertNotIn("a limit of whytls", report)

    def test_http2_without_tls_from_a_server_is_a_limit_of_ours(self):
        proxy = self.proxy(hosts={"grpc.test:80": self.server(serving(lambda stream: stream.respond()))})
        response = self.client(proxy).request(f"GET /http://grpc.test/ HTTP/1.1\nHost: 127.0.0.1:{proxy.port}")
        self.assertEqual(response.status, 502)
        report = " ".join(response.body.decode().split())
        self.assertIn("answered in HTTP/2 to a request in HTTP/1.1", report)
        self.assertIn("a limit of whytls", report)

    def test_a_server_that_went_back_to_http1_is_offered_that_again(self):
        speaks = ["h2"]

        contexts = []

        def select(context):
            contexts.append(context)
            context.set_alpn_protocols(speaks)

        def either(connection):
            if connection.selected_alpn_protocol() == "h2":
                return serving(lambda stream: stream.respond(body=b"two"))(connection)
            if speaks == ["h2"]:
                return servers.Requests(connection).head() and None
            return servers.answering(servers.ok(b"one"))(connection)

        server = self.tls_server(self.pki.leaf("changes.test"), either, select)
        proxy = self.proxy(hosts={"changes.test:443": server})

        def ask():
            return self.client(proxy).request(f"POST /https://changes.test/ HTTP/1.1\nHost: 127.0.0.1:{proxy.port}\nContent-Length: 1", b"x")

        self.assertEqual([ask().status, ask().body], [502, b"two"])
        speaks[:] = ["http/1.1"]
        contexts[0].set_alpn_protocols(speaks)
        self.assertEqual(ask().body, b"one")

    def test_a_server_of_http1_that_agreed_to_nothing_and_closes_is_told_as_before(self):
        asked = []

        def closes(connection):
            asked.append(servers.Requests(connection).head())

        proxy = self.proxy(hosts={"bad.test:443": self.tls_server(self.pki.leaf("bad.test"), closes)})
        response = self.client(proxy).request(f"POST /https://bad.test/ HTTP/1.1\nHost: 127.0.0.1:{proxy.port}\nContent-Length: 2", b"ab")
        self.assertEqual(response.status, 502)
        self.assertIn(b"upstream_closed", response.body)
        self.assertNotIn(b"speaks HTTP/2", response.body)
        proxy.stop()
        self.assertEqual(len([each for each in asked if each]), 1, "the request was sent once")
        self.assertNotIn("no_application_protocol", proxy.stderr.text)


if __name__ == "__main__":
    main()
