"""Networks of a test's own: network namespaces that it makes without root, and that end with it."""
import os
import shutil
import subprocess
import sys
import unittest

from processes import PATIENCE, environment

INSIDE = "WHYTLS_TEST_NAMESPACE"
TOOLS = ("unshare", "nsenter", "ip", "nft", "curl")


def hindrance():
    """Why no network can be made here; "" where one can."""
    for path in ("/usr/sbin", "/sbin"):
        if path not in os.environ.get("PATH", "").split(":"):
            os.environ["PATH"] = os.environ.get("PATH", "") + ":" + path
    if missing := [tool for tool in TOOLS if not shutil.which(tool)]:
        return f"{', '.join(missing)} is not installed"
    done = subprocess.run(["unshare", "-Urn", "nft", "add table ip probe"], capture_output=True, text=True, check=False)
    return f"user namespaces or nftables are not allowed here: {done.stderr.strip()}" if done.returncode else ""


def main():
    """Runs a file's tests in a user and network namespace of their own, as root of these alone."""
    if os.environ.get(INSIDE):
        unittest.main(verbosity=2)
    if why := hindrance():
        print(f"skipped: {why}")
        sys.exit(0)
    os.execvpe("unshare", ["unshare", "-Urn", sys.executable, *sys.argv], os.environ | {INSIDE: "1"})


def run(*command, inside=None, **options):
    """A command here, or in the namespaces of a process."""
    words = [str(each) for each in command]
    if inside:
        words = ["nsenter", "-t", str(inside), "-n", *words]
    return subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE * 2, check=False, env=environment(), **options)


def must(*command, **options):
    done = run(*command, **options)
    if done.returncode:
        raise AssertionError(f"{command}: {done.stderr}")
    return done.stdout


def rules(text):
    """Loads rules of nftables, in place of those before."""
    must("nft", "-f", "-", input=f"flush ruleset\n{text}\n")


class Neighbour:
    """Another machine: a network namespace whose only way out is here. Ends with stop()."""

    def __init__(self):
        self._process = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; exec sleep 1000"], stdout=subprocess.PIPE)
        self._process.stdout.readline()  # now it has a namespace of its own
        self.pid = self._process.pid
        must("ip", "link", "set", "lo", "up")
        must("ip", "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", self.pid)
        for where, device, v4, v6 in ((None, "near", "10.77.0.1/24", "fd77::1/64"), (self.pid, "far", "10.77.0.2/24", "fd77::2/64")):
            must("ip", "link", "set", "lo", "up", inside=where)
            must("ip", "addr", "add", v4, "dev", device, inside=where)
            must("ip", "addr", "add", v6, "dev", device, "nodad", inside=where)
            must("ip", "link", "set", device, "up", inside=where)
        must("ip", "route", "add", "default", "via", "10.77.0.1", inside=self.pid)
        must("ip", "-6", "route", "add", "default", "via", "fd77::1", inside=self.pid)

    def run(self, *command):
        return run(*command, inside=self.pid)

    def stop(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        run("ip", "link", "del", "near")  # which its namespace may have taken with it
