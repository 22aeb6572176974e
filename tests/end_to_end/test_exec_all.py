"""whytls exec --all: a command whose connections lead to the proxy whatever it knows of proxies, in a network namespace."""
import errno
import os
import shutil
import signal
import subprocess
import sys
import unittest

import test_exec
from compiled import go_program
from harness import main, servers
from namespaces import hindrance
from processes import PATIENCE, WHYTLS, Process, run

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients")
WHY_NOT = hindrance()
# Of a program that is told nothing by its environment.
BARE = ["env", "-i", f"PATH={os.environ.get('PATH', '')}"]
PYTHON = "import socket, sys; s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 20); s.sendall(sys.argv[3].encode()); print(s.recv(999))"


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Inside(test_exec.Exec):
    def exec(self, *arguments, **named):
        return super().exec("--all", *arguments, **named)


class Everything(Inside):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = os.path.join(cls.shared, "exec_all")
        shutil.copy(go_program(os.path.join(HERE, "exec_all.go")), cls.program)

    def test_a_static_program_that_asks_no_proxy_and_trusts_the_system_is_intercepted_without_a_variable(self):
        done = self.exec(*self.options(), "--", *BARE, self.program, "https://good.test/")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "200 hello\n", ""))

    def test_what_fails_is_told_inside_tls(self):
        done = self.exec(*self.options(), "--", *BARE, self.program, "https://wrong.test/")
        self.assertRegex(done.stdout, "^502 .*")
        self.assertIn("hostname_mismatch", done.stdout)

    def test_a_server_that_is_not_there_is_told_inside_tls_by_its_name(self):
        done = self.exec("--resolve", "gone.test:443:127.0.0.1:1", "--", *BARE, self.program, "https://gone.test/")
        self.assertRegex(done.stdout, r"(?s)^502 .*gone\.test.*connection_refused|^502 .*connection_refused.*gone\.test", done.stderr)

    def test_a_program_that_trusts_only_its_own_bundle_is_told(self):
        done = self.exec(*self.options(), "--", *BARE, self.program, "https://good.test/", self.pki.trust)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stderr, r"whytls: client 127\.0\.0\.1:\d+: .*good\.test.*\[client_(untrusted_ca|pinned)\]")

    def test_plain_http_is_led_through_it_by_name(self):
        server = self.server(servers.answering(servers.ok()))
        done = self.exec("--resolve", f"plain.test:80:127.0.0.1:{server.port}", "-v", "--", *BARE, self.program, "http://plain.test/a")
        self.assertEqual((done.returncode, done.stdout), (0, "200 hello\n"), done.stderr)
        self.assertIn("http://plain.test/a", done.stderr)

    def test_the_own_page_has_its_name(self):
        self.assertIn("curl -o whytls-ca.pem http://why.tls/ca.pem", self.exec("--", *BARE, "curl", "-sS", "https://why.tls/").stdout)

    def test_a_server_of_this_machine_is_reached_by_its_address(self):
        def echo(connection):
            connection.sendall(b"you said " + connection.recv(99))

        server = self.server(echo)
        done = self.exec("--", "python3", "-c", PYTHON, "127.0.0.1", str(server.port), "\x01\x02")
        self.assertIn("you said \\x01\\x02", done.stdout, done.stderr)

    def test_a_server_that_the_command_starts_itself_is_reached_first(self):
        outside = self.server(lambda connection: connection.sendall(b"outside"))
        for address in ("127.0.0.1", "localhost"):
            script = ("import socket, threading\n"
                      f"inside = socket.create_server(('127.0.0.1', {outside.port}))\n"
                      "threading.Thread(target=lambda: inside.accept()[0].sendall(b'inside'), daemon=True).start()\n"
                      f"print(socket.create_connection(('{address}', {outside.port}), 20).recv(99))")
            done = self.exec("--", "python3", "-c", script)
            self.assertEqual(done.stdout, "b'inside'\n", done.stderr)
        self.assertEqual(outside.connections, 0)

    def test_what_is_set_in_the_environment_leads_to_the_same_proxy(self):
        done = self.exec(*self.options(), "--", "curl", "-sS", "https://good.test/")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "hello", ""))

    def test_nothing_leads_out_that_is_not_tcp(self):
        done = self.exec("--", "python3", "-c", "print([line.split()[-1] for line in open('/proc/net/dev') if ':' in line and 'lo:' not in line])")
        self.assertEqual(done.stdout, "[]\n", done.stderr)

    @unittest.skipIf(os.geteuid() != 0 or not shutil.which("setpriv"), "only root can be somebody else")
    def test_it_needs_no_root_and_the_command_is_who_it_was(self):
        os.chown(self.temporary, 1234, 1234)
        somebody = ["setpriv", "--reuid=1234", "--regid=1234", "--clear-groups"]
        allowed = run(*somebody, "unshare", "-Urn", "true")
        if allowed.returncode:
            self.skipTest(f"without root: {allowed.stderr}")
        done = run(*somebody, WHYTLS, "exec", "--all", *self.options(), "--", "sh", "-c", f"id -u; id -g; {self.program} https://good.test/; exit 7",
                   env=self.outside)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (7, "1234\n1234\n200 hello\n", ""))
        self.assert_nothing_left()

    def test_who_else_answers_for_names_is_not_asked(self):
        """nscd and systemd-resolved answer by a socket, from outside; another order of names may leave the resolver out."""
        asks = "; ".join(["import socket", "print(socket.gethostbyname('good.test'))", "s = socket.socket(socket.AF_UNIX)",
                          "print(s.connect_ex('/run/systemd/resolve/io.systemd.Resolve'), s.connect_ex('/var/run/nscd/socket'))"])
        answerers = "; ".join(["import os, socket, subprocess, sys",
                               "places = '/run/systemd/resolve/io.systemd.Resolve', '/run/nscd/socket'",
                               "[os.makedirs(os.path.dirname(place)) for place in places]",
                               "sockets = [socket.socket(socket.AF_UNIX) for _ in places]",
                               "[(one.bind(place), one.listen()) for one, place in zip(sockets, places)]",
                               "sys.exit(subprocess.call(sys.argv[1:]))"])
        order = os.path.join(self.directory, "nsswitch.conf")
        with open(order, "w", encoding="ascii") as file:
            file.write("passwd: files\nhosts: files\n")
        before = os.listdir(self.directory)
        script = f"mount -t tmpfs none /run && mount --bind {order} /etc/nsswitch.conf && exec \"$@\""
        done = run("unshare", "-Urm", "sh", "-c", script, "sh", sys.executable, "-c", answerers, WHYTLS, "exec", "--all", *self.options(), "--", sys.executable,
                   "-c", asks, env=self.outside)
        self.assertEqual(os.listdir(self.directory), before)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, rf"\A198\.(18|19)\.[\d.]+\n{errno.ECONNREFUSED} {errno.ECONNREFUSED}\n")

    def test_where_namespaces_are_forbidden_the_way_round_is_told(self):
        forbidden = "echo 0 >/proc/sys/user/max_net_namespaces && exec " + " ".join([WHYTLS, "exec", "--all", "--", "true"])
        done = run("unshare", "-Ur", "sh", "-c", forbidden, env=self.outside)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, r"^whytls: exec --all needs a network namespace .*\(unshare: .*\): .*sudo.*\n$")
        self.assert_nothing_left()

    def test_a_mistake_is_one_line(self):
        done = self.exec("--print-env", "sh")
        self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)


