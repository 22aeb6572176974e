"""How connections end: one closed while it was idle, one that a server announces the end of, and one that ends a body."""
import contextlib
import hashlib
import socket
import ssl
import threading

from harness import Case, main, servers
from over_http2 import over_http2


class AConnectionClosedWhileIdle(Case):
    def closing(self, close, answered=1):
        """A server whose first connection answers so many requests and ends with the next; and the requests it has read."""
        seen, first = [], threading.Lock()

        def handler(connection):
            requests = servers.Requests(connection)
            mine = first.acquire(blocking=False)
            count = 0
            while head := requests.head():
                count += 1
                if mine and count > answered:
                    seen.append(head.split(b" ")[0] + b" closed")
                    return close(connection)
                if b"chunked" in head:
                    body = b""
                    while not body.endswith(b"0\r\n\r\n"):
                        body += requests.body(1)
                else:
                    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
                    body = requests.body(length)
                seen.append(head.split(b" ")[0])
                connection.sendall(servers.ok(hashlib.sha256(body).hexdigest().encode()))
            return None

        return handler, seen

    def test_a_request_is_sent_again_over_a_fresh_one_with_all_of_its_body(self):
        chunked = b"3;x=y\r\nabc\r\n0\r\n\r\n"
        for close in (lambda connection: connection.close(), servers.reset):
            for method, head, body in (("POST", "Content-Length: 2", b"hi"), ("PATCH", "Content-Length: 0", b""), ("GET", "Accept: */*", b""),
                                       ("POST", "Content-Length: 300000", b"x" * 300_000), *([] if self.http2 else [("POST", "Transfer-Encoding: chunked", chunked)])):
                with self.subTest(method, head=head, close=close):
                    handler, seen = self.closing(close)
                    proxy = self.proxy(hosts={"good.test:80": self.server(handler)})
                    client = self.client(proxy)
                    self.assertEqual(client.get("http://good.test/", "good.test").status, 200)
                    response = client.request(f"{method} http://good.test/ HTTP/1.1\nHost: good.test\n{head}", body)
                    self.assertEqual((response.status, response.text), (200, hashlib.sha256(body).hexdigest()))
                    self.assertEqual(client.get("http://good.test/", "good.test").status, 200)
                    self.assertEqual(seen, [b"GET", method.encode() + b" closed", method.encode(), b"GET"])
                    proxy.stop()
                    lines = [line for line in proxy.log() if line["event"] == "request"]
                    self.assertEqual([line.get("repeated") for line in lines], [None, True, None])
                    self.assertEqual(lines[1]["request_bytes"], len(body))

    def test_a_body_whose_rest_the_client_still_has_goes_on_over_the_fresh_one(self):
        handler, _ = self.closing(servers.reset)
        client = self.client(self.proxy(hosts={"good.test:80": self.server(handler)}))
        client.get("http://good.test/", "good.test")
        client.send(b"POST http://good.test/ HTTP/1.1\r\nHost: good.test\r\nContent-Length: 5000\r\n\r\n" + b"a" * 1000)
        client.send(b"b" * 4000)
        self.assertEqual(client.receive().text, hashlib.sha256(b"a" * 1000 + b"b" * 4000).hexdigest())

    def test_it_is_sent_again_once_and_over_tls_too(self):
        seen, first = [], threading.Lock()

        def handler(connection):
            requests = servers.Requests(connection)
            while head := requests.head():
                seen.append(head.split(b" ")[0])
                if head.startswith(b"POST") or not first.acquire(blocking=False):
                    return
                connection.sendall(servers.ok())

        client = self.tls_client(self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)}), "good.test")
        self.assertEqual(client.get("/", "good.test").status, 200)
        response = client.request("POST /pay HTTP/1.1\nHost: good.test\nContent-Length: 2", b"hi")
        self.assertEqual(response["Proxy-Status"], 'whytls; error=http_response_incomplete; details="upstream_closed"')
        self.assertEqual(seen, [b"GET", b"POST", b"POST"])

    def test_what_is_no_longer_there_whole_is_answered_and_not_sent_again(self):
        size = 30_000_000
        taken = threading.Event()

        def close(connection):
            for _ in range(40):
                connection.recv(1 << 16)
            taken.wait(20)
            servers.reset(connection)

        handler, seen = self.closing(close)
        client = self.client(self.proxy(hosts={"good.test:80": self.server(handler)}))
        client.get("http://good.test/", "good.test")
        client.send(f"POST http://good.test/ HTTP/1.1\r\nHost: good.test\r\nContent-Length: {size}\r\n\r\n".encode())
        client.send(b"x" * 2_000_000)
        taken.set()
        with contextlib.suppress(OSError):
            client.send(b"x" * 1_000_000)
        response = client.receive()
        self.assertEqual((response.status, "1 MiB" in response.text), (502, True))
        self.assertEqual(seen, [b"GET", b"POST closed"])

    def test_a_close_long_after_the_request_is_no_idle_connections_and_only_what_changes_nothing_is_sent_again(self):
        """The server may have been at work on it all the while: a second POST could be a second payment (RFC 9110 §9.2.2)."""

        def close(connection):
            threading.Event().wait(2.5)  # time itself is what this is about
            connection.close()

        for method, status, then in (("POST", 502, []), ("GET", 200, [b"GET"])):
            with self.subTest(method):
                handler, seen = self.closing(close)
                client = self.client(self.proxy(hosts={"good.test:80": self.server(handler)}))
                client.get("http://good.test/", "good.test")
                response = client.request(f"{method} http://good.test/pay HTTP/1.1\nHost: good.test\nContent-Length: 2", b"hi")
                self.assertEqual((response.status, seen), (status, [b"GET", method.encode() + b" closed", *then]))
                for said in ("1 MiB", "speaks TLS"):
                    self.assertNotIn(said, response.text)

    def test_an_answer_that_has_begun_is_not_asked_for_again(self):
        def close(connection):
            connection.sendall(b"HTTP/1.1 2")

        handler, seen = self.closing(close)
        client = self.client(self.proxy(hosts={"good.test:80": self.server(handler)}))
        client.get("http://good.test/", "good.test")
        response = client.request("POST http://good.test/ HTTP/1.1\nHost: good.test\nContent-Length: 2", b"hi")
        self.assertEqual((response.status, seen), (502, [b"GET", b"POST closed"]))

    def test_a_connection_opened_for_a_client_that_then_said_nothing_is_looked_at_before_it_is_used(self):
        for end in (lambda connection: connection.close(), lambda connection: connection.unwrap()):
            first, closed = threading.Lock(), threading.Event()

            def handler(connection, first=first, closed=closed, end=end):
                if not first.acquire(blocking=False):
                    return servers.answering(servers.ok())(connection)
                with contextlib.suppress(OSError):
                    connection._connection.settimeout(0.2)
                    end(connection._connection)
                connection._connection.close()
                return closed.set()

            client = self.tls_client(self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)}), "good.test")
            self.assertTrue(closed.wait(30))
            threading.Event().wait(1.2)  # a connection that is a second old is looked at
            client.send(b"POST / HTTP/1.1\r\nHost: good.test\r\nContent-Length: 2\r\n\r\nhi")
            self.assertEqual(client.receive().status, 200)


