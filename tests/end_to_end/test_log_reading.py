"""The log over its life: rotated by the proxy, read back by `whytls log`, summed up on exit; what is secret in a URL stays so."""
import contextlib
import json
import os
import pty
import resource
import signal
import socket
import stat
import subprocess

from harness import Case, main, servers
from over_http2 import over_http2
from processes import PATIENCE, WHYTLS, Process, environment, run


def written(time, **members):
    return json.dumps({"event": "request", "time": time, "method": "GET", "url": "https://a.test/", "status": 200} | members) + "\n"


class Rotation(Case):
    def test_all_lines_are_there_over_the_parts_in_order_and_whole(self):
        path = os.path.join(self.directory, "small.jsonl")
        proxy = self.proxy("--log", path, "--log-max-size", "2K", "--log-keep", "50", hosts={"good.test:80": self.server(servers.answering(servers.ok()))})
        client = self.client(proxy)
        for number in range(60):
            self.assertEqual(client.get(f"http://good.test/{number}").status, 200)
        proxy.stop()
        parts = [f"{path}.{number}" for number in range(50, 0, -1) if os.path.exists(f"{path}.{number}")] + [path]
        self.assertGreater(len(parts), 3)
        lines = []
        for part in parts:
            self.assertLessEqual(os.path.getsize(part), 2048)
            self.assertEqual(stat.S_IMODE(os.stat(part).st_mode), 0o600)
            with open(part, encoding="utf-8") as file:
                lines += [json.loads(line) for line in file]
        self.assertEqual([line["url"] for line in lines if line["event"] == "request"], [f"http://good.test/{number}" for number in range(60)])
        self.assertEqual([lines[0].get("what"), lines[-1].get("what")], ["started", "stopped"])

        read = run(WHYTLS, "log", path, "--json")
        self.assertEqual((read.returncode, read.stderr), (0, ""))
        self.assertEqual([json.loads(line) for line in read.stdout.splitlines()], lines)

    def test_a_rotation_that_fails_is_told_once_and_loses_nothing(self):
        path = os.path.join(self.directory, "stuck.jsonl")
        os.mkdir(path + ".new")  # in the way: an unwritable directory would not stop root
        proxy = self.proxy("--log", path, "--log-max-size", "500", hosts={"good.test:80": self.server(servers.answering(servers.ok()))})
        client = self.client(proxy)
        for number in range(20):
            client.get(f"http://good.test/{number}")
        proxy.stop()
        with open(path, encoding="utf-8") as file:
            self.assertEqual(sum('"request"' in line for line in file), 20)
        self.assertEqual(proxy.stderr.text.count("cannot be rotated"), 1, proxy.stderr.text)

    def test_what_stdout_was_led_to_is_not_renamed(self):
        path = os.path.join(self.directory, "stdout")
        with open(path, "wb") as file:
            process = subprocess.Popen([WHYTLS, "proxy", "--listen", "127.0.0.1:0", "--ca-dir", os.path.join(self.directory, "ca"), "--ui", "off",
                                        "--log", "/dev/stdout", "--log-max-size", "1"], stdout=file, stderr=subprocess.PIPE, env=environment())
        while b"listening" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        self.assertEqual([name for name in os.listdir(self.directory) if name.startswith("stdout.")], [])
        with open(path, encoding="utf-8") as file:
            self.assertEqual([json.loads(line)["what"] for line in file], ["started", "stopped"])


