"""The servers of the zoo: real ones, and our own where a server must misbehave. Each keeps all that clients sent."""
import contextlib
import os
import ssl
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "end_to_end"))

import servers  # noqa: E402  (of end_to_end)
from test_experiments import Relay  # noqa: E402

CERTIFICATE = 11  # RFC 8446 §4


class Wire(servers.Server):
    """Speaks what its handler says on the bare connection."""

    def __init__(self, handler):
        self.received = b""
        super().__init__(handler)

    def _serve_connection(self, connection):
        self._handler(servers.Recording(connection, self._record))

    def _record(self, data):
        with self._lock:
            self.received += data


class Tls(servers.TlsServer):
    """OpenSSL inside this process, which presents anything and asks every client for a certificate unless told not to."""

    clients = ""  # a PEM file: the CA that clients' certificates come from

    def __init__(self, identity, handler=None, maximum=ssl.TLSVersion.TLSv1_3, asks=True):
        self.client_certificates = []  # the Certificate messages of clients
        self._received = bytearray()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.set_ciphers("DEFAULT:@SECLEVEL=0")
        self._context.maximum_version = maximum
        self._context.verify_mode = ssl.CERT_OPTIONAL if asks else ssl.CERT_NONE
        if self.clients:
            self._context.load_verify_locations(self.clients)
        self._context.load_cert_chain(identity.chain, identity.key)
        self._context._msg_callback = self._read
        self.handshakes = 0
        servers.Server.__init__(self, handler or servers.answering(servers.ok()))

    def _read(self, _connection, direction, _version, _content, message, data):
        # What it holds is told only once a handshake is complete; one that whytls breaks off never is.
        if direction == "read" and message == CERTIFICATE:
            with self._lock:
                self.client_certificates.append(data)


class Behind(Relay):
    """A server that is another program, with a recorder in front."""

    def __init__(self, server):
        self._server = server
        super().__init__(server.port)

    def stop(self):
        super().stop()
        self._server.stop()


def message(kind, body):
    """A handshake message (RFC 5246 §7.4)."""
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def record(content, payload, version=b"\x03\x03"):
    """A record of TLS (RFC 5246 §6.2.1)."""
    return bytes([content]) + version + len(payload).to_bytes(2, "big") + payload


def server_hello(version=b"\x03\x03", suite=b"\xc0\x2b"):
    """The suite is ECDHE-ECDSA-AES128-GCM-SHA256 unless another is given."""
    return message(2, version + bytes(32) + b"\x00" + suite + b"\x00")


def certificates(*ders):
    listed = b"".join(len(der).to_bytes(3, "big") + der for der in ders)
    return message(CERTIFICATE, len(listed).to_bytes(3, "big") + listed)


def key_exchange(signature):
    """An X25519 share that claims to be signed by ecdsa_secp256r1_sha256 (RFC 8422 §5.4)."""
    return message(12, b"\x03\x00\x1d\x20" + bytes([9]) + bytes(31) + b"\x04\x03" + len(signature).to_bytes(2, "big") + signature)


def handshake(*messages):
    return record(22, b"".join(messages))


def speaking_first(line):
    def handler(connection):
        connection.sendall(line)
        servers.drain(connection)

    return handler


def then_silent(data):
    """Answers the ClientHello with this and waits."""

    def handler(connection):
        connection.recv(65536)
        connection.sendall(data)
        servers.drain(connection)

    return handler


def then_reset(data):
    def handler(connection):
        connection.recv(65536)
        connection.sendall(data)
        servers.reset(connection)

    return handler


def closing_at_once(connection):
    with contextlib.suppress(OSError):
        connection.shutdown(2)
