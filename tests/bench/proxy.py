"""What the proxy costs, measured from outside: `whytls proxy --workers 1` between build/bench-load and nginx, TLS on both sides. Figures are
per second of the processor time that the proxy's own process spends (user and system), because machines are shared; each is the median
of some rounds, beside the lowest and the highest.

    ./dev bench proxy [ROUNDS]"""
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "end_to_end"))
from certificates import Pki  # noqa: E402
from processes import BUILD, WHYTLS, Process, environment  # noqa: E402
from servers import Nginx  # noqa: E402

import table  # noqa: E402

LOAD = os.path.join(BUILD, "bench-load")
HOST = "good.test"
SECONDS = 2
IDLE = 1000
STARTS = 10


class Proxy:
    def __init__(self, directory, *options):
        begun = time.perf_counter()
        self._process = Process([WHYTLS, "proxy", "--workers", "1", "--listen", "127.0.0.1:0", "--ca-dir", os.path.join(directory, "ca"), "--ui", "off",
                                 *options], env=environment())
        self.port = int(self._process.stderr.wait_for(r"^listening on 127\.0\.0\.1:(\d+)")[1])
        self.start_ms = (time.perf_counter() - begun) * 1000
        self.pid = self._process.pid

    def resident_kib(self):
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024

    def stop(self):
        self._process.stop()


class Bench:
    def __init__(self, directory, rounds):
        self.rounds = rounds
        self.directory = directory
        self.pki = Pki(os.path.join(directory, "pki"))
        for name, size in (("1k", 1024), ("100m", 100 << 20)):
            with open(os.path.join(directory, name), "wb") as file:
                file.truncate(size)
        self.server = Nginx(os.path.join(directory, "nginx"), "ssl_protocols TLSv1.2 TLSv1.3;", self.pki.leaf(HOST), root=directory, connections=4096)

    @contextlib.contextmanager
    def running(self, *options):
        proxy = Proxy(self.directory, *options)
        try:
            yield proxy
        finally:
            proxy.stop()

    def proxy(self, *options):
        """One that knows the server."""
        return self.running("--trust", self.pki.trust, "--resolve", f"{HOST}:{self.server.port}:127.0.0.1", *options)

    def asking(self, proxy, path, *options):
        """bench-load's arguments: through the proxy, or straight without one."""
        to = ["--to", proxy.port, "--proxy", "--pid", proxy.pid] if proxy else ["--to", self.server.port]
        return [LOAD, *map(str, to), "--host", HOST, "--port", str(self.server.port), "--path", path, *map(str, options)]

    def load(self, proxy, path, *options, seconds=SECONDS):
        run = subprocess.run(self.asking(proxy, path, "--seconds", seconds, *options), capture_output=True, text=True, env=environment())
        if run.returncode != 0:
            sys.exit(f"bench: {' '.join(run.args)}: {run.stderr}")
        return json.loads(run.stdout)

    def per_cpu_second(self, path, *options, of="requests", proxied=()):
        """A proxy of its own, with these options, for all rounds."""
        with self.proxy(*proxied) as proxy:
            done = [self.load(proxy, path, *options) for _ in range(self.rounds)]
        return [each[of] / each["cpu_seconds"] for each in done], [each["p99_us"] / 1000 for each in done]

    def added_us(self):
        """With and without the proxy, in turns, so that other load on the machine meets both."""
        with self.proxy() as proxy:
            return [self.load(proxy, "/1k")["p50_us"] - self.load(None, "/1k")["p50_us"] for _ in range(self.rounds)]

    def idle_kib(self):
        figures = []
        for _ in range(self.rounds):
            with self.proxy() as proxy:
                self.load(proxy, "/1k", seconds=0.1)  # so that the code is there, which all share
                before = proxy.resident_kib()
                with subprocess.Popen(self.asking(proxy, "/1k", "--connections", IDLE, "--hold"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      env=environment()) as load:
                    open_ones = json.loads(load.stdout.readline())["connections"]
                    figures.append((proxy.resident_kib() - before) / open_ones)
                    load.stdin.close()
        return figures

    def starts(self):
        """With the system's roots, as a user starts it."""
        milliseconds, mib = [], []
        for _ in range(STARTS):
            with self.running() as proxy:
                milliseconds.append(proxy.start_ms)
                mib.append(proxy.resident_kib() / 1024)
        return milliseconds, mib


def measure(bench):
    table.heading()
    keep_alive, slow = bench.per_cpu_second("/1k", "--connections", 64)
    table.show("requests per CPU second, 64 connections kept, 1 KiB", keep_alive)
    table.show("  99 % of the answers within, ms", slow, 1)
    many, slow = bench.per_cpu_second("/1k", "--connections", 1024)
    table.show("requests per CPU second, 1,024 connections kept, 1 KiB", many)
    table.show("  99 % of the answers within, ms", slow, 1)
    anew = ("/1k", "--connections", 16, "--new-connections")
    table.show("connections per CPU second, one request each", bench.per_cpu_second(*anew)[0])
    table.show("  with --resumption off: two whole handshakes", bench.per_cpu_second(*anew, proxied=("--resumption", "off"))[0])
    table.show("MB per CPU second, downloads of 100 MiB", [each / 1e6 for each in bench.per_cpu_second("/100m", of="bytes")[0]])
    table.show("added to an answer, one connection kept, 1 KiB, µs", bench.added_us())
    table.show(f"KiB resident for each of {IDLE:,} idle connections", bench.idle_kib(), 1)
    milliseconds, mib = bench.starts()
    table.show("from start to listening, ms", milliseconds, 1)
    table.show("MiB resident when it listens", mib, 1)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory(prefix="whytls-") as directory:
        os.chmod(directory, 0o755)  # nginx's workers may be another user's
        bench = Bench(directory, rounds)
        try:
            measure(bench)
        finally:
            bench.server.stop()


if __name__ == "__main__":
    main()
