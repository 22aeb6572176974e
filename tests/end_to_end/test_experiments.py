"""When a handshake fails, follow-up connections find out why: against real servers that fail in the ways of the world. What is
concluded is proven, nothing of the request is in it, and it takes few connections and little time."""
import contextlib
import email.utils
import os
import socket
import statistics
import threading
import time

import scenarios
from harness import Case, main, servers

MOST_EXPERIMENTS = 6
SECRET = "c4f3b4b3"  # in every request; no server may see it
FILLED = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"


class Relay(servers.Server):
    """Passes bytes on to a port; counts connections and keeps what clients sent."""

    def __init__(self, port):
        self.target = port
        self.received = b""
        super().__init__(self._relay)

    def _relay(self, connection):
        with socket.create_connection(("127.0.0.1", self.target)) as server:
            back = threading.Thread(target=self._pump, args=(server, connection), daemon=True)
            back.start()
            self._pump(connection, server, self._keep)
            back.join()

    def _keep(self, data):
        with self._lock:
            self.received += data

    def _pump(self, source, sink, keep=lambda data: None):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                keep(data)
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


def dropping_above(limit, serve):
    """A middlebox: forgets connections whose first message is larger than that."""

    def handler(connection):
        first = connection.recv(65536, socket.MSG_PEEK)
        if len(first) > limit:
            return servers.drain(connection)
        return serve(connection)

    return handler


def greeting(line):
    """The server of a protocol in which the server speaks first."""

    def handler(connection):
        connection.sendall(line)
        servers.drain(connection)

    return handler


