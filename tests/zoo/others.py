"""What fails before TLS, and after it."""
import cages
from row import TIME_OUT, Row

import servers


class Nobody:
    """In the place of a server that does not exist; `port` is the proxy's own where that is asked for."""

    port = 443

    def stop(self):
        pass


def add_to(zoo):
    zoo.add(Row("refused", "connection_refused", servers.ClosedPort()))
    zoo.add(Row("deaf", "connection_timeout", servers.DeafPort(), waits=TIME_OUT))
    zoo.parent = zoo.add(Row("no-way", "upstream_proxy_refused", cages.Wire(servers.saying(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"))))
    zoo.itself = Nobody()
    zoo.add(Row("itself", "proxy_loop", zoo.itself, host="127.0.0.1", check=None))

    def site(name, code, handler, waits=0):
        """A server that verifies, and fails when it is asked."""
        server = cages.Tls(zoo.pki.leaf(f"{name}.zoo.test"), handler, asks=False)
        zoo.add(Row(name, code, server, check="", waits=waits, verifies=True))

    site("not-http", "upstream_http_error", servers.saying(b"220 mail.zoo.test ESMTP\r\n"))
    site("garbage-inside", "upstream_http_error", servers.saying(bytes(range(256))))
    site("two-lengths", "upstream_http_error", servers.saying(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\nabcde"))
    site("unanswered", "upstream_closed", servers.saying(b""))
    site("reset-unanswered", "upstream_closed", reset_early)
    site("cut-head", "upstream_closed", servers.saying(b"HTTP/1.1 200 OK\r\nContent-Le"))
    site("slow", "upstream_timeout", servers.silent, waits=TIME_OUT)


def reset_early(connection):
    """Leaves some of the request unread, so that the reset overtakes what was said before."""
    connection.recv(16)
    servers.reset(connection)
