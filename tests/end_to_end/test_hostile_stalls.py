"""Peers that stall, trickle or never end: nothing waits for ever, nothing grows without end, and the proxy ends well afterwards (its exit
code and, in a sanitized build, its silence are checked)."""
import contextlib
import os
import resource
import signal
import socket
import threading
import time
import unittest

from harness import SANITIZED, Case, main, servers
from hostile import SOON, descriptors, listens, post, until


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
            servers.trickle(connection, b"HTTP/1.1 102 Processing\r\n\r\n")

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
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            servers.trickle(connection, b"a: b\r\n")

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

    def test_a_client_that_stops_in_the_middle_of_its_body_is_told_so(self):
        """RFC 9110 section 15.5.9."""
        proxy = self.proxy("--idle-timeout", "1", hosts={"good.test:80": self.server(servers.drain)})
        for framing, body in (("Content-Length: 5", b"abc"), ("Transfer-Encoding: chunked", b"5\r\nab"), ("Content-Length: 5", b"")):
            with self.subTest(framing, body=body):
                client = self.client(proxy)
                client.send(post([framing]) + body)
                response = client.receive()
                self.assertEqual((response.status, response["Connection"], response["Proxy-Status"].split("; ")[-1]),
                                 (408, "close", 'details="request_rejected"'))
                self.assert_ended(client)

    def test_a_head_that_is_too_large_is_told_as_that(self):
        """RFC 6585 section 5."""
        client = self.client(self.proxy())
        client.send(post([f"X{number}: {'x' * 1000}" for number in range(70)], method="GET"))
        response = client.receive()
        self.assertEqual((response.status, response["Proxy-Status"].split("; ")[-1]), (431, 'details="request_rejected"'))

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
        proxy.stderr.wait_for("file descriptors run out")
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
                self.assertTrue(until(lambda proxy=proxy: not listens(proxy)))
            self.assertTrue(until(lambda proxy=proxy: not proxy.process.running, SOON), f"{signals} signals")
            proxy.stop()


if __name__ == "__main__":
    main()
