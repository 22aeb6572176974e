"""Right and wrong certificates for upstream servers, made by whytls-forge: each a chain file and a key file."""
import atexit
import json
import os
import re
import subprocess
import threading
from dataclasses import dataclass

from processes import BUILD, environment


@dataclass(frozen=True)
class Identity:
    chain: str    # path of a PEM file, the server's own certificate first
    key: str
    issuers: str  # the same without the server's own
    der: bytes    # the server's own
    made: str     # the directory of all that was made with it

    def file(self, name):
        """What the forge wrote under that name beside it: "intermediate.der", "list.crl"."""
        with open(os.path.join(self.made, name), "rb") as file:
            return file.read()

    def sibling(self, name):
        """Another leaf that was made with it."""
        return _identity(self.made, name)


class Forge:
    """One process for all that a test has made: to start it takes longer than what it makes. It ends with its input."""

    def __init__(self):
        self._lock = threading.Lock()
        self._process = None

    def make(self, directory, certificates):
        with self._lock:
            if not self._process:
                self._process = subprocess.Popen([os.path.join(BUILD, "whytls-forge")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                                 env=environment())
                atexit.register(self._end)
            self._process.stdin.write(json.dumps({"directory": directory, "certificates": certificates}) + "\n")
            self._process.stdin.flush()
            wrong = self._process.stdout.readline()
        if wrong != "\n":
            raise AssertionError(wrong or "whytls-forge ended")

    def _end(self):
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


THE_FORGE = Forge()


class Pki:
    """Makes servers' certificates, each below a root of its own; `trust` holds the roots that are to be trusted."""

    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        self._count = 0
        self._roots = ""
        self._of_hosts = {}  # the trusted roots of the leaves that were made for a host
        self._others = ""    # those of no host

    @property
    def trust(self):
        """A PEM file with every trusted root so far."""
        if not self._roots:
            self.leaf("unused.test")
        path = os.path.join(self.directory, f"trust-{len(self._roots)}.pem")
        if not os.path.exists(path):
            _write(path, self._roots)
        return path

    def add_root(self, pem, *hosts):
        """Trusts one that was made elsewhere: for these hosts, or for any."""
        self._roots += pem
        for host in hosts:
            self._of_hosts[host] = self._of_hosts.get(host, "") + pem
        if not hosts:
            self._others += pem

    def trust_for(self, host):
        """A PEM file with the trusted roots that a server's chain for this host may lead to: all where no leaf was made for it."""
        if host not in self._of_hosts:
            return self.trust
        path = os.path.join(self.directory, f"trust-{host}.pem")
        _write(path, self._of_hosts[host] + self._others)
        return path

    def leaf(self, *hosts, trusted=True, root=None, intermediate=None, before=(), more=(), **members):
        """A server's identity for these hosts and IP addresses. `members` are the forge's own, of the leaf; `root` and
        `intermediate` are theirs; `before` and `more` are made before and after it."""
        names = [("IP:" if re.fullmatch(r"[\d.]+|.*:.*", host) else "DNS:") + host for host in hosts]
        leaf = {"name": "leaf", "issuer": "intermediate", "subject": hosts[0] if hosts else "test", "names": names, **members}
        made = self._forge([{"name": "root", "kind": "root", "subject": "Test Root", **(root or {})},
                            {"name": "intermediate", "kind": "intermediate", "issuer": "root", "subject": "Test Intermediate", **(intermediate or {})},
                            *before, leaf, *more])
        if trusted:
            self.add_root(_read(os.path.join(made, "root.pem")), *hosts)
        return _identity(made)

    def self_signed(self, *names):
        """A lone certificate that signed itself and is no CA."""
        return _identity(self._forge([{"name": "leaf", "issuer": "self", "names": ["DNS:" + name for name in names]}]))

    def _forge(self, certificates):
        self._count += 1
        made = os.path.join(self.directory, str(self._count))
        os.mkdir(made)
        THE_FORGE.make(made, certificates)
        return made


def _identity(made, name="leaf"):
    chain = os.path.join(made, name + "-chain.pem")
    issuers = os.path.join(made, name + "-issuers.pem")
    _write(issuers, _read(chain).split("-----END CERTIFICATE-----\n", 1)[1])
    with open(os.path.join(made, name + ".der"), "rb") as file:
        return Identity(chain, os.path.join(made, name + "-key.pem"), issuers, file.read(), made)


def _write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def _read(path):
    with open(path, encoding="ascii") as file:
        return file.read()
