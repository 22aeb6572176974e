"""Clients and servers that mean harm or are broken: nobody gets an answer that is not theirs, nothing waits for ever, nothing
grows without end, and the proxy ends well afterwards (its exit code and, in a sanitized build, its silence are checked)."""
import contextlib
import ctypes
import os
import signal
import socket
import ssl
import struct
import threading
import time

from harness import Case, main, servers

SOON = 8  # seconds: what must happen by a time-out of one or two happens within these


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

    def test_a_client_that_leaves_an_upload_which_nobody_reads_is_let_go(self):
        answered, released = threading.Event(), threading.Event()

        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(servers.ok(b"enough"))
            answered.set()
            released.wait(60)

        self.addCleanup(released.set)
        proxy = self.proxy("--response-timeout", "1", hosts={"good.test:80": self.server(handler)})
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
        self.addCleanup(released.set)
        proxy = self.proxy("--response-timeout", "1", hosts={"good.test:80": self.server(lambda connection: released.wait(60))})
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
            client = self.tls_client(proxy, "good.test")
            body = b"x" * 4_000_000 if framing.startswith("C") else b"3d0900\r\n" + b"x" * 4_000_000 + b"\r\n0\r\n\r\n"
            sending = threading.Thread(target=lambda c=client, b=body: contextlib.suppress(OSError).__enter__() or self.quietly(c.send, b))
            client.send(post([framing], "/"))
            sending.start()
            response = client.receive()
            self.assertEqual((response.status, response.complete), (502, True))
            sending.join(SOON)

    @staticmethod
    def quietly(act, *arguments):
        with contextlib.suppress(OSError):
            act(*arguments)

    def test_the_log_s_reader_may_stop_reading_and_the_proxy_still_ends(self):
        server = self.server(servers.answering(servers.ok()))
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        path = os.path.join(self.directory, "fifo")
        os.mkfifo(path)
        held = os.open(path, os.O_RDWR)
        self.addCleanup(os.close, held)
        os.close(writing)
        proxy = self.proxy("--log", path, hosts={"good.test:80": server})
        client = self.client(proxy)
        for _ in range(400):
            client.get("http://good.test/" + "x" * 500, "good.test")
        client.close()
        proxy.process.send(signal.SIGTERM)
        self.assertTrue(until(lambda: not proxy.process.running, 12), "it waits for a log that nobody reads")


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


if __name__ == "__main__":
    main()
