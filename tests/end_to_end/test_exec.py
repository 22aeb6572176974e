"""whytls exec: a command with a proxy of its own. Here the process: exit codes, signals, streams, terminal, what is left behind."""
import json
import os
import pty
import select
import signal
import subprocess
import sys

from harness import Case, main, servers
from processes import PATIENCE, WHYTLS, Process, environment, run


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
        done = run(WHYTLS, "exec", *arguments, env=named.pop("env", self.outside), **named)
        self.assert_nothing_left()
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


if __name__ == "__main__":
    main()
