"""Servers whose certificate is wrong."""
import dataclasses
import os
import ssl

import cages
from processes import run
from row import Row

import servers

EXPIRED = {"not_before": -90, "not_after": -3}
EARLY = {"not_before": 3, "not_after": 90}
STRANGE = {"trusted": False, "root": {"subject": "Strange Root"}}
RSA = {"intermediate": {"key": "rsa2048"}, "key": "rsa2048"}
ADDRESS = "127.0.0.1"


def with_key(identity, host, *kind):
    """The same issuers, and a leaf with a key of a kind that the forge does not make (`openssl genpkey`'s options)."""
    key, request, chain, ca, ca_key = (os.path.join(identity.made, name) for name in (
        "odd-key.pem", "odd.csr", "odd.pem", "intermediate.pem", "intermediate-key.pem"))
    extensions = [part for one in (f"subjectAltName=DNS:{host}", "extendedKeyUsage=serverAuth") for part in ("-addext", one)]
    for command in (["genpkey", *kind, "-out", key],
                    ["req", "-new", "-key", key, "-subj", f"/CN={host}", *extensions, "-out", request],
                    ["x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-days", "60", "-copy_extensions", "copyall", "-out", chain]):
        done = run("openssl", *command)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
    with open(chain, "ab") as file:
        file.write(identity.file("intermediate.pem"))
    return dataclasses.replace(identity, chain=chain, key=key)


