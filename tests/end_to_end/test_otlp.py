"""Spans and log records for an OpenTelemetry collector, read with OpenTelemetry's own definitions."""
from collector import Collector, Definitions, attributes, value
from harness import Case, main, servers

CLIENT_TRACE, CLIENT_SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACE_PARENT = f"00-{CLIENT_TRACE}-{CLIENT_SPAN}-01"
SERVER, CLIENT, ERROR = 2, 3, 2
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

    def requests(self, collector):
        return [span for span in collector.spans() if "http.request.method" in span["attributes"]]

    def handshakes(self, collector):
        return [span for span in collector.spans() if span["name"] == "TLS handshake"]


class Spans(OtlpCase):
    def test_a_request_and_its_handshake_have_every_field_that_the_protocol_requires(self):
        collector = self.collector()
        server = self.tls_server(self.pki.leaf("a.test"))
        proxy = self.sending(collector, "--redact", "token", hosts={"a.test:443": server})
        client = self.tls_client(proxy, "a.test")
        self.assertEqual(client.get("/v1/things?token=s3cret&x=1", host="a.test", traceparent=TRACE_PARENT, tracestate="v=1", User_Agent="x/1").status, 200)
        self.assertEqual(client.get("/again", host="a.test").status, 200)
        collector.wait(lambda all: len(self.requests(all)) == 2)
        proxy.stop()
        self.assertEqual(collector.wrong, [])
        print(collector.posts[0].message)


if __name__ == "__main__":
    main()
