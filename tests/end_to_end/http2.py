"""Peers of HTTP/2 that do what a test says (python3-h2): a client that gives back only what is read, a server whose requests are answered
side by side. The client looks like harness.Client, and a server's handler of HTTP/1.1 may answer streams: the same cases run over both."""
import contextlib
import re
import select
import socket
import ssl
import sys
import threading
import time

from harness import Response
from processes import PATIENCE

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's packages, where this Python is not Debian's

import h2.config  # noqa: E402
import h2.connection  # noqa: E402
import h2.errors  # noqa: E402
import h2.events  # noqa: E402
import h2.exceptions  # noqa: E402
import h2.settings  # noqa: E402
import hyperframe.frame  # noqa: E402

Codes = h2.errors.ErrorCodes
SCHEMES = re.compile(r"(https?)://([^/?]*)(.*)")


def offering_h2(*others):
    """For a TLS context of either side."""
    return lambda context: context.set_alpn_protocols(["h2", *others])


class Stream:
    """What came on a stream; `connection` is one of the classes below."""

    def __init__(self, connection, number):
        self.connection = connection
        self.number = number
        self.fields = []    # of a request or of a final response, pseudo-headers included
        self.interim = []   # each the fields of a response 1xx
        self.content = bytearray()
        self.trailers = None
        self.ended = False
        self.code = None    # of a RST_STREAM
        self.reads = True   # gives back what it received at once
        self.held = 0       # what it did not give back
        self.left = lambda: None  # called when the other side wants no more of it

    def __getitem__(self, name):
        found = [value for field, value in self.fields if field == name]
        return ", ".join(found) if found else None

    @property
    def status(self):
        return int(self[":status"]) if self[":status"] else None

    @property
    def over(self):
        return self.ended or self.code is not None


class Peer:
    """A connection and its streams. Whatever is called from several threads takes the lock."""

    def __init__(self, connection, client_side, settings=None):
        self.socket = connection
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=client_side, header_encoding="latin-1", validate_outbound_headers=False, normalize_outbound_headers=False))
        self.h2.local_settings.max_concurrent_streams = 1000
        for name, value in (settings or {}).items():
            self.h2.local_settings[name] = value
        self.h2.local_settings.acknowledge()
        # The library would take nothing more after a GOAWAY; the streams below it go on (RFC 9113 §6.8).
        self.h2._frame_dispatch_table[hyperframe.frame.GoAwayFrame] = self.take_goaway
        self.streams = {}
        self.goaway = None
        self.pings = 0
        self.met = False  # the other side's settings have come
        self.ended = False
        self.lock = threading.Condition(threading.RLock())
        self.h2.initiate_connection()
        self.flush()

    def flush(self):
        with self.lock:
            if data := self.h2.data_to_send():
                self.socket.sendall(data)

    def stream(self, number):
        return self.streams.setdefault(number, Stream(self, number))

    def receive(self):
        """Takes what has come, and waits for it if nothing has; false at the end."""
        return self.received(self.socket.recv(65536))

    def received(self, data):
        with self.lock:
            if data:
                for event in self.h2.receive_data(data):
                    self.take(event)
                self.flush()
            else:
                self.ended = True
            self.lock.notify_all()
        return bool(data)

    def take(self, event):
        if isinstance(event, h2.events.PingAckReceived):
            self.pings += 1
        elif isinstance(event, h2.events.RemoteSettingsChanged):
            self.met = True
        if getattr(event, "stream_id", 0) in (0, None):
            return
        stream = self.stream(event.stream_id)
        if isinstance(event, (h2.events.RequestReceived, h2.events.ResponseReceived)):
            stream.fields = list(event.headers)
        elif isinstance(event, h2.events.InformationalResponseReceived):
            stream.interim.append(list(event.headers))
        elif isinstance(event, h2.events.DataReceived):
            stream.content += event.data
            stream.held += event.flow_controlled_length
            if stream.reads:
                self.give_back(stream)
        elif isinstance(event, h2.events.TrailersReceived):
            stream.trailers = list(event.headers)
        elif isinstance(event, h2.events.StreamEnded):
            stream.ended = True
        elif isinstance(event, h2.events.StreamReset):
            stream.code = int(event.error_code)
            stream.left()

    def take_goaway(self, frame):
        self.goaway = (frame.error_code, frame.last_stream_id, frame.additional_data)
        return [], []

    def give_back(self, stream):
        if stream.held:
            with contextlib.suppress(h2.exceptions.StreamClosedError):
                self.h2.acknowledge_received_data(stream.held, stream.number)
            stream.held = 0

    def window(self, stream):
        return min(self.h2.local_flow_control_window(stream.number), self.h2.max_outbound_frame_size)

    def reset(self, stream, code):
        with self.lock:
            self.h2.reset_stream(stream.number, code)
            self.flush()