class Reading(Case):
    def file(self, text, name="log"):
        path = os.path.join(self.directory, name)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def log(self, code, *arguments, **options):
        done = run(WHYTLS, "log", *arguments, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def test_the_table_shows_a_proxys_day_and_failed_only_what_failed(self):
        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test")), "bad.test:443": self.tls_server(self.pki.leaf("other.test"))})
        self.tls_client(proxy, "good.test").get("/fine")
        self.tls_client(proxy, "bad.test").get("/x")
        proxy.stop()
        table = self.log(0, proxy.log_file).stdout
        self.assertRegex(table, r"(?m)^time \(UTC\) +event +result +ms +where$")
        self.assertRegex(table, r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  server   ok +\d+\.\d  good\.test:443$")
        self.assertRegex(table, r"(?m)client   ok +good\.test from 127\.0\.0\.1:\d+$")
        self.assertRegex(table, r"(?m)request  200 +\d+\.\d  GET https://good\.test/fine$")
        self.assertRegex(table, r"(?m)server   hostname_mismatch +\d+\.\d  bad\.test:443\n +.*bad\.test")
        self.assertNotIn("\x1b", table)
        failed = self.log(0, proxy.log_file, "--failed").stdout
        self.assertIn("request  502 hostname_mismatch", failed)
        self.assertNotIn("good.test:443", failed)
        self.assertEqual(self.log(0, proxy.log_file, "--host", "none.test").stdout, "")
        self.assertNotIn("good.test", self.log(0, proxy.log_file, "--host", "bad.test").stdout)
        self.assertIn("good.test", self.log(0, proxy.log_file, "--host", "*.test").stdout)

    def test_since_takes_a_while_ago_or_a_time(self):
        path = self.file(written("2020-01-01T00:00:00Z", url="https://old.test/") + written("2099-01-01T00:00:00Z", url="https://new.test/"))
        for since in ("1h", "30m", "2d", "2021-01-01T00:00:00Z", "2021-01-01"):
            table = self.log(0, path, "--since", since).stdout
            self.assertIn("new.test", table)
            self.assertNotIn("old.test", table)
        self.assertIn("old.test", self.log(0, path).stdout)

    def test_that_nothing_matches_is_said(self):
        path = self.file(written("2026-11-20T12:00:00Z", url="https://a.test/"))
        for options in (("--host", "b.test"), ("--failed",), ("--since", "2099-01-01"), ("--host", "b.test", "--json")):
            with self.subTest(options):
                done = self.log(0, path, *options)
                self.assertEqual((done.stdout, done.stderr), ("", f"whytls: no line of {path} matches\n"))
        self.assertEqual(self.log(0, path, "--host", "a.test").stderr, "")
        self.assertEqual(self.log(0, self.file("", "empty")).stderr, "")

    def test_what_cannot_be_read_is_told_by_file_and_line_and_reading_goes_on(self):
        good = written("2026-11-20T12:00:00Z").encode()
        path = self.file(good + b"nonsense\n" + b"\x00\xff\x1b[2J\n" + b'{"a":1}\n' + b"x" * (5 << 20) + b"\n" + good + good[:40])
        done = self.log(1, path, "--json")
        self.assertEqual(done.stdout.encode(), good * 2)
        self.assertEqual(done.stderr.splitlines(), [f"whytls: {path}, line 2 is not JSON", f"whytls: {path}, line 3 is not JSON",
                                                    f"whytls: {path}, line 4 is not an event of whytls",
                                                    f"whytls: {path}, line 5 is longer than 4194304 bytes", f"whytls: {path}, line 7 is cut off"])
        many = self.log(1, self.file(good + b"\x01\n" * 500, "binary"))
        self.assertEqual(len(many.stderr.splitlines()), 11)
        self.assertIn("490 more lines", many.stderr)

    def test_a_file_that_is_no_log_is_told_once_with_its_first_line_that_is_none(self):
        path = self.file("\n-----BEGIN CERTIFICATE-----\nMIIB\n" * 20)
        done = self.log(2, path)
        self.assertEqual((done.stdout, done.stderr), ("", f"whytls: {path} is no log of whytls: line 2 is not JSON\n"))
        self.assertEqual(self.log(2, self.file('{"a":1}\n', "json")).stderr.splitlines()[0].split(": ")[-1], "line 1 is not an event of whytls")

    def test_the_columns_hold_whatever_the_codes(self):
        codes = ("expired", "client_certificate_required", "unknown_critical_extension")
        lines = [written("2026-11-20T12:00:00Z", code=code, status=502, timing_ms={"total": 1}) for code in codes]
        lines.append(written("2026-11-20T12:00:00Z", let_through="unknown_critical_extension", timing_ms={"total": 1}))
        table = self.log(0, self.file("".join(lines))).stdout.splitlines()
        self.assertEqual(len({line.index("GET https") for line in table[1:]}), 1, table)
        self.assertEqual({line.index(" 1.0  ") for line in table[1:]}, {table[0].index("ms") - 2}, table)

    def test_a_whole_last_line_without_its_end_counts(self):
        self.assertIn("a.test", self.log(0, self.file(written("2026-11-20T12:00:00Z").rstrip("\n"))).stdout)

    def test_parts_are_read_oldest_first_and_a_missing_one_is_passed_over(self):
        for name, number in (("log.12", 1), ("log.2", 2), ("log", 3)):
            self.file(written("2026-11-20T12:00:00Z", url=f"https://a.test/{number}"), name)
        lines = self.log(0, os.path.join(self.directory, "log"), "--json").stdout.splitlines()
        self.assertEqual([json.loads(line)["url"][-1] for line in lines], ["1", "2", "3"])

    def test_a_lone_dash_reads_the_standard_input(self):
        done = subprocess.run([WHYTLS, "log", "-", "--json"], input=written("2026-11-20T12:00:00Z").encode(), capture_output=True, timeout=PATIENCE, check=True)
        self.assertEqual(done.stdout.decode(), written("2026-11-20T12:00:00Z"))

    def test_mistakes_are_one_line_and_exit_2(self):
        for arguments, said in ((["log"], "log takes a FILE"), (["log", "/none/log"], "/none/log: No such file"), (["log", self.directory], "Is a directory"),
                                (["log", "x", "--since", "soon"], "--since takes")):
            done = run(WHYTLS, *arguments)
            self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 1), done.stderr)
            self.assertIn(said, done.stderr)
        self.assertIn("Exit code", self.log(0, "--help").stdout)

    def test_a_large_log_is_read_in_bounded_memory(self):
        line = written("2026-11-20T12:00:00Z", x="y" * 2000).encode()
        path = self.file(line * 20_000)
        code = "import resource,subprocess,sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); " \
               "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        done = run("python3", "-c", code, WHYTLS, "log", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        if not os.environ.get("WHYTLS_SANITIZE"):
            self.assertLess(int(done.stdout), 24 << 10)  # kB, of 42 MB read

    def test_colour_is_for_terminals_alone_and_hostile_lines_command_none(self):
        path = self.file(written("2026-11-20T12:00:00Z", code="expired", url="https://a.test/\x1b[2J\u009b1m"))
        self.assertNotIn("\x1b", self.log(0, path).stdout)
        ours, theirs = pty.openpty()
        process = subprocess.Popen([WHYTLS, "log", path], stdout=theirs, env=environment() | {"TERM": "xterm"})
        os.close(theirs)
        self.assertEqual(process.wait(PATIENCE), 0)
        said = []
        with contextlib.suppress(OSError):  # EIO, behind the last byte
            while chunk := os.read(ours, 65536):
                said.append(chunk)
        os.close(ours)
        shown = b"".join(said).decode()
        self.assertIn("\x1b[1;31m", shown)
        self.assertNotIn("\x1b[2J", shown)


