"""The plan of the odd but valid servers: made and started at once, each asked for as NAME.odd.test unless it says otherwise."""
import re
import threading
from concurrent.futures import ThreadPoolExecutor

from row import Row

import servers  # of end_to_end


class Plan:
    def __init__(self, pki, directory):
        self.pki = pki
        self.directory = directory
        self._makers, self._ends = [], []
        self._lock = threading.Lock()

    def add(self, name, make, host=""):
        """`make(host)` starts a server for it; several do so at once."""
        self._makers.append((name, make, host or f"{name}.odd.test"))

    def ends(self, process):
        """It holds several servers, and is ended after them."""
        self._ends.append(process)

    def stop(self):
        for process in self._ends:
            process.stop()

    def trust(self, root, *hosts):
        with self._lock:
            self.pki.add_root(root, *hosts)

    def openssl(self, name, *options, **members):
        """`openssl s_server` with a leaf of the forge's."""
        identity = self.pki.leaf(f"{name}.odd.test", **members)
        options = [{"CHAIN": identity.chain, "KEY": identity.key}.get(option, option) for option in options]
        self.add(name, lambda host: servers.OpensslServer(identity, *options))

    def started(self, only):
        """Those whose names match the pattern."""
        def start(planned):
            name, make, host = planned
            try:
                return Row(f"odd-{name}", "", make(host), host=host)
            except AssertionError as error:
                raise AssertionError(f"{name}: {error}") from error

        with ThreadPoolExecutor(4) as pool:
            yield from pool.map(start, [one for one in self._makers if re.search(only, f"odd-{one[0]}")])
