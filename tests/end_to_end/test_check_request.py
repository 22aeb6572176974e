"""`whytls check https://HOST/PATH`: the path is asked for once the server has verified, and its response is judged as the proxy would."""
import contextlib
import json
import socket
import ssl
import subprocess

from harness import Case, main, servers
from processes import PATIENCE, WHYTLS, environment


def ending(response, properly=True):
    """A handler that reads a request, sends `response` and ends the connection: with a close_notify, or with TCP's FIN alone."""
    def handler(connection):
        servers.Requests(connection).head()
        connection.sendall(response)
        with contextlib.suppress(OSError):
            if properly:
                connection.unwrap()
            plain = socket.socket(fileno=connection.detach())
            plain.shutdown(socket.SHUT_WR)
            servers.drain(plain)
            plain.close()

    return handler


class CheckRequest(Case):
    def check(self, code, path, handler, *arguments, configure=None):
        self.asked = self.tls_server(self.pki.leaf("good.test"), handler, configure)
        done = subprocess.run([WHYTLS, "check", "--trust", self.pki.trust, "--resolve", f"good.test:443:127.0.0.1:{self.asked.port}",
                               *arguments, f"https://good.test{path}"], capture_output=True, text=True,
                              env=environment() | {"XDG_DATA_HOME": self.directory}, timeout=PATIENCE)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def test_a_path_is_asked_for_and_its_answer_told(self):
        said = self.check(0, "/health?all", servers.answering(servers.ok(b"fine")))
        self.assertRegex(said, r"(?s)\Aok\s+good\.test:443: .*;\s+GET\s+/health\?all\s+answered\s+200,\s+4\s+bytes\n\Z")
        self.assertTrue(self.asked.received.startswith(b"GET /health?all HTTP/1.1\r\nHost: good.test\r\n"), self.asked.received)

    def test_without_a_path_nothing_is_asked(self):
        self.check(0, "", servers.answering(servers.ok()))
        self.assertEqual(self.asked.received, b"")
        self.check(0, "#part", servers.answering(servers.ok()))
        self.assertEqual(self.asked.received, b"")

    def test_a_body_that_ends_without_close_notify_is_mentioned(self):
        handler = ending(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it", properly=False)
        self.assertRegex(self.check(0, "/", handler), r"(?s)\n  notice  .*without\s+TLS's\s+close_notify.*RFC\s+9112\s+§9\.8")
        seen = json.loads(self.check(0, "/", handler, "--json"))["response"]
        self.assertEqual((seen["asked"], seen["status"], seen["bytes"], seen["ended_without"]), ("/", 200, 9, "close_notify"))

    def test_a_body_that_ends_in_order_is_not(self):
        handler = ending(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it")
        self.assertNotIn("notice", self.check(0, "/", handler))

    def test_bytes_after_the_end_of_a_response_are_mentioned(self):
        for response in (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more", b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok"):
            self.assertRegex(self.check(0, "/", ending(response)), r"(?s)notice  more\s+bytes\s+came\s+after\s+the\s+response's\s+end")
        self.assertNotIn("notice", self.check(0, "/", ending(b"HTTP/1.1 204 No Content\r\n\r\n")))

    def test_a_reset_in_a_response_is_told_as_what_it_is(self):
        def cut(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhello")
            servers.reset(socket.socket(fileno=connection.detach()))

        said = self.check(1, "/", cut)
        self.assertIn("upstream_closed", said)
        self.assertNotIn("in the middle of the handshake", said)

    def test_a_server_that_asks_for_a_client_certificate_and_takes_none_is_asked_for_the_path(self):
        def configure(context):
            context.verify_mode = ssl.CERT_OPTIONAL
            context.load_verify_locations(self.pki.trust)

        said = self.check(0, "/health", servers.answering(servers.ok(b"fine")), configure=configure)
        self.assertRegex(said, r"GET\s+/health\s+answered\s+200")

    def test_a_body_shorter_than_its_length_fails(self):
        said = self.check(1, "/", ending(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\nall of it"))
        self.assertIn("upstream_closed", said)
        self.assertNotRegex(said, r"whytls check .*--passthrough|without the proxy")

    def test_what_is_no_http_fails(self):
        said = self.check(1, "/", ending(b"220 mail.test ESMTP\r\n"))
        self.assertIn("upstream_http_error", said)
        self.assertNotIn("--passthrough", said)

    def test_an_odd_head_is_told_and_fails_nothing(self):
        handler = servers.answering(b"HTTP/1.1 200 OK\r\nX-Odd : 1\r\nContent-Length: 2\r\n\r\nok")
        self.assertRegex(self.check(0, "/", handler), r"white\s+space\s+before\s+a\s+field's\s+colon")

    def test_an_unfinished_head_and_interim_responses_without_end(self):
        self.assertIn("upstream_closed", self.check(1, "/", ending(b"HTTP/1.1 200 OK\r\nX: ")))
        self.assertIn("upstream_http_error", self.check(1, "/", ending(b"HTTP/1.1 102 Processing\r\n\r\n" * 50)))

    def test_a_refusal_for_want_of_a_client_certificate_is_heard(self):
        def configure(context):
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.pki.trust)

        self.assertIn("client_certificate_required", self.check(1, "/", servers.answering(servers.ok()), configure=configure))

    def test_a_path_that_may_not_stand_in_a_request_is_a_mistake(self):
        done = subprocess.run([WHYTLS, "check", "https://good.test/a b"], capture_output=True, text=True, env=environment(), timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("'https://good.test/a b'", done.stderr)


if __name__ == "__main__":
    main()