class Filtering(Case):
    def file(self, *lines):
        path = os.path.join(self.directory, "log")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(lines)
        return path

    def test_only_what_matches_is_shown_beside_the_other_choices(self):
        path = self.file(written("2026-11-20T12:00:00Z", url="https://a.test/1"), written("2026-11-20T12:00:01Z", url="https://a.test/2", status=503),
                         written("2026-11-20T12:00:02Z", url="https://b.test/3", status=502, code="expired"))
        for text, shown in (("a.test", "12"), ("status:>=500", "23"), ("status:5xx -code:expired", "2"), ("host:b.test or status:200", "13"), ("", "123"),
                            ("failed", "3"), ('"a.test/1"', "1")):
            with self.subTest(text):
                done = run(WHYTLS, "log", path, "--json", "--filter", text)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertEqual("".join(json.loads(line)["url"][-1] for line in done.stdout.splitlines()), shown)
        self.assertEqual(run(WHYTLS, "log", path, "--failed", "--filter", "a.test").stderr, f"whytls: no line of {path} matches\n")

    def test_a_mistake_is_pointed_at_and_exit_2(self):
        for text, below in (("host:a status:abc", ["  host:a status:abc", "                ^"]), ("größe (", ["  größe (", "        ^"]),
                            ("a\tb or", ["  a\ufffdb or", "        ^"]), ("\x1b[2J hots:x", ["  \ufffd[2J hots:x", "       ^"])):
            with self.subTest(text):
                done = run(WHYTLS, "log", "none", "--filter", text)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                first, *rest = done.stderr.splitlines()
                self.assertTrue(first.startswith("whytls: --filter: "), first)
                self.assertEqual(rest, below)
        long = run(WHYTLS, "log", "none", "--filter", "ä" * 300 + " hots:x " + "ö" * 300).stderr.splitlines()
        self.assertLess(max(len(line) for line in long[1:]), 110)
        self.assertEqual(long[1][long[2].index("^"):][:6], "hots:x")

    def test_a_mistakes_text_is_not_repeated_with_a_password(self):
        done = run(WHYTLS, "log", "none", "--filter", "https://u:s3cret@a.test/ (")
        self.assertEqual(done.returncode, 2)
        self.assertNotIn("s3cret", done.stderr)


