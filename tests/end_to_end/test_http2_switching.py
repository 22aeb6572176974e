"""Other protocols in streams of HTTP/2: tunnels (RFC 9113 8.5), WebSockets (RFC 8441) to servers of either version, and HTTP/2 to the proxy
itself under TLS, which is how browsers use an https:// proxy."""
import contextlib
import select
import ssl
import threading

import http2
from harness import PATIENCE, Client, main, servers
from http2 import Codes, Http2Client, offering_h2, serving
from http2_case import Http2Case
from websocket_bytes import ECHO_KEY, echoing, frame, take_frames

CONNECT_PROTOCOL = {http2.h2.settings.SettingCodes.ENABLE_CONNECT_PROTOCOL: 1}


class StreamSocket:
    """What a tunnel's stream carries, as a socket: for TLS inside it, and HTTP inside that."""

    def __init__(self, client, stream):
        self.client, self.stream = client, stream

    def recv(self, size):
        self.client.wait(lambda: self.stream.content or self.stream.over)
        data, self.stream.content[:size] = bytes(self.stream.content[:size]), b""
        return data

    def sendall(self, data):
        self.client.send(self.stream, data)


class TlsInside:
    """TLS over a StreamSocket, by hand: the ssl module wraps only real sockets."""

    def __init__(self, carrier, name, cafile, alpn=("http/1.1",)):
        context = ssl.create_default_context(cafile=cafile)
        context.set_alpn_protocols(list(alpn))
        self.carrier, self.incoming, self.outgoing = carrier, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=name)
        self.run(self.tls.do_handshake)

    def run(self, step):
        while True:
            with contextlib.suppress(ssl.SSLWantReadError):
                result = step()
                self.flush()
                return result
            self.flush()
            data = self.carrier.recv(65536)
            self.incoming.write(data) if data else self.incoming.write_eof()

    def flush(self):
        if data := self.outgoing.read():
            self.carrier.sendall(data)

    def recv(self, size):
        return self.run(lambda: self.tls.read(size))

    def sendall(self, data):
        self.run(lambda: self.tls.write(data))

    def selected_alpn_protocol(self):
        return self.tls.selected_alpn_protocol()


class Inside(Client):
    """A client of HTTP/1.1 over anything that looks like a socket."""

    def __init__(self, carrier):  # pylint: disable=super-init-not-called
        self.socket = carrier
        self._buffer = b""

    def close(self):
        """Its carrier has an owner."""


class SwitchingCase(Http2Case):
    def by_tls(self, proxy, **named):
        """HTTP/2 to the proxy itself, under TLS."""
        client = self.client(proxy).start_tls("127.0.0.1", configure=offering_h2("http/1.1"))
        self.assertEqual(client.socket.selected_alpn_protocol(), "h2")
        return Http2Client(client, "https", **named)

    def tunnel(self, client, authority, **fields):
        stream = client.ask(None, authority, "CONNECT", list(fields.items()), ends=False, scheme=None)
        client.wait(lambda: stream.status or stream.over)
        return stream

    def inside(self, proxy, client, host, alpn=("http/1.1",)):
        stream = self.tunnel(client, f"{host}:443")
        self.assertEqual(stream.status, 200)
        return TlsInside(StreamSocket(client, stream), host, proxy.ca_file, alpn)


