"""What the tests of `whytls check --scan` share: how it is run, and answers to a ClientHello made by hand."""
import json
import subprocess

from harness import Case
from processes import PATIENCE, WHYTLS, environment

__all__ = ["ScanCase", "extension", "recorded", "server_hello", "server_hello_1_3"]


def recorded(payload, version=b"\x03\x03"):
    return b"\x16" + version + len(payload).to_bytes(2) + payload


def server_hello(suite, version=b"\x03\x03", extensions=b""):
    body = version + bytes(32) + b"\x00" + suite + b"\x00" + (len(extensions).to_bytes(2) + extensions if extensions else b"")
    return recorded(b"\x02" + len(body).to_bytes(3) + body, version)


def extension(number, content=b""):
    return number.to_bytes(2) + len(content).to_bytes(2) + content


def server_hello_1_3(hello, random, extensions):
    """The answer to that hello, whose session id it has to repeat."""
    session = hello[44:44 + hello[43]]
    body = b"\x03\x03" + random + bytes([len(session)]) + session + b"\x13\x01\x00" + len(extensions).to_bytes(2) + extensions
    return recorded(b"\x02" + len(body).to_bytes(3) + body)


class ScanCase(Case):
    def check(self, code, host, server, *arguments):
        """Runs it with that server, or those, in the place of DNS."""
        ports = ",".join(f"127.0.0.1:{one.port}" for one in (server if isinstance(server, list) else [server]))
        done = subprocess.run([WHYTLS, "check", "--scan", "--trust", self.pki.trust, "--resolve", f"{host}:443:{ports}", *arguments, host],
                              capture_output=True, text=True, env=environment() | {"XDG_DATA_HOME": self.directory}, timeout=PATIENCE * 2)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def scan(self, host, server, *arguments, code=0):
        return json.loads(self.check(code, host, server, "--json", *arguments).stdout)["scan"]

    def supported(self, scan):
        return {each["version"]: each["suites"]["found"] for each in scan["versions"] if each["supported"] == "yes"}
