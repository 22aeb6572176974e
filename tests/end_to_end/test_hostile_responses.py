"""Peers that say too much, too early or what nobody asked for: nobody gets an answer that is not theirs."""
import contextlib
import threading

from harness import Case, main, servers
from hostile import SOON, ended_by_peer, post, until
from over_http2 import over_http2


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

        server = self.tls_server(self.pki.leaf("good.test"), handler)
        client = self.tls_client(self.proxy(hosts={"good.test:443": server}), "good.test")
        self.assertEqual(client.get("/", "good.test").status, 200)
        self.assertTrue(closed.wait(SOON))
        self.assertTrue(until(lambda: ended_by_peer(server.port)))
        client.send(post(["Content-Length: 5"], "/") + b"12345")
        self.assertEqual((client.receive().status), 200)

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


# Not over HTTP/2: what only bytes of HTTP/1.1 can say, and the end of a connection.
ResponsesStayApartOverHttp2 = over_http2(
    ResponsesStayApart, "test_a_field_named_by_connection_does_not_change_the_framing",
    "test_a_malformed_body_behind_a_begun_response_is_not_answered_inside_it", "test_a_post_behind_a_servers_close_notify_goes_over_a_new_connection",
    "test_every_way_to_smuggle_is_refused_before_a_byte_has_left")


if __name__ == "__main__":
    main()
