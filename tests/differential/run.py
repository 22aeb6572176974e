"""The differential test: every server of the zoo and many odd but valid ones are asked by real programs and by whytls, through the proxy and by `check`. Where
all programs accept a server whytls passes it on; where only some do, or whytls cannot, it does not accuse the server; what none accepts it does not pass.

WHYTLS_ONLY=PATTERN asks only the servers whose names (as printed) match."""
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "zoo"), os.path.join(HERE, "..", "end_to_end")]

import clients  # noqa: E402
import judging  # noqa: E402
import odd_chains  # noqa: E402
import odd_http  # noqa: E402
import odd_keys  # noqa: E402
import odd_names  # noqa: E402
import odd_programs  # noqa: E402
import odd_strict  # noqa: E402
import odd_tls  # noqa: E402
import tables  # noqa: E402
from odd import Plan  # noqa: E402

from harness import Client, main  # noqa: E402  (of end_to_end)
from inhabited import Inhabited  # noqa: E402  (of the zoo)
from others import Nobody  # noqa: E402
from processes import PATIENCE, SANITIZED, WHYTLS, descendants, environment, listening  # noqa: E402
from row import TIME_OUT  # noqa: E402

ONLY = os.environ.get("WHYTLS_ONLY", "")
ODD = [odd_programs, odd_keys, odd_names, odd_chains, odd_tls, odd_http, odd_strict]
AT_ONCE = 8
OPTIONS = ["--handshake-timeout", TIME_OUT, "--connect-timeout", TIME_OUT]
OF_PROXY = ["--response-timeout", TIME_OUT]


class Differential(Inhabited):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plan = Plan(cls.pki, tempfile.mkdtemp(prefix="odd-", dir=cls.shared))
        cls.addClassCleanup(plan.stop)
        for kind in ODD:
            kind.add_to(plan)
        for row in plan.started(ONLY):
            cls.add(row)
        for row in cls.rows:
            row.trust = cls.pki.trust_for(row.host) if row.named else cls.pki.trust

    def asked_through(self, proxy, rows):
        def ask(row):
            with contextlib.closing(Client(proxy)) as client:
                response = client.get(f"https://{row.authority}/", host=row.authority, Accept="application/json")
            return response.json if "application/problem+json" in (response["Content-Type"] or "") else {}

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(zip((row.name for row in rows), pool.map(ask, rows)))

    def asked_by_check(self, rows):
        path = os.path.join(self.directory, "hosts")
        with open(path, "w", encoding="ascii") as file:
            file.writelines(row.authority + "\n" for row in rows)
        done = subprocess.run([WHYTLS, "check", "--json", "--trust", self.pki.trust, *map(str, OPTIONS), *self.resolve(), "--hosts", path],
                              capture_output=True, text=True, env=environment() | {"XDG_DATA_HOME": self.directory}, timeout=PATIENCE * 4)
        reports = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([report["host"] for report in reports], [row.host for row in rows], done.stderr)
        return {row.name: report for row, report in zip(rows, reports)}

    def asked_by_others(self, rows):
        """Those that keep silent are given no longer than whytls has for them. Of the others a client's time-out says that this machine
        was busy: they are asked once more."""
        heard = {name: {} for name in clients.present()}
        for slow in (False, True):
            asked = [row for row in rows if bool(row.waits) == slow]
            patience = TIME_OUT if slow else PATIENCE
            for name, said in clients.ask(asked, self.pki.trust, patience, self.directory).items():
                heard[name] |= said
                late = [row for row in asked if not slow and "timed out" in said.get(row.name, "")]
                if late:
                    heard[name] |= clients.CLIENTS[name][1](late, self.pki.trust, patience, self.directory)
        return heard

    def test_servers_listen_on_the_loopback_alone(self):
        found = listening(os.getpid(), *descendants(os.getpid()))
        self.assertEqual([f"{address} port {port}" for address, port in found if not address.is_loopback], [])
        self.assertGreater(len(found), len(self.rows) // 2, "what listens was not found")

    def asked(self):
        return [row for row in self.rows if not isinstance(row.server, Nobody) and row is not self.parent and re.search(ONLY, row.name)]

    @unittest.skipUnless(SANITIZED, "for what the sanitizers see")
    def test_every_server_is_answered_for(self):
        rows = self.asked()
        through = self.asked_through(self.proxy(*OPTIONS, *OF_PROXY, *self.resolve()), rows)
        self.assertEqual(sorted(through), sorted(self.asked_by_check(rows)))
        print(f"differential: {len(rows)} servers; what other programs say of them is asked in a tree without sanitizers", flush=True)

    @unittest.skipIf(SANITIZED, "other programs say the same as beside a tree without sanitizers")
    def test_no_server_that_another_client_accepts_is_accused(self):
        rows = self.asked()
        proxy = self.proxy(*OPTIONS, *OF_PROXY, *self.resolve())
        heard = self.asked_by_others(rows)
        through, checked = self.asked_through(proxy, rows), self.asked_by_check(rows)
        absent = sorted(set(clients.CLIENTS) - set(heard))
        if absent:
            print(f"differential: not asked, because not installed: {', '.join(absent)}")
        faults = [fault for row in rows for fault in judging.wrong(
            row, {client: answers.get(row.name, "nothing") for client, answers in heard.items()}, through[row.name], checked[row.name])]
        wrong = [fault for fault in faults if not fault.excuse]
        known = [fault for fault in faults if fault.excuse and fault.excuse[0] == "KNOWN"]
        for fault in known:
            print(f"differential: {fault} (known: {tables.KNOWN[fault.name]})")
        for fault in wrong:
            print(f"differential: {fault}")
        accusations = len({fault.name for fault in [*wrong, *known] if fault.accuses})
        print(f"differential: {len(rows)} servers, {accusations} accusations", flush=True)
        self.assertEqual([str(fault) for fault in wrong], [])
        names = {row.name for row in rows} if ONLY else {name for table in tables.TABLES.values() for name in table}
        self.assertEqual(judging.stale({fault.excuse for fault in faults}, names), [], "no exception any more")
        if ONLY:
            return
        self.assertGreaterEqual(sum(row.host.endswith(".odd.test") for row in rows), 60)


if __name__ == "__main__":
    main()
