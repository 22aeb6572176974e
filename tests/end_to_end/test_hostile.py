"""Clients and servers that mean harm or are broken: nobody gets an answer that is not theirs, nothing waits for ever, nothing
grows without end, and the proxy ends well afterwards (its exit code and, in a sanitized build, its silence are checked)."""
import contextlib
import ctypes
import os
import resource
import signal
import socket
import ssl
import threading
import time
import unittest

from harness import SANITIZED, Case, main, servers

SOON = 6  # seconds: what must happen by a time-out of one happens within these


def post(fields, path="http://good.test/", method="POST"):
    return (f"{method} {path} HTTP/1.1\r\nHost: good.test\r\n" + "".join(f"{field}\r\n" for field in fields) + "\r\n").encode()


def until(condition, seconds=SOON):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def descriptors(proxy):
    return len(os.listdir(f"/proc/{proxy.process.pid}/fd"))


class ResponsesStayApart(Case):
    def test_bytes_behind_a_response_do_not_answer_the_next_request(self):
        first = threading.Event()

        def handler(connection):
            requests = servers.Requests(connection)
            requests.head()
            mine = not first.is_set()
            first.set()
            connection.sendall(servers.ok(b"first") + servers.ok(b"poison") if mine else servers.ok(b"second"))
            if requests.head():
                connection.sendall(servers.ok(b"second"))

        client = self.client(self.proxy(hosts={"good.test:80": self.server(handler)}))
        self.assertEqual(client.get("http://good.test/1", "good.test").body, b"first")
        self.assertEqual(client.get("http://good.test/2", "good.test").body, b"second")

    def test_a_body_behind_a_response_to_head_does_not_answer_the_next_request(self):
        def handler(connection):
            requests = servers.Requests(connection)
            while head := requests.head():
                body = servers.ok(b"poison") if head.startswith(b"HEAD") else b"second"
                connection.sendall(servers.ok(body))

        client = self.client(self.proxy(hosts={"good.test:80": self.server(handler)}))
        self.assertEqual(client.request("HEAD http://good.test/ HTTP/1.1\nHost: good.test").status, 200)
        self.assertEqual(client.get("http://good.test/2", "good.test").body, b"second")

    def test_a_malformed_body_behind_a_begun_response_is_not_answered_inside_it(self):
        begun = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nearly"

        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(begun)
            servers.drain(connection)

        client = self.client(self.proxy(hosts={"good.test:80": self.server(handler)}))
        client.send(post(["Transfer-Encoding: chunked"]))
        status, _, _ = client.receive_head()
        self.assertEqual((status, client.exactly(5)), (200, b"early"))
        client.send(b"no chunk\r\n")
        self.assertEqual(client.until_close(), b"")

    def test_a_switch_of_protocols_that_nobody_asked_for_is_no_tunnel(self):
        received = []

        def handler(connection):
            requests = servers.Requests(connection)
            received.append(requests.head())
            connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
            with contextlib.suppress(OSError):
                while data := connection.recv(65536):
                    received.append(data)

        proxy = self.proxy(hosts={"evil.test:80": self.server(handler), "good.test:80": self.server(servers.answering(servers.ok()))})
        client = self.client(proxy)
        client.send(b"GET http://evil.test/ HTTP/1.1\r\nHost: evil.test\r\n\r\n"
                    b"GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\nCookie: secret\r\n\r\n")
        self.assertEqual(client.receive().status, 502)
        self.assertNotIn(b"secret", b"".join(received), "a request for one host went to another")

    def test_a_post_behind_a_servers_close_notify_goes_over_a_new_connection(self):
        closed = threading.Event()

        def handler(connection):
            requests = servers.Requests(connection)
            head = requests.head()
            if head.startswith(b"POST"):
                connection.sendall(servers.ok(requests.body(5)))
            else:
                connection.sendall(servers.ok())
                connection._connection.settimeout(0.2)
                with contextlib.suppress(OSError):
                    connection._connection.unwrap()  # sends the alert, waits for the other's
            closed.set()

        client = self.tls_client(self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)}), "good.test")
        self.assertEqual(client.get("/", "good.test").status, 200)
        self.assertTrue(closed.wait(SOON))
        time.sleep(0.1)  # until the end of the connection has arrived
        client.send(post(["Content-Length: 5"], "/") + b"12345")
        self.assertEqual((client.receive().status), 200)

    def test_a_request_that_is_not_idempotent_is_not_sent_twice(self):
        seen = []

        def handler(connection):
            requests = servers.Requests(connection)
            while head := requests.head():
                seen.append(head.split(b" ")[0])
                if head.startswith(b"POST"):
                    return
                connection.sendall(servers.ok())

        client = self.client(self.proxy(hosts={"good.test:80": self.server(handler)}))
        self.assertEqual(client.get("http://good.test/", "good.test").status, 200)
        client.request("POST http://good.test/pay HTTP/1.1\nHost: good.test\nContent-Length: 0")
        self.assertEqual(seen, [b"GET", b"POST"], "RFC 9110 section 9.2.2")

    def test_an_answer_that_comes_before_the_upload_is_done_leaves_both_in_order(self):
        def handler(connection):
            requests = servers.Requests(connection)
            while head := requests.head():
                if head.startswith(b"POST"):
                    connection.sendall(servers.ok(b"early"))
                    assert requests.body(1_000_000) == b"x" * 1_000_000
                else:
                    connection.sendall(servers.ok(b"next"))

        client = self.client(self.proxy(hosts={"good.test:80": self.server(handler)}))
        client.send(post(["Content-Length: 1000000"]))
        self.assertEqual(client.receive().body, b"early")
        client.send(b"x" * 1_000_000)
        self.assertEqual(client.get("http://good.test/", "good.test").body, b"next")

    def test_a_field_named_by_connection_does_not_change_the_framing(self):
        seen = []

        def handler(connection):
            requests = servers.Requests(connection)
            while head := requests.head():
                seen.append(head)
                if head.startswith(b"POST"):
                    requests.body(5)
                connection.sendall(servers.ok())

        client = self.client(self.proxy(hosts={"good.test:80": self.server(handler)}))
        client.send(post(["Content-Length: 5", "Connection: content-length, host, transfer-encoding"]) + b"12345")
        self.assertEqual(client.receive().status, 200)
        self.assertEqual(client.get("http://good.test/", "good.test").status, 200)
        self.assertIn(b"Content-Length: 5", seen[0])
        self.assertIn(b"Host: good.test", seen[0])

    def test_every_way_to_smuggle_is_refused_before_a_byte_has_left(self):
        server = self.server(servers.answering(servers.ok()))
        proxy = self.proxy(hosts={"good.test:80": server})
        smuggling = [
            ["Content-Length: 5", "Transfer-Encoding: chunked"], ["Content-Length: 5", "Content-Length: 6"], ["Content-Length: +5"],
            ["Content-Length: 5, 5"], ["Content-Length: 0x5"], ["Content-Length: 99999999999999999999"], ["Content-Length : 5"],
            ["Transfer-Encoding: chunked, chunked"], ["Transfer-Encoding: chunked, identity"], ["Transfer-Encoding: xchunked"],
            ["Transfer-Encoding:\x0bchunked"], ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], ["X: y\r\n Content-Length: 5"],
            ["X: y\rContent-Length: 5"], ["X: y\nContent-Length: 5"], ["X: \0"], ["Host: other.test"], [" X: y"], ["X"], [": y"],
        ]
        for fields in smuggling:
            with self.subTest(fields):
                client = self.client(proxy)
                client.send(post(fields) + b"0\r\n\r\n")
                self.assertEqual(client.receive().status, 400)
                self.assert_ended(client)
        self.assertEqual(server.connections, 0)


