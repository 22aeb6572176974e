"""No report against its own evidence: what every JSON report must bear out, whatever the server. The same rules hold for the library's values in
tests/inspect/evidence_rules.h; here they are asked of what a user gets."""
import json
import re
import subprocess

from processes import PATIENCE, WHYTLS, environment

VERDICTS = {"error": "failed", "warning": "warning", "notice": "ok"}
# What the words of an experiment's result say of a session that the proxy would have agreed on as well.
MODERN = re.compile(r"TLSv1\.[23], TLS_((EC)?DHE_\w+_WITH_)?(AES|CHACHA20)_")
OTHER_HELLO = re.compile(r"obsolete|without|TLS 1\.[01] |HTTP|h2")


def steps_of_codes():
    """Which step each code belongs to."""
    done = subprocess.run([WHYTLS, "explain", "--list", "--json"], capture_output=True, text=True, env=environment(), timeout=PATIENCE, check=True)
    entries = [json.loads(line) for line in done.stdout.splitlines()]
    steps = {entry["code"]: {entry.get("step", "")} for entry in entries}
    # Of these the step tells how far it came, too: a signature that cannot be verified, a handshake that ended late.
    return steps | {"weak_signature": {"strength", "signature"}} | {code: {"hello", "handshake"} for code in ("connection_closed", "handshake_timeout")}


def contradictions(report, steps):
    """What a report says that another part of it refutes: a sentence each."""
    if "problems" not in report:
        return []
    return [words for rule in RULES for words in rule(report, steps)]


def first_problem(report, steps):
    """Code, title and type are the first problem's, and the verdict is what the problems make of it."""
    problems = report["problems"]
    worst = next((severity for severity in VERDICTS if any(problem["severity"] == severity for problem in problems)), "notice")
    if report["verdict"] != VERDICTS[worst] and not report.get("let_through"):
        yield f"the verdict is {report['verdict']}, and the worst problem an {worst}"
    if report["verdict"] == "ok":
        return
    first = problems[0]
    if report["code"] != first["code"] or report["type"] != f"urn:whytls:{first['code']}":
        yield f"the code is {report['code']}, and the first problem {first['code']}"
    if report["title"] != first["title"]:
        yield f"the title is {report['title']!r}, and the first problem's {first['title']!r}"
    if first["severity"] != worst:
        yield f"the first problem is a {first['severity']}, and another an {worst}"


def failing_steps(report, steps):
    """A step fails where, and only where, an error of that step is."""
    failed = {step["step"] for step in report["steps"] if step["status"] == "fail"}
    errors = [problem["code"] for problem in report["problems"] if problem["severity"] == "error"]
    for step in failed:
        if not any(step in steps[code] for code in errors):
            yield f"step {step} fails, and no problem is of it: {errors}"
    for code in errors:
        if steps[code] != {""} and not steps[code] & failed:
            yield f"{code} is a problem of {sorted(steps[code])}, and only {sorted(failed)} fail"
    for step in report["steps"]:
        worst = {"fail"} & {certificate["status"] for certificate in step.get("certificates", [])}
        if worst and step["status"] != "fail":
            yield f"step {step['step']} is {step['status']}, and it fails for a certificate"


def accepted_experiments(report, steps):
    """A server that accepted what the session offered shares a suite and a version with it; and nothing is proven by experiments that were not made."""
    tried = report.get("experiments", [])
    if not tried and any(problem["proof"] == "experiment" for problem in report["problems"]):
        yield "proven by experiment, and none was made"
    for each in tried:
        same = each["result"] == "accepted" and MODERN.search(each.get("detail", "")) and not OTHER_HELLO.search(each["tried"])
        if same and report.get("code") in ("no_shared_cipher", "protocol_version"):
            yield f"{report['code']}, and {each['tried']} was accepted: {each['detail']}"


def values_differ(report, steps):
    """What is needed and what was found are two values."""
    for problem in report["problems"]:
        evidence = problem["evidence"]
        for needed, found in (("key_needed", "key_found"), ("needed", "found")):
            if evidence.get(needed) and evidence.get(needed) == evidence.get(found):
                yield f"{problem['code']}: {needed} and {found} are both {evidence[found]}"


def shows(text, name):
    """Whether a reader sees that name in a text, whole."""
    return re.search(rf"(?<![a-z0-9*.-]){re.escape(name.lower())}(?!\.?[a-z0-9*-])", text.lower()) is not None


def other_names(report, steps):
    """A certificate that is not for a host is for none of that name."""
    for problem in report["problems"]:
        if problem["code"] != "hostname_mismatch":
            continue
        asked = problem["evidence"].get("asked_for", report.get("host", ""))
        valid = problem["evidence"].get("certificate_is_valid_for", [])
        for name in [valid] if isinstance(valid, str) else valid:
            if shows(name, asked):
                yield f"valid for {name}, and not for {asked}"
        if (between := re.search(r"is for (.+), not for ", problem["title"])) and shows(between[1], asked):
            yield f"in the title it is for {between[1]}, not for {asked}"
        if any("spelling" in fix["text"] and shows(fix["text"], asked) for fix in problem["fixes"]):
            yield f"{asked} is called a misspelling of itself"


def limits_of_whytls(report, steps):
    """Where whytls is who cannot, the way round it comes before anything for the server to do."""
    for problem in report["problems"]:
        fixes = problem["fixes"]
        if "limit of whytls" in problem["title"] + problem["detail"] and fixes and fixes[0]["for"] == "server":
            yield f"{problem['code']}: a limit of whytls, and first of all the server is to mend it: {fixes[0]['text']}"


def followed(report, steps):
    """What is said is whole: titles, fixes and commands without holes."""
    for problem in report["problems"]:
        texts = [problem["title"], problem["detail"], *(fix["text"] for fix in problem["fixes"])]
        commands = [fix.get("command", "") for fix in problem["fixes"]]
        if not problem["title"] or not all(fix["text"] for fix in problem["fixes"]):
            yield f"{problem['code']} says nothing where it should"
        if problem["severity"] == "error" and not problem["fixes"]:
            yield f"{problem['code']} names no next step"
        for text in texts + commands:
            if "{}" in text or "--host ''" in text or "-d ''" in text:
                yield f"{problem['code']}: a hole in {text!r}"


def chain_and_clients(report, steps):
    """Who is said to refuse it does, while a report passes; no one vouches for what is not served."""
    if report["verdict"] == "ok" and any(other["verdict"] == "refuses" for other in report.get("elsewhere", [])):
        yield "nothing is wrong, and others refuse it"
    if report.get("nothing_sent") is False and report["phase"] in ("dns", "connect"):
        yield f"something was sent, and it ended at {report['phase']}"
    for problem in report["problems"]:
        if "depth" in problem and problem["depth"] >= max(len(report["chain"]), len(report["served"])):
            yield f"{problem['code']} at depth {problem['depth']} of {len(report['chain'])} certificates"


RULES = [first_problem, failing_steps, accepted_experiments, values_differ, other_names, limits_of_whytls, followed, chain_and_clients]