def add_to(zoo):
    pki = zoo.pki

    def cage(name, code, identity, maximum=ssl.TLSVersion.TLSv1_3, **row):
        return zoo.add(Row(name, code, cages.Tls(identity, maximum=maximum), **row))

    def leaf(name, code, depth=None, proof="", names_of=None, host=None, check="same", **members):
        """A leaf for the host that is asked for, unless `names_of` says whose names it has."""
        asked = host or f"{name}.zoo.test"
        return cage(name, code, pki.leaf(*(names_of or [asked]), **members), host=asked, depth=depth, proof=proof, check=check)

    cage("sound", "", pki.leaf("sound.zoo.test"), first=True)

    # Dates
    leaf("expired", "expired", 0, **EXPIRED)
    leaf("expired-intermediate", "expired", 1, intermediate=EXPIRED)
    leaf("expired-root", "expired", 2, root=EXPIRED)
    leaf("early", "not_yet_valid", 0, **EARLY)
    leaf("early-intermediate", "not_yet_valid", 1, intermediate=EARLY)
    cage("expired-1.2", "expired", pki.leaf("expired-1.2.zoo.test", **EXPIRED), maximum=ssl.TLSVersion.TLSv1_2, depth=0)

    # Names
    leaf("mismatch", "hostname_mismatch", 0, names_of=["other.test", "www.other.test"])
    cage("mismatch-1.2", "hostname_mismatch", pki.leaf("other.test"), maximum=ssl.TLSVersion.TLSv1_2)
    leaf("wildcard-depth", "hostname_mismatch", host="a.b.wild.zoo.test", names_of=["*.wild.zoo.test"])
    leaf("wildcard-apex", "hostname_mismatch", host="apex.zoo.test", names_of=["*.apex.zoo.test"])
    leaf("wildcard-partial", "hostname_mismatch", host="api1.zoo.test", names_of=["api*.zoo.test"])
    leaf("only-www", "hostname_mismatch", host="bare.zoo.test", names_of=["www.bare.zoo.test"])
    leaf("cloudfront", "hostname_mismatch", names_of=["*.cloudfront.net", "cloudfront.net"])
    leaf("idn", "hostname_mismatch", host="xn--bcher-kva.zoo.test", names=["DNS:bücher.zoo.test"])
    leaf("address", "hostname_mismatch", host=ADDRESS, names_of=["other.test"])
    leaf("other-address", "hostname_mismatch", host=ADDRESS, names_of=["192.0.2.7"], subject="x")
    leaf("address-as-dns", "hostname_mismatch", host=ADDRESS, names=[f"DNS:{ADDRESS}"])
    leaf("nul", "hostname_mismatch", names=["DNS:nul.zoo.test\0.other.test"])
    leaf("uri-only", "hostname_mismatch", names=["URI:https://uri-only.zoo.test/"])
    leaf("email-only", "hostname_mismatch", names=["email:root@email-only.zoo.test"])
    leaf("cn-only", "no_subject_alt_name", names=[])
    leaf("cn-other", "no_subject_alt_name", names=[], subject="other.test")

    # Trust and the chain
    cage("self-signed", "self_signed", pki.self_signed("self-signed.zoo.test"))
    leaf("self-signed-ca", "self_signed", issuer="self", ca=True, chain=[], trusted=False)
    leaf("self-signed-expired", "self_signed", issuer="self", chain=[], trusted=False, **EXPIRED)
    leaf("root-served", "untrusted_root", chain=["intermediate", "root"], **STRANGE)
    leaf("root-not-served", "unknown_issuer", **STRANGE)
    leaf("lone", "unknown_issuer", chain=[], trusted=False)
    leaf("incomplete", "unknown_issuer", chain=[], intermediate={"subject": "Lost Intermediate"})
    leaf("wrong-intermediate", "unknown_issuer", chain=["other"], intermediate={"subject": "Right Intermediate"},
         before=[{"name": "other", "kind": "intermediate", "issuer": "root", "subject": "Wrong Intermediate"}])
    leaf("wrong-name-of-issuer", "unknown_issuer", issuer_name="Somebody Else")
    lower = {"name": "lower", "kind": "intermediate", "issuer": "intermediate", "subject": "Lower Intermediate"}
    leaf("no-upper-intermediate", "unknown_issuer", issuer="lower", chain=["lower"], before=[lower],
         intermediate={"subject": "Absent", "path_length": 1})
    complete = pki.leaf("complete.zoo.test", intermediate={"subject": "Seen Intermediate"},
                        more=[{"name": "later", "issuer": "intermediate", "host": "later.zoo.test", "chain": []}])
    cage("complete", "", complete, first=True)
    cage("later", "missing_intermediate", complete.sibling("later"))

    # Chains that are odd and still lead to a root
    leaf("disordered", "", check="chain_order", issuer="lower", chain=["intermediate", "lower"], before=[lower], intermediate={"path_length": 1})
    leaf("with-root", "", check="root_served", chain=["intermediate", "root"])
    stranger = {"name": "stranger", "kind": "intermediate", "issuer": "root", "subject": "Stranger"}
    leaf("with-stranger", "", check="extra_certificates", chain=["intermediate", "stranger"], before=[stranger])
    leaf("twice", "", check="extra_certificates", chain=["intermediate", "intermediate"])
    leaf("soon", "", check="expires_soon", not_before=-85, not_after=4)
    leaf("for-years", "", check="validity_too_long", not_before=-30, not_after=900)
    old = {"name": "old", "kind": "root", "subject": "Old Root"}
    cross = {"name": "cross", "kind": "intermediate", "issuer": "old", "subject": "Test Intermediate", "key_of": "intermediate"}
    leaf("cross-signed", "", check=None, chain=["cross", "intermediate"], before=[old, cross])

    # Signatures and keys
    leaf("forged", "bad_signature", 0, broken_signature=True)
    leaf("forged-intermediate", "bad_signature", 1, intermediate={"broken_signature": True})
    leaf("sha1", "weak_signature", 0, signature="rsa_sha1", **RSA)
    leaf("md5", "weak_signature", 0, signature="rsa_md5", **RSA)
    leaf("sha1-intermediate", "weak_signature", 1, root={"key": "rsa2048"}, intermediate={"key": "rsa2048", "signature": "rsa_sha1"})
    leaf("signed-by-another", "bad_signature", 0, before=[{"name": "other", "kind": "root"}], signed_with="other")
    leaf("small-key", "weak_key", 0, key="rsa1024")
    leaf("small-key-intermediate", "weak_key", 1, intermediate={"key": "rsa1024"})

    for name, code, kind in (("p-192", "no_shared_cipher", ("EC", "-pkeyopt", "ec_paramgen_curve:prime192v1")),
                             ("secp256k1", "no_shared_cipher", ("EC", "-pkeyopt", "ec_paramgen_curve:secp256k1")),
                             ("brainpool", "no_shared_cipher", ("EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1")),
                             ("rsa-pss-key", "", ("RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"))):
        host = f"{name}.zoo.test"
        cage(name, code, with_key(pki.leaf(host), host, "-algorithm", *kind))

    # What the CAs may do
    leaf("no-ca", "not_a_ca", 1, intermediate={"ca": False})
    leaf("no-basic-constraints", "not_a_ca", 1, intermediate={"ca": None})
    leaf("no-cert-sign", "issuer_key_usage", 1, intermediate={"key_usage": ["digitalSignature"]})
    leaf("too-long", "path_length", root={"path_length": 0}, issuer="below",
         before=[{"name": "below", "kind": "intermediate", "issuer": "intermediate"}])
    leaf("too-long-below", "path_length", issuer="lower", before=[lower])
    leaf("leaf-as-ca", "not_a_ca", 1, issuer="middle", before=[{"name": "middle", "issuer": "intermediate"}], intermediate={"path_length": 1})
    leaf("address-not-permitted", "name_constraint", host=ADDRESS, intermediate={"permitted": ["IP:10.0.0.0/8"]})
    leaf("root-constrains", "name_constraint", root={"permitted": ["DNS:allowed.test"]})
    leaf("policy-of-the-intermediate", "certificate_policy", intermediate={"require_explicit_policy": 0})
    leaf("not-permitted", "name_constraint", intermediate={"permitted": ["DNS:allowed.test"]})
    leaf("excluded", "name_constraint", intermediate={"excluded": ["DNS:zoo.test"]})
    leaf("address-excluded", "name_constraint", host=ADDRESS, intermediate={"excluded": ["IP:127.0.0.0/8"]})
    leaf("policy", "certificate_policy", root={"require_explicit_policy": 0})

    # What the leaf is for
    leaf("client-only", "wrong_purpose", 0, extended_key_usage=["clientAuth"])
    leaf("email", "wrong_purpose", 0, extended_key_usage=["emailProtection"])
    leaf("code-signing", "wrong_purpose", 0, extended_key_usage=["codeSigning"])
    leaf("purpose-of-the-intermediate", "wrong_purpose", 1, intermediate={"extended_key_usage": ["clientAuth"]})
    leaf("critical", "unknown_critical_extension", 0, extensions=[{"oid": "1.2.3.4.5", "critical": True, "value": "0500"}])
    leaf("critical-intermediate", "unknown_critical_extension", 1,
         intermediate={"extensions": [{"oid": "1.2.3.4.5", "critical": True, "value": "0500"}]})

    # Revocation, and issuers that can be fetched
    documents = {}
    zoo.site = servers.Site(documents)
    zoo.addClassCleanup(zoo.site.stop)

    def publishes(name, code, path, file, **members):
        identity = pki.leaf(f"{name}.zoo.test", **members)
        documents[path] = identity.file(file)
        return cage(name, code, identity)

    def url(path):
        return [f"http://ca.zoo.test{path}"]

    publishes("fetchable", "missing_intermediate", "/issuer", "intermediate.der", chain=[], aia=url("/issuer"),
              intermediate={"subject": "Fetched Intermediate"})
    publishes("fetched-pem", "missing_intermediate", "/issuer.pem", "intermediate.pem", chain=[], aia=url("/issuer.pem"),
              intermediate={"subject": "Fetched In Text"})
    publishes("fetched-nonsense", "unknown_issuer", "/nonsense", "leaf.der", chain=[], aia=url("/nonsense"),
              intermediate={"subject": "Unfetched Intermediate"})
    leaf("not-fetchable", "unknown_issuer", chain=[], aia=url("/absent"), intermediate={"subject": "Absent Intermediate"})
    publishes("revoked-by-list", "revoked", "/list", "list.crl", crl=url("/list"),
              more=[{"name": "list", "crl_of": "intermediate", "revoked": ["leaf"]}])
    publishes("revoked-by-ocsp", "revoked", "/ocsp", "answer.ors", ocsp=url("/ocsp"),
              more=[{"name": "answer", "ocsp_for": "leaf", "status": "revoked"}])
    publishes("revoked-intermediate", "revoked", "/above", "list.crl", intermediate={"crl": url("/above")},
              more=[{"name": "list", "crl_of": "root", "revoked": ["intermediate"]}])
    leaf("must-staple", "must_staple_missing", must_staple=True)
    for version in ("-tls1_2", "-tls1_3"):
        name = "revoked-by-staple" + version.replace("_", ".")
        stapled = pki.leaf(f"{name}.zoo.test", more=[{"name": "answer", "ocsp_for": "leaf", "status": "revoked"}])
        server = servers.OpensslServer(stapled, version, "-status_file", f"{stapled.made}/answer.ors")
        zoo.add(Row(name, "revoked", cages.Behind(server)))

    # More than one thing wrong: the root cause comes first.
    leaf("expired-mismatch", "hostname_mismatch", names_of=["other.test"], **EXPIRED)
    leaf("expired-both", "expired", intermediate=EXPIRED, **EXPIRED)
    leaf("client-only-mismatch", "hostname_mismatch", names_of=["other.test"], extended_key_usage=["clientAuth"])
    leaf("strange-mismatch", "untrusted_root", names_of=["other.test"], chain=["intermediate", "root"], **STRANGE)
    leaf("strange-expired", "untrusted_root", chain=["intermediate", "root"], **STRANGE, **EXPIRED)
