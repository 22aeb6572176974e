"""What servers send beside the path that verifies."""
import servers

EXPIRED = {"not_before": -900, "not_after": -3}


def add_to(plan):
    def add(name, *options, **members):
        identity = plan.pki.leaf(f"chain-{name}.odd.test", **members)
        plan.add(f"chain-{name}", lambda host: servers.OpensslServer(identity, *options))
        return identity

    old = {"name": "old", "kind": "root", "subject": "Old Root"}
    # The root's key, certified by an older root: what a CA sends while its own root is young.
    crossed = {"name": "crossed", "kind": "intermediate", "issuer": "old", "subject": "Young Root", "key_of": "root", "path_length": 2}
    young = {"root": {"subject": "Young Root"}, "before": [old, crossed], "chain": ["intermediate", "crossed"]}
    add("cross-signed-root", **young)
    add("cross-signed-root-expired", **(young | {"before": [old, crossed | EXPIRED]}))
    add("cross-signed-old-root-sent", **(young | {"chain": ["intermediate", "crossed", "old"]}))
    before = add("cross-signed-old-store", trusted=False, **young)
    plan.trust(before.file("old.pem").decode())
    both = add("cross-signed-both-stores", **young)
    plan.trust(both.file("old.pem").decode())
    stranger = {"name": "stranger", "kind": "root", "subject": "Strange Root"}
    add("strange-root-too", before=[stranger], chain=["intermediate", "stranger"])
    add("strange-root-first", before=[stranger], chain=["stranger", "intermediate"])
    add("leaf-twice", more=[], chain=["intermediate", "intermediate"])
    add("root-in-the-middle", chain=["root", "intermediate"])
    extra = [{"name": f"extra-{number}", "kind": "intermediate", "issuer": "root", "subject": f"Extra {number} " + "x" * 40} for number in range(40)]
    add("forty-extra", before=extra, chain=["intermediate", *(one["name"] for one in extra)])
    lower = {"name": "lower", "kind": "intermediate", "issuer": "intermediate", "subject": "Lower"}
    add("backwards", issuer="lower", before=[lower], intermediate={"path_length": 1}, chain=["intermediate", "lower"])
    add("same-key-twice", before=[{"name": "again", "kind": "intermediate", "issuer": "root", "key_of": "intermediate", "subject": "Test Intermediate",
                                   "serial": 77}], chain=["again", "intermediate"])
    add("expired-twin", before=[{"name": "again", "kind": "intermediate", "issuer": "root", "key_of": "intermediate", "subject": "Test Intermediate",
                                 **EXPIRED}], chain=["again", "intermediate"])
    add("no-intermediate", issuer="root", chain=[])
    add("leaf-is-root-signed-1.2", "-tls1_2", issuer="root", chain=[])
    add("no-key-identifiers", authority_key_identifier=None, subject_key_identifier=None)
    add("no-key-usage", key_usage=None, extended_key_usage=None)
    add("empty-subject", subject=[])
    add("wildcard", names=["DNS:*.odd.test"])
    add("upper-case", names=["DNS:CHAIN-UPPER-CASE.ODD.TEST"])
    add("many-kinds-of-names", names=["email:a@odd.test", "URI:https://odd.test/", "IP:127.0.0.1", "dirName:x", "DNS:chain-many-kinds-of-names.odd.test"])
    add("unknown-extension", extensions=[{"oid": "1.2.3.4.5", "critical": False, "value": "0500"}])
    add("constrained", intermediate={"permitted": ["DNS:odd.test"]})
    add("policies", policies=["1.2.3.4"], intermediate={"policies": ["1.2.3.4"]})
    add("unreachable-issuer", aia=["http://127.0.0.1:1/issuer"])
