"""The table of smuggling.py over raw sockets: what the client gets, what the server saw, and that the next request is not poisoned."""
import contextlib
import ssl
import threading

from harness import Case, main, servers
from smuggling import REQUESTS, RESPONSES, Cut, Refused

INNOCENT = b"GET $/innocent HTTP/1.1\r\nHost: good.test\r\n\r\n"
SEEN_INNOCENT = INNOCENT.replace(b"$/", b"/")


class Recorder:
    """A server that answers once it has seen the bytes it expects, then the innocent request, and keeps all that it saw."""

    def __init__(self):
        self.expect(b"")

    def expect(self, seen):
        self.expected, self.seen, self.ended = seen, b"", threading.Event()

    def __call__(self, connection):
        ended, stages = self.ended, [self.expected + SEEN_INNOCENT, self.expected]
        with contextlib.suppress(OSError):
            while data := connection.recv(65536):
                self.seen += data
                while stages and len(self.seen) >= len(stages[-1]):
                    connection.sendall(servers.ok(b"first" if len(stages) == 2 else b"innocent"))
                    stages.pop()
        ended.set()


class Smuggling(Case):
    def ways(self, handler):
        """The plain absolute form and the intercepted tunnel: a name, what `$/` stands for, and how to open a connection."""
        plain, secure = self.server(handler), self.tls_server(self.pki.leaf("good.test"), handler)
        proxy = self.proxy(hosts={"good.test:80": plain, "good.test:443": secure})
        return proxy, [("plain", b"http://good.test/", lambda: self.client(proxy)), ("tunnel", b"/", lambda: self.tls_client(proxy, "good.test"))]

    def test_a_request_is_refused_or_relayed_as_the_table_says(self):
        recorder = Recorder()
        proxy, ways = self.ways(recorder)
        refused = 0
        for row in REQUESTS:
            for way, path, connect in ways:
                recorder.expect(row.outcome.seen + (b"\0never" if isinstance(row.outcome, Refused) else b""))
                with self.subTest(row.name, source=row.source, way=way), contextlib.closing(connect()) as client:
                    sent, innocent = row.sent.replace(b"$/", path), INNOCENT.replace(b"$/", path)
                    if isinstance(row.outcome, Refused):
                        refused += 1
                        client.send(sent + innocent)
                        response = client.receive()
                        self.assertEqual((response.status, response["Proxy-Status"].split("; ")[-1]), (400, 'details="request_rejected"'))
                        self.assert_ended(client)
                        if row.outcome.seen:
                            self.assertTrue(recorder.ended.wait(10))
                        self.assertEqual(recorder.seen, row.outcome.seen)
                        continue
                    client.send(sent)
                    self.assertEqual(client.receive().body, b"first")
                    client.send(innocent)
                    self.assertEqual(client.receive().body, b"innocent")
                    self.assertEqual(recorder.seen, row.outcome.seen + SEEN_INNOCENT)
        proxy.stop()
        codes = [line.get("code") for line in proxy.log() if line["event"] == "request"]
        self.assertEqual(codes.count("request_rejected"), refused)

    def test_a_response_is_refused_or_relayed_as_the_table_says(self):
        row, arrived = None, threading.Event()

        def handler(connection):
            requests = servers.Requests(connection)
            while head := requests.head():
                innocent = head.split(b" ")[1] == b"/innocent"
                connection.sendall(servers.ok(b"innocent") if innocent else row.sent)
                if not innocent and isinstance(row.outcome, Cut):
                    arrived.wait(10)
                    connection.sendall(row.outcome.then)
                elif not innocent and getattr(row.outcome, "closes", False):
                    # Under TLS only a close_notify ends what the close delimits.
                    with contextlib.suppress(OSError, AttributeError):
                        connection.unwrap()
                    return

        _, ways = self.ways(handler)
        for row in RESPONSES:
            for way, path, connect in ways:
                arrived.clear()
                with self.subTest(row.name, source=row.source, way=way), contextlib.closing(connect()) as client:
                    client.send(f"{row.method} ".encode() + path + b"x HTTP/1.1\r\nHost: good.test\r\n\r\n")
                    if isinstance(row.outcome, Refused):
                        response = client.receive(row.method)
                        self.assertEqual((response.status, response["Proxy-Status"].split("; ")[-1]), (502, 'details="upstream_http_error"'))
                    else:
                        seen = row.sent if isinstance(row.outcome, Cut) else row.outcome.seen
                        self.assertEqual(client.exactly(len(seen)), seen)
                    if isinstance(row.outcome, Cut):
                        if way == "tunnel":
                            client.socket.suppress_ragged_eofs = False  # tells an end without close_notify from a proper one
                        arrived.set()
                        with self.assertRaises((ConnectionResetError, ssl.SSLError)):
                            client.exactly(1)
                        continue
                    if getattr(row.outcome, "closes", False):
                        self.assertEqual(client.until_close(), b"")
                        continue
                    client.send(INNOCENT.replace(b"$/", path))
                    self.assertEqual(client.receive().body, b"innocent")

    def test_the_table_is_not_short(self):
        self.assertGreaterEqual(len(REQUESTS) + len(RESPONSES), 60)
        self.assertEqual(len({row.name for row in REQUESTS}), len(REQUESTS))


if __name__ == "__main__":
    main()