class Following(Case):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.directory, "log")

    def append(self, *lines):
        with open(self.path, "a", encoding="utf-8") as file:
            file.writelines(lines)

    def follow(self, *options):
        return self.started(Process([WHYTLS, "log", self.path, "--follow", *options]))

    def test_what_is_appended_is_shown_when_its_line_is_whole(self):
        self.append(written("2026-11-20T12:00:00Z", url="https://a.test/1"))
        process = self.follow("--filter", "a.test")
        process.stdout.wait_for("GET https://a.test/1$")
        half = written("2026-11-20T12:00:01Z", url="https://a.test/2")
        self.append(written("2026-11-20T12:00:01Z", url="https://b.test/"), half[:30])
        self.append(half[30:], written("2026-11-20T12:00:02Z", url="https://a.test/3"))
        process.stdout.wait_for("(?s)GET https://a.test/2\n.*GET https://a.test/3\n")
        self.assertEqual((process.stdout.text.count("\n"), process.stderr.text), (4, ""))

    def test_a_rotation_loses_no_line_though_there_are_several_at_once(self):
        self.append(written("2026-11-20T12:00:00Z", url="https://a.test/1"))
        process = self.follow("--json")
        process.stdout.wait_for("a.test/1")
        self.append(written("2026-11-20T12:00:00Z", url="https://a.test/2"))
        for number in (3, 4):
            for old in (2, 1):
                if os.path.exists(f"{self.path}.{old}"):
                    os.rename(f"{self.path}.{old}", f"{self.path}.{old + 1}")
            os.rename(self.path, f"{self.path}.1")
            self.append(written("2026-11-20T12:00:00Z", url=f"https://a.test/{number}"))
        process.stdout.wait_for("a.test/4")
        self.append(written("2026-11-20T12:00:00Z", url="https://a.test/5"))
        process.stdout.wait_for("a.test/5")
        self.assertEqual([json.loads(line)["url"][-1] for line in process.stdout.text.splitlines()], list("12345"))

    def test_a_file_that_is_begun_anew_is_read_from_its_beginning(self):
        self.append(*(written("2026-11-20T12:00:00Z", url=f"https://a.test/{number}") for number in (1, 2)))
        process = self.follow("--json")
        process.stdout.wait_for("a.test/2")
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(written("2026-11-20T12:00:00Z", url="https://a.test/3"))
        process.stdout.wait_for("a.test/3")
        os.unlink(self.path)
        self.append(written("2026-11-20T12:00:00Z", url="https://a.test/4"))
        process.stdout.wait_for("a.test/4")
        self.assertTrue(process.running)

    def test_a_flow_is_one_line_with_why_it_failed(self):
        proxy = self.proxy("--log", self.path, hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test")),
                                                      "bad.test:443": self.tls_server(self.pki.leaf("other.test"))})
        process = self.follow()
        self.tls_client(proxy, "good.test").get("/fine")
        self.tls_client(proxy, "bad.test").get("/x")
        process.stdout.wait_for(r"request  502 hostname_mismatch +\d+\.\d  GET https://bad\.test/x  \(.*bad\.test.*\)$")
        self.assertNotEqual(self.curl(proxy, "https://good.test/", trusting=False).returncode, 0)
        process.stdout.wait_for(r"client   client_untrusted_ca +good\.test from 127\.0\.0\.1:\d+  \(.+\)$")
        lines = process.stdout.text.splitlines()
        self.assertEqual([line.split()[2] for line in lines], ["event", "proxy", "request", "request", "client"])

    def test_a_flow_whose_client_left_before_its_request_says_why_its_server_failed(self):
        proxy = self.proxy("--log", self.path, hosts={"bad.test:443": self.tls_server(self.pki.leaf("other.test"))})
        process = self.follow("--filter", "bad.test")
        self.assertNotEqual(self.curl(proxy, "https://bad.test/", trusting=False).returncode, 0)
        process.stdout.wait_for(r"bad\.test")

    def test_what_is_no_log_and_a_file_that_is_not_there_end_it(self):
        self.assertIn("No such file", run(WHYTLS, "log", self.path, "--follow").stderr)
        self.append("nonsense\n")
        done = run(WHYTLS, "log", self.path, "--follow")
        self.assertEqual((done.returncode, done.stderr), (2, f"whytls: {self.path} is no log of whytls: line 1 is not JSON\n"))
        self.assertIn("takes one FILE", run(WHYTLS, "log", self.path, self.path, "--follow").stderr)

    def test_it_ends_with_its_reader_and_shows_a_pipes_lines_as_they_come(self):
        self.append(written("2026-11-20T12:00:00Z"))
        process = subprocess.Popen([WHYTLS, "log", self.path, "--follow"], stdout=subprocess.PIPE, env=environment())
        self.assertTrue(process.stdout.readline())
        process.stdout.close()
        process.wait(PATIENCE)
        process = subprocess.Popen([WHYTLS, "log", "-", "--follow"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment())
        process.stdin.write(written("2026-11-20T12:00:00Z", url="https://a.test/1").encode())
        process.stdin.flush()
        self.assertIn(b"time", process.stdout.readline())
        self.assertIn(b"a.test/1", process.stdout.readline())
        process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0)


