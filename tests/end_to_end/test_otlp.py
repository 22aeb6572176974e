"""Spans and log records for an OpenTelemetry collector, read with OpenTelemetry's own definitions."""
import json
import os
import signal
import socket
import threading
import time
import urllib.request

from collector import Collector, Definitions, attributes, value
from harness import PATIENCE, Case, main, servers

CLIENT_TRACE, CLIENT_SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACE_PARENT = f"00-{CLIENT_TRACE}-{CLIENT_SPAN}-01"
SERVER, CLIENT, ERROR = 2, 3, 2
SECOND = 1_000_000_000
OWN_NAMES = {"whytls.flow.id", "whytls.let_through"}


class OtlpCase(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.definitions = Definitions()
        cls.addClassCleanup(cls.definitions.stop)

    def collector(self, answer=None, **named):
        return self.started(Collector(self.definitions, answer, **named))

    def sending(self, collector, *options, **named):
        url = f"http://127.0.0.1:{collector if isinstance(collector, int) else collector.port}"
        return self.proxy("--otlp", url, *options, **named)

    def plain(self, **named):
        """A server without TLS, for which no handshake is told."""
        return self.server(servers.answering(servers.ok(**named)))

    def ask(self, proxy, server, *paths):
        client = self.client(proxy)
        for path in paths:
            self.assertEqual(client.get(f"http://127.0.0.1:{server.port}{path}").status, 200)

    def paths(self, collector):
        return [span["attributes"]["url.path"] for span in requests(collector)]

    def assert_well(self, collector):
        """What came can be read, by the official definitions and by them alone, and has the names of the conventions."""
        self.assertEqual(collector.wrong, [])
        for post in collector.posts:
            self.assertEqual(set(post.message["unknown"]) - OWN_NAMES, set())


def requests(collector):
    return [span for span in collector.spans() if "http.request.method" in span["attributes"]]


def handshakes(collector):
    return [span for span in collector.spans() if span["name"] == "TLS handshake"]


def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class What(OtlpCase):
    def test_requests_and_their_handshake_have_every_field_that_the_protocol_requires(self):
        collector = self.collector()
        server = self.tls_server(self.pki.leaf("a.test"))
        proxy = self.sending(collector, "--redact", "token", hosts={"a.test:443": server})
        client = self.tls_client(proxy, "a.test")
        before = time.time_ns()
        self.assertEqual(client.get("/v1/things?token=s3cret&x=1", host="a.test", traceparent=TRACE_PARENT, tracestate="v=1", User_Agent="x/1").status, 200)
        self.assertEqual(client.get("/again", host="a.test", traceparent="00-" + "0" * 32 + "-" + CLIENT_SPAN + "-01").status, 200)
        collector.wait(lambda all: len(requests(all)) == 2)
        after = time.time_ns()
        proxy.stop()
        self.assert_well(collector)
        (handshake,), (first, again) = handshakes(collector), requests(collector)
        for span in (handshake, first, again):
            self.assertRegex(span["traceId"], "^(?!0{32})[0-9a-f]{32}$")
            self.assertRegex(span["spanId"], "^(?!0{16})[0-9a-f]{16}$")
            self.assertLessEqual(int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"]))
            self.assertNotIn("status", span)  # unset: nothing failed
        self.assertEqual(len({span["spanId"] for span in (handshake, first, again)}), 3)
        self.assertLessEqual(before - SECOND, int(handshake["startTimeUnixNano"]))
        self.assertLess(int(again["endTimeUnixNano"]), after + SECOND)

        self.assertEqual((first["name"], first["kind"], first["traceId"], first["parentSpanId"], first["traceState"]),
                         ("GET", SERVER, CLIENT_TRACE, CLIENT_SPAN, "v=1"))
        self.assertEqual((first["flags"], handshake["flags"], again["flags"]), (0x301, 0x101, 0x101))
        self.assertEqual((handshake["kind"], handshake["traceId"], handshake["parentSpanId"]), (CLIENT, CLIENT_TRACE, first["spanId"]))
        # A trace of zeroes is no trace.
        self.assertNotIn("parentSpanId", again)
        self.assertNotIn(again["traceId"], (CLIENT_TRACE, "0" * 32))
        self.assertEqual([(link["traceId"], link["spanId"]) for link in again["links"]], [(CLIENT_TRACE, handshake["spanId"])])
        self.assertNotIn("links", first)

        found = first["attributes"]
        self.assertGreater(found.pop("client.port"), 0)
        self.assertTrue(found.pop("whytls.flow.id"))
        self.assertEqual(found, {
            "http.request.method": "GET", "url.full": "https://a.test/v1/things?token=***&x=1", "url.scheme": "https", "url.path": "/v1/things",
            "url.query": "token=***&x=1", "server.address": "a.test", "server.port": 443, "client.address": "127.0.0.1",
            "network.protocol.name": "http", "network.protocol.version": "1.1", "http.response.status_code": 200, "http.request.body.size": 0,
            "http.response.body.size": 5, "user_agent.original": "x/1", "tls.established": True, "tls.protocol.name": "tls",
            "tls.protocol.version": "1.3", "tls.cipher": "TLS_AES_128_GCM_SHA256"})
        found = handshake["attributes"]
        self.assertRegex(found.pop("tls.server.hash.sha256"), "^[0-9A-F]{64}$")
        for name in ("tls.server.not_before", "tls.server.not_after"):
            self.assertRegex(found.pop(name), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(found, {
            "server.address": "a.test", "server.port": 443, "network.peer.address": "127.0.0.1", "network.peer.port": server.port,
            "tls.established": True, "tls.protocol.name": "tls", "tls.protocol.version": "1.3", "tls.cipher": "TLS_AES_256_GCM_SHA384",
            "tls.curve": "x25519", "tls.resumed": False, "tls.server.subject": "CN=a.test", "tls.server.issuer": "CN=Test Intermediate"})
        # What the client said passes as it was said.
        self.assertIn(f"traceparent: {TRACE_PARENT}\r\n".encode(), server.received)
        self.assertEqual(collector.logs(), [])

    def test_what_a_request_says_of_the_sender_and_its_coding(self):
        collector = self.collector()
        server = self.plain()
        proxy = self.sending(collector, "--otlp-header", "Authorization: Bearer s3cret")
        self.ask(proxy, server, "/")
        collector.wait(lambda all: all.posts)
        proxy.stop()
        post = collector.posts[0]
        self.assertEqual(post.path, "/v1/traces")
        fields = {name.lower(): value for name, value in post.fields.items()}
        self.assertEqual({name: fields[name] for name in ("content-type", "content-encoding", "authorization", "host")},
                         {"content-type": "application/x-protobuf", "content-encoding": "gzip", "authorization": "Bearer s3cret",
                          "host": f"127.0.0.1:{collector.port}"})
        self.assertRegex(fields["user-agent"], r"^whytls/\d")
        (whose,) = post.message["read"]["resourceSpans"]
        found = attributes(whose["resource"])
        self.assertRegex(found.pop("service.instance.id"), "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
        self.assertEqual(found, {"service.name": "whytls", "service.version": fields["user-agent"].partition("/")[2],
                                 "process.pid": proxy.process.pid, "host.name": socket.gethostname()})
        (scope,) = whose["scopeSpans"]
        self.assertEqual(scope["scope"], {"name": "whytls", "version": found["service.version"]})
        self.assertRegex(scope["schemaUrl"], r"^https://opentelemetry\.io/schemas/1\.\d+\.0$")
        self.assert_well(collector)
        self.assertNotIn("s3cret", proxy.stderr.text)
        # What is sent to the collector is no flow of its own.
        self.assertEqual([line["url"] for line in proxy.log() if line["event"] == "request"], [f"http://127.0.0.1:{server.port}/"])
        self.assertEqual(self.paths(collector), ["/"])

    def test_what_failed_says_why_in_its_span_and_in_a_log_record(self):
        collector = self.collector()
        server = self.tls_server(self.pki.leaf("b.test"))
        proxy = self.sending(collector, hosts={"a.test:443": server})
        answer = self.tls_client(proxy, "a.test").get("/", host="a.test", traceparent=TRACE_PARENT)
        self.assertEqual(answer.status, 502)
        collector.wait(lambda all: requests(all) and len(all.logs()) == 2)
        proxy.stop()
        self.assert_well(collector)
        (request,), (handshake,) = requests(collector), handshakes(collector)
        said = next(line for line in proxy.stderr.text.splitlines() if "[hostname_mismatch]" in line)
        for span in (request, handshake):
            self.assertEqual((span["attributes"]["error.type"], span["status"]["code"], span["traceId"]), ("hostname_mismatch", ERROR, CLIENT_TRACE))
            self.assertIn("b.test", span["status"]["message"])
        self.assertEqual((handshake["parentSpanId"], handshake["attributes"]["tls.established"]), (request["spanId"], False))
        self.assertEqual(handshake["attributes"]["tls.server.subject"], "CN=b.test")
        self.assertEqual(request["attributes"]["http.response.status_code"], 502)
        self.assertEqual({record["eventName"]: (record["spanId"], record["traceId"]) for record in collector.logs()},
                         {"whytls.upstream_handshake": (handshake["spanId"], CLIENT_TRACE), "whytls.request": (request["spanId"], CLIENT_TRACE)})
        for record in collector.logs():
            self.assertEqual((record["severityNumber"], record["severityText"], record["attributes"]["error.type"], value(record["body"]), record["flags"]),
                             (17, "ERROR", "hostname_mismatch", said, 1))
            self.assertGreater(int(record["timeUnixNano"]), 0)
            self.assertEqual(record["timeUnixNano"], record["observedTimeUnixNano"])

    def test_a_failed_handshake_that_no_request_follows_and_a_client_that_refuses_are_traces_of_their_own(self):
        collector = self.collector()
        good, bad = self.tls_server(self.pki.leaf("a.test")), self.tls_server(self.pki.leaf("c.test"))
        proxy = self.sending(collector, hosts={"a.test:443": good, "b.test:443": bad})
        self.client(proxy).connect("b.test:443").send(b"\x16\x03\x01")  # a ClientHello that goes no further
        self.assertNotEqual(self.curl(proxy, "https://a.test/", trusting=False).returncode, 0)
        self.assertNotEqual(self.curl(proxy, "https://b.test/", trusting=False).returncode, 0)
        collector.wait(lambda all: len(handshakes(all)) >= 3 and len(all.logs()) >= 3)
        proxy.stop()
        self.assert_well(collector)
        found = sorted((span["kind"], span["attributes"]["error.type"], span["attributes"]["server.address"]) for span in handshakes(collector)
                       if "error.type" in span["attributes"])
        self.assertIn((SERVER, "client_untrusted_ca", "a.test"), found)
        self.assertIn((CLIENT, "hostname_mismatch", "b.test"), found)
        self.assertEqual(len({span["traceId"] for span in handshakes(collector)}), len(handshakes(collector)))

    def test_a_servers_own_error_is_an_error_and_what_was_let_through_a_warning(self):
        collector = self.collector()
        server = self.tls_server(self.pki.leaf("b.test"), servers.answering(b"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n"))
        proxy = self.sending(collector, "--insecure=a.test", hosts={"a.test:443": server})
        self.assertEqual(self.tls_client(proxy, "a.test").request("BREW / HTTP/1.1\nHost: a.test").status, 503)
        collector.wait(lambda all: requests(all) and all.logs())
        proxy.stop()
        self.assert_well(collector)
        (request,), (handshake,), (record,) = requests(collector), handshakes(collector), collector.logs()
        self.assertEqual((request["name"], request["attributes"]["http.request.method"], request["attributes"]["http.request.method_original"]),
                         ("HTTP", "_OTHER", "BREW"))
        self.assertEqual((request["attributes"]["error.type"], request["status"]["code"]), ("503", ERROR))
        self.assertEqual(request["attributes"]["whytls.let_through"], "hostname_mismatch")
        self.assertNotIn("status", handshake)
        self.assertEqual((handshake["attributes"]["tls.established"], handshake["attributes"]["whytls.let_through"]), (True, "hostname_mismatch"))
        self.assertEqual((record["severityText"], record["eventName"]), ("WARN", "whytls.upstream_handshake"))


class Delivery(OtlpCase):
    def test_a_collector_that_is_down_loses_nothing(self):
        port = unused_port()
        server = self.plain()
        proxy = self.sending(port)
        self.ask(proxy, server, *(f"/{number}" for number in range(20)))
        said = proxy.stderr.wait_for(r"^whytls: --otlp (\S+): nothing can be sent: (.*)$")
        self.assertEqual(said[1], f"http://127.0.0.1:{port}")
        self.assertIn("[connection_refused]", said[2])
        self.ask(proxy, server, "/late")
        collector = self.collector(port=port)
        collector.wait(lambda all: len(requests(all)) == 21)
        proxy.stderr.wait_for("sending goes on$")
        proxy.stop()
        self.assertEqual(sorted(self.paths(collector)), sorted([f"/{number}" for number in range(20)] + ["/late"]))
        self.assertEqual(proxy.stderr.text.count("nothing can be sent"), 1)
        self.assertNotIn("dropped", proxy.stderr.text)
        self.assert_well(collector)

    def test_429_is_tried_again_when_the_collector_said_and_nothing_is_lost(self):
        asked = []

        def answer(post, number):
            asked.append(time.monotonic())
            return (429, {"Retry-After": "2"}, b"") if number == 1 else (200, {}, b"")

        collector = self.collector(answer)
        server = self.plain()
        proxy = self.sending(collector)
        self.ask(proxy, server, "/1", "/2")
        proxy.stderr.wait_for("nothing can be sent: it answers 429 to POST /v1/traces;")
        self.ask(proxy, server, "/3")
        collector.wait(lambda all: len(requests(all)) == 3)
        proxy.stop()
        self.assertGreaterEqual(asked[1] - asked[0], 2)
        self.assertEqual(self.paths(collector), ["/1", "/2", "/3"])
        self.assertEqual(collector.posts[0].message, collector.posts[1].message)

    def test_502_503_and_504_are_tried_again_after_a_pause(self):
        collector = self.collector(lambda post, number: ({1: 502, 2: 503, 3: 504}.get(number, 200), {}, b""))
        proxy = self.sending(collector)
        self.ask(proxy, self.plain(), "/")
        collector.wait(lambda all: len(requests(all)) == 1)
        proxy.stop()
        self.assertEqual(len(collector.posts), 4)

    def test_what_the_collector_refuses_is_dropped_counted_and_told_once(self):
        said = b"\x08\x03\x12\x09bad input"  # google.rpc.Status: a code and a message
        collector = self.collector(lambda post, number: (400, {"Content-Type": "application/x-protobuf"}, said))
        server = self.plain()
        proxy = self.sending(collector, "--ui", "127.0.0.1:0")
        page = int(proxy.stderr.wait_for(r"^live page http://127\.0\.0\.1:(\d+)/")[1])
        self.ask(proxy, server, "/1")
        collector.wait(lambda all: len(all.posts) == 1)
        self.ask(proxy, server, "/2")
        collector.wait(lambda all: len(all.posts) == 2)
        proxy.stderr.wait_for(r"1 span refused and dropped: it answers 400 to POST /v1/traces \(bad input\)")
        self.counted(page, lambda found: found['whytls_otlp_dropped_total{signal="spans",reason="refused"}'] == 2)
        proxy.stop()
        self.assertEqual(proxy.stderr.text.count("refused and dropped"), 1)
        self.assertIn("dropped 2 spans that it refused; sent nothing", proxy.stderr.text)

    def metrics(self, page):
        with urllib.request.urlopen(f"http://127.0.0.1:{page}/metrics", timeout=PATIENCE) as answer:
            lines = answer.read().decode().splitlines()
        return {name: float(number) for name, _, number in (line.rpartition(" ") for line in lines) if not name.startswith("#")}

    def counted(self, page, wanted):
        """The metrics, once they are as wanted: the proxy counts what a collector answers after that has answered."""
        deadline = time.monotonic() + PATIENCE
        while not wanted(found := self.metrics(page)):
            self.assertLess(time.monotonic(), deadline, found)
        return found

    def test_what_it_takes_in_part_is_counted_in_part(self):
        collector = self.collector()
        collector._answer = lambda post, number: (200, {"Content-Type": "application/x-protobuf"},
                                                  collector.partial("traces", rejectedSpans=1, errorMessage="too_old"))
        server = self.plain()
        proxy = self.sending(collector, "--ui", "127.0.0.1:0")
        page = int(proxy.stderr.wait_for(r"^live page http://127\.0\.0\.1:(\d+)/")[1])
        self.ask(proxy, server, "/1", "/2", "/3")
        proxy.stderr.wait_for("1 span refused and dropped: too_old;")
        found = self.counted(page, lambda found: found['whytls_otlp_dropped_total{signal="spans",reason="refused"}']
                             + found['whytls_otlp_sent_total{signal="spans"}'] == 3)
        self.assertEqual(found['whytls_otlp_dropped_total{signal="spans",reason="refused"}'], len(collector.posts))

    def test_a_slow_collector_slows_no_one_and_loses_nothing(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        collector = self.collector(before=gate.wait)
        server = self.plain()
        proxy = self.sending(collector, "--ui", "127.0.0.1:0")
        page = int(proxy.stderr.wait_for(r"^live page http://127\.0\.0\.1:(\d+)/")[1])
        self.ask(proxy, server, *(f"/{number}" for number in range(1500)))  # all are answered while the collector answers nothing
        self.assertEqual(self.metrics(page)['whytls_otlp_queued{signal="spans"}'], 1500)
        gate.set()
        collector.wait(lambda all: len(requests(all)) == 1500)
        proxy.stop()
        self.assertEqual(self.paths(collector), [f"/{number}" for number in range(1500)])
        self.assertEqual(max(len(post.message["read"]["resourceSpans"][0]["scopeSpans"][0]["spans"]) for post in collector.posts), 512)
        self.assertLessEqual(collector.connections, 1)

    def test_what_is_above_the_bound_is_dropped_and_counted(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        collector = self.collector(before=gate.wait, reads=False)
        server = self.plain()
        proxy = self.sending(collector, "--ui", "127.0.0.1:0")
        page = int(proxy.stderr.wait_for(r"^live page http://127\.0\.0\.1:(\d+)/")[1])
        large = "/" + "x" * 8_000  # some 24 KB of span: the URL, its path and the client's name
        client = self.client(proxy)
        for _ in range(2_000):
            self.assertEqual(client.get(f"http://127.0.0.1:{server.port}{large}", User_Agent="x" * 8_000).status, 200)
        waiting = self.metrics(page)
        queued, full = (waiting[f"whytls_otlp_{name}"] for name in ('queued{signal="spans"}', 'dropped_total{signal="spans",reason="full"}'))
        self.assertEqual(queued + full, 2_000)
        self.assertGreater(full, 100)
        self.assertGreater(queued, 1_000)
        gate.set()
        proxy.stop()
        self.assertIn(f"dropped {full:.0f} spans for which there was no room; sent {queued:.0f} spans", proxy.stderr.text)

    def test_a_stop_sends_what_waits(self):
        collector = self.collector()
        proxy = self.sending(collector)
        self.ask(proxy, self.plain(), "/1", "/2")
        proxy.stop()
        self.assertEqual(self.paths(collector), ["/1", "/2"])
        self.assertNotIn("--otlp", proxy.stderr.text)

    def test_a_stop_without_a_collector_says_what_is_lost_and_waits_for_nothing(self):
        proxy = self.sending(unused_port())
        self.ask(proxy, self.plain(), "/1", "/2")
        proxy.stop()
        self.assertIn("dropped 2 spans that it had not taken by the end; sent nothing", proxy.stderr.text)

    def test_a_stop_waits_for_what_the_collector_puts_off_within_the_grace(self):
        collector = self.collector(lambda post, number: (503, {"Retry-After": "1"}, b"") if number == 1 else (200, {}, b""))
        proxy = self.sending(collector)
        self.ask(proxy, self.plain(), "/1")
        proxy.stop()
        self.assertEqual(self.paths(collector), ["/1"])

    def test_a_stop_ends_with_a_collector_that_answers_nothing(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        collector = self.collector(before=gate.wait)
        proxy = self.sending(collector)
        self.ask(proxy, self.plain(), "/1")
        proxy.stop()
        self.assertIn("dropped 1 span that it had not taken by the end", proxy.stderr.text)

    def test_a_second_signal_ends_the_wait_for_it_and_costs_nothing_else(self):
        asked, gate, har = threading.Event(), threading.Event(), os.path.join(self.directory, "last.har")
        self.addCleanup(gate.set)
        collector = self.collector(before=lambda: (asked.set(), gate.wait()))
        proxy = self.sending(collector, "--har", har)
        self.ask(proxy, self.plain(), "/1")
        proxy.process.send(signal.SIGTERM)
        self.assertTrue(asked.wait(PATIENCE))
        proxy.stop()
        self.assertIn("dropped 1 span that it had not taken by the end", proxy.stderr.text)
        with open(har, encoding="utf-8") as file:
            self.assertEqual(len(json.load(file)["log"]["entries"]), 1)

    def test_a_collector_is_reached_through_the_parent_proxy_as_servers_are(self):
        collector, server = self.collector(), self.plain()
        hosts = f"collector.test:80:127.0.0.1:{collector.port}"
        parent = self.proxy("--resolve", hosts)
        proxy = self.proxy("--otlp", "http://collector.test", "--upstream-proxy", parent.url)
        self.ask(proxy, server, "/1")
        collector.wait(lambda all: len(requests(all)) == 1)
        proxy.stop()
        parent.stop()
        asked = [(line["method"], line["url"]) for line in parent.log() if line["event"] == "request"]
        self.assertIn(("POST", "http://collector.test/v1/traces"), asked)
        self.assertEqual(self.paths(collector), ["/1"])

    def test_the_proxy_itself_is_no_collector(self):
        port = unused_port()
        proxy = self.sending(port, "--listen", f"127.0.0.1:{port}")
        self.ask(proxy, self.plain(), "/1")
        proxy.stderr.wait_for(r"nothing can be sent: .*\[proxy_loop\]")
        proxy.stop()
        self.assertEqual(len([line for line in proxy.log() if line["event"] == "request"]), 1)

    def test_a_collector_that_hangs_on_a_connection_that_served_before_ends_with_the_proxy(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        gate.set()
        collector, server = self.collector(before=gate.wait), self.plain()
        proxy = self.sending(collector)
        self.ask(proxy, server, "/1")
        collector.wait(lambda all: len(requests(all)) == 1)
        gate.clear()
        self.ask(proxy, server, "/2")
        proxy.stop()
        self.assertEqual(collector.connections, 1)
        self.assertIn("dropped 1 span that it had not taken by the end; sent 1 span", proxy.stderr.text)


class Https(OtlpCase):
    def sending_to(self, collector, *options):
        return self.proxy("--otlp", "https://collector.test/base/v1/traces", *options, hosts={"collector.test:443": collector})

    def test_a_collector_is_verified_as_any_server_is(self):
        collector = self.collector(identity=self.pki.leaf("collector.test"))
        proxy = self.sending_to(collector)
        self.ask(proxy, self.plain(), "/1")
        collector.wait(lambda all: len(requests(all)) == 1)
        proxy.stop()
        self.assertEqual({post.path for post in collector.posts}, {"/base/v1/traces"})

    def test_one_that_does_not_verify_gets_nothing_whatever_insecure_says(self):
        collector = self.collector(identity=self.pki.leaf("other.test"))
        proxy = self.sending_to(collector, "--insecure")
        self.ask(proxy, self.plain(), "/1")
        said = proxy.stderr.wait_for(r"--otlp https://collector\.test/base/: nothing can be sent: (.*)")
        self.assertIn("[hostname_mismatch]", said[1])
        proxy.stop()
        self.assertEqual(collector.posts, [])


if __name__ == "__main__":
    main()
