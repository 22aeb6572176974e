"""whytls exec: a command with a proxy of its own. Here the process: exit codes, signals, streams, terminal, what is left behind."""
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time

from harness import Case, main, servers
from processes import PATIENCE, WHYTLS, Process, descendants, environment, is_running, run


def endless(connection):
    """An answer that goes on for as long as somebody reads it."""
    servers.Requests(connection).head()
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    servers.trickle(connection, b"1\r\nx\r\n")


class Exec(Case):
    def setUp(self):
        super().setUp()
        self.temporary = os.path.join(self.directory, "tmp")
        os.mkdir(self.temporary)
        self.outside = environment() | {"TMPDIR": self.temporary, "HOME": self.directory}

    def options(self):
        good = self.tls_server(self.pki.leaf("good.test"))
        wrong = self.tls_server(self.pki.leaf("other.test"))
        return ["--trust", self.pki.trust, "--resolve", f"good.test:443:127.0.0.1:{good.port}", "--resolve", f"wrong.test:443:127.0.0.1:{wrong.port}"]

    def exec(self, *arguments, **named):
        before = os.listdir(self.directory)
        done = run(WHYTLS, "exec", *arguments, env=named.pop("env", self.outside), **named)
        self.assert_nothing_left()
        if "--ca-dir" not in arguments:
            self.assertEqual(os.listdir(self.directory), before, "its home was changed")
        return done

    def assert_nothing_left(self):
        self.assertEqual(os.listdir(self.temporary), [])
        self.assertNotIn(".local", os.listdir(self.directory), "a CA was left behind")


class Traffic(Exec):
    def test_a_command_that_knows_nothing_of_it_reaches_a_good_server_and_not_a_word_is_said(self):
        done = self.exec(*self.options(), "--", "curl", "-sS", "https://good.test/")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "hello", ""))

    def test_a_failure_is_told_as_it_happens_and_once_more_at_the_end(self):
        done = self.exec(*self.options(), "--", "curl", "-sS", "https://wrong.test/", "https://good.test/")
        self.assertIn("hostname_mismatch", done.stdout)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr.splitlines(), [
            "whytls: wrong.test:443: the certificate is genuine, but it is for other.test, not for wrong.test [hostname_mismatch]",
            "whytls: wrong.test:443  1 request, 1 failed handshake: hostname_mismatch"])

    def test_fail_on_tls_makes_a_failed_handshake_the_exit_code_where_the_command_was_content(self):
        options = self.options()
        for url, command, code in (("https://good.test/", "exit 0", 0), ("https://wrong.test/", "exit 0", 1), ("https://wrong.test/", "exit 9", 9)):
            done = self.exec(*options, "--fail-on-tls", "--", "sh", "-c", f"curl -s {url}; {command}")
            self.assertEqual(done.returncode, code, (url, command))

    def test_the_users_own_proxy_becomes_the_proxys_parent(self):
        parent = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"))})
        outside = self.outside | {"HTTPS_PROXY": parent.url, "SSL_CERT_FILE": parent.ca_file}
        done = self.exec("--", "curl", "-sS", "https://good.test/", env=outside)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "hello", ""))
        parent.stop()
        self.assertEqual([line["status"] for line in parent.log() if line["event"] == "request"], [200])

    def test_a_client_that_has_a_trust_of_its_own_is_told_and_not_to_install_a_ca_that_ends_with_the_command(self):
        done = self.exec(*self.options(), "--", "curl", "-sS", "--cacert", self.pki.trust, "https://good.test/")
        self.assertEqual(done.returncode, 60)
        self.assertRegex(done.stderr, r"whytls: client 127\.0\.0\.1:\d+: the client does not trust the local CA .*\[client_untrusted_ca\]")
        self.assertIn("--cacert", done.stderr)
        self.assertNotIn("ca install", done.stderr)

    def test_a_live_page_that_is_asked_for_is_there_and_its_address_is_told(self):
        process = self.started(Process([WHYTLS, "exec", "--ui", "127.0.0.1:0", "--", "sleep", "1000"], env=self.outside))
        page = process.stderr.wait_for(r"^whytls: live page (http://127\.0\.0\.1:\d+/)$")[1]
        self.assertIn("<title>", run("curl", "-sS", page).stdout)
        self.assertEqual(process.stop(), 128 + signal.SIGTERM)

    def test_what_is_under_way_in_the_background_does_not_outlive_the_command_for_long(self):
        server = self.tls_server(self.pki.leaf("endless.test"), endless)
        options = ["--trust", self.pki.trust, "--resolve", f"endless.test:443:127.0.0.1:{server.port}"]
        got = os.path.join(self.shared, "got")
        script = f"curl -sN https://endless.test/ -o {got} >/dev/null 2>&1 & until [ -s {got} ]; do :; done; exit 4"
        done = self.exec(*options, "--", "sh", "-c", script, timeout=PATIENCE)
        self.assertEqual(done.returncode, 4, done.stderr)

    def test_the_own_page_tells_the_ca_and_not_to_install_it(self):
        done = self.exec("--", "curl", "-sS", "http://why.tls/")
        self.assertIn("whytls is running", done.stdout)
        self.assertNotIn("ca install", done.stdout)

    def test_what_follows_the_first_dashes_is_the_commands_and_so_is_what_follows_its_name(self):
        for arguments in (["--", "echo", "--", "-v", "proxy"], ["echo", "--", "-v", "proxy"], ["--tls-min", "1.3", "-v", "echo", "--", "-v", "proxy"]):
            done = self.exec(*arguments)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "-- -v proxy\n", ""), arguments)

    def test_a_mistake_in_the_command_line_is_one_line_that_names_it(self):
        for arguments, said in ((["--nosuch", "--", "true"], "--nosuch"), (["--reverse", "https://a.test", "--", "true"], "--reverse"),
                                ([], "exec takes a command"), (["--print-env", "sh", "--", "true"], "runs no command, and 'true' is given"),
                                (["--print-env=bash"], "--print-env takes sh, fish or json, not 'bash'"), (["--log", "-", "--", "true"], "--log -")):
            done = self.exec(*arguments)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)
            self.assertIn(said, done.stderr)


