"""Processes that the tests start: their lines are read as they come, and each is ended by its own id."""
import os
import re
import signal
import subprocess
import threading
import time

BUILD = os.environ.get("WHYTLS_BUILD", os.path.join(os.path.dirname(__file__), "..", "..", "build"))
SOURCE = os.environ.get("WHYTLS_SOURCE", os.path.join(os.path.dirname(__file__), "..", ".."))
SANITIZED = bool(os.environ.get("WHYTLS_SANITIZE"))
WHYTLS = os.path.join(BUILD, "whytls")
# Long enough for a loaded machine and a sanitized build; nothing ever waits for it to pass.
PATIENCE = 60 if SANITIZED else 30


def environment():
    """The tests' own, without what would change how a client or the proxy behaves."""
    drop = re.compile(r"(?i)^(.*_proxy|SSL_CERT_.*|SSLKEYLOGFILE|CURL_.*|NODE_.*|OPENSSL_.*)$")
    kept = {name: value for name, value in os.environ.items() if not drop.match(name)}
    return kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}


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
