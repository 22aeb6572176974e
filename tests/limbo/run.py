"""Runs the conformance suites, where there are any, through whytls-limbo and compares: run.py HARNESS SOURCE_DIR [-v].
Exits 1 when a verdict that must agree does not, or when one takes too long. README.md beside this explains the disagreements."""
import collections
import json
import os
import pathlib
import subprocess
import sys
import time

# The disagreements that README.md explains.
EXPLAINED = {
    "pkits::T4.1.4", "pkits::T4.1.5",
    "bsslchain::issuer-and-subject-not-byte-for-byte-equal.target",
    "bsslchain::intermediate-eku-server-gated-crypto.sha1-eku-any",
}
# The reasons that BoringSSL's cases state, as our codes; and the cases in which README.md explains another one.
REASONS = {
    "The extended key usage does not include server auth": {"wrong_purpose"},
    "Unconsumed critical extension": {"unknown_critical_extension"},
    "VerifySignedData failed": {"bad_signature"},
    "Time is before notBefore": {"not_yet_valid"},
    "Time is after notAfter": {"expired"},
    "Basic Constraints indicates not a CA": {"not_a_ca"},
    "Does not have Basic Constraints": {"not_a_ca"},
    "keyCertSign bit is not set": {"issuer_key_usage"},
    "Too many name constraints checks": {"path_too_complex", "name_constraint"},
    "Unacceptable public key": {"weak_key", "malformed_certificate"},
    "Unacceptable signature algorithm": {"weak_signature"},
    "Couldn't parse SubjectPublicKeyInfo": {"malformed_certificate", "weak_key"},
    "Certificate is not a trust anchor": {"untrusted_root", "unknown_issuer", "self_signed"},
    "max_path_length reached": {"path_length"},
    "Not permitted by name constraints": {"name_constraint"},
    "No valid policy": {"certificate_policy"},
}
MOST_OTHER_REASONS = 2
# Seconds for one case and for a whole suite; sanitizers cost an order of magnitude.
SLOWER = 10 if os.environ.get("WHYTLS_SANITIZE") else 1
MOST_A_CASE, MOST_A_SUITE = 1 * SLOWER, 10 * SLOWER
# The sections of PKITS that are about what TLS certificates use.
PKITS_CORE = ("T4.1.", "T4.2.", "T4.3.", "T4.6.", "T4.7.", "T4.13.", "T4.16.")


def group_of(case, tiers):
    name = case["id"]
    if name.startswith("pkits::"):
        core = name.split("::")[1].startswith(PKITS_CORE) and not case.get("x_nondefault_policy_input")
        return "PKITS core" if core else "PKITS beyond (optional)"
    if name.startswith("bsslchain::"):
        return "BoringSSL chains"
    if name.startswith("bettertls::"):
        return "BetterTLS"
    tier = tiers.get(name, "A")
    return "limbo tier C (optional)" if tier == "C" else f"limbo tier {tier}"


def agrees(case, result, group):
    actual = result.get("actual_result")
    told = group == "limbo tier B" and actual in ("SUCCESS", "FAILURE") and result.get("findings")
    return actual == case["expected_result"] or bool(told)


def reason_told(case, result):
    """Whether our findings tell each reason that the suite states; None when it states none that we have a code for."""
    stated = [REASONS[text] for error in case.get("x_errors") or [] if (text := error.removeprefix("ERROR: ")) in REASONS]
    if not stated or result.get("actual_result") != "FAILURE":
        return None
    return all(codes & set(result.get("findings", [])) for codes in stated)


def main():
    harness, source = sys.argv[1], pathlib.Path(sys.argv[2])
    verbose = "-v" in sys.argv[3:]
    folder = pathlib.Path(os.environ.get("WHYTLS_X509_SUITES") or source.parent / "shared" / "x509")
    suites = sorted([*folder.glob("limbo*.json"), *folder.glob("extra*.json")]) if folder.is_dir() else []
    if not suites:
        print(f"skipped: no conformance suites in {folder}; tests/limbo/README.md says where they come from")
        return 0
    tiers = {}
    for path in folder.glob("tiers*.json"):
        tiers.update(json.loads(path.read_text()))
    wrong = 0
    for suite in suites:
        text = suite.read_text()
        started = time.monotonic()
        run = subprocess.run([harness], input=text, capture_output=True, text=True, check=True, timeout=110)
        seconds = time.monotonic() - started
        results = {result["id"]: result for result in json.loads(run.stdout)["results"]}
        table = collections.defaultdict(lambda: [0, 0])
        for case in json.loads(text)["testcases"]:
            group, result = group_of(case, tiers), results.get(case["id"], {})
            right = agrees(case, result, group)
            table[group][0] += right
            table[group][1] += 1
            if not right:
                counts = not group.endswith("(optional)") and case["id"] not in EXPLAINED
                wrong += counts
                if verbose or counts:
                    print(f"  {case['id']}: expected {case['expected_result']}, got {result.get('actual_result')} {result.get('context', '')}")
        told = {case["id"]: reason_told(case, results.get(case["id"], {})) for case in json.loads(text)["testcases"]}
        reasons = [id for id, right in told.items() if right is not None]
        other = [id for id in reasons if not told[id]]
        if reasons:
            print(f"{suite.name:20} {'the reason BoringSSL states':26} {len(reasons) - len(other)}/{len(reasons)}")
        if verbose or len(other) > MOST_OTHER_REASONS:
            print("".join(f"  {id}: another reason: {results[id].get('context')}\n" for id in other), end="")
        wrong += len(other) > MOST_OTHER_REASONS
        for group, (right, total) in sorted(table.items()):
            print(f"{suite.name:20} {group:26} {right}/{total}")
        slowest = max(results.values(), key=lambda result: result["seconds"])
        print(f"{suite.name:20} {seconds:.2f} s; the slowest case is {slowest['id']}, {slowest['seconds'] * 1000:.0f} ms")
        if seconds > MOST_A_SUITE or slowest["seconds"] > MOST_A_CASE:
            print(f"  too slow: {MOST_A_CASE} s a case and {MOST_A_SUITE} s a suite are the bounds")
            wrong += 1
    return 1 if wrong else 0


sys.exit(main())
