"""Upstream servers: OpenSSL's and nginx's as they are in the world, and our own where a server must misbehave."""
import contextlib
import os
import re
import select
import socket
import ssl
import struct
import subprocess
import threading

from processes import PATIENCE, Process, kept_inside, listening


class Server:
    """Listens on a free port of 127.0.0.1; each connection is served in a thread by `handler(connection)`."""

    at = ("127.0.0.1", 0)

    def __init__(self, handler, backlog=64):
        self._handler = handler
        family = socket.AF_INET6 if ":" in self.at[0] else socket.AF_INET
        self._listener = socket.create_server(self.at, backlog=backlog, family=family)
        self.port = self._listener.getsockname()[1]
        self.connections = 0
        self.errors = []
        self._open = set()
        self._threads = []
        self._lock = threading.Lock()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(PATIENCE)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            with self._lock:
                self.connections += 1
                self._open.add(connection)
                self._threads.append(thread)
            thread.start()

    def _serve(self, connection):
        try:
            self._serve_connection(connection)
        except OSError as error:
            with self._lock:
                self.errors.append(error)
        finally:
            with self._lock:
                self._open.discard(connection)
            with contextlib.suppress(OSError):
                connection.close()

    def _serve_connection(self, connection):
        self._handler(connection)

    def stop(self):
        # A thread in accept() is not woken by close() alone.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(PATIENCE)
        with self._lock:
            connections, threads = list(self._open), list(self._threads)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(PATIENCE)


def tls_context(identity):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.chain, identity.key)
    return context


class TlsServer(Server):
    """Speaks TLS and records every byte that clients send inside it."""

    def __init__(self, identity, handler, configure=None):
        self._context = tls_context(identity)
        if configure:
            configure(self._context)
        self._received = bytearray()
        self.handshakes = 0
        super().__init__(handler)

    def _serve_connection(self, connection):
        with self._context.wrap_socket(connection, server_side=True) as secure:
            self.handshakes += 1
            self._handler(Recording(secure, self._record))

    def _record(self, data):
        with self._lock:
            self._received += data

    @property
    def received(self):
        with self._lock:
            return bytes(self._received)


class Recording:
    """A connection that tells what it receives."""

    def __init__(self, connection, record):
        self._connection = connection
        self._record = record

    def recv(self, size):
        data = self._connection.recv(size)
        self._record(data)
        return data

    def __getattr__(self, name):
        return getattr(self._connection, name)


class Requests:
    """Reads requests from a connection, for a handler that answers them."""

    def __init__(self, connection):
        self._connection = connection
        self._buffer = b""

    def _more(self):
        data = self._connection.recv(65536)
        self._buffer += data
        return bool(data)

    def head(self):
        """The next request's head with its blank line, or b"" when the client is done."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._more():
                return b""
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        return head + b"\r\n\r\n"

    def body(self, size):
        """The next `size` bytes; fewer when the client hangs up."""
        pieces, missing = [self._buffer], size - len(self._buffer)
        while missing > 0 and (data := self._connection.recv(65536)):
            pieces.append(data)
            missing -= len(data)
        body = b"".join(pieces)
        self._buffer = body[size:]
        return body[:size]

    def until(self, end):
        """Everything up to and with `end`."""
        while end not in self._buffer and self._more():
            pass
        found, _, self._buffer = self._buffer.partition(end)
        return found + end


def answering(response):
    """A handler that gives every request this response."""

    def handler(connection):
        requests = Requests(connection)
        while requests.head():
            connection.sendall(response)

    return handler


def ok(body=b"hello", fields=b""):
    return b"HTTP/1.1 200 OK\r\n" + fields + b"Content-Length: %d\r\n\r\n" % len(body) + body


def saying(data):
    """A handler that reads the client's first bytes, says `data` and hangs up."""

    def handler(connection):
        connection.recv(65536)
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        drain(connection)

    return handler


def drain(connection):
    with contextlib.suppress(OSError):
        while connection.recv(65536):
            pass


def trickle(connection, piece, pause=0.05):
    """Sends that piece again and again until the peer ends, which it waits for `pause` seconds each time."""
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(piece)
            if select.select([connection], [], [], pause)[0] and not connection.recv(65536):
                return


def resetting(connection):
    """Reads the client's first bytes and resets the connection."""
    connection.recv(65536)
    reset(connection)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def silent(connection):
    """Reads and never says a word."""
    drain(connection)


def presenting(*certificates):
    """A handler that answers a ClientHello in TLS 1.2 with these certificates (DER, or what claims to be), and no more."""

    def message(kind, body):
        return bytes([kind]) + len(body).to_bytes(3) + body

    def vector(data):
        return len(data).to_bytes(3) + data

    hello = message(2, b"\x03\x03" + bytes(32) + b"\x00" + b"\xc0\x2b" + b"\x00")  # ECDHE-ECDSA-AES128-GCM-SHA256
    flight = hello + message(11, vector(b"".join(vector(certificate) for certificate in certificates)))
    return saying(b"\x16\x03\x03" + len(flight).to_bytes(2) + flight)


