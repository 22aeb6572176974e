"""What clients of HTTP/2 are told when a server fails, and what the listener itself answers them."""
import contextlib
import json
import threading

import http2
from harness import PATIENCE, main, servers
from http2 import Codes, offering_h2
from http2_case import Http2Case
from processes import run


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

    def test_http_2_in_the_clear_is_told_by_a_listener_of_tls_that_it_takes_tls(self):
        proxy = self.proxy("--reverse", "https://good.test", "--listen-tls", hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"))})
        client = self.known(proxy)
        response = client.response(client.ask("/", "localhost", "POST", ends=False))
        self.assertEqual(response.status, 400)
        self.assertIn('details="client_not_tls"', response["Proxy-Status"])
        client.wait(lambda: client.goaway)
        done = run("curl", "-sS", "--noproxy", "*", "--http2-prior-knowledge", "-w", "%{stderr}%{http_code} %{http_version}",
                   f"http://localhost:{proxy.port}/")
        self.assertEqual((done.returncode, done.stderr), (0, "400 2"))
        self.assertIn("client_not_tls", done.stdout)
        proxy.stop()
        lines = proxy.log()
        self.assertEqual([line["code"] for line in lines if line["event"] == "client_handshake"], ["client_not_tls"] * 2)
        self.assertFalse([line for line in lines if line["event"] == "request"])

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