class WhatAServerSaysOfItsConnection(Case):
    def connections(self, *said, requests):
        """How many a server has seen that says that of each, the last again and again, and would answer on one for ever."""

        def handler(connection):
            reader, answered = servers.Requests(connection), 0
            while reader.head():
                fields = said[min(answered, len(said) - 1)]
                answered += 1
                connection.sendall(servers.ok(fields=b"Connection: keep-alive\r\nKeep-Alive: " + fields + b"\r\n"))

        server = self.tls_server(self.pki.leaf("good.test"), handler)
        client = self.tls_client(self.proxy(hosts={"good.test:443": server}), "good.test")
        for _ in range(requests):
            response = client.get("/", "good.test")
            self.assertEqual((response.status, response["Keep-Alive"]), (200, None))
        return server.connections

    def test_is_how_often_it_is_used_for_a_client_whose_own_connection_stays(self):
        for said, connections in (((b"timeout=5, max=100",), 1), ((b"timeout=0",), 4), ((b"max=0",), 4), ((b"timeout=5, max=2",), 2),
                                  ((b"max=2", b"max=1", b"max=0"), 2), ((b"timeout=x, max=",), 1)):
            with self.subTest(said):
                self.assertEqual(self.connections(*said, requests=4), connections)


def end_without_close_notify(connection):
    connection._connection.shutdown(socket.SHUT_WR)  # of the socket, not of the session
    servers.drain(connection._connection)


