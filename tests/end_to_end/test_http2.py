"""HTTP/2 on both legs between real peers and ours: what each sent the other got, streams do not hold each other up, and the log tells of each."""
import base64
import contextlib
import hashlib
import json
import os
import random
import threading

import http2
from harness import PATIENCE, Case, main, servers
from http2 import Codes, Http2Client, offering_h2, serving
from processes import Process, environment, kept_inside, listening, run

HERE = os.path.dirname(os.path.abspath(__file__))
NODE = os.path.join(HERE, "clients", "http2.js")
SIZES = (0, 1, 16_384, 16_385, 300_000)
LARGE = 20_000_000


def digest(data):
    return hashlib.sha256(data).hexdigest()


class NodeServer:
    def __init__(self, identity, directory):
        self._process = Process(["node", NODE, "serve", identity.chain, identity.key, directory])
        self.port = int(self._process.stdout.wait_for(r"^listening on (\d+)$")[1])

    def stop(self):
        self._process.stop()


class Nghttpd:
    """It sends an upload back. It picks its port and does not say which."""

    def __init__(self, identity, directory):
        self._process = Process(["nghttpd", "-v", "--address=127.0.0.1", "--echo-upload", "--htdocs", directory, "0", identity.key, identity.chain],
                                env=kept_inside() | {"PATH": "/usr/sbin:/usr/bin:/bin"})
        self._process.stdout.wait_for(r"^IPv4: listen")
        self.port = next(port for address, port in listening(self._process.pid) if address.version == 4)

    def stop(self):
        self._process.stop()


class Http2Case(Case):
    def h2_server(self, name, answer, configure=None, **named):
        """A server of python3-h2 under TLS; `named` are its connections' (serving)."""
        return self.tls_server(self.pki.leaf(name), serving(answer, **named), configure or offering_h2())

    def h2_client(self, proxy, host, port=443, **named):
        """A client inside an intercepted tunnel."""
        client = self.client(proxy).connect(f"{host}:{port}").start_tls(host, configure=offering_h2())
        self.assertEqual(client.socket.selected_alpn_protocol(), "h2")
        return Http2Client(client, "https", **named)

    def known(self, proxy, port=None, **named):
        """A client that begins with HTTP/2 at the listener."""
        return Http2Client(self.client(proxy), "http", **named)

    def requests(self, proxy):
        proxy.stop()
        return [line for line in proxy.log() if line["event"] == "request"]

    def request_line(self, proxy, **expected):
        line, = self.requests(proxy)
        self.assertEqual({name: line.get(name) for name in expected}, expected, line)
        return line