class Tunnels(SwitchingCase):
    """CONNECT over HTTP/2."""

    def test_a_tunnel_in_a_stream_is_intercepted_as_any_other(self):
        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), servers.answering(servers.ok(b"inside")))})
        for open_client in (self.known, self.by_tls):
            with self.subTest(open_client.__name__):
                client = open_client(proxy)
                inside = Inside(self.inside(proxy, client, "good.test"))
                for _ in range(2):
                    self.assertEqual(inside.get("/a", "good.test").body, b"inside")
                client.close()
        lines = self.requests(proxy)
        self.assertEqual([line["url"] for line in lines], ["https://good.test/a"] * 4)
        self.assertTrue(all(line["client"].startswith("127.0.0.1:") for line in lines), lines)

    def test_http2_inside_a_tunnel_inside_http2(self):
        proxy = self.proxy(hosts={"good.test:443": self.h2_server("good.test", lambda stream: stream.respond(body=b"z" * 300_000))})
        outer = self.by_tls(proxy)
        inner = Http2Client(Inside(self.inside(proxy, outer, "good.test", ["h2"])), "https")
        streams = [inner.ask("/", "good.test") for _ in range(10)]
        for stream in streams:
            self.assertEqual(len(inner.done(stream).content), 300_000)

    def test_a_server_that_fails_is_explained_inside_and_the_other_tunnels_go_on(self):
        proxy = self.proxy(hosts={"wrong.test:443": self.tls_server(self.pki.leaf("other.test"), servers.answering(servers.ok())),
                                  "good.test:443": self.tls_server(self.pki.leaf("good.test"), servers.answering(servers.ok(b"inside")))})
        client = self.by_tls(proxy)
        good = Inside(self.inside(proxy, client, "good.test"))
        wrong = Inside(self.inside(proxy, client, "wrong.test")).get("/", "wrong.test")
        self.assertEqual(wrong.status, 502)
        self.assertIn(b"hostname_mismatch", wrong.body)
        self.assertEqual(good.get("/", "good.test").body, b"inside")

    def test_a_tunnel_that_passes_unchanged_keeps_ends_and_resets(self):
        def echo_to_the_end(connection):
            heard = b""
            while data := connection.recv(65536):
                heard += data
            if heard == b"break":
                return servers.reset(connection)
            connection.sendall(heard[::-1])

        proxy = self.proxy("--passthrough", "raw.test", hosts={"raw.test:7": self.server(echo_to_the_end)})
        client = self.known(proxy)
        stream = self.tunnel(client, "raw.test:7")
        client.send(stream, b"abc", ends=True)
        self.assertEqual(bytes(client.done(stream).content), b"cba")
        self.assertTrue(stream.ended)
        broken = self.tunnel(client, "raw.test:7")
        client.send(broken, b"break", ends=True)
        self.assertEqual(client.done(broken).code, Codes.CONNECT_ERROR)

    def test_a_tunnel_to_nowhere_gets_the_reason_and_leaves_the_connection(self):
        proxy = self.proxy("--passthrough", "gone.test", hosts={"gone.test:443": self.started(servers.ClosedPort())})
        client = self.known(proxy)
        stream = client.done(self.tunnel(client, "gone.test:443"))
        self.assertEqual(stream.status, 502)
        self.assertIn(b"connection_refused", stream.content)
        self.assertEqual(client.done(client.ask("http://why.tls/")).status, 200)

    def test_a_tunnel_needs_the_password(self):
        proxy = self.proxy("--proxy-auth", "user:secret", hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), servers.answering(servers.ok()))})
        client = self.known(proxy)
        self.assertEqual(client.done(self.tunnel(client, "good.test:443")).status, 407)
        self.assertEqual(self.tunnel(client, "good.test:443", **{"proxy-authorization": "Basic dXNlcjpzZWNyZXQ="}).status, 200)

    def test_tunnels_count_as_connections_of_their_client(self):
        proxy = self.proxy("--max-connections-per-client", "3", hosts={"good.test:443": self.started(servers.ClosedPort())})
        client = self.known(proxy)
        self.assertEqual([self.tunnel(client, "good.test:443").status for _ in range(4)], [200, 200, 503, 503])

    def test_a_client_that_leaves_ends_its_tunnels_at_the_servers(self):
        left = threading.Semaphore(0)

        def until_end(connection):
            with contextlib.suppress(OSError):
                servers.drain(connection)
            left.release()

        proxy = self.proxy("--passthrough", "raw.test", hosts={"raw.test:7": self.server(until_end)})
        client = self.known(proxy)
        for _ in range(3):
            client.send(self.tunnel(client, "raw.test:7"), b"hello")
        client.ping()
        client.reset(client.streams[1], Codes.CANCEL)
        self.assertTrue(left.acquire(timeout=PATIENCE))
        client.close()
        self.assertTrue(left.acquire(timeout=PATIENCE) and left.acquire(timeout=PATIENCE))


