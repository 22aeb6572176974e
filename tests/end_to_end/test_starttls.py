"""whytls check --starttls: servers that switch to TLS, and those that do not. Whether they speak their protocol right is for openssl to say."""
import json
import socket
import struct

from harness import Case, main
from processes import WHYTLS, environment, run
import servers


def lines(*answers):
    """A server in the clear: its greeting, then an answer to each line."""
    def converse(connection):
        connection.sendall(answers[0])
        for answer in answers[1:]:
            line = b""
            while not line.endswith(b"\n"):
                more = connection.recv(1)
                if not more:
                    return False
                line += more
            connection.sendall(answer.replace(b"TAG", line.split(b" ")[0]))
        return True
    return converse


def postgres(connection):
    connection.recv(8, socket.MSG_WAITALL)
    connection.sendall(b"S")
    return True


def mysql(connection):
    packet = b"\x0a8.0.36\0" + b"\1\0\0\0" + b"saltsalt" + b"\0" + struct.pack("<H", 0xffff) + b"\x2d\2\0" + struct.pack("<H", 0xffff) + b"\x15" + b"\0" * 10 + b"saltsaltsalt\0" + b"mysql_native_password\0"
    connection.sendall(struct.pack("<I", len(packet))[:3] + b"\0" + packet)
    connection.recv(36, socket.MSG_WAITALL)
    return True


SMTP = lines(b"220-mail\r\n220 ESMTP\r\n", b"250-mail\r\n250-STARTTLS\r\n250 HELP\r\n", b"220 go\r\n")
PROTOCOLS = {"smtp": SMTP, "imap": lines(b"* OK ready\r\n", b"TAG OK begin\r\n"), "pop3": lines(b"+OK ready\r\n", b"+OK begin\r\n"),
             "ftp": lines(b"220 ready\r\n", b"234 go\r\n"), "nntp": lines(b"201 news NNTP\r\n", b"382 go\r\n"),
             "postgres": postgres, "mysql": mysql}


