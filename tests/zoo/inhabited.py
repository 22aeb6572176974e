"""The servers of the zoo, started, for whoever asks them: the zoo's own test and the differential one."""
import os

import cages
import handshakes
import identities
import others

from certificates import Pki
from harness import Case


class Families(Pki):
    """Roots of a name each: a store in which a hundred bear the same one is another matter."""

    def leaf(self, *hosts, root=None, **members):
        return super().leaf(*hosts, root={"subject": f"Test Root {self._count}"} | (root or {}), **members)


class Inhabited(Case):
    """Has every server of the zoo as a row, and adds to them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pki = Families(os.path.join(cls.shared, "families"))
        cls.rows = []
        # Shown to whoever verifies and asks; nobody else may see it.
        cls.own = cls.pki.leaf("client", trusted=False, extended_key_usage=["1.3.6.1.5.5.7.3.2"])
        cages.Tls.clients = os.path.join(cls.own.made, "root.pem")
        for kind in (identities, handshakes, others):
            kind.add_to(cls)

    @classmethod
    def add(cls, row):
        if row.named and row.host in (other.host for other in cls.rows):
            raise AssertionError(f"two servers for {row.host}")
        cls.rows.append(row)
        cls.addClassCleanup(row.server.stop)
        return row

    def resolve(self, *besides):
        """How whytls finds them; `besides` are hosts that lead to the first."""
        named = [(row.host, row.server.port) for row in self.rows if row.named] + [(host, self.rows[0].server.port) for host in besides]
        return [part for host, port in named for part in ("--resolve", f"{host}:443:127.0.0.1:{port}")] + \
               ["--resolve", f"ca.zoo.test:80:127.0.0.1:{self.site.port}", *self.through_parent(besides)]

    def through_parent(self, besides):
        """The parent proxy leads to its own row alone."""
        direct = [*(other.host for other in self.rows if other is not self.parent), *besides, "ca.zoo.test"]
        return ["--upstream-proxy", f"http://127.0.0.1:{self.parent.server.port}", "--no-proxy", ",".join(direct)]
