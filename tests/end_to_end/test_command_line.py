"""Starting: what is asked for wrongly or cannot be had ends at once with one line that names it, and nothing half-written."""
import fcntl
import os
import pty
import re
import resource
import signal
import socket
import stat
import struct
import subprocess
import termios
import time
import unittest

from harness import Case, main, servers
from processes import PATIENCE, SOURCE, WHYTLS, environment, run


class CommandLine(Case):
    def shown(self, ca_dir):
        """What `ca show` does where there is no keytool to ask, which takes a second and more."""
        return run(WHYTLS, "ca", "show", "--ca-dir", ca_dir, env=environment() | {"PATH": self.directory})

    def refused(self, code, *arguments, says=()):
        """One line on stderr, that exit code, nothing on stdout, nothing made; the line."""
        ca_dir = os.path.join(self.directory, "never")
        done = run(WHYTLS, "proxy", "--listen", "127.0.0.1:0", "--ca-dir", ca_dir, *arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for part in says:
            self.assertIn(part, done.stderr)
        return done.stderr

    def test_an_unreadable_trust_file_is_named(self):
        missing = os.path.join(self.directory, "missing.pem")
        self.refused(2, "--trust", missing, says=[missing])
        self.refused(2, "--trust", self.directory, says=[self.directory])

    def test_a_trust_file_that_is_no_pem_is_named(self):
        path = os.path.join(self.directory, "garbage.pem")
        for text in ("hello\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\n"):
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            self.refused(2, "--trust", path, says=[path])

    def test_a_port_in_use_is_named(self):
        taken = self.server(servers.silent)
        self.refused(1, "--trust", self.pki.trust, "--listen", f"127.0.0.1:{taken.port}", says=[f"127.0.0.1:{taken.port}"])

    def test_a_second_proxy_on_the_same_port_is_refused(self):
        proxy = self.proxy()
        self.refused(1, "--trust", self.pki.trust, "--listen", f"127.0.0.1:{proxy.port}", says=[f"127.0.0.1:{proxy.port}"])

    def started_with_closed(self, streams):
        """A proxy that was started without those descriptors, and its port."""
        name = "-".join(map(str, streams))
        log = os.path.join(self.directory, f"log-{name}")
        process = subprocess.Popen([WHYTLS, "proxy", "--listen", "127.0.0.1:0", "--ca-dir", os.path.join(self.directory, f"ca-{name}"),
                                    "--ui", "off", "--trust", self.pki.trust, "--log", log], env=environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=lambda: list(map(os.close, streams)))
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        deadline = time.monotonic() + PATIENCE
        while True:
            self.assertLess(time.monotonic(), deadline, "it does not start")
            self.assertIsNone(process.poll())
            if os.path.exists(log):
                with open(log, encoding="utf-8") as file:
                    started = re.search(r'127\.0\.0\.1:(\d+)".*\n', file.read())
                if started:
                    return process, int(started[1])
            time.sleep(0.01)

    def test_a_standard_stream_that_is_closed_is_not_taken_for_a_socket(self):
        for streams in ((0,), (1,), (2,), (1, 2), (0, 1, 2)):
            with self.subTest(closed=streams):
                process, port = self.started_with_closed(streams)
                for _ in range(3):
                    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
                        client.sendall(b"GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: 127.0.0.1:1\r\nConnection: close\r\n\r\n")
                        self.assertEqual(client.recv(12), b"HTTP/1.1 502")  # which stderr is told
                process.terminate()
                self.assertEqual(process.wait(PATIENCE), 0)

    def test_a_closed_standard_output_is_an_error_of_what_is_printed(self):
        for arguments in (["--version"], ["explain", "expired"]):
            done = subprocess.run([WHYTLS, *arguments], env=environment(), stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False,
                                  preexec_fn=lambda: os.close(1))
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("standard output", done.stderr)

    def test_a_log_at_the_limit_for_files_does_not_end_the_proxy(self):
        limit = 4096
        proxy = self.proxy(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        for _ in range(40):
            self.assertEqual(self.client(proxy).get("http://127.0.0.1:1/").status, 502)
        proxy.stop()
        self.assertLessEqual(os.path.getsize(proxy.log_file), limit)

    def test_a_ca_directory_that_cannot_be_made_is_named(self):
        blocked = os.path.join(self.directory, "file")
        with open(blocked, "w", encoding="ascii"):
            pass
        for path in (os.path.join(blocked, "ca"), "/proc/whytls-ca"):
            done = run(WHYTLS, "proxy", "--listen", "127.0.0.1:0", "--ui", "off", "--ca-dir", path)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn(path, done.stderr)

    @unittest.skipIf(os.geteuid() == 0, "root writes everywhere")
    def test_a_ca_directory_that_cannot_be_written_is_named(self):
        path = os.path.join(self.directory, "ca")
        os.mkdir(path, 0o500)
        done = run(WHYTLS, "proxy", "--listen", "127.0.0.1:0", "--ui", "off", "--ca-dir", path)
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1), done.stderr)
        self.assertIn(path, done.stderr)
        self.assertEqual(os.listdir(path), [])

    def test_a_ca_directory_that_not_even_root_can_make_is_named(self):
        parent = os.path.join(self.directory, "file")
        with open(parent, "w", encoding="ascii"):
            pass
        for path in (os.path.join(parent, "ca"), "/proc/whytls"):
            done = run(WHYTLS, "proxy", "--listen", "127.0.0.1:0", "--ui", "off", "--ca-dir", path)
            self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1), done.stderr)
            self.assertIn(path, done.stderr)

    def test_a_log_that_cannot_be_written_is_named(self):
        path = os.path.join(self.directory, "none", "log")
        self.refused(2, "--trust", self.pki.trust, "--log", path, says=["--log", path])

    def test_a_ca_directory_with_another_programs_files_is_left_as_it_is(self):
        path = os.path.join(self.directory, "foreign")
        os.mkdir(path, 0o700)
        with open(os.path.join(path, "ca.pem"), "w", encoding="ascii") as file:
            file.write("not a certificate\n")
        done = run(WHYTLS, "proxy", "--listen", "127.0.0.1:0", "--ui", "off", "--ca-dir", path, "--trust", self.pki.trust)
        self.assertIn(done.returncode, (1, 2))
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn(path, done.stderr)
        with open(os.path.join(path, "ca.pem"), encoding="ascii") as file:
            self.assertEqual(file.read(), "not a certificate\n")

    def test_a_trust_directory_without_a_certificate_is_named(self):
        empty = os.path.join(self.directory, "empty")
        os.mkdir(empty)
        self.refused(2, "--trust", empty, says=[empty, "no certificate"])

    def test_what_is_no_option_or_command_is_named_with_what_may_have_been_meant(self):
        for words, said in (("proxy --no-such-option", "whytls proxy: no option --no-such-option (whytls proxy --help)"),
                            ("check --reslove a:1:b a.test", "whytls check: no option --reslove; did you mean --resolve? (whytls check --help)"),
                            ("check --reslove=http://me:s3cret@a.test", "whytls check: no option --reslove; did you mean --resolve? (whytls check --help)"),
                            ("--listn x", "whytls: no option --listn; did you mean --listen? (whytls --help)"),
                            ("check a.test --listen 127.0.0.1:1", "whytls check: no option --listen; it is one of whytls proxy (whytls check --help)"),
                            ("verify x.pem --connect-to y", "whytls verify: no option --connect-to; it is one of whytls check (whytls verify --help)"),
                            ("chekc a.test", "whytls: no command 'chekc'; did you mean check? (whytls --help)"),
                            ("curl -sS https://a.test/", "whytls: no command 'curl'; did you mean whytls exec -- curl …? (whytls --help)"),
                            ("ca shwo", "whytls ca: no command 'shwo'; did you mean show? (whytls ca --help)"),
                            ("ca", "whytls ca: takes one of show, export, issue, install, uninstall, rotate (whytls ca --help)"),
                            ("proxy http://me:s3cret@a.test", "whytls proxy: takes no argument, and 'http://***@a.test' is one (whytls proxy --help)"),
                            ("check a.test --resolve", "whytls check: --resolve takes HOST:PORT:ADDR[:PORT][,ADDR...], and none is given (whytls check --help)"),
                            ("proxy --workers many", "whytls proxy: --workers takes NUMBER, not 'many' (whytls proxy --help)")):
            with self.subTest(words):
                done = run(WHYTLS, *words.split())
                self.assertEqual((done.returncode, done.stdout, done.stderr), (2, "", said + "\n"))

    def test_an_empty_pattern_or_no_worker_is_refused(self):
        self.refused(2, "--insecure=", says=["--insecure="])
        self.refused(2, "--workers", "0", says=["--workers", "1 to 1024"])

    def test_a_value_that_an_option_does_not_take_is_named_with_what_it_takes(self):
        for option, value in (("--listen", "nonsense"), ("--listen", "127.0.0.1:99999"), ("--resolve", "a:b:c"), ("--at", "yesterday"),
                              ("--tls-min", "1.1"), ("--detail", "some"), ("--connect-timeout", "-1"), ("--workers", "many")):
            with self.subTest(option=option, value=value):
                self.refused(2, option, value, says=[option])

    def test_a_parent_proxy_is_a_url_that_is_never_repeated(self):
        for url in ("socks5://me:s3cret@proxy.test", "http://me:s3cret@proxy.test/path"):
            with self.subTest(url):
                self.assertNotIn("s3cret", self.refused(2, "--upstream-proxy", url, says=["--upstream-proxy takes", "https://HOST:PORT"]))
        for misspelt in (["--upstream-proxi", "http://me:s3cret@proxy.test"], ["--upstream-proxi=http://me:s3cret@proxy.test"]):
            self.assertNotIn("s3cret", self.refused(2, *misspelt, says=["--upstream-proxi"]))

    def test_what_is_repeated_moves_no_terminal_and_shows_no_password(self):
        config, hosts = (os.path.join(self.directory, name) for name in ("config.toml", "hosts"))
        with open(config, "w", encoding="ascii") as file:
            file.write('"\\u001b[31mx" = 1\n')
        with open(hosts, "w", encoding="utf-8") as file:
            file.write("https://u:s3cret@host/\x1b[31m\n")
        for command in (["proxy", "--config", config], ["proxy", "--log", "/nowhere/\x1b[31m", "--ca-dir", os.path.join(self.directory, "ca")],
                        ["proxy", "--detail", "\x1b[31m"], ["proxy", "--\x1b[31m"], ["check", "--hosts", hosts], ["check", "u:s3cret@host/\x9b31m"],
                        ["log", "/nowhere/\x1b[31m"]):
            with self.subTest(command):
                done = run(WHYTLS, *command)
                self.assertIn(done.returncode, (1, 2))
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertNotRegex(done.stderr.rstrip("\n"), "[\x00-\x1f\x7f-\x9f]|s3cret")

    def test_a_ca_key_that_others_can_read_is_warned_of(self):
        proxy = self.proxy()
        proxy.stop()
        self.assertNotIn("private key", proxy.stderr.text)
        key = os.path.join(proxy.ca_dir, "ca-key.pem")
        os.chmod(key, 0o640)
        again = self.proxy("--ca-dir", proxy.ca_dir)
        again.stop()
        warning = f"warning: {key}: this private key is readable by others"
        self.assertIn(warning, again.stderr.text)
        self.assertIn(warning, self.shown(proxy.ca_dir).stderr)

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a file away")
    def test_a_ca_key_of_another_user_is_warned_of(self):
        proxy = self.proxy()
        proxy.stop()
        os.chown(os.path.join(proxy.ca_dir, "ca-key.pem"), 65534, -1)
        self.assertIn("belongs to another user", self.shown(proxy.ca_dir).stderr)

    def test_listening_beyond_loopback_needs_to_be_meant(self):
        self.refused(2, "--listen", "0.0.0.0:0", says=["0.0.0.0", "--allow-remote"])
        self.refused(2, "--listen", "[::]:0", says=["--allow-remote"])

    def test_an_address_that_no_interface_has_is_told_as_that(self):
        for option in ("--listen", "--transparent"):
            self.refused(1, option, "192.0.2.1:8443", "--allow-remote", "--allow-anonymous", says=[f"{option} 192.0.2.1:8443: no interface of this machine has that address"])

    def test_several_listeners_all_serve(self):
        proxy = self.proxy("--listen", "127.0.0.1:0")
        first, second = (proxy.stderr.wait_for(r"(?s)listening on 127\.0\.0\.1:(\d+).*listening on 127\.0\.0\.1:(\d+)").groups())
        self.assertNotEqual(first, second)
        for port in (first, second):
            self.assertIn("ca.pem", run("curl", "-sS", f"http://127.0.0.1:{port}/").stdout)

    def test_help_is_a_word_too(self):
        for words, same in ((["help"], ["--help"]), (["help", "check"], ["check", "--help"]), (["help", "ca", "install"], ["ca", "install", "--help"])):
            told, expected = run(WHYTLS, *words), run(WHYTLS, *same)
            self.assertEqual((told.returncode, told.stdout), (0, expected.stdout))
            self.assertIn("--help", told.stdout)

    def test_help_for_a_command_that_does_not_exist_is_a_mistake(self):
        for words in (("help", "chek"), ("chek", "--help")):
            done = run(WHYTLS, *words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn("no command 'chek'; did you mean check?", done.stderr)

    def test_help_and_version_print_and_succeed(self):
        for arguments in (["--help"], ["proxy", "--help"], ["ca", "--help"], ["--version"]):
            done = run(WHYTLS, *arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
            self.assertRegex(done.stdout, "Usage: |whytls [0-9]")
        for option in ("--listen", "--ca-dir", "--trust", "--resolve", "--log", "--insecure", "--passthrough"):
            self.assertIn(option, run(WHYTLS, "proxy", "--help").stdout)

    def test_version_names_the_commit_and_the_libraries_a_line_each(self):
        first, *lines = run(WHYTLS, "--version").stdout.splitlines()
        self.assertRegex(first, r"^whytls [0-9]+\.[0-9]+\.[0-9]+$")
        if os.path.exists(os.path.join(SOURCE, ".git")):
            commit = lines.pop(0)
            self.assertRegex(commit, "^commit [0-9a-f]{12}$")
            self.assertEqual(run("git", "-C", SOURCE, "cat-file", "-t", commit.split()[1]).stdout, "commit\n")
        for name, line in zip(("wolfSSL", "libidn2", "llhttp", "nghttp2", "zlib", "brotli", "zstd", "libuv", "libqrencode", "SQLite"), lines, strict=True):
            self.assertRegex(line, rf"^{name} [0-9]+\.[0-9]+")

    def on_terminal(self, width, *command):
        """What a command prints on a terminal of that many columns."""
        terminal, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        with subprocess.Popen([WHYTLS, *command], stdout=side, env=environment() | {"TERM": "dumb"}) as process:
            os.close(side)
            printed = b""
            try:
                while piece := os.read(terminal, 65536):
                    printed += piece
            except OSError:  # EIO: the other side is closed
                pass
            process.wait(PATIENCE)
        os.close(terminal)
        return printed.decode().replace("\r\n", "\n")

    def test_help_and_reports_are_as_wide_as_the_terminal_between_60_and_120_columns(self):
        chain = self.pki.leaf("wrong.test").chain
        commands = (["proxy", "--help"], ["check", "--help"], ["explain", "missing_intermediate"],
                    ["verify", chain, "--host", "api.test", "--trust", self.pki.trust])
        for given, most in ((40, 60), (72, 72), (110, 110), (300, 120)):
            for command in commands:
                with self.subTest(width=given, command=command[0]):
                    lines = self.on_terminal(given, *command).splitlines()
                    widest = max(len(line) for line in lines if not line.startswith("  whytls "))  # examples are not broken
                    self.assertLessEqual(widest, most)
                    self.assertGreater(widest, most - 12, "as wide as it may be")

    def test_every_command_answers_version(self):
        whole = run(WHYTLS, "--version").stdout
        self.assertTrue(whole.startswith("whytls "))
        for command in ("proxy", "exec", "check", "verify", "explain", "log", "ca", "ca show", "config"):
            for option in ("--version", "-V"):
                done = run(WHYTLS, *command.split(), option)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, whole, ""), command)

    def test_help_has_groups_and_examples(self):
        for command, groups in (("proxy", ["Listening", "Verification", "Reaching the server", "Limits", "What is reported", "The program"]),
                                ("check", ["Verification", "Reaching the server", "What is reported", "The program"])):
            text = run(WHYTLS, command, "--help").stdout
            self.assertEqual([line[:-1] for line in text.splitlines() if line.endswith(":") and not line.startswith(" ") and line[:-1] in groups], groups)
            self.assertIn("Examples:\n  whytls " + command, text)
        self.assertNotIn("\nOptions:", run(WHYTLS, "proxy", "--help").stdout, "an option without a group")

    def test_a_reader_that_leaves_ends_a_command_without_a_word(self):
        for command in (["explain", "--list"], ["proxy", "--help"], ["check", "--hosts", "-", "--json"]):
            with self.subTest(command):
                reading, writing = os.pipe()
                os.close(reading)
                done = subprocess.run([WHYTLS, *command], input=b"[::1]:1\n", stdout=writing, stderr=subprocess.PIPE, env=environment(),
                                      timeout=PATIENCE, check=False)
                os.close(writing)
                self.assertEqual(done.stderr, b"")
                self.assertIn(done.returncode, (-signal.SIGPIPE, 128 + signal.SIGPIPE))

    def test_show_makes_no_ca_and_says_where_it_is_installed(self):
        none = os.path.join(self.directory, "none")
        shown = run(WHYTLS, "ca", "show", "--ca-dir", none)
        self.assertEqual((shown.returncode, shown.stdout, os.path.exists(none)), (1, "", False))
        self.assertIn(f"there is none in {none} yet: whytls proxy makes one", shown.stderr)
        self.assertEqual(run(WHYTLS, "ca", "export", "--ca-dir", none).returncode, 0)
        self.assertIn(f"installed    nowhere yet: whytls ca install --ca-dir {none}\n", run(WHYTLS, "ca", "show", "--ca-dir", none).stdout)

    def test_the_start_names_the_page_the_proxy_variable_and_the_ca(self):
        proxy = self.proxy("--at", "2026-01-02T03:04:05Z")
        proxy.stop()
        url = f"http://127.0.0.1:{proxy.port}"
        self.assertIn(f"listening on 127.0.0.1:{proxy.port} (page {url}/; https_proxy={url}; this system does not trust its CA yet: "
                      f"whytls ca install --ca-dir {proxy.ca_dir})\n", proxy.stderr.text)
        self.assertRegex(proxy.stderr.text, r"verified as if it were 2026-01-02 03:04:05 UTC \(--at\); this machine's clock says 20")

    def test_verbose_says_each_request_in_one_line_with_its_secrets_masked(self):
        server = self.server(servers.answering(servers.ok(b"ok")))
        proxy = self.proxy("-v", "--redact", "token")
        url = f"http://127.0.0.1:{server.port}/a?token="
        self.assertEqual(run("curl", "-sS", "-x", proxy.url, url + "s3cret").stdout, "ok")
        proxy.stderr.wait_for(rf"^GET {re.escape(url)}\*\*\* 200, 2 bytes in \d+ ms$")
        self.assertNotIn("s3cret", proxy.stderr.text)

    def test_the_ca_is_made_once_and_for_its_user_alone(self):
        proxy = self.proxy()
        ca_dir = proxy.ca_dir
        self.assertEqual(stat.S_IMODE(os.stat(ca_dir).st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(ca_dir, "ca-key.pem")).st_mode), 0o600)
        with open(proxy.ca_file, "rb") as file:
            made = file.read()
        proxy.stop()
        exported = run(WHYTLS, "ca", "export", "--ca-dir", ca_dir)
        self.assertEqual((exported.returncode, exported.stdout.encode()), (0, made))
        shown = run("openssl", "x509", "-in", proxy.ca_file, "-noout", "-fingerprint", "-sha256", "-ext", "basicConstraints,keyUsage")
        self.assertIn("CA:TRUE", shown.stdout)
        self.assertIn("Certificate Sign", shown.stdout)
        fingerprint = shown.stdout.splitlines()[0].split("=")[1]
        show = self.shown(ca_dir)
        self.assertEqual(show.returncode, 0)
        self.assertIn(fingerprint.replace(":", "").lower(), show.stdout.replace(":", "").lower())
        self.assertIn(proxy.ca_file, show.stdout)

    def test_processes_that_start_together_agree_on_one_ca(self):
        ca_dir = os.path.join(self.directory, "together")
        started = [subprocess.Popen([WHYTLS, "ca", "export", "--ca-dir", ca_dir], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(6)]
        printed = {one.communicate(timeout=60)[0] for one in started}
        self.assertEqual([one.returncode for one in started], [0] * 6)
        self.assertEqual(len(printed), 1)
        self.assertEqual(sorted(name for name in os.listdir(ca_dir) if name.endswith(".pem")), ["ca-key.pem", "ca.pem"])


if __name__ == "__main__":
    main()