class ABodyThatTheConnectionEnds(Case):
    def serving(self, response):
        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(response)
            end_without_close_notify(connection)

        return self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)})

    def test_without_close_notify_is_passed_on_without_one(self):
        for response in (b"HTTP/1.1 200 OK\r\n\r\nall of it", b"HTTP/1.0 200 OK\r\n\r\nall of it", b"HTTP/1.1 200 OK\r\n\r\n"):
            with self.subTest(response):
                proxy = self.serving(response)
                client = self.tls_client(proxy, "good.test")
                client.socket.suppress_ragged_eofs = False
                client.send(b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n")
                client.until(b"\r\n\r\n")
                body = response.partition(b"\r\n\r\n")[2]
                self.assertEqual(client.exactly(len(body)), body)
                with self.assertRaises(ssl.SSLEOFError):
                    client.socket.recv(1)

    def test_reaches_a_plain_client_whole_and_is_said_once(self):
        proxy = self.serving(b"HTTP/1.1 200 OK\r\n\r\nall of it")
        for _ in range(3):
            client = self.client(proxy)
            self.assertEqual(client.get("/https://good.test/", f"127.0.0.1:{proxy.port}").body, b"all of it")
        proxy.stop()
        self.assertEqual(proxy.stderr.text.count("without TLS's close_notify"), 1)
        self.assertEqual([line["ended_without"] for line in proxy.log() if line["event"] == "request"], ["close_notify"] * 3)

    def test_with_close_notify_ends_with_one(self):
        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nall of it")
            with contextlib.suppress(OSError):
                connection.unwrap()

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)})
        client = self.tls_client(proxy, "good.test")
        client.socket.suppress_ragged_eofs = False
        self.assertEqual(client.get("/", "good.test").body, b"all of it")
        proxy.stop()
        self.assertNotIn("close_notify", proxy.stderr.text)

    def test_a_protocol_that_ends_without_close_notify_ends_so_for_the_client(self):
        def handler(connection):
            connection.sendall(b"220 ready\r\n")
            connection.recv(100)
            connection.sendall(b"221 bye\r\n")
            end_without_close_notify(connection)

        proxy = self.proxy(hosts={"good.test:6697": self.tls_server(self.pki.leaf("good.test"), handler)})
        client = self.client(proxy).connect("good.test:6697").start_tls("good.test")
        client.socket.suppress_ragged_eofs = False
        self.assertEqual(client.until(b"\r\n"), b"220 ready\r\n")
        client.send(b"QUIT\r\n")
        self.assertEqual(client.until(b"\r\n"), b"221 bye\r\n")
        with self.assertRaises(ssl.SSLEOFError):
            client.socket.recv(1)

    def test_that_says_its_length_is_cut_short(self):
        for head in (b"Content-Length: 1000", b"Transfer-Encoding: chunked"):
            with self.subTest(head):
                client = self.client(self.serving(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n9\r\nall of it\r\n"))
                client.send(b"GET /https://good.test/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                with self.assertRaises(ConnectionResetError):
                    while client.socket.recv(65536):
                        pass


# To servers of HTTP/1.1: whether one of HTTP/2 has processed a request is said by itself. The rest is about the ends of connections of HTTP/1.1.
AConnectionClosedWhileIdleOverHttp2 = over_http2(
    AConnectionClosedWhileIdle, "test_a_close_long_after_the_request_is_no_idle_connections_and_only_what_changes_nothing_is_sent_again",
    "test_a_connection_opened_for_a_client_that_then_said_nothing_is_looked_at_before_it_is_used", "test_it_is_sent_again_once_and_over_tls_too")


if __name__ == "__main__":
    main()
