"""What counts as wrong in an answer of whytls beside those of other clients, and the exceptions, each with its reason."""
import re
from dataclasses import dataclass

import odd_strict
from clients import ACCEPTS

# Where whytls fails a server that some other client accepts, on purpose: name of the server, reason. The report's `elsewhere` must say who accepts it.
POLICY = {
    "expired-root": "a trusted root's dates count (RFC 5280 leaves it open, OpenSSL and browsers check them); Java does not look",
    "wildcard-partial": "a wildcard is a whole label (RFC 9525 §6.3)",
    "uri-only": "the common name is no host name (RFC 9525 §2)",
    "email-only": "the common name is no host name (RFC 9525 §2)",
    "cn-only": "the common name is no host name (RFC 9525 §2)",
    "sha1": "collisions of SHA-1 can be made (RFC 9155)",
    "sha1-intermediate": "collisions of SHA-1 can be made (RFC 9155)",
    "small-key": "RSA 1024 (SP 800-57, CA/Browser Forum)",
    "small-key-intermediate": "RSA 1024 (SP 800-57, CA/Browser Forum)",
    "root-constrains": "a root's name constraints count (RFC 5937); Java does not look at them",
    "policy": "requireExplicitPolicy (RFC 5280 §6.1.5 (g)); OpenSSL checks policies only when told to",
    "policy-of-the-intermediate": "requireExplicitPolicy (RFC 5280 §6.1.5 (g)); OpenSSL checks policies only when told to",
    "purpose-of-the-intermediate": "extended key usage of a CA constrains what is below, as OpenSSL, GnuTLS, Go and browsers have it",
    "must-staple": "RFC 7633; of these only GnuTLS checks it",
    "revoked-by-staple-tls1.2": "a staple is looked at (RFC 6066 §8); of these only GnuTLS does",
    "revoked-by-staple-tls1.3": "a staple is looked at (RFC 6066 §8); of these only GnuTLS does",
    "tls-1.0": "RFC 8996; GnuTLS has it still",
    "tls-1.1": "RFC 8996; GnuTLS has it still",
    "small-group": "a Diffie-Hellman group of 1024 bits can be broken (CVE-2015-4000)",
    "two-lengths": "two lengths that differ are an attempt at smuggling (RFC 9112 §6.3)",
    "cut-head": "curl takes the part of a head for a whole one",
    "odd-http-same-length-twice": "may be refused (RFC 9110 §8.6), as Node does: a sign of smuggling",
    "odd-http-length-listed-twice": "may be refused (RFC 9110 §8.6), as Node and Go do: a sign of smuggling",
    "odd-http-line-feeds": "a line ends with CRLF, and LF alone may be refused (RFC 9112 §2.2), as Node does",
}
# All clients accept, and whytls cannot: name of the server, reason. The answer must say that it is a limit of whytls.
LIMITS = {
    "odd-node-http-2-only": "HTTP/2 towards servers",
    "h2-alone": "HTTP/2 towards servers",
}
# No client accepts, and whytls does, on purpose: name of the server, reason.
LENIENT = {
}
# What is wrong and not yet mended: name of the server, reason. It must be taken off once it is right.
KNOWN = {
}
# gnutls-cli and its kin know no HTTP.
ONLY_TLS = {"GnuTLS"}
# Named only where they differ from the same program of another version.
VERSIONS = {"Python 3.13 and later": "Python (ssl)"}


@dataclass
class Fault:
    name: str
    words: str
    accuses: bool = False

    def __str__(self):
        return f"{self.name}: {self.words}"


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
        found += refusals(row, said, checked)
    accepting = [client for client, words in said.items() if words == ACCEPTS]
    if passes(through) and not accepting and row.name not in LENIENT:
        found.append(Fault(row.name, f"passes, and no other client accepts it: {said}"))
    return found


def refusals(row, said, report):
    """Where `check` says of a server that passes that another client refuses it: so it does, and in these words. Of a broken rule all are named."""
    told = {other["client"]: other for other in report.get("elsewhere", []) if other["verdict"] != "accepts"}
    found = []
    for client, words in said.items():
        text = told.get(client, {}).get("text", "")
        if client in told and not re.search(".*".join(map(re.escape, text.split("…"))), words):
            found.append(Fault(row.name, f"`elsewhere` has {client} say: {text}; it said: {words}"))
        if row.name.startswith(odd_strict.PREFIX) and words != ACCEPTS and client not in told and VERSIONS.get(client) not in told:
            found.append(Fault(row.name, f"`elsewhere` does not say that {client} refuses it: {words}"))
    return found


def answer_faults(row, said, report):
    if passes(report):
        return []
    said = {client: words for client, words in said.items() if report["phase"] != "http" or client not in ONLY_TLS}
    accepting = [client for client, words in said.items() if words == ACCEPTS]
    what = f"{report['code']}: {report['title']}"
    found = disagreements(row, said, report, what)
    if is_limit(report):
        if len(accepting) == len(said) and row.name not in LIMITS:
            found.append(Fault(row.name, f"{what}; no other client has that limit"))
    elif accepting and row.name not in POLICY:
        others = [f"{client}: {words}" for client, words in said.items() if words != ACCEPTS]
        found.append(Fault(row.name, f"{what}; accepted by {', '.join(accepting)}; {'; '.join(others)}", accuses=True))
    return found


def disagreements(row, said, report, what):
    """Where the report's `elsewhere` says otherwise than the client itself. Who accepts what whytls refuses must be named there."""
    told = {other["client"]: other["verdict"] for other in report.get("elsewhere", [])}
    otherwise = [f"{client} {told[client]}, and it said: {words}" for client, words in said.items()
                 if client in told and (told[client] == "accepts") != (words == ACCEPTS)]
    found = [Fault(row.name, f"{what}; the report's `elsewhere`: {'; '.join(otherwise)}")] if otherwise else []
    unnamed = [client for client, words in said.items() if words == ACCEPTS and client not in told and client not in ONLY_TLS and client not in VERSIONS]
    if row.name in POLICY and unnamed and report["phase"] != "http":
        found.append(Fault(row.name, f"{what}; `elsewhere` does not say that {', '.join(unnamed)} accepts it"))
    return found
