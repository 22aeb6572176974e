"""What every end-to-end test stands on: the real binary with a CA of its own, upstream servers, clients, and a way to end
them all. Nothing sleeps, no port is fixed, nothing outside this machine is asked."""
import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import tempfile
import unittest

import servers
from certificates import Pki
from processes import PATIENCE, SANITIZED, WHYTLS, Process, environment, run

__all__ = ["PATIENCE", "SANITIZED", "Case", "Client", "Proxy", "Response", "main", "servers"]


class Proxy:
    """A running `whytls proxy`."""

    def __init__(self, directory, options, env=None, **process):
        self.ca_dir = os.path.join(directory, "ca")
        self.log_file = os.path.join(directory, "log.jsonl")
        if "--log" not in options:
            options = ["--log", self.log_file, *options]
        self.process = Process([WHYTLS, "proxy", "--listen", "127.0.0.1:0", "--ca-dir", self.ca_dir, "--ui", "off", *options],
                               env=environment() | (env or {}), **process)
        try:
            self.port = int(self.process.stderr.wait_for(r"^listening on 127\.0\.0\.1:(\d+)")[1])
        except AssertionError:
            self.process.stop(signal.SIGKILL)
            raise
        self.url = f"http://127.0.0.1:{self.port}"
        self.ca_file = os.path.join(self.ca_dir, "ca.pem")
        self._stopped = False

    @property
    def stderr(self):
        return self.process.stderr

    def stop(self):
        """Ends it as a user would; it must exit 0, without a bug or a sanitizer speaking up."""
        if self._stopped:
            return
        self._stopped = True
        code = self.process.stop(signal.SIGTERM)
        said = self.process.stderr.text
        if code != 0 or "bug:" in said or "Sanitizer" in said or "runtime error" in said:
            raise AssertionError(f"the proxy ended with {code} and said:\n{said}")

    def peak_memory(self):
        """Its largest resident size so far, in bytes."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))

    def log(self):
        """The log's lines; complete once the proxy has stopped."""
        with open(self.log_file, encoding="utf-8") as file:
            return [json.loads(line) for line in file]


class Response:
    def __init__(self, status, fields, body, complete=True):
        self.status = status
        self.fields = fields  # pairs, as they came
        self.body = body
        self.complete = complete  # false when the connection ended inside the body

    def __getitem__(self, name):
        """The field's value, None without it; several lines are an error."""
        values = [value for field, value in self.fields if field.lower() == name.lower()]
        if len(values) > 1:
            raise AssertionError(f"{name} came {len(values)} times: {values}")
        return values[0] if values else None

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """A connection to the proxy that sends raw bytes and reads responses strictly."""

    def __init__(self, proxy, timeout=PATIENCE):
        self.proxy = proxy
        self.socket = socket.create_connection(("127.0.0.1", proxy.port), timeout)
        self._buffer = b""

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def reset(self):
        servers.reset(self.socket)

    def connect(self, authority):
        """Opens a tunnel; what follows is the tunnel's."""
        self.send(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode())
        response = self.receive("CONNECT")
        if response.status != 200:
            raise AssertionError(f"CONNECT {authority}: {response.status} {response.body}")
        if self._buffer:
            raise AssertionError(f"bytes behind the answer to CONNECT: {self._buffer}")
        return self

    def start_tls(self, name, cafile=None, configure=None):
        context = ssl.create_default_context(cafile=cafile or self.proxy.ca_file)
        if configure:
            configure(context)
        self.socket = context.wrap_socket(self.socket, server_hostname=name)
        return self

    def request(self, text, body=b""):
        """Sends a head given as lines without CRLF, then the body; the response."""
        self.send("\r\n".join(text.strip().split("\n")).encode() + b"\r\n\r\n" + body)
        return self.receive(text.split(" ", 1)[0].strip())

    def get(self, target, host="test", **fields):
        lines = [f"GET {target} HTTP/1.1", f"Host: {host}", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
        return self.request("\n".join(lines))

    def receive(self, method="GET"):
        """The next response, interim ones skipped."""
        while True:
            status, fields, lower = self.receive_head()
            if status == 101 or status >= 200:
                break
        if method == "HEAD" or status in (101, 204, 304) or (method == "CONNECT" and status < 300):
            return Response(status, fields, b"")
        try:
            if lower.get("transfer-encoding", "").lower() == "chunked":
                return Response(status, fields, self._chunked())
            if "content-length" in lower:
                return Response(status, fields, self.exactly(int(lower["content-length"])))
        except EOFError as cut:
            return Response(status, fields, cut.args[0], complete=False)
        return Response(status, fields, self.until_close())

    def receive_head(self):
        head = self.until(b"\r\n\r\n")
        first, *lines = head[:-4].decode("latin-1").split("\r\n")
        if not first.startswith("HTTP/1."):
            raise AssertionError(f"no HTTP response: {first!r}")
        fields = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]
        return int(first.split(" ")[1]), fields, {name.lower(): value for name, value in fields}

    def _chunked(self):
        body = b""
        try:
            while size := int(self.until(b"\r\n").split(b";")[0], 16):
                body += self.exactly(size)
                if self.exactly(2) != b"\r\n":
                    raise AssertionError("a chunk that is not closed")
            while self.until(b"\r\n") != b"\r\n":
                pass
        except EOFError as cut:
            raise EOFError(body + cut.args[0]) from None
        return body

    def _more(self):
        data = self.socket.recv(65536)
        self._buffer += data
        return bool(data)

    def until(self, end):
        while end not in self._buffer:
            if not self._more():
                raise EOFError(self._buffer)
        found, _, self._buffer = self._buffer.partition(end)
        return found + end

    def exactly(self, size):
        while len(self._buffer) < size:
            if not self._more():
                raise EOFError(self._buffer)
        found, self._buffer = self._buffer[:size], self._buffer[size:]
        return found

    def until_close(self):
        with contextlib.suppress(ConnectionResetError, ssl.SSLEOFError):
            while self._more():
                pass
        found, self._buffer = self._buffer, b""
        return found

    def at_end(self):
        """Whether the proxy closed the connection, and sent nothing more before."""
        return self.until_close() == b""


