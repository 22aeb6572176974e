"""HTTP/2's messages on both legs: heads, trailers, resets, and what breaks off."""
import threading

from harness import PATIENCE, main, servers
from http2 import Codes
from http2_case import Http2Case


class Messages(Http2Case):
    """What of a message is passed on, stream by stream."""

    def between(self, answer, **named):
        """A proxy, and a client in a tunnel to a server that answers so."""
        proxy = self.proxy(hosts={"good.test:443": self.h2_server("good.test", answer, **named)})
        return proxy, self.h2_client(proxy, "good.test")

    def test_the_log_has_the_protocol_of_each_leg(self):
        hosts = {"good.test:443": self.h2_server("good.test", lambda stream: stream.respond(200)),
                 "plain.test:80": self.server(servers.answering(servers.ok())),
                 "old.test:80": self.server(servers.answering(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")),
                 "bad.test:443": self.tls_server(self.pki.leaf("other.test"))}
        proxy = self.proxy(hosts=hosts)
        self.h2_client(proxy, "good.test").get("/", "good.test")
        for target in ("http://plain.test/", "http://old.test/", "https://bad.test/", "https://good.test/"):
            self.known(proxy).get(target)
        for version in ("1.1", "1.0"):
            self.client(proxy).request(f"GET http://plain.test/ HTTP/{version}\nHost: plain.test")
        lines = [(line["url"].split(":")[0], line.get("protocol"), line.get("server_protocol")) for line in self.requests(proxy)]
        self.assertEqual(lines, [("https", "h2", "h2"), ("http", "h2", "http/1.1"), ("http", "h2", "http/1.0"), ("https", "h2", None),
                                 ("https", "h2", "h2"), ("http", "http/1.1", "http/1.1"), ("http", "http/1.0", "http/1.1")])

    def test_heads_trailers_and_interim_responses_pass_both_ways(self):
        seen = []

        def answer(stream):
            seen.append((stream.stream.fields, stream.body(), stream.stream.trailers))
            stream.interim(103, [("link", "</a.css>; rel=preload"), ("x-early", "1")])
            stream.head(200, [("x-one", "1"), ("set-cookie", "a=1"), ("set-cookie", "b=2")])
            stream.send(b"body")
            stream.finish([("x-sum", "42"), ("grpc-status", "0")])

        proxy, client = self.between(answer)
        stream = client.ask("/a?b=c", "good.test", "POST", [("x-asked", "yes"), ("te", "trailers"), ("cookie", "a=1"), ("cookie", "b=2")], ends=False)
        client.send(stream, b"upload")
        client.finish(stream, [("x-check", "7")])
        client.done(stream)
        fields, body, trailers = seen[0]
        self.assertEqual(dict(fields[:4]), {":method": "POST", ":scheme": "https", ":authority": "good.test", ":path": "/a?b=c"})
        self.assertEqual([value for name, value in fields if name in ("x-asked", "te")], ["yes", "trailers"])
        self.assertEqual("; ".join(value for name, value in fields if name == "cookie"), "a=1; b=2")
        self.assertFalse([name for name, _ in fields if name in ("host", "connection", "transfer-encoding", "via")])
        self.assertEqual((body, trailers), (b"upload", [("x-check", "7")]))
        self.assertEqual(stream.interim, [[(":status", "103"), ("link", "</a.css>; rel=preload"), ("x-early", "1")]])
        kept = [field for field in stream.fields if field[0] in ("x-one", "set-cookie")]
        self.assertEqual(kept, [("x-one", "1"), ("set-cookie", "a=1"), ("set-cookie", "b=2")])
        self.assertEqual((bytes(stream.content), stream.trailers), (b"body", [("x-sum", "42"), ("grpc-status", "0")]))
        client.close()
        self.request_line(proxy, method="POST", url="https://good.test/a?b=c", status=200, request_bytes=6, response_bytes=4)

    def test_a_response_without_a_body_ends_its_stream_and_keeps_its_length(self):
        def answer(stream):
            if stream[":method"] == "HEAD":
                return stream.head(200, [("content-length", "1000")], ends=True)
            return stream.head(int(stream.path[1:]), [("etag", '"x"')] + ([("content-length", "0")] if stream.path == "/200" else []), ends=True)

        proxy, client = self.between(answer)
        head = client.request("HEAD /200 HTTP/2\nHost: good.test")
        self.assertEqual((head.status, head["content-length"], head.body, head.complete), (200, "1000", b"", True))
        for status in (200, 204, 304, 404):
            response = client.get(f"/{status}", "good.test")
            self.assertEqual((response.status, response.body, response.complete, response["etag"]), (status, b"", True, '"x"'))
        self.assertEqual(client.get("/200", "good.test")["content-length"], "0")
        self.assertIsNone(client.get("/204", "good.test")["content-length"])

    def test_a_length_that_was_said_is_kept_and_none_is_invented(self):
        lengths = []

        def answer(stream):
            lengths.append(stream["content-length"])
            stream.body()
            stream.respond(body=b"12345", fields=[("content-length", "5")] if stream.path == "/said" else [])

        _, client = self.between(answer)
        for said, path in (("3", "/said"), (None, "/unsaid")):
            stream = client.ask(path, "good.test", "POST", [("content-length", said)] if said else [], ends=False)
            client.send(stream, b"abc", ends=True)
            self.assertEqual((client.done(stream)["content-length"], bytes(stream.content)), ("5" if said else None, b"12345"))
        self.assertEqual(lengths, ["3", None])

    def test_the_code_that_a_server_resets_a_stream_with_reaches_the_client(self):
        for code in (Codes.CANCEL, Codes.INTERNAL_ERROR, Codes.NO_ERROR, Codes.ENHANCE_YOUR_CALM, Codes.HTTP_1_1_REQUIRED):
            for begun in (True, False):
                if not begun and code in (Codes.NO_ERROR,):
                    continue
                with self.subTest(code=code.name, begun=begun):
                    def answer(stream, code=code, begun=begun):
                        if begun:
                            stream.head(200)
                            stream.send(b"half")
                        stream.reset(code)

                    proxy, client = self.between(answer)
                    stream = client.done(client.ask("/", "good.test"))
                    if begun:
                        self.assertEqual((stream.status, bytes(stream.content), stream.code), (200, b"half", int(code)))
                    else:
                        self.assertEqual((stream.status, stream.ended), (502, True), stream.code)
                        said = bytes(stream.content).split(b"\n\n")[0].decode()
                        self.assertIn("upstream_http_error", said)
                        self.assertIn(code.name, said)
                    self.assertEqual(client.done(client.ask("/", "good.test")).status, stream.status, "the connection goes on")
                    client.close()
                    self.assertEqual([line["status"] for line in self.requests(proxy)], [stream.status] * 2)

    def test_the_code_that_a_client_resets_a_stream_with_reaches_the_server(self):
        for code in (Codes.CANCEL, Codes.INTERNAL_ERROR, Codes.REFUSED_STREAM):
            for come, upload in (("nothing", b""), ("a head", b""), ("content", b""), ("nothing", b"x"), ("a head", b"x"), ("content", b"x")):
                with self.subTest(code=code.name, come=come, upload=upload):
                    waiting, codes, told = threading.Event(), [], threading.Event()

                    def answer(stream, come=come, waiting=waiting, codes=codes, told=told):
                        if come != "nothing":
                            stream.head(200)
                        if come == "content":
                            stream.send(b"half")
                        waiting.set()
                        codes.append(stream.was_reset())
                        told.set()

                    _, client = self.between(answer)
                    stream = client.ask("/", "good.test", "POST" if upload else "GET", ends=not upload)
                    if upload:
                        client.send(stream, upload, ends=True)
                    self.assertTrue(waiting.wait(PATIENCE))
                    if come != "nothing":
                        client.wait(lambda stream=stream, size=4 * (come == "content"): stream.status == 200 and len(stream.content) == size)
                    client.reset(stream, code)
                    client.ping()
                    self.assertTrue(told.wait(5), "the server was not told")
                    self.assertEqual(codes, [int(code)])

    def test_a_client_that_leaves_in_a_response_resets_its_servers_streams(self):
        codes, told = [], threading.Semaphore(0)

        def answer(stream):
            stream.head(200)
            stream.send(b"half")
            codes.append(stream.was_reset() is not None or stream.peer.ended)
            told.release()

        proxy, client = self.between(answer)
        streams = [client.ask("/", "good.test"), client.ask("/", "good.test", "POST", ends=False), client.ask("/", "good.test", "POST", ends=False)]
        client.send(streams[1], b"abc", ends=True)
        client.send(streams[2], b"abc")
        client.wait(lambda: all(stream.content for stream in streams))
        client.close()
        for _ in range(3):
            self.assertTrue(told.acquire(timeout=PATIENCE), "the server was left sending")
        self.assertEqual(codes, [True] * 3)
        self.assertEqual([(line["status"], line["response_bytes"]) for line in self.requests(proxy)], [(200, 4)] * 3)

    def test_a_body_that_the_server_cuts_short_does_not_end_its_stream(self):
        cut = {"/length": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 500,
               "/chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n" + b"x" * 500 + b"\r\n"}

        def handler(connection):
            connection.sendall(cut[servers.Requests(connection).head().split(b" ")[1].decode()])

        def answer(stream):
            stream.respond(body=b"x" * 500, fields=[("content-length", "1000")])

        proxy = self.proxy(hosts={"old.test:443": self.tls_server(self.pki.leaf("old.test"), handler), "new.test:443": self.h2_server("new.test", answer)})
        client = self.known(proxy)
        for url in ("https://old.test/length", "https://old.test/chunked", "https://new.test/"):
            with self.subTest(url):
                stream = client.done(client.ask(url))
                self.assertEqual((stream.status, stream.ended, stream.code is not None), (200, False, True))
                self.assertIn(len(stream.content), (0, 500))

    def test_an_upload_that_is_not_as_long_as_it_said_is_no_request_and_no_part_of_the_next(self):
        heads = []

        def handler(connection):
            requests = servers.Requests(connection)
            while head := requests.head():
                heads.append(head.split(b"\r\n")[0])
                if len(requests.body(20)) < 20:
                    return
                connection.sendall(servers.ok())

        client = self.known(self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)}))
        for sent in (b"short", b"GET /smuggled HTTP/1.1\r\nHost: good.test\r\n\r\n"):
            with self.subTest(sent):
                stream = client.ask("https://good.test/upload", method="POST", fields=[("content-length", "20")], ends=False)
                client.send(stream, sent, ends=True)
                client.done(stream)
                self.assertNotEqual(stream.status, 200)
        stream = client.ask("https://good.test/next", method="POST", fields=[("content-length", "20")], ends=False)
        client.send(stream, b"x" * 20, ends=True)
        self.assertEqual(client.response(stream).body, b"hello")
        self.assertEqual([head for head in heads if b"smuggled" in head], [])
        self.assertEqual(heads[-1], b"POST /next HTTP/1.1")

    def test_a_server_may_answer_before_the_upload_has_ended(self):
        def answer(stream):
            stream.respond(413, b"no")
            stream.wait(lambda: stream.stream.over)

        _, client = self.between(answer)
        stream = client.ask("/", "good.test", "POST", ends=False)
        client.send(stream, b"x" * 1000)
        client.wait(lambda: stream.ended)
        self.assertEqual((stream.status, bytes(stream.content)), (413, b"no"))
        self.assertEqual(client.get("/", "good.test").status, 413)

    def test_either_side_may_speak_when_it_likes(self):
        def answer(stream):
            stream.head(200)
            said = 0
            while not stream.stream.ended:
                stream.wait(lambda: len(stream.stream.content) > said or stream.stream.over)  # noqa: B023
                piece = bytes(stream.stream.content[said:])
                said += len(piece)
                stream.send(piece.upper())
            stream.send(b"", ends=True)

        _, client = self.between(answer)
        stream = client.ask("/", "good.test", "POST", ends=False)
        client.wait(lambda: stream.status == 200)
        for number, word in enumerate((b"one", b"two", b"six"), 1):
            client.send(stream, word)
            client.wait(lambda number=number: len(stream.content) == 3 * number)
        client.h2.end_stream(stream.number)
        client.flush()
        self.assertEqual(bytes(client.done(stream).content), b"ONETWOSIX")

    def test_what_is_about_http_1_1s_connection_alone_does_not_pass_to_http_2(self):
        answer = (b"HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nX-Kept: Yes\r\nTransfer-Encoding: chunked\r\n\r\n"
                  b"5;x=y\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n")
        server = self.tls_server(self.pki.leaf("good.test"), servers.answering(answer))
        client = self.known(self.proxy(hosts={"good.test:443": server}))
        stream = client.done(client.ask("https://good.test/a", fields=[("te", "trailers"), ("cookie", "a=1"), ("cookie", "b=2")]))
        self.assertEqual((stream.status, stream["x-kept"], bytes(stream.content), stream.trailers), (200, "Yes", b"hello", [("x-sum", "1")]))
        for name in ("connection", "x-hop", "keep-alive", "transfer-encoding"):
            self.assertIsNone(stream[name], name)
        head, _, rest = server.received.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        self.assertEqual((lines[0], rest), (b"GET /a HTTP/1.1", b""))
        self.assertEqual([line.lower() for line in lines if line.lower().startswith((b"host:", b"cookie:"))], [b"host: good.test", b"cookie: a=1; b=2"])

    def test_an_upload_without_a_length_becomes_chunks_and_trailers_stay(self):
        got = []

        def handler(connection):
            requests = servers.Requests(connection)
            got.append((requests.head(), requests.until(b"0\r\nx-check: 7\r\n\r\n")))
            connection.sendall(servers.ok())

        client = self.known(self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)}))
        stream = client.ask("https://good.test/", method="POST", ends=False)
        client.send(stream, b"abc")
        client.finish(stream, [("x-check", "7")])
        self.assertEqual(client.response(stream).body, b"hello")
        self.assertRegex(got[0][0], rb"(?i)transfer-encoding: chunked\r\n")
        self.assertEqual(got[0][1], b"3\r\nabc\r\n0\r\nx-check: 7\r\n\r\n")


if __name__ == "__main__":
    main()
