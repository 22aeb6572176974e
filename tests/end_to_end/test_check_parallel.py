"""whytls check with a list of servers: how many are asked at a time, when each is told, and what is told when it is stopped."""
import json
import resource
import signal
import socket
import subprocess
import sys
import threading
import unittest

from harness import Case, main, servers
from processes import PATIENCE, SANITIZED, WHYTLS, Process, environment, run

# Runs a command and says how large it became, in KiB.
MEASURED = "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); " \
           "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, done.returncode)"


class CheckParallel(Case):
    def arguments(self, hosts, *options):
        resolve = [word for authority, server in hosts.items() for word in ("--resolve", f"{authority}:127.0.0.1:{server if isinstance(server, int) else server.port}")]
        return [WHYTLS, "check", "--trust", self.pki.trust, *resolve, *map(str, options)]

    @property
    def environment(self):
        return environment() | {"XDG_DATA_HOME": self.directory}

    def meeting(self, number, patience=PATIENCE):
        """Begins TLS once that many are connected."""
        together = threading.Barrier(number)
        context = servers.tls_context(self.pki.leaf("*.ours.test"))

        def handler(connection):
            try:
                together.wait(patience)
            except threading.BrokenBarrierError:
                return
            with context.wrap_socket(connection, server_side=True) as tls:
                tls.recv(1)
        return self.server(handler)

    def hanging(self):
        """Takes connections and says nothing until it is `released`; the second one sets `second`."""
        second, released = threading.Event(), threading.Event()

        def handler(_):
            if server.connections > 1:
                second.set()
            released.wait(PATIENCE)
        server = self.server(handler)
        self.addCleanup(released.set)  # before the server's stop, which waits for it
        server.second, server.released = second, released
        return server

    def test_as_many_as_it_says_are_asked_side_by_side(self):
        names = [f"h{number}.ours.test" for number in range(20)]
        for number, options in ((2, ("--parallel", "2")), (20, ("--parallel", "20")), (16, ())):
            with self.subTest(number):
                server = self.meeting(number)
                asked = names[:number]
                done = run(*self.arguments({f"{name}:443": server for name in asked}, *options, *asked), env=self.environment)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertIn(f"{number} hosts: {number} ok", done.stdout)

    def test_one_at_a_time_is_one_at_a_time(self):
        server = self.meeting(2, patience=0.5)
        names = ["h0.ours.test", "h1.ours.test"]
        done = run(*self.arguments({f"{name}:443": server for name in names}, "--parallel", "1", *names), env=self.environment)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("2 hosts: 0 ok, 2 failed", done.stdout)

    def test_each_is_told_once_all_before_it_are_known_and_a_server_that_hangs_holds_up_only_what_follows(self):
        good, hanging = self.tls_server(self.pki.leaf("*.ours.test")), self.hanging()
        names = [f"h{number}.ours.test" for number in range(8)]
        hosts = {f"{name}:443": hanging if name.startswith("h2.") else good for name in names}
        process = Process(self.arguments(hosts, "--parallel", "3", "--handshake-timeout", PATIENCE, *names), env=self.environment)
        process.stdout.wait_for(r"(?m)^ok   h1\.ours\.test")
        self.assertNotIn("h3", process.stdout.text)
        hanging.released.set()
        self.assertEqual(process.wait(), 1)
        lines = process.stdout.text.splitlines()
        self.assertEqual([line.split()[1].split(":")[0] for line in lines[:8]], names)
        self.assertIn("8 hosts: 7 ok, 1 failed", process.stdout.text)

    def test_stopped_by_ctrl_c_it_tells_what_it_knows_and_ends_by_the_signal(self):
        good = self.tls_server(self.pki.leaf("*.ours.test"))
        names = [f"h{number}.ours.test" for number in range(5)]
        for number, options in ((signal.SIGINT, ()), (signal.SIGTERM, ("--json",))):
            with self.subTest(number):
                hanging = self.hanging()
                hosts = {f"{name}:443": hanging if name.startswith(("h1.", "h4.")) else good for name in names}
                # h4 is asked once h0, h2 and h3 are done, while h1 hangs.
                process = Process(self.arguments(hosts, "--parallel", "2", "--handshake-timeout", PATIENCE, *options, *names), env=self.environment)
                self.assertTrue(hanging.second.wait(PATIENCE))
                process.send(number)
                self.assertEqual(process.wait(), -number)
                said = process.stdout.text
                told = [json.loads(line)["host"] for line in said.splitlines()] if options else [line.split()[1].split(":")[0] for line in said.splitlines()[:3]]
                self.assertEqual(told, ["h0.ours.test", "h2.ours.test", "h3.ours.test"])
                self.assertIn(f"stopped by {signal.Signals(number).name}: 3 of 5 were checked", process.stderr.text)

    @unittest.skipIf(SANITIZED, "a sanitizer keeps what was given back")
    def test_what_waits_for_a_slow_server_is_bounded(self):
        """A list of 100,000 names does not make it large, not even when the first of them hangs."""
        closed = servers.ClosedPort()
        self.addCleanup(closed.stop)
        sizes = []
        for number in (500, 8000):
            hanging = self.hanging()
            listed = "\n".join([f"127.0.0.1:{hanging.port}", *[f"127.0.0.1:{closed.port}"] * number])
            done = subprocess.run([sys.executable, "-c", MEASURED, *self.arguments({}, "--handshake-timeout", "1", "-")], input=listed, text=True,
                                  capture_output=True, env=self.environment, timeout=PATIENCE * 2)
            size, code = map(int, done.stdout.split())
            self.assertEqual(code, 1, done.stderr)
            sizes.append(size)
        self.assertLess(sizes[1] - sizes[0], 8 * 1024, sizes)

    def test_a_server_whose_issuer_is_unknown_is_waited_for_no_longer_than_any(self):
        bare = self.tls_server(self.pki.leaf("bare.test", chain=[]))
        closed = servers.ClosedPort()
        self.addCleanup(closed.stop)
        names = [f"bare.test:{bare.port}", *[f"127.0.0.1:{closed.port}"] * 400, f"bare.test:{bare.port}"]
        done = subprocess.run(self.arguments({f"bare.test:{bare.port}": bare}, "--json", "--aia", "off", "--experiments", "off", "-"), input="\n".join(names),
                              text=True, capture_output=True, env=self.environment, timeout=PATIENCE * 2)
        self.assertEqual(done.returncode, 1, done.stderr)
        codes = [json.loads(line)["code"] for line in done.stdout.splitlines()]
        self.assertEqual(codes, ["unknown_issuer", *["connection_refused"] * 400, "unknown_issuer"])

    def test_a_reader_that_leaves_early_is_no_success(self):
        good = self.tls_server(self.pki.leaf("*.ours.test"))
        names = [f"h{number}.ours.test" for number in range(30)]
        process = subprocess.Popen(self.arguments({f"{name}:443": good for name in names}, *names), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment)
        process.stdout.close()
        said = process.stderr.read()
        process.stderr.close()
        self.assertNotEqual(process.wait(PATIENCE), 0, said)

    def test_a_list_whose_writer_leaves_before_the_end_of_a_line_is_whole(self):
        good = self.tls_server(self.pki.leaf("*.ours.test"))
        done = subprocess.run(self.arguments({"a.ours.test:443": good, "b.ours.test:443": good}, "-"), input="a.ours.test\nb.ours.test", text=True,
                              capture_output=True, env=self.environment, timeout=PATIENCE)
        self.assertIn("2 hosts: 2 ok", done.stdout)
        ours, theirs = socket.socketpair()
        with ours, theirs:  # a standard input without an end, and without a reader's right
            ours.shutdown(socket.SHUT_RDWR)
            done = subprocess.run(self.arguments({}, "-"), stdin=theirs, text=True, capture_output=True, env=self.environment, timeout=PATIENCE)
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is no host in -", done.stderr)

    def test_its_number_is_between_1_and_256(self):
        for wrong in ("0", "257", "-1", "many"):
            with self.subTest(wrong):
                done = run(*self.arguments({}, "--parallel", wrong, "good.test"), env=self.environment)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn("--parallel", done.stderr)
                self.assertIn(wrong, done.stderr)


if __name__ == "__main__":
    main()