class StartTls(Case):
    def upgrading(self, converse, name="mail.test"):
        """A server that converses in the clear and then does TLS."""
        context = servers.tls_context(self.pki.leaf(name))

        def handler(connection):
            if converse(connection):
                with context.wrap_socket(connection, server_side=True) as tls:
                    tls.recv(1)
        return self.server(handler)

    def check(self, protocol, server, *options, host="mail.test"):
        return run(WHYTLS, "check", f"{host}:{server.port}", "--starttls", protocol, "--trust", self.pki.trust, "--resolve",
                   f"{host}:{server.port}:127.0.0.1", *options, env=environment() | {"XDG_DATA_HOME": self.directory})

    def test_each_protocol_is_spoken_until_tls_begins_and_the_certificate_is_judged(self):
        for protocol, converse in PROTOCOLS.items():
            with self.subTest(protocol):
                done = self.check(protocol, self.upgrading(converse))
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                done = self.check(protocol, self.upgrading(converse, "wrong.test"), "--json")
                self.assertEqual(done.returncode, 1)
                report = json.loads(done.stdout)
                self.assertEqual(report["code"], "hostname_mismatch")
                self.assertIn(f"-starttls {protocol}", json.dumps(report["problems"][0]["fixes"]))

    def test_openssl_takes_these_servers_for_what_they_play(self):
        # It asks two of them for their capabilities first.
        asked = {"imap": lines(b"* OK ready\r\n", b"* CAPABILITY STARTTLS\r\nTAG OK\r\n", b"TAG OK begin\r\n"),
                 "nntp": lines(b"201 news NNTP\r\n", b"101 list\r\nVERSION 2\r\nSTARTTLS\r\n.\r\n", b"382 go\r\n")}
        for protocol, converse in (PROTOCOLS | asked).items():
            with self.subTest(protocol):
                server = self.upgrading(converse)
                done = run("openssl", "s_client", "-starttls", protocol, "-connect", f"127.0.0.1:{server.port}", "-brief", "-CAfile", self.pki.trust)
                self.assertIn("Verification: OK", done.stdout + done.stderr)

    def test_a_server_that_does_not_offer_tls_or_speaks_something_else_is_told_apart(self):
        cases = (("smtp", lines(b"220 a\r\n", b"250 HELP\r\n"), "does not offer to switch to TLS"),
                 ("postgres", lambda connection: connection.sendall(b"N") and False, "does not offer to switch to TLS"),
                 ("smtp", lines(b"* OK IMAP4 ready\r\n"), "speaks IMAP, not SMTP"),
                 ("nntp", lines(b"200 news\r\n", b"580 Can not initiate TLS\r\n"), "speaks NNTP and refused when asked to switch to TLS"),
                 ("imap", lambda connection: False, "closed the connection before it came to TLS"))
        for protocol, converse, said in cases:
            with self.subTest(said):
                done = self.check(protocol, self.upgrading(converse), "--json")
                report = json.loads(done.stdout)
                self.assertEqual((done.returncode, report["code"]), (1, "starttls_failed"))
                self.assertIn(said, report["title"])
                self.assertEqual([step["status"] for step in report["steps"] if step["step"] == "hello"], ["fail"])

    def test_a_server_that_refuses_the_client_is_told_with_its_own_words(self):
        cases = (("smtp", b"554-5.7.1 no mail from you\r\n554 see https://list.test\r\n", "554 5.7.1 no mail from you see https://list.test"),
                 ("lmtp", b"421 4.3.2 shutting down\r\n", "421 4.3.2 shutting down"), ("nntp", b"502 no permission\r\n", "502 no permission"),
                 ("sieve", b'BYE {6}\r\ntoo \xc3\xa4\r\n', 'BYE "too \u00e4"'), ("imap", b"* BYE too\x07 many\r\n", "* BYE too\\x07 many"),
                 ("pop3", b"-ERR [IN-USE] later\r\n", "-ERR [IN-USE] later"), ("ftp", b"421 too many\r\n", "421 too many"),
                 ("mysql", b"\x16\0\0\0\xff\x6a\4Host is not allowed", "error 1130: Host is not allowed"),
                 ("xmpp", b"<?xml version='1.0'?><stream:stream><stream:error><policy-violation/></stream:error>", "<stream:error><policy-violation/></stream:error>"),
                 ("postgres", b"E\0\0\0\x25SFATAL\0C53300\0Mtoo many clients\0\0", "FATAL 53300: too many clients"))
        for protocol, greeting, said in cases:
            with self.subTest(protocol):
                report = json.loads(self.check(protocol, self.upgrading(lines(greeting)), "--json").stdout)
                problem = report["problems"][0]
                self.assertIn("refuses to serve this client", report["title"])
                self.assertEqual(problem["evidence"]["the_server_said"], said)
                self.assertTrue(problem["fixes"])

    def test_bytes_in_the_clear_after_the_answer_that_agrees_to_tls_end_the_check(self):
        def injecting(connection):
            return lines(b"220 a\r\n", b"250 STARTTLS\r\n", b"220 go\r\n250 injected\r\n")(connection)
        done = self.check("smtp", self.upgrading(injecting), "--json")
        report = json.loads(done.stdout)
        self.assertEqual((done.returncode, report["code"]), (1, "starttls_failed"))
        self.assertIn("sent 14 bytes in the clear after the answer that agrees to TLS (SMTP)", report["title"])
        self.assertEqual(report["problems"][0]["evidence"]["after_that_it_sent"], "250 injected")
        early = self.check("smtp", self.upgrading(lines(b"220 a\r\n", b"250 STARTTLS\r\n220 go\r\n")), "--json")
        self.assertIn("agreed to TLS before it was asked (SMTP)", json.loads(early.stdout)["title"])

    def test_a_server_that_says_nothing_is_not_waited_for_for_ever(self):
        server = self.server(lambda connection: connection.recv(1))
        done = self.check("smtp", server, "--handshake-timeout", "0.3", "--json")
        self.assertIn("said nothing that leads to TLS within 0.3 s", json.loads(done.stdout)["title"])

    def test_the_port_is_the_protocols_own_and_an_unknown_protocol_is_refused(self):
        server = self.upgrading(SMTP)
        done = run(WHYTLS, "check", "mail.test", "--starttls", "smtp", "--trust", self.pki.trust, "--resolve", f"mail.test:25:127.0.0.1:{server.port}",
                   env=environment() | {"XDG_DATA_HOME": self.directory})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = run(WHYTLS, "check", "mail.test", "--starttls", "gopher")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--starttls takes smtp, lmtp, imap, pop3, ftp, nntp, sieve, xmpp, xmpp-server, ldap, postgres or mysql, not 'gopher'", done.stderr)

    def test_a_protocol_without_such_a_command_is_told_to_speak_tls_at_once(self):
        for protocol, where in (("redis", "on a port that its configuration names"), ("amqp", "usually on port 5671"), ("ldaps", "usually on port 636")):
            with self.subTest(protocol):
                done = run(WHYTLS, "check", "mail.test", "--starttls", protocol)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn("speaks TLS from the first byte, " + where, done.stderr)


if __name__ == "__main__":
    main()
