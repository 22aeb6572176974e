"""Test cases of HTTP/1.1 run over HTTP/2."""
import contextlib
import socket
import threading

from harness import Client, servers
from http2 import Codes, Http2Client, serving
from processes import PATIENCE


class Half:
    """What a handler of HTTP/1.1 gets for its connection: its end of a pair of sockets, and of the rest the real one."""

    def __init__(self, end, connection):
        self._end = end
        self._connection = connection

    def __getattr__(self, name):
        return getattr(self._end if hasattr(self._end, name) else self._connection, name)


def translated(handler):
    """A handler that has each stream answered by this one of HTTP/1.1's; a client of HTTP/1.1 is its own."""

    def answer(stream):
        ours, theirs = socket.socketpair()
        ours.settimeout(PATIENCE)
        theirs.settimeout(PATIENCE)

        def leave():
            with contextlib.suppress(OSError):
                ours.shutdown(socket.SHUT_RDWR)

        def run():
            with theirs, contextlib.suppress(OSError):
                handler(Half(theirs, stream.peer.socket))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        stream.stream.left = leave
        reader = Client.__new__(Client)
        reader.socket, reader._buffer = ours, b""
        with ours:
            try:
                ours.sendall(request_of(stream))
                answer_with(stream, reader)
            except EOFError as cut:
                if cut.args[0] or stream.responded:
                    stream.reset(Codes.INTERNAL_ERROR)
                else:
                    stream.hang_up()
            except (OSError, AssertionError, ValueError):
                stream.reset(Codes.INTERNAL_ERROR)
        thread.join(PATIENCE)

    both = serving(answer)
    return lambda connection: (both if connection.selected_alpn_protocol() == "h2" else handler)(connection)


def request_of(stream):
    fields = [f"{name}: {value}\r\n" for name, value in stream.stream.fields if not name.startswith(":")]
    body = stream.body()
    length = f"Content-Length: {len(body)}\r\n" if body and stream["content-length"] is None else ""
    return f"{stream[':method']} {stream.path} HTTP/1.1\r\nHost: {stream[':authority']}\r\n{''.join(fields)}{length}\r\n".encode("latin-1") + body


def answer_with(stream, reader):
    method = stream[":method"]
    while True:
        status, fields, lower = reader.receive_head()
        kept = [(name.lower(), value) for name, value in fields if name.lower() not in ("connection", "keep-alive", "transfer-encoding", "upgrade")]
        if status >= 200:
            break
        stream.interim(status, kept)
    bodiless = method == "HEAD" or status in (204, 304)
    stream.head(status, kept, ends=bodiless)
    if bodiless:
        return
    if "content-length" in lower:
        left = int(lower["content-length"])
        while left > 0:
            piece = reader.exactly(min(left, max(1, len(reader._buffer))))
            left -= len(piece)
            stream.send(piece)
        stream.send(b"", ends=True)
    elif "transfer-encoding" in lower:
        stream.send(reader._chunked(), ends=True)
    else:
        stream.send(reader.until_close(), ends=True)


class EitherClient:
    """Looks like harness.Client and speaks HTTP/2: in a tunnel by ALPN, at the listener by prior knowledge."""

    def __init__(self, proxy):
        self.raw = Client(proxy)
        self.http2 = None

    def close(self):
        self.raw.close()

    def connect(self, authority):
        self.raw.connect(authority)
        return self

    def start_tls(self, name, cafile=None, configure=None):
        def both(context):
            if configure:
                configure(context)
            context.set_alpn_protocols(["h2", "http/1.1"])

        self.raw.start_tls(name, cafile, both)
        if self.socket.selected_alpn_protocol() != "h2":
            raise AssertionError("the proxy did not agree on HTTP/2")
        self.http2 = Http2Client(self.raw, "https")
        return self

    @property
    def socket(self):
        return self.raw.socket

    def begun(self):
        self.http2 = self.http2 or Http2Client(self.raw, "http")
        return self.http2

    def request(self, text, body=b""):
        return self.begun().request(text, body)

    def get(self, target, host="test", **fields):
        return self.begun().get(target, host, **fields)

    def send(self, _):
        raise AssertionError("bytes of HTTP/1.1 in a test that runs over HTTP/2 too")


class OverHttp2:
    """A Case whose TLS servers and clients speak HTTP/2."""

    def tls_server(self, identity, handler=None, configure=None):
        def both(context):
            if configure:
                configure(context)
            context.set_alpn_protocols(["h2", "http/1.1"])

        return super().tls_server(identity, translated(handler or servers.answering(servers.ok())), both)

    def client(self, proxy):
        client = EitherClient(proxy)
        self.addCleanup(client.close)
        return client


def over_http2(case, *leaving_out):
    """The same cases over HTTP/2, but for tests that are about HTTP/1.1's bytes or connections."""
    missing = [name for name in leaving_out if not hasattr(case, name)]
    if missing:
        raise AssertionError(f"{case.__name__} has no {missing}")
    return type(case.__name__ + "OverHttp2", (OverHttp2, case), {"__module__": case.__module__} | dict.fromkeys(leaving_out))
