"""The log: one JSON object a line, one id a flow, no secret."""
import os
import re
import stat
import threading

from harness import Case, Client, main, servers
from over_http2 import over_http2

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"


class Log(Case):
    def test_a_flows_handshake_and_request_share_an_id_and_say_what_passed(self):
        def handler(connection):
            requests = servers.Requests(connection)
            while requests.head():
                requests.body(5)
                connection.sendall(servers.ok(b"0123456789"))

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)})
        client = self.tls_client(proxy, "good.test")
        client.request("POST /a HTTP/1.1\nHost: good.test\nContent-Length: 5", b"12345")
        proxy.stop()
        lines = proxy.log()
        for line in lines:
            self.assertIn(line["event"], ("upstream_handshake", "client_handshake", "request", "proxy"))
            self.assertRegex(line["time"], TIME)
        handshake, request = (next(line for line in lines if line["event"] == event) for event in ("upstream_handshake", "request"))
        self.assertEqual(handshake["id"], request["id"])
        self.assertEqual((handshake["verdict"], handshake["host"], handshake["tls"]["sni"]), ("ok", "good.test", "good.test"))
        self.assertNotIn("code", handshake)
        self.assertEqual((request["method"], request["url"], request["status"]), ("POST", "https://good.test/a", 200))
        self.assertEqual((request["request_bytes"], request["response_bytes"]), (5, 10))
        self.assertGreaterEqual(request["timing_ms"]["total"], 0)

    def test_a_requests_time_is_what_its_client_waited_the_handshakes_among_it(self):
        def slow(context):
            context.sni_callback = lambda *_: (threading.Event().wait(0.3), None)[1]

        def handler(connection):
            requests = servers.Requests(connection)
            while requests.head():
                threading.Event().wait(0.2)
                connection.sendall(servers.ok())

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler, slow)})
        done = self.curl(proxy, "--output", os.devnull, "--output", os.devnull, "--write-out", "%{time_total} ", "https://good.test/1", "https://good.test/2")
        waited = [float(each) * 1000 for each in done.stdout.split()]
        gateway = self.curl(proxy, "--noproxy", "*", "--output", os.devnull, "--write-out", "%{time_total}", f"{proxy.url}/https://good.test/3")
        waited.append(float(gateway.stdout) * 1000)
        proxy.stop()
        requests = [line for line in proxy.log() if line["event"] == "request"]
        self.assertEqual([line["status"] for line in requests], [200] * 3)
        logged = [line["timing_ms"] for line in requests]
        for timing, measured, least in zip(logged, waited, (500, 200, 500)):
            self.assertGreaterEqual(timing["total"], least)
            self.assertGreaterEqual(timing["first_byte"], least)
            self.assertLessEqual(timing["first_byte"], timing["total"])
            self.assertLess(timing["total"], measured + 150)  # what the proxy does once the client has it all, on a busy machine
        self.assertLess(logged[1]["total"], logged[0]["total"])  # the tunnel's handshakes are on the first request's account alone

    def test_many_requests_to_a_broken_host_are_one_line_on_stderr_and_each_a_line_of_the_log(self):
        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("other.test"))})
        for _ in range(5):
            self.assertEqual(self.tls_client(proxy, "good.test").get("/").status, 502)
        proxy.stop()
        self.assertEqual(proxy.stderr.text.count("[hostname_mismatch]"), 1, proxy.stderr.text)
        self.assertIn("5 failed handshakes: hostname_mismatch x5", proxy.stderr.text)
        for event in ("upstream_handshake", "request"):
            self.assertEqual([line["code"] for line in proxy.log() if line["event"] == event], ["hostname_mismatch"] * 5)

    def test_flows_have_different_ids(self):
        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"))})
        for _ in range(3):
            client = self.tls_client(proxy, "good.test")
            client.get("/")
            client.get("/")
        proxy.stop()
        requests = [line for line in proxy.log() if line["event"] == "request"]
        self.assertEqual(len(requests), 6)
        self.assertEqual(len({line["id"] for line in requests}), 6)

    def test_what_the_proxy_answers_itself_is_not_told_of_the_server_that_was_asked_before(self):
        proxy = self.proxy(hosts={"good.test:80": self.server(servers.answering(servers.ok()))})
        client = self.client(proxy)
        self.assertEqual(client.get("http://good.test/a", "good.test").status, 200)
        self.assertEqual(client.get("/", f"127.0.0.1:{proxy.port}").status, 200)
        proxy.stop()
        self.assertEqual([line["url"] for line in proxy.log() if line["event"] == "request"], ["http://good.test/a", "/"])

    def test_a_failed_handshake_is_logged_with_its_report(self):
        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("other.test"))})
        response = self.tls_client(proxy, "good.test").get("/", Accept="application/json")
        proxy.stop()
        handshake = next(line for line in proxy.log() if line["event"] == "upstream_handshake")
        request = next(line for line in proxy.log() if line["event"] == "request")
        for member in ("report", "code", "title", "steps", "problems", "chain", "served", "tls"):
            self.assertEqual(handshake[member], response.json[member], member)
        self.assertEqual((request["status"], request["code"], request["id"]), (502, "hostname_mismatch", handshake["id"]))

    def test_a_request_that_insecure_let_through_is_marked(self):
        hosts = {"bad.test:443": self.tls_server(self.pki.leaf("other.test")), "good.test:443": self.tls_server(self.pki.leaf("good.test"))}
        proxy = self.proxy("--insecure", hosts=hosts)
        for host in ("bad.test", "good.test"):
            self.assertEqual(self.tls_client(proxy, host).get("/").status, 200)
        proxy.stop()
        requests = [line for line in proxy.log() if line["event"] == "request"]
        self.assertEqual([line.get("let_through") for line in requests], ["hostname_mismatch", None])

    def test_secrets_are_not_written(self):
        def handler(connection):
            servers.answering(servers.ok(fields=b"Set-Cookie: session=s3cret-a\r\n"))(connection)

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler), "good.test:80": self.server(handler),
                                  "bad.test:443": self.tls_server(self.pki.leaf("other.test"))})
        secrets = """Authorization: Bearer s3cret-b
Cookie: session=s3cret-c
Proxy-Authorization: Basic s3cret-d"""
        self.tls_client(proxy, "good.test").request("GET / HTTP/1.1\nHost: good.test\n" + secrets)
        self.client(proxy).request("GET http://good.test/ HTTP/1.1\nHost: good.test\n" + secrets)
        failed = self.tls_client(proxy, "bad.test").request("GET / HTTP/1.1\nHost: bad.test\n" + secrets)
        proxy.stop()
        with open(proxy.log_file, encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn("s3cret", text)
        self.assertNotIn("s3cret", proxy.stderr.text)
        self.assertNotIn(b"s3cret", failed.body)
        self.assertEqual(text.count('"request"'), 3)

    def test_secrets_of_a_malformed_request_are_not_written(self):
        proxy = self.proxy()
        rejected = Client(proxy)
        self.addCleanup(rejected.close)
        rejected.send(b"GET / HTTP/1.1\r\nAuthorization: Bearer s3cret-e\r\nX : y\r\n\r\n")
        answer = rejected.receive()
        proxy.stop()
        with open(proxy.log_file, encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn("s3cret", text + proxy.stderr.text + answer.text)
        self.assertEqual(text.count('"request"'), 1)

    def test_the_log_is_the_users_alone_and_is_appended_to(self):
        path = os.path.join(self.directory, "own.jsonl")
        for _ in range(2):
            proxy = self.proxy("--log", path, hosts={"good.test:80": self.server(servers.answering(servers.ok()))})
            self.client(proxy).get("http://good.test/")
            proxy.stop()
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(len([line for line in file if '"request"' in line]), 2)

    def test_a_lone_dash_writes_the_log_to_stdout(self):
        proxy = self.proxy("--log", "-", hosts={"good.test:80": self.server(servers.answering(servers.ok()))})
        self.client(proxy).get("http://good.test/x")
        proxy.process.stdout.wait_for(r'"url":"http://good\.test/x"')

    def test_every_failed_handshake_is_one_sentence_on_stderr(self):
        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("other.test"))})
        self.tls_client(proxy, "good.test").get("/")
        proxy.stop()
        said = [line for line in proxy.stderr.text.splitlines() if "[hostname_mismatch]" in line]
        self.assertEqual(len(said), 1, proxy.stderr.text)
        self.assertIn("good.test", said[0])
        self.assertFalse(re.search(r"[\x00-\x08\x0b-\x1f]", proxy.stderr.text))


LogOverHttp2 = over_http2(Log, "test_secrets_of_a_malformed_request_are_not_written")


if __name__ == "__main__":
    main()
