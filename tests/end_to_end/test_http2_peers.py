"""HTTP/2 on both legs between real peers: what each sent the other got."""
import json
import os
import random

from harness import main, servers
from http2 import offering_h2, serving
from http2_case import LARGE, Http2Case, digest
from processes import Process, kept_inside, listening, run

HERE = os.path.dirname(os.path.abspath(__file__))
NODE = os.path.join(HERE, "clients", "http2.js")
SIZES = (0, 1, 16_384, 16_385, 300_000)


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


if __name__ == "__main__":
    main()
