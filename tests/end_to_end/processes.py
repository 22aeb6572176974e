"""Processes that the tests start: their lines are read as they come, and each is ended by its own id."""
import contextlib
import ipaddress
import os
import re
import signal
import struct
import subprocess
import threading
import time

BUILD = os.environ.get("WHYTLS_BUILD", os.path.join(os.path.dirname(__file__), "..", "..", "build"))
SOURCE = os.environ.get("WHYTLS_SOURCE", os.path.join(os.path.dirname(__file__), "..", ".."))
SANITIZED = bool(os.environ.get("WHYTLS_SANITIZE"))
WHYTLS = os.path.join(BUILD, "whytls")
os.environ["WHYTLS_NO_CONFIG"] = "1"  # of what is started with no environment of its own
# Long enough for a loaded machine and a sanitized build; nothing ever waits for it to pass.
PATIENCE = 60 if SANITIZED else 30
# What a JVM of some seconds does better without: its second compiler, and several threads that collect garbage.
JVM_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


def environment():
    """The tests' own, without what would change how a client or the proxy behaves: a developer's own configuration too."""
    drop = re.compile(r"(?i)^(.*_proxy|SSL_CERT_.*|SSLKEYLOGFILE|CURL_.*|NODE_.*|OPENSSL_.*|WHYTLS_.*)$")
    kept = {name: value for name, value in os.environ.items() if not drop.match(name)}
    return kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC", "WHYTLS_NO_CONFIG": "1"}


def kept_inside():
    """The environment of a program that would listen on every address, and has no option against it."""
    return environment() | {"LD_PRELOAD": os.path.join(os.path.abspath(BUILD), "loopback.so")}


def listening(*pids):
    """Where processes listen: (address, port) each. They may end meanwhile. The system's tables are long, so they are read once for all."""
    sockets = {socket for pid in pids for socket in sockets_of(pid)}
    tables = []
    for family in ("tcp", "tcp6"):
        with open(f"/proc/net/{family}", encoding="ascii") as table:
            tables += [line.split() for line in table.readlines()[1:]]
    in_state_listen = [row[1].split(":") for row in tables if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]
    return [(address_of(address), int(port, 16)) for address, port in in_state_listen]


def sockets_of(pid):
    """As /proc names them; none of a process that has ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for number in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(FileNotFoundError):
                yield os.readlink(f"/proc/{pid}/fd/{number}")


def address_of(text):
    """Of /proc/net: words in the machine's order."""
    words = [struct.pack("=I", int(text[at:at + 8], 16)) for at in range(0, len(text), 8)]
    address = ipaddress.ip_address(b"".join(words))
    return getattr(address, "ipv4_mapped", None) or address


def descendants(pid):
    """The processes that it started, and theirs."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError), open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                parents[int(entry)] = int(file.read().rpartition(")")[2].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def is_running(pid):
    """Not if it has ended and nobody has asked how."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Lines:
    """What a pipe has said so far; a thread reads it, so the writer never blocks."""

    def __init__(self, pipe):
        self._pipe = pipe
        self._text = ""
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        while chunk := os.read(self._pipe.fileno(), 65536):
            with self._changed:
                self._text += chunk.decode("utf-8", "replace")
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @property
    def text(self):
        with self._changed:
            return self._text

    def wait_for(self, pattern, timeout=PATIENCE):
        """The match of `pattern` in what was said; fails when the deadline or the end comes first."""
        expression = re.compile(pattern, re.MULTILINE)
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                if match := expression.search(self._text):
                    return match
                left = deadline - time.monotonic()
                if self._ended or left <= 0:
                    how = "ended" if self._ended else "timed out"
                    raise AssertionError(f"{how} before it said /{pattern}/; it said:\n{self._text}")
                self._changed.wait(left)

    def join(self):
        self._thread.join(PATIENCE)
        self._pipe.close()


class Process:
    def __init__(self, arguments, **options):
        self.arguments = [str(argument) for argument in arguments]
        self._process = subprocess.Popen(self.arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                         env=options.pop("env", environment()), **options)
        self.stdout = Lines(self._process.stdout)
        self.stderr = Lines(self._process.stderr)

    @property
    def pid(self):
        return self._process.pid

    @property
    def running(self):
        return self._process.poll() is None

    def send(self, number):
        self._process.send_signal(number)

    def wait(self, timeout=PATIENCE):
        code = self._process.wait(timeout)
        self.stdout.join()
        self.stderr.join()
        return code

    def stop(self, number=signal.SIGTERM):
        """Ends it if it still runs; its exit code."""
        if self.running:
            self.send(number)
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self._process.kill()
            self.wait()
            raise AssertionError(f"did not end on signal {number}: {self.arguments}\n{self.stderr.text}") from None


def run(*arguments, timeout=PATIENCE * 2, **options):
    """Runs a program to its end; stdout and stderr are text unless text=False is given."""
    text = options.pop("text", True)
    return subprocess.run([str(argument) for argument in arguments], capture_output=True, text=text, timeout=timeout,
                          env=options.pop("env", environment()), stdin=subprocess.DEVNULL, **options)