def choosing_group(identity, prime):
    """A handler that answers a ClientHello in TLS 1.2 as far as a DHE-RSA key exchange over this prime, rightly signed (RFC 5246 §7.4.3); no handshake comes
    about. One that offers no such suite gets the alert handshake_failure. OpenSSL's server has no group under 1024 bits."""

    def message(kind, body):
        return bytes([kind]) + len(body).to_bytes(3) + body

    def vector(data, size=2):
        return len(data).to_bytes(size) + data

    chain = b"".join(vector(der, 3) for der in (identity.der, identity.file("intermediate.der")))

    def handler(connection):
        hello = connection.recv(65536)
        if b"\x00\x9e" not in hello:
            connection.sendall(alert(40))
            return
        ours = os.urandom(32)
        size = (prime.bit_length() + 7) // 8
        group = vector(prime.to_bytes(size)) + vector(b"\x02") + vector(pow(2, 65537, prime).to_bytes(size))
        # The client's random stands behind the headers and the version.
        signature = signed(identity.key, hello[11:43] + ours + group)
        flight = message(2, b"\x03\x03" + ours + b"\x00\x00\x9e\x00" + vector(b"\xff\x01\x00\x01\x00")) + message(11, vector(chain, 3)) + message(
            12, group + b"\x04\x01" + vector(signature)) + message(14, b"")
        connection.sendall(b"\x16\x03\x03" + vector(flight))
        drain(connection)

    return handler


def signed(key, data):
    """An RSA signature with SHA-256 (RFC 8017 §8.2)."""
    return subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=data, capture_output=True, check=True, timeout=PATIENCE).stdout


def alert(number):
    """A record with a fatal alert (RFC 8446 §6)."""
    return b"\x15\x03\x03\x00\x02\x02" + bytes([number])


def alerting(number):
    """A handler that answers a ClientHello with a fatal alert."""
    return saying(alert(number))


class Site(Server):
    """A web site of documents by path; keeps what it was asked, head and body. A path without a document is a 404."""

    def __init__(self, documents):
        self.documents = documents
        self.asked = []
        super().__init__(self._answer)

    def _answer(self, connection):
        requests = Requests(connection)
        while head := requests.head():
            length = re.search(rb"(?i)^content-length: (\d+)", head, re.MULTILINE)
            self.asked.append(head + requests.body(int(length[1]) if length else 0))
            document = self.documents.get(head.split(b" ")[1].decode())
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" if document is None else ok(document))


class OpensslResponder:
    """`openssl ocsp` with this database (its -index format), which answers for `directory`'s NAME.pem."""

    def __init__(self, directory, ca, index):
        path = os.path.join(directory, "index.txt")
        with open(path, "w", encoding="ascii") as file:
            file.write(index)
        certificate, key = (os.path.join(directory, ca + end) for end in (".pem", "-key.pem"))
        self._process = Process(["openssl", "ocsp", "-port", "0", "-index", path, "-CA", certificate, "-rsigner", certificate, "-rkey", key],
                                env=kept_inside())
        self.port = int(self._process.stdout.wait_for(r"^ACCEPT .*:(\d+) ")[1])

    def stop(self):
        self._process.stop()


class DeafPort:
    """A port where connecting neither succeeds nor fails: its queue is full."""

    def __init__(self):
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(0)
        self.port = self._listener.getsockname()[1]
        self._waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.connect(("127.0.0.1", self.port))
            self._waiting.append(client)

    def stop(self):
        for one in [*self._waiting, self._listener]:
            one.close()


class ClosedPort:
    """A port that is taken and refuses connections."""

    def __init__(self):
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    def stop(self):
        self._socket.close()


class Nginx:
    """nginx in the foreground, on a socket that is bound before it starts; `locations` go into its one server block, PORT is its port there."""

    def __init__(self, directory, locations, identity=None, http2=False, root=None, connections=512):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = listener.getsockname()[1]
        locations = locations.replace("PORT", str(self.port))
        tls = f"ssl_certificate {identity.chain}; ssl_certificate_key {identity.key};" if identity else ""
        how = f"{' ssl' if identity else ''}{' http2' if http2 else ''}"
        temporary = " ".join(f"{kind}_temp_path {directory}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = os.path.join(directory, "nginx.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"daemon off; pid {directory}/pid; error_log stderr notice; worker_processes 1;\n"
                       f"{'user root;' if os.geteuid() == 0 else ''}\n"
                       f"worker_rlimit_nofile {2 * connections}; events {{ worker_connections {connections}; }}\n"
                       f"http {{ access_log off; {temporary} client_max_body_size 0; keepalive_requests 100000;\n"
                       f"server {{ listen 127.0.0.1:{self.port}{how}; {tls}\nroot {root or directory};\n{locations}\n}} }}\n")
        descriptor = listener.fileno()
        self._process = Process(["nginx", "-p", directory, "-c", config], pass_fds=[descriptor],
                                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "NGINX": f"{descriptor};"})
        listener.close()
        self._process.stderr.wait_for(r"start worker process \d")

    def stop(self):
        self._process.stop()


class GnutlsServer:
    """`gnutls-serv --http`, which answers every request with a page about the session. It picks its port and does not say which."""

    def __init__(self, identity, *options):
        self._process = Process(["gnutls-serv", "--http", "--port", "0", "--x509certfile", identity.chain, "--x509keyfile", identity.key, *options],
                                env=kept_inside())
        self._process.stderr.wait_for(r"listening on IPv4 .*done$")
        self.port = next(port for address, port in listening(self._process.pid) if address.version == 4)

    def stop(self):
        self._process.stop()


class OpensslServer:
    """`openssl s_server -www`, which answers every request with a page about the session. It leaves out the system's roots:
    to read them takes longer than all else."""

    def __init__(self, identity, *options):
        arguments = ["-cert", identity.chain, "-key", identity.key] if identity else ["-nocert"]
        if identity and os.path.getsize(identity.issuers) > 0:
            arguments += ["-cert_chain", identity.issuers]
        self._process = Process(["openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-no-CAfile", "-no-CApath", "-no-CAstore",
                                 *arguments, *options])
        self.port = int(self._process.stdout.wait_for(r"^ACCEPT .*:(\d+)$")[1])

    def stop(self):
        self._process.stop()
