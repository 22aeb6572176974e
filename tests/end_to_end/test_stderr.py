"""stderr is a pipe that no one reads, or a terminal that is stopped: clients are served all the same, and the proxy ends when it is told to."""
import fcntl
import os
import re
import signal
import subprocess

from harness import PATIENCE, Case, main
from processes import WHYTLS, environment


class Started:
    """A proxy whose stderr is read up to the line that names its port, and then only on demand."""

    def __init__(self, directory):
        self.read_end, write_end = os.pipe()
        fcntl.fcntl(self.read_end, fcntl.F_SETPIPE_SZ, 4096)
        self.process = subprocess.Popen([WHYTLS, "proxy", "--listen", "127.0.0.1:0", "--ui", "off", "--workers", "1", "--ca-dir",
                                         os.path.join(directory, "ca")], stderr=write_end, stdout=subprocess.DEVNULL, env=environment())
        os.close(write_end)
        self.said = ""
        while not (found := re.search(r"listening on \S+:(\d+)\D", self.said)):
            self.said += os.read(self.read_end, 4096).decode()
        self.port = int(found[1])

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.read_end)


class UnreadStderr(Case):
    def provoke(self, number):
        """So many lines of about a hundred bytes: a failure each, of another address."""
        started = self.started(Started(self.directory))
        client = self.client(started)
        for i in range(number):
            self.assertEqual(client.get(f"/http://127.9.{i // 250}.{i % 250 + 1}:1/", host=f"127.0.0.1:{started.port}").status, 502)
        return started

    def test_no_client_waits_and_the_end_is_not_held_up(self):
        started = self.provoke(200)
        started.process.send_signal(signal.SIGTERM)
        self.assertEqual(started.process.wait(PATIENCE), 0)

    def test_what_was_said_meanwhile_is_shown_when_it_is_read_again(self):
        started = self.provoke(100)
        while "127.9.0.100:1" not in started.said:
            started.said += os.read(started.read_end, 4096).decode()
        self.assertIn("127.9.0.1:1", started.said)


if __name__ == "__main__":
    main()