class Leaving(SwitchingCase):
    """A client that resets a tunnel's stream, or leaves, is missed at once, whatever the server does."""

    def setUp(self):
        super().setUp()
        self.missed = threading.Semaphore(0)
        self.hold, self.begun = threading.Event(), threading.Event()
        self.addCleanup(self.hold.set)

    def deaf(self, connection):
        """Reads nothing after the first bytes, and notices only a reset."""
        connection.recv(5)
        self.begun.set()
        poll = select.poll()
        poll.register(connection.fileno(), 0)  # POLLERR and POLLHUP need no asking
        while not poll.poll(100) and not self.hold.is_set():
            pass
        if not self.hold.is_set():
            self.missed.release()

    def fill(self, client, stream, send):
        """Sends until the other side takes no more for a while."""
        while client.window(stream) >= 16_384 or select.select([client.socket], [], [], 0.5)[0]:
            if client.window(stream) >= 16_384:
                send(b"x" * 10_000)
            else:
                client.receive()
            self.assertIsNone(stream.code)

    def assert_missed(self):
        self.assertTrue(self.missed.acquire(timeout=PATIENCE), "the server's connection went on")

    def test_while_the_server_reads_nothing(self):
        proxy = self.proxy("--passthrough", "raw.test", hosts={"raw.test:7": self.server(self.deaf)})
        for leave in (lambda client, stream: client.reset(stream, Codes.CANCEL), lambda client, stream: client.close()):
            client = self.known(proxy)
            stream = self.tunnel(client, "raw.test:7")
            self.fill(client, stream, lambda data: client.send(stream, data))  # pylint: disable=cell-var-from-loop
            leave(client, stream)
            self.assert_missed()

    def test_after_the_client_has_ended_its_side(self):
        proxy = self.proxy("--passthrough", "raw.test", hosts={"raw.test:7": self.server(self.deaf)})
        for leave in (lambda client, stream: client.reset(stream, Codes.CANCEL), lambda client, stream: client.close()):
            self.begun.clear()
            client = self.known(proxy)
            stream = self.tunnel(client, "raw.test:7")
            client.send(stream, b"hello", ends=True)
            self.assertTrue(self.begun.wait(PATIENCE))
            leave(client, stream)
            self.assert_missed()

    def test_in_an_upload_of_http1_inside_the_tunnel(self):
        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), self.deaf)})
        client = self.known(proxy)
        inside = self.inside(proxy, client, "good.test")
        inside.sendall(b"POST / HTTP/1.1\r\nHost: good.test\r\nContent-Length: 100000000\r\n\r\n")
        stream = client.streams[1]
        self.fill(client, stream, inside.sendall)
        client.reset(stream, Codes.CANCEL)
        self.assert_missed()
        proxy.stop()
        self.assertEqual({line.get("code") for line in proxy.log() if line["event"] == "request"}, {None})

    def test_in_a_websocket_of_either_version(self):
        def switches(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n")
            self.deaf(connection)

        def holds(stream):
            stream.head(200)
            stream.stream.reads = False
            stream.wait(lambda: stream.stream.over)
            self.missed.release()

        hosts = {"ws.test:80": self.server(switches), "ws.test:443": self.tls_server(self.pki.leaf("ws.test"), serving(holds, CONNECT_PROTOCOL), offering_h2())}
        proxy = self.proxy(hosts=hosts)
        for url in ("http://ws.test/socket", "https://ws.test/socket"):
            with self.subTest(url):
                client = self.known(proxy)
                client.wait(lambda: client.met)  # pylint: disable=cell-var-from-loop
                stream = client.ask(url, method="CONNECT", fields=[], ends=False, protocol="foo")
                client.wait(lambda: stream.status or stream.over)  # pylint: disable=cell-var-from-loop
                self.assertEqual(stream.status, 200, bytes(stream.content))
                self.fill(client, stream, lambda data: client.send(stream, data))  # pylint: disable=cell-var-from-loop
                client.reset(stream, Codes.CANCEL)
                self.assert_missed()


class WebSockets(SwitchingCase):
    """Extended CONNECT."""

    def talk(self, client, host="ws.test", path="/socket"):
        client.wait(lambda: client.met)
        stream = client.ask(path, host, "CONNECT", [("sec-websocket-version", "13"), ("origin", f"https://{host}")], ends=False, protocol="websocket")
        client.wait(lambda: stream.status or stream.over)
        return stream

    def assert_echoes(self, client, stream):
        self.assertEqual(stream.status, 200, bytes(stream.content))
        for text in (b"hello", b"x" * 60_000):
            stream.content.clear()
            client.send(stream, frame(text, mask=True))
            client.wait(lambda: len(stream.content) >= len(frame(text)) or stream.over)  # pylint: disable=cell-var-from-loop
            self.assertEqual(bytes(stream.content), frame(text))

    def test_to_a_server_of_http1_it_is_an_upgrade(self):
        proxy = self.proxy(hosts={"ws.test:80": self.server(echoing)})
        client = self.known(proxy)
        stream = self.talk(client, path="http://ws.test/socket")
        self.assertIsNone(stream["sec-websocket-accept"])
        self.assert_echoes(client, stream)
        client.send(stream, frame(b"\x03\xe8", kind=8, mask=True), ends=True)
        self.assertTrue(client.done(stream).ended)
        line = self.request_line(proxy, method="GET", status=101, url="http://ws.test/socket")
        self.assertEqual(line["websocket"]["sent"]["messages"], 2)
        self.assertEqual(line["websocket"]["close"], {"by": "client", "code": 1000})

    def echo_stream(self, stream):
        if stream[":method"] != "CONNECT":
            return stream.respond(body=b"page")
        self.asked = dict(stream.stream.fields)
        stream.head(200)
        while not stream.stream.over:
            with stream.peer.lock:
                stream.wait(lambda: stream.stream.content or stream.stream.over)
                frames = take_frames(stream.stream.content)
                before = len(stream.stream.content)
            for kind, payload in frames:
                stream.send(frame(payload, kind))
            stream.wait(lambda: len(stream.stream.content) != before or stream.stream.over)  # pylint: disable=cell-var-from-loop
        return stream.send(b"", ends=True)

    def test_to_a_server_of_http2_it_stays_one_over_the_same_connection(self):
        seen = []
        server = self.tls_server(self.pki.leaf("ws.test"), serving(self.echo_stream, CONNECT_PROTOCOL, seen), offering_h2())
        proxy = self.proxy(hosts={"ws.test:443": server})
        client = self.h2_client(proxy, "ws.test")
        self.assertEqual(client.done(client.ask("/", "ws.test")).content, b"page")
        stream = self.talk(client)
        self.assert_echoes(client, stream)
        self.assertEqual((self.asked[":protocol"], self.asked[":path"], self.asked[":scheme"]), ("websocket", "/socket", "https"))
        self.assertNotIn("sec-websocket-key", self.asked)
        self.assertEqual(client.done(client.ask("/", "ws.test")).content, b"page")
        client.send(stream, b"", ends=True)
        self.assertTrue(client.done(stream).ended)
        self.assertEqual(len(seen), 1)
        line, = [line for line in self.requests(proxy) if "websocket" in line]
        self.assertEqual((line["status"], line["websocket"]["received"]["messages"]), (101, 2))

    def test_a_server_of_http2_that_takes_none_gets_a_connection_of_http1_for_it(self):
        def either(connection):
            if connection.selected_alpn_protocol() == "h2":
                return serving(lambda stream: stream.respond(body=b"page"))(connection)
            return echoing(connection)

        proxy = self.proxy(hosts={"ws.test:443": self.tls_server(self.pki.leaf("ws.test"), either, offering_h2("http/1.1"))})
        client = self.h2_client(proxy, "ws.test")
        self.assertEqual(client.done(client.ask("/", "ws.test")).content, b"page")
        self.assert_echoes(client, self.talk(client))
        self.assertEqual(client.done(client.ask("/", "ws.test")).content, b"page")

    def test_an_answer_other_than_101_is_no_success(self):
        for head, status in ((b"HTTP/1.1 200 OK\r\n", 502), (b"HTTP/1.1 403 No\r\n", 403)):
            with self.subTest(head):
                proxy = self.proxy(hosts={"ws.test:80": self.server(servers.answering(head + b"Content-Length: 2\r\n\r\nno"))})
                client = self.known(proxy)
                stream = client.done(self.talk(client, path="http://ws.test/socket"))
                self.assertEqual((stream.status, bytes(stream.content)), (status, b"no"))
                if status == 502:
                    self.assertIn("http_upgrade_failed", stream["proxy-status"])

    def test_a_switch_that_does_not_answer_our_key_is_none(self):
        """As python3's and browsers' clients of HTTP/1.1 judge it (RFC 6455 4.1)."""
        for accept in (b"", b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"):
            with self.subTest(accept):
                answer = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + accept + b"\r\n"
                proxy = self.proxy(hosts={"ws.test:80": self.server(servers.answering(answer))})
                client = self.known(proxy)
                stream = client.done(self.talk(client, path="http://ws.test/socket"))
                self.assertEqual(stream.status, 502)
                self.assertEqual(self.request_line(proxy, status=502)["code"], "upstream_http_error")
                self.assertIn("without the right Sec-WebSocket-Accept", proxy.stderr.text)

    def test_what_is_sent_before_the_answer_waits_for_it(self):
        heard = []

        def late(connection):
            heard.append(servers.Requests(connection).head())
            connection.settimeout(0.3)
            with contextlib.suppress(TimeoutError):
                heard.append(connection.recv(100))
            connection.sendall(b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        proxy = self.proxy(hosts={"ws.test:80": self.server(late)})
        client = self.known(proxy)
        client.wait(lambda: client.met)
        stream = client.ask("http://ws.test/socket", method="CONNECT", fields=[("sec-websocket-version", "13")], ends=False, protocol="websocket")
        client.send(stream, b"GET /smuggled HTTP/1.1\r\nHost: ws.test\r\n\r\n")
        self.assertEqual(client.done(stream).status, 400)
        self.assertEqual(len(heard), 1, heard)

    def test_a_client_of_http1_reaches_a_server_that_takes_http2_only(self):
        server = self.tls_server(self.pki.leaf("ws.test"), serving(self.echo_stream, CONNECT_PROTOCOL), offering_h2())
        proxy = self.proxy(hosts={"ws.test:443": server})
        client = self.client(proxy)
        client.send(b"GET /https://ws.test/socket HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n" % (proxy.port, ECHO_KEY))
        response = client.receive()
        self.assertEqual(response.status, 101, response.body)
        self.assertEqual(response["Sec-WebSocket-Accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "the example of RFC 6455 1.3")
        client.send(frame(b"hello", mask=True))
        self.assertEqual(client.exactly(len(frame(b"hello"))), frame(b"hello"))

    def test_a_post_that_offers_another_protocol_stays_a_post(self):
        server = self.tls_server(self.pki.leaf("ws.test"), serving(lambda stream: stream.respond(body=stream[":method"].encode() + stream.body()), CONNECT_PROTOCOL),
                                 offering_h2())
        proxy = self.proxy(hosts={"ws.test:443": server})
        # Of a POST that it may have sent to a server of HTTP/1.1, whytls sends no second one: it has to know this server before.
        self.client(proxy).get("/https://ws.test/", host=f"127.0.0.1:{proxy.port}")
        response = self.client(proxy).request(
            f"POST /https://ws.test/ HTTP/1.1\nHost: 127.0.0.1:{proxy.port}\nConnection: Upgrade\nUpgrade: foo\nContent-Length: 5", b"hello")
        self.assertEqual((response.status, response.body), (200, b"POSThello"))


if __name__ == "__main__":
    main()
