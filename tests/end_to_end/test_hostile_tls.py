"""TLS peers that mean harm or are broken: explained, cut off or refused, and the proxy ends well afterwards."""
import contextlib
import ctypes
import os
import socket
import ssl
import threading

from harness import Case, main, servers
from hostile import SOON, post


class HostileTls(Case):
    def test_a_servers_key_update_is_answered_while_the_response_still_comes(self):
        """What is not sent is kept: a server that asks for a million of them would fill the memory."""
        library = ctypes.CDLL("libssl.so.3")
        library.SSL_key_update.argtypes = [ctypes.c_void_p, ctypes.c_int]
        answers = []

        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
            session = ctypes.c_void_p.from_address(id(connection._connection._sslobj) + 3 * ctypes.sizeof(ctypes.c_void_p))
            library.SSL_key_update(session, 1)  # SSL_KEY_UPDATE_REQUESTED
            connection.sendall(b"x")
            with socket.socket(fileno=os.dup(connection.fileno())) as raw:
                raw.settimeout(3)
                with contextlib.suppress(TimeoutError):
                    answers.append(raw.recv(1, socket.MSG_PEEK))
            connection.sendall(b"x")
            servers.drain(connection)

        def configure(context):
            context.minimum_version = ssl.TLSVersion.TLSv1_3

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler, configure)})
        response = self.tls_client(proxy, "good.test").get("/", "good.test")
        self.assertEqual(response.body, b"xx")
        self.assertEqual(answers, [b"\x17"])

    def test_a_server_that_wants_a_client_certificate_says_so_in_both_versions(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            def configure(context, version=version):
                context.minimum_version = context.maximum_version = version
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(self.pki.trust)

            server = self.tls_server(self.pki.leaf("good.test"), configure=configure)
            client = self.tls_client(self.proxy(hosts={"good.test:443": server}), "good.test")
            for path in ("/first", "/second"):
                with self.subTest(version.name + path):
                    self.assertEqual(client.get(path, "good.test")["Proxy-Status"],
                                     'whytls; error=tls_alert_received; details="client_certificate_required"')

    def test_a_name_in_the_hello_may_be_any_bytes(self):
        """RFC 6066 takes host names alone; whatever comes, the client is told and the proxy's memory is not its."""
        def vector(size, data):
            return len(data).to_bytes(size, "big") + data

        def hello(name):
            extensions = (b"\0\0" + vector(2, vector(2, b"\0" + vector(2, name))) + b"\0\x0a" + vector(2, vector(2, b"\0\x1d\0\x17")) +
                          b"\0\x0d" + vector(2, vector(2, b"\x04\x03\x08\x04")))
            body = b"\x03\x03" + bytes(32) + b"\0" + vector(2, b"\xc0\x2b") + b"\1\0" + vector(2, extensions)
            message = b"\1" + vector(3, body)
            return b"".join(b"\x16\x03\x01" + vector(2, message[i:i + 16000]) for i in range(0, len(message), 16000))

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"))})
        for name in (b"*", b"a" * 300, b"b" * 50_000, b"a\xff.test", b"\0", b"x\r\nY: z", b"\x1b[2Jx", b"127.0.0.1", b"::1", b".", b" ", b'"><b>'):
            with self.subTest(name[:20]):
                client = self.client(proxy).connect("good.test:443")
                client.send(hello(name))
                self.assertIn(client.exactly(1), (b"\x15", b"\x16"), "neither an alert nor a handshake")
                client.close()
        proxy.stop()
        self.assertNotIn("\x1b", proxy.stderr.text)
        self.assertTrue(proxy.log())

    def test_renegotiation_is_refused_and_does_no_harm(self):
        library = ctypes.CDLL("libssl.so.3")
        library.SSL_renegotiate.argtypes = [ctypes.c_void_p]

        def session(connection):
            return ctypes.c_void_p.from_address(id(connection._sslobj) + 3 * ctypes.sizeof(ctypes.c_void_p))

        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na")
            library.SSL_renegotiate(session(connection._connection))
            connection.sendall(b"bc")
            servers.drain(connection)

        def configure(context):
            context.maximum_version = ssl.TLSVersion.TLSv1_2

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler, configure)})
        self.assertEqual(self.tls_client(proxy, "good.test").get("/", "good.test").body, b"abc")
        client = self.client(proxy).connect("good.test:443").start_tls("good.test", configure=configure)
        library.SSL_renegotiate(session(client.socket))
        with self.assertRaises((OSError, EOFError)):
            client.get("/", "good.test")

    def test_a_handshake_that_stalls_or_never_ends_is_ended(self):
        def endless(first, then):
            def handler(connection):
                connection.recv(1000)
                with contextlib.suppress(OSError):
                    connection.sendall(first)
                    while then:
                        connection.sendall(then)
                    servers.drain(connection)
            return handler

        flights = {"silence": (b"", b""), "half a message": (b"\x16\x03\x03\0\x7a\2\0", b""), "empty records": (b"", b"\x16\x03\x03\0\0" * 100),
                   "warnings": (b"", b"\x15\x03\x03\0\2\1\x5a" * 100), "cipher changes": (b"", b"\x14\x03\x03\0\1\1" * 100),
                   "a message of 16 MB": (b"\x16\x03\x03\x40\0\2\xff\xff\xff" + bytes(16380), b"\x16\x03\x03\x40\0" + bytes(16384))}
        for what, flight in flights.items():
            with self.subTest(what):
                proxy = self.proxy("--handshake-timeout", "1", hosts={"good.test:443": self.server(endless(*flight))})
                client = self.tls_client(proxy, "good.test")
                client.socket.settimeout(SOON)
                self.assertIn(client.get("/", "good.test").status, (502, 504))

    def test_flipped_bytes_in_a_servers_flight_are_explained_or_cut_off(self):
        real = self.tls_server(self.pki.leaf("good.test"))
        count = [0]

        def relay(source, sink, flip):
            position = 0
            with contextlib.suppress(OSError):
                while data := bytearray(source.recv(65536)):
                    if flip is not None and position <= flip < position + len(data):
                        data[flip - position] ^= 0x55
                    position += len(data)
                    sink.sendall(data)
            for one in (source, sink):
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

        def between(connection):
            count[0] += 1
            with socket.create_connection(("127.0.0.1", real.port)) as server:
                up = threading.Thread(target=relay, args=(connection, server, None), daemon=True)
                up.start()
                relay(server, connection, count[0] * 23)
                up.join()

        proxy = self.proxy("--handshake-timeout", "1", "--response-timeout", "1", hosts={"good.test:443": self.server(between)})
        for _ in range(60):
            response = self.client(proxy).get("https://good.test/", "good.test")
            self.assertIn(response.status, (200, 502, 504))
            if response.status == 200:
                self.assertEqual(response.body, b"hello")


if __name__ == "__main__":
    main()
