"""What servers say inside TLS, and how they end: odd, and still HTTP/1.1. And the same bytes cut up on their way."""
import contextlib
import gzip
import socket
import ssl
import threading

import servers
from processes import PATIENCE
from row import TIME_OUT

# Some clients wait for the end of the connection; whytls's own time-out comes first.
IDLE = TIME_OUT + 1
HELLO = b"HTTP/1.1 200 OK\r\n"
LENGTH = b"Content-Length: 5\r\n"
PACKED = gzip.compress(b"hello")
RESPONSES = {
    "http-1.0": b"HTTP/1.0 200 OK\r\n" + LENGTH + b"\r\nhello",
    "no-reason": b"HTTP/1.1 200 \r\n" + LENGTH + b"\r\nhello",
    "no-reason-nor-blank": b"HTTP/1.1 200\r\n" + LENGTH + b"\r\nhello",
    "continue-unasked": b"HTTP/1.1 100 Continue\r\n\r\n" + HELLO + LENGTH + b"\r\nhello",
    "early-hints": b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n" + HELLO + LENGTH + b"\r\nhello",
    "processing": b"HTTP/1.1 102 Processing\r\n\r\n" * 5 + HELLO + LENGTH + b"\r\nhello",
    "chunked": HELLO + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "chunked-capital": HELLO + b"transfer-encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "chunk-extensions": HELLO + b"Transfer-Encoding: chunked\r\n\r\n5;a=b;c=\"d\"\r\nhello\r\n0;x\r\n\r\n",
    "chunk-leading-zeros": HELLO + b"Transfer-Encoding: chunked\r\n\r\n0005\r\nhello\r\n000\r\n\r\n",
    "trailers": HELLO + b"Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
    "same-length-twice": HELLO + LENGTH + LENGTH + b"\r\nhello",
    "length-listed-twice": HELLO + b"Content-Length: 5, 5\r\n\r\nhello",
    "identity": HELLO + b"Transfer-Encoding: identity\r\n" + LENGTH + b"\r\nhello",
    "chunked-twice": HELLO + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n5\r\nhello\r\n0\r\n\r\n",
    "chunked-listed-twice": HELLO + b"Transfer-Encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "chunked-http-1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "trailers-of-a-head": HELLO + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nHost: x\r\nConnection: close\r\n\r\n",
    "empty": HELLO + b"Content-Length: 0\r\n\r\n",
    "no-content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "not-modified": b"HTTP/1.1 304 Not Modified\r\n\r\n",
    "unauthorized": b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n" + LENGTH + b"\r\nhello",
    "bad-gateway": b"HTTP/1.1 502 Bad Gateway\r\n" + LENGTH + b"\r\nhello",
    "status-299": b"HTTP/1.1 299 Odd\r\n" + LENGTH + b"\r\nhello",
    "status-599": b"HTTP/1.1 599 Odd\r\n" + LENGTH + b"\r\nhello",
    "empty-values": HELLO + b"X-Empty:\r\nX-Blank:   \r\n" + LENGTH + b"\r\nhello",
    "no-blank-after-colon": HELLO + b"Server:odd\r\nContent-Length:5\r\n\r\nhello",
    "beyond-ascii": HELLO + "X-Name: Bücher\r\n".encode("utf-8") + b"X-Latin: B\xfccher\r\n" + LENGTH + b"\r\nhello",
    "reason-beyond-ascii": "HTTP/1.1 200 Prächtig\r\n".encode("utf-8") + LENGTH + b"\r\nhello",
    "long-value": HELLO + b"X-Long: " + b"x" * 7000 + b"\r\n" + LENGTH + b"\r\nhello",
    "many-fields": HELLO + b"".join(b"X-%d: x\r\n" % number for number in range(90)) + LENGTH + b"\r\nhello",
    "many-cookies": HELLO + b"".join(b"Set-Cookie: c%d=%s\r\n" % (number, b"v" * 90) for number in range(40)) + LENGTH + b"\r\nhello",
    "line-feeds": b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
    "folded": HELLO + b"X-Folded: a\r\n b\r\n" + LENGTH + b"\r\nhello",
    "odd-names": HELLO + b"!#$%&'*+-.^_`|~: x\r\n1: 2\r\n" + LENGTH + b"\r\nhello",
    "blank-before-colon": HELLO + b"X-Odd : value\r\n" + LENGTH + b"\r\nhello",
    "upgrade-offered": HELLO + b"Upgrade: h2,h2c\r\nConnection: Upgrade\r\n" + LENGTH + b"\r\nhello",
    "interims-of-two-kinds": b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" * 10 + HELLO + LENGTH + b"\r\nhello",
    "gzip": HELLO + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED) + PACKED,
    "gzip-chunked": HELLO + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(PACKED) + PACKED + b"\r\n0\r\n\r\n",
    "chunks-of-one-byte": HELLO + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"1\r\n%c\r\n" % byte for byte in b"hello" * 40) + b"0\r\n\r\n",
    "keep-alive": HELLO + b"Connection: keep-alive\r\nKeep-Alive: timeout=5, max=100\r\n" + LENGTH + b"\r\nhello",
}