class TheProcess(Exec):
    def test_its_exit_code_is_the_commands_also_where_there_is_no_such_command_or_a_signal_ended_it(self):
        plain = os.path.join(self.directory, "plain")
        with open(plain, "w", encoding="ascii") as file:
            file.write("echo a script without a first line; exit 5\n")
        for command, code, said in ((["sh", "-c", "exit 42"], 42, ""), (["sh", "-c", "kill -TERM $$"], 128 + signal.SIGTERM, ""),
                                    (["sh", "-c", "kill -KILL $$"], 128 + signal.SIGKILL, ""),
                                    (["no-such-command"], 127, "whytls: no-such-command: command not found: no directory of PATH has it\n"),
                                    (["./no/such"], 127, "whytls: ./no/such: No such file or directory\n"),
                                    ([plain], 126, f"whytls: {plain}: not executable: Permission denied\n"),
                                    ([self.directory], 126, f"whytls: {self.directory}: is a directory, not a command\n")):
            done = self.exec("--", *command)
            self.assertEqual((done.returncode, done.stderr), (code, said), command)
        os.chmod(plain, 0o755)
        done = self.exec("--", plain)
        self.assertEqual((done.returncode, done.stdout), (5, "a script without a first line\n"))

    def test_a_script_whose_interpreter_is_missing_is_told_which_one_and_ends_as_in_a_shell(self):
        path = os.path.join(self.directory, "script")
        for first, said in ((b"#!/no/such/python3 -u\n", "its interpreter /no/such/python3, which its first line names, is not there"),
                            (b"#! /bin/sh\r\n", 'its first line ends with a carriage return, so its interpreter is sought as "/bin/sh\\r"')):
            with open(path, "wb") as file:
                file.write(first + b"exit 3\n")
            os.chmod(path, 0o755)
            in_a_shell = run("sh", "-c", path).returncode
            for command, env in ((path, environment()), ("script", environment() | {"PATH": self.directory})):
                done = run(WHYTLS, "exec", "--", command, env=env)
                self.assertEqual(done.returncode, in_a_shell)
                self.assertIn(f"whytls: {path}: {said}", done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1)

    def test_a_shells_words_that_are_no_command_are_told_with_what_makes_them_one(self):
        for command, said in ((["echo a | tr a b"], "exec -- sh -c 'echo a | tr a b'"), (["./x y && z"], "exec -- sh -c './x y && z'"),
                              (["echo $HOME"], "exec -- sh -c 'echo $HOME'"), (["KEY=s3cret", "B=2", "echo", "a b"], "exec -- env KEY=… …")):
            done = self.exec("--", *command)
            self.assertEqual(done.returncode, 127)
            self.assertTrue(done.stderr.endswith(f"; did you mean whytls {said}?\n"), done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)
            self.assertNotIn("s3cret", done.stderr)
        named = os.path.join(self.directory, "a b=c")  # what there is, is run whatever its name
        with open(named, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\nexit 6\n")
        os.chmod(named, 0o755)
        self.assertEqual(self.exec("--", named).returncode, 6)

    def test_its_help_has_its_own_usage_and_defaults(self):
        text = self.exec("--help").stdout
        self.assertIn("Usage: whytls exec [options] [--] COMMAND [ARG ...]\n", text)
        self.assertNotIn("127.0.0.1:8081", text)
        self.assertNotIn(".local/share", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 100)

    def test_who_waits_for_the_end_of_printed_settings_is_told_that_there_is_none(self):
        waiting = self.started(Process(["sh", "-c", f'eval "$({WHYTLS} exec --print-env)"'], env=self.outside, start_new_session=True))
        waiting.stderr.wait_for(r"^whytls: .*; \$\(…\) waits for that end: whytls exec --print-env sh >FILE &, then \. FILE$")
        os.killpg(waiting.pid, signal.SIGTERM)
        waiting.wait()

    def test_standard_input_and_output_are_the_commands(self):
        done = subprocess.run([WHYTLS, "exec", "--", "sh", "-c", "cat; echo said >&2"], input=b"\0\xffbytes" * 100_000, capture_output=True,
                              env=self.outside, timeout=PATIENCE, check=True)
        self.assertEqual((done.stdout == b"\0\xffbytes" * 100_000, done.stderr), (True, b"said\n"))

    def test_the_command_inherits_what_whytls_was_given_and_no_more(self):
        # Of signals the first 31: glibc's posix_spawn has its own two ignored.
        program = ("import os, json, resource, signal; print(json.dumps([sorted(map(int, os.listdir('/proc/self/fd')))[:-1], "
                   "resource.getrlimit(resource.RLIMIT_NOFILE), [int(line.split()[1], 16) & 0x7fffffff for line in open('/proc/self/status') if line.startswith(('SigBlk', 'SigIgn'))], "
                   "os.getpgrp(), os.getsid(0)]))")
        here = run(sys.executable, "-c", program, env=self.outside)
        there = self.exec("--", sys.executable, "-c", program)
        self.assertEqual(json.loads(there.stdout), json.loads(here.stdout))

    def test_variables_that_are_not_of_the_table_pass_as_they_are_and_the_users_words_stay(self):
        outside = self.outside | {"ODD": "a=b\n'\"", "NODE_OPTIONS": "--no-warnings", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "a.b",
                                  "GIT_CONFIG_VALUE_0": "c", "NPM_CONFIG_PROXY": "http://other.test"}
        done = self.exec("--", sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))", env=outside)
        inside = json.loads(done.stdout)
        self.assertEqual((inside["ODD"], inside["GIT_CONFIG_COUNT"], inside["GIT_CONFIG_KEY_0"], inside["GIT_CONFIG_KEY_1"]),
                         (outside["ODD"], "3", "a.b", "http.proxy"))
        self.assertRegex(inside["NODE_OPTIONS"], r"^--no-warnings --require=/.*/preload\.cjs$")
        self.assertNotIn("NPM_CONFIG_PROXY", inside)

    def begun(self, *command):
        """A command that has said "begun"."""
        process = self.started(Process([WHYTLS, "exec", "--", *command], env=self.outside))
        process.stdout.wait_for("^begun\n")  # without its end, the command is still at writing that
        return process

    def test_a_signal_that_is_for_whytls_goes_to_the_command_and_nothing_is_left(self):
        caught = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
        program = ("import signal, sys\n"
                   f"for each in {[int(number) for number in caught]}:\n"
                   "    signal.signal(each, lambda number, frame: (print('got', number), sys.exit(3)))\n"
                   "print('begun', flush=True)\n"
                   "signal.pause()\n")
        for number in caught:
            process = self.begun(sys.executable, "-c", program)
            self.assertEqual(len(os.listdir(self.temporary)), 1)
            process.send(number)
            self.assertEqual((process.wait(), process.stdout.text), (3, f"begun\ngot {int(number)}\n"))
            self.assert_nothing_left()

    def test_whoever_is_outside_does_not_trust_it(self):
        process = self.started(Process([WHYTLS, "exec", *self.options(), "--", "sh", "-c", "echo $https_proxy; exec sleep 1000"], env=self.outside))
        url = process.stdout.wait_for(r"^http://127\.0\.0\.1:\d+$")[0]
        done = run("curl", "-sS", "--proxy", url, "https://good.test/", env=self.outside)
        self.assertEqual(done.returncode, 60, done.stderr)
        self.assertEqual(process.stop(), 128 + signal.SIGTERM)
        self.assert_nothing_left()

    def test_killed_it_takes_its_command_with_it_and_the_next_one_clears_up(self):
        process, other = self.begun("sh", "-c", "echo begun; exec sleep 1000"), self.begun("sh", "-c", "echo begun; exec sleep 1000")
        kept = descendants(process.pid)
        self.assertTrue(kept)
        process.send(signal.SIGKILL)
        process.wait()
        self.assert_gone(kept)
        self.assertEqual(len(os.listdir(self.temporary)), 2)
        self.assertEqual(run(WHYTLS, "exec", "--", "true", env=self.outside).returncode, 0)
        self.assertEqual(len(os.listdir(self.temporary)), 1, "what the other one uses")
        self.assertEqual(other.stop(), 128 + signal.SIGTERM)
        self.assert_nothing_left()

    def test_a_wgetrc_that_is_a_pipe_is_not_waited_for(self):
        pipe = os.path.join(self.directory, "wgetrc")
        os.mkfifo(pipe)
        self.assertEqual(run(WHYTLS, "exec", "--", "true", env=self.outside | {"WGETRC": pipe}).returncode, 0)
        self.assert_nothing_left()

    def assert_gone(self, pids):
        deadline = time.monotonic() + PATIENCE
        while any(is_running(pid) for pid in pids):
            self.assertLess(time.monotonic(), deadline, "still running")
            select.select([], [], [], 0.01)

    def test_what_is_not_a_directory_of_its_own_is_left_alone(self):
        names = ("whytls-exec-abcdefg", "whytls-exec-backup", "whytls-exec-link01", "whytls-exec-file01")
        for name in names[:2]:
            os.mkdir(os.path.join(self.temporary, name), 0o700)
        os.symlink(self.directory, os.path.join(self.temporary, names[2]))
        with open(os.path.join(self.temporary, names[3]), "w", encoding="ascii"):
            pass
        self.assertEqual(run(WHYTLS, "exec", "--", "true", env=self.outside).returncode, 0)
        self.assertEqual(sorted(os.listdir(self.temporary)), sorted(names))

    def test_a_signal_that_the_command_does_not_catch_ends_both(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            process = self.begun("sh", "-c", "echo begun; exec sleep 1000")
            process.send(number)
            self.assertEqual(process.wait(), 128 + number)
            self.assert_nothing_left()

    def test_files_for_the_command_are_the_users_alone_and_no_key_is_among_them(self):
        script = 'd=$(dirname $SSL_CERT_FILE); stat -c %a $d; cd $d; find . -type f -printf "%m %f\\n" | sort; grep -l "PRIVATE KEY" -r . '
        done = self.exec("--", "sh", "-c", script)
        self.assertEqual(done.stdout.split("\n"), ["700", "600 .in-use-by-whytls-exec", "600 bundle.pem", "600 ca.pem", "600 preload.cjs", "600 truststore.jks", "600 wgetrc",
                                                    "600 whytls.ini", ""])

    def test_a_ca_of_the_users_stays_and_is_the_one_that_is_trusted(self):
        ca_dir = os.path.join(self.directory, "ca")
        for _ in range(2):
            done = self.exec("--ca-dir", ca_dir, *self.options(), "--", "sh", "-c", f"curl -sS --cacert {ca_dir}/ca.pem https://good.test/")
            self.assertEqual((done.returncode, done.stdout), (0, "hello"), done.stderr)
        self.assertEqual(sorted(os.listdir(ca_dir)), ["ca-key.pem", "ca.pem"])


class TheTerminal(Exec):
    def on_terminal(self, *arguments):
        """Runs it as the leader of a session with a terminal of its own; its id and the terminal's other end."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(WHYTLS, [WHYTLS, "exec", *arguments], self.outside)
        self.addCleanup(os.close, terminal)
        return pid, terminal

    def read_until(self, terminal, words):
        said = b""
        while words not in said:
            self.assertTrue(select.select([terminal], [], [], PATIENCE)[0], said)
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # the other end is closed
                piece = b""
            self.assertTrue(piece, said)
            said += piece
        return said

    def ended(self, pid):
        process = os.pidfd_open(pid)
        self.addCleanup(os.close, process)
        if not select.select([process], [], [], PATIENCE)[0]:
            os.killpg(pid, signal.SIGKILL)  # its session is its own
            os.waitpid(pid, 0)
            self.fail("it did not end")
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_the_command_has_the_terminal_and_reads_from_it(self):
        pid, terminal = self.on_terminal("--", "sh", "-c", 'test -t 0 && test -t 1 && test -t 2 && echo "a terminal"; read line; echo "got $line"; exit 6')
        self.read_until(terminal, b"a terminal")
        os.write(terminal, b"words\n")
        self.read_until(terminal, b"got words")
        self.assertEqual(self.ended(pid), 6)
        self.assert_nothing_left()

    def test_ctrl_c_ends_both(self):
        pid, terminal = self.on_terminal("--", "sh", "-c", "echo begun; exec sleep 1000")
        self.read_until(terminal, b"begun")
        os.write(terminal, b"\x03")
        self.assertEqual(self.ended(pid), 128 + signal.SIGINT)
        self.assert_nothing_left()

    def test_ctrl_c_that_the_command_catches_ends_neither(self):
        pid, terminal = self.on_terminal("--", "sh", "-c", "trap 'echo caught' INT; echo begun; read line; read line; echo \"got $line\"")
        self.read_until(terminal, b"begun")
        os.write(terminal, b"\x03")
        self.read_until(terminal, b"caught")
        os.write(terminal, b"one\ntwo\n")
        self.read_until(terminal, b"got ")
        self.assertEqual(self.ended(pid), 0)

    def test_a_terminal_that_is_closed_ends_both(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(WHYTLS, [WHYTLS, "exec", "--", "sh", "-c", "echo begun; exec sleep 1000"], self.outside)
        self.read_until(terminal, b"begun")
        os.close(terminal)
        self.assertEqual(self.ended(pid), 128 + signal.SIGHUP)
        self.assert_nothing_left()


class PrintEnv(Exec):
    def settings(self, form, read):
        """What it prints, read by `read` while it runs: whether curl goes through the proxy then."""
        process = self.started(Process([WHYTLS, "exec", *self.options(), f"--print-env={form}"], env=self.outside))
        process.stderr.wait_for("these settings hold while this runs; Ctrl-C ends it")
        process.stdout.wait_for(r"^\}$" if form == "json" else "GIT_CONFIG_COUNT.*\n")
        got = read(process.stdout.text)
        process.send(signal.SIGINT)
        self.assertEqual(process.wait(), 0)
        self.assert_nothing_left()
        return got

    def test_a_shell_that_reads_it_goes_through_the_proxy(self):
        got = self.settings("sh", lambda text: run("sh", "-c", text + "curl -sS https://good.test/", env=self.outside))
        self.assertEqual((got.returncode, got.stdout), (0, "hello"), got.stderr)

    def test_json_has_each_variable(self):
        settings = self.settings("json", json.loads)
        got = self.settings("json", lambda text: run("curl", "-sS", "https://good.test/", env=self.outside | json.loads(text)))
        self.assertEqual((got.returncode, got.stdout), (0, "hello"), got.stderr)
        self.assertRegex(settings["https_proxy"], r"^http://127\.0\.0\.1:\d+$")
        self.assertEqual(settings["NO_PROXY"], "")


if __name__ == "__main__":
    main()