class NothingWaitsForEver(Case):
    def answers_in_time(self, handler, status=504, request=None):
        proxy = self.proxy("--response-timeout", "1", hosts={"good.test:80": self.server(handler)})
        client = self.client(proxy)
        client.socket.settimeout(SOON)
        client.send(request or b"GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\n\r\n")
        self.assertEqual(client.receive().status, status)
        return proxy, client

    def test_a_server_that_stalls_behind_an_interim_response_times_out(self):
        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")
            servers.drain(connection)

        self.answers_in_time(handler)

    def test_interim_responses_without_end_time_out(self):
        def handler(connection):
            servers.Requests(connection).head()
            with contextlib.suppress(OSError):
                while True:
                    connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")
                    time.sleep(0.05)

        proxy = self.proxy("--response-timeout", "1", hosts={"good.test:80": self.server(handler)})
        client = self.client(proxy)
        client.send(b"GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\n\r\n")
        status, deadline = 102, time.monotonic() + SOON
        while status == 102 and time.monotonic() < deadline:
            status = client.receive_head()[0]
        self.assertEqual(status, 504)

    def test_a_head_that_trickles_times_out(self):
        def handler(connection):
            servers.Requests(connection).head()
            with contextlib.suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while True:
                    connection.sendall(b"a: b\r\n")
                    time.sleep(0.05)

        self.answers_in_time(handler)

    def test_a_head_without_end_is_refused(self):
        def handler(connection):
            servers.Requests(connection).head()
            with contextlib.suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while True:
                    connection.sendall(b"a: b\r\n" * 1000)

        self.answers_in_time(handler, 502)

    def test_a_chunk_whose_extension_never_ends_is_cut_off(self):
        def handler(connection):
            servers.Requests(connection).head()
            with contextlib.suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n5;")
                while True:
                    connection.sendall(b"x" * 1000)

        client = self.client(self.proxy(hosts={"good.test:80": self.server(handler)}))
        client.send(post([], method="GET"))
        self.assertEqual(client.receive_head()[0], 200)
        self.assertLess(len(client.until_close()), 40_000)

    def test_a_client_that_leaves_an_upload_which_nobody_reads_is_let_go(self):
        answered, released = threading.Event(), threading.Event()

        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(servers.ok(b"enough"))
            answered.set()
            released.wait(60)

        proxy = self.proxy("--response-timeout", "1", hosts={"good.test:80": self.server(handler)})
        self.addCleanup(released.set)
        before = descriptors(proxy)
        client = self.client(proxy)
        client.send(post(["Content-Length: 1000000000"]))
        answered.wait(SOON)
        client.socket.settimeout(0.5)
        with contextlib.suppress(OSError):
            while True:
                client.send(bytes(1 << 20))
        client.reset()
        self.assertTrue(until(lambda: descriptors(proxy) <= before), "the connections of a client that is gone stay open")

    def test_an_upload_to_a_server_that_reads_nothing_and_says_nothing_times_out(self):
        released = threading.Event()
        proxy = self.proxy("--response-timeout", "1", hosts={"good.test:80": self.server(lambda connection: released.wait(60))})
        self.addCleanup(released.set)
        client = self.client(proxy)
        client.socket.settimeout(0.3)
        client.send(post(["Content-Length: 1000000000"]))
        with contextlib.suppress(OSError):
            for _ in range(100):
                client.send(bytes(1 << 20))
        client.socket.settimeout(SOON)
        self.assertEqual(client.receive().status, 504)

    def test_a_failure_is_told_to_a_client_whose_upload_stalls(self):
        proxy = self.proxy(hosts={"good.test:80": self.started(servers.ClosedPort())})
        client = self.client(proxy)
        client.socket.settimeout(SOON)
        client.send(post(["Transfer-Encoding: chunked"]) + b"5\r\n12345\r\n")
        self.assertEqual(client.receive().status, 502)

    def test_a_failure_is_told_to_a_client_in_the_middle_of_a_big_upload(self):
        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("other.test"))})
        for framing in ("Content-Length: 4000000", "Transfer-Encoding: chunked"):
            client = self.client(proxy)
            body = b"x" * 4_000_000 if framing.startswith("C") else b"3d0900\r\n" + b"x" * 4_000_000 + b"\r\n0\r\n\r\n"
            sending = threading.Thread(target=self.quietly, args=(client.send, body))
            client.send(post([framing], "https://good.test/"))
            sending.start()
            response = client.receive()
            self.assertEqual((response.status, response.complete), (502, True))
            sending.join(SOON)

    @staticmethod
    def quietly(act, *arguments):
        with contextlib.suppress(OSError):
            return act(*arguments)

    def test_a_log_that_nobody_reads_does_not_keep_the_proxy_from_ending(self):
        path = os.path.join(self.directory, "pipe")
        os.mkfifo(path)
        self.addCleanup(os.close, os.open(path, os.O_RDWR))
        proxy = self.proxy("--log", path, hosts={"good.test:80": self.server(servers.answering(servers.ok()))})
        client = self.client(proxy)
        for _ in range(100):  # more than a pipe holds
            client.get("http://good.test/" + "x" * 1000, "good.test")
        client.close()
        proxy.process.send(signal.SIGTERM)
        ended = until(lambda: not proxy.process.running)
        if not ended:
            proxy.process.send(signal.SIGKILL)
            proxy._stopped = True
        self.assertTrue(ended, "it waits for a log that nobody reads")

    @unittest.skipIf(SANITIZED, "the sanitizer itself needs descriptors")
    def test_running_out_of_descriptors_does_not_take_a_loop_out_of_service(self):
        """libuv's own reserve is lost when another thread takes the descriptor; then it tries to accept without end."""
        proxy = self.proxy("--workers", "1")
        resource.prlimit(proxy.process.pid, resource.RLIMIT_NOFILE, (3, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        clients = [socket.create_connection(("127.0.0.1", proxy.port), SOON) for _ in range(3)]
        time.sleep(0.1)
        proxy.process.send(signal.SIGTERM)
        ended = until(lambda: not proxy.process.running)
        for client in clients:
            client.close()
        if not ended:
            proxy.process.send(signal.SIGKILL)
            proxy._stopped = True
        self.assertTrue(ended, "a loop that cannot accept does nothing else any more")

    def test_every_kind_of_connection_open_does_not_keep_the_proxy_from_ending(self):
        good = self.pki.leaf("good.test")
        stalled = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx"
        hosts = {"good.test:443": self.tls_server(good, servers.answering(stalled)), "good.test:80": self.server(servers.answering(stalled)),
                 "mute.test:443": self.server(servers.silent), "deaf.test:443": self.started(servers.DeafPort())}
        for signals in (1, 2):
            proxy = self.proxy("--workers", "2", "--passthrough", "mute.test", hosts=hosts)
            plain = lambda data, proxy=proxy: self.client(proxy).send(data)
            for _ in range(3):
                plain(b"")
                plain(b"GET / HT")
                plain(b"GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\n\r\n")
                plain(post(["Content-Length: 10"]) + b"12345")
                plain(b"GET https://deaf.test/ HTTP/1.1\r\nHost: deaf.test\r\n\r\n")
                plain(b"GET https://no.such.name.invalid/ HTTP/1.1\r\nHost: x\r\n\r\n")
                plain(b"GET https://mute.test/ HTTP/1.1\r\nHost: mute.test\r\n\r\n")
                self.client(proxy).connect("good.test:443")
                self.client(proxy).connect("good.test:443").send(b"\x16\x03\x01\x02\x00\x01")
                self.client(proxy).connect("mute.test:443").send(b"bytes")
                self.tls_client(proxy, "good.test")
                self.tls_client(proxy, "good.test").send(post([], "/", "GET"))
            for _ in range(signals):
                proxy.process.send(signal.SIGTERM)
                time.sleep(0.2)
            self.assertTrue(until(lambda proxy=proxy: not proxy.process.running, SOON), f"{signals} signals")
            proxy.stop()

class Tls(Case):
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


    def test_a_body_that_is_cut_short_under_tls_does_not_look_whole_to_a_plain_client(self):
        """RFC 9112 section 9.8: without a close_notify the end may be an attacker's doing."""

        def cut(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf")
            connection._connection.shutdown(socket.SHUT_WR)  # of the socket, not of the session
            servers.drain(connection._connection)

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), cut)})
        client = self.client(proxy)
        client.send(post([], "https://good.test/", "GET"))
        with self.assertRaises(ConnectionResetError):
            while client.socket.recv(65536):
                pass

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
                        time.sleep(0.001)
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
