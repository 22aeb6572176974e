"""What watching costs: 1,000 requests a second pass for 30 s, while nothing is kept, while flows are kept and nobody looks, with the live page
open in Chromium, and with a reader of its events that takes nothing. For each: requests per second of the proxy's CPU, what of the first that is,
and the proxy's memory after a third of the time and at the end.

    ./dev bench live_page [SECONDS]"""
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "end_to_end"))
from browser import Browser, Tab  # noqa: E402
from certificates import Pki  # noqa: E402
from processes import WHYTLS, Process, environment  # noqa: E402
from servers import Nginx  # noqa: E402

RATE, CONNECTIONS = 1000, 10
TICKS = os.sysconf("SC_CLK_TCK")


def spent(pid):
    """CPU seconds of a process."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextlib.contextmanager
def browsing(page, scratch):
    browser = Browser(scratch)
    try:
        Tab(browser).open(page)
        yield
    finally:
        browser.stop()


@contextlib.contextmanager
def stalled(page, _):
    """It asks for the events, and reads not one."""
    host, port = re.fullmatch(r"http://([^:]+):(\d+)/", page).groups()
    with socket.create_connection((host, int(port))) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(f"GET /api/events HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        yield


def measure(seconds, pki, server, directory, watching):
    ui = "off" if watching is None else "127.0.0.1:0"
    proxy = Process([WHYTLS, "proxy", "--ca-dir", os.path.join(directory, "ca"), "--trust", pki.trust, "--workers", "1", "--listen", "127.0.0.1:0",
                     "--listen-tls", "--reverse", f"https://good.test:{server.port}", "--resolve", f"good.test:{server.port}:127.0.0.1", "--ui", ui], env=environment())
    try:
        port = int(proxy.stderr.wait_for(r"^listening on 127\.0\.0\.1:(\d+)")[1])
        page = proxy.stderr.wait_for(r"^live page (http://\S+)")[1] if watching else ""
        scratch = tempfile.mkdtemp(dir=directory)
        with watching(page, scratch) if watching else contextlib.nullcontext():
            begun, early = spent(proxy.pid), []
            threading.Timer(seconds / 3, lambda: early.append(resident(proxy.pid))).start()
            done = subprocess.run(["h2load", "--h1", f"--rps={RATE // CONNECTIONS}", f"--clients={CONNECTIONS}", f"--duration={seconds}", f"https://127.0.0.1:{port}/1k"],
                                  capture_output=True, text=True, check=True, env=environment())
            requests = int(re.search(r"(\d+) succeeded", done.stdout)[1])
            return requests, spent(proxy.pid) - begun, early[0], resident(proxy.pid)
    finally:
        proxy.stop()


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    directory = tempfile.mkdtemp(prefix="whytls-")
    os.chmod(directory, 0o755)
    pki = Pki(os.path.join(directory, "pki"))
    with open(os.path.join(directory, "1k"), "wb") as file:
        file.write(b"x" * 1024)
    server = Nginx(os.path.join(directory, "nginx"), "", pki.leaf("good.test"), root=directory)
    try:
        print(f"{'':28} {'requests/s':>10} {'requests/CPU-s':>14} {'ratio':>6} {'MiB at 1/3':>10} {'at the end':>10}")
        first = None
        for name, watching in (("--ui off", None), ("kept, nobody looks", lambda *_: contextlib.nullcontext()), ("the page is open", browsing), ("a reader that reads nothing", stalled)):
            requests, cpu, early, late = measure(seconds, pki, server, directory, watching)
            rate = requests / cpu
            first = first or rate
            print(f"{name:28} {requests / seconds:10.0f} {rate:14.0f} {rate / first:6.2f} {early:10.1f} {late:10.1f}", flush=True)
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
