"""`whytls check --scan` of servers that break rules: it ends soon, stays small, and says what it could not find out."""
import json
import os
import random
import select
import socket
import ssl
import subprocess
import threading
import time

import servers
from harness import main
from hostile import SOON
from processes import SOURCE, WHYTLS, environment, run
from scanning import ScanCase, extension, recorded, server_hello, server_hello_1_3

SUITE = b"\xc0\x2f"
VERSIONS_1_3 = extension(43, b"\x03\x04")
# RFC 8446 §4.1.3: the random of a HelloRetryRequest.
RETRY = bytes.fromhex("CF21AD74E59A6111BE1D8C021E65B891C2A211167ABB8C5E079E09E2C8A8339C")


def answering(make):
    """A handler that answers each ClientHello with what `make` makes of it."""
    def handler(connection):
        while len(hello := connection.recv(65536)) > 76:
            connection.sendall(make(hello))
    return handler


def then(first, piece):
    """A handler that answers with `first`, and then with `piece` for ever."""
    def handler(connection):
        connection.recv(65536)
        connection.sendall(first)
        servers.trickle(connection, piece, 0)
    return handler


def dripping(data):
    """A handler that answers a byte at a time."""
    def handler(connection):
        connection.recv(65536)
        for byte in data:
            connection.sendall(bytes([byte]))
            if select.select([connection], [], [], 0.05)[0]:
                return
        servers.drain(connection)
    return handler


def capricious(connection):
    """Answers each time as it likes."""
    hello = connection.recv(65536)
    whim = random.randrange(6)
    if whim == 0:
        connection.sendall(servers.alert(random.randrange(256)))
    elif whim == 1:
        connection.sendall(server_hello(random.choice([SUITE, b"\x00\x2f", b"\xc0\x30"]), random.choice([b"\x03\x03", b"\x03\x01", b"\x03\x00"])))
    elif whim == 2:
        servers.reset(connection)
        return
    elif whim == 3:
        return
    elif whim == 4:
        connection.sendall(os.urandom(100))
    elif len(hello) > 76:
        connection.sendall(server_hello_1_3(hello, os.urandom(32), VERSIONS_1_3 + extension(51, b"\x00\x1d\x00\x20" + os.urandom(32))))
    servers.drain(connection)


HOSTILE = {
    "a HelloRetryRequest for ever": answering(lambda hello: server_hello_1_3(hello, RETRY, VERSIONS_1_3 + extension(51, b"\x00\x17"))),
    "a HelloRetryRequest that asks for no group": answering(lambda hello: server_hello_1_3(hello, RETRY, VERSIONS_1_3 + extension(44, b"\x00\x02hi"))),
    "a byte at a time": dripping(server_hello(SUITE)),
    "a certificate of 16 MB": then(server_hello(SUITE) + recorded(b"\x0b" + (0xfffff0).to_bytes(3) + (0xffffe0).to_bytes(3)), recorded(bytes(16000))),
    "messages for ever": then(server_hello(SUITE), recorded(b"\x16\x00\x00\x00" * 4000)),
    "warnings for ever": then(b"", b"\x15\x03\x03\x00\x02\x01\x70"),
    "a ChangeCipherSpec for ever": then(b"", b"\x14\x03\x03\x00\x01\x01"),
    "empty records for ever": then(b"", b"\x16\x03\x03\x00\x00" * 1000),
    "garbage after its hello": servers.saying(server_hello(SUITE) + bytes(range(256)) * 100),
    "its end after its hello": servers.saying(server_hello(SUITE)),
    "encrypted records for ever": then(b"", b"\x17\x03\x03\x40\x00" + bytes(16384)),
    "a record of version 255": servers.saying(recorded(server_hello(SUITE)[5:], b"\xff\xff")),
    "as it likes": capricious,
}


VALIDATOR = os.path.join(SOURCE, "build", "node", "node_modules", ".bin", "html-validate")


