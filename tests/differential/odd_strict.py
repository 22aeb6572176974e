"""Chains that verify, and break a rule that some clients enforce: `check` names who refuses them, and no one else does."""
import servers

BASIC = "2.5.29.19"
PREFIX = "odd-strict-"


def add_to(plan):
    def add(name, host="", **members):
        host = host or f"strict-{name}.odd.test"
        # A root of a name of its own: OpenSSL takes the first of a name that no key identifier rules out.
        root = {"subject": f"Strict Root of {name}", **members.pop("root", {})}
        identity = plan.pki.leaf(host, root=root, **members)
        plan.add(f"strict-{name}", lambda _: servers.OpensslServer(identity), host)

    def instead(oid, critical, value):
        return {"extensions": [{"oid": oid, "critical": critical, "value": value}]}

    add("kept")
    add("no-authority-key", authority_key_identifier=None)
    add("no-authority-key-of-the-intermediate", intermediate={"authority_key_identifier": None})
    add("no-subject-key-of-the-intermediate", intermediate={"subject_key_identifier": None})
    add("no-subject-key-of-the-root", root={"subject_key_identifier": None})
    add("constraints-not-critical", intermediate=instead(BASIC, False, "30030101ff"))
    add("constraints-of-the-root-not-critical", root=instead(BASIC, False, "30030101ff"))
    add("no-key-usage-of-the-intermediate", intermediate={"key_usage": None})
    add("no-key-usage-of-the-root", root={"key_usage": None})
    add("path-length-and-no-key-usage", intermediate={"key_usage": None, "path_length": 0})
    add("leaf-signs", key_usage=["digitalSignature", "keyCertSign"])
    add("leaf-is-a-ca", ca=True)
    add("leaf-is-a-ca-without-key-usage", ca=True, key_usage=None)
    add("leaf-is-a-ca-without-subject-key", ca=True, subject_key_identifier=None)
    add("path-length-of-a-leaf", **instead(BASIC, True, "3003020101"))
    add("empty-subject", subject=[])
    # Numbers that RFC 5280 §4.1.2.2 forbids; the padded one has 20 octets, and a leading one that keeps it positive.
    for name, serial in (("negative", -5), ("zero", 0), ("long", "7f" * 21), ("padded", "00" + "ff" * 20), ("very-long", "7f" * 60)):
        add(f"{name}-serial", serial=serial)
        add(f"{name}-serial-of-the-intermediate", intermediate={"serial": serial})
        add(f"{name}-serial-of-the-root", root={"serial": serial})
    add("ed25519", key="ed25519")
    add("any-purpose", extended_key_usage=["any"])
    add("any-purpose-of-the-intermediate", intermediate={"extended_key_usage": ["any"]})
    add("any-purpose-and-by-name", extended_key_usage=["any", "serverAuth"], intermediate={"extended_key_usage": ["any", "serverAuth"]})
    # RFC 5280 §4.2.1.1, §4.2.1.2: never critical.
    add("authority-key-critical", authority_key_identifier=None, **instead("2.5.29.35", True, "3000"))
    add("subject-key-critical", subject_key_identifier=None, **instead("2.5.29.14", True, "040107"))
    add("no-purposes", extended_key_usage=None)
    add("underscore", "strict_listed.odd.test")
    add("underscore-by-wildcard", "strict_wild.odd.test", names=["DNS:*.odd.test"])
    same = {"issuer": "root", "chain": [], "authority_key_identifier": None, "root": {"subject": "strict-name-of-its-ca.odd.test"}}
    add("name-of-its-ca", **same)