class Secrets(Case):
    def test_redacted_parameters_and_user_information_are_in_no_line_and_no_answer(self):
        plain = self.server(servers.answering(servers.ok()))
        hosts = {"good.test:80": plain, "bad.test:443": self.tls_server(self.pki.leaf("other.test"))}
        proxy = self.proxy("--redact", "api_key", "--redact", "token", hosts=hosts)
        self.client(proxy).get("http://good.test/a?q=1&api_key=s3cret-a&tok%65n=s3cret-b")
        answers = [self.client(proxy).get("https://user:s3cret-c@bad.test/?API_KEY=s3cret-d"), self.client(proxy).get("ftp://u:s3cret-e@good.test/?token=s3cret-f"),
                   self.tls_client(proxy, "bad.test").get("/?token=s3cret-g")]
        client = self.client(proxy)
        client.send(b"GET http://u:s3cret-h@good.test/?token=s3cret-i HTTP/1.1\r\nX : y\r\n\r\n")
        answers.append(client.receive())
        client = self.client(proxy)
        client.send(b"CONNECT u:s3cret-j@good.test:443 HTTP/1.1\r\nHost: x\r\n\r\n")
        answers.append(client.receive())
        proxy.stop()
        with open(proxy.log_file, encoding="utf-8") as file:
            log = file.read()
        for text in (log, proxy.stderr.text, *(answer.text for answer in answers)):
            self.assertNotIn("s3cret", text)
        self.assertIn("http://good.test/a?q=1&api_key=***&tok%65n=***", log)

    def test_log_secrets_writes_urls_as_they_are(self):
        proxy = self.proxy("--redact", "token", "--log-secrets", hosts={"good.test:80": self.server(servers.answering(servers.ok()))})
        self.client(proxy).get("http://good.test/?token=s3cret")
        proxy.stop()
        self.assertIn("token=s3cret", next(line["url"] for line in proxy.log() if line["event"] == "request"))


