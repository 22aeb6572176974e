"""`whytls check` where the server agrees on h2: HTTP/2 is spoken with it, in the check's one request too."""
import json
import subprocess

import http2
from harness import PATIENCE, WHYTLS, environment, main, servers
from http2 import offering_h2
from http2_case import Http2Case

SETTINGS = http2.hyperframe.frame.SettingsFrame(0).serialize()


def goaway(code, debug=b""):
    return http2.hyperframe.frame.GoAwayFrame(0, 0, int(code), debug).serialize()


def sending(data):
    """A handler that sends that, and reads until the client ends the connection."""
    def handler(connection):
        connection.sendall(data)
        servers.drain(connection)

    return handler


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

    def test_a_server_that_takes_http2_only_is_asked_in_it_however_it_refuses_http1(self):
        """No other client has an objection to it: they offer h2."""
        def speaks_http2(connection):
            return http2.serving(lambda stream: stream.respond(body=b"fine"))(connection)

        def closes(connection):
            return speaks_http2(connection) if connection.selected_alpn_protocol() == "h2" else connection.recv(65536) and None

        for handler in (speaks_http2, closes):
            said = self.report(0, "/health", handler, configure=offering_h2())
            self.assertEqual((said["verdict"], said["http2"]["outcome"], said["response"]["status"]), ("ok", "works", 200), handler.__name__)

    def test_an_offer_that_the_server_passes_over_is_told(self):
        said = self.check(0, "", servers.answering(servers.ok()), "--alpn", "h2", configure=lambda context: None)
        self.assertIn("agreed on no protocol (ALPN) where h2 was offered", " ".join(said.split()))

    def test_a_server_that_answers_nothing_over_any_version_is_told_as_such(self):
        said = self.report(1, "/health", lambda connection: connection.recv(65536) and None, configure=offering_h2())
        self.assertEqual(said["code"], "upstream_closed")

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

    def broken(self, in_http2, code=0, path="", *arguments):
        """The report, and its notice, on a server that does so where it agreed on h2, and else answers in HTTP/1.1."""
        def handler(connection):
            if connection.selected_alpn_protocol() == "h2":
                in_http2(connection)
            else:
                servers.answering(servers.ok())(connection)

        said = self.report(code, path, handler, *arguments)
        self.assertTrue(said["http2"]["remark"].startswith("the server agreed on h2 (ALPN) and then "), said["http2"])
        return said, said["http2"]["remark"]

    def test_what_is_no_http2_after_an_agreement_on_it_gets_a_notice_with_its_first_bytes(self):
        said, remark = self.broken(sending(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"))
        self.assertEqual((said["verdict"], said["http2"]["outcome"], said["http2"]["settings"]), ("ok", "not_http2", False))
        self.assertIn("sent what is no HTTP/2, which begins with SETTINGS (RFC 9113 §3.4): ", remark)
        self.assertIn("HTTP/1.1 400 Bad Request", remark)
        self.assertIn("Its HTTP/1.1 (tried) answers: HTTP/1.1 200 OK.", remark)
        self.assertEqual(said["experiments"], [{"tried": "ALPN http/1.1 only, and HEAD / over HTTP/1.1", "result": "answered",
                                                "detail": "HTTP/1.1 200 OK"}])

    def test_a_goaway_with_an_error_gets_a_notice_with_its_code(self):
        said, remark = self.broken(sending(SETTINGS + goaway(http2.Codes.INADEQUATE_SECURITY, b"no such cipher")))
        self.assertEqual((said["http2"]["outcome"], said["http2"]["settings"], said["http2"]["error"]), ("goaway", True, "INADEQUATE_SECURITY"))
        self.assertIn("GOAWAY with INADEQUATE_SECURITY and the words \"no such cipher\"", remark)

    def test_a_goaway_without_an_error_gets_none(self):
        said = self.report(0, "", sending(SETTINGS + goaway(http2.Codes.NO_ERROR)))
        self.assertEqual(said["http2"], {"outcome": "works", "settings": True})

    def test_an_end_and_silence_get_a_notice(self):
        said, remark = self.broken(lambda connection: None)
        self.assertEqual(said["http2"]["outcome"], "closed")
        self.assertIn("ended the connection without a byte", remark)
        said, remark = self.broken(servers.drain, 0, "", "--handshake-timeout", "0.5")
        self.assertEqual(said["http2"]["outcome"], "silent")
        self.assertIn("sent no SETTINGS within 0.5 s", remark)

    def test_without_experiments_http1_is_not_tried(self):
        said, remark = self.broken(sending(b"220 mail.test ESMTP\r\n"), 0, "", "--experiments", "off")
        self.assertNotIn("experiments", said)
        self.assertNotIn("tried", remark)

    def test_where_http1_fails_too_that_is_said(self):
        remark = self.report(0, "", sending(b"220 mail.test ESMTP\r\n"))["http2"]["remark"]
        self.assertIn("Its HTTP/1.1 (tried) does not answer either: not HTTP", remark)

    def test_a_notice_stands_below_the_line_and_a_request_fails_with_what_was_tried(self):
        self.assertRegex(self.check(0, "", sending(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
                         r"(?s)\Aok .*\n  notice  the\s+server\s+agreed\s+on\s+h2\s+\(ALPN\)")
        said, _ = self.broken(sending(b"HTTP/1.1 400 Bad Request\r\n\r\n"), 1, "/", "--alpn", "h2,http/1.1")
        self.assertEqual(said["code"], "upstream_http_error")
        self.assertEqual(said["problems"][0]["evidence"]["its_http_1_1_tried"], "answers: HTTP/1.1 200 OK")


if __name__ == "__main__":
    main()