class Http2Client(Peer):
    """Sends requests and reads when it waits for something. `connection`: a harness.Client whose bytes are HTTP/2 from now on."""

    def __init__(self, connection, scheme, settings=None):
        self.client = connection
        self.scheme = scheme
        self.last = None
        super().__init__(connection.socket, True, settings)

    def close(self):
        self.client.close()

    def ask(self, target, host="test", method="GET", fields=(), ends=True, **pseudo):
        """Opens a stream, once the server has room; `target` may be a URL, as to a proxy."""
        self.wait(lambda: self.met and self.h2.open_outbound_streams < self.h2.remote_settings.max_concurrent_streams)
        scheme = self.scheme
        if target and (found := SCHEMES.match(target)):
            scheme, host, target = found[1], found[2], found[3] or ("*" if method == "OPTIONS" else "/")
        head = {":method": method, ":scheme": scheme, ":authority": host, ":path": target} | {":" + name: value for name, value in pseudo.items()}
        stream = self.stream(self.h2.get_next_available_stream_id())
        self.h2.send_headers(stream.number, [(name, value) for name, value in head.items() if value is not None] + list(fields), end_stream=ends)
        self.flush()
        return stream

    def send(self, stream, data, ends=False):
        """Waits where the window is closed."""
        if isinstance(stream, bytes):
            raise AssertionError("bytes of HTTP/1.1 in a test of both versions")
        view = memoryview(data)
        while view or ends:
            self.wait(lambda: self.window(stream) > 0 or not view or stream.code is not None)
            if stream.code is not None:
                return
            size = min(self.window(stream), len(view))
            self.h2.send_data(stream.number, bytes(view[:size]), end_stream=ends and size == len(view))
            self.flush()
            view = view[size:]
            if not view:
                return

    def finish(self, stream, trailers):
        self.h2.send_headers(stream.number, trailers, end_stream=True)
        self.flush()

    def wait(self, condition, timeout=PATIENCE):
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError("what was waited for did not come")
            if not self.receive():
                if condition():
                    return
                raise EOFError("the connection ended")

    def done(self, stream):
        """The stream once it is over."""
        self.wait(lambda: stream.over)
        return stream

    def response(self, stream):
        with contextlib.suppress(EOFError):
            self.done(stream)
        if stream.status is None:
            raise AssertionError(f"no response: reset {stream.code}, connection {self.goaway}")
        fields = [(name, value) for name, value in stream.fields if not name.startswith(":")]
        return Response(stream.status, fields, bytes(stream.content), stream.ended)

    def request(self, text, body=b""):
        """As harness.Client's: a head in lines, as HTTP/1.1 has it."""
        first, *lines = text.strip().split("\n")
        method, target, _ = first.split(" ")
        fields = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]
        host = next((value for name, value in fields if name.lower() == "host"), None)
        kept = [(name.lower(), value) for name, value in fields if name.lower() != "host"]
        stream = self.last = self.ask(target, host, method, kept, ends=not body)
        if body:
            self.send(stream, body, ends=True)
        return self.response(stream)

    def get(self, target, host="test", **fields):
        return self.request("\n".join([f"GET {target} HTTP/2", f"Host: {host}", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]))

    def ping(self):
        """Returns once it is answered: what was sent before has been read."""
        before = self.pings
        self.h2.ping(b"whytls!?")
        self.flush()
        self.wait(lambda: self.pings > before)

    def until_end(self):
        with contextlib.suppress(OSError, EOFError):
            self.wait(lambda: False)


