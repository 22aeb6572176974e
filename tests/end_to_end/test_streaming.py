"""Server-sent events and long polling: the first event arrives while the server waits for a word to go on, and no time-out ends a stream that has begun."""
import gzip
import threading

from harness import PATIENCE, Case, main, servers
from over_http2 import over_http2

EVENT = b"data: one\n\n"


def chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


class Streaming(Case):
    def stream(self, framing, event=EVENT, fields=b"", tls=True, version=b"1.1"):
        """A server that says its head and one event, and ends only when it is told to go on."""
        go = threading.Event()
        self.addCleanup(go.set)

        def handler(connection):
            servers.Requests(connection).head()
            coding = b"Transfer-Encoding: chunked\r\n" if framing == "chunked" else b"Connection: close\r\n"
            head = b"HTTP/" + version + b" 200 OK\r\nContent-Type: text/event-stream\r\n" + fields + coding + b"\r\n"
            connection.sendall(head + (chunk(event) if framing == "chunked" else event))
            if go.wait(PATIENCE) and framing == "chunked":
                connection.sendall(b"0\r\n\r\n")

        return go, self.tls_server(self.pki.leaf("sse.test"), handler) if tls else self.server(handler)

    def first_event_comes_at_once(self, client, go, *what, **named):
        end = self.first_event(client, *what, **named)
        self.assertFalse(go.is_set())
        go.set()
        end()

    def first_event(self, client, target="/", host="sse.test", version="1.1", event=EVENT):
        """What is to be called where the stream's end is due."""
        client.send(f"GET {target} HTTP/{version}\r\nHost: {host}\r\nAccept: text/event-stream\r\n\r\n".encode())
        status, _, fields = client.receive_head()
        self.assertEqual((status, fields["content-type"]), (200, "text/event-stream"))
        chunked = "transfer-encoding" in fields
        self.assertEqual(client.exactly(len(chunk(event)) if chunked else len(event)), chunk(event) if chunked else event)
        return lambda: self.assertEqual(client.exactly(5) if chunked else client.until_close(), b"0\r\n\r\n" if chunked else b"")

    def test_through_a_tunnel_in_every_framing(self):
        for framing in ("chunked", "close"):
            for version in ("1.1", "1.0"):
                with self.subTest(framing=framing, client=version):
                    go, server = self.stream(framing)
                    proxy = self.proxy(hosts={"sse.test:443": server})
                    self.first_event_comes_at_once(self.tls_client(proxy, "sse.test"), go, version=version)
        go, server = self.stream("close", version=b"1.0")
        self.first_event_comes_at_once(self.tls_client(self.proxy(hosts={"sse.test:443": server}), "sse.test"), go)

    def test_through_the_gateway_path_and_in_absolute_form(self):
        for target, port, tls in (("/https://sse.test/", 443, True), ("https://sse.test/", 443, True), ("http://sse.test/", 80, False)):
            with self.subTest(target=target):
                go, server = self.stream("chunked", tls=tls)
                proxy = self.proxy(hosts={f"sse.test:{port}": server})
                host = f"127.0.0.1:{proxy.port}" if target.startswith("/") else "sse.test"
                self.first_event_comes_at_once(self.client(proxy), go, target, host)

    def test_compressed_events_are_not_held_back(self):
        event = gzip.compress(EVENT)
        go, server = self.stream("chunked", event, b"Content-Encoding: gzip\r\n")
        self.first_event_comes_at_once(self.tls_client(self.proxy(hosts={"sse.test:443": server}), "sse.test"), go, event=event)

    def test_the_response_timeout_ends_a_poll_that_is_not_answered_and_no_stream_that_has_begun(self):
        go, begun = self.stream("chunked")
        silent = self.tls_server(self.pki.leaf("silent.test"), servers.silent)
        proxy = self.proxy("--response-timeout", "1", hosts={"sse.test:443": begun, "silent.test:443": silent})
        stream, poll = self.tls_client(proxy, "sse.test"), self.tls_client(proxy, "silent.test")
        end = self.first_event(stream)
        # Asked later, so its time-out is the later one: once it has passed, the stream has outlived its own.
        self.assertEqual(poll.get("/", "silent.test").status, 504)
        go.set()
        end()


StreamingOverHttp2 = over_http2(Streaming)


if __name__ == "__main__":
    main()