class Hostile(ScanCase):
    """Servers that break rules: the scan ends soon, and says what it could not find out."""

    def unknown(self, handler, *arguments, because):
        start = time.monotonic()
        report = json.loads(self.check(1, "bad.test", self.server(handler), "--json", "--handshake-timeout", "0.5", "--experiments", "off", *arguments).stdout)
        self.assertLess(time.monotonic() - start, SOON)
        scan = report["scan"]
        self.assertEqual({each["supported"] for each in scan["versions"]}, {"unknown"}, scan)
        self.assertFalse(scan["complete"])
        self.assertIn(because, scan["unknown_because"])

    def test_silence_is_not_taken_for_a_refusal(self):
        self.unknown(servers.silent, because="did not answer in time")

    def test_neither_is_a_bare_end(self):
        self.unknown(servers.resetting, because="ended connections")
        self.unknown(servers.saying(b""), because="ended connections")

    def test_garbage_is_no_answer(self):
        self.unknown(servers.saying(b"SSH-2.0-OpenSSH_9\r\n"), because="not TLS")
        self.unknown(servers.saying(recorded(b"\x0b\x00\x00\x03\x00\x00\x00")), because="not TLS")

    def test_endless_handshake_bytes_end_in_time(self):
        def handler(connection):
            connection.recv(65536)
            servers.trickle(connection, recorded(b"\x00\x00\x00\x00" * 1000), 0)

        self.unknown(handler, because="")

    def test_each_fatal_alert_is_a_refusal(self):
        for number in (0, 10, 20, 40, 47, 49, 50, 70, 71, 80, 86, 90, 109, 112, 116, 120, 255):
            scan = self.scan("bad.test", self.server(servers.alerting(number)), "--experiments", "off", code=1)
            self.assertEqual({each["supported"] for each in scan["versions"]}, {"no"}, number)

    def test_a_choice_that_was_not_offered_is_told_and_ends_the_list(self):
        self.unknown(servers.saying(server_hello(b"\x00\x00")), because="chose what was not offered")
        self.unknown(servers.saying(server_hello(b"\xc0\x2f", b"\x03\x09")), because="")

    def test_one_that_answers_the_same_whatever_is_offered_is_asked_twice(self):
        server = self.server(servers.saying(server_hello(b"\xc0\x2f")))
        scan = self.scan("bad.test", server, "--experiments", "off", "--handshake-timeout", "0.5", code=1)
        found = next(each for each in scan["versions"] if each["version"] == "TLSv1.2")["suites"]
        self.assertEqual((found["found"], found["complete"]), (["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"], False))
        self.assertIn("chose what was not offered", found["unknown_because"])
        self.assertLess(server.connections, 60)

    def test_no_answer_makes_a_scan_long_or_large_or_sure(self):
        most = 64 if os.environ.get("WHYTLS_SANITIZE") in (None, "", "OFF") else 512  # MB
        for name, handler in HOSTILE.items():
            with self.subTest(name):
                server, start = self.server(handler), time.monotonic()
                with subprocess.Popen([WHYTLS, "check", "--scan", "--json", "--trust", self.pki.trust, "--experiments", "off", "--handshake-timeout", "0.5",
                                       "--resolve", f"bad.test:443:127.0.0.1:{server.port}", "bad.test"], stdout=subprocess.PIPE,
                                      env=environment() | {"XDG_DATA_HOME": self.directory}) as process:
                    said = process.stdout.read()
                    _, status, used = os.wait4(process.pid, 0)
                    process.returncode = os.waitstatus_to_exitcode(status)
                self.assertLess(time.monotonic() - start, SOON)
                self.assertLess(used.ru_maxrss / 1024, most)
                self.assertEqual(process.returncode, 1, said)
                scan = json.loads(said)["scan"]
                self.assertFalse(scan["complete"])
                self.assertTrue(scan["unknown_because"])
                self.assertFalse(scan["groups"]["up_to_1_2"]["complete"])

    def test_a_hello_with_more_extensions_than_are_read_says_nothing_of_what_it_lacks(self):
        many = b"".join(extension(1000 + number) for number in range(100)) + extension(0xff01, b"\x00")
        self.unknown(servers.saying(server_hello(SUITE, extensions=many)), because="not TLS")
        self.unknown(servers.saying(server_hello(SUITE, extensions=b"\xff\x01\x00\x09\x00")), because="not TLS")

    def test_an_answer_in_pieces_is_read_as_the_whole(self):
        behind = self.tls_server(self.pki.leaf("slow.test", key="rsa2048"), configure=lambda context: setattr(context, "maximum_version", ssl.TLSVersion.TLSv1_2))

        def in_pieces(connection):
            """Passes on each record by itself, and waits in between for what the client does."""
            with socket.create_connection(("127.0.0.1", behind.port)) as server:
                server.settimeout(5)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                pending = b""
                while True:
                    ready = select.select([connection, server], [], [], 5)[0]
                    if connection in ready:
                        data = connection.recv(65536)
                        if not data:
                            return
                        server.sendall(data)
                    if server in ready:
                        data = server.recv(65536)
                        if not data:
                            return
                        pending += data
                    while len(pending) >= 5 and len(pending) >= (size := 5 + int.from_bytes(pending[3:5])):
                        connection.sendall(pending[:size])
                        pending = pending[size:]
                        select.select([connection], [], [], 0.005)

        whole, pieces = self.scan("slow.test", behind), self.scan("slow.test", self.server(in_pieces))
        for member in ("versions", "groups", "certificates", "alpn", "resumption"):
            self.assertEqual(pieces[member], whole[member], member)
        self.assertTrue(pieces["groups"]["up_to_1_2"]["found"])

    def test_markup_in_a_certificate_stays_text(self):
        markup = "<script>alert(1)</script>"
        identity = self.pki.leaf("markup.test", key="rsa2048", subject=markup, intermediate={"subject": markup})
        page = os.path.join(self.directory, "markup.html")
        said = self.check(0, "markup.test", self.tls_server(identity), "--html", page).stdout
        self.assertIn(markup, said)
        with open(page, encoding="utf-8") as file:
            html = file.read()
        self.assertNotIn(markup, html)
        self.assertIn("&lt;script&gt;alert(1)", html)
        done = run(VALIDATOR, "--config", os.path.join(SOURCE, "tests", "end_to_end", "html-validate.json"), page, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_server_of_few_connections_at_a_time_leaves_unknown_what_it_turned_away(self):
        context, places = servers.tls_context(self.pki.leaf("small.test", key="rsa2048")), threading.BoundedSemaphore(2)

        def handler(connection):
            if not places.acquire(blocking=False):
                servers.reset(connection)
                return
            try:
                with context.wrap_socket(connection, server_side=True) as secure:
                    secure.recv(1)
            except OSError:
                pass
            finally:
                places.release()

        scan = self.scan("small.test", self.server(handler))
        full = self.scan("small.test", self.tls_server(self.pki.leaf("small.test", key="rsa2048")))
        if scan["complete"]:
            self.assertEqual((scan["versions"], scan["groups"]), (full["versions"], full["groups"]))
        for mine, theirs in zip(scan["versions"], full["versions"]):
            if mine["supported"] != "unknown":
                self.assertEqual(mine["supported"], theirs["supported"], scan)

    def test_a_server_that_has_had_enough_leaves_the_rest_unknown(self):
        # The system may report the reset of a connection before it reports the connection.
        for enough, because in ((servers.reset, "ended connections|took no connection"), (servers.silent, "did not answer in time")):
            with self.subTest(because):
                self.rate_limited(enough, because)

    def rate_limited(self, no_more, because):
        """After so many connections the server answers no more of them."""
        context, lock, served = servers.tls_context(self.pki.leaf("busy.test")), threading.Lock(), []

        def handler(connection):
            with lock:
                served.append(1)
                enough = len(served) > 20
            if enough:
                no_more(connection)
                return
            try:
                with context.wrap_socket(connection, server_side=True) as secure:
                    secure.recv(1)
            except ssl.SSLError:
                pass

        start = time.monotonic()
        scan = self.scan("busy.test", self.server(handler), "--handshake-timeout", "0.5")
        self.assertLess(time.monotonic() - start, SOON)
        self.assertFalse(scan["complete"])
        self.assertRegex(scan["unknown_because"], because)
        suites = [each["suites"] for each in scan["versions"] if each["supported"] == "yes"]
        self.assertTrue(any(not each["complete"] for each in suites), suites)

    def test_an_end_without_an_alert_is_a_refusal_where_other_hellos_are_accepted(self):
        context = servers.tls_context(self.pki.leaf("curt.test", key="rsa2048"))

        def handler(connection):
            """Says nothing of why it refuses."""
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            secure = context.wrap_bio(incoming, outgoing, server_side=True)
            try:
                while True:
                    try:
                        secure.do_handshake()
                        connection.sendall(outgoing.read())
                        break
                    except ssl.SSLWantReadError:
                        connection.sendall(outgoing.read())
                        data = connection.recv(65536)
                        if not data:
                            return
                        incoming.write(data)
            except ssl.SSLError:
                connection.shutdown(socket.SHUT_RDWR)
                return
            servers.drain(connection)

        scan = self.scan("curt.test", self.server(handler))
        self.assertTrue(scan["complete"], scan)
        self.assertEqual([each["supported"] for each in scan["versions"]], ["yes", "yes", "no", "no", "no"])


if __name__ == "__main__":
    main()