class Case(unittest.TestCase):
    """Ends in reverse order all that its tests start."""

    maxDiff = None
    http2 = False  # true where over_http2 runs the same tests again

    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.mkdtemp(prefix="whytls-")
        os.chmod(cls.shared, 0o755)  # nginx's worker may be another user
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        cls.pki = Pki(os.path.join(cls.shared, "pki"))

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="test-", dir=self.shared)
        os.chmod(self.directory, 0o755)
        self.proxies = 0

    def started(self, one):
        self.addCleanup(one.stop)
        return one

    def server(self, handler):
        return self.started(servers.Server(handler))

    def tls_server(self, identity, handler=None, configure=None):
        return self.started(servers.TlsServer(identity, handler or servers.answering(servers.ok()), configure))

    def proxy(self, *options, hosts=None, trust=None, **named):
        """`hosts` maps "name:port" to a server of ours, or to its port."""
        resolve = []
        for authority, server in (hosts or {}).items():
            resolve += ["--resolve", f"{authority}:127.0.0.1:{server if isinstance(server, int) else server.port}"]
        self.proxies += 1
        directory = os.path.join(self.directory, f"proxy-{self.proxies}")
        os.mkdir(directory)
        return self.started(Proxy(directory, ["--trust", trust or self.pki.trust, *resolve, *options], **named))

    def client(self, proxy):
        client = Client(proxy)
        self.addCleanup(client.close)
        return client

    def tls_client(self, proxy, host, port=443):
        """A client inside an intercepted tunnel."""
        return self.client(proxy).connect(f"{host}:{port}").start_tls(host)

    def curl(self, proxy, *arguments, trusting=True):
        """curl through the proxy; its exit code is the caller's to check."""
        trust = ["--cacert", proxy.ca_file] if trusting else []
        return run("curl", "--silent", "--show-error", "--max-time", PATIENCE * 2, "--proxy", proxy.url, *trust, *arguments, text=False)

    def curl_body(self, proxy, *arguments):
        done = self.curl(proxy, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def assert_ended(self, client):
        self.assertTrue(client.at_end(), "the connection stayed open or had more to say")


def main():
    unittest.main(verbosity=2)