class TheProcessInside(Inside, test_exec.TheProcess):
    """What holds of each command of exec."""

    def begun(self, *command):
        process = self.started(Process([WHYTLS, "exec", "--all", "--", *command], env=self.outside))
        process.stdout.wait_for("^begun\n")
        return process

    # The bundle is readable for whoever the command becomes; its directory is the user's.
    test_files_for_the_command_are_the_users_alone_and_no_key_is_among_them = None
    test_whoever_is_outside_does_not_trust_it = None  # nor reaches it

    def test_no_process_no_namespace_and_no_device_is_left(self):
        before = sorted(os.listdir("/sys/class/net"))
        process = self.begun("sh", "-c", "echo begun; exec sleep 1000")
        inside = os.readlink(f"/proc/{self.child_of(process.pid)}/ns/net")
        self.assertNotEqual(inside, os.readlink("/proc/self/ns/net"))
        self.assertEqual(process.stop(), 128 + signal.SIGTERM)
        self.assertEqual(sorted(os.listdir("/sys/class/net")), before)
        self.assertFalse([pid for pid in os.listdir("/proc") if pid.isdigit() and self.network_of(pid) == inside])

    @staticmethod
    def network_of(pid):
        try:
            return os.readlink(f"/proc/{pid}/ns/net")
        except OSError:
            return None

    @staticmethod
    def child_of(pid):
        return next(child for child in subprocess.run(["pgrep", "-P", str(pid), "sleep"], capture_output=True, text=True, timeout=PATIENCE,
                                                      check=True).stdout.split())


class TheTerminalInside(Inside, test_exec.TheTerminal):
    def on_terminal(self, *arguments):
        return super().on_terminal("--all", *arguments)

    test_a_terminal_that_is_closed_ends_both = None  # which needs no network


if __name__ == "__main__":
    main()
