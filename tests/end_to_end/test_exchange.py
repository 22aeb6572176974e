"""What of an exchange is passed on and what is the hop's own: a final status before the body, a switch of protocols, trailers, odd heads,
interim responses."""
import hashlib
import threading

from harness import Case, main, servers
from over_http2 import over_http2


def expecting(path, size, *fields):
    lines = [f"POST {path} HTTP/1.1", "Host: good.test", f"Content-Length: {size}", "Expect: 100-continue", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


SECOND = b"GET http://good.test/second HTTP/1.1\r\nHost: good.test\r\n\r\n"
REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"


class AFinalStatusInsteadOfContinue(Case):
    def refusing(self, answer):
        """A server that refuses what expects, and keeps the connection; and the request lines it has seen."""
        seen = []

        def handler(connection):
            requests = servers.Requests(connection)
            while head := requests.head():
                seen.append(head.split(b"\r\n")[0])
                connection.sendall(answer if b"Expect" in head else servers.ok(b"next"))

        return self.server(handler), seen

    def test_what_follows_on_the_connection_is_no_body_and_no_request(self):
        for answer in (REFUSED, b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n", servers.ok(b"done")):
            for later in (SECOND, b"x" * 100, b"x" * 100 + SECOND):
                with self.subTest(answer=answer[:12], later=later[:3] + later[-3:]):
                    server, seen = self.refusing(answer)
                    proxy = self.proxy(hosts={"good.test:80": server})
                    client = self.client(proxy)
                    client.send(expecting("http://good.test/upload", 100))
                    self.assertEqual(client.receive().status, int(answer.split(b" ")[1]))
                    client.send(later)
                    self.assert_ended(client)
                    client.close()
                    proxy.stop()
                    self.assertEqual(seen, [b"POST /upload HTTP/1.1"])
                    self.assertEqual([(line["method"], line["request_bytes"]) for line in proxy.log() if line["event"] == "request"], [("POST", 0)])

    def test_the_end_is_announced_but_for_417_after_which_curl_asks_again_only_where_it_is_not(self):
        for answer, announced in ((REFUSED, "close"), (b"HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n", None)):
            server, _ = self.refusing(answer)
            client = self.client(self.proxy(hosts={"good.test:80": server}))
            client.send(expecting("http://good.test/", 100))
            self.assertEqual(client.receive()["Connection"], announced)

    def test_curl_sends_two_megabytes_again_after_a_417(self):
        got = []

        def handler(connection):
            requests = servers.Requests(connection)
            while head := requests.head():
                if b"Expect" in head:
                    connection.sendall(b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")
                else:
                    got.append(hashlib.sha256(requests.body(2_000_000)).hexdigest())
                    connection.sendall(servers.ok())

        path = f"{self.directory}/upload"
        with open(path, "wb") as file:
            file.write(b"0123456789" * 200_000)
        for server, url in ((self.tls_server(self.pki.leaf("good.test"), handler), "https://good.test/"), (self.server(handler), "http://good.test/")):
            proxy = self.proxy(hosts={"good.test:443": server, "good.test:80": server})
            self.assertEqual(self.curl_body(proxy, "--data-binary", "@" + path, url), b"hello")
        self.assertEqual(got, [hashlib.sha256(b"0123456789" * 200_000).hexdigest()] * 2)

    def test_a_body_that_comes_while_the_answer_still_does_goes_where_it_belongs(self):
        def handler(connection):
            requests = servers.Requests(connection)
            requests.head()
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegun\r\n")
            body = requests.body(4)
            connection.sendall(b"4\r\n" + body + b"\r\n0\r\n\r\n")

        client = self.client(self.proxy(hosts={"good.test:80": self.server(handler)}))
        client.send(expecting("http://good.test/", 4))
        self.assertEqual(client.receive_head()[0], 200)
        client.until(b"begun\r\n")
        client.send(b"body")
        self.assertEqual(client.until(b"0\r\n\r\n"), b"4\r\nbody\r\n0\r\n\r\n")

    def test_a_body_that_the_server_asked_for_keeps_both_connections(self):
        def handler(connection):
            requests = servers.Requests(connection)
            while requests.head():
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                connection.sendall(servers.ok(requests.body(4)))

        server = self.server(handler)
        client = self.client(self.proxy(hosts={"good.test:80": server}))
        for _ in range(2):
            client.send(expecting("http://good.test/", 4))
            self.assertEqual(client.receive_head()[0], 100)
            client.send(b"body")
            response = client.receive()
            self.assertEqual((response.body, response["Connection"]), (b"body", None))
        self.assertEqual(server.connections, 1)


class ASwitchOfProtocols(Case):
    def switching(self, to):
        """A proxy before a server that switches to that, and the heads that the server has got."""
        heads = []

        def handler(connection):
            heads.append(servers.Requests(connection).head())
            upgrade = f"Upgrade: {to}\r\n" if to else ""
            connection.sendall(f"HTTP/1.1 101 Switching Protocols\r\n{upgrade}Connection: Upgrade\r\n\r\n".encode())
            servers.drain(connection)

        return self.proxy(hosts={"good.test:80": self.server(handler)}), heads

    def test_leads_to_what_was_asked_for_only(self):
        for offered, chosen, status in (("websocket", "WebSocket", 101), ("tcp, websocket", "tcp", 101), ("x/1, x/2", "x/2", 101), ("x", "", 101),
                                        ("websocket", "h2c", 502), ("x/1", "x/2", 502), ("x", "x, y", 502), ("h2c", "h2c", 502)):
            with self.subTest(offered, chosen=chosen):
                proxy, _ = self.switching(chosen)
                self.assertEqual(self.client(proxy).get("http://good.test/", "good.test", Connection="Upgrade", Upgrade=offered).status, status)

    def test_that_nobody_asked_for_is_told_as_that(self):
        for offered, chosen, says in (("websocket", "h2c", "switched to h2c, which the request did not ask for"),
                                      (None, "websocket", "switched to websocket, which the request did not ask for")):
            with self.subTest(offered):
                proxy, _ = self.switching(chosen)
                fields = {"Connection": "Upgrade", "Upgrade": offered} if offered else {}
                report = self.client(proxy).get("http://good.test/", "good.test", Accept="application/json", **fields).json
                self.assertEqual(report["code"], "upstream_http_error")
                self.assertIn(says, report["title"])
                evidence = report["problems"][0]["evidence"]
                self.assertEqual((evidence["offered_by_the_request"], evidence["chosen_by_the_server"]), (offered or "nothing", chosen))

    def test_only_http2_is_taken_out_of_what_is_offered(self):
        for fields, passed in (("Upgrade: h2c, websocket", b"websocket"), ("Upgrade: websocket, H2C ,tcp", b"websocket, tcp"),
                               ("Upgrade: h2c\nUpgrade: websocket", b"websocket"), ("Upgrade: h2c", None)):
            with self.subTest(fields):
                proxy, heads = self.switching("websocket")
                self.client(proxy).request(f"GET http://good.test/ HTTP/1.1\nHost: good.test\nConnection: Upgrade, HTTP2-Settings\n"
                                           f"HTTP2-Settings: AAMAAABk\n{fields}")
                upgrades = [line.split(b": ")[1] for line in heads[0].split(b"\r\n") if line.startswith(b"Upgrade:")]
                self.assertEqual(upgrades, [passed] if passed else [])
                self.assertNotIn(b"HTTP2-Settings", heads[0])


class Trailers(Case):
    HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"

    def received(self, head, *pieces):
        """What a client gets of a response that comes in these pieces, each when the one before has arrived."""
        go_on = threading.Semaphore(0)

        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(head)
            for piece in pieces:
                go_on.acquire(timeout=20)
                connection.sendall(piece)
            servers.drain(connection)

        client = self.client(self.proxy(hosts={"good.test:80": self.server(handler)}))
        client.send(b"GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\nTE: trailers\r\nConnection: TE\r\n\r\n")
        client.until(b"\r\n\r\n")
        for _ in pieces:
            go_on.release()
        return client.until(b"\r\nZ:  1\r\n\r\n")

    def test_of_a_response_pass_as_they_are_but_for_those_of_a_head_and_of_a_connection(self):
        self.assertEqual(self.received(self.HEAD, b"5\r\nhello\r\n0\r\nX-Sum: 1\r\nZ:  1\r\n\r\n"), b"5\r\nhello\r\n0\r\nX-Sum: 1\r\nZ:  1\r\n\r\n")
        for pieces in ((b"5\r\nhello\r\n0\r\nX-Sum: 1\r\nConnection: close\r\nContent-Length: 7\r\nZ:  1\r\n\r\n",),
                       (b"5\r\nhello\r\n0\r\nX-S", b"um: 1\r\nHost: x\r", b"\nZ:  1\r\n\r", b"\n"), (b"5\r\nhello\r\n0\r", b"\nTE: x\r\nX-Sum: 1\r\nZ:  1\r\n\r\n")):
            with self.subTest(pieces):
                self.assertEqual(self.received(self.HEAD, *pieces), b"5\r\nhello\r\n0\r\nX-Sum: 1\r\nZ:  1\r\n\r\n")

    def test_of_a_request_reach_the_server_and_those_about_the_connection_do_not(self):
        seen = []

        def handler(connection):
            requests = servers.Requests(connection)
            head = requests.head()
            seen.append((head, requests.until(b"\r\nZ:  1\r\n\r\n")))
            connection.sendall(servers.ok())

        server = self.server(handler)
        head = b"POST http://good.test/ HTTP/1.1\r\nHost: good.test\r\nTransfer-Encoding: chunked\r\n\r\n"
        for pieces in ((b"1\r\na\r\n0\r\nX-Sum: 1\r\nZ:  1\r\n\r\n",), (b"1\r\na\r\n0\r\nX-Sum: 1\r\nProxy-Authorization: x\r\nKeep-Alive: 5\r\nZ:  1\r\n\r\n",),
                       (b"1\r\na\r\n0\r\nX-Sum:", b" 1\r\nUpgrade: x\r\nZ:  1", b"\r\n\r\n")):
            with self.subTest(pieces):
                proxy = self.proxy(hosts={"good.test:80": server})
                client = self.client(proxy)
                client.send(head)
                for piece in pieces:
                    client.send(piece)
                self.assertEqual(client.receive().status, 200)
                body = b"1\r\na\r\n0\r\nX-Sum: 1\r\nZ:  1\r\n\r\n"
                self.assertEqual(seen[-1][1], body)
                proxy.stop()
                self.assertEqual([line["request_bytes"] for line in proxy.log() if line["event"] == "request"], [len(body)])

    def test_are_no_part_of_what_a_client_of_http_1_0_gets(self):
        server = self.server(servers.answering(self.HEAD + b"5\r\nhello\r\n0\r\nX-Sum: 1\r\nHost: x\r\n\r\n"))
        client = self.client(self.proxy(hosts={"good.test:80": server}))
        client.send(b"GET http://good.test/ HTTP/1.0\r\nHost: good.test\r\nTE: trailers\r\n\r\n")
        client.until(b"\r\n\r\n")
        self.assertEqual(client.until_close(), b"hello")


class AnOddButClearHead(Case):
    CASES = ((b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", ["lines that end in LF without CR"]),
             (b"HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 5\r\n\r\nhello", ["white space before a field's colon"]),
             (b"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", ["the same Content-Length more than once"]),
             (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
              ["identity, or nothing, in Transfer-Encoding", "the same Content-Length more than once"]),
             (b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nHost: x\r\n\r\n",
              ["chunks in HTTP/1.0", "a trailer that may only be a header"]),
             (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", None))

    def test_passes_and_what_was_mended_is_in_the_log_and_said_by_v(self):
        for response, mended in self.CASES:
            with self.subTest(response):
                server = self.tls_server(self.pki.leaf("good.test"), servers.answering(response))
                proxy = self.proxy("-v", hosts={"good.test:443": server})
                self.assertEqual(self.curl_body(proxy, "https://good.test/"), b"hello")
                proxy.stop()
                line = next(line for line in proxy.log() if line["event"] == "request")
                self.assertEqual((line["status"], line.get("mended")), (200, mended))
                said = f"good.test:443: a response was mended on its way to the client: {'; '.join(mended or [])}\n"
                self.assertEqual(said in proxy.stderr.text, mended is not None)

    def test_is_not_said_without_v(self):
        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), servers.answering(self.CASES[0][0]))})
        self.assertEqual(self.curl_body(proxy, "https://good.test/"), b"hello")
        proxy.stop()
        self.assertNotIn("mended", proxy.stderr.text)

    def test_ends_the_connection_to_a_server_that_says_in_two_ways_where_its_message_ends(self):
        for response, connections in ((self.CASES[0][0], 2), (self.CASES[1][0], 1), (self.CASES[3][0], 2), (self.CASES[4][0], 2)):
            with self.subTest(response):
                server = self.server(servers.answering(response))
                client = self.client(self.proxy(hosts={"good.test:80": server}))
                for _ in range(2):
                    self.assertEqual(client.get("http://good.test/", "good.test").body, b"hello")
                self.assertEqual(server.connections, connections)

    def test_two_lengths_that_differ_are_refused_and_both_are_shown(self):
        server = self.server(servers.answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello"))
        proxy = self.proxy(hosts={"good.test:80": server})
        response = self.client(proxy).get("http://good.test/", "good.test", Accept="application/json")
        self.assertEqual((response.status, response.json["code"]), (502, "upstream_http_error"))
        self.assertIn("(Content-Length is 5 and 7)", response.json["title"])
        self.assertEqual(response.json["problems"][0]["evidence"]["content_length"], ["5", "7"])
        proxy.stderr.wait_for("Content-Length is 5 and 7")


class InterimResponses(Case):
    def test_are_mapped_as_final_ones_are_where_the_client_has_another_url(self):
        early = (b"HTTP/1.1 103 Early Hints\r\nLink: <https://good.test/a.css>; rel=preload\r\nLocation: /b\r\n"
                 b"Set-Cookie: c=1; Domain=good.test; Secure\r\n\r\n")
        server = self.tls_server(self.pki.leaf("good.test"), servers.answering(early + servers.ok()))
        proxy = self.proxy(hosts={"good.test:443": server})
        here = f"http://127.0.0.1:{proxy.port}"
        client = self.client(proxy)
        client.send(f"GET /https://good.test/ HTTP/1.1\r\nHost: 127.0.0.1:{proxy.port}\r\n\r\n".encode())
        status, _, fields = client.receive_head()
        self.assertEqual((status, fields["link"], fields["location"]),
                         (103, f"<{here}/https://good.test/a.css>; rel=preload", "/https://good.test/b"))
        self.assertNotIn("Domain", fields["set-cookie"])
        self.assertEqual(client.receive().body, b"hello")

    def test_are_mapped_behind_a_reverse_listener_too_each_of_them_without_what_is_about_the_connection(self):
        early = b"HTTP/1.1 103 Early Hints\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nLocation: https://good.test/b\r\n\r\n"
        server = self.tls_server(self.pki.leaf("good.test"), servers.answering(early * 3 + servers.ok()))
        proxy = self.proxy("--reverse", "https://good.test", hosts={"good.test:443": server})
        client = self.client(proxy)
        client.send(f"GET /a HTTP/1.1\r\nHost: 127.0.0.1:{proxy.port}\r\n\r\n".encode())
        for _ in range(3):
            self.assertEqual(client.receive_head()[2], {"location": f"http://127.0.0.1:{proxy.port}/b"})
        self.assertEqual(client.receive().body, b"hello")


class AConnectionFieldOfManyNames(Case):
    def test_takes_every_field_that_it_names_off_the_request_and_the_response(self):
        names = [f"X-{number}" for number in range(150)]
        named = "".join(f"{name}: 1\r\n" for name in names)
        heads = []

        def handler(connection):
            requests = servers.Requests(connection)
            while head := requests.head():
                heads.append(head)
                connection.sendall(servers.ok(fields=f"Connection: {', '.join(names)}\r\n{named}Y: 2\r\n".encode()))

        client = self.client(self.proxy(hosts={"good.test:80": self.server(handler)}))
        client.send(f"GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\nConnection: {', '.join(names)}\r\n{named}Y: 2\r\n\r\n".encode())
        self.assertEqual([(name.title(), value) for name, value in client.receive().fields], [("Y", "2"), ("Content-Length", "5")])
        self.assertEqual(heads[0].lower(), b"get / http/1.1\r\nhost: good.test\r\ny: 2\r\n\r\n")


# The rest is about connections, changes of protocol and bytes of HTTP/1.1.
InterimResponsesOverHttp2 = over_http2(InterimResponses)
AConnectionFieldOfManyNamesOverHttp2 = over_http2(AConnectionFieldOfManyNames)


if __name__ == "__main__":
    main()
