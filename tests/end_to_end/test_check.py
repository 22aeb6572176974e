"""`whytls check`: one handshake to each server, judged as the proxy judges, with a report each and an exit code."""
import json
import os
import socket
import ssl
import subprocess

from harness import Case, main, servers
from processes import PATIENCE, WHYTLS, environment, run


class Check(Case):
    def check(self, code, *arguments, hosts=None, stdin=None):
        """Runs it with `hosts` ("name:port" to a server or a port) in the place of DNS."""
        resolve = []
        for authority, server in (hosts or {}).items():
            resolve += ["--resolve", f"{authority}:127.0.0.1:{server if isinstance(server, int) else server.port}"]
        done = subprocess.run([WHYTLS, "check", "--trust", self.pki.trust, *resolve, *map(str, arguments)], input=stdin or "",
                              capture_output=True, text=True, env=environment() | {"XDG_DATA_HOME": self.directory}, timeout=PATIENCE * 2)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def reports(self, code, *arguments, **named):
        return [json.loads(line) for line in self.check(code, "--json", *arguments, **named).stdout.splitlines()]

    def test_a_good_server_is_one_line(self):
        server = self.tls_server(self.pki.leaf("good.test"))
        done = self.check(0, "good.test", hosts={"good.test:443": server})
        self.assertRegex(done.stdout, r"\Aok   good\.test:443: TLSv1\.3, certificate from Test Intermediate, expires in \d+ days, on [-\d]+\n\Z")
        self.assertEqual(done.stderr, "")

    def test_full_shows_all_that_was_asked_of_a_good_server(self):
        server = self.tls_server(self.pki.leaf("good.test"))
        self.assertRegex(self.check(0, "good.test", "--full", hosts={"good.test:443": server}).stdout, r"(?m)^  ok    hostname ")

    def test_a_warning_is_told_below_the_line_and_fails_nothing(self):
        server = self.tls_server(self.pki.leaf("good.test", not_before=-100, not_after=5))
        done = self.check(0, "good.test", hosts={"good.test:443": server})
        self.assertRegex(done.stdout, r"(?s)\Awarn good\.test:443: .*\n  warning .*\[expires_soon\]")

    def test_a_bad_server_is_explained_in_the_words_of_a_check(self):
        server = self.tls_server(self.pki.leaf("other.test"))
        done = self.check(1, "good.test", hosts={"good.test:443": server})
        self.assertIn("hostname_mismatch", done.stdout)
        self.assertIn("other.test", done.stdout)
        self.assertNotRegex(done.stdout, r"your request|whytls proxy|without the proxy")
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 100)
        self.assertEqual(server.received, b"")

    def test_many_hosts_are_reported_in_the_order_asked(self):
        good, bad = self.tls_server(self.pki.leaf("*.ours.test")), self.tls_server(self.pki.leaf("other.example"))
        names = [f"h{number}.ours.test" for number in range(40)]
        hosts = {f"{name}:443": bad if number % 7 == 3 else good for number, name in enumerate(names)}
        reports = self.reports(1, *names, hosts=hosts)
        self.assertEqual([report["host"] for report in reports], names)
        self.assertEqual({report["host"] for report in reports if report["verdict"] == "failed"}, {name for name in names if hosts[name + ":443"] is bad})

    def test_many_hosts_are_one_line_each_and_a_count(self):
        closed = servers.ClosedPort()
        self.addCleanup(closed.stop)
        soon = self.tls_server(self.pki.leaf("soon.test", not_before=-100, not_after=5))
        hosts = {"good.test:443": self.tls_server(self.pki.leaf("good.test")), "bad.test:443": self.tls_server(self.pki.leaf("other.test")),
                 "soon.test:443": soon, "gone.test:443": closed.port}
        lines = self.check(1, "good.test", "bad.test", "soon.test", "gone.test", hosts=hosts).stdout.splitlines()
        for line, pattern in zip(lines, (r"ok   good\.test:443: TLSv1\.3, certificate from .*", r"FAIL bad\.test:443: .*other\.test.* \[hostname_mismatch\]",
                                         r"warn soon\.test:443: .* \[expires_soon\]", r"FAIL gone\.test:443 .* \[connection_refused\]")):
            self.assertRegex(line, rf"\A{pattern}\Z")
        self.assertEqual(lines[4:6], ["", "4 hosts: 2 ok, 1 failed, 1 not reached"])
        self.assertRegex("\n".join(lines[6:]), r"\A.*whytls check HOST.*--full.*\Z")
        whole = self.check(1, "--full", "good.test", "bad.test", hosts=hosts).stdout
        self.assertEqual(whole.count("\nSteps\n"), 2)
        self.assertEqual(self.check(0, "good.test", "soon.test", hosts=hosts).stdout.splitlines()[2:], ["", "2 hosts: 2 ok"])

    def test_of_many_hosts_those_that_are_not_as_expected_fail(self):
        hosts = {"good.test:443": self.tls_server(self.pki.leaf("good.test", not_after=20.5)), "bad.test:443": self.tls_server(self.pki.leaf("other.test"))}
        lines = self.check(1, "--expect", "chain,expires>30d", "good.test", "bad.test", hosts=hosts).stdout.splitlines()
        self.assertRegex(lines[0], r"^FAIL good\.test:443: not as expected; TLS")
        self.assertRegex(lines[1], r"^  expected expires>30d: found 20 days")
        self.assertRegex(lines[2], r"^warn bad\.test:443: .*\[hostname_mismatch\], which --expect does not ask about$")
        self.assertIn("2 hosts: 1 ok, 1 failed", lines)
        alone = self.check(0, "--expect", "chain", "bad.test", hosts=hosts).stdout
        self.assertTrue(alone.endswith("\nAll that --expect asks for is met.\n"), alone)

    def test_hosts_come_from_a_file_and_from_the_standard_input(self):
        server = self.tls_server(self.pki.leaf("*.ours.test"))
        path = os.path.join(self.directory, "hosts")
        with open(path, "w", encoding="ascii") as file:
            file.write("# ours\nhttps://b.ours.test/path\n\n  c.ours.test:444  # odd\r\n")
        hosts = {"a.ours.test:443": server, "b.ours.test:443": server, "c.ours.test:444": server, "d.ours.test:443": server}
        reports = self.reports(0, "-", "a.ours.test", "--hosts", path, hosts=hosts, stdin="d.ours.test\n")
        self.assertEqual([(one["host"], one["port"]) for one in reports], [("d.ours.test", 443), ("a.ours.test", 443), ("b.ours.test", 443), ("c.ours.test", 444)])

    def test_a_list_without_a_host_is_a_mistake_and_no_success(self):
        empty = os.path.join(self.directory, "empty")
        with open(empty, "w", encoding="ascii") as file:
            file.write("# none yet\n")
        self.assertIn(f"there is no host in {empty}", self.check(2, "--hosts", empty, "--expect", "ok").stderr)
        self.check(2, "-", stdin="\n")

    def test_a_line_that_names_no_host_is_named_and_the_others_are_checked(self):
        good, bad = (self.tls_server(self.pki.leaf(name)) for name in ("good.test", "other.test"))
        hosts = {"good.test:443": good, "bad.test:443": bad}
        path = os.path.join(self.directory, "hosts")
        with open(path, "w", encoding="ascii") as file:
            file.write("good.test\nhttp://odd.test/\n# odd\ngood.test 8443 x\n")
        done = self.check(2, "--hosts", path, "good.test", hosts=hosts)
        self.assertIn("2 hosts: 2 ok", done.stdout)
        first, second = done.stderr.splitlines()
        self.assertRegex(first, f"^whytls: {path}:2: not checked: check takes .* not 'http://odd.test/'; did you mean https://odd.test/")
        self.assertRegex(second, f"^whytls: {path}:4: not checked: ")
        self.assertIn("the standard input:2: not checked", self.check(1, "-", "bad.test", stdin="good.test\nb/c\n", hosts=hosts).stderr)
        closed = servers.ClosedPort()
        self.addCleanup(closed.stop)
        self.check(2, "-", stdin=f"b/c\n127.0.0.1:{closed.port}\n")

    def test_a_list_that_names_no_host_at_all_is_a_mistake(self):
        done = self.check(2, "-", stdin="# all\nb/c\n")
        self.assertIn("the standard input:2: not checked", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_a_server_that_cannot_be_reached_is_3_and_a_failure_elsewhere_counts_more(self):
        closed = servers.ClosedPort()
        self.addCleanup(closed.stop)
        self.assertEqual([one["code"] for one in self.reports(3, f"127.0.0.1:{closed.port}")], ["connection_refused"])
        self.assertEqual([one["code"] for one in self.reports(3, "nothing.invalid")], ["dns_not_found"])
        bad = self.tls_server(self.pki.leaf("other.test"))
        self.reports(1, f"127.0.0.1:{closed.port}", "good.test", hosts={"good.test:443": bad})

    def test_a_failed_handshake_is_1(self):
        for handler, code in ((servers.saying(b"SSH-2.0-x\r\n"), "not_tls"), (servers.resetting, "connection_closed"), (servers.alerting(70), "protocol_version")):
            self.assertEqual([one["code"] for one in self.reports(1, f"127.0.0.1:{self.server(handler).port}")], [code])

    def test_a_server_that_asks_for_a_client_certificate_is_heard_out(self):
        identity = self.pki.leaf("good.test")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for mode, code in ((ssl.CERT_REQUIRED, 1), (ssl.CERT_OPTIONAL, 0)):
                def configure(context, version=version, mode=mode):
                    context.maximum_version = version
                    context.verify_mode = mode
                    context.load_verify_locations(self.pki.trust)

                server = self.tls_server(identity, configure=configure)
                with self.subTest(version=version, mode=mode):
                    report = self.reports(code, "good.test", hosts={"good.test:443": server})[0]
                    self.assertEqual(report.get("code"), "client_certificate_required" if code else None)

    def test_a_server_that_closes_for_want_of_a_client_certificate_is_told_before_a_path_is_asked_for(self):
        identity = self.pki.leaf("good.test")

        def ask(context):
            context.verify_mode = ssl.CERT_OPTIONAL
            context.load_verify_locations(self.pki.trust)

        server = self.tls_server(identity, lambda connection: connection.shutdown(socket.SHUT_RDWR), ask)
        for path in ("", "/health"):
            with self.subTest(path):
                self.assertEqual(self.reports(1, f"https://good.test{path}", hosts={"good.test:443": server})[0]["code"], "client_certificate_required")

    def test_a_server_that_asked_in_vain_is_ok_with_the_options_that_give_it_a_certificate(self):
        """nginx with ssl_verify_client optional, or on: it answers requests with 400 only."""
        own = self.pki.leaf("client", trusted=False, root={"subject": "Client Root"}, extended_key_usage=["clientAuth"])

        def configure(context):
            context.verify_mode = ssl.CERT_OPTIONAL
            context.load_verify_locations(os.path.join(own.made, "root.pem"))

        hosts = {"good.test:443": self.tls_server(self.pki.leaf("good.test"), configure=configure)}
        said = " ".join(self.check(0, "good.test", hosts=hosts).stdout.split())
        self.assertIn("it asked for a client certificate, and none was sent: if it refuses requests, give it one: --client-cert FILE --client-key FILE", said)
        given = self.check(0, "good.test", "--client-cert", own.chain, "--client-key", own.key, hosts=hosts).stdout
        self.assertNotIn("--client-cert", given)

    def test_a_server_is_checked_under_another_name(self):
        server = self.tls_server(self.pki.leaf("good.test"))
        report = self.reports(0, f"127.0.0.1:{server.port}", "--servername", "good.test")[0]
        self.assertEqual((report["host"], report["tls"]["sni"]), ("127.0.0.1", "good.test"))
        self.assertEqual(self.reports(1, f"127.0.0.1:{server.port}")[0]["code"], "hostname_mismatch")

    def test_connect_to_takes_the_connection_elsewhere_under_the_same_name(self):
        server = self.tls_server(self.pki.leaf("good.test"))
        report = self.reports(0, "good.test", "--connect-to", f"good.test:443:127.0.0.1:{server.port}")[0]
        self.assertEqual((report["host"], report["port"], report["address"]), ("good.test", 443, f"127.0.0.1:{server.port}"))
        done = self.check(1, "www.test", "--connect-to", f"::127.0.0.1:{server.port}")
        self.assertIn("Check your --connect-to", done.stdout)

    def test_all_addresses_of_a_resolve_rule_are_checked_each_by_itself(self):
        good, bad = self.tls_server(self.pki.leaf("good.test")), self.tls_server(self.pki.leaf("other.test"))
        rule = f"good.test:443:127.0.0.1:{good.port},127.0.0.1:{bad.port}"
        said = self.check(1, "good.test", "--all-addresses", "--resolve", rule).stdout
        self.assertRegex(said, rf"(?m)^ok   good\.test:443.* \(at 127\.0\.0\.1:{good.port}\)$")
        self.assertRegex(said, rf"(?m)^FAIL good\.test:443.*other\.test.* \(at 127\.0\.0\.1:{bad.port}\)$")
        self.assertIn("good.test:443, 2 addresses, differ:", said)
        self.assertIn("\n2 addresses of 1 host: 1 ok, 1 failed\n", said)
        reports = self.reports(1, "good.test", "--all-addresses", "--resolve", rule)
        self.assertEqual([report["verdict"] for report in reports], ["ok", "failed"])
        self.check(0, "good.test", "--all-addresses", "--resolve", f"good.test:443:127.0.0.1:{good.port}")

    def test_the_options_of_a_connection_count(self):
        server = self.tls_server(self.pki.leaf("good.test"), configure=lambda context: setattr(context, "maximum_version", ssl.TLSVersion.TLSv1_2))
        hosts = {"good.test:443": server}
        self.assertEqual(self.reports(1, "good.test", "--tls-min", "1.3", hosts=hosts)[0]["code"], "protocol_version")
        self.assertEqual(self.reports(1, "good.test", "--at", "2040-01-01", hosts=hosts)[0]["code"], "expired")
        self.assertEqual(self.reports(1, "good.test", "--revocation", "hard", "--aia", "off", hosts={"good.test:443": self.tls_server(
            self.pki.leaf("good.test", ocsp=["http://127.0.0.1:1/"]))})[0]["code"], "revocation_unavailable")

    def test_what_is_expected_decides_and_what_was_found_instead_is_said(self):
        hosts = {"good.test:443": self.tls_server(self.pki.leaf("good.test", not_after=20.5))}
        self.check(0, "good.test", "--expect", "name, chain,tls>=1.2,expires>20d", hosts=hosts)
        done = self.check(1, "good.test", "--expect", "name,expires>30d", hosts=hosts)
        self.assertRegex(done.stdout, r"^FAIL good\.test:443: not as expected; TLS.*\n  expected expires>30d: found 20 days, until [-\d]+$")
        report = self.reports(1, "good.test", "--expect", "name,expires>30d", hosts=hosts)[0]
        self.assertEqual([(one["expect"], one["met"]) for one in report["expectations"]], [("name", True), ("expires>30d", False)])
        bad = {"good.test:443": self.tls_server(self.pki.leaf("other.test"))}
        self.check(0, "good.test", "--expect", "chain", hosts=bad)
        self.assertRegex(self.check(1, "good.test", "--expect", "name", hosts=bad).stdout, r"expected name: found .*not for good\.test")
        self.check(1, "good.test", "--expect", "ok", hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test", not_before=-100, not_after=5))})
        self.check(3, "nothing.invalid", "--expect", "name")
        for nothing in ("name,sunshine", ""):
            self.assertIn("--expect", self.check(2, "good.test", "--expect", nothing).stderr)

    def commands(self, *arguments, **named):
        """What the fixes of a failed check say to type, by their first words."""
        report = self.reports(1, *arguments, **named)[0]
        return [fix["command"] for problem in report["problems"] for fix in problem["fixes"] if "command" in fix]

    def paste(self, command, code=0):
        """Runs a printed command as a user would, in the test's directory."""
        path = os.path.dirname(WHYTLS) + os.pathsep + os.environ["PATH"]
        done = run("bash", "-c", f"set -o pipefail; {command}", env=environment() | {"PATH": path, "XDG_DATA_HOME": self.directory}, cwd=self.directory)
        self.assertEqual(done.returncode, code, f"{command}\n{done.stdout}{done.stderr}")
        return done

    def test_a_printed_command_works_when_it_is_pasted(self):
        own = {"own.test:443": self.tls_server(self.pki.self_signed("own.test"))}
        trust, = (one for one in self.commands("own.test", hosts=own) if one.endswith("--add-trust server.pem"))
        self.assertRegex(self.paste(trust).stdout, r"^ok   own\.test:443: ")
        moved = self.tls_server(self.pki.self_signed("moved.test"))
        trust, = (one for one in self.commands("old.test:444", "--servername", "moved.test", "--connect-to", f"old.test:444:127.0.0.1:{moved.port}",
                                               "--tls-min", "1.3") if one.endswith("--add-trust server.pem"))
        self.assertIn("--tls-min 1.3", trust)
        self.assertRegex(self.paste(trust).stdout, r"^ok   old\.test:444: ")

    def test_a_servername_that_made_the_failure_is_named_and_not_dns(self):
        good = self.tls_server(self.pki.leaf("good.test"))
        for hosts, options, says in (({"good.test:443": good}, (), "the certificate covers the host, not that name"),
                                     ({"other.test:443": good}, (), "the certificate covers neither that name nor the host"),
                                     ({"good.test:443": self.server(servers.alerting(112))}, ("--experiments", "off"), "the server has no site of that name")):
            host = next(iter(hosts)).split(":")[0]
            with self.subTest(says):
                report = self.reports(1, host, "--servername", "wrong.test", *options, hosts=hosts)[0]
                fixes = report["problems"][0]["fixes"]
                fix = next(one for one in fixes if "--servername wrong.test" in one["text"])
                self.assertIn(says, fix["text"])
                self.assertRegex(fix["command"], rf"^whytls check {host} ")
                self.assertNotIn("--servername", fix["command"])
                self.assertNotIn("DNS", json.dumps(report["problems"][0]["fixes"]) + report["detail"])
                self.assertIn("--servername", report["detail"])

    def test_a_command_names_the_servers_own_address_and_the_name_that_fits(self):
        server = self.tls_server(self.pki.leaf("good.test"))
        command, = (one for one in self.commands(f"127.0.0.1:{server.port}") if one.startswith("whytls check"))
        self.assertRegex(self.paste(command).stdout, rf"^ok   good\.test:{server.port}: ")
        closed = servers.ClosedPort()
        self.addCleanup(closed.stop)
        report = self.reports(3, "gone.test", hosts={"gone.test:443": closed.port})[0]
        self.assertIn(f"nc -vz 127.0.0.1 {closed.port}", [fix.get("command") for fix in report["problems"][0]["fixes"]])

    def test_what_another_host_has_sent_explains_a_missing_issuer_in_this_run_and_the_next(self):
        complete = self.pki.leaf("good.test", more=[{"name": "second", "issuer": "intermediate", "host": "second.test", "chain": []}])
        hosts = {"good.test:443": self.tls_server(complete), "second.test:443": self.tls_server(complete.sibling("second"))}
        kept = os.path.join(self.directory, "whytls-intermediates.pem")
        self.assertEqual(self.reports(1, "second.test", hosts=hosts)[0]["code"], "unknown_issuer")
        self.assertEqual([one.get("code") for one in self.reports(1, "second.test", "good.test", "--aia", "off", hosts=hosts)], ["unknown_issuer", None])
        self.assertFalse(os.path.exists(kept))
        reports = self.reports(1, "second.test", "good.test", hosts=hosts)
        self.assertEqual([one.get("code") for one in reports], ["missing_intermediate", None])
        self.assertEqual([one["from"] for one in reports[0]["chain"]], ["served", "seen before", "trust store"])
        with open(kept, "rb") as file:
            self.assertEqual(file.read(), complete.file("intermediate.pem"))
        self.assertEqual(self.reports(1, "second.test", hosts=hosts)[0]["code"], "missing_intermediate")
        proxy = self.proxy("--ca-dir", os.path.join(self.directory, "whytls"), hosts=hosts)
        self.assertIn("missing_intermediate", self.client(proxy).get("https://second.test/", host="second.test").text)

    def test_a_check_and_a_verification_count_the_days_alike(self):
        identity = self.pki.leaf("good.test", not_after=59.9)
        checked = self.check(0, "good.test", hosts={"good.test:443": self.tls_server(identity)}).stdout
        verified = run(WHYTLS, "verify", identity.chain, "--host", "good.test", "--trust", self.pki.trust, "--until-breaks").stdout
        self.assertIn("expires in 59 days,", checked)
        self.assertRegex(verified, r"in\s+59\s+days")

    def test_a_check_makes_nothing(self):
        server = self.tls_server(self.pki.leaf("good.test"))
        home = os.path.join(self.directory, "home")
        os.mkdir(home)
        run(WHYTLS, "check", f"127.0.0.1:{server.port}", env=environment() | {"HOME": home})
        self.assertEqual(os.listdir(home), [])


if __name__ == "__main__":
    main()