class Experiments(Case):
    def diagnosed(self, server, *options, host="good.test", relay=True):
        """The report on a request to that server, and what the server got of it."""
        front = self.started(Relay(server.port)) if relay else server
        proxy = self.proxy(*options, hosts={f"{host}:443": front})
        client = self.client(proxy)
        response = client.get(f"https://{host}/{SECRET}", host=host, Accept="application/json", X_Secret=SECRET)
        self.assertIn(response.status, (502, 504), response.body)
        report = response.json
        self.assertLessEqual(front.connections, MOST_EXPERIMENTS + 1, report["experiments"] if "experiments" in report else "")
        if relay:
            self.assertNotIn(SECRET.encode(), front.received)
        for accept in ("*/*", "text/html"):
            again = client.get(f"https://{host}/{SECRET}", host=host, Accept=accept).text
            for each in report.get("experiments", []):
                self.assertIn(each["tried"].split(" (")[0], again)
        return report

    def check(self, report, code, proof, *parts):
        problem = report["problems"][0]
        self.assertEqual((report["code"], problem["proof"]), (code, proof), report["title"] + str(report.get("experiments")))
        for part in parts:
            self.assertIn(part, report["title"] + report["detail"] + str(problem["evidence"]))
        self.assertTrue(report["experiments"])

    def result(self, report, tried):
        return next(each["result"] for each in report["experiments"] if each["tried"] == tried)

    def openssl(self, *options, identity=None):
        return self.started(servers.OpensslServer(identity or self.pki.leaf("good.test"), *options))

    def rsa(self):
        """For suites that need an RSA key."""
        return self.pki.leaf("good.test", key="rsa2048")

    # Versions

    def test_a_server_of_tls_1_0_alone(self):
        report = self.diagnosed(self.openssl("-tls1", "-cipher", FILLED))
        self.check(report, "protocol_version", "experiment", "accepts TLS 1.0 only (tried)", "1.2 and 1.3")
        self.assertEqual(self.result(report, "TLS 1.0 only"), "accepted")
        self.assertNotEqual(self.result(report, "TLS 1.2 only"), "accepted")

    def test_a_server_of_tls_1_1_alone(self):
        report = self.diagnosed(self.openssl("-tls1_1", "-cipher", FILLED))
        self.check(report, "protocol_version", "experiment", "accepts TLS 1.1 only (tried)")

    def test_a_range_of_ours_that_is_too_narrow(self):
        report = self.diagnosed(self.openssl("-tls1_3"), "--tls-max", "1.2")
        self.check(report, "protocol_version", "experiment", "accepts TLS 1.3 only (tried)", "1.2 only")
        self.assertIn("--tls-max", report["problems"][0]["fixes"][0]["text"])
        report = self.diagnosed(self.openssl("-tls1_2"), "--tls-min", "1.3")
        self.check(report, "protocol_version", "experiment", "accepts TLS 1.2 only (tried)", "1.3 only")

    # Cipher suites

    def test_a_server_with_obsolete_suites_alone(self):
        report = self.diagnosed(self.openssl("-tls1_2", "-cipher", "NULL-SHA256:@SECLEVEL=0", identity=self.rsa()))
        self.check(report, "no_shared_cipher", "experiment", "TLS_RSA_WITH_NULL_SHA256")

    def test_a_server_that_refuses_everything_is_only_likely_to_lack_a_cipher(self):
        report = self.diagnosed(self.server(servers.alerting(40)))
        self.check(report, "no_shared_cipher", "likely", "Nothing that was tried changes that")

    def test_a_small_diffie_hellman_group_is_measured(self):
        report = self.diagnosed(self.server(servers.choosing_group(self.rsa(), scenarios.GROUP_OF_768_BITS)))
        self.check(report, "weak_dh", "experiment", "768 bits")

    # Names and protocols

    def nginx(self, other, refusal):
        """nginx with a site for other names, and `refusal` for good.test."""
        return self.started(servers.Nginx(os.path.join(self.directory, "nginx"), f"location / {{ return 204; }} }}\n"
                                          f"server {{ listen 127.0.0.1:PORT ssl; server_name good.test; {refusal}", other))

    def test_a_name_that_nginx_rejects(self):
        report = self.diagnosed(self.nginx(self.pki.leaf("other.test"), "ssl_reject_handshake on;"))
        self.check(report, "sni_unrecognized", "observed", "good.test", "certificate for other.test")

    def test_a_name_that_is_refused_by_another_alert_or_none(self):
        sound = self.tls_server(self.pki.leaf("other.test"))
        for refuse in (servers.alerting(40), servers.alerting(80), servers.saying(b""), servers.resetting):
            with self.subTest(refuse):
                relay = self.started(Relay(sound.port))

                def handler(connection, refuse=refuse, relay=relay):
                    named = b"good.test" in connection.recv(65536, socket.MSG_PEEK)
                    return refuse(connection) if named else relay._relay(connection)

                report = self.diagnosed(self.server(handler))
                self.check(report, "sni_unrecognized", "experiment", "other.test")

    def test_a_server_that_takes_h2_alone(self):
        h2 = lambda context: context.set_alpn_protocols(["h2"])
        sound = self.tls_server(self.pki.leaf("good.test"), configure=h2)
        relay = self.started(Relay(sound.port))

        def strict(connection):
            first = connection.recv(65536, socket.MSG_PEEK)
            return servers.alerting(120)(connection) if b"http/1.1" in first else relay._relay(connection)

        client = self.client(self.proxy(hosts={"good.test:443": self.server(strict)})).connect("good.test:443")
        client.start_tls("good.test", configure=lambda context: context.set_alpn_protocols(["http/1.1"]))
        report = client.get("/", host="good.test", Accept="application/json").json
        self.check(report, "no_shared_alpn", "experiment", "takes h2, and the client offers only http/1.1 (tried)")

    def test_a_server_that_alerts_about_alpn_in_other_words(self):
        relay = self.started(Relay(self.tls_server(self.pki.leaf("good.test")).port))

        def strict(connection):
            first = connection.recv(65536, socket.MSG_PEEK)
            return servers.alerting(40)(connection) if b"http/1.1" in first else relay._relay(connection)

        report = self.diagnosed(self.server(strict))
        self.check(report, "no_shared_alpn", "experiment", "good.test")

    # What comes once

    def test_an_alert_that_the_same_handshake_does_not_meet_again_is_a_passing_trouble(self):
        sound = self.tls_server(self.pki.leaf("good.test"))
        for number in (20, 40, 42, 70, 71, 80, 112, 116):  # after 120 the request is made with h2
            relay, asked = self.started(Relay(sound.port)), []

            def once(connection):
                asked.append(1)
                return servers.alerting(number)(connection) if len(asked) == 1 else relay._relay(connection)

            with self.subTest(number):
                client = self.client(self.proxy(hosts={"good.test:443": self.server(once)}))
                report = client.get("https://good.test/", host="good.test", Accept="application/json").json
                self.check(report, "tls_alert", "experiment", "the same again was accepted (tried)")
                self.assertEqual(self.result(report, "the same handshake again"), "accepted")
                self.assertLessEqual(len(asked), MOST_EXPERIMENTS + 1)
                self.assertNotIn("limit of whytls", report["title"] + report["detail"])
                self.assertEqual(client.get("https://good.test/", host="good.test").text, "hello", "the trouble has passed")

    def test_a_close_a_reset_and_what_is_no_tls_are_passing_troubles_too(self):
        sound = self.tls_server(self.pki.leaf("good.test"))
        for once, code in ((servers.resetting, "connection_closed"), (servers.saying(b""), "connection_closed"), (servers.saying(b"junk\n"), "not_tls")):
            relay, asked = self.started(Relay(sound.port)), []

            def serve(connection):
                asked.append(1)
                return once(connection) if len(asked) == 1 else relay._relay(connection)

            with self.subTest(code):
                client = self.client(self.proxy(hosts={"good.test:443": self.server(serve)}))
                report = client.get("https://good.test/", host="good.test", Accept="application/json").json
                self.check(report, code, "experiment", "the same again was accepted (tried)")

    def test_what_was_tried_before_is_not_told_of_a_later_failure(self):
        """A passing trouble's experiments, and those before a handshake that went well."""
        relay, asked = self.started(Relay(self.tls_server(self.pki.leaf("good.test")).port)), []

        def answer_with(fails):
            def serve(connection):
                asked.append(1)
                return servers.alerting(40)(connection) if fails(len(asked)) else relay._relay(connection)

            asked.clear()
            # Where a session is offered, a passing trouble is not even seen.
            proxy = self.proxy("--workers", "1", "--resumption", "off", hosts={"good.test:443": self.server(serve)})
            return lambda: self.client(proxy).get("https://good.test/", host="good.test", Accept="application/json")

        first_round = 3
        ask = answer_with(lambda number: number == 1 or number > 1 + first_round)
        self.assertIn("accepted (tried)", ask().json["title"])
        self.assertNotIn("the same again was accepted", ask().json["title"], "it always fails by now")

        ask = answer_with(lambda number: number <= MOST_EXPERIMENTS + 1 or number == MOST_EXPERIMENTS + 3)
        self.assertIn("Nothing that was tried changes that", ask().json["detail"])
        self.assertEqual(ask().status, 200)
        self.assertIn("the same again was accepted", ask().json["title"])

    # Client certificates

    def test_a_client_certificate_that_is_demanded_names_its_ca(self):
        identity = self.pki.leaf("good.test")
        for version in ("-tls1_2", "-tls1_3"):
            with self.subTest(version):
                report = self.diagnosed(self.openssl(version, "-Verify", "1", "-CAfile", identity.issuers, identity=identity))
                self.assertEqual(report["code"], "client_certificate_required")
                if version == "-tls1_2":
                    self.assertIn("CN=", str(report["problems"][0]["evidence"]["client_certificates_accepted_from"]))

    # No TLS, or none that arrives

    def test_a_server_of_plain_http_that_waits_for_a_request(self):
        silent_until_asked = servers.answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        report = self.diagnosed(self.server(silent_until_asked), "--handshake-timeout", "0.5")
        self.check(report, "not_tls", "experiment", "plain HTTP", "HTTP/1.1 200 OK")

    def test_a_tls_server_that_complains_about_plain_http_is_no_http_server(self):
        def handler(connection):
            tls = connection.recv(65536, socket.MSG_PEEK)[:1] == b"\x16"
            return servers.resetting(connection) if tls else servers.saying(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")(connection)

        self.assertEqual(self.diagnosed(self.server(handler))["code"], "connection_closed")

    def test_servers_that_speak_first_need_no_experiment(self):
        for line, name in ((b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"), (b"220 mail.test ESMTP Postfix\r\n", "SMTP")):
            with self.subTest(name):
                server = self.server(greeting(line))
                report = self.diagnosed(server, relay=False)
                self.assertEqual(report["code"], "not_tls")
                self.assertIn(name, report["title"])
                self.assertNotIn("experiments", report)

    def test_a_middlebox_that_drops_large_hellos(self):
        relay = self.started(Relay(self.tls_server(self.pki.leaf("good.test")).port))
        report = self.diagnosed(self.server(dropping_above(220, relay._relay)), "--handshake-timeout", "0.5")
        self.check(report, "handshake_timeout", "experiment", "large ClientHellos are dropped")
        self.assertEqual(report["problems"][0]["fixes"][0]["for"], "network")

    def test_a_silent_server_stays_a_time_out_and_says_what_was_tried(self):
        report = self.diagnosed(self.server(servers.silent), "--handshake-timeout", "0.5")
        self.check(report, "handshake_timeout", "observed", "Nothing that was tried changes that")

    # What it costs

    def test_experiments_can_be_switched_off(self):
        server = self.server(servers.alerting(40))
        report = self.diagnosed(server, "--experiments", "off", relay=False)
        self.assertNotIn("experiments", report)
        self.assertEqual(server.connections, 3)  # one for each request

    def test_a_client_that_tries_again_costs_no_further_experiment(self):
        server = self.server(servers.alerting(40))
        client = self.client(self.proxy("--workers", "1", hosts={"good.test:443": server}))
        first = client.get("https://good.test/", Accept="application/json").json
        before = server.connections
        second = client.get("https://good.test/", Accept="application/json").json
        self.assertEqual(server.connections, before + 1)
        self.assertEqual(first["experiments"], second["experiments"])

    def test_a_refused_connection_is_left_alone(self):
        proxy = self.proxy(hosts={"good.test:443": self.started(servers.ClosedPort())})
        self.assertNotIn("experiments", self.client(proxy).get("https://good.test/", Accept="application/json").json)

    def test_an_answer_with_experiments_is_there_within_a_second(self):
        kinds = [servers.alerting(40), servers.alerting(70), servers.alerting(80), servers.alerting(112), servers.saying(b""), servers.resetting]
        times = []
        for kind in kinds * 3:
            client = self.client(self.proxy(hosts={"good.test:443": self.server(kind)}))
            begun = time.monotonic()
            self.assertTrue(client.get("https://good.test/", Accept="application/json").json["experiments"])
            times.append(time.monotonic() - begun)
        median = statistics.median(times)
        print(f"from a failed handshake to the answer, experiments included: median {median * 1000:.0f} ms, longest {max(times) * 1000:.0f} ms")
        self.assertLess(median, 1)


class Clock(Case):
    """A date failed: is it the clock? The server's is set by its Date header, the certificate's by the forge."""

    def report(self, days, *options, **dates):
        """Of a server whose clock is that many days ahead of ours."""
        date = email.utils.formatdate(time.time() + days * 86400, usegmt=True)
        self.upstream = self.tls_server(self.pki.leaf("good.test", **dates), servers.answering(servers.ok(fields=f"Date: {date}\r\n".encode())))
        proxy = self.proxy(*options, hosts={"good.test:443": self.upstream, "good.test:80": self.started(servers.ClosedPort())})
        return self.client(proxy).get(f"https://good.test/{SECRET}", Accept="application/json", X_Secret=SECRET).json

    def codes(self, report):
        return [problem["code"] for problem in report["problems"]]

    def test_a_clock_that_is_behind(self):
        report = self.report(4, not_before=3, not_after=90)
        self.assertEqual(self.codes(report), ["not_yet_valid", "clock_skew"])
        first, skew = report["problems"]
        self.assertIn("4 days behind", first["fixes"][0]["text"])
        self.assertIn("4 days behind", skew["title"])
        self.assertEqual((skew["severity"], skew["proof"]), ("warning", "likely"), "a private CA may go by the server's clock")
        self.assertIn("a third clock tells", first["detail"])
        self.assertEqual(report["experiments"][0]["tried"], "asked for the Date header without trust (HEAD /)")

    def test_a_clock_that_is_ahead(self):
        report = self.report(-40, not_before=-90, not_after=-3)
        self.assertEqual(self.codes(report)[:2], ["expired", "clock_skew"])
        self.assertIn("40 days ahead", report["problems"][0]["fixes"][0]["text"])

    def test_a_clock_that_explains_nothing_is_told_all_the_same(self):
        report = self.report(-40, not_before=-30, not_after=-3)
        skew = next(problem for problem in report["problems"] if problem["code"] == "clock_skew")
        self.assertIn("one of them is wrong", skew["title"])
        self.assertEqual(skew["proof"], "likely")
        self.assertNotIn("ahead", report["problems"][0]["fixes"][0]["text"])

    def test_clocks_that_agree_are_no_warning(self):
        report = self.report(0.5, not_before=-90, not_after=-3)
        self.assertNotIn("clock_skew", self.codes(report))
        self.assertTrue(report["experiments"])

    def test_the_question_carries_nothing_of_the_request(self):
        self.report(4, not_before=3, not_after=90)
        self.assertEqual(self.upstream.received, b"HEAD / HTTP/1.1\r\nHost: good.test\r\nUser-Agent: whytls\r\n\r\n")

    def test_with_a_time_given_or_experiments_off_nothing_is_asked(self):
        for options in (("--experiments", "off"), ("--at", "2020-01-01T00:00:00Z")):
            with self.subTest(options):
                report = self.report(4, *options, not_before=3, not_after=90)
                self.assertNotIn("experiments", report)
                self.assertEqual(self.upstream.received, b"")

    def test_plain_http_is_asked_when_the_server_gives_no_date(self):
        date = email.utils.formatdate(time.time() + 4 * 86400, usegmt=True)
        plain = self.server(servers.answering(servers.ok(fields=f"Date: {date}\r\n".encode())))
        server = self.tls_server(self.pki.leaf("good.test", not_before=3, not_after=90))
        proxy = self.proxy(hosts={"good.test:443": server, "good.test:80": plain})
        report = self.client(proxy).get("https://good.test/", Accept="application/json").json
        self.assertIn("clock_skew", self.codes(report))
        self.assertEqual([each["tried"] for each in report["experiments"]],
                         ["asked for the Date header without trust (HEAD /)", f"asked 127.0.0.1:{plain.port} for the Date header in plain HTTP (HEAD /)"])


if __name__ == "__main__":
    main()
