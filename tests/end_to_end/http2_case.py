"""What the tests of HTTP/2 begin with."""
import hashlib

from harness import Case
from http2 import Http2Client, offering_h2, serving

LARGE = 20_000_000


def digest(data):
    return hashlib.sha256(data).hexdigest()


class Http2Case(Case):
    def h2_server(self, name, answer, configure=None, **named):
        """A server of python3-h2 under TLS; `named` are its connections' (serving)."""
        return self.tls_server(self.pki.leaf(name), serving(answer, **named), configure or offering_h2())

    def h2_client(self, proxy, host, port=443, **named):
        """A client inside an intercepted tunnel."""
        client = self.client(proxy).connect(f"{host}:{port}").start_tls(host, configure=offering_h2())
        self.assertEqual(client.socket.selected_alpn_protocol(), "h2")
        return Http2Client(client, "https", **named)

    def known(self, proxy, port=None, **named):
        """A client that begins with HTTP/2 at the listener."""
        return Http2Client(self.client(proxy), "http", **named)

    def requests(self, proxy):
        proxy.stop()
        return [line for line in proxy.log() if line["event"] == "request"]

    def request_line(self, proxy, **expected):
        line, = self.requests(proxy)
        self.assertEqual({name: line.get(name) for name in expected}, expected, line)
        return line