class Peers(Http2Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = os.path.join(cls.shared, "files")
        os.mkdir(cls.files)
        random.seed(7)
        cls.pages = {str(size): random.randbytes(size) for size in (*SIZES, LARGE)}
        for name, page in cls.pages.items():
            with open(os.path.join(cls.files, name), "wb") as file:
                file.write(page)
        cls.digests = {name: digest(page) for name, page in cls.pages.items()}

    def answer(self, stream):
        if stream[":method"] == "POST":
            return stream.respond(body=digest(stream.body()).encode())
        return stream.respond(body=self.pages[stream.path[1:]])

    def digesting(self, connection):
        """HTTP/1.1's, behind nginx and for translation."""
        requests = servers.Requests(connection)
        while head := requests.head():
            lower = head.lower()
            if lower.startswith(b"get"):
                connection.sendall(servers.ok(self.pages[head.split(b" ")[1][1:].decode()]))
                continue
            if b"transfer-encoding: chunked" in lower:
                body = b""
                while size := int(requests.until(b"\r\n").strip() or b"0", 16):
                    body += requests.body(size + 2)[:size]
                requests.until(b"\r\n")
            else:
                body = requests.body(int(lower.split(b"content-length: ")[1].split(b"\r\n")[0]))
            connection.sendall(servers.ok(digest(body).encode()))

    def make(self, kind):
        identity = self.pki.leaf(f"{kind}.test")
        if kind == "node":
            return self.started(NodeServer(identity, self.files))
        if kind == "nghttpd":
            return self.started(Nghttpd(identity, self.files))
        if kind == "python":
            return self.tls_server(identity, serving(self.answer), offering_h2())
        if kind == "old":
            return self.tls_server(identity, self.digesting)
        back = self.server(self.digesting)
        up = f"location /up {{ proxy_pass http://127.0.0.1:{back.port}; proxy_http_version 1.1; proxy_request_buffering off; }}"
        nginx = servers.Nginx(os.path.join(self.directory, "nginx"), up, identity, http2=True, root=self.files)
        return self.started(nginx)

    def uploaded(self, kind, name):
        """What an upload is answered with."""
        return self.digests[name] if kind == "nghttpd" else digest(self.digests[name].encode())

    def by_curl(self, proxy, kind, way, name, upload):
        url = {"tunnel": f"https://{kind}.test", "gateway": f"{proxy.url}/https://{kind}.test"}[way] + ("/up" if upload else f"/{name}")
        how = ["--http2"] if way == "tunnel" else ["--noproxy", "*", "--http2-prior-knowledge"]
        body = ["--data-binary", f"@{os.path.join(self.files, name)}", "-H", "Expect:"] if upload else []
        done = self.curl(proxy, *how, *body, "-w", "%{stderr}%{http_version} %{http_code}", url)
        self.assertEqual((done.returncode, done.stderr[-5:]), (0, b"2 200"), done.stderr)
        return digest(done.stdout)

    def by_nghttp(self, proxy, kind, name, upload):
        url = f"{proxy.url}/https://{kind}.test" + ("/up" if upload else f"/{name}")
        done = run("nghttp", *(["-d", os.path.join(self.files, name)] if upload else []), url, text=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return digest(done.stdout)

    def by_node(self, proxy, kind, name, upload):
        request = {"method": "POST", "target": "/up", "upload": os.path.join(self.files, name)} if upload else {"target": f"/{name}"}
        done = run("node", NODE, "talk", f"https://{kind}.test", proxy.url, proxy.ca_file, json.dumps([request]))
        self.assertEqual(done.returncode, 0, done.stderr)
        said, = json.loads(done.stdout)
        self.assertEqual((said["status"], said["code"]), (200, 0), said)
        return said["digest"]

    def test_every_client_gets_from_every_server_what_it_sent_up_and_down(self):
        kinds = ("nginx", "node", "nghttpd", "python", "old")
        proxy = self.proxy(hosts={f"{kind}.test:443": self.make(kind) for kind in kinds})
        clients = {"curl in a tunnel": lambda *what: self.by_curl(proxy, what[0], "tunnel", *what[1:]),
                   "curl by prior knowledge": lambda *what: self.by_curl(proxy, what[0], "gateway", *what[1:]),
                   "nghttp": lambda *what: self.by_nghttp(proxy, *what), "node": lambda *what: self.by_node(proxy, *what)}
        for kind in kinds:
            for client, ask in clients.items():
                if kind == "old" and client in ("curl in a tunnel", "node"):
                    continue  # such a tunnel speaks HTTP/1.1
                for name in ("0", "300000"):
                    with self.subTest(client=client, server=kind, size=name):
                        self.assertEqual(ask(kind, name, False), self.digests[name])
                        self.assertEqual(ask(kind, name, True), self.uploaded(kind, name))

    def test_a_body_of_any_size_passes_whole_both_ways(self):
        proxy = self.proxy(hosts={"node.test:443": self.make("node"), "old.test:443": self.make("old")})
        client = self.h2_client(proxy, "node.test")
        for name in map(str, SIZES):
            with self.subTest(name):
                self.assertEqual(digest(client.get("/" + name, "node.test").body), self.digests[name])
                self.assertEqual(client.request("POST /up HTTP/2\nHost: node.test", self.pages[name]).text, self.digests[name])
        for kind, way in (("node", "tunnel"), ("old", "gateway")):
            with self.subTest(LARGE, server=kind):
                self.assertEqual(self.by_curl(proxy, kind, way, str(LARGE), False), self.digests[str(LARGE)])
                self.assertEqual(self.by_curl(proxy, kind, way, str(LARGE), True), self.uploaded(kind, str(LARGE)))

    def test_an_http_1_1_client_is_served_by_an_http_2_server(self):
        proxy = self.proxy(hosts={"node.test:443": self.make("node")})
        for name in ("0", "300000", str(LARGE)):
            with self.subTest(name):
                self.assertEqual(digest(self.curl_body(proxy, "--noproxy", "*", "--http1.1", f"{proxy.url}/https://node.test/{name}")), self.digests[name])
                sent = self.curl_body(proxy, "--noproxy", "*", "--http1.1", "--data-binary", f"@{self.files}/{name}", f"{proxy.url}/https://node.test/up")
                self.assertEqual(sent.decode(), self.digests[name])

    def test_an_http_1_1_client_gets_trailers_in_chunks_from_http_2_and_sends_its_own(self):
        client = self.client(self.proxy(hosts={"node.test:443": self.make("node")}))
        client.send(b"POST https://node.test/trailers HTTP/1.1\r\nHost: node.test\r\nTE: trailers\r\nConnection: TE, X-Hop\r\nX-Hop: 1\r\nX-Asked: Yes\r\n"
                    b"Cookie: a=1; b=2\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Asked: yes\r\n\r\n")
        status, _, fields = client.receive_head()
        self.assertEqual((status, fields["link"]), (103, "</a.css>; rel=preload"))
        status, _, fields = client.receive_head()
        self.assertEqual((status, fields["transfer-encoding"]), (200, "chunked"))
        body, _, trailers = client.until(b"\r\n\r\n").partition(b"0\r\n")
        self.assertEqual((body, trailers.splitlines()[:2]), (b"4\r\nbody\r\n", [b"x-sum: 42", b"x-got: yes"]))
        self.assertEqual(trailers.splitlines()[2], b"x-names: :authority :method :path :scheme cookie te x-asked")
        client.send(b"GET https://node.test/1 HTTP/1.1\r\nHost: node.test\r\n\r\n")
        self.assertEqual(client.receive().body, self.pages["1"])

    def test_a_body_that_http_2_cuts_short_is_cut_short_for_an_http_1_1_client(self):
        client = self.client(self.proxy(hosts={"node.test:443": self.make("node")}))
        client.send(b"GET https://node.test/cut HTTP/1.1\r\nHost: node.test\r\n\r\n")
        self.assertEqual(client.receive_head()[0], 200)
        self.assertIn(client.until_close(), (b"4\r\nhalf\r\n", b""))  # a reset may overtake it

    def test_node_sends_and_gets_trailers_and_an_interim_response(self):
        proxy = self.proxy(hosts={"node.test:443": self.make("node")})
        asked = json.dumps([{"target": "/trailers", "trailers": {"x-asked": "yes"}}] * 3)
        done = run("node", NODE, "talk", "https://node.test", proxy.url, proxy.ca_file, asked)
        self.assertEqual(done.returncode, 0, done.stderr)
        for said in json.loads(done.stdout):
            self.assertEqual((said["interim"], said["status"], said["text"]), ([103], 200, "body"))
            self.assertEqual((said["trailers"]["x-sum"], said["trailers"]["x-got"]), ("42", "yes"))

    def test_a_reverse_listener_of_tls_speaks_http_2_and_1_1(self):
        proxy = self.proxy("--reverse", "https://nginx.test", "--listen-tls", hosts={"nginx.test:443": self.make("nginx")})
        for version, says in (("--http2", b"2"), ("--http1.1", b"1.1")):
            done = run("curl", "-sS", "--noproxy", "*", "--cacert", proxy.ca_file, version, "-w", "%{stderr}%{http_version}",
                       f"https://localhost:{proxy.port}/300000", text=False)
            self.assertEqual((done.returncode, done.stderr, digest(done.stdout)), (0, says, self.digests["300000"]))
        done = run("nghttp", f"https://localhost:{proxy.port}/300000", text=False)
        self.assertEqual((done.returncode, digest(done.stdout)), (0, self.digests["300000"]), done.stderr)

    def test_200_streams_on_a_connection_go_over_one_to_the_server(self):
        connections = []
        server = self.tls_server(self.pki.leaf("many.test"), serving(self.answer, seen=connections), offering_h2())
        proxy = self.proxy(hosts={"many.test:443": server})
        client = self.h2_client(proxy, "many.test")
        names = [random.choice(list(map(str, SIZES[:4]))) for _ in range(200)]
        streams = [client.ask("/" + name, "many.test") for name in names]
        for name, stream in zip(names, streams):
            self.assertEqual(bytes(client.done(stream).content), self.pages[name])
        self.assertEqual(len(connections), 1)
        client.close()
        lines = self.requests(proxy)
        self.assertEqual(sorted((line["url"], line["status"], line["response_bytes"]) for line in lines),
                         sorted((f"https://many.test/{name}", 200, int(name)) for name in names))
        self.assertEqual(len({line["id"] for line in lines}), 200)

    def test_50_connections_do_not_share_one_to_the_server(self):
        connections = []
        server = self.tls_server(self.pki.leaf("many.test"), serving(self.answer, seen=connections), offering_h2())
        proxy = self.proxy(hosts={"many.test:443": server})
        clients = [self.h2_client(proxy, "many.test") for _ in range(50)]
        asked = [(client, [client.ask(f"/{name}", "many.test") for name in ("16385", "1")]) for client in clients]
        for client, (large, small) in asked:
            self.assertEqual(bytes(client.done(large).content), self.pages["16385"])
            self.assertEqual(bytes(client.done(small).content), self.pages["1"])
        self.assertEqual(len(connections), 50)
        self.assertEqual(sorted(len(each.streams) for each in connections), [2] * 50)


class Messages(Http2Case):
    """What of a message is passed on, stream by stream."""

    def between(self, answer, **named):
        """A proxy, and a client in a tunnel to a server that answers so."""
        proxy = self.proxy(hosts={"good.test:443": self.h2_server("good.test", answer, **named)})
        return proxy, self.h2_client(proxy, "good.test")

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


class Streams(Http2Case):
    """No stream holds up another."""

    def test_a_reader_that_stalls_one_stream_of_a_hundred_gets_the_others(self):
        stalled, sent = threading.Event(), []

        def answer(stream):
            if stream.path == "/stalled":
                stream.head(200)
                while len(sent) < 400 and stream.send(b"x" * 65_536):
                    sent.append(65_536)
                stalled.set()
                return
            stream.respond(body=b"y" * 50_000)

        proxy = self.proxy(hosts={"good.test:443": self.h2_server("good.test", answer)})
        client = self.h2_client(proxy, "good.test", settings={http2.h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 65_535})
        client.h2.increment_flow_control_window(10_000_000)
        client.flush()
        slow = client.ask("/stalled", "good.test")
        slow.reads = False
        client.wait(lambda: len(slow.content) == 65_535)
        before = proxy.peak_memory()
        for _ in range(3):
            others = [client.ask("/other", "good.test") for _ in range(33)]
            for stream in others:
                self.assertEqual(len(client.done(stream).content), 50_000)
        self.assertFalse(stalled.is_set(), "25 MB for nobody went somewhere")
        self.assertLess(sum(sent), 4_000_000)
        if not os.environ.get("WHYTLS_SANITIZE"):
            self.assertLess(proxy.peak_memory() - before, 16 << 20)
        slow.reads = True
        client.give_back(slow)
        client.flush()
        client.wait(lambda: len(slow.content) > 1_000_000)
        client.reset(slow, Codes.CANCEL)
        self.assertTrue(stalled.wait(PATIENCE))

    def test_a_server_that_reads_one_upload_slowly_reads_the_others(self):
        go = threading.Event()
        self.addCleanup(go.set)

        def answer(stream):
            if stream.path == "/slow":
                stream.stream.reads = False
                go.wait(PATIENCE)
                with stream.peer.lock:
                    stream.stream.reads = True
                    stream.peer.give_back(stream.stream)
                    stream.peer.flush()
            stream.respond(body=str(len(stream.body())).encode())

        def seen(peer):
            peer.h2.increment_flow_control_window(10_000_000)

        connections = type("", (list,), {"append": lambda self, peer: seen(peer)})()
        proxy = self.proxy(hosts={"good.test:443": self.h2_server("good.test", answer, seen=connections)})
        client = self.h2_client(proxy, "good.test")
        slow = client.ask("/slow", "good.test", "POST", ends=False)
        client.send(slow, b"x" * 60_000)
        for _ in range(20):
            self.assertEqual(client.request("POST /quick HTTP/2\nHost: good.test", b"y" * 30_000).body, b"30000")
        go.set()
        client.send(slow, b"x" * 200_000, ends=True)
        self.assertEqual(client.response(slow).body, b"260000")

    def test_a_response_that_waits_does_not_keep_the_next_from_passing_it(self):
        go = threading.Event()
        self.addCleanup(go.set)

        def answer(stream):
            if stream.path == "/late":
                go.wait(PATIENCE)
            stream.respond(body=stream.path.encode())

        proxy = self.proxy(hosts={"good.test:443": self.h2_server("good.test", answer)})
        client = self.h2_client(proxy, "good.test")
        late = client.ask("/late", "good.test")
        self.assertEqual(client.get("/soon", "good.test").body, b"/soon")
        self.assertFalse(late.over)
        go.set()
        self.assertEqual(client.response(late).body, b"/late")

    def test_streams_to_a_server_of_http_1_1_have_a_connection_each_while_they_last(self):
        go = threading.Barrier(6)

        def handler(connection):
            requests = servers.Requests(connection)
            while head := requests.head():
                go.wait(PATIENCE)
                connection.sendall(servers.ok(head.split(b" ")[1]))

        server = self.tls_server(self.pki.leaf("good.test"), handler)
        client = self.known(self.proxy(hosts={"good.test:443": server}))
        for _ in range(2):
            streams = [client.ask(f"https://good.test/{number}") for number in range(5)]
            go.wait(PATIENCE)
            self.assertEqual([client.response(stream).body for stream in streams], [b"/%d" % number for number in range(5)])
        self.assertEqual(server.connections, 5)

    def test_a_server_that_goes_away_finishes_what_it_took_and_the_rest_is_asked_again(self):
        connections = []

        def answer(stream):
            if stream.peer is connections[0] and stream.path == "/last":
                stream.goaway(Codes.NO_ERROR, stream.stream.number, b"maintenance")
            stream.respond(body=b"%d" % connections.index(stream.peer))

        server = self.h2_server("good.test", answer, seen=connections)
        proxy = self.proxy(hosts={"good.test:443": server})
        client = self.h2_client(proxy, "good.test")
        self.assertEqual(client.get("/first", "good.test").body, b"0")
        self.assertEqual(client.get("/last", "good.test").body, b"0")
        self.assertEqual(client.get("/next", "good.test").body, b"1")

    def test_streams_above_those_that_a_leaving_server_took_are_asked_for_again(self):
        connections, first, again = [], threading.Event(), threading.Event()

        def answer(stream):
            if stream.peer is connections[0] and stream.path == "/second":
                first.wait(PATIENCE)
                return stream.goaway(Codes.NO_ERROR, stream.stream.number - 2)
            if stream.peer is connections[0]:
                first.set()
                again.wait(PATIENCE)
            again.set()
            return stream.respond(body=b"%d" % connections.index(stream.peer))

        proxy = self.proxy(hosts={"good.test:443": self.h2_server("good.test", answer, seen=connections)})
        client = self.h2_client(proxy, "good.test")
        asked = [client.ask(path, "good.test") for path in ("/first", "/second")]
        self.assertEqual(client.response(asked[1]).body, b"1")
        self.assertEqual(client.response(asked[0]).body, b"0")

    def test_a_stream_that_the_server_refused_is_asked_for_once_more(self):
        tries = []

        def answer(stream):
            tries.append(stream.path)
            if tries.count(stream.path) == 1 or stream.path == "/never":
                return stream.reset(Codes.REFUSED_STREAM)
            return stream.respond()

        proxy = self.proxy(hosts={"good.test:443": self.h2_server("good.test", answer)})
        client = self.h2_client(proxy, "good.test")
        self.assertEqual(client.get("/second", "good.test").status, 200)
        refused = client.get("/never", "good.test")
        self.assertEqual(refused.status, 502)
        self.assertIn("REFUSED_STREAM", refused.text)
        self.assertEqual((tries.count("/second"), tries.count("/never")), (2, 2))


class Failures(Http2Case):
    def failing(self, **named):
        server = self.tls_server(self.pki.leaf("other.test"), http2.answering(), offering_h2("http/1.1"))
        return server, self.proxy(hosts={"good.test:443": server}, **named)

    def test_every_stream_is_answered_with_the_diagnosis_and_the_connection_stays(self):
        server, proxy = self.failing()
        client = self.h2_client(proxy, "good.test")
        streams = [client.ask(f"/{number}", "good.test", fields=[("accept", "application/json")]) for number in range(20)]
        for stream in streams:
            response = client.response(stream)
            self.assertEqual((response.status, response.json["code"], response.complete), (502, "hostname_mismatch", True))
            self.assertIn('details="hostname_mismatch"', response["proxy-status"])
        page = client.get("/", "good.test", Accept="text/html")
        self.assertTrue(page["content-type"].startswith("text/html"))
        self.assertEqual(client.request("POST / HTTP/2\nHost: good.test", b"x" * 50_000).status, 502)
        self.assertEqual(client.request("HEAD / HTTP/2\nHost: good.test").status, 502)
        client.ping()
        self.assertEqual(server.received, b"")
        client.close()
        lines = self.requests(proxy)
        self.assertEqual([(line["status"], line["code"]) for line in lines], [(502, "hostname_mismatch")] * 23)

    def test_no_byte_goes_to_such_a_server_for_streams_opened_while_its_handshake_runs(self):
        go, waiting = threading.Event(), threading.Event()

        def configure(context):
            offering_h2("http/1.1")(context)
            context.sni_callback = lambda *_: (waiting.set(), go.wait(PATIENCE), None)[2]

        server = self.tls_server(self.pki.leaf("other.test"), http2.answering(), configure)
        proxy = self.proxy(hosts={"good.test:443": server})
        client = self.known(proxy)
        streams = [client.ask(f"https://good.test/{number}", method="POST", ends=False) for number in range(10)]
        for stream in streams:
            client.send(stream, b"secret")
        self.assertTrue(waiting.wait(PATIENCE))
        client.ping()  # they have been read
        go.set()
        for stream in streams:
            client.wait(lambda stream=stream: stream.over)
            self.assertEqual((stream.status, b"hostname_mismatch" in stream.content), (502, True))
        client.close()
        proxy.stop()
        self.assertEqual(server.received, b"")

    def test_later_streams_try_again_and_succeed_once_the_server_is_right(self):
        wrong, right = self.pki.leaf("other.test"), self.pki.leaf("good.test")
        server = self.tls_server(wrong, http2.answering(), offering_h2("http/1.1"))
        proxy = self.proxy(hosts={"good.test:443": server})
        tunnel, direct = self.h2_client(proxy, "good.test"), self.known(proxy)
        self.assertEqual(tunnel.get("/", "good.test").status, 502)
        self.assertEqual(direct.get("https://good.test/").status, 502)
        server._context.load_cert_chain(right.chain, right.key)
        self.assertEqual(direct.get("https://good.test/").status, 200)
        self.assertEqual(tunnel.get("/", "good.test").status, 200)

    def test_a_server_that_breaks_http_2_is_told_of(self):
        frame = http2.hyperframe.frame
        broken = {"says no HTTP/2": servers.saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
                  "goes away": servers.saying(frame.SettingsFrame(0).serialize() + frame.GoAwayFrame(0, 0, 11, b"go elsewhere").serialize()),
                  "hangs up": servers.saying(b"")}
        for name, handler in broken.items():
            with self.subTest(name):
                server = self.tls_server(self.pki.leaf("good.test"), handler, offering_h2())
                proxy = self.proxy(hosts={"good.test:443": server})
                response = self.h2_client(proxy, "good.test").get("/", "good.test", Accept="application/json")
                self.assertEqual((response.status, response.json["code"]), (502, "upstream_closed" if name == "hangs up" else "upstream_http_error"))
                said = json.dumps(response.json["problems"])
                for words in {"says no HTTP/2": ("HTTP/2", "HTTP/1.1 400 Bad Request"), "goes away": ("GOAWAY", "ENHANCE_YOUR_CALM", "go elsewhere"), "hangs up": ()}[name]:
                    self.assertIn(words, said)

    def test_a_server_that_is_silent_is_given_up_stream_by_stream(self):
        def answer(stream):
            if stream.path == "/silent":
                stream.was_reset()
            else:
                stream.respond()

        proxy = self.proxy("--response-timeout", "0.5", hosts={"good.test:443": self.h2_server("good.test", answer)})
        client = self.h2_client(proxy, "good.test")
        silent = client.ask("/silent", "good.test")
        self.assertEqual(client.get("/quick", "good.test").status, 200)
        self.assertEqual(client.response(silent).status, 504)
        self.assertEqual(client.get("/quick", "good.test").status, 200)
        client.close()
        self.assertEqual(sorted(line["status"] for line in self.requests(proxy)), [200, 200, 504])


class AtTheListener(Http2Case):
    """By prior knowledge, in the clear."""

    def test_the_own_page_is_there(self):
        client = self.known(proxy := self.proxy())
        page = client.get("/", f"127.0.0.1:{proxy.port}")
        self.assertEqual(page.status, 200)
        self.assertIn("whytls is running", page.text)
        self.assertEqual(client.get("http://why.tls/").status, 200)
        self.assertEqual(client.get("http://why.tls/nothing").status, 404)

    def test_plain_http_is_asked_for_by_its_authority(self):
        proxy = self.proxy(hosts={"plain.test:80": (server := self.server(servers.answering(servers.ok(b"plain"))))})
        client = self.known(proxy)
        self.assertEqual([client.response(stream).body for stream in [client.ask("http://plain.test/a") for _ in range(3)]], [b"plain"] * 3)
        self.assertLessEqual(server.connections, 3)

    def test_the_password_is_asked_for_as_in_http_1_1(self):
        proxy = self.proxy("--proxy-auth", "me:s3:cret", hosts={"plain.test:80": (server := self.server(servers.answering(servers.ok(b"plain"))))})
        client = self.known(proxy)
        refused = client.get("http://plain.test/")
        self.assertEqual((refused.status, refused["proxy-authenticate"]), (407, 'Basic realm="whytls"'))
        self.assertEqual(client.get("http://plain.test/", Proxy_Authorization="Basic bWU6czM6Y3JldA==").body, b"plain")
        self.assertEqual(server.connections, 1)

    def test_a_socks_tunnel_speaks_http_2_as_well(self):
        proxy = self.proxy(hosts={"good.test:443": self.h2_server("good.test", lambda stream: stream.respond(body=b"hello"))})
        done = run("curl", "-sS", "--cacert", proxy.ca_file, "-x", f"socks5h://127.0.0.1:{proxy.port}", "-w", " %{http_version}", "https://good.test/")
        self.assertEqual((done.returncode, done.stdout), (0, "hello 2"), done.stderr)

    def test_what_is_to_be_masked_is_masked_in_urls_of_http_2(self):
        server = self.tls_server(self.pki.leaf("other.test"), http2.answering(), offering_h2())
        proxy = self.proxy("-v", "--redact", "password", hosts={"good.test:443": server})
        client = self.h2_client(proxy, "good.test")
        answer = client.get("/a?password=s3cret&b=c", "good.test", Authorization="Bearer s3cret", Cookie="id=s3cret")
        self.assertEqual(answer.status, 502)
        client.close()
        self.request_line(proxy, url="https://good.test/a?password=***&b=c", status=502)
        with open(proxy.log_file, encoding="utf-8") as file:
            self.assertNotIn("s3cret", file.read() + proxy.stderr.text + answer.text)

    def test_a_head_that_is_too_large_is_answered_431_and_the_connection_goes_on(self):
        proxy = self.proxy("--max-header", "2K", hosts={"plain.test:80": self.server(servers.answering(servers.ok()))})
        client = self.known(proxy)
        stream = client.ask("http://plain.test/", fields=[("x-large", "x" * 3000)])
        self.assertEqual(client.response(stream).status, 431)
        self.assertEqual(client.get("http://plain.test/").status, 200)
        client.close()
        self.assertEqual([line["status"] for line in self.requests(proxy)], [431, 200])

    def test_a_malformed_request_resets_its_stream_and_is_told(self):
        proxy = self.proxy(hosts={"plain.test:80": (server := self.server(servers.answering(servers.ok())))})
        for fields in ([("connection", "close")], [("Upper", "1")], [("transfer-encoding", "chunked")], [("te", "gzip")], [("x", "a\r\nb")]):
            with self.subTest(fields):
                client = self.known(proxy)
                stream = client.done(client.ask("http://plain.test/", fields=fields))
                self.assertEqual(stream.status or stream.code, 400 if stream.status else int(Codes.PROTOCOL_ERROR))
                self.assertEqual(client.get("http://plain.test/").status, 200)
        self.assertEqual(server.connections, 5)
        lines = self.requests(proxy)
        self.assertEqual([line.get("code") for line in lines if line["status"] != 200], ["request_rejected"] * 5)

    def test_an_idle_connection_is_let_go_and_one_with_a_stream_is_not(self):
        def answer(stream):
            stream.head(200)
            for _ in range(4):
                with contextlib.suppress(TimeoutError):
                    stream.wait(lambda: stream.stream.over, 0.4)
                stream.send(b"x")
            stream.send(b"", ends=True)

        proxy = self.proxy("--idle-timeout", "1", hosts={"good.test:443": self.h2_server("good.test", answer)})
        client = self.h2_client(proxy, "good.test")
        self.assertEqual(client.get("/", "good.test").body, b"xxxx")
        client.until_end()
        self.assertEqual(client.goaway[0], int(Codes.NO_ERROR))

    def test_the_proxys_end_is_announced_and_a_stream_in_progress_completes(self):
        go, begun = threading.Event(), threading.Event()

        def answer(stream):
            stream.head(200)
            stream.send(b"half")
            begun.set()
            go.wait(PATIENCE)
            stream.send(b"half", ends=True)

        proxy = self.proxy(hosts={"good.test:443": self.h2_server("good.test", answer)})
        client = self.h2_client(proxy, "good.test")
        stream = client.ask("/", "good.test")
        client.wait(lambda: len(stream.content) == 4)
        stopping = threading.Thread(target=proxy.stop)
        stopping.start()
        client.wait(lambda: client.goaway is not None)
        go.set()
        self.assertEqual(client.response(stream).body, b"halfhalf")
        stopping.join(PATIENCE)


if __name__ == "__main__":
    main()
