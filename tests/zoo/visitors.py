"""Clients that do not come to terms with the proxy, each for a host of its own; the log says why."""
import contextlib
import ssl
from dataclasses import dataclass
from typing import Any, Callable

from harness import Client
from processes import PATIENCE, run


@dataclass
class Visitor:
    name: str
    code: str
    come: Callable[[Any, str], Any]  # the proxy, the host

    @property
    def host(self):
        return f"{self.name}.zoo.test"


def curl(proxy, host, *options):
    run("curl", "--silent", "--max-time", PATIENCE, "--proxy", proxy.url, *options, f"https://{host}/")


def openssl(*options):
    def come(proxy, host):
        run("openssl", "s_client", "-proxy", f"127.0.0.1:{proxy.port}", "-connect", f"{host}:443", "-servername", host, *options)

    return come


def hangs_up(proxy, host):
    """Goes in the middle of its handshake, without an alert."""
    said, heard = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = ssl.create_default_context().wrap_bio(heard, said, server_hostname=host)
    with contextlib.suppress(ssl.SSLWantReadError):
        session.do_handshake()
    with contextlib.closing(Client(proxy).connect(f"{host}:443")) as client:
        client.send(said.read())
        client.socket.recv(65536)


VISITORS = [
    Visitor("distrusting", "client_untrusted_ca", lambda proxy, host: curl(proxy, host)),
    # The same program trusts the CA for another host.
    Visitor("pinning", "client_pinned", lambda proxy, host: (curl(proxy, "sound.zoo.test", "--cacert", proxy.ca_file), curl(proxy, host))),
    Visitor("hanging-up", "client_closed", hangs_up),
    Visitor("old", "client_protocol_version", openssl("-tls1_1", "-cipher", "ALL:@SECLEVEL=0")),
    Visitor("picky", "client_no_shared_cipher", openssl("-tls1_2", "-cipher", "AES128-SHA")),
]
