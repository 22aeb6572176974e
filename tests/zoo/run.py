"""The zoo: a real server for each way in which TLS fails, asked through the proxy and by `whytls check`. Each must be diagnosed with the
right code, soon, and without a byte of the request or a client certificate having reached a server that did not verify."""
import contextlib
import dataclasses
import json
import os
import socket
import ssl
import statistics
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import cages
import evidence
import visitors

from harness import Client, main
from inhabited import Inhabited
from processes import PATIENCE, SOURCE, WHYTLS, environment
from row import TIME_OUT

MARKER = b"c4f3b4b3"  # in URL, header and body of every request
AT_ONCE = 8           # requests; they wait for servers more than for the processor
# Where a date failed, whytls asks for the server's clock: a question of its own.
CLOCK = "HEAD / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: whytls\r\n\r\n"
OPTIONS = ["--handshake-timeout", TIME_OUT, "--connect-timeout", TIME_OUT, "--revocation", "soft"]
OF_PROXY = ["--response-timeout", TIME_OUT]

# What is diagnosed wrongly, and why: name of the row, reason. It is asked all the same, and must be taken off once it is right.
KNOWN = {
}


@dataclasses.dataclass
class Answer:
    report: dict
    again: dict
    seconds: float


class Zoo(Inhabited):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shows = ["--client-cert", cls.own.chain, "--client-key", cls.own.key]

    def ask(self, proxy, row):
        """A request in both ways in: in absolute form, which is timed, and through a tunnel."""
        begun = time.monotonic()
        with contextlib.closing(Client(proxy)) as client:
            report = self.request(client, row)
        seconds = time.monotonic() - begun
        # The server is offered what the client offers.
        offer = lambda context: context.set_alpn_protocols(["http/1.1"])
        with contextlib.closing(Client(proxy)) as client:
            client.connect(f"{row.host}:{443 if row.named else row.server.port}").start_tls(row.host, configure=offer)
            again = self.request(client, row, tunnel=True)
        return Answer(report, again, seconds - row.waits)

    def request(self, client, row, tunnel=False):
        mark = MARKER.decode()
        target = "" if tunnel else f"https://{row.authority}"
        body = MARKER if row.method == "POST" else b""
        response = client.request(f"{row.method} {target}/{mark}?q={mark} HTTP/1.1\nHost: {row.authority}\nAccept: application/json\n"
                                  f"X-Secret: {mark}\nCookie: secret={mark}" + (f"\nContent-Length: {len(body)}" if body else ""), body)
        return response.json if response.status in (502, 504) else {"status": response.status}

    def resolve(self):
        return super().resolve(*(visitor.host for visitor in visitors.VISITORS))

    def asked_through(self, proxy):
        self.itself.port = proxy.port
        answers = {}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for early in (True, False):
                rows = [row for row in self.rows if row.first == early]
                answers |= {row.name: answer for row, answer in zip(rows, pool.map(lambda row: self.ask(proxy, row), rows))}
        return answers

    def visited(self, proxy):
        """What the log says of each visitor's handshake."""
        for visitor in visitors.VISITORS:
            visitor.come(proxy, visitor.host)
        proxy.stop()
        lines = [line for line in proxy.log() if line["event"] == "client_handshake"]
        return {visitor.name: [line["code"] for line in lines if line["host"] == visitor.host] for visitor in visitors.VISITORS}

    def asked_by_check(self):
        rows = [row for row in self.rows if row.check is not None]
        path = os.path.join(self.directory, "hosts")
        with open(path, "w", encoding="ascii") as file:
            file.writelines(row.authority + "\n" for row in rows)
        done = subprocess.run([WHYTLS, "check", "--json", "--trust", self.pki.trust, *map(str, OPTIONS), *self.resolve(), "--hosts", path],
                              capture_output=True, text=True, env=environment() | {"XDG_DATA_HOME": self.directory}, timeout=PATIENCE * 2)
        self.assertEqual(done.returncode, 1, done.stderr)
        reports = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([report["host"] for report in reports], [row.host for row in rows])
        return {row.name: report for row, report in zip(rows, reports)}

    def wrong(self, row, answers, checks):
        """What is not as it should be in the answers about a row, in words."""
        found = []
        report = answers[row.name].report
        if report.get("code", "") != row.code:
            found.append(f"the proxy says {report.get('code', report)}, not {row.code or 'ok'}: {report.get('title')}")
        elif answers[row.name].again.get("code", "") != row.code:
            found.append(f"in a tunnel the proxy says {answers[row.name].again.get('code')}, not {row.code}")
        elif row.depth is not None and report["problems"][0].get("depth") != row.depth:
            found.append(f"at depth {report['problems'][0].get('depth')}, not {row.depth}")
        elif row.proof and report["problems"][0].get("proof") != row.proof:
            found.append(f"{report['problems'][0].get('proof')}, not {row.proof}")
        if row.check is not None and (said := checks[row.name].get("code", "")) != row.check:
            found.append(f"check says {said or 'ok'}, not {row.check or 'ok'}: {checks[row.name].get('title')}")
        return found

    def contradicted(self, answers, checks):
        """What reports say against their own evidence, and how many reports there were."""
        steps = evidence.steps_of_codes()
        reports = [(name, report) for name, answer in answers.items() for report in (answer.report, answer.again)] + [*checks.items()]
        whole = [(name, report) for name, report in reports if "problems" in report]
        return len(whole), sorted({f"{name}: {words}" for name, report in whole for words in evidence.contradictions(report, steps)})

    def leaked(self, row, report):
        """What a server that did not verify got of the request, in words."""
        received = getattr(row.server, "received", b"")
        found = ["a marker of the request"] if MARKER in received else []
        if isinstance(row.server, cages.Tls):
            dated = {"expired", "not_yet_valid"} & {problem["code"] for problem in report.get("problems", [])}
            if left := received.replace(CLOCK.format(host=row.authority).encode(), b"") if dated else received:
                found.append(f"{left!r}")
            # An empty list says that there is none: RFC 5246 §7.4.6, RFC 8446 §4.4.2.
            if any(any(message[4:]) for message in row.server.client_certificates):
                found.append("a client certificate")
        return found

    def test_every_server_is_diagnosed(self):
        proxy = self.proxy(*OPTIONS, *OF_PROXY, *self.resolve())
        answers, visited, checks = self.asked_through(proxy), self.visited(proxy), self.asked_by_check()
        wrong = {row.name: self.wrong(row, answers, checks) for row in self.rows}
        for one in visitors.VISITORS:
            wrong[one.name] = [] if visited[one.name] == [one.code] else [f"the log says {visited[one.name]}, not {one.code}"]
        failing = [row for row in self.rows if row.code and row.name not in KNOWN]
        counted = [*(row.name for row in self.rows if row.diagnosed and row.name not in KNOWN), *(one.name for one in visitors.VISITORS)]
        leaks = {row.name: leak for row in failing if not row.verifies and (leak := self.leaked(row, answers[row.name].report))}
        median, longest = self.times(failing, answers)
        for name, words in wrong.items():
            if words:
                print(f"zoo: {name}: {'; '.join(words)}" + (f" (known: {KNOWN[name]})" if name in KNOWN else ""))
        reports, contradictions = self.contradicted(answers, checks)
        print(f"zoo: {reports} reports held against their own evidence", *contradictions, sep="\n  ")
        print(f"zoo: from failure to answer: median {median * 1000:.0f} ms, longest {longest * 1000:.0f} ms")
        print(f"zoo: {sum(not wrong[name] for name in counted)}/{len(counted)} diagnosed", flush=True)

        self.assertEqual(leaks, {})
        self.assertEqual(contradictions, [])
        self.assertGreater(reports, 2 * len(failing))
        self.assertEqual({name: words for name, words in wrong.items() if words and name not in KNOWN}, {})
        self.assertEqual([name for name in KNOWN if not wrong[name]], [], "mended; no longer known")
        self.assertEqual(self.rows[0].server.received.count(MARKER), 10, "what a sound server got was not recorded")
        self.assertGreaterEqual(len(counted), 60)
        self.assertLess(median, 1)

    def test_a_report_against_its_own_evidence_is_seen(self):
        steps = evidence.steps_of_codes()

        def golden(name):
            with open(os.path.join(SOURCE, "tests", "data", "golden", name + ".json"), encoding="utf-8") as file:
                return json.load(file)

        def found(name, change):
            report = golden(name)
            change(report, report["problems"][0])
            return evidence.contradictions(report, steps)

        def accept(report, first):
            report["experiments"] = [{"tried": "TLS 1.3 only", "result": "accepted", "detail": "TLSv1.3, TLS_AES_128_GCM_SHA256"}]

        def sound(report, first):
            next(step for step in report["steps"] if step["status"] == "fail")["status"] = "pass"

        for name, change in (("no_shared_cipher", accept), ("expired", sound), ("expired", lambda report, first: report.update(code="revoked")),
                             ("expired", lambda report, first: report.update(verdict="warning")), ("expired", lambda report, first: first.update(fixes=[])),
                             ("expired", lambda report, first: first.update(detail="That is a limit of whytls.")), ("expired", lambda report, first: first.update(depth=7)),
                             ("expired", lambda report, first: first.update(proof="experiment")),
                             ("weak_key", lambda report, first: first["evidence"].update(needed=first["evidence"]["found"])),
                             ("hostname_mismatch", lambda report, first: first["evidence"]["certificate_is_valid_for"].append(report["host"]))):
            with self.subTest(name, change=change):
                self.assertEqual(evidence.contradictions(golden(name), steps), [])
                self.assertEqual(len(found(name, change)) > 0, True)

    def times(self, rows, answers):
        seconds = [answers[row.name].seconds for row in rows]
        return statistics.median(seconds), max(seconds)

    def test_no_client_certificate_reaches_a_server_that_does_not_verify(self):
        """Revocation as far as servers staple it: what is asked for besides comes too late, and the certificate is withheld then."""
        proxy = self.proxy(*OPTIONS[:-2], *OF_PROXY, *self.shows, *self.resolve())
        answers = self.asked_through(proxy)
        refusing = [row for row in self.rows if not row.verifies and answers[row.name].report.get("code")]
        leaks = {row.name: leak for row in refusing if (leak := self.leaked(row, answers[row.name].report))}
        self.assertEqual(leaks, {})
        self.assertGreater(sum(isinstance(row.server, cages.Tls) for row in refusing), 40)
        self.assertTrue(any(self.own.der in message for message in self.rows[0].server.client_certificates), "a sound server saw no certificate")

    def test_a_client_certificate_would_be_recorded(self):
        identity = self.pki.leaf("client.test")
        server = self.started(cages.Tls(identity))
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl.create_default_context(cafile=self.pki.trust)
            context.maximum_version = version
            context.load_cert_chain(identity.chain, identity.key)
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port)) as plain:
                with context.wrap_socket(plain, server_hostname="client.test") as secure:
                    secure.recv(1)
        server.stop()
        self.assertEqual([identity.der in message for message in server.client_certificates], [True, True])


if __name__ == "__main__":
    main()