class ServerStream:
    """A request that a handler answers, in a thread of its own."""

    def __init__(self, stream):
        self.stream = stream
        self.peer = stream.connection
        self.responded = False

    def __getitem__(self, name):
        return self.stream[name]

    @property
    def path(self):
        return self.stream[":path"]

    def wait(self, condition, timeout=PATIENCE):
        with self.peer.lock:
            if not self.peer.lock.wait_for(lambda: condition() or self.peer.ended, timeout):
                raise TimeoutError
            return condition()

    def body(self):
        self.wait(lambda: self.stream.over)
        return bytes(self.stream.content)

    def head(self, status, fields=(), ends=False):
        with self.peer.lock:
            self.responded |= status >= 200
            self.peer.h2.send_headers(self.stream.number, [(":status", str(status)), *fields], end_stream=ends)
            self.peer.flush()

    interim = head

    def send(self, data, ends=False):
        """False once the client wants no more."""
        view = memoryview(data)
        while view or ends:
            with self.peer.lock:
                self.wait(lambda: self.stream.code is not None or not view or self.peer.window(self.stream) > 0)
                if self.stream.code is not None or self.peer.ended:
                    return False
                size = min(self.peer.window(self.stream), len(view))
                last = ends and size == len(view)
                self.peer.h2.send_data(self.stream.number, bytes(view[:size]), end_stream=last)
                self.peer.flush()
            view = view[size:]
            if not view:
                break
        return True

    def respond(self, status=200, body=b"", fields=(), trailers=None):
        self.head(status, fields, ends=not body and trailers is None)
        if body:
            self.send(body, ends=trailers is None)
        if trailers is not None:
            self.finish(trailers)

    def finish(self, trailers):
        with self.peer.lock:
            self.peer.h2.send_headers(self.stream.number, trailers, end_stream=True)
            self.peer.flush()

    def reset(self, code):
        self.peer.reset(self.stream, code)

    def was_reset(self):
        """The code that the client reset this stream with; None if it did not, and the connection has ended or the request is over."""
        self.wait(lambda: self.stream.code is not None)
        return self.stream.code

    def hang_up(self):
        """Ends the connection without a word."""
        with self.peer.lock, contextlib.suppress(OSError):
            self.peer.socket.shutdown(socket.SHUT_RDWR)

    def goaway(self, code, last, debug=b""):
        with self.peer.lock:
            self.peer.socket.sendall(hyperframe.frame.GoAwayFrame(0, last, int(code), debug).serialize())


def serving(answer, settings=None, seen=None):
    """A handler of a connection that lets `answer(ServerStream)` answer each request. `seen` gets each connection."""

    class Serving(Peer):
        def take(self, event):
            super().take(event)
            if isinstance(event, h2.events.RequestReceived):
                thread = threading.Thread(target=self.serve, args=(ServerStream(self.streams[event.stream_id]),), daemon=True)
                threads.append(thread)
                thread.start()

        def serve(self, stream):
            with contextlib.suppress(OSError, TimeoutError, h2.exceptions.ProtocolError):
                answer(stream)

    threads = []

    def handler(connection):
        try:
            peer = Serving(connection, False, settings)
            if seen is not None:
                seen.append(peer)
        except OSError:
            return
        try:
            # What reads and what writes share one TLS session: each under the lock, and none of them waits there for the other side to say something.
            more = True
            while more:
                if not getattr(connection, "pending", int)() and not select.select([connection], [], [], PATIENCE)[0]:
                    break
                with peer.lock:
                    connection.settimeout(0)
                    try:
                        more = peer.received(connection.recv(65536))
                    except (ssl.SSLWantReadError, BlockingIOError):
                        pass
                    finally:
                        connection.settimeout(PATIENCE)
        except (OSError, ValueError, h2.exceptions.ProtocolError):
            pass
        finally:
            with peer.lock:
                peer.ended = True
                peer.lock.notify_all()
                for stream in peer.streams.values():
                    stream.left()
            for thread in threads:
                thread.join(PATIENCE)

    return handler


def answering(body=b"hello", **named):
    return serving(lambda stream: (stream.body(), stream.respond(body=body, **named)))