class Events(Case):
    def test_a_client_that_took_the_certificate_is_logged_with_its_first_requests_id(self):
        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"))})
        client = self.tls_client(proxy, "good.test")
        client.get("/")
        client.get("/")
        proxy.stop()
        lines = [line for line in proxy.log() if line["event"] != "proxy"]
        self.assertEqual([line["event"] for line in lines], ["upstream_handshake", "client_handshake", "request", "request"])
        self.assertEqual(lines[1]["verdict"], "ok")
        self.assertEqual((lines[1]["sni"], lines[1]["client"]), ("good.test", lines[2]["client"]))
        self.assertEqual(len({line["id"] for line in lines[:3]}), 1)

    def test_each_refusal_of_a_client_is_logged_with_code_address_sni_and_fix(self):
        proxy = self.proxy("--log", "-", hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"))})
        for _ in range(2):
            self.assertNotEqual(self.curl(proxy, "https://good.test/", trusting=False).returncode, 0)
        proxy.process.stdout.wait_for(r'(?s)("code":"client_untrusted_ca".*){2}\n')
        proxy.stop()
        lines = [json.loads(line) for line in proxy.process.stdout.text.splitlines()]
        refused = [line for line in lines if line["event"] == "client_handshake"]
        self.assertEqual([line["code"] for line in refused], ["client_untrusted_ca"] * 2)
        for line in refused:
            self.assertEqual(line["sni"], "good.test")
            self.assertRegex(line["client"], r"^127\.0\.0\.1:\d+$")
            self.assertTrue(line["fix"])
            self.assertTrue(any(other["id"] == line["id"] for other in lines if other["event"] == "upstream_handshake"))
        self.assertEqual(proxy.stderr.text.count("[client_untrusted_ca]"), 1)  # on the terminal once in a while

    def test_a_failed_requests_time_holds_the_wait_for_its_server(self):
        def silent(connection):
            connection.recv(65536)
            connection.recv(1)  # until the proxy gives up

        proxy = self.proxy("--response-timeout", "0.3", hosts={"slow.test:80": self.server(silent)})
        self.assertEqual(self.client(proxy).get("http://slow.test/").status, 504)
        proxy.stop()
        request = next(line for line in proxy.log() if line["event"] == "request")
        self.assertEqual(request["code"], "upstream_timeout")
        self.assertGreaterEqual(request["timing_ms"]["total"], 300)
        self.assertIn("1 request, 1 failed request: upstream_timeout", proxy.stderr.text)

    def test_start_stop_and_a_lack_of_descriptors_are_events(self):
        path = os.path.join(self.directory, "log")
        process = self.started(Process([WHYTLS, "proxy", "--listen", "127.0.0.1:0", "--ca-dir", os.path.join(self.directory, "ca"), "--ui", "off",
                                        "--workers", "1", "--log", path],
                                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))))
        port = int(process.stderr.wait_for(r"^listening on 127\.0\.0\.1:(\d+)")[1])
        for _ in range(40):
            self.addCleanup(socket.create_connection(("127.0.0.1", port), PATIENCE).close)
        process.stderr.wait_for("descriptors run out")
        self.assertEqual(process.stop(), 0)
        with open(path, encoding="utf-8") as file:
            events = [json.loads(line) for line in file]
        self.assertEqual([line["what"] for line in events if line["event"] == "proxy"], ["started", "descriptors exhausted", "stopped"])
        self.assertTrue(all(line["time"] for line in events))


class Hostile(Case):
    def test_a_terminal_gets_escapes_in_place_of_what_it_would_obey(self):
        path = os.path.join(self.directory, "hostile")
        with open(path, "w", encoding="utf-8") as file:
            file.write(written("2026-01-01T00:00:00Z", url="https://a.test/\x7f\u009b31m").replace("\\u009b", "\u009b").replace("\\u007f", "\x7f"))
        read = run(WHYTLS, "log", "--json", path)
        self.assertIn(r"https://a.test/\u007f\u009b31m", read.stdout)
        self.assertEqual(json.loads(read.stdout)["url"], "https://a.test/\x7f\u009b31m")


class Summary(Case):
    def test_on_exit_each_host_has_a_line_those_with_failures_first(self):
        hosts = {"good.test:443": self.tls_server(self.pki.leaf("good.test")), "bad.test:443": self.tls_server(self.pki.leaf("other.test"))}
        proxy = self.proxy("--workers", "3", hosts=hosts)
        client = self.tls_client(proxy, "good.test")
        for _ in range(3):
            client.get("/")
        for _ in range(2):
            self.tls_client(proxy, "bad.test").get("/")
        proxy.stop()
        self.assertEqual(proxy.stderr.text.splitlines()[-2:], ["bad.test:443   2 requests, 2 failed handshakes: hostname_mismatch x2", "good.test:443  3 requests"])

    def test_a_proxy_that_was_asked_nothing_sums_up_nothing(self):
        proxy = self.proxy()
        proxy.stop()
        self.assertTrue(proxy.stderr.text.splitlines()[-1].startswith("listening on"))


# Not over HTTP/2: user names in an authority, which are no HTTP/2.
SecretsOverHttp2 = over_http2(Secrets, "test_redacted_parameters_and_user_information_are_in_no_line_and_no_answer")


if __name__ == "__main__":
    main()