def add_to(plan):
    def add(name, handler):
        identity = plan.pki.leaf(f"http-{name}.odd.test")
        plan.add(f"http-{name}", lambda host: servers.TlsServer(identity, handler))

    for name, response in RESPONSES.items():
        add(name, answering(response))
    add("one-byte-at-a-time", in_pieces(servers.ok(b"hello" * 20), 1))
    add("close-delimited", ending(HELLO + b"\r\nhello", leave_politely))
    add("close-delimited-http-1.0", ending(b"HTTP/1.0 200 OK\r\n\r\nhello", leave_politely))
    add("gzip-close-delimited", ending(HELLO + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + PACKED, leave_politely))
    add("close-among-options", ending(HELLO + b"Connection: foo, close\r\n" + LENGTH + b"\r\nhello", leave_politely))
    add("connection-close", ending(HELLO + b"Connection: close\r\n" + LENGTH + b"\r\nhello", leave_politely))
    add("length-then-fin", ending(HELLO + LENGTH + b"\r\nhello", leave))
    add("length-then-reset", ending(HELLO + LENGTH + b"\r\nhello", leave_by_reset))
    add("chunked-then-fin", ending(RESPONSES["chunked"], leave))
    add("close-delimited-fin-only", ending(HELLO + b"Connection: close\r\n\r\nhello", leave))
    add("large", servers.answering(servers.ok(b"x" * 3_000_000)))

    for version in ("1_2", "1_3"):
        for name, cut in (("records-of-one-byte", by_records(1)), ("records-of-seven-bytes", by_records(7)), ("segments-of-one-byte", by_bytes)):
            identity = plan.pki.leaf(f"{name}-{version[-1]}.odd.test")
            plan.add(f"{name}-{version[-1]}", lambda host, identity=identity, version=version, cut=cut: Cutting(
                servers.OpensslServer(identity, f"-tls{version}"), cut))


def answering(response):
    """Gives every request this response, and ends the connection when no more come."""

    def handler(connection):
        requests = servers.Requests(connection)
        while requests.head():
            connection.sendall(response)
            connection.settimeout(IDLE)

    return handler


def in_pieces(response, size):
    def handler(connection):
        requests = servers.Requests(connection)
        while requests.head():
            for at in range(0, len(response), size):
                connection.sendall(response[at:at + size])

    return handler


def ending(response, leave_so):
    def handler(connection):
        servers.Requests(connection).head()
        connection.sendall(response)
        leave_so(connection)

    return handler


def leave_politely(connection):
    """close_notify, then FIN."""
    with contextlib.suppress(OSError, ssl.SSLError):
        connection.unwrap()


def leave(connection):
    """FIN without close_notify, once the client is done."""
    plain = detached(connection)
    plain.shutdown(socket.SHUT_WR)
    servers.drain(plain)
    plain.close()


def detached(connection):
    """What is below TLS."""
    plain = socket.socket(fileno=connection.detach())
    plain.settimeout(PATIENCE)
    return plain


def leave_by_reset(connection):
    """Once the client has begun to leave, too: before that a reset would take back what was not sent yet."""
    plain = detached(connection)
    with contextlib.suppress(OSError):
        plain.recv(65536)
    servers.reset(plain)


class Cutting(servers.Server):
    """In front of another server: cuts up what it says."""

    def __init__(self, server, cut):
        self._server, self._cut = server, cut
        super().__init__(None)

    def _serve_connection(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with socket.create_connection(("127.0.0.1", self._server.port)) as behind:
            back = threading.Thread(target=pass_on, args=(connection, behind), daemon=True)
            back.start()
            with contextlib.suppress(OSError):
                self._cut(behind, connection)
                connection.shutdown(socket.SHUT_WR)
            back.join()

    def stop(self):
        super().stop()
        self._server.stop()


def pass_on(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def by_bytes(source, sink):
    """Each byte of the first 8 KB in a segment of its own."""
    sent = 0
    while data := source.recv(65536):
        for at in range(min(len(data), max(8192 - sent, 0))):
            sink.sendall(data[at:at + 1])
        sink.sendall(data[max(8192 - sent, 0):])
        sent += len(data)


def by_records(size):
    """Handshake messages in records of that many bytes, as far as they are not encrypted (RFC 8446 §5.1)."""

    def cut(source, sink):
        reader = source.makefile("rb")
        while (head := reader.read(5)) and head[0] == 22:
            body = reader.read(int.from_bytes(head[3:], "big"))
            for at in range(0, len(body), size):
                piece = body[at:at + size]
                sink.sendall(head[:3] + len(piece).to_bytes(2, "big") + piece)
        sink.sendall(head)
        while data := reader.read1(65536):
            sink.sendall(data)

    return cut
