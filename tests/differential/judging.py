"""What counts as wrong in an answer of whytls beside those of other clients."""
import re
from dataclasses import dataclass

import odd_strict
from clients import ACCEPTS
from tables import TABLES

# They know no HTTP.
ONLY_TLS = {"GnuTLS", "openssl s_client"}
# Reports do not name them: theirs is the verdict of a library that others speak for.
SPOKEN_FOR = {"openssl s_client", "wget"}
# Named only where they differ from the same program of another version.
VERSIONS = {"Python 3.13 and later": "Python (ssl)"}


@dataclass(frozen=True)
class Fault:
    name: str
    words: str
    accuses: bool = False
    table: str = "KNOWN"  # that may excuse it

    def __str__(self):
        return f"{self.name}: {self.words}"

    @property
    def excuse(self):
        """The entry that excuses it: the table's name and the server's; None where there is none."""
        return next(((table, self.name) for table in (self.table, "KNOWN") if self.name in TABLES[table]), None)


def stale(needed, names):
    """Entries that no fault of these servers needed."""
    return [f"{table}: {name}" for table, entries in TABLES.items() for name in entries if name in names and (table, name) not in needed]


def passes(report):
    return report.get("verdict", "ok") != "failed"


def is_limit(report):
    """Whether it says that whytls is who cannot, and how to do without it, before anything for the server to do."""
    fixes = report["problems"][0]["fixes"]
    way_round = next((at for at, fix in enumerate(fixes) if "--passthrough" in fix["text"]), None)
    return "limit of whytls" in report["title"] + report["detail"] and way_round is not None and \
        not any(fix["for"] == "server" for fix in fixes[:way_round])


def wrong(row, said, through, checked):
    """The faults of whytls's answers about a server, through the proxy and by `check`. `said` is what each client says."""
    found = answer_faults(row, said, through)
    if passes(through) and not passes(checked):
        found.append(Fault(row.name, f"passes through the proxy, and fails in check: {checked['code']}: {checked['title']}", accuses=True))
    if passes(checked):
        found += refusals(row, said, checked, passes(through))
    accepting = [client for client, words in said.items() if words == ACCEPTS]
    if passes(through) and not accepting:
        found.append(Fault(row.name, f"passes, and no other client accepts it: {said}", table="LENIENT"))
    return found


def refusals(row, said, report, whole):
    """Where `check` says of a server that passes that another client refuses it: so it does, and in these words. Of the zoo and of a broken rule all that refuse
    are named, where not only the handshake goes well but a `whole` request."""
    told = {other["client"]: other for other in report.get("elsewhere", [])}
    found = [Fault(row.name, f"`elsewhere` has {client} {otherwise}", table="WORDS")
             for client, words in said.items() if client in told and (otherwise := says_otherwise(told[client], words, row))]
    if not whole or row.name.startswith("odd-") and not row.name.startswith(odd_strict.PREFIX):
        return found
    silent = [client for client, words in said.items() if words != ACCEPTS and not {client, VERSIONS.get(client)} & set(told) and client not in SPOKEN_FOR]
    return found + [Fault(row.name, f"`elsewhere` does not say that {client} refuses it: {said[client]}", table="SILENCE") for client in silent]


def says_otherwise(other, words, row):
    """How a client's own words differ from those that a report has it say; "" where they do not. "…" is anything, and it was asked at another port."""
    if (other["verdict"] == "accepts") != (words == ACCEPTS):
        return f"{other['verdict']}, and it said: {words}"
    text = other["text"] + f" [{other['error']}]" if "error" in other else other["text"]
    text = re.sub(rf"(?<={re.escape(row.host)})(:| port )443\b", rf"\g<1>{row.server.port}", text)
    same = words == ACCEPTS or re.search(".*".join(map(re.escape, text.split("…"))), words)
    return "" if same else f"say: {text}; it said: {words}"


def answer_faults(row, said, report):
    if passes(report):
        return []
    said = {client: words for client, words in said.items() if report["phase"] != "http" or client not in ONLY_TLS}
    accepting = [client for client, words in said.items() if words == ACCEPTS]
    what = f"{report['code']}: {report['title']}"
    found = disagreements(row, said, report, what)
    if is_limit(report):
        if len(accepting) == len(said):
            found.append(Fault(row.name, f"{what}; no other client has that limit", table="LIMITS"))
    elif accepting:
        others = [f"{client}: {words}" for client, words in said.items() if words != ACCEPTS]
        found.append(Fault(row.name, f"{what}; accepted by {', '.join(accepting)}; {'; '.join(others)}", accuses=True, table="POLICY"))
    return found


def disagreements(row, said, report, what):
    """Where the report's `elsewhere` says otherwise than the client itself. Who accepts what whytls refuses must be named there. Who is silent of a server that waits
    is not compared: it was given less time than it takes."""
    told = {other["client"]: other for other in report.get("elsewhere", [])}
    found = [Fault(row.name, f"{what}; the report's `elsewhere` has {client} {otherwise}", table="WORDS")
             for client, words in said.items() if client in told and not row.waits and (otherwise := says_otherwise(told[client], words, row))]
    unnamed = [client for client, words in said.items() if words == ACCEPTS and client not in told and client not in VERSIONS
               and client not in ONLY_TLS | SPOKEN_FOR]
    if unnamed and not is_limit(report) and report["phase"] != "http":
        found.append(Fault(row.name, f"{what}; `elsewhere` does not say that {', '.join(unnamed)} accepts it"))
    return found
