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

        threads = [threading.Thread(target=run, daemon=True), threading.Thread(target=upload, args=(stream, ours), daemon=True)]
        for thread in threads:
            thread.start()
        stream.stream.left = leave
        reader = Client.__new__(Client)
        reader.socket, reader._buffer = ours, b""
        with ours:
            try:
                answer_with(stream, reader)
            except EOFError as cut:
                if cut.args[0] or stream.responded:
                    stream.reset(Codes.INTERNAL_ERROR)
                else:
                    stream.hang_up()
            except (OSError, AssertionError, ValueError):
                stream.reset(Codes.INTERNAL_ERROR)
        for thread in threads:
            thread.join(PATIENCE)

    both = serving(answer)
    return lambda connection: (both if connection.selected_alpn_protocol() == "h2" else handler)(connection)


def upload(stream, there):
    """Its request as HTTP/1.1's. Content passes as it comes where its length was said, and else when it is whole."""
    fields = [f"{name}: {value}\r\n" for name, value in stream.stream.fields if not name.startswith(":")]
    whole = stream.body() if stream["content-length"] is None else b""
    if whole:
        fields.append(f"Content-Length: {len(whole)}\r\n")
    with contextlib.suppress(OSError, TimeoutError):
        there.sendall(f"{stream[':method']} {stream.path} HTTP/1.1\r\nHost: {stream[':authority']}\r\n{''.join(fields)}\r\n".encode("latin-1") + whole)
        sent = len(whole)
        while not stream.peer.ended:
            stream.wait(lambda: len(stream.stream.content) > sent or stream.stream.over)
            piece = bytes(stream.stream.content[sent:])
            if not piece:
                break
            there.sendall(piece)
            sent += len(piece)


def answer_with(stream, reader):
    method = stream[":method"]
    while True:
        status, fields, lower = reader.receive_head()
        left_out = {"keep-alive", "transfer-encoding", "upgrade", *about_the_connection(lower)}
        kept = [(name.lower(), value) for name, value in fields if name.lower() not in left_out]
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
        while size := int(reader.until(b"\r\n").split(b";")[0], 16):
            stream.send(reader.exactly(size))
            reader.exactly(2)
        trailers = []
        while (line := reader.until(b"\r\n")) != b"\r\n":
            trailers.append(tuple(part.strip() for part in line.decode("latin-1").lower().split(":", 1)))
        if trailers:
            stream.finish(trailers)
        else:
            stream.send(b"", ends=True)
    else:
        with contextlib.suppress(ConnectionResetError):
            while reader._buffer or reader._more():
                stream.send(reader.exactly(len(reader._buffer)))
        stream.send(b"", ends=True)


def about_the_connection(fields):
    """The names of fields, by lower names, that a message of HTTP/1.1 has for one connection."""
    return {"connection", *fields.get("connection", "").lower().replace(" ", "").split(",")}


class EitherClient:
    """Looks like harness.Client and speaks HTTP/2: in a tunnel by ALPN, at the listener by prior knowledge. Bytes of HTTP/1.1 that it is to send are asked
    for on streams, and what it reads next is what came on the earliest of them that is not read yet."""

    def __init__(self, proxy):
        self.raw = Client(proxy)
        self.http2 = None
        self.unsent = b""      # the beginning of a head, or of content
        self.uploading = None  # the stream whose content is not all sent
        self.left = None       # how much of it; None in chunks
        self.asked = []        # streams that are not read yet
        self.told = 0          # interim responses of the earliest that were received
        self.reading = None    # the stream whose head was received last, and
        self.read = 0          # how much of its content

    def close(self):
        self.raw.close()

    def reset(self):
        self.raw.reset()

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

    def send(self, data):
        self.unsent += data
        while self.unsent and (self.send_content() if self.uploading else self.send_head()):
            pass

    def send_head(self):
        head, end, rest = self.unsent.partition(b"\r\n\r\n")
        if not end:
            return False
        first, *lines = head.decode("latin-1").split("\r\n")
        fields = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]
        lower = {name.lower(): value for name, value in fields}
        dropped = {"host", "transfer-encoding", *about_the_connection(lower)} - {"te"}
        self.unsent = rest
        self.left = None if "transfer-encoding" in lower else int(lower.get("content-length", 0))
        method, target, _ = first.split(" ")
        stream = self.begun().ask(target, lower.get("host"), method, [(name.lower(), value) for name, value in fields if name.lower() not in dropped],
                                  ends=self.left == 0)
        self.asked.append(stream)
        self.uploading = stream if self.left != 0 else None
        return True

    def send_content(self):
        if self.left is None:
            line, end, rest = self.unsent.partition(b"\r\n")
            size = int(line.split(b";")[0], 16) if end else 0
            if not end or (size == 0 and b"\r\n\r\n" not in self.unsent) or (size > 0 and len(rest) < size + 2):
                return False
            if size == 0:
                trailers, _, self.unsent = self.unsent.partition(b"\r\n\r\n")
                self.end_upload([tuple(part.strip() for part in each.lower().split(":", 1)) for each in trailers.decode().split("\r\n")[1:]])
            else:
                self.http2.send(self.uploading, rest[:size])
                self.unsent = rest[size + 2:]
        else:
            piece, self.unsent = self.unsent[:self.left], self.unsent[self.left:]
            self.left -= len(piece)
            self.http2.send(self.uploading, piece)
            if self.left == 0:
                self.end_upload([])
        return True

    def end_upload(self, trailers):
        if trailers:
            self.http2.finish(self.uploading, trailers)
        else:
            self.http2.send(self.uploading, b"", ends=True)
        self.uploading = None

    def receive_head(self):
        stream = self.asked[0]
        try:
            self.http2.wait(lambda: stream.status or len(stream.interim) > self.told or stream.over)
        except EOFError:
            raise EOFError(b"") from None
        if len(stream.interim) > self.told:
            fields = stream.interim[self.told]
            self.told += 1
        elif stream.status is None:
            raise EOFError(b"")
        else:
            fields = stream.fields
            self.reading, self.read, self.told = self.asked.pop(0), 0, 0
        kept = [(name, value) for name, value in fields if name != ":status"]
        return int(fields[0][1]), kept, dict(kept)

    def receive(self, _="GET"):
        self.told = 0
        return self.http2.response(self.asked.pop(0))

    def exactly(self, size):
        if self.reading is None:
            self.receive_head()
        stream = self.reading
        with contextlib.suppress(EOFError):
            self.http2.wait(lambda: len(stream.content) >= self.read + size or stream.over)
        found = bytes(stream.content[self.read:self.read + size])
        if len(found) < size:
            raise EOFError(found)
        self.read += size
        return found

    def at_end(self):
        return self.until_close() == b""

    def until_close(self):
        """What more comes on the stream that is read, or before the connection ends without one."""
        if self.reading is None:
            self.begun().until_end()
            return b""
        with contextlib.suppress(OSError, EOFError):
            self.http2.done(self.reading)
        found = bytes(self.reading.content[self.read:])
        self.read += len(found)
        return found


class OverHttp2:
    """A Case whose TLS servers and clients speak HTTP/2."""

    http2 = True

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
