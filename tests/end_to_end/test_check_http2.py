"""`whytls check` where the server agrees on h2: HTTP/2 is spoken with it, in the check's one request too."""
import json
import subprocess

import http2
from harness import PATIENCE, WHYTLS, environment, main, servers
from http2 import offering_h2
from http2_case import Http2Case


class CheckHttp2(Http2Case):
    def check(self, code, path, handler, *arguments, configure=None):
        self.asked = self.tls_server(self.pki.leaf("good.test"), handler, configure or offering_h2("http/1.1"))
        done = subprocess.run([WHYTLS, "check", "--trust", self.pki.trust, "--resolve", f"good.test:443:127.0.0.1:{self.asked.port}",
                               *arguments, f"https://good.test{path}"], capture_output=True, text=True,
                              env=environment() | {"XDG_DATA_HOME": self.directory}, timeout=PATIENCE)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def report(self, code, path, handler, *arguments, **named):
        return json.loads(self.check(code, path, handler, "--json", *arguments, **named))

    def test_a_server_that_speaks_http2_is_said_to_and_gets_no_request(self):
        requests, connections = [], []
        handler = http2.serving(requests.append, seen=connections)
        for arguments in ((), ("--alpn", "h2")):
            said = self.report(0, "", handler, *arguments)
            self.assertEqual((said["verdict"], said["tls"]["alpn"], said["http2"]), ("ok", "h2", {"outcome": "works", "settings": True}))
            self.assertNotIn("experiments", said)
        self.assertEqual((requests, len(connections)), ([], 2))
        self.assertEqual(self.check(0, "", handler).count("\n"), 1)

    def test_the_request_goes_over_http2_where_that_is_asked_for_and_agreed_on(self):
        seen = []
        handler = http2.serving(lambda stream: (seen.append(dict(stream.stream.fields)), stream.respond(body=b"fine")))
        said = self.report(0, "/health?all", handler, "--alpn", "h2")
        self.assertEqual((said["tls"]["alpn"], said["http2"]["outcome"]), ("h2", "works"))
        self.assertEqual((said["response"]["status"], said["response"]["bytes"]), (200, 4))
        names = (":method", ":scheme", ":authority", ":path", "connection")
        self.assertEqual([seen[0].get(name) for name in names], ["GET", "https", "good.test", "/health?all", None])
        self.assertRegex(self.check(0, "/", handler, "--alpn", "h2"), r"GET\s+/\s+answered\s+200,\s+4\s+bytes")

    def test_a_path_is_asked_for_over_http1_unless_h2_is_named(self):
        said = self.report(0, "/", servers.answering(servers.ok(b"fine")))
        self.assertEqual((said["tls"]["alpn"], said["tls"]["alpn_offered"], said["response"]["status"]), ("http/1.1", ["http/1.1"], 200))
        self.assertNotIn("http2", said)
        said = self.report(0, "/", servers.answering(servers.ok(b"fine")), "--alpn", "h2,http/1.1",
                           configure=lambda context: context.set_alpn_protocols(["http/1.1"]))
        self.assertEqual((said["tls"]["alpn"], said["response"]["status"]), ("http/1.1", 200))
        self.assertNotIn("http2", said)

    def test_a_response_that_breaks_off_over_http2_fails_the_check(self):
        said = self.report(1, "/", http2.serving(lambda stream: stream.reset(http2.Codes.INTERNAL_ERROR)), "--alpn", "h2")
        self.assertEqual((said["code"], said["http2"]["outcome"]), ("upstream_http_error", "works"))
        self.assertIn("INTERNAL_ERROR", said["title"])


if __name__ == "__main__":
    main()
